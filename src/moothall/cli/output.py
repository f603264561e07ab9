"""Where a verb's answer goes: exact lines of UTF-8 into a pipe, safe and coloured ones onto a terminal.

Never holds more than a line and a buffer, so an answer may be as long as the log.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click

from moothall.cli.paint import Painter
from moothall.wire.safe_text import safe_text

__all__ = ["put_lines"]


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
