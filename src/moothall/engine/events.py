"""What happened: facts in the past tense, one sequence per room, the same for everyone; never changed or removed.

On a wire an event is a JSON object: its tag under `event`, then its fields under the names below; `seq` and `at`
(milliseconds since the epoch) are added where an event becomes an entry of a log. Normative: docs/protocol/json.md.
"""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from moothall.engine.names import Name, RoomName
from moothall.engine.rules import Afterwards, Number, Rules

__all__ = [
    "CameBack",
    "Event",
    "FloorGranted",
    "FloorRevoked",
    "HostSaid",
    "Kind",
    "LeaveReason",
    "Left",
    "Passed",
    "Paused",
    "Removed",
    "Reopened",
    "RoomClosed",
    "RoomOpened",
    "RoundClosed",
    "RoundOpened",
    "Said",
    "Seated",
    "SittingClosed",
    "SittingEnd",
    "SittingOpened",
    "TimeCalled",
    "TopicClosed",
    "TopicEnd",
    "TopicOpened",
    "TopicQueued",
    "Unpaused",
    "WentAway",
]


class Kind(StrEnum):
    """What a participant says that it is."""

    BOT = "bot"
    PERSON = "person"


class TopicEnd(StrEnum):
    """Why a topic closed."""

    ROUNDS = "rounds"
    OPERATOR = "operator"
    NOBODY_LEFT = "nobody_left"


class SittingEnd(StrEnum):
    """Why a sitting closed: its topics were done, the operator closed it, or nobody was seated any more."""

    DONE = "done"
    OPERATOR = "operator"
    NOBODY_LEFT = "nobody_left"


class LeaveReason(StrEnum):
    """Why a seat was given up: asked for, connection lost, away for too long, or the server restarted."""

    ASKED = "asked"
    LOST = "lost"
    AWAY = "away"
    RESTART = "restart"


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
    sitting: int
    seats: int
    labels: dict[str, str]


class TopicQueued(_Event, frozen=True, gc=False):
    topic: str


class TopicOpened(_Event, frozen=True, gc=False):
    topic: str
    host: str
    text: str


class RoundOpened(_Event, frozen=True, gc=False):
    """A round begins; `order` is who will have the floor, where the policy knows it beforehand."""

    round: int
    of: int
    order: tuple[Name, ...] | None = None


class RoundClosed(_Event, frozen=True, gc=False):
    round: int


class TopicClosed(_Event, frozen=True, gc=False):
    reason: TopicEnd


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


class Removed(_Event, frozen=True, gc=False):
    name: Name
    by: str
    reason: str = ""


class Left(_Event, frozen=True, gc=False):
    name: Name
    reason: LeaveReason


# The floor.


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
    | SittingOpened
    | SittingClosed
    | Paused
    | Unpaused
    | RoomOpened
    | RoomClosed
)
"""Any event: closed, so that a `match` over it can end in `assert_never`."""
