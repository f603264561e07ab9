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
from moothall.wire.event_stream import COMMENT, RETRY, encode_reply
from moothall.wire.replies import Goodbye
from moothall.wire.sentences import sentence

__all__ = ["EventStream"]

_QUIET_MS: Final = 15_000
"""After so much silence a comment is sent: some who carry the stream give a silent line up after 30 s."""


class EventStream:
    """One stream: what a visit needs of its door (`Connection`), and what a connection needs of its answer (`Stay`)."""

    def __init__(self, connection: WebConnection) -> None:
        self._connection = connection
        self._visit: Visit | None = None
        self._pending = b""
        self._is_amid_message = False
        self._is_over = False
        self._is_lost = False
        self._wake = asyncio.Event()

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer a request with all that there is to read, as it comes (ASGI)."""
        self._connection.stay = self
        self._connection.link.count_as(CountedAs.EVENTS)
        self._rest_until_quiet()
        try:
            await send(
                {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]}
            )
            is_wanted = scope["method"] != "HEAD"
            while is_wanted and not self._is_lost and not (self._is_over and not self._pending):
                await self._wake.wait()
                self._wake.clear()
                await self._send_pending(send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._connection.stay = None
            if self._visit is not None:
                self._visit.lose()

    async def _send_pending(self, send: Send) -> None:
        data, self._pending = self._pending, b""
        if data:
            await send({"type": "http.response.body", "body": data, "more_body": True})
            self._rest_until_quiet()
        # More is wanted only once the line has taken all of it: what waits, waits in the room's own feed.
        if self._visit is not None and not self._pending and not self._connection.link.is_blocked:
            self._visit.is_blocked = False
            self._visit.ship()

    def _rest_until_quiet(self) -> None:
        self._connection.wake_at(self._connection.link.clock.now() + _QUIET_MS)

    # What the lobby and the visit call.

    def on_welcome(self, welcome: Welcome) -> bytes:
        """Say where reading starts."""
        self._visit = welcome.visit
        return RETRY + encode_reply(welcome_reply(welcome, self._connection.link.clock.now()))

    def write(self, data: bytes) -> None:
        """Send bytes, as soon as the line takes them."""
        self._pending += data
        self._is_amid_message = not data.endswith(b"\n\n")
        if self._visit is not None:
            self._visit.is_blocked = True
        self._wake.set()

    def refuse(self, refusal: Rejected, _command: Command | None) -> None:
        """Say why the visit ends."""
        self._say_why(refusal.reason, None)

    def finish(self) -> None:
        """End after what was written."""
        self._is_over = True
        self._wake.set()

    # What the connection calls.

    def resume(self) -> None:
        """Write on."""
        self._wake.set()

    def ring(self, _now: int) -> None:
        """Keep the line open."""
        if not self._pending and not self._is_amid_message:
            self._pending = COMMENT
        self._wake.set()

    def say_goodbye(self, retry_after: int | None) -> None:
        """Say that the server stops."""
        self._say_why(Reason.CLOSING, retry_after)
        self.finish()

    def lose(self) -> None:
        """End: nobody reads any more."""
        self._is_lost = True
        self._wake.set()

    def _say_why(self, reason: Reason, retry_after: int | None) -> None:
        if self._is_amid_message:
            return  # the rest of it is behind what nobody reads
        text = sentence(Rejected(reason))
        self._pending += encode_reply(Goodbye(reason=reason, text=text, retry_after=retry_after))
