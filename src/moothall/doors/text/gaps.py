"""Writing to a client that knows no framing: one line at a time, with a pause before the next.

Such a client takes whatever one read gives it for one message. Normative: docs/protocol/text.md, "Bare".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from moothall.doors.link import Link

__all__ = ["GapWriter"]


class GapWriter:
    """Keeps the pauses on one link. `on_idle` is called when the pause after the last line is over."""

    def __init__(self, link: Link, on_idle: Callable[[], None]) -> None:
        self._link = link
        self._on_idle = on_idle
        self._lines: deque[bytes] = deque()
        self._is_pausing = False
        self._finishes = False

    @property
    def is_busy(self) -> bool:
        """Whether lines, or the pause after the last of them, are still to come."""
        return self._is_pausing

    def write(self, data: bytes) -> None:
        """Send lines, the first of them at once if no pause is under way."""
        self._lines += data.splitlines(keepends=True)
        if not self._is_pausing:
            self._send_next()

    def finish(self) -> None:
        """Close cleanly, after the last line."""
        if self._lines:
            self._finishes = True
        else:
            self._link.finish()

    def _send_next(self) -> None:
        self._is_pausing = False
        if self._link.is_closing or self._link.transport.is_closing():
            return
        if not self._lines:
            self._on_idle()
            return
        self._is_pausing = True
        self._link.write(self._lines.popleft())
        if self._finishes and not self._lines:
            self._link.finish()
            return
        self._link.clock.at(self._link.clock.now() + self._link.limits.bare_gap_ms, self._send_next)
