"""One open line to a server: lines in, bytes out, and the patience to wait for a server that isn't up yet.

Knows no protocol: what the lines say is for `client` and `line_bot`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from moothall.errors import BadFrame, BadSetting, Reason, Unreachable
from moothall.wire.framing import LineFramer, LineTooLong

__all__ = ["Connection", "Notice", "Patience", "connect"]

Notice = Callable[[str], None]
"""Is told what goes on with the connection, a sentence at a time."""

MAX_LINE_BYTES: Final = 12 * 1_000_000 + 1024
"""The longest line that any server may be set to send: JSON's worst escapes take twelve bytes a character."""

_READ_BYTES: Final = 64 * 1024
_CONNECT_SECONDS: Final = 10
_CLOSE_SECONDS: Final = 1
_FIRST_PAUSE_SECONDS: Final = 0.05
_LONGEST_PAUSE_SECONDS: Final = 2.0


class Connection:
    """An open line. It holds one line that is not whole yet, and what came with the last read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._framer = LineFramer(MAX_LINE_BYTES)
        self._lines: deque[bytes | LineTooLong] = deque()

    async def read_line(self, silence_seconds: float | None = None) -> bytes | None:
        """Return the next line; None where the line is closed, broken, or silent for too long.

        Raises:
            BadFrame: `too_long`, a line that no Moothall sends.
        """
        while not self._lines:
            try:
                async with asyncio.timeout(silence_seconds):
                    data = await self._reader.read(_READ_BYTES)
            except OSError:  # TimeoutError is one of them
                return None
            if not data:
                return None
            self._lines.extend(self._framer.feed(data))
        line = self._lines.popleft()
        if isinstance(line, LineTooLong):
            raise BadFrame(Reason.TOO_LONG, f"The server sent a line of more than {line.limit} bytes.")
        return line

    def rest(self) -> bytes | None:
        """Return, after the end, a last line that no newline ended; None where there is none."""
        return self._framer.last_line()

    def send(self, data: bytes) -> None:
        """Send bytes; on a line that is closed or broken they are lost, which reading tells."""
        if not self._writer.is_closing():
            self._writer.write(data)

    async def drain(self) -> None:
        """Wait until the bytes are on their way, or the line is broken."""
        try:
            await self._writer.drain()
        except OSError:
            return

    async def close(self, last_words: bytes = b"") -> None:
        """Close; what was sent still goes out.

        Args:
            last_words: a leave, after which the server closes, and is waited for: to close over bytes that nobody has
                read could reset the line before it has read them.
        """
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                if last_words:
                    self.send(last_words)
                    while await self._reader.read(_READ_BYTES):
                        pass
                self._writer.close()
                await self._writer.wait_closed()
        except OSError:
            self._writer.transport.abort()


class Patience:
    """Pauses between attempts, growing up to two seconds, until they have lasted `give_up_seconds`; None is for ever.

    Says what is waited for once, when it first waits.
    """

    def __init__(self, give_up_seconds: float | None, on_notice: Notice) -> None:
        self._on_notice = on_notice
        self._pause_seconds = _FIRST_PAUSE_SECONDS
        self._ends_at = None if give_up_seconds is None else asyncio.get_running_loop().time() + give_up_seconds
        self._has_told = False

    async def wait(self, why: str) -> None:
        """Pause before the next attempt.

        Raises:
            Unreachable: it has lasted long enough; its text is `why`.
        """
        pause = self._pause_seconds
        if self._ends_at is not None:
            left = self._ends_at - asyncio.get_running_loop().time()
            if left <= 0:
                raise Unreachable(why)
            pause = min(pause, left)
        if not self._has_told:
            self._has_told = True
            self._on_notice(f"{why} Trying again.")
        await asyncio.sleep(pause)
        self._pause_seconds = min(2 * self._pause_seconds, _LONGEST_PAUSE_SECONDS)


async def connect(host: str, port: int) -> Connection:
    """Open a line.

    Raises:
        OSError: no server answers now.
        BadSetting: a host or a port that cannot be.
    """
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
    except OverflowError:
        raise BadSetting(f"A port is a number from 1 to 65535, not {port}.") from None
    except UnicodeError:
        raise BadSetting(f"{host!r} is no machine's name.") from None
    return Connection(reader, writer)
