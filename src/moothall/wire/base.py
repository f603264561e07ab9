"""What a room was when its beginning was forgotten, as bytes: where a replay of the rest begins.

Unlike an event it tells no reader anything. It is the whole state, written by field; a version that gives the state
other fields brings the older form up to date here.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec.structs import replace

from moothall.engine.room import Room, first_held_until
from moothall.errors import BadFrame, Reason

__all__ = ["decode_base", "encode_base"]

_VERSION: Final = 1


class _Base(msgspec.Struct, frozen=True):
    version: int
    room: Room


_decoder: Final = msgspec.json.Decoder(_Base)


def encode_base(room: Room) -> bytes:
    """Write the state of a room: one JSON object without a line break."""
    return msgspec.json.encode(_Base(_VERSION, room))


def decode_base(body: bytes) -> Room:
    """Read what `encode_base` has written.

    Raises:
        BadFrame: `malformed`, it is something else, or of a newer version.
    """
    try:
        base = _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise BadFrame(Reason.MALFORMED, "It is not the state of a room.") from None
    if base.version != _VERSION:
        raise BadFrame(Reason.MALFORMED, f"It is a room's state of version {base.version}.")
    # An older form has no `held_until`.
    return replace(base.room, held_until=first_held_until(base.room.seats))
