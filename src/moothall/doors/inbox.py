"""What came in and waits to be taken: one line after the other, and none while the taker cannot take it.

A line may change what the next one means (a name, then words), and answers that nobody reads must not pile up: so
lines are cut when they can be taken, and not before.
"""

from __future__ import annotations

from collections.abc import Callable

from moothall.doors.link import Link
from moothall.wire.framing import LineFramer, LineTooLong

__all__ = ["Inbox"]


class Inbox:
    """The bytes of one connection, on their way to becoming lines.

    `is_shut`: a line that was taken decides what the next one means, and is not answered yet.

    Args:
        link: from who does not read its answers nothing is taken, and nothing at all once it closes.
        take: takes a line.
    """

    __slots__ = ("_data", "_has_ended", "_link", "_take", "framer", "is_shut")

    def __init__(self, framer: LineFramer, link: Link, *, take: Callable[[bytes | LineTooLong], None]) -> None:
        self.framer = framer
        self.is_shut = False
        self._link = link
        self._take = take
        self._data = b""
        self._has_ended = False

    @property
    def is_open(self) -> bool:
        """Whether the next line can be taken now."""
        return not (self.is_shut or self._link.is_closing or self._link.is_overfull)

    def feed(self, data: bytes) -> None:
        """Take the lines that `data` completes, as far as they can be taken now."""
        link = self._link
        if link.is_closing:
            return
        # Nearly always nothing waits, on either side, and one whole line has come.
        if not (self._data or self.is_shut or link.is_blocked or link.is_amid_line):
            line = self.framer.only_line(data)
            if line is not None:
                self._take(line)
                return
        self._data += data
        self.go_on()

    def end(self) -> None:
        """Take what is left as the last line: nothing follows."""
        self._has_ended = True
        self.go_on()

    def go_on(self) -> None:
        """Take what waits, as far as it can be taken now."""
        data, self._data = self._data, b""
        at = 0
        while at < len(data) and self.is_open:
            end = data.find(b"\n", at) + 1 or len(data)
            for line in self.framer.feed(data[at:end]):
                self._take(line)
            at = end
        if at < len(data):
            self._data = data[at:]
        elif self._has_ended and self.is_open:
            self._has_ended = False
            rest = self.framer.last_line()
            if rest is not None:
                self._take(rest)

    def clear(self) -> None:
        """Throw away what waits: the connection is over."""
        self._data = b""
        self._has_ended = False
