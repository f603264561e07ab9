"""The JSON lines door's words: frames from lines, events to entries and back. Normative: docs/protocol/json.md.

One object a line. `do` marks what a client asks, `reply` what the server answers, `event` what happened.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, NewType, get_args

import msgspec

from moothall.engine.events import Event, Kind
from moothall.engine.names import Name, RoomName
from moothall.errors import BadFrame, Reason
from moothall.wire.change import Change, Dialect, Line

__all__ = [
    "JSON_LINES",
    "MAX_DEPTH",
    "OPERATORS_WORDS",
    "PROTOCOL_VERSION",
    "Cid",
    "Frame",
    "Gap",
    "Goodbye",
    "JoinFrame",
    "Joined",
    "LeaveFrame",
    "PassFrame",
    "Ping",
    "PingFrame",
    "Pong",
    "PongFrame",
    "Refused",
    "Reply",
    "Reset",
    "Resumed",
    "SaidBefore",
    "SayFrame",
    "SeatShown",
    "Stamp",
    "WhoFrame",
    "WhoReply",
    "decode_event",
    "decode_frame",
    "decode_line",
    "encode_event",
    "encode_line",
    "refused_word",
]

PROTOCOL_VERSION: Final = 1
MAX_DEPTH: Final = 16
"""How deep the arrays and objects of a frame may nest."""

OPERATORS_WORDS: Final = frozenset(
    {"topic", "next", "skip", "remove", "pause", "unpause", "close", "grant", "revoke", "end"}
)
"""What only the operator may ask, from the server's own console."""

Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Cid = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_Key = NewType("_Key", str)


# What a client asks.


class _Do(msgspec.Struct, frozen=True, tag_field="do", omit_defaults=True, kw_only=True):
    """How every frame of a client is tagged."""


class JoinFrame(_Do, frozen=True, kw_only=True, tag="join"):
    """Take a seat, watch, or come back: with a `key`, or a spectator's `epoch`, and the last seq that was read."""

    room: str = "main"
    name: str = ""
    kind: Kind = Kind.BOT
    about: str = ""
    watch: bool = False
    key: str | None = None
    epoch: str | None = None
    after: Count | None = None


class SayFrame(_Do, frozen=True, kw_only=True, tag="say"):
    """Say `text`, in `turn` where it is given; the receipt is the own `said` event with the `cid`."""

    text: str
    turn: Count | None = None
    cid: Cid | None = None


class PassFrame(_Do, frozen=True, kw_only=True, tag="pass"):
    turn: Count | None = None


class LeaveFrame(_Do, frozen=True, kw_only=True, tag="leave"):
    pass


class WhoFrame(_Do, frozen=True, kw_only=True, tag="who"):
    pass


class PingFrame(_Do, frozen=True, kw_only=True, tag="ping"):
    pass


class PongFrame(_Do, frozen=True, kw_only=True, tag="pong"):
    """The answer to the server's ping; any other line would do."""


Frame = SayFrame | PassFrame | JoinFrame | LeaveFrame | WhoFrame | PingFrame | PongFrame


# What the server answers.


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


class WhoReply(_Reply, frozen=True, kw_only=True, tag="who"):
    room: RoomName
    phase: str
    seats: int
    seated: list[SeatShown]
    watching: int
    topic: str | None = None
    holder: Name | None = None


class Pong(_Reply, frozen=True, kw_only=True, tag="pong"):
    pass


class Ping(_Reply, frozen=True, kw_only=True, tag="ping"):
    """The server asks whether anybody is there; any line answers it."""


class Goodbye(_Reply, frozen=True, kw_only=True, tag="goodbye"):
    """The last line, where no `sitting_closed` said so: why the server closes the connection."""

    reason: Reason
    text: str


Reply = Joined | Resumed | Gap | Reset | SaidBefore | Refused | WhoReply | Pong | Ping | Goodbye


class Stamp(msgspec.Struct, frozen=True):
    """What makes an event an entry: its place in the log and its time, milliseconds since the epoch."""

    seq: int
    at: int


# Deep nesting and bytes that are not UTF-8 raise errors of Python's own.
_BROKEN: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

# Where `{"event":"said"` ends, for each event.
_TAG_ENDS: Final = {kind: len('{"event":""') + len(str(kind.__struct_config__.tag)) for kind in get_args(Event)}

_encoder = msgspec.json.Encoder()
_frames = msgspec.json.Decoder(Frame)
_replies = msgspec.json.Decoder(Reply)
_events = msgspec.json.Decoder(Event)
_stamps = msgspec.json.Decoder(Stamp)
_word = msgspec.json.Decoder(dict[str, msgspec.Raw])
# A string that never ends is one too, and nothing is tried twice: no line takes longer than its length warrants.
_strings = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_MAX_COMPLAINT_CHARS: Final = 200
_MAX_WORD_CHARS: Final = 64


def decode_frame(line: bytes) -> Frame:
    """Read one line of a client. Fields that are not known are ignored.

    Raises:
        BadFrame: `malformed`, with a sentence that says what is wrong.
    """
    if line.count(b"{") + line.count(b"[") > MAX_DEPTH and _is_too_deep(line):
        raise BadFrame(Reason.MALFORMED, f"A frame nests at most {MAX_DEPTH} deep.")
    try:
        if not line.isascii():
            line.decode("utf-8")  # the decoder doesn't look into fields that are not known
        frame: Frame = _frames.decode(line)
    except _BROKEN as error:
        raise BadFrame(Reason.MALFORMED, f"This is not a frame: {_first_line(error)}.") from None
    return frame


def refused_word(line: bytes) -> str | None:
    """Return what a line that is no frame asks to `do`, where it says so: only the operator may ask some words."""
    try:
        word = msgspec.json.decode(_word.decode(line)["do"], type=str)
    except (*_BROKEN, KeyError):
        return None
    return word if len(word) <= _MAX_WORD_CHARS else None


def encode_line(frame: Frame | Reply) -> bytes:
    """Write a client's frame or a server's answer as one line."""
    return _encoder.encode(frame) + b"\n"


def encode_event(event: Event, seq: int, at: int) -> bytes:
    """Write an event as the body of its entry: one JSON object without a line break, `seq` and `at` after its tag."""
    body = _encoder.encode(event)
    tag_end = _TAG_ENDS[type(event)]
    return b'%b,"seq":%d,"at":%d%b' % (body[:tag_end], seq, at, body[tag_end:])


def decode_event(body: bytes) -> tuple[Event, Stamp]:
    """Read the body of an entry.

    Raises:
        BadFrame: `malformed`; it is no event, or one of a newer version.
    """
    try:
        return _events.decode(body), _stamps.decode(body)
    except _BROKEN as error:
        raise BadFrame(Reason.MALFORMED, f"This is not an event: {_first_line(error)}.") from None


def decode_line(line: bytes) -> tuple[Event, Stamp] | Reply:
    """Read one line of a server: an event, or an answer.

    Raises:
        BadFrame: `malformed`.
    """
    if line.startswith(b'{"event"'):
        return decode_event(line)
    try:
        reply: Reply = _replies.decode(line)
    except _BROKEN as error:
        raise BadFrame(Reason.MALFORMED, f"This is not an answer: {_first_line(error)}.") from None
    return reply


def _entry_line(change: Change) -> Line:
    return Line(change.body + b"\n")


JSON_LINES: Final = Dialect("json", _entry_line, needs_room=False)


def _is_too_deep(line: bytes) -> bool:
    # Asked only where there are many brackets at all, which settles nearly every frame; those in strings don't count.
    depth = 0
    for byte in _strings.sub(b"", line):
        if byte in b"{[":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif byte in b"}]":
            depth -= 1
    return False


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")[:_MAX_COMPLAINT_CHARS]
