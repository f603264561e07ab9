"""What the web door's requests take and answer: one frozen type each. Normative: docs/protocol/web.md §4 to §6.

They are what /openapi.json is made from. A field that may be absent has a default, and is left out where it has it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from moothall.engine.names import MAX_ROOM_NAME_CHARS, Name, RoomName
from moothall.engine.words import Afterwards, OnMissed, PolicyName, WhenShort
from moothall.errors import Reason
from moothall.wire.replies import SeatShown

__all__ = [
    "MAX_BOTS",
    "MAX_ENTRIES",
    "MAX_ROOMS",
    "MAX_SEQ",
    "MAX_SITTINGS",
    "Bots",
    "Events",
    "Health",
    "LogForm",
    "LogPage",
    "Opening",
    "Queueing",
    "Ready",
    "Refusal",
    "RoomShown",
    "Rooms",
    "Sent",
    "SittingShown",
    "Sittings",
    "Topics",
    "TurnShown",
]

MAX_BOTS = 200
MAX_ENTRIES = 10_000
MAX_SITTINGS = 1_000
MAX_ROOMS = 10_000
MAX_SEQ = 2**63 - 1
"""The bounds of what a request may ask for."""

Seconds = Annotated[int, msgspec.Meta(ge=0, le=604_800)] | Annotated[float, msgspec.Meta(ge=0, le=604_800)]


class _Answer(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How every answer is written: what is absent is left out."""


class Refusal(_Answer, frozen=True, kw_only=True, tag_field="reply", tag="refused"):
    """Why a request was not done, with a sentence for people."""

    reason: Reason
    text: str


class TurnShown(_Answer, frozen=True, kw_only=True):
    """A turn that is open. `deadline` is a moment, `left_ms` how far it was away when this was answered."""

    name: Name
    turn: int
    deadline: int | None = None
    left_ms: int | None = None


class RoomShown(_Answer, frozen=True, kw_only=True):
    """The state of a room."""

    room: RoomName
    phase: Literal["gathering", "talking", "resting", "closed"]
    seats: int
    here: int
    seated: list[SeatShown]
    watching: int
    policy: PolicyName
    host: str
    sitting: int
    has_sitting: bool
    labels: dict[str, str]
    topic: str | None = None
    round: int | None = None
    of: int | None = None
    turns: list[TurnShown]
    requests: list[Name]
    chair: str | None = None
    queue: list[str]
    paused: bool
    max_text_chars: int
    seq: int
    first_seq: int
    epoch: str
    at: int


class Rooms(_Answer, frozen=True, kw_only=True):
    """Rooms, those in which a sitting goes on first. `more`: there are others, which were left out."""

    rooms: list[RoomShown]
    more: bool


class Topics(_Answer, frozen=True, kw_only=True):
    topic: str | None = None
    queue: list[str]


class Queueing(_Answer, frozen=True, kw_only=True):
    """A topic to talk about next."""

    topic: Annotated[str, msgspec.Meta(min_length=1, max_length=200, examples=["play chess"])]


class Opening(_Answer, frozen=True, kw_only=True):
    """A room to open, and its rules; what is absent is as the server was started."""

    room: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ROOM_NAME_CHARS)]
    seats: Annotated[int, msgspec.Meta(ge=1, le=200)] | None = None
    host: str | None = None
    question: str | None = None
    topics: tuple[str, ...] | None = None
    agenda: tuple[str, ...] | None = None
    policy: PolicyName | None = None
    rounds: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    until: str | None = None
    chair: str | None = None
    turn_seconds: Seconds | None = None
    seat_seconds: dict[str, Seconds] | None = None
    missed_turns: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    on_missed: OnMissed | None = None
    away_seconds: Seconds | None = None
    afterwards: Afterwards | None = None
    labels: dict[str, str] | None = None
    gather_seconds: Seconds | None = None
    when_short: WhenShort | None = None
    reserve: tuple[str, ...] | None = None
    hold_start: bool | None = None


class Events(_Answer, frozen=True, kw_only=True):
    """What was brought about, as it stands in the log: events with their seq and time."""

    events: list[msgspec.Raw]


class Bots(_Answer, frozen=True, kw_only=True):
    """House bots, by their names."""

    bots: Annotated[list[str], msgspec.Meta(min_length=1, max_length=MAX_BOTS, examples=[["alice", "bob"]])]


class Sent(_Answer, frozen=True, kw_only=True):
    """How many house bots are on their way to a seat."""

    sent: int


class LogForm(StrEnum):
    """The forms in which a room's log can be had."""

    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    MD = "md"
    HTML = "html"
    TEXT = "text"


class LogPage(_Answer, frozen=True, kw_only=True):
    """A part of a room's log. `seq` is the room's last; `more`: entries follow that were left out."""

    room: RoomName
    epoch: str
    first_seq: int
    seq: int
    entries: list[msgspec.Raw]
    more: bool


class SittingShown(_Answer, frozen=True, kw_only=True):
    """One sitting. `said` counts its utterances; `closed_at` and `reason` are absent while it goes on."""

    sitting: int
    first_seq: int
    last_seq: int
    opened_at: int
    closed_at: int | None = None
    reason: str | None = None
    topics: list[str]
    names: list[str]
    said: int
    labels: dict[str, str]


class Sittings(_Answer, frozen=True, kw_only=True):
    sittings: list[SittingShown]


class Health(_Answer, frozen=True, kw_only=True):
    health: Literal["ok"]


class Ready(_Answer, frozen=True, kw_only=True):
    ready: bool
