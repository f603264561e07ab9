"""The transcript: a room's log made for people, as the text door's lines or as a Markdown document.

The third form of a log, JSON lines, needs no view: it is the bodies of the entries as they are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import assert_never

from moothall.views.blocks import Block, Heading, Notice, Utterance, blocks_of, title
from moothall.views.markdown import escaped, paragraph
from moothall.wire.change import Change
from moothall.wire.text import lines_for

__all__ = ["markdown_block", "markdown_lines", "text_lines"]


def text_lines(changes: Iterable[Change]) -> Iterator[str]:
    """Yield what a spectator at the text door has read, line by line, without line breaks."""
    for change in changes:
        yield from lines_for(change)


def markdown_lines(changes: Iterable[Change], when: Callable[[int], str]) -> Iterator[str]:
    """Yield a document, line by line: a heading per sitting, topic and round, `**Name:** words`, *notices*.

    Args:
        when: writes a moment, milliseconds since the epoch, for people.
    """
    is_begun = False
    for change in changes:
        if not is_begun:
            is_begun = True
            yield from markdown_block(title(change.after.name))
        for block in blocks_of(change, when):
            yield from markdown_block(block)


def markdown_block(block: Block) -> list[str]:
    """Return a block as lines, the last of them empty."""
    return [*_written(block).split("\n"), ""]


def _written(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {escaped(block.words)}"
        case Notice():
            return f"*{escaped(block.words)}*"
        case Utterance():
            return f"**{escaped(block.name)}:** {paragraph(block.words)}"
        case _:
            assert_never(block)
