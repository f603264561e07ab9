"""The words of notices, apart from the events: every line of an event is tested in test_text.py."""

from __future__ import annotations

import pytest

from moothall.engine.events import SittingClosed
from moothall.engine.names import Name
from moothall.engine.room import Tally
from moothall.engine.words import Afterwards, PolicyName, SittingEnd
from moothall.wire.notices import POLICY_NOTICES, count_words, goodbye, join_names
from tests.engine.past import KARI, LARS, NINA, OLA


@pytest.mark.parametrize(
    ("names", "listed"),
    [
        ([], ""),
        ([LARS], "Lars"),
        ([LARS, KARI], "Lars and Kari"),
        ((LARS, KARI, OLA), "Lars, Kari and Ola"),
        ((LARS, KARI, OLA, NINA), "Lars, Kari, Ola and Nina"),
    ],
    ids=lambda value: str(len(value)),
)
def test_names_are_listed_as_in_a_sentence(names: list[Name], listed: str) -> None:
    """However many there are."""
    assert join_names(names) == listed


def test_one_is_counted_as_one() -> None:
    """And zero like many."""
    assert [count_words(number, "answer") for number in range(3)] == ["0 answers", "1 answer", "2 answers"]


def test_the_goodbye_may_be_said_by_others() -> None:
    """The console says it too, from a view of the log."""
    assert goodbye(SittingClosed(SittingEnd.DONE, Afterwards.DISCONNECT), Tally(said=4)) == "Goodbye. 4 answers."


def test_every_policy_but_the_first_is_said_after_the_question() -> None:
    """In a short sentence of ASCII; the order of the seats needs none, and reads as it always did."""
    assert set(POLICY_NOTICES) == set(PolicyName) - {PolicyName.ROUND_ROBIN}
    for words in POLICY_NOTICES.values():
        assert words.isascii()
        assert words.isprintable()
        assert len(words) < 75
