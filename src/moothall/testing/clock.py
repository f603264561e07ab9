"""A clock that stands still until a test moves it: whatever falls due on the way happens in order, at once.

Implements `moothall.hall.clock.Clock` without an event loop, so that a test of hours takes milliseconds and goes the
same way every time.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Final

from moothall.hall.clock import Handle

__all__ = ["NOON", "FakeClock"]

NOON: Final = 1_795_348_800_000
"""When a fake clock starts unless told otherwise: 22 November 2026, 12:00 UTC, in milliseconds since the epoch."""

_MAX_CALLS_AT_ONCE: Final = 100_000
"""So many calls without time going on: something calls itself again and again, and would do so for ever."""


class _Call:
    """One call that is to come."""

    __slots__ = ("callback", "is_cancelled")

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback = callback
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class FakeClock:
    """Time that goes on only where `advance` says so.

    Args:
        now: the moment it starts at, milliseconds since the epoch.
    """

    def __init__(self, now: int = NOON) -> None:
        self._now = now
        self._soon: deque[Callable[[], None]] = deque()
        self._heap: list[tuple[int, int, _Call]] = []
        self._ties = count()

    def now(self) -> int:
        """Return milliseconds since the epoch."""
        return self._now

    def ticks_ns(self) -> int:
        """Return nanoseconds since the epoch."""
        return self._now * 1_000_000

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back in the next `settle` or `advance`, after everything that was put before."""
        self._soon.append(callback)

    def at(self, moment: int, callback: Callable[[], None]) -> Handle:
        """Call back when `advance` comes to `moment`; a moment that is past comes with the next `advance`."""
        call = _Call(callback)
        heapq.heappush(self._heap, (moment, next(self._ties), call))
        return call

    @property
    def next_moment(self) -> int | None:
        """The moment of the next call that is to come, or None."""
        while self._heap and self._heap[0][2].is_cancelled:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def settle(self) -> None:
        """Do what is to be done soon, and what that puts there in turn, until nothing is left; time stands still.

        Raises:
            RuntimeError: it never ends.
        """
        done = 0
        while self._soon:
            done = _counted(done)
            self._soon.popleft()()

    def advance(self, ms: int) -> None:
        """Let `ms` milliseconds go by: every call that falls due happens at its moment, in order, and then settles.

        Raises:
            RuntimeError: time does not get on, because something calls itself again at the same moment for ever.
        """
        end = self._now + ms
        done = 0
        self.settle()
        while (moment := self.next_moment) is not None and moment <= end:
            done = _counted(done) if moment <= self._now else 0
            self._now = max(self._now, moment)
            heapq.heappop(self._heap)[2].callback()
            self.settle()
        self._now = end


def _counted(done: int) -> int:
    if done == _MAX_CALLS_AT_ONCE:
        raise RuntimeError(f"{done} calls, and time has not gone on: something calls itself for ever.")
    return done + 1
