"""The eight sentences of `classic`, word for word."""

import pytest

from moothall.bots.classic import classic


@pytest.mark.parametrize(
    ("place", "nice", "nasty"),
    [
        (1, "I think hugging sounds great! Awesome!", "So fighting it is then. I don't mind!"),
        (2, "Hugging seems great!", "Fighting seems horrible. And I wanted more choices!"),
        (3, "Are you serious? Hugging is the last thing we need", "Again with the fighting!"),
        (4, "Somebody suggested hugging? Sure, I'm up for anything!", "Yess, Time to fight"),
    ],
)
def test_each_place_has_its_two_sentences(place: int, nice: str, nasty: str) -> None:
    """They are the first system's, and whoever knew it must know them again."""
    assert (classic("hug", place), classic("fight", place)) == (nice, nasty)


def test_beyond_the_fourth_place_the_answers_go_round() -> None:
    """A room may have more than four seats."""
    assert [classic("eat", place) for place in (5, 6, 7, 8, 9)] == [classic("eat", place) for place in (1, 2, 3, 4, 1)]


@pytest.mark.parametrize("action", ["{verb}", "{0}", "{", "100 %"])
def test_an_action_may_hold_any_sign(action: str) -> None:
    """A topic comes from outside; it is filled in, never read as a pattern."""
    assert action in classic(action, 1)
