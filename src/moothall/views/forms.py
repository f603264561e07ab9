"""The forms in which a room's log is written for readers, a change at a time. Normative: docs/protocol/web.md §5.

A form is shown every change from the first that is kept on, in order: with `write` what is wanted of them, with
`pass_over` the others. All that it returns are lines without their breaks; a cell of a table may hold line breaks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from moothall.engine.names import RoomName
from moothall.views.blocks import blocks_of, title
from moothall.views.html import TAIL, head_lines, html_block
from moothall.views.table import CSV_HEAD, csv_line
from moothall.views.transcript import markdown_block
from moothall.views.turns import Turns
from moothall.wire.change import Change
from moothall.wire.text import lines_for

__all__ = ["CsvForm", "Form", "HtmlForm", "MarkdownForm", "TextForm"]


class Form(Protocol):
    """One way to write a log."""

    def head(self, room: RoomName) -> Sequence[str]:
        """Return what comes before everything else."""

    def pass_over(self, change: Change) -> None:
        """Take note of a change that is not shown."""

    def write(self, change: Change) -> Sequence[str]:
        """Return what is shown of a change."""

    def tail(self) -> Sequence[str]:
        """Return what comes at the end."""


class TextForm:
    """What a spectator of the text door has read."""

    def head(self, _room: RoomName) -> Sequence[str]:
        return ()

    def pass_over(self, change: Change) -> None:
        """Do nothing."""

    def write(self, change: Change) -> Sequence[str]:
        return lines_for(change)

    def tail(self) -> Sequence[str]:
        return ()


class CsvForm:
    """A row a turn, where the entry that ends it is shown."""

    def __init__(self) -> None:
        self._turns = Turns()

    def head(self, _room: RoomName) -> Sequence[str]:
        return (CSV_HEAD,)

    def pass_over(self, change: Change) -> None:
        self._turns.take(change)

    def write(self, change: Change) -> Sequence[str]:
        return [csv_line(row) for row in self._turns.take(change)]

    def tail(self) -> Sequence[str]:
        return ()


class MarkdownForm:
    """A document. `when` writes a moment, milliseconds since the epoch, for people; likewise in HTML."""

    def __init__(self, when: Callable[[int], str]) -> None:
        self._when = when

    def head(self, room: RoomName) -> Sequence[str]:
        return markdown_block(title(room))

    def pass_over(self, change: Change) -> None:
        """Do nothing."""

    def write(self, change: Change) -> Sequence[str]:
        return [line for block in blocks_of(change, self._when) for line in markdown_block(block)]

    def tail(self) -> Sequence[str]:
        return ()


class HtmlForm:
    """The same document for a browser."""

    def __init__(self, when: Callable[[int], str]) -> None:
        self._when = when

    def head(self, room: RoomName) -> Sequence[str]:
        return head_lines(room)

    def pass_over(self, change: Change) -> None:
        """Do nothing."""

    def write(self, change: Change) -> Sequence[str]:
        return [html_block(block) for block in blocks_of(change, self._when)]

    def tail(self) -> Sequence[str]:
        return TAIL
