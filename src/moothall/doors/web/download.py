"""A log on its way to who asked for it: written a page at a time, never held whole. See docs/protocol/web.md §5."""

from __future__ import annotations

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
        self._is_over = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request. What cannot be read at the beginning is raised, and can be answered otherwise."""
        is_wanted = scope["method"] != "HEAD"
        piece = self._written.head() + await self._page() if is_wanted else b""
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        try:
            while is_wanted and not self._is_over:
                if piece:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                if self._connection.link.is_closing:
                    await self._break_off(receive)
                    return
                piece = await self._page()
        except (StorageError, DataCorrupt) as error:
            logger.warning("log not read to its end error=%s", error)
            await self._break_off(receive)
            return
        await send({"type": "http.response.body", "body": piece, "more_body": False})

    async def _page(self) -> bytes:
        entries = await self._reading.page()
        try:
            pieces = [self._piece(entry.seq, entry.body) for entry in entries]
        except DataTooNew as error:  # this server has read it once: it was not so then
            raise DataCorrupt(str(error)) from None
        self._is_over = not entries or self._excerpt.is_over
        if self._is_over:
            pieces.append(self._written.tail(has_more=self._excerpt.has_more))
        return b"".join(pieces)

    def _piece(self, seq: int, body: bytes) -> bytes:
        if self._excerpt.take(seq, body):
            return self._written.write(body)
        if not self._excerpt.is_over:
            self._written.pass_over(body)
        return b""

    async def _break_off(self, receive: Receive) -> None:
        # Whoever has read half of a log must not take it for the whole: the line is broken, not ended.
        self._connection.link.break_off()
        while (await receive())["type"] != "http.disconnect":
            pass
