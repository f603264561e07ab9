"""Time comes in here, and nowhere else: milliseconds since the epoch, and a way to be called at a moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

__all__ = ["Clock", "Handle", "SystemClock", "in_words"]


class Handle(Protocol):
    """A call that is to come; it can be called off."""

    def cancel(self) -> None:
        """Call it off; once it has come this does nothing."""


class Clock(Protocol):
    """What the hall knows of time. `moothall.testing.FakeClock` is another."""

    def now(self) -> int:
        """Return milliseconds since the epoch; they never go back, whatever happens to the machine's own clock."""

    def ticks_ns(self) -> int:
        """Return nanoseconds since a moment of its own: cheap enough to be asked for every packet."""

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back at the end of this turn of the event loop: after all that has come in already."""

    def at(self, moment: int, callback: Callable[[], None]) -> Handle:
        """Call back at `moment`, never before it."""


class SystemClock:
    """The machine's wall time at the start, and from then on its monotonic time, on an asyncio loop.

    Args:
        not_before: a moment that has been, whatever the machine's clock says now: one that was put back would else
            make every deadline wait until it has caught up.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, not_before: int = 0) -> None:
        self._loop = loop
        self.ticks_ns = time.monotonic_ns
        # Whole nanoseconds: the quickest to make a moment of.
        self._zero = max(time.time_ns(), not_before * 1_000_000) - time.monotonic_ns()

    def now(self) -> int:
        """Return milliseconds since the epoch."""
        return (self._zero + time.monotonic_ns()) // 1_000_000

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back at the end of this turn of the event loop."""
        self._loop.call_soon(callback)

    def at(self, moment: int, callback: Callable[[], None]) -> Handle:
        """Call back at `moment`; whoever must not be early looks at `now` again."""
        return self._loop.call_later(max(moment - self.now(), 0) / 1000, callback)


def in_words(moment: int) -> str:
    """Write a moment for people, in UTC: so the same log makes the same document everywhere."""
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
