"""What another terminal sends to a running server, and what it is told: one JSON object a line each way, once.

    → {"version":1,"line":"topic play chess","room":"lab","token":""}
    ← {"version":1,"verdict":"done","lines":["* The next topic: play chess."]}

`line` is what one would type at the console. Unknown fields are ignored.
"""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec

from moothall.cli.operator import Verdict
from moothall.errors import BadFrame, Reason

__all__ = ["MAX_ERRAND_BYTES", "MAX_REPLY_BYTES", "VERSION", "Errand", "Reply"]
__all__ += ["decode_errand", "decode_reply", "encode_errand", "encode_reply"]

VERSION: Final = 1
MAX_ERRAND_BYTES: Final = 64 * 1024
"""Room for the longest words that the rules may take, each character in its longest form."""
MAX_REPLY_BYTES: Final = 4 * 1024 * 1024

_Frame = TypeVar("_Frame", "Errand", "Reply")


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """A line for the console. `room` "": the server's first; `token`: what opens the side door, where it wants one."""

    line: str
    room: str = ""
    token: str = ""
    version: int = VERSION


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What has become of a line, and what to show."""

    verdict: Verdict
    lines: list[str]
    version: int = VERSION


def encode_errand(line: str, room: str = "", token: str = "") -> bytes:
    """Return what another terminal sends. What UTF-8 cannot say is said as `?`."""
    return msgspec.json.encode(Errand(line=_plain(line), room=_plain(room), token=token)) + b"\n"


def encode_reply(verdict: Verdict, lines: list[str]) -> bytes:
    """Return what the server answers."""
    return msgspec.json.encode(Reply(verdict=verdict, lines=[_plain(line) for line in lines])) + b"\n"


def decode_errand(line: bytes) -> Errand:
    """Read what another terminal has sent.

    Raises:
        BadFrame: it is no errand, or one of another version.
    """
    return _decoded(line, Errand)


def decode_reply(line: bytes) -> Reply:
    """Read what the server has answered.

    Raises:
        BadFrame: it is no reply, or one of another version.
    """
    return _decoded(line, Reply)


def _decoded(line: bytes, kind: type[_Frame]) -> _Frame:
    try:
        frame = msgspec.json.decode(line, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise BadFrame(Reason.MALFORMED, "This is not understood: it is nothing that moothall sends.") from None
    if frame.version != VERSION:
        raise BadFrame(
            Reason.MALFORMED,
            f"One side speaks version {frame.version}, the other {VERSION}: "
            "lead the server with the moothall that it was started with.",
        )
    return frame


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
