"""Markdown that keeps its form whatever people have said: their words are words, never headings, lists or tags.

Normative: CommonMark 0.31, and what GitHub adds to it (tables, strikethrough, formulas).
"""

from __future__ import annotations

import re
from typing import Final

from moothall.wire.safe_text import safe_text

__all__ = ["escaped", "paragraph"]

# What can begin or end something inside a line.
_INLINE: Final = re.compile(r"[\\`*_\[\]<>&#~|$]")
# What makes of a line something else than words: a list's marker, the line below a heading, a table's rule.
_BLOCK: Final = re.compile(r"^(\d{0,9})([-+=:.)])")
_HARD_BREAK: Final = "  \n"


def escaped(words: str) -> str:
    """Return `words` as one line of text that is only text, wherever it stands in a document."""
    return _BLOCK.sub(r"\1\\\2", _INLINE.sub(r"\\\g<0>", safe_text(words.strip())))


def paragraph(words: str) -> str:
    """Return `words` as the lines of one paragraph: line breaks stay, blank lines go."""
    return _HARD_BREAK.join(escaped(line) for line in words.splitlines() if line.strip())
