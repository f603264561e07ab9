"""A log on its way to who asked for it: written a page at a time, never held whole. See docs/protocol/web.md §5."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from starlette.types import Receive, Scope, Send

from moothall.doors.web.connection import WebConnection
from moothall.doors.web.reading import LogReading
from moothall.errors import DataCorrupt, DataTooNew, StorageError
from moothall.views.excerpt import Excerpt
from moothall.views.written import Written

__all__ = ["Download"]

logger = logging.getLogger(__name__)


class Download:
    """An answer (ASGI) whose end is only there when all of it was read: else the line breaks.

    Also what its connection calls while it lasts (`Stay`): no page is read before the line has taken the last.

    Args:
        excerpt: which entries are wanted.
        written: how they are written.
    """

    def __init__(
        self,
        connection: WebConnection,
        reading: LogReading,
        excerpt: Excerpt,
        written: Written,
        headers: Mapping[str, str],
    ) -> None:
        self._connection = connection
        self._reading = reading
        self._excerpt = excerpt
        self._written = written
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._piece = b""
        self._is_over = False
        self._can_send = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request. What cannot be read at the beginning is raised, and can be answered otherwise."""
        is_wanted = scope["method"] != "HEAD"
        if is_wanted:
            self._piece = self._written.head() + await self._page()
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        if is_wanted and not await self._send_pages(send):
            # Whoever has read half of a log must not take it for the whole: the line is broken, not ended.
            self._connection.link.break_off()
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_pages(self, send: Send) -> bool:
        """Send all pages, the first of which is read already; tell whether that could be done."""
        link = self._connection.link
        self._connection.stay = self
        try:
            while True:
                await self._send_piece(send)
                if link.is_closing or self._is_over:
                    return not link.is_closing
                self._piece = await self._page()
        except (StorageError, DataCorrupt) as error:
            logger.warning("log not read to its end error=%s", error)
            return False
        finally:
            self._connection.stay = None

    async def _send_piece(self, send: Send) -> None:
        """Send what is read, and wait until the line has taken it: only then is it held no longer."""
        piece, self._piece = self._piece, b""
        if piece:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            del piece
        link = self._connection.link
        while link.is_blocked and not link.is_closing:
            self._can_send.clear()
            await self._can_send.wait()

    async def _page(self) -> bytes:
        entries = await self._reading.page()
        try:
            pieces = [self._shown(entry.seq, entry.body) for entry in entries]
        except DataTooNew as error:  # this server has read it once: it was not so then
            raise DataCorrupt(str(error)) from None
        self._is_over = not entries or self._excerpt.is_over
        if self._is_over:
            pieces.append(self._written.tail(has_more=self._excerpt.has_more))
        return b"".join(pieces)

    def _shown(self, seq: int, body: bytes) -> bytes:
        if self._excerpt.take(seq, body):
            return self._written.write(body)
        if not self._excerpt.is_over:
            self._written.pass_over(body)
        return b""

    # What the connection calls.

    def resume(self) -> None:
        """Go on: all that was sent has been taken."""
        self._can_send.set()

    def ring(self, now: int) -> None:
        """Do nothing: no time was asked for."""

    def say_goodbye(self, retry_after: int | None) -> None:  # noqa: ARG002 - there is no place to say it
        """Break off where nobody takes what was sent: of a server that stops no further page can be read."""
        if self._connection.link.is_blocked:
            self._connection.link.break_off()

    def lose(self) -> None:
        """Go on, to find the line closed."""
        self._can_send.set()
