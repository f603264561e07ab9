r"""Framing: the bytes of one connection become lines, with limits, whatever the packets do.

A line ends at "\n" or "\r\n". Never decodes text, reads a clock or closes anything: whoever keeps the time asks for
a quiet line, and whoever owns the connection decides what an over-long line costs. Normative: docs/protocol/text.md
and docs/protocol/json.md; telnet's own bytes: RFC 854 and RFC 855.
"""

from enum import Enum, auto
from typing import final

import msgspec

__all__ = ["LineFramer", "LineTooLong"]

# A single byte may be the first key of somebody whose terminal sends each key at once; whoever sends a whole line
# without a newline sends more.
_QUIET_LINE_BYTES = 2

# RFC 854, "Telnet command structure".
_IAC = b"\xff"
_SE = 240
_SB = 250
_WILL_WONT_DO_DONT = range(251, 255)


@final
class LineTooLong(msgspec.Struct, frozen=True):
    """Stands where a line was that is longer than the limit; its bytes are thrown away."""

    limit: int  # bytes, without the line's end


class LineFramer:
    """Cuts one connection's bytes into lines; keeps at most `max_line_bytes` + 1 bytes between two feeds.

    The same bytes give the same lines however they are split, as long as no quiet line is taken in between.
    """

    __slots__ = ("_is_skipping", "_saw_newline", "_telnet", "_waiting", "max_line_bytes")

    def __init__(self, max_line_bytes: int, *, telnet: bool = False) -> None:
        """Begin with nothing read.

        Args:
            max_line_bytes: the longest line let through, without its end; may be raised at any time.
            telnet: strip telnet's commands, which also takes every byte 255 out of the lines.
        """
        self.max_line_bytes = max_line_bytes
        self._telnet = _TelnetStripper() if telnet else None
        self._waiting = bytearray()  # an unfinished line; empty while skipping
        self._is_skipping = False  # inside a line that was already told to be too long
        self._saw_newline = False

    def feed(self, data: bytes) -> list[bytes | LineTooLong]:
        """Return the lines that `data` completes, in order, without their ends.

        An over-long line is told once, as soon as it is known to be one, and skipped to its end.
        """
        if self._telnet is not None:
            data = self._telnet.strip(data)
        lines: list[bytes | LineTooLong] = []
        pieces = data.split(b"\n")
        unfinished = pieces.pop()
        for piece in pieces:
            self._saw_newline = True
            if self._is_skipping:
                self._is_skipping = False
                continue
            lines.append(self._finish(self._take_waiting() + piece if self._waiting else piece))
        if unfinished and not self._is_skipping:
            self._waiting += unfinished
            if self._is_too_long(self._waiting):
                self._waiting.clear()
                self._is_skipping = True
                lines.append(LineTooLong(self.max_line_bytes))
        return lines

    def only_line(self, data: bytes) -> bytes | None:
        """Return the line that `data` is, without its end, where it is one whole line and nothing waits.

        None: it is something else, and nothing of it was taken; `feed` takes it.
        """
        line, newline, rest = data.partition(b"\n")
        if rest or not newline or self._waiting or self._is_skipping or len(line) > self.max_line_bytes:
            return None
        if self._telnet is not None and not self._telnet.is_text(data):
            return None
        self._saw_newline = True
        return line.removesuffix(b"\r")

    @property
    def is_waiting_for_quiet(self) -> bool:
        """Whether silence would end a line here: no newline has ever come, and the line is begun."""
        return not self._saw_newline and (len(self._waiting) >= _QUIET_LINE_BYTES or self._is_skipping)

    def quiet_line(self) -> bytes | None:
        """End the line that waits, because its sender has been silent; None where there is none to give.

        Serves clients that never send a newline. The first newline turns it off for good, so that no stall of the
        network cuts a sentence in two; a quiet line itself turns nothing off. An over-long line, told before, ends
        here too and gives None: the next bytes are a new line.
        """
        if not self.is_waiting_for_quiet:
            return None
        return self.last_line()

    def last_line(self) -> bytes | None:
        """At end of file: return what waits unfinished, as a line; None where nothing does."""
        self._is_skipping = False
        return _without_return(self._take_waiting()) if self._waiting else None

    def _finish(self, line: bytes) -> bytes | LineTooLong:
        return LineTooLong(self.max_line_bytes) if self._is_too_long(line) else _without_return(line)

    def _is_too_long(self, line: bytes | bytearray) -> bool:
        # A "\r" at the end may be half of a "\r\n", and so is not counted before the next byte shows what it is.
        return len(line) - line.endswith(b"\r") > self.max_line_bytes

    def _take_waiting(self) -> bytes:
        waiting = bytes(self._waiting)
        self._waiting.clear()
        return waiting


def _without_return(line: bytes) -> bytes:
    return line.removesuffix(b"\r")


class _Telnet(Enum):
    """What the next byte is."""

    TEXT = auto()
    COMMAND = auto()  # IAC came
    OPTION = auto()  # IAC and WILL, WONT, DO or DONT came
    PARAMETER = auto()  # between IAC SB and IAC SE, RFC 855
    PARAMETER_COMMAND = auto()  # the same, and IAC came


class _TelnetStripper:
    """Takes telnet's commands out of a stream of bytes, wherever the packets cut them.

    Answers no offer: a client that gets no answer goes on as a plain terminal. An escaped 255 (IAC IAC) is dropped
    too, for it is never part of UTF-8.
    """

    __slots__ = ("_next",)

    def __init__(self) -> None:
        self._next = _Telnet.TEXT

    def is_text(self, data: bytes) -> bool:
        """Tell whether all of `data` is text."""
        return self._next is _Telnet.TEXT and data.find(_IAC) < 0

    def strip(self, data: bytes) -> bytes:
        """Return the bytes of `data` that are text."""
        if self.is_text(data):
            return data
        first, *others = data.split(_IAC)
        kept = [self._text_of(first)]
        for piece in others:
            self._next = _AFTER_IAC[self._next]
            kept.append(self._text_of(piece))
        return b"".join(kept)

    def _text_of(self, piece: bytes) -> bytes:
        # `piece` has no IAC: at most a command's byte and an option's stand before its text.
        for at, byte in enumerate(piece):
            match self._next:
                case _Telnet.TEXT:
                    return piece[at:]
                case _Telnet.COMMAND:
                    self._next = _after_command(byte)
                case _Telnet.OPTION:
                    self._next = _Telnet.TEXT
                case _Telnet.PARAMETER_COMMAND:
                    self._next = _Telnet.TEXT if byte == _SE else _Telnet.PARAMETER
                case _:  # PARAMETER: only IAC can end it, so nobody need look at each of its bytes
                    break
        return b""


def _after_command(byte: int) -> _Telnet:
    if byte == _SB:
        return _Telnet.PARAMETER
    return _Telnet.OPTION if byte in _WILL_WONT_DO_DONT else _Telnet.TEXT


# IAC IAC is an escaped 255, both in text and in a parameter; an option may be numbered 255 (RFC 861).
_AFTER_IAC = {
    _Telnet.TEXT: _Telnet.COMMAND,
    _Telnet.COMMAND: _Telnet.TEXT,
    _Telnet.OPTION: _Telnet.TEXT,
    _Telnet.PARAMETER: _Telnet.PARAMETER_COMMAND,
    _Telnet.PARAMETER_COMMAND: _Telnet.PARAMETER,
}
