"""How the text door treats its guests, unless it is told otherwise."""

from __future__ import annotations

from moothall.doors.text.manners import TextManners


def test_the_defaults_are_those_of_the_protocol() -> None:
    """docs/protocol/text.md, "Joining", "Early words" and "Limits"."""
    manners = TextManners()

    assert (manners.room, manners.is_bare, manners.keeps_early, manners.max_line_bytes) == ("main", False, True, 97_024)
