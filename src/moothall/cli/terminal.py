"""Typing at a terminal while other lines scroll by above it: neither ever disturbs the other.

Imported only where there is a terminal: it is what takes prompt_toolkit. The terminal is raw from the first line to
the last, so that a key which is pressed while lines are printed is not lost, doubled or shown in their midst.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, TextIO, cast

from prompt_toolkit import PromptSession
from prompt_toolkit.application import Application
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import Output, create_output
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.utils import get_cwidth

from moothall.cli.status import Prompt

__all__ = ["Above", "KeptHistory", "first_that_fits", "read_lines", "wrapped"]

_MIN_TYPING_COLUMNS: Final = 20
"""So much of a line is left for typing, however narrow the terminal."""
_REFRESH_SECONDS: Final = 0.5
"""How often the prompt is asked anew: seconds are counted in it."""
_PRINT_PAUSE_SECONDS: Final = 0.05
"""Lines that come within it are printed together: each time the typing is drawn anew below them."""
_MENU_ROWS: Final = 5
_WITHOUT_WIDTH: Final = re.compile(r"\x1b\[[0-9;]*m|\x07")
"""Colours and the bell."""
_MOST_KEPT: Final = 1_000
"""Lines of a history; older ones are forgotten when it is read."""


async def read_lines(
    prompt: Callable[[], Prompt],
    *,
    status: Callable[[], Sequence[str]] | None,
    complete: Callable[[str], Sequence[str]],
    history: Path | None,
) -> AsyncGenerator[str, None]:
    """Yield what is typed, line by line; whatever is printed meanwhile appears above the typing.

    Raises:
        EOFError: Ctrl-D.
        KeyboardInterrupt: Ctrl-C.
    """
    output = create_output(stdout=sys.stdout)
    if isinstance(output, Vt100_Output):
        # Nothing here depends on where the cursor is, and the answer would come amid what is typed.
        output.enable_cpr = False
    session: PromptSession[str] = PromptSession(
        lambda: _message(output, prompt(), status),
        completer=_Lines(complete),
        complete_while_typing=False,
        history=InMemoryHistory() if history is None else KeptHistory(history),
        key_bindings=_keys(complete),
        output=output,
        refresh_interval=_REFRESH_SECONDS,
        reserve_space_for_menu=_MENU_ROWS,
        # What was typed is printed like all other lines: it stands before its answer, and no prompt stays behind.
        erase_when_done=True,
    )
    with session.app.input.raw_mode():
        async with _printing_above(session.app):
            while True:
                yield await session.prompt_async()


def first_that_fits(texts: Sequence[str], columns: int) -> str:
    """Return the first of these, the longest, that takes at most so many columns; else as much of the last as fits."""
    for text in texts:
        if get_cwidth(text) <= columns:
            return text
    cut = texts[-1]
    while cut and get_cwidth(cut) > columns:
        cut = cut[:-1]
    return cut


def wrapped(text: str, columns: int) -> str:
    """Return the lines of a text broken between words: a terminal breaks them amid a word."""
    return "\n".join([_wrapped_line(line, columns) for line in text.split("\n")])


def _wrapped_line(line: str, columns: int) -> str:
    if _width(line) <= columns:
        return line
    first, *words = line.split(" ")
    broken, width = first, _width(first)
    for word in words:
        more = 1 + _width(word)
        is_full = width + more > columns
        broken += f"\n{word}" if is_full else f" {word}"
        width = more - 1 if is_full else width + more
        if width > columns:  # a word longer than a row: the terminal goes on below it
            width %= columns
    return broken


def _width(text: str) -> int:
    return get_cwidth(_WITHOUT_WIDTH.sub("", text))


def _message(output: Output, prompt: Prompt, status: Callable[[], Sequence[str]] | None) -> StyleAndTextTuples:
    columns = output.get_size().columns
    before = first_that_fits(prompt.texts, columns - _MIN_TYPING_COLUMNS)
    typing: StyleAndTextTuples = [(prompt.style, before)]
    if status is None:
        return typing
    # Without its last column: some terminals begin a new line behind it.
    line = first_that_fits(status(), columns - 1)
    return [("reverse", line), ("", "\n"), *typing]


class Above:
    """Standard output while somebody types: whole lines appear above the typing.

    Any thread may write; what is written appears soon, in order, and at the latest when it is closed.
    """

    def __init__(self, app: Application[str], stream: TextIO) -> None:
        self._app = app
        self._stream = stream
        self._loop = asyncio.get_running_loop()
        self._pending: list[str] = []
        self._has_lines = asyncio.Event()

    def write(self, text: str) -> int:
        """Take text; it is printed up to the last line break."""
        self._pending.append(text)
        if "\n" in text:
            with suppress(RuntimeError):  # the loop has ended: `close` prints it
                self._loop.call_soon_threadsafe(self._has_lines.set)
        return len(text)

    def flush(self) -> None:
        """Do nothing: it is printed soon."""

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    @property
    def encoding(self) -> str:
        return self._stream.encoding

    @property
    def errors(self) -> str | None:
        return self._stream.errors

    async def print_lines(self) -> None:
        """Print what is written, for ever."""
        while True:
            await self._has_lines.wait()
            self._has_lines.clear()
            self._print(self._take_lines())
            await asyncio.sleep(_PRINT_PAUSE_SECONDS)

    def close(self) -> None:
        """Print the rest, also of a line that has not ended."""
        rest, self._pending = "".join(self._pending), []
        self._print(rest)

    def _take_lines(self) -> str:
        pending, self._pending = self._pending, []
        lines, newline, rest = "".join(pending).rpartition("\n")
        if rest:
            self._pending.insert(0, rest)
        return lines + newline

    def _print(self, text: str) -> None:
        if not text:
            return
        output, is_typing = self._app.output, self._app.is_running
        if is_typing:
            self._app.renderer.erase()
        output.enable_autowrap()
        output.write_raw(wrapped(text, output.get_size().columns))
        output.flush()
        if is_typing:
            self._app.renderer.reset()
            self._app.invalidate()


class KeptHistory(History):
    """What was typed, in a file that its owner alone can read: a line each, the newest last.

    A disk that is full, or a file that cannot be read, costs the history and nothing else.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        super().__init__()

    def load_history_strings(self) -> Iterable[str]:
        """Return what is kept, the newest first."""
        try:
            lines = self._path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []
        if len(lines) > _MOST_KEPT:
            lines = lines[-_MOST_KEPT:]
            self._write("".join(f"{line}\n" for line in lines), os.O_TRUNC)
        return lines[::-1]

    def store_string(self, string: str) -> None:
        """Keep one line more."""
        self._write(f"{' '.join(string.split())}\n", os.O_APPEND)

    def _write(self, text: str, how: int) -> None:
        with suppress(OSError):
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | how, 0o600)
            with os.fdopen(file, "w", encoding="utf-8", errors="replace") as stream:
                stream.write(text)


class _Lines(Completer):
    """Offers whole lines in place of what is typed."""

    def __init__(self, complete: Callable[[str], Sequence[str]]) -> None:
        self._complete = complete

    def get_completions(self, document: Document, _event: CompleteEvent) -> Iterable[Completion]:
        typed = document.text_before_cursor
        head = typed[: typed.rfind(" ") + 1]
        for line in self._complete(typed):
            yield Completion(line, start_position=-len(typed), display=line.removeprefix(head).strip())


def _keys(complete: Callable[[str], Sequence[str]]) -> KeyBindings:
    keys = KeyBindings()

    @keys.add("c-z")
    def ignore(_event: KeyPressEvent) -> None:
        # It would stand in the line as a character that nobody sees.
        return

    @keys.add("tab")
    def go_on(event: KeyPressEvent) -> None:
        # At once, and so before the keys that follow; prompt_toolkit's own would come after them.
        typing = event.current_buffer
        typed = typing.document.text_before_cursor
        lines = complete(typed)
        common = os.path.commonprefix(lines)  # noqa: RUF071 - they are no paths
        if typing.complete_state:
            typing.complete_next()
        elif len(common) > len(typed) or (len(lines) == 1 and common != typed):
            typing.delete_before_cursor(len(typed))
            typing.insert_text(common)
        elif len(lines) > 1:
            typing.start_completion()

    return keys


@asynccontextmanager
async def _printing_above(app: Application[str]) -> AsyncIterator[None]:
    stdout, stderr = sys.stdout, sys.stderr
    above = Above(app, stdout)
    sys.stdout = sys.stderr = cast(TextIO, above)
    printing = asyncio.create_task(above.print_lines())
    try:
        yield
    finally:
        printing.cancel()
        await asyncio.gather(printing, return_exceptions=True)
        sys.stdout, sys.stderr = stdout, stderr
        above.close()
