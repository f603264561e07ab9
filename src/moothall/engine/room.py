"""The state of a room: what its log adds up to (`evolve` makes the next one).

Whoever holds a Room may keep it: it never changes. Nothing in it refers back to it, so the garbage collector need
not look for cycles (`gc=False`), which it otherwise does at every turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from moothall.engine.events import Said
from moothall.engine.names import Name, RoomName, Seq, fold
from moothall.engine.receipts import Receipt, find_receipt
from moothall.engine.rules import Rules
from moothall.engine.words import Kind

__all__ = [
    "Gathering",
    "Phase",
    "Room",
    "Round",
    "Seat",
    "Tally",
    "Topic",
    "Turn",
    "first_held_until",
]


class Phase(StrEnum):
    """Where a room is in its life."""

    GATHERING = "gathering"
    TALKING = "talking"
    RESTING = "resting"
    CLOSED = "closed"


class Seat(msgspec.Struct, frozen=True, gc=False):
    """One participant's right to take turns. `number` is its place at the table, from 1.

    `away_until` is the moment up to which the seat is held for a lost connection; None while somebody is there.
    `missed` counts turns missed in a row. `receipts` tells what was said under which cid. `turns`, and `chars`
    said, count in the topic.
    """

    number: int
    kind: Kind
    about: str
    keyed: bool
    away_until: int | None = None
    missed: int = 0
    receipts: bytes = b""
    is_benched: bool = False
    turns: int = 0
    chars: int = 0


class Turn(msgspec.Struct, frozen=True, gc=False):
    """A turn that is open: its holder has the floor until the deadline, if there is one."""

    name: Name
    number: int
    deadline: int | None


class Tally(msgspec.Struct, frozen=True, gc=False):
    """What became of a sitting: how often somebody said something, passed, missed a turn, left while it went on.

    `chars` counts the characters of all that was said.
    """

    said: int = 0
    passed: int = 0
    missed: int = 0
    left: int = 0
    chars: int = 0


class Topic(msgspec.Struct, frozen=True, gc=False):
    """What the room is talking about, and how the host said it.

    `since`: the moment from which its own seconds count. `tally` and `turn_number`: the room's when it opened.
    `phrases`: those of its ending that were said. `is_settled`: everyone has passed in one of its rounds.
    """

    topic: str
    host: str
    text: str
    since: int = 0
    tally: Tally = Tally()
    turn_number: int = 0
    phrases: frozenset[str] = frozenset()
    is_settled: bool = False


class Round(msgspec.Struct, frozen=True, gc=False):
    """The round that is open. `order`: who gets a turn in it; `done`: whose turn in it has begun.

    `is_quiet`: every turn in it that has ended was passed, or left.
    """

    number: int
    order: tuple[Name, ...]
    done: frozenset[Name] = frozenset()
    is_quiet: bool = True


class Gathering(msgspec.Struct, frozen=True, gc=False):
    """How a sitting gathers.

    `until`: the moment from which it is short, if there is one; `is_filling`: it was, and waits for house bots;
    `is_started`: it talks with those who are here.
    """

    until: int | None = None
    is_filling: bool = False
    is_started: bool = False


class Room(msgspec.Struct, frozen=True, gc=False):
    """A room after `seq` events, the last of them at `at` (milliseconds since the epoch).

    `seats` is in the order of joining. `turns` holds the open turns; `turn_number` counts those ever granted.
    `topics_opened` counts in the sitting, `topics_drawn` in the life of the room, `rounds_closed` in the topic;
    `sitting_seq` is the seq at which the sitting opened; `rounds_opened` counts in it. `requests` is the queue for the
    floor. `chair`: who is in it, as named. `free_since`: the moment from which nobody has had the floor. `next_rules`:
    those of the next topic, where they are others. `last_said`: what was said last on the topic. `gathering`: how the
    sitting gathers, or gathered. `held_until`: when the first seat is held no longer; None: nobody is away.
    """

    name: RoomName
    rules: Rules
    seed: str
    seq: Seq
    at: int
    seats: dict[Name, Seat] = {}
    turns: tuple[Turn, ...] = ()
    round: Round | None = None
    topic: Topic | None = None
    turn_number: int = 0
    rounds_closed: int = 0
    queue: tuple[str, ...] = ()
    topics_opened: int = 0
    topics_drawn: int = 0
    sitting: int = 0
    sitting_seq: int = 0
    has_sitting: bool = False
    tally: Tally = Tally()
    paused_at: int | None = None
    is_closed: bool = False
    rounds_opened: int = 0
    requests: tuple[Name, ...] = ()
    chair: str | None = None
    free_since: int = 0
    next_rules: Rules | None = None
    last_said: Said | None = None
    gathering: Gathering = Gathering()
    held_until: int | None = None

    @property
    def phase(self) -> Phase:
        """Where the room is in its life."""
        if self.is_closed:
            return Phase.CLOSED
        if self.topic is not None:
            return Phase.TALKING
        return Phase.RESTING if self.topics_opened else Phase.GATHERING

    @property
    def holder(self) -> Name | None:
        """Who has the floor; the first of them where the policy lets several have it."""
        return self.turns[0].name if self.turns else None

    @property
    def here(self) -> int:
        """How many are seated and not away."""
        return sum(seat.away_until is None for seat in self.seats.values())

    def turn_of(self, name: Name) -> Turn | None:
        """Return the open turn of `name`, if it has the floor."""
        for turn in self.turns:
            if turn.name == name:
                return turn
        return None

    def awaits_turn(self, name: Name) -> bool:
        """Tell whether `name` is still to have a turn: in the round that is open, or because it has asked for one."""
        if name in self.requests:
            return True
        return self.round is not None and name in self.round.order and name not in self.round.done

    def seated_as(self, name: str) -> Name | None:
        """Return the spelling under which `name` has a seat: names that differ only in case are the same."""
        folded = fold(name)
        for seated in self.seats:
            if fold(seated) == folded:
                return seated
        return None

    @property
    def seated_chair(self) -> Name | None:
        """Who is in the chair, and has a seat."""
        return None if self.chair is None else self.seated_as(self.chair)

    def receipt(self, name: Name, cid: str) -> Receipt | None:
        """Return what `name` has said under `cid`, if it is among the last 64."""
        return find_receipt(self.seats[name].receipts, cid)


def first_held_until(seats: Mapping[Name, Seat]) -> int | None:
    """Return the first moment at which one of the seats is held no longer, or None."""
    return min((seat.away_until for seat in seats.values() if seat.away_until is not None), default=None)
