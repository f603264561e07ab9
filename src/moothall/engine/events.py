"""What happened: facts in the past tense, one sequence per room, the same for everyone; never changed or removed.

On a wire an event is a JSON object: its tag under `event`, then its fields under the names below; `seq` and `at`
(milliseconds since the epoch) are added where an event becomes an entry of a log. Normative: docs/protocol/json.md.
"""

from __future__ import annotations

import re
from typing import final

import msgspec

from moothall.engine.names import Name, RoomName
from moothall.engine.rules import Number, Rules
from moothall.engine.words import Afterwards, Kind, LeaveReason, OnMissed, PolicyName, SittingEnd, StartReason, TopicEnd

__all__ = [
    "Benched",
    "CameBack",
    "ChairNamed",
    "Event",
    "FillAsked",
    "FloorGranted",
    "FloorRequested",
    "FloorRevoked",
    "FloorWithdrawn",
    "GatheringReopened",
    "HostSaid",
    "Left",
    "Passed",
    "Paused",
    "Removed",
    "Reopened",
    "Returned",
    "RoomClosed",
    "RoomOpened",
    "RoundClosed",
    "RoundOpened",
    "RulesSet",
    "Said",
    "Seated",
    "SittingClosed",
    "SittingOpened",
    "SittingStarted",
    "TimeCalled",
    "TopicClosed",
    "TopicOpened",
    "TopicQueued",
    "TopicReopened",
    "Unpaused",
    "WentAway",
]


def _tag(class_name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", class_name).lower()


class _Event(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="event", tag=_tag, gc=False):
    """How every event is tagged; only a field that may be absent on the wire has a default."""


# The room.


class RoomOpened(_Event, frozen=True, gc=False):
    """The first event of every log: all that its rules and its chance start from."""

    room: RoomName
    rules: Rules
    seed: str


class SittingOpened(_Event, frozen=True, gc=False):
    """The first seat is about to be taken. `until`, where given: the moment from which the room is short."""

    sitting: int
    seats: int
    labels: dict[str, str]
    until: int | None = None


class FillAsked(_Event, frozen=True, gc=False):
    """The room is short by `count`: house bots are asked for, and waited for up to a moment."""

    count: int
    until: int


class SittingStarted(_Event, frozen=True, gc=False):
    """The room begins to talk though it is not complete, or was held."""

    reason: StartReason


class GatheringReopened(_Event, frozen=True, gc=False):
    """Time stood still while the room gathered, and goes on: it is short from another moment."""

    until: int


class TopicQueued(_Event, frozen=True, gc=False):
    topic: str


class TopicOpened(_Event, frozen=True, gc=False):
    """The host asks. `policy` is absent where it is `round-robin`."""

    topic: str
    host: str
    text: str
    policy: PolicyName = PolicyName.ROUND_ROBIN


class TopicReopened(_Event, frozen=True, gc=False):
    """Time stood still, and goes on: the topic's own seconds count from `since`, a moment."""

    since: int


@final
class RoundOpened(_Event, frozen=True, gc=False):
    """A round begins, of so many where that is known.

    `order` is who will have the floor, where the policy knows it beforehand.
    """

    round: int
    of: int | None = None
    order: tuple[Name, ...] | None = None


@final
class RoundClosed(_Event, frozen=True, gc=False):
    round: int


class TopicClosed(_Event, frozen=True, gc=False):
    reason: TopicEnd


class RulesSet(_Event, frozen=True, gc=False, kw_only=True):
    """Other rules from the next topic on, for this sitting; what is absent stays as it is."""

    policy: PolicyName | None = None
    rounds: int | None = None
    until: str | None = None
    turn_seconds: Number | None = None
    seat_seconds: dict[str, Number] | None = None
    missed_turns: int | None = None
    on_missed: OnMissed | None = None


class ChairNamed(_Event, frozen=True, gc=False):
    """`name` is in the chair, once it has a seat; absent: nobody is."""

    name: str | None = None


class SittingClosed(_Event, frozen=True, gc=False):
    """The sitting is over and all seats are empty; at `disconnect` every connection is closed after this event."""

    reason: SittingEnd
    afterwards: Afterwards


class Paused(_Event, frozen=True, gc=False):
    pass


class Unpaused(_Event, frozen=True, gc=False):
    pass


class RoomClosed(_Event, frozen=True, gc=False):
    pass


# The seats.


class Seated(_Event, frozen=True, gc=False):
    """A seat was taken; `keyed`: whoever took it may come back to it after a lost connection."""

    name: Name
    seat: int
    kind: Kind
    about: str = ""
    keyed: bool = False


class WentAway(_Event, frozen=True, gc=False):
    name: Name
    until: int


class CameBack(_Event, frozen=True, gc=False):
    name: Name


class Benched(_Event, frozen=True, gc=False):
    """Too many turns missed in a row: the seat is kept, and gets no turns until it asks back."""

    name: Name
    missed: int


class Returned(_Event, frozen=True, gc=False):
    name: Name


class Removed(_Event, frozen=True, gc=False):
    name: Name
    by: str
    reason: str = ""


class Left(_Event, frozen=True, gc=False):
    name: Name
    reason: LeaveReason


# The floor.


class FloorRequested(_Event, frozen=True, gc=False):
    """The last in the queue for the floor."""

    name: Name


class FloorWithdrawn(_Event, frozen=True, gc=False):
    name: Name


@final
class FloorGranted(_Event, frozen=True, gc=False):
    """`turn` counts for the life of the room; without a deadline both `deadline` and `seconds` are absent."""

    name: Name
    turn: int
    deadline: int | None = None
    seconds: Number = 0


class Reopened(_Event, frozen=True, gc=False):
    """An open turn goes on after a pause or a restart, with a new deadline."""

    turn: int
    deadline: int


@final
class Said(_Event, frozen=True, gc=False):
    """Something was said; under the policy `open` it has no turn."""

    name: Name
    turn: int | None
    text: str
    cid: str | None = None


class Passed(_Event, frozen=True, gc=False):
    name: Name
    turn: int


class TimeCalled(_Event, frozen=True, gc=False):
    """A turn ran out; `missed` counts the turns that this seat has missed in a row."""

    name: Name
    turn: int
    missed: int


class FloorRevoked(_Event, frozen=True, gc=False):
    name: Name
    turn: int
    by: str


class HostSaid(_Event, frozen=True, gc=False):
    host: str
    text: str


Event = (
    Said
    | FloorGranted
    | Passed
    | TimeCalled
    | FloorRevoked
    | Reopened
    | RoundOpened
    | RoundClosed
    | TopicOpened
    | TopicClosed
    | TopicQueued
    | Seated
    | WentAway
    | CameBack
    | Removed
    | Left
    | HostSaid
    | FloorRequested
    | FloorWithdrawn
    | Benched
    | Returned
    | ChairNamed
    | RulesSet
    | TopicReopened
    | SittingOpened
    | FillAsked
    | SittingStarted
    | GatheringReopened
    | SittingClosed
    | Paused
    | Unpaused
    | RoomOpened
    | RoomClosed
)
"""Any event: closed, so that a `match` over it can end in `assert_never`."""
