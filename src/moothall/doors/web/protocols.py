"""uvicorn's protocols as this door speaks them: what is no HTTP is refused in our words, and writes no tracebacks.

Whatever somebody sends is their matter: it ends their connection, and leaves the operator's diagnostics as they were.
"""

from __future__ import annotations

from email.utils import formatdate
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame

from moothall.doors.web.answers import HEADERS, refusal
from moothall.doors.web.connection import WebConnection
from moothall.errors import Reason

__all__ = ["HttpProtocol", "SocketProtocol"]

_CAN_ANSWER: Final = frozenset({h11.IDLE, h11.SEND_RESPONSE})
_MAX_FRAGMENTS: Final = 16_384
"""A message of 1 MiB in frames of 64 bytes has as many."""
_SENTENCE: Final = "This is no request of HTTP."


class HttpProtocol(H11Protocol):
    """HTTP/1.1 on one connection."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words for it
        """Refuse what is no HTTP. Behind an answer there is no place for another: then the line just ends."""
        connection: WebConnection = self.app_state["connection"]
        connection.link.count_refusal(Reason.MALFORMED)
        if self.conn.our_state in _CAN_ANSWER:
            answer = refusal(Reason.MALFORMED, _SENTENCE, 400, HEADERS)
            headers = [*answer.raw_headers, (b"date", formatdate(usegmt=True).encode()), (b"connection", b"close")]
            parts = (
                h11.Response(status_code=400, headers=headers),
                h11.Data(data=bytes(answer.body)),
                h11.EndOfMessage(),
            )
            self.transport.write(b"".join(filter(None, map(self.conn.send, parts))))
        self.transport.close()


class SocketProtocol(WebSocketsSansIOProtocol):
    """A WebSocket, or its refusal. A message in too many fragments is too long: what holds each of them takes room."""

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) < _MAX_FRAGMENTS:
            super().handle_cont(event)
            return
        self.frames = []
        self.conn.fail(CloseCode.MESSAGE_TOO_BIG, "too many fragments")
        self.handle_parser_exception()

    async def send(self, message: Any) -> None:
        """Send; and note that a refusal ends a handshake as well, which uvicorn would else complain of."""
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True
