"""One bit or one end of a data folder damaged, and a judge of what `moothall log`, doctor and a server make of it.

The judge reads the folder as `moothall log` does, asks doctor, then starts a server over it, twice, and goes in.
Whatever is shown must be what was shown before; whatever is not shown must have been told.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Final

from click.testing import CliRunner
from msgspec import Struct

from moothall.cli.doctor import doctor
from moothall.engine.names import RoomName
from moothall.engine.words import PolicyName
from moothall.errors import DataCorrupt, DataTooNew, MoothallError, Reason, Rejected, StorageError
from moothall.hall.lobby import Wish
from moothall.log.folder import LOCK
from moothall.log.reader import LogReader, open_reader
from moothall.log.room_log import PAGE_ENTRIES, Base, Durability, RoomLog
from moothall.settings import Settings
from moothall.testing import FakeClock
from moothall.wire.json_lines import decode_event
from moothall.wiring import RunningServer, start_server
from tests.torture.worlds import DB, HERE, HOUR_MS, ROOMS, WAL, Guest, World, put_back

__all__ = ["Cut", "Damage", "Fault", "Finding", "Flip", "Outcome", "Place"]
__all__ += ["cuts", "damaged", "flips", "judge", "places", "told"]

FRESH: Final = "fresh"
"""A room that nobody has opened before: whatever is damaged, it isn't that one."""


class Place(Struct, frozen=True):
    """Bytes of one kind: some of them, or a page."""

    kind: str
    file: str
    start: int
    size: int


def places(world: World) -> list[Place]:
    """Tell what every byte of the database, its WAL and the lock file is for.

    Of the rows that a cut has shortened, those that are in the database are places of their own as well.
    """
    folder = world.folder
    kinds = _kinds_of_pages(folder)
    database = (folder / DB).stat().st_size
    found = [Place("header", DB, 0, _HEADER_BYTES)]
    for page in range(database // _PAGE_BYTES):
        at = max(page * _PAGE_BYTES, _HEADER_BYTES)
        found.append(Place(kinds.get(page + 1, "free page"), DB, at, (page + 1) * _PAGE_BYTES - at))
    wal = (folder / WAL).read_bytes() if (folder / WAL).exists() else b""
    if wal:
        found.append(Place("WAL header", WAL, 0, _WAL_HEADER_BYTES))
    for at in range(_WAL_HEADER_BYTES, len(wal), _FRAME_HEADER_BYTES + _PAGE_BYTES):
        # A frame of an earlier round through the file has other salts; it is there and means nothing.
        is_old = wal[at + 8 : at + 16] != wal[16:24]
        found.append(Place("WAL, old frame" if is_old else "WAL, frame header", WAL, at, _FRAME_HEADER_BYTES))
        body = at + _FRAME_HEADER_BYTES
        found.append(Place("WAL, old frame" if is_old else "WAL, frame", WAL, body, _PAGE_BYTES))
    content = (folder / DB).read_bytes()
    for room, base in world.bases.items():
        first = b"".join(world.shown[room][base.seq : base.seq + 1])[:_NUMBERS_BYTES]
        if first and (at := content.find(first)) >= 0:
            found.append(Place("first row kept", DB, at - _NUMBERS_BYTES, 2 * _NUMBERS_BYTES))
    for number, field in enumerate(("PID", "ALIVE", "ROW")):
        found.append(Place(f"lock, {field}", LOCK, number * (_LOCK_DIGITS + 1), _LOCK_DIGITS))
    return found


def _kinds_of_pages(folder: Path) -> dict[int, str]:
    with tempfile.TemporaryDirectory() as copy:
        for file in (DB, WAL):
            if (folder / file).exists():
                shutil.copy(folder / file, copy)
        with closing(sqlite3.connect(Path(copy) / DB)) as connection:
            (size,) = connection.execute("PRAGMA page_size").fetchone()
            assert size == _PAGE_BYTES
            pages = connection.execute("SELECT pageno, name, pagetype FROM dbstat").fetchall()
    return {page: _KINDS.get(name, name) if kind == "leaf" else f"{name}, {kind}" for page, name, kind in pages}


_PAGE_BYTES: Final = 4096
_HEADER_BYTES: Final = 100
_WAL_HEADER_BYTES: Final = 32
_FRAME_HEADER_BYTES: Final = 24
_NUMBERS_BYTES: Final = 32
"""Before the words of a row stand its numbers, in about as many bytes."""
_LOCK_DIGITS: Final = 20
_KINDS: Final = {"sqlite_schema": "schema", "sqlite_master": "schema", "sqlite_autoindex_room_1": "room, names"}


class Flip(Struct, frozen=True):
    """One bit that is not what it was."""

    kind: str
    file: str
    byte: int
    bit: int

    def do(self, folder: Path) -> None:
        with (folder / self.file).open("r+b") as file:
            file.seek(self.byte)
            (value,) = file.read(1)
            file.seek(self.byte)
            file.write(bytes([value ^ 1 << self.bit]))


class Cut(Struct, frozen=True):
    """A file that ends too early."""

    kind: str
    file: str
    size: int

    def do(self, folder: Path) -> None:
        os.truncate(folder / self.file, self.size)


Damage = Flip | Cut


def flips(worlds: Sequence[World], seed: object, numbers: Iterable[int]) -> Iterator[tuple[World, Flip]]:
    """Draw bits, as many of each kind of place: three of four where something stands, the others anywhere."""
    spots: dict[tuple[str, str], list[tuple[World, Place]]] = defaultdict(list)
    for world in worlds:
        for place in places(world):
            spots[world.name, place.kind].append((world, place))
    kinds = sorted(spots)
    for number in numbers:
        die = Random(f"{seed}/flip/{number}")
        world, place = die.choice(spots[kinds[number % len(kinds)]])
        content = (world.folder / place.file).read_bytes()[place.start : place.start + place.size]
        used = [byte for byte, value in enumerate(content) if value]
        byte = die.choice(used) if used and die.random() < 0.75 else die.randrange(place.size)
        bit = die.randrange(8)
        if place.file == LOCK and die.random() < 0.75:
            # Another digit: what is none is seen at once.
            bit = die.choice([bit for bit in range(4) if chr(content[byte] ^ 1 << bit).isdigit()])
        yield world, Flip(place.kind, place.file, place.start + byte, bit)


def cuts(worlds: Sequence[World], seed: object, numbers: Iterable[int]) -> Iterator[tuple[World, Cut]]:
    """Draw lengths: one of three where a page ends."""
    files = [(world, file) for world in worlds for file in (DB, WAL) if (world.folder / file).exists()]
    for number in numbers:
        die = Random(f"{seed}/cut/{number}")
        world, file = files[number % len(files)]
        size = die.randrange((world.folder / file).stat().st_size)
        yield (
            world,
            Cut("cut WAL" if file == WAL else "cut database", file, size - (number % 3 == 0) * (size % _PAGE_BYTES)),
        )


def damaged(world: World, damage: Damage | None) -> Path:
    """Put a folder back where it belongs, damage it there, and return where."""
    put_back(world)
    if damage is not None:
        damage.do(world.home)
    return world.home


# The judge.


class Outcome(StrEnum):
    """How damage came out: the first of these. A tail that is lost is told by the new epoch."""

    TAIL_LOST = "tail lost with a new epoch"
    AT_START = "found at start"
    ON_READING = "found on reading"
    ON_WRITING = "found on writing"
    LATER = "found at the next start"
    HARMLESS = "harmless"


class Fault(StrEnum):
    """What must not be."""

    ALTERED = "silently altered"
    LOST = "silently lost"
    SAME_EPOCH = "tail lost, same epoch"
    CRASHED = "crashed"
    LOOPS = "crash loop"
    MISSED = "missed by doctor"


class Finding(Struct):
    """What became of one damaged folder. `faults` maps each to what shows it; `has_epoch`: the old one still holds."""

    world: str
    damage: Damage | None
    outcome: Outcome
    faults: dict[Fault, str]
    has_epoch: bool
    doctor_finds: bool


_Log = LogReader | RoomLog


def _base_of(log: _Log, room: RoomName) -> Base | None:
    return log.base(room) if isinstance(log, LogReader) else log.held(room).base


class _Case:
    """One damaged folder being judged. `is_told`: somebody was told that something is wrong with it."""

    def __init__(self, world: World, damage: Damage | None) -> None:
        self.world = world
        self.damage = damage
        self.faults: dict[Fault, str] = {}
        self.outcomes: set[Outcome] = set()
        self.epochs: list[str] = []
        self.opens_at = world.at + HOUR_MS

    @property
    def is_torn(self) -> bool:
        """Whether the end of the log may be gone, and with it that a room was cut."""
        return self.damage is not None and self.damage.file == WAL

    def read_wholly(self, log: _Log, room: str, last_seq: int) -> int | None:
        """Compare what a log returns of a room with what was shown; return how much of that it has, None: it says why.

        What the server itself has written since it started again comes after, in the place of what is lost.
        """
        shown = self.world.shown[room]
        try:
            base = _base_of(log, RoomName(room))
            begin = seq = kept = base.seq if base is not None else 0
            while seq < last_seq and (
                page := log.read(RoomName(room), after=seq, limit=min(PAGE_ENTRIES, last_seq - seq))
            ):
                for entry in page:
                    seq += 1
                    is_new = self.is_new(entry.body)
                    if entry.seq != seq or not (is_new or shown[seq - 1 : seq] == [entry.body]):
                        self.faults[Fault.ALTERED] = f"{room} {seq}: {entry}"
                    if kept == seq - 1 and not is_new:
                        kept = seq
        except MoothallError as error:
            self.is_sentence(error)
            return None
        if kept and base != self.world.bases.get(room) and not (self.is_torn and begin < self.world.first_seq(room)):
            self.faults[Fault.ALTERED] = f"{room} begins after {begin}: {base}"
        return kept

    def is_sentence(self, error: MoothallError) -> None:
        """Take note of an error that a person can read."""
        if not isinstance(error, StorageError | DataCorrupt | DataTooNew) or "\n" in str(error) or not str(error):
            self.faults[Fault.CRASHED] = repr(error)

    def is_new(self, body: bytes) -> bool:
        try:
            return decode_event(body)[1].at >= self.opens_at
        except MoothallError:
            return False

    def lost(self, room: str, kept: int, epoch: str | None) -> None:
        """Take note of a tail that is missing without an error; `epoch` is that of the server, None: none runs."""
        what = f"{room}: {kept} of {len(self.world.shown[room])}"
        if not self.is_torn:
            self.faults[Fault.LOST] = what
        elif epoch is not None and epoch == self.world.epoch:
            self.faults[Fault.SAME_EPOCH] = what
        else:
            self.outcomes.add(Outcome.TAIL_LOST)


async def judge(world: World, damage: Damage | None) -> Finding:
    """Put a folder back where it belongs, damage it there, and tell what `moothall log` and a server make of it."""
    case = _Case(world, damage)
    damaged(world, damage)
    with _no_crash(case):
        _read_as_log_does(case)
    doctor_finds = _ask_doctor(case)
    ends = []
    for number in range(2):
        with _no_crash(case):
            ends.append(await _serve(case, number))
    # Who could serve may find out at the next start that it can't; nothing else may be different then.
    if Fault.CRASHED in case.faults or (ends[0] != ends[1] and ends[0] != "serves"):
        case.faults.setdefault(Fault.LOOPS, f"{ends}")
    outcome = min(case.outcomes, key=[*Outcome].index, default=Outcome.HARMLESS)
    if outcome is not Outcome.HARMLESS and not doctor_finds:
        case.faults[Fault.MISSED] = f"{outcome}"
    return Finding(world.name, damage, outcome, case.faults, case.epochs[:1] == [world.epoch], doctor_finds)


@contextmanager
def _no_crash(case: _Case) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno} {last.line}"
        case.faults[Fault.CRASHED] = f"{type(error).__name__}: {error} | {where}"


def _read_as_log_does(case: _Case) -> None:
    try:
        reader = open_reader(case.world.home)
    except MoothallError as error:
        case.is_sentence(error)
        case.outcomes.add(Outcome.AT_START)
        return
    with closing(reader):
        _read_all(case, reader, None)


def _read_all(case: _Case, log: _Log, epoch: str | None) -> None:
    try:
        last_seqs = {summary.room: summary.last_seq for summary in log.rooms()}
    except MoothallError as error:
        case.is_sentence(error)
        case.outcomes.add(Outcome.ON_READING)
        return
    for room, shown in case.world.shown.items():
        # One that is not listed is asked for all the same: its name may be what is damaged.
        kept = case.read_wholly(log, room, last_seqs.get(RoomName(room), 1))
        if kept is None:
            case.outcomes.add(Outcome.ON_READING)
        elif kept < len(shown):
            case.lost(room, kept, epoch)


def _ask_doctor(case: _Case) -> bool:
    """Tell whether `moothall doctor` finds the damage."""
    result = CliRunner().invoke(doctor, ["--data", str(case.world.home)])
    if result.exit_code not in _EXIT_CODES or not isinstance(result.exception, SystemExit | None):
        case.faults[Fault.CRASHED] = f"doctor: {result.exception!r}"
    return result.exit_code != 0


_EXIT_CODES: Final = {0, *(error.exit_code for error in (StorageError, DataCorrupt, DataTooNew))}


async def _serve(case: _Case, number: int) -> str:
    """Start a server, go into its rooms and into one that is new, and tell how it came out."""
    clock = FakeClock(case.opens_at + number * HOUR_MS)
    settings = Settings(bind=(HERE,), port=0, data=case.world.home, durability=Durability.CRASH, policy=PolicyName.OPEN)
    try:
        server = await start_server(settings, clock=clock)
    except MoothallError as error:
        case.is_sentence(error)
        case.outcomes.add(Outcome.LATER if number else Outcome.AT_START)
        return f"exit {error.exit_code}"
    try:
        case.epochs.append(server.hall.epoch)
        if number == 0:
            _read_all(case, server.log, server.hall.epoch)
        for room in (*(ROOMS if number == 0 else ROOMS[-1:]), f"{FRESH}{number}"):
            _go_in(case, server, clock, room)
            if server.damage is not None:
                case.is_sentence(server.damage)
                case.outcomes.add(Outcome.ON_WRITING)
                return f"exit {server.damage.exit_code}"
    finally:
        await server.stop(close_sittings=False)
    return "serves"


def _go_in(case: _Case, server: RunningServer, clock: FakeClock, room: str) -> None:
    """Look on from the first event, then take a seat: either it is as ever, or the room is refused."""
    reader, guest = Guest(room), Guest(room, f"Guest {clock.now() - case.opens_at}")
    for person, wish in (
        (reader, Wish(room=room, watch=True, after=0)),
        (guest, Wish(room=room, name=guest.name, keyed=True)),
    ):
        try:
            person.enter(server.hall, wish)
            clock.settle()
        except Rejected as refusal:
            is_full = refusal.reason is Reason.ROOM_FULL and not room.startswith(FRESH)
            if refusal.reason is Reason.STORAGE:
                case.outcomes.add(Outcome.ON_READING)
            elif not is_full and server.damage is None:
                case.faults[Fault.CRASHED] = f"{room}: refused {refusal}"
        if person.is_refused:
            case.outcomes.add(Outcome.ON_WRITING if person.name else Outcome.ON_READING)
    shown = case.world.shown.get(room, [])
    for seq, line in enumerate(reader.take_lines(), reader.after):
        if (seq >= len(shown) or line != shown[seq]) and not case.is_new(line):
            case.faults[Fault.ALTERED] = f"{room} {seq + 1}, as it is shown: {line!r}"
    if reader.after != (room in case.world.shown and case.world.first_seq(room) - 1) and not (
        case.is_torn or reader.is_refused or case.outcomes
    ):
        case.faults[Fault.LOST] = f"{room} is shown from {reader.after + 1} on"


# What is told of it.


def told(findings: Sequence[Finding]) -> str:
    """Return how many of each outcome there were, by place."""
    outcomes = Counter(finding.outcome for finding in findings)
    faults = Counter(fault for finding in findings for fault in finding.faults)
    kinds = len({finding.damage.kind for finding in findings if finding.damage})
    found = ", ".join(f"{outcomes[outcome]} {outcome}" for outcome in Outcome)
    doctor_finds = sum(finding.doctor_finds for finding in findings)
    bad = ", ".join(f"{faults[fault]} {fault}" for fault in Fault)
    return f"in {kinds} kinds of places: {found}; doctor finds {doctor_finds}; {bad}"
