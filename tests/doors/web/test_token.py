"""The operator's token, as a request shows it."""

from __future__ import annotations

import pytest

from moothall.doors.web.token import OperatorToken

TOKEN = "correct-horse-battery"


@pytest.mark.parametrize("shown", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"  BEARER   {TOKEN}  "])
def test_it_opens_what_is_the_operators(shown: str) -> None:
    """The scheme's case does not matter, nor white space around the token (RFC 9110 section 11.1)."""
    assert OperatorToken(TOKEN).opens(shown)


@pytest.mark.parametrize(
    "shown",
    ["", "Bearer", "Bearer ", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer \udcff"],
)
def test_anything_else_does_not(shown: str) -> None:
    """Neither a part of it nor more than it, and none at all."""
    assert not OperatorToken(TOKEN).opens(shown)


def test_the_token_itself_is_not_kept() -> None:
    """Whoever reads the memory's names, or a log of them, reads a hash."""
    assert TOKEN not in repr(vars(OperatorToken(TOKEN)))
