"""What came in and waits to be taken: one line after the other, and none while the taker cannot take it.

A line may change what the next one means (a name, then words), and answers that nobody reads must not pile up: so
lines are cut when they can be taken, and not before.
"""

from __future__ import annotations

from collections.abc import Callable

from moothall.wire.framing import LineFramer, LineTooLong

__all__ = ["Inbox"]


class Inbox:
    """The bytes of one connection, on their way to becoming lines.

    Args:
        is_open: whether the next line can be taken now; asked before each of them.
        take: takes a line.
    """

    __slots__ = ("_data", "_has_ended", "_is_open", "_take", "framer")

    def __init__(
        self, framer: LineFramer, *, is_open: Callable[[], bool], take: Callable[[bytes | LineTooLong], None]
    ) -> None:
        self.framer = framer
        self._is_open = is_open
        self._take = take
        self._data = b""
        self._has_ended = False

    def feed(self, data: bytes) -> None:
        """Take the lines that `data` completes, as far as they can be taken now."""
        if not self._data and self._is_open():
            line = self.framer.only_line(data)
            if line is not None:  # nearly always
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
        while at < len(data) and self._is_open():
            end = data.find(b"\n", at) + 1 or len(data)
            for line in self.framer.feed(data[at:end]):
                self._take(line)
            at = end
        if at < len(data):
            self._data = data[at:]
        elif self._has_ended and self._is_open():
            self._has_ended = False
            rest = self.framer.last_line()
            if rest is not None:
                self._take(rest)

    def clear(self) -> None:
        """Throw away what waits: the connection is over."""
        self._data = b""
        self._has_ended = False
