"""What somebody types, line by line, while other lines scroll by: at a terminal neither disturbs the other."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable, Sequence

from moothall.cli.ask import read_line
from moothall.wire.safe_text import safe_text

__all__ = ["TypedLines"]


class TypedLines:
    """Lines from the terminal, or from a pipe or a file. `is_interrupted`: they ended with Ctrl-C.

    Args:
        prompt: what stands before the typing, asked anew twice a second.
        status: what stands below it; None, and there is no such line.
        words: what the tabulator completes.
    """

    def __init__(
        self, prompt: Callable[[], str], *, status: Callable[[], str] | None = None, words: Sequence[str] = ()
    ) -> None:
        self._prompt = prompt
        self._status = status
        self._words = words
        self.is_interrupted = False
        self.is_terminal = sys.stdin.isatty() and sys.stdout.isatty()

    def __aiter__(self) -> AsyncIterator[str]:
        return self._from_terminal() if self.is_terminal else self._from_pipe()

    async def _from_terminal(self) -> AsyncIterator[str]:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.completion import WordCompleter
        from prompt_toolkit.patch_stdout import patch_stdout

        completer = WordCompleter(list(self._words), sentence=True)
        # What was typed is printed like all other lines: it stands before its answer, and no prompt stays behind.
        session: PromptSession[str] = PromptSession(
            self._prompt, completer=completer, complete_while_typing=False, erase_when_done=True
        )
        with patch_stdout(raw=True):
            while True:
                try:
                    line = await session.prompt_async(bottom_toolbar=self._status, refresh_interval=0.5)
                except EOFError:
                    return
                except KeyboardInterrupt:
                    self.is_interrupted = True
                    return
                if line.strip():
                    print(f"> {safe_text(line.strip())}", flush=True)
                yield line

    async def _from_pipe(self) -> AsyncIterator[str]:
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
