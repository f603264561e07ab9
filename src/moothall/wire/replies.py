"""What the JSON lines door answers: one frozen type per reply. Normative: docs/protocol/json.md §4."""

from __future__ import annotations

import msgspec

from moothall.engine.names import Name, RoomName
from moothall.engine.words import Kind
from moothall.errors import Reason

__all__ = [
    "Gap",
    "Goodbye",
    "Joined",
    "Ping",
    "Pong",
    "Refused",
    "Reply",
    "Reset",
    "Resumed",
    "SaidBefore",
    "SeatShown",
    "Waiting",
    "WhoReply",
]


class _Reply(msgspec.Struct, frozen=True, tag_field="reply", omit_defaults=True, kw_only=True):
    """How every answer of the server is tagged."""


class Joined(_Reply, frozen=True, kw_only=True, tag="joined"):
    """The seat (absent for a spectator), the key to come back with, and where reading starts: after `after`."""

    room: RoomName
    name: Name | None = None
    seat: int | None = None
    key: str | None = None
    epoch: str
    after: int
    seq: int
    version: int


class Resumed(_Reply, frozen=True, kw_only=True, tag="resumed"):
    """The same seat again, and nothing was missed: the next event is the one after `after`."""

    room: RoomName
    name: Name | None = None
    seat: int | None = None
    epoch: str
    after: int
    seq: int
    holder: Name | None = None
    turn: int | None = None
    left_ms: int | None = None


class Gap(_Reply, frozen=True, kw_only=True, tag="gap"):
    """The same seat again, but events between `after` and `first` are not kept any more; reading goes on at `first`."""

    room: RoomName
    name: Name | None = None
    seat: int | None = None
    epoch: str
    after: int
    first: int
    seq: int


class Reset(_Reply, frozen=True, kw_only=True, tag="reset"):
    """The cursor means nothing here: another epoch. The seat is kept; reading starts after the new `after`."""

    room: RoomName
    name: Name | None = None
    seat: int | None = None
    epoch: str
    after: int
    seq: int


class Waiting(_Reply, frozen=True, kw_only=True, tag="waiting"):
    """The room is full: `place` is one's own in the line for a seat, from 1. `joined` comes when there is one."""

    room: RoomName
    place: int


class SaidBefore(_Reply, frozen=True, kw_only=True, tag="said"):
    """The receipt for words that were said already under this cid."""

    cid: str
    seq: int


class Refused(_Reply, frozen=True, kw_only=True, tag="refused"):
    do: str | None = None
    reason: Reason
    cid: str | None = None
    text: str


class SeatShown(msgspec.Struct, frozen=True, omit_defaults=True):
    """One seat, as `who` shows it."""

    name: Name
    seat: int
    kind: Kind
    about: str = ""
    away: bool = False
    benched: bool = False


class WhoReply(_Reply, frozen=True, kw_only=True, tag="who"):
    """Who is here; `requests` is the queue for the floor, and `chair` need not be seated."""

    room: RoomName
    phase: str
    seats: int
    seated: list[SeatShown]
    watching: int
    topic: str | None = None
    holder: Name | None = None
    requests: list[Name] = []
    chair: str | None = None


class Pong(_Reply, frozen=True, kw_only=True, tag="pong"):
    pass


class Ping(_Reply, frozen=True, kw_only=True, tag="ping"):
    """The server asks whether anybody is there; any line answers it."""


class Goodbye(_Reply, frozen=True, kw_only=True, tag="goodbye"):
    """The last line, where no `sitting_closed` said so: why the server closes the connection.

    `retry_after`: seconds after which a server that stops in mid-sitting may be tried again.
    """

    reason: Reason
    text: str
    retry_after: int | None = None


Reply = Joined | Resumed | Gap | Reset | Waiting | SaidBefore | Refused | WhoReply | Pong | Ping | Goodbye
