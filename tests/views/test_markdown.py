"""Whatever people say, a Markdown document keeps its form."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.views.markdown import escaped, paragraph


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("plain, isn't it? (Yes!)", "plain, isn't it? (Yes!)"),
        ("*shout* _whisper_ ~~gone~~", r"\*shout\* \_whisper\_ \~\~gone\~\~"),
        ("`code` and a \\", "\\`code\\` and a \\\\"),
        ("[here](https://example.org)", r"\[here\](https://example.org)"),
        ("<b>bold</b> &amp;", r"\<b\>bold\</b\> \&amp;"),
        ("a | b, $x$", r"a \| b, \$x\$"),
        ("# Sitting 9", r"\# Sitting 9"),
        ("> he said", r"\> he said"),
        ("- one", r"\- one"),
        ("+ one", r"\+ one"),
        ("1. one", r"1\. one"),
        ("23) one", r"23\) one"),
        ("===", r"\==="),
        (":--", r"\:--"),
        ("1 - 2 = -1", "1 - 2 = -1"),
    ],
)
def test_what_means_something_in_markdown_is_escaped(words: str, shown: str) -> None:
    """A heading, a list, a tag or a formula in somebody's words stays their words."""
    assert escaped(words) == shown


def test_control_characters_are_shown() -> None:
    """A document is read in a terminal as well."""
    assert escaped("\x1b[2Jgone") == r"\\x1b\[2Jgone"


def test_white_space_around_a_line_goes() -> None:
    """Four spaces before a line would make it code, two behind it a break."""
    assert escaped("    code  ") == "code"


def test_line_breaks_stay() -> None:
    """Words of several lines are one paragraph, so that nobody can begin one in another's name."""
    assert paragraph("One.\r\n\r\n  Two.\n---\n") == "One.  \nTwo.  \n\\---"


@given(st.text())
def test_no_words_begin_a_block_or_hold_markup(words: str) -> None:
    """After any words: every line of them begins like words, and each sign that could mean something is escaped."""
    for line in paragraph(words).split("\n"):
        assert re.match(r"(?![-+=:#>|\s]|\d+[.)])", line)
        assert not re.search(r"(?<!\\)(\\\\)*[`*_\[\]<>&#~|$]", line)
