"""Who has long work to do takes turns with everybody else: one piece of it per turn of the event loop, all together.

However many read long logs at once, what happens in the rooms waits for one piece of one of them.
"""

from __future__ import annotations

import asyncio
from collections import deque

__all__ = ["Shifts"]


class Shifts:
    """The line of those who have a piece of work to do."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def next(self) -> None:
        """Wait until it is one's turn to do a piece of work: at once, without waiting for anything in it."""
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[None] = loop.create_future()
        self._waiting.append(mine)
        if len(self._waiting) == 1:
            loop.call_soon(self._call)
        await mine

    def _call(self) -> None:
        first = self._waiting.popleft()
        if not first.done():
            first.set_result(None)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._call)
