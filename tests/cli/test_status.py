"""Who has the floor and for how long, beside what somebody types."""

from __future__ import annotations

import pytest

from moothall.cli.status import floor_words, seconds_left
from moothall.engine.names import Name
from moothall.engine.room import Turn

TURNS = tuple(
    Turn(Name(name), number, deadline)
    for number, (name, deadline) in enumerate([("Lars", 30_000), ("Kari", 20_999), ("Ola", None)], 1)
)


@pytest.mark.parametrize(
    ("holders", "words"),
    [
        (1, "Lars has the floor"),
        (2, "Lars and Kari have the floor"),
        (3, "Lars and 2 others have the floor"),
    ],
)
def test_all_who_have_the_floor_are_counted(holders: int, words: str) -> None:
    """Under `parallel` they may be two hundred, and the line is one."""
    assert floor_words(TURNS[:holders]) == words


@pytest.mark.parametrize(
    ("turns", "now", "seconds"),
    [
        (TURNS[:1], 0, 30),
        (TURNS, 0, 20),
        (TURNS, 20_500, 0),
        (TURNS, 99_000, 0),
        (TURNS[2:], 0, None),
    ],
)
def test_the_first_deadline_counts(turns: tuple[Turn, ...], now: int, seconds: int | None) -> None:
    """In whole seconds, never more than there are; a turn without a deadline lasts as long as it lasts."""
    assert seconds_left(turns, now) == seconds
