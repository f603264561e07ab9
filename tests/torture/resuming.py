"""Random requests to come back, what each must be answered, and whether a reader then missed nothing.

`expected` is docs/protocol/json.md §3 in a few lines; it knows nothing of how the server does it. A town is rooms with
a past: sittings that are over, of which some may be forgotten, and one that goes on, with seats that are taken, away
and given up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from random import Random
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from moothall.engine.commands import CloseSitting, Command, HostSay, Leave, Say
from moothall.engine.names import Name, RoomName
from moothall.engine.room import Room
from moothall.engine.words import PolicyName
from moothall.errors import Rejected
from moothall.hall.clerk import Clerk
from moothall.hall.hall import Hall
from moothall.hall.lobby import Welcome, Wish
from moothall.hall.retention import Keep
from moothall.hall.visit import Visit
from moothall.wire.json_lines import JSON_LINES

__all__ = ["ELSEWHERE", "KEEP", "Answer", "Ask", "Ground", "Town", "answer_to", "expected", "faults_of"]

SEATED: Final = ("Kari", "Lars", "Ola", "Nina")
GONE: Final = "Ola"
"""Who has given the seat up."""
ABSENT: Final = object()
ELSEWHERE: Final = "elsewhere"
"""A room that nobody has opened."""
KEEP: Final = Keep(entries=60)
NO_INTEGERS: Final = (0.5, 7.0, 1e300, "7", "", True, [7], {"seq": 7})
FAR: Final = (-1, -(2**63), -(2**63) - 1, 2**63 - 1, 2**63, 2**64, 10**30)


class Ask(Struct, frozen=True):
    """What one request says; ABSENT is a field that it leaves out."""

    room: str
    name: str
    watch: bool
    key: str | None
    epoch: str | None
    after: object

    @property
    def is_frame(self) -> bool:
        """Whether it is one at all: what isn't absent is an integer."""
        return self.after in (ABSENT, None) or type(self.after) is int

    def line(self) -> bytes:
        given = {
            "do": "join",
            "room": self.room,
            "name": self.name,
            "watch": self.watch,
            "key": self.key,
            "epoch": self.epoch,
            "after": self.after,
        }
        return json.dumps({word: value for word, value in given.items() if value is not ABSENT}).encode() + b"\n"


class Ground(Struct, frozen=True):
    """What there is when a request is answered. `keys`: of the seats of its room, those that open one."""

    epoch: str
    first: int  # the first seq that is kept
    seq: int
    opening: int  # the seq before the sitting that goes on; without one, the last
    keys: dict[str, str]


class Answer(Struct, frozen=True):
    """The one reply that is right: its fields, and after which seq reading starts; None: there is nothing to read."""

    fields: dict[str, object]
    start: int | None


def expected(ask: Ask, ground: Ground) -> Answer:
    """Return what a request must be answered."""
    if not ask.is_frame:
        return Answer({"reply": "refused", "do": "join", "reason": "malformed"}, None)
    if not ask.watch and ask.key is None:
        return Answer({"reply": "refused", "do": "join", "reason": "name_taken"}, None)
    if not ask.watch and ground.keys.get(ask.name) != ask.key:
        return Answer({"reply": "refused", "do": "join", "reason": "key_unknown"}, None)
    after = ask.after if isinstance(ask.after, int) else None
    fields: dict[str, object] = {"room": ask.room, "epoch": ground.epoch, "seq": ground.seq}
    if not ask.watch:
        fields["name"] = ask.name
    if ask.watch and ask.epoch is None:
        start = ground.opening if after is None else min(max(after, ground.first - 1), ground.seq)
        return Answer(fields | {"reply": "joined", "after": start}, start)
    if ask.epoch != ground.epoch or after is None or not 0 <= after <= ground.seq:
        return Answer(fields | {"reply": "reset", "after": ground.opening}, ground.opening)
    if after + 1 < ground.first:
        return Answer(fields | {"reply": "gap", "after": after, "first": ground.first}, ground.first - 1)
    return Answer(fields | {"reply": "resumed", "after": after}, after)


def faults_of(answer: Answer, lines: list[bytes], entries: list[tuple[int, bytes]]) -> str:
    """Tell what is wrong with the lines that came; "" is nothing.

    Args:
        entries: all that the room's log keeps, each with its seq.
    """
    replies = [line for line in lines if line.startswith(b'{"reply"')]
    if len(replies) != 1 or lines[0] != replies[0]:
        return f"{len(replies)} replies: {lines[:1]}"
    said = json.loads(replies[0])
    wrong = {word: said.get(word) for word, value in answer.fields.items() if said.get(word) != value}
    if wrong:
        return f"{answer.fields} expected, not {wrong}"
    wanted = [] if answer.start is None else [body for seq, body in entries if seq > answer.start]
    events = lines[1:]
    if events != wanted:
        place = next((place for place, (a, b) in enumerate(zip(events, wanted, strict=False)) if a != b), None)
        return f"{said['reply']}: {len(events)} events, not {len(wanted)}; the first that differs: {place}"
    return ""


# The town.


class _Seat:
    """A connection that is not there: takes everything, and keeps its key."""

    def __init__(self) -> None:
        self.key = ""
        self.visit: Visit | None = None

    def write(self, data: bytes) -> None: ...

    def refuse(self, _refusal: Rejected, _command: Command | None) -> None: ...

    def finish(self) -> None: ...

    def let_in(self, welcome: Welcome) -> bytes:
        self.visit, self.key = welcome.visit, welcome.key or self.key
        return b""

    def turn_away(self, _refusal: Rejected) -> None:
        raise AssertionError("who can be let in is")


class Town:
    """The rooms of a hall, and the keys that were ever given out."""

    def __init__(self, hall: Hall, die: Random, rooms: Iterable[str]) -> None:
        self.hall = hall
        self.die = die
        self.rooms = [*rooms]
        self.keys: dict[str, dict[str, str]] = {room: {} for room in self.rooms}  # those that open a seat
        self.old_keys: dict[str, dict[str, str]] = {room: {} for room in self.rooms}
        self._seen: dict[str, list[tuple[int, bytes]]] = {}
        for room in self.rooms:
            self._fill(room)

    def forget(self) -> None:
        """Let the hall forget what is old, where it keeps no more than it must."""
        for _ in range(4 * len(self.rooms)):
            self.hall.tidy(self.hall.clock.now())
        self._seen.clear()

    def _fill(self, room: str) -> None:
        policy = self.die.choice((PolicyName.OPEN, PolicyName.ROUND_ROBIN))
        self.hall.rules = replace(
            self.hall.rules, seats=len(SEATED), policy=policy, rounds=1000, turn_seconds=0, away_seconds=600_000
        )
        for _ in range(self.die.randint(1, 2)):
            self._sit(room, self.die.choice((3, 30, 120)))
            self.hall.command(RoomName(room), CloseSitting())
            self.hall.press.flush()
            self.old_keys[room] |= self.keys[room]
            self.keys[room] = {}
        if self.die.random() < 0.85:
            seats = self._sit(room, self.die.choice((0, 5, 60, 300)))
            visit = seats[GONE].visit
            assert visit is not None
            visit.submit(Leave(Name(GONE)))
            self.hall.press.flush()
            self.old_keys[room][GONE] = self.keys[room].pop(GONE)

    def _sit(self, room: str, utterances: int) -> dict[str, _Seat]:
        seats = {name: _Seat() for name in SEATED}
        for name, seat in seats.items():
            wish = Wish(room=room, name=name, keyed=True)
            self.hall.lobby.enter(wish, seat, JSON_LINES, seat.let_in, seat.turn_away)
            self.hall.press.flush()
            self.keys[room][name] = seat.key
        for number in range(utterances):
            turns = self._clerk(room).newest.turns
            visit = seats[turns[0].name if turns else self.die.choice(SEATED)].visit
            assert visit is not None
            assert visit.name is not None
            words = "A long answer. " * 500 if self.die.random() < 0.02 else f"Number {number}, æøå."
            visit.submit(Say(visit.name, words))
            if self.die.random() < 0.5:
                self.hall.press.flush()
        self.hall.press.flush()
        return seats

    def state(self, room: str) -> Room:
        return self._clerk(room).settled

    def _clerk(self, room: str) -> Clerk:
        clerk = self.hall.find(RoomName(room))
        assert clerk is not None
        return clerk

    def entries(self, room: str) -> list[tuple[int, bytes]]:
        """Return all that a room's log keeps, each with its seq."""
        seen = self._seen.setdefault(room, [])
        while page := self.hall.press.log.read(RoomName(room), after=seen[-1][0] if seen else 0):
            seen += [(entry.seq, entry.body) for entry in page]
        return seen

    def missed(self, answer: Answer, room: str) -> list[bytes]:
        """Return what is to be read after an answer."""
        return [] if answer.start is None else [body for seq, body in self.entries(room) if seq > answer.start]

    def ground(self, ask: Ask) -> Ground:
        """Return what there will be when this request is answered: who is away and may come in will have come back."""
        entries = self.entries(ask.room)
        keys = self.keys.get(ask.room, {})
        seq, opening = (entries[-1][0] if entries else 0), 0
        if ask.room in self.keys:
            room = self.state(ask.room)
            opening = room.sitting_seq - 1 if room.has_sitting else seq
            comes_back = ask.is_frame and not ask.watch and ask.key is not None and keys.get(ask.name) == ask.key
            seq += comes_back and room.seats[Name(ask.name)].away_until is not None
        return Ground(self.hall.epoch, entries[0][0] if entries else 1, seq, opening, keys)

    def goes_on(self, room: str) -> bool:
        """Let something happen in a room, where something can; tell whether it did."""
        try:
            self.hall.command(RoomName(room), HostSay("And on it goes."))
        except Rejected:
            return False
        self.hall.press.flush()
        return True

    def draw(self, room: str) -> Ask:
        """Return a request about a room: usually an honest one, often about a cursor that cannot be."""
        die = self.die
        watch = die.random() < 0.25
        name = die.choices(SEATED, (4, 4, 1, 4))[0]
        key = None if watch else self._key(room, name)
        if key is None and not watch:
            name = die.choice([*self.keys[room]] or [name])
            key = None if name in self.keys[room] else "k_none"
        where = ELSEWHERE if key is not None and die.random() < 0.04 else room
        if where == room and key is not None and die.random() < 0.04:
            where = die.choice(self.rooms)
        epoch = die.choices((self.hall.epoch, die.choice(("e_0123456789abcdef", "", "e")), None), (16, 2, 1))[0]
        return Ask(where, name, watch, key, epoch, self._after(where))

    def _key(self, room: str, name: str) -> str | None:
        die = self.die
        right = self.keys[room].get(name) or self.old_keys[room].get(name, "")
        others = [key for other, key in self.keys[room].items() if other != name]
        old = self.old_keys[room].get(name, "k_none")
        return die.choices((right, die.choice(others or ["k_none"]), "k_wrong", "", old, None), (20, 1, 1, 1, 1, 1))[0]

    def _after(self, room: str) -> object:
        die = self.die
        entries = self.entries(room)
        first, last = (entries[0][0], entries[-1][0]) if entries else (1, 0)
        kind = die.random()
        if kind < 0.45:
            return max(last - int(die.expovariate(0.1)), 0)
        if kind < 0.6:
            return die.randint(0, last)
        if kind < 0.7:
            return max(first - die.choice((0, 1, 2, 3, first)), 0)
        if kind < 0.8:
            return last + die.choice((1, 2, 3, 1000))
        if kind < 0.9:
            return die.choice((0, *FAR))
        return die.choice((ABSENT, None, *NO_INTEGERS))


def answer_to(ask: Ask, town: Town) -> Answer:
    """Return what a request must be answered in a town as it is now."""
    return expected(ask, town.ground(ask))
