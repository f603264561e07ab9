"""How the web door answers: a status, and one JSON object; a refusal in the same words as through every other door.

Normative: docs/protocol/web.md §3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from moothall.doors.web.requests import connection_of
from moothall.engine.names import Name
from moothall.engine.room import Room
from moothall.errors import BadFrame, DataCorrupt, Reason, Rejected, StorageError
from moothall.wire.rest import Refusal
from moothall.wire.sentences import sentence

__all__ = ["HEADERS", "STATUS", "WORDS", "answer", "on_error", "refusal", "turn_down"]

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""What every answer carries where it says nothing else itself."""

STATUS: Final[dict[Reason, int]] = {
    Reason.MALFORMED: 400,
    Reason.NO_SUCH_ROOM: 404,
    Reason.BAD_VALUE: 422,
    Reason.BAD_NAME: 422,
    Reason.TOO_LONG: 422,
    Reason.CLOSING: 503,
    Reason.STORAGE: 503,
}
"""What a reason means in HTTP; any other means that the room is not in a state for what was asked: 409."""

_CONFLICT: Final = 409
WORDS: Final = {
    404: "There is nothing at this address.",
    405: "This address takes other methods.",
}


def answer(value: msgspec.Struct, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with an object."""
    return Response(msgspec.json.encode(value), status, headers, "application/json")


def refusal(reason: Reason, text: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a reason, and a sentence for people."""
    return answer(Refusal(reason=reason, text=text), status, headers)


def turn_down(request: Request, rejected: Rejected, room: Room | None = None, reader: Name | None = None) -> Response:
    """Answer with why something was rejected; the room, and who reads it, make the sentence more exact."""
    connection_of(request).link.count_refusal(rejected.reason)
    return refusal(rejected.reason, sentence(rejected, room, reader), STATUS.get(rejected.reason, _CONFLICT))


async def on_error(request: Request, error: Exception) -> Response:
    """Answer a request that failed with one of the errors that are no bug."""
    if isinstance(error, Rejected):
        return turn_down(request, error)
    status, reason, text = _verdict(error)
    connection_of(request).link.count_refusal(reason)
    return refusal(reason, text, status, _named(error.headers) if isinstance(error, HTTPException) else None)


def _verdict(error: Exception) -> tuple[int, Reason, str]:
    match error:
        case BadFrame(reason=reason):
            return 413 if reason is Reason.TOO_LONG else STATUS[Reason.MALFORMED], reason, str(error)
        case StorageError() | DataCorrupt():
            return STATUS[Reason.STORAGE], Reason.STORAGE, sentence(Rejected(Reason.STORAGE))
        case HTTPException(status_code=status):
            reason = Reason.NOT_ALLOWED if status in (401, 403) else Reason.MALFORMED
            return status, reason, WORDS.get(status, f"{error.detail}.")
        case _:
            raise error


def _named(headers: Any) -> Mapping[str, str] | None:
    return None if headers is None else dict(headers)
