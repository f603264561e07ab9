"""What a request of the web door must be before anybody looks at what it asks: who, how long, and of which form.

Normative: docs/protocol/web.md §2, §3, §11.
"""

from __future__ import annotations

from typing import TypeVar, cast

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from moothall.doors.web.connection import WebConnection
from moothall.doors.web.token import OperatorToken
from moothall.engine.names import RoomName, parse_room_name
from moothall.errors import BadFrame, Reason
from moothall.wire.json_lines import decode_object

__all__ = ["check_operator", "connection_of", "number_in", "read_object", "room_of"]

T = TypeVar("T")


def connection_of(request: Request) -> WebConnection:
    """Return the connection that a request has come on."""
    return cast("WebConnection", request.state.connection)


def room_of(request: Request) -> RoomName:
    """Return the room that an address names.

    Raises:
        Rejected: BAD_NAME.
    """
    return parse_room_name(request.path_params["room"])


def check_operator(request: Request, token: OperatorToken | None) -> None:
    """Check that a request shows the operator's token; where there is none, nobody is the operator.

    Raises:
        HTTPException: 401.
    """
    if token is None or not token.opens(request.headers.get("authorization", "")):
        raise HTTPException(
            401, "Show the operator's token: Authorization: Bearer TOKEN", {"WWW-Authenticate": "Bearer"}
        )


async def read_object(request: Request, decoder: msgspec.json.Decoder[T], max_bytes: int) -> T:
    """Read the body of a request as one object, of the decoder's kind.

    Raises:
        HTTPException: 415, it is not said to be JSON.
        BadFrame: it is too long, or no such object.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "Send a body of Content-Type: application/json")
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > max_bytes:
                raise BadFrame(Reason.TOO_LONG, f"A body has at most {max_bytes} bytes.")
    except ClientDisconnect:  # nobody is there to read it, but it is no bug either
        raise BadFrame(Reason.MALFORMED, "The body has no end.") from None
    return decode_object(body, decoder)


def number_in(request: Request, name: str, *, default: int, least: int, most: int) -> int:
    """Return a whole number of the query.

    Raises:
        BadFrame: it is none, or out of bounds.
    """
    text = request.query_params.get(name)
    if text is None:
        return default
    if len(text) <= 20 and text.isascii() and text.removeprefix("-").isdecimal() and least <= int(text) <= most:
        return int(text)
    raise BadFrame(Reason.MALFORMED, f"{name} is a whole number from {least} to {most}.")
