"""Where a verb's answer goes: exact lines of UTF-8 into a pipe, safe and coloured ones onto a terminal.

Never holds more than a line and a buffer, so an answer may be as long as the log.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable

import click

from moothall.cli.paint import Painter, painter_for
from moothall.engine.names import Name
from moothall.wire.change import Change
from moothall.wire.safe_text import safe_text
from moothall.wire.text import lines_for

__all__ = ["Printer", "put_lines", "set_up_output"]


def put_lines(lines: Iterable[str], painter: Painter | None = None) -> None:
    r"""Write lines, given without their ends, to standard output.

    Into a pipe or a file they go as they are, in UTF-8 and with "\n", on every system. On a terminal nothing in them
    can do harm, whatever it came from.
    """
    if sys.stdout.isatty():
        painter = painter or Painter(colours=False)
        for line in lines:
            click.echo(painter.paint(safe_text(line)))
        return
    stream = sys.stdout.buffer
    for line in lines:
        stream.write(line.encode("utf-8", "backslashreplace") + b"\n")
    stream.flush()


def set_up_output() -> None:
    r"""Let whatever is printed from now on be printable: UTF-8 and "\n" into a pipe, on every system."""
    if not isinstance(sys.stdout, io.TextIOWrapper):
        return
    if sys.stdout.isatty():
        sys.stdout.reconfigure(errors="backslashreplace")
    else:
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


class Printer:
    """Shows a conversation on standard output as it happens, in the words of the text door."""

    def __init__(self, *, is_quiet: bool = False) -> None:
        self._painter = painter_for(sys.stdout)
        self._is_quiet = is_quiet

    def line(self, line: str) -> None:
        """Show one line of the text door."""
        if not self._is_quiet:
            self._put(line)

    def note(self, sentence: str) -> None:
        """Show a sentence of the program's own, also where the conversation is not shown."""
        self._put(f"* {sentence}")

    def changes_for(self, reader: Callable[[], str | None]) -> Callable[[Change], None]:
        """Return what shows changes as `reader` reads them."""

        def take(change: Change) -> None:
            name = reader()
            for line in lines_for(change, None if name is None else Name(name)):
                self.line(line)

        return take

    def _put(self, line: str) -> None:
        # print, and not a write: prompt_toolkit puts what is printed above what is being typed.
        print(self._painter.paint(safe_text(line)), flush=True)
