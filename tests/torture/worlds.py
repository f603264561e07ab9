"""A data folder as a server leaves it, and everything that was shown of it.

The folder is filled by the server's own wiring, with a clock that stands still. In every room somebody looks on and
keeps what is shown: that is what must be in the log, byte for byte.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from moothall.engine.commands import CloseSitting, Command, Leave, Say
from moothall.engine.names import Name, RoomName, Seq
from moothall.engine.words import PolicyName
from moothall.errors import Rejected
from moothall.hall.hall import Hall
from moothall.hall.lobby import Welcome, Wish
from moothall.hall.visit import Visit
from moothall.log.folder import DATABASE
from moothall.log.room_log import Base, Cut, Durability
from moothall.settings import Settings
from moothall.testing import FakeClock
from moothall.wire.base import encode_base
from moothall.wire.json_lines import JSON_LINES
from moothall.wiring import RunningServer, start_server

__all__ = ["DB", "HERE", "HOUR_MS", "ROOMS", "WAL", "Guest", "World", "make_worlds", "put_back"]

DB: Final = DATABASE
WAL: Final = f"{DATABASE}-wal"
HERE: Final = "127.0.0.1"
HOUR_MS: Final = 3_600_000

ROOMS: Final = tuple(f"room{number}" for number in range(10))
SEATED: Final = ("Kari", "Lars", "Ola", "Nina")
CROWD: Final = "crowd"
CROWD_SEATS: Final = 180
"""Seats that have all been given up again: their keys leave free pages in the file."""
KEEP_ENTRIES: Final = 10
LOOK_SECONDS: Final = 30
NEXT_LOOK_SECONDS: Final = 90
"""After so long a server has looked at every room for what it is to forget: once, and once more."""
LONG_WORDS: Final = "A long answer. " * 400


class World(Struct, frozen=True):
    """A data folder at the moment `at`, and what was shown of it. `is_clean`: its server has stopped by itself.

    `bases`: where the rooms begin whose past was forgotten, which was shown as well.
    `folder` is a copy of it, which nobody touches; `home` is where it belongs: a server can tell one file from another.
    """

    name: str
    folder: Path
    home: Path
    shown: dict[str, list[bytes]]
    bases: dict[str, Base]
    epoch: str
    is_clean: bool
    at: int

    def first_seq(self, room: str) -> int:
        """Return the first seq of a room that is kept."""
        return self.bases[room].seq + 1 if room in self.bases else 1


class Guest:
    """Somebody in a room, who keeps what is written to them."""

    def __init__(self, room: str, name: str = "") -> None:
        self.room = room
        self.name = name
        self.key: str | None = None
        self.visit: Visit | None = None
        self.data = bytearray()
        self.is_refused = False
        self.after = 0  # where reading starts

    def enter(self, hall: Hall, wish: Wish) -> None:
        hall.lobby.enter(wish, self, JSON_LINES, self._let_in, self._turn_away)

    def take_lines(self) -> list[bytes]:
        """Return the whole lines that have come since the last time."""
        *lines, rest = bytes(self.data).split(b"\n")
        self.data[:] = rest
        return lines

    def write(self, data: bytes) -> None:
        self.data += data

    def refuse(self, _refusal: Rejected, _command: Command | None) -> None:
        self.is_refused = True

    def finish(self) -> None:
        self.visit = None

    def _let_in(self, welcome: Welcome) -> bytes:
        self.visit = welcome.visit
        self.after = welcome.after
        self.key = welcome.key or self.key
        return b""

    def _turn_away(self, _refusal: Rejected) -> None:
        self.is_refused = True


class _Town:
    """A server that is talked in; `shown` is what its rooms show."""

    def __init__(self, server: RunningServer, clock: FakeClock, shown: dict[str, list[bytes]]) -> None:
        self.server = server
        self.hall = server.hall
        self.clock = clock
        self.shown = shown
        self.seats: dict[str, list[Guest]] = defaultdict(list)
        self.bases: dict[str, Base] = {}
        self._witnesses: dict[str, Guest] = {}

    def enter(self, room: str, *names: str) -> None:
        self._seat(room, names)
        self.settle()

    def _seat(self, room: str, names: Sequence[str]) -> None:
        for name in names:
            guest = Guest(room, name)
            guest.enter(self.hall, Wish(room=room, name=name, keyed=True, about="of the town"))
            self.seats[room].append(guest)

    def come_back(self, others: dict[str, list[Guest]]) -> None:
        """Let those who had seats before a restart have them again."""
        for room, guests in others.items():
            for guest in guests:
                wish = Wish(room=room, name=guest.name, keyed=True, key=guest.key, epoch=self.hall.epoch, after=0)
                guest.enter(self.hall, wish)
            self.seats[room] = guests
        self.settle()

    def talk(self, die: Random, batches: int) -> None:
        """Let some rooms speak in each turn of the loop, a little or a lot."""
        for _ in range(batches):
            for room in die.sample([*self.seats], die.choice((1, 1, 1, 2))):
                for guest in die.choices(self.seats[room], k=40 if die.random() < 0.01 else die.randint(1, 2)):
                    words = LONG_WORDS if die.random() < 0.04 else f"{die.random()} æøå " * die.randint(1, 6)
                    assert guest.visit is not None
                    guest.visit.submit(Say(_name(guest), words))
            self.settle()

    def fill_and_empty(self, room: str) -> None:
        """Let a crowd come and go, one key each."""
        rules, self.hall.rules = self.hall.rules, replace(self.hall.rules, seats=CROWD_SEATS + 1)
        self.enter(room, *(f"Guest {number} from far away" for number in range(CROWD_SEATS)))
        for guest in self.seats.pop(room):
            assert guest.visit is not None
            guest.visit.submit(Leave(_name(guest)))
        self.settle()
        self.hall.rules = rules

    def close(self, room: str) -> None:
        self.hall.command(RoomName(room), CloseSitting())
        self.seats.pop(room)
        self.settle()

    def begin_anew(self, room: str) -> None:
        """End a sitting and open the next one: all of it is in one row."""
        self.hall.command(RoomName(room), CloseSitting())
        self.seats.pop(room)
        self._seat(room, SEATED)
        self.settle()

    def look_for_the_old(self, seconds: int) -> None:
        """Let the server forget what it is to forget by its settings."""
        for _ in range(seconds):
            self.clock.advance(1000)
            self.settle()

    def forget(self, room: str) -> None:
        """Forget all of a room that no sitting is in."""
        clerk = self.hall.room(RoomName(room))
        base = Base(Seq(clerk.settled.seq), encode_base(clerk.settled))
        assert self.hall.press.cut(Cut(clerk.name, base))
        clerk.first_seq = base.seq + 1
        self.settle()

    def settle(self) -> None:
        """Commit; then let those who look on read."""
        self.clock.advance(10)
        for clerk in [*self.hall.clerks.values()]:
            witness = self._witnesses.get(clerk.name)
            if witness is None or witness.visit is None:
                witness = self._witnesses[clerk.name] = Guest(clerk.name)
                witness.enter(self.hall, Wish(room=clerk.name, watch=True, after=len(self.shown[clerk.name])))
        self.clock.settle()
        for room, witness in self._witnesses.items():
            self.shown[room] += witness.take_lines()

    def leave_behind(self, folder: Path, *, is_clean: bool = False) -> World:
        """Copy the data folder as it is now."""
        home = self.server.settings.data
        assert home is not None
        shutil.copytree(home, folder)
        shown = {room: [*lines] for room, lines in self.shown.items()}
        if not is_clean:  # then it is as it was: a stop forgets nothing
            held = {room: self.server.log.held(RoomName(room)).base for room in shown}
            self.bases = {room: base for room, base in held.items() if base is not None}
        return World(folder.name, folder, home, shown, self.bases, self.hall.epoch, is_clean, self.clock.now())


async def make_worlds(folder: Path, seed: object) -> list[World]:
    """Fill data folders: one as a stop leaves it, one as a kill does, and one as a kill right after a checkpoint does.

    Each holds some thousand entries from before and after a restart, in rooms with an open sitting and in others. The
    second server forgets old sittings; what it has forgotten before the checkpoint is in the database.
    """
    die = Random(f"{seed}/worlds")
    live = folder / "live"
    settings = Settings(
        bind=(HERE,), port=0, data=live, durability=Durability.CRASH, policy=PolicyName.OPEN, topics=("hug",)
    )
    clock = FakeClock()
    town = _Town(await start_server(settings, clock=clock), clock, defaultdict(list))
    for room in ROOMS:
        town.enter(room, *SEATED)
    town.talk(die, 100)
    for room in ROOMS[5:8]:
        town.begin_anew(room)
    town.talk(die, 50)
    await town.server.stop(close_sittings=False)

    settings = replace(settings, keep_entries=KEEP_ENTRIES)
    clock = FakeClock(clock.now() + HOUR_MS)
    before, town = town, _Town(await start_server(settings, clock=clock), clock, town.shown)
    town.come_back(before.seats)
    town.close(ROOMS[0])
    town.close(ROOMS[1])
    town.enter(ROOMS[1], *SEATED)
    town.close(ROOMS[9])
    town.look_for_the_old(LOOK_SECONDS)
    town.forget(ROOMS[9])
    on_disk = (live / DB).read_bytes()
    while (live / DB).read_bytes() == on_disk:
        town.talk(die, 1)
    checkpointed = town.leave_behind(folder / "checkpointed")
    town.talk(die, 70)
    town.look_for_the_old(NEXT_LOOK_SECONDS)
    for room in ROOMS[2:5]:
        town.close(room)
    town.fill_and_empty(CROWD)
    killed = town.leave_behind(folder / "killed")
    await town.server.stop(close_sittings=False)
    stopped = town.leave_behind(folder / "stopped", is_clean=True)
    return [stopped, killed, checkpointed]


def _name(guest: Guest) -> Name:
    assert guest.visit is not None
    assert guest.visit.name is not None
    return guest.visit.name


def put_back(world: World) -> None:
    """Make the data folder what it was, its database in place: as a file it stays the same."""
    for path in world.home.iterdir():
        if path.name != DB:
            path.unlink()
    for path in world.folder.iterdir():
        with (world.home / path.name).open("r+b" if path.name == DB else "wb") as file:
            file.write(path.read_bytes())
            file.truncate()
