"""The JSON lines door's words: frames from lines, events to entries and back. Normative: docs/protocol/json.md.

One object a line. `do` marks what a client asks (`frames`), `reply` what the server answers (`replies`), `event` what
happened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final, TypeVar, get_args

import msgspec
from msgspec.structs import astuple

from moothall.engine.events import Event, RoomOpened
from moothall.engine.evolve import Step
from moothall.errors import BadFrame, Reason
from moothall.wire.change import Dialect
from moothall.wire.frames import Frame
from moothall.wire.old_events import brought_up_to_date
from moothall.wire.replies import Reply

__all__ = [
    "JSON_LINES",
    "MAX_DEPTH",
    "PROTOCOL_VERSION",
    "Stamp",
    "decode_event",
    "decode_frame",
    "decode_line",
    "decode_object",
    "encode_event",
    "encode_line",
    "encode_steps",
    "refused_word",
    "seq_of",
]

T = TypeVar("T")

PROTOCOL_VERSION: Final = 1
MAX_DEPTH: Final = 16
"""How deep the arrays and objects of a frame may nest."""


class Stamp(msgspec.Struct, frozen=True):
    """What makes an event an entry: its place in the log and its time, milliseconds since the epoch."""

    seq: int
    at: int


# Deep nesting and bytes that are not UTF-8 raise errors of Python's own.
_BROKEN: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_SEQ: Final = b'"seq":'

_encoder = msgspec.json.Encoder()
_frames: msgspec.json.Decoder[Frame] = msgspec.json.Decoder(Frame)
_replies = msgspec.json.Decoder(Reply)
_events = msgspec.json.Decoder(Event)
_stamps = msgspec.json.Decoder(Stamp)
_word = msgspec.json.Decoder(dict[str, msgspec.Raw])
# A string that never ends is one too, and nothing is tried twice: no line takes longer than its length warrants.
_strings = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_MAX_COMPLAINT_CHARS: Final = 200
_MAX_WORD_CHARS: Final = 64
_SQUARE: Final = ord("[")


def decode_frame(line: bytes) -> Frame:
    """Read one line of a client. Fields that are not known are ignored.

    Raises:
        BadFrame: `malformed`, with a sentence that says what is wrong.
    """
    # Most frames have one bracket, their first byte, and no letters but the plain ones.
    if _SQUARE in line or line.rpartition(b"{")[0] or not line.isascii():
        _look_into(line, "frame")
    try:
        return _frames.decode(line)
    except _BROKEN as error:
        raise _malformed("a frame", error) from None


def decode_object(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Read one JSON object of a decoder's kind, by the rules of a frame: it stands on its own, without a line.

    Raises:
        BadFrame: `malformed`, with a sentence that says what is wrong.
    """
    _look_into(body, "request")
    try:
        return decoder.decode(body)
    except _BROKEN as error:
        raise _malformed("a request", error) from None


def _look_into(line: bytes, what: str) -> None:
    # The decoder doesn't look into fields that are not known.
    if _is_too_deep(line):
        raise BadFrame(Reason.MALFORMED, f"A {what} nests at most {MAX_DEPTH} deep.")
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed(f"a {what}", error) from None


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
    return _encoder.encode(_STAMPED[type(event)](seq, at, *astuple(event)))


def encode_steps(steps: Iterable[Step]) -> bytes:
    """Write each step as `encode_event` writes its event, with a line break after it."""
    stamped: list[msgspec.Struct] = []
    for event, room in steps:
        values = (room.seq, room.at) + astuple(event)  # noqa: RUF005 - a star would build a list of them first
        stamped.append(_STAMPED[type(event)](*values))
    # Copied, for these bytes are kept: what the encoder hands out keeps the kilobyte that it began with.
    return b"".join((_encoder.encode_lines(stamped), b""))


def seq_of(body: bytes) -> int:
    """Return the seq of an entry, of whose body nothing else is read."""
    start = body.index(_SEQ) + len(_SEQ)  # the first field after the tag, so no words of anybody's come before it
    return int(body[start : body.index(b",", start)])


def decode_event(body: bytes) -> tuple[Event, Stamp]:
    """Read the body of an entry.

    Raises:
        BadFrame: `malformed`; it is no event, or one of a newer version.
    """
    try:
        event: Event = _events.decode(body)
        stamp = _stamps.decode(body)
        if type(event) is RoomOpened:
            event = brought_up_to_date(event, body)
        return event, stamp
    except _BROKEN as error:
        raise _malformed("an event", error) from None


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
        raise _malformed("an answer", error) from None
    return reply


JSON_LINES: Final = Dialect("json", None, needs_room=False)


def _stamped(kind: type[msgspec.Struct]) -> Callable[..., msgspec.Struct]:
    fields = [(field.name, object, field.default) for field in msgspec.structs.fields(kind)]
    config = kind.__struct_config__
    return msgspec.defstruct(
        f"Stamped{kind.__name__}",
        [("seq", int), ("at", int), *fields],
        tag_field=config.tag_field,
        tag=config.tag,
        omit_defaults=config.omit_defaults,
        gc=False,
    )


_STAMPED: Final = {kind: _stamped(kind) for kind in get_args(Event)}
"""Each kind of event with its stamp as its first fields, so that an entry is written in one go."""


def _is_too_deep(line: bytes) -> bool:
    # The number of brackets settles nearly every frame; those in strings don't count.
    if line.count(b"{") + line.count(b"[") <= MAX_DEPTH:
        return False
    depth = 0
    for byte in _strings.sub(b"", line):
        if byte in b"{[":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif byte in b"}]":
            depth -= 1
    return False


def _malformed(what: str, error: Exception) -> BadFrame:
    first_line = str(error).partition("\n")[0].rstrip(".")[:_MAX_COMPLAINT_CHARS]
    return BadFrame(Reason.MALFORMED, f"This is not {what}: {first_line}.")
