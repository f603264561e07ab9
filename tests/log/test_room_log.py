"""A page of entries: what every log returns from a read. What a log must do is in tests/contract/test_room_log.py."""

from __future__ import annotations

import pytest

from moothall.log.room_log import Durability, page
from tests.log.disk import run_of, said

SIZE = len(said(1).body)


@pytest.mark.parametrize(
    ("limit", "max_bytes", "expected"),
    [(9, 9 * SIZE, 4), (2, 9 * SIZE, 2), (9, 2 * SIZE, 2), (9, 2 * SIZE + 1, 3), (9, 0, 1), (0, 9 * SIZE, 0)],
)
def test_a_page_ends_at_the_first_limit_that_it_meets(limit: int, max_bytes: int, expected: int) -> None:
    """One entry always fits, else a reader would never get past a large one."""
    assert page(run_of(1, 4), limit=limit, max_bytes=max_bytes) == run_of(1, 4)[:expected]


def test_durabilities_are_words_for_a_command_line() -> None:
    """They are typed by people and stored in files: changing one breaks both."""
    assert list(Durability) == ["power", "crash", "none"]
