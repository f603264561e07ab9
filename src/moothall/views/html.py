"""The transcript as a document in HTML: one file that needs no other, and in which words are never more than words.

It holds no script, no style and no address; a browser shows it in the reader's own colours. Normative: WHATWG HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import Final, assert_never

from moothall.engine.names import RoomName
from moothall.views.blocks import Block, Heading, Notice, Utterance, blocks_of, title
from moothall.wire.change import Change
from moothall.wire.safe_text import safe_text

__all__ = ["TAIL", "head_lines", "html_block", "html_lines"]

TAIL: Final = ("</body>", "</html>")


def html_lines(changes: Iterable[Change], when: Callable[[int], str]) -> Iterator[str]:
    """Yield a document, line by line: a heading per sitting, topic and round, names in bold, notices in italics.

    Args:
        when: writes a moment, milliseconds since the epoch, for people.
    """
    is_begun = False
    for change in changes:
        if not is_begun:
            is_begun = True
            yield from head_lines(change.after.name)
        yield from map(html_block, blocks_of(change, when))
    if is_begun:
        yield from TAIL


def head_lines(room: RoomName) -> list[str]:
    """Return how a document begins: up to its title, which is also its first heading."""
    return [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{_escaped(title(room).words)}</title>",
        "</head>",
        "<body>",
        html_block(title(room)),
    ]


def html_block(block: Block) -> str:
    """Return a block as one line."""
    match block:
        case Heading():
            return f"<h{block.level}>{_escaped(block.words)}</h{block.level}>"
        case Notice():
            return f"<p><i>{_escaped(block.words)}</i></p>"
        case Utterance():
            # Letters that run from right to left turn around what stands beside them, but not out of a <bdi>.
            return f"<p><b><bdi>{_escaped(block.name)}</bdi>:</b> <bdi>{_paragraph(block.words)}</bdi></p>"
        case _:
            assert_never(block)


def _paragraph(words: str) -> str:
    return "<br>".join(_escaped(line) for line in words.splitlines() if line.strip())


def _escaped(words: str) -> str:
    return escape(safe_text(words.strip()))
