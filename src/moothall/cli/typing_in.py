"""What somebody types, line by line, while other lines scroll by: at a terminal neither disturbs the other."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path

from moothall.cli.ask import read_line
from moothall.cli.status import Prompt
from moothall.wire.safe_text import safe_text

__all__ = ["TypedLines"]


class TypedLines:
    """Lines from the terminal, or from a pipe or a file. `is_interrupted`: they ended with Ctrl-C.

    Args:
        prompt: what stands before the typing, asked anew twice a second.
        status: how things stand, the longest first: a line above it; None, and there is no such line.
        complete: what the tabulator offers: whole lines, in place of what is typed so far.
        history: the file that keeps what was typed; None, and it is kept no longer than this lasts.
    """

    def __init__(
        self,
        prompt: Callable[[], Prompt],
        *,
        status: Callable[[], Sequence[str]] | None = None,
        complete: Callable[[str], Sequence[str]] = lambda _typed: (),
        history: Path | None = None,
    ) -> None:
        self._prompt = prompt
        self._status = status
        self._complete = complete
        self._history = history
        self.is_interrupted = False
        self.is_terminal = sys.stdin.isatty() and sys.stdout.isatty()

    def __aiter__(self) -> AsyncGenerator[str, None]:
        """Read; whoever may be cancelled in the midst of a line closes it, and has the terminal as it was before."""
        return self._from_terminal() if self.is_terminal else self._from_pipe()

    async def _from_terminal(self) -> AsyncGenerator[str, None]:
        from moothall.cli.terminal import read_lines

        lines = read_lines(self._prompt, status=self._status, complete=self._complete, history=self._history)
        try:
            async with aclosing(lines):
                async for line in lines:
                    if line.strip():
                        print(f"> {safe_text(line.strip())}", flush=True)
                    yield line
        except EOFError:
            return
        except KeyboardInterrupt:
            self.is_interrupted = True

    async def _from_pipe(self) -> AsyncGenerator[str, None]:
        loop = asyncio.get_running_loop()
        lines: asyncio.Queue[str | None] = asyncio.Queue()

        def put(line: str | None) -> None:
            try:
                loop.call_soon_threadsafe(lines.put_nowait, line)
            except RuntimeError:  # The loop is closed: nobody reads any more.
                return

        def read() -> None:
            # Files and Windows' consoles cannot be read by an event loop, a thread can.
            while (line := read_line()) is not None:
                put(line)
            put(None)

        threading.Thread(target=read, daemon=True, name="typed lines").start()
        while (line := await lines.get()) is not None:
            yield line
