"""A spectator's visit as a stream of server-sent events. Normative: docs/protocol/web.md §8.

The events are encoded once for all streams of a room; a stream holds what it was handed last, and no more.
"""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.types import Receive, Scope, Send

from moothall.doors.gate import CountedAs
from moothall.doors.web.connection import WebConnection
from moothall.doors.welcome import welcome_reply
from moothall.engine.commands import Command
from moothall.errors import Reason, Rejected
from moothall.hall.lobby import Welcome
from moothall.hall.visit import Visit
from moothall.wire.event_stream import COMMENT, RETRY, chunk, encode_reply
from moothall.wire.replies import Goodbye
from moothall.wire.sentences import sentence

__all__ = ["EventStream"]

_QUIET_MS: Final = 15_000
"""After so much silence a comment is sent: some who carry the stream give a silent line up after 30 s."""


class EventStream:
    """One stream: what a visit needs of its door (`Connection`), and what a connection needs of its answer (`Stay`).

    uvicorn writes the head and the end; what comes between is written beside it, as its way would take a task's turn
    and twice the CPU time for each batch.
    """

    def __init__(self, connection: WebConnection) -> None:
        self._connection = connection
        self._link = connection.link
        self._visit: Visit | None = None
        self._early = b""  # what was written before the head
        self._is_open = False
        self._is_chunked = True
        self._is_amid_message = False
        self._is_over = asyncio.Event()
        self._wrote_at = 0

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer a request with all that there is to read, as it comes (ASGI)."""
        self._connection.stay = self
        self._link.count_as(CountedAs.EVENTS)
        try:
            await send(
                {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]}
            )
            if scope["method"] != "HEAD":
                self._open(is_chunked=scope["http_version"] == "1.1")
                await self._is_over.wait()
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._connection.stay = None
            if self._visit is not None:
                self._visit.lose()

    def _open(self, *, is_chunked: bool) -> None:
        self._is_open, self._is_chunked = True, is_chunked
        early, self._early = self._early, b""
        if early:
            self._put(early)
        self._connection.wake_at(self._wrote_at + _QUIET_MS)
        self.resume()

    # What the lobby and the visit call.

    def on_welcome(self, welcome: Welcome) -> bytes:
        """Say where reading starts."""
        self._visit = welcome.visit
        return RETRY + encode_reply(welcome_reply(welcome, self._link.clock.now()))

    def write(self, data: bytes) -> None:
        """Send bytes; more are wanted only once the line has taken them: what waits, waits in the room's own feed."""
        self._is_amid_message = not data.endswith(b"\n\n")
        self._put(data)
        if self._visit is not None:
            self._visit.is_blocked = self._link.is_blocked or not self._is_open

    def refuse(self, refusal: Rejected, _command: Command | None) -> None:
        """Say why the visit ends."""
        self._say_why(refusal.reason, None)

    def finish(self) -> None:
        """End after what was written."""
        self._is_over.set()

    # What the connection calls.

    def resume(self) -> None:
        """Write on."""
        if self._visit is not None and self._is_open and not self._link.is_blocked:
            self._visit.is_blocked = False
            self._visit.ship()

    def ring(self, now: int) -> None:
        """Keep the line open, where it has been silent for long enough."""
        quiet_at = self._wrote_at + _QUIET_MS
        if now >= quiet_at and not (self._is_amid_message or self._link.is_blocked):
            self._put(COMMENT)
        self._connection.wake_at(quiet_at if now < quiet_at else now + _QUIET_MS)

    def say_goodbye(self, retry_after: int | None) -> None:
        """Say that the server stops."""
        self._say_why(Reason.CLOSING, retry_after)
        self.finish()

    def lose(self) -> None:
        """End: nobody reads any more."""
        self._is_over.set()

    def _say_why(self, reason: Reason, retry_after: int | None) -> None:
        if self._is_amid_message:
            return  # the rest of it is behind what nobody reads
        text = sentence(Rejected(reason))
        self._put(encode_reply(Goodbye(reason=reason, text=text, retry_after=retry_after)))

    def _put(self, data: bytes) -> None:
        if not self._is_open:
            self._early += data
            return
        self._wrote_at = self._link.clock.now()
        self._link.write(chunk(data) if self._is_chunked else data)
