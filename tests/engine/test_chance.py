"""Chance is a hash of what is chosen: the same in every process, on every machine, in every version."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.engine.chance import draw, shuffled, topic_from_bag

SEVEN = ("hug", "play", "eat", "shop", "yell", "steal", "fight")
seeds = st.text(max_size=8)
topic_lists = st.lists(st.sampled_from(SEVEN), min_size=1, unique=True).map(tuple)


def test_a_draw_is_the_same_in_every_version() -> None:
    """Pinned: a log that is replayed, or a study that is repeated, must choose as it chose."""
    assert (draw("seed", "topics"), draw("seed", "topics", 1, 2), draw("\ud800", "x", 0)) == (
        11_574_348_923_538_652_844,
        18_415_221_335_123_470_206,
        7_126_814_290_304_269_855,
    )


def test_a_bag_is_the_same_in_every_version() -> None:
    """Pinned likewise, over two bags."""
    assert [topic_from_bag(SEVEN, "seed", drawn) for drawn in range(14)] == [
        *["yell", "shop", "play", "fight", "steal", "eat", "hug"],
        *["yell", "shop", "play", "hug", "fight", "steal", "eat"],
    ]


@pytest.mark.parametrize(
    ("topics", "drawn"),
    [
        (("hug", "eat"), ["eat", "hug", "eat", "hug", "eat", "hug", "eat", "hug", "eat"]),
        (("hug", "eat", "shop"), ["eat", "shop", "hug", "eat", "hug", "shop", "eat", "shop", "hug"]),
    ],
)
def test_small_bags_are_the_same_too(topics: tuple[str, ...], drawn: list[str]) -> None:
    """Two topics can only take turns; from three on, a bag is shuffled anew."""
    assert [topic_from_bag(topics, "seed", number) for number in range(9)] == drawn


@pytest.mark.parametrize("other", [("seed", "x"), ("x", "topics"), ("seed", "topics", 0), ("seedtopics", "")])
def test_whatever_is_asked_differently_is_drawn_differently(other: tuple[str, str]) -> None:
    """Seed, purpose and numbers all count, and none runs into its neighbour."""
    assert draw(*other) != draw("seed", "topics")


@given(seeds, st.integers(), st.integers())
def test_a_draw_is_a_number_of_64_bits(seed: str, first: int, second: int) -> None:
    """Callers may compare and sort them, and the numbers stand in their places."""
    drawn = draw(seed, "any", first, second)

    assert (0 <= drawn < 2**64, drawn == draw(seed, "any", second, first)) == (True, first == second)


@given(st.lists(st.integers()), seeds)
def test_shuffling_loses_nothing(items: list[int], seed: str) -> None:
    """Items that are equal stay as many as they were."""
    assert Counter(shuffled(items, seed, "any", 3)) == Counter(items)


def test_shuffling_reaches_every_order_about_as_often() -> None:
    """No topic shall come first more often than another."""
    orders = Counter(shuffled("abc", "seed", "any", number) for number in range(600))

    assert (len(orders), min(orders.values()) > 60) == (6, True)


@given(topic_lists, seeds, st.integers(0, 5))
def test_every_topic_comes_once_per_bag(topics: tuple[str, ...], seed: str, bag: int) -> None:
    """A class that draws seven topics has talked about all seven."""
    first = bag * len(topics)

    assert sorted(topic_from_bag(topics, seed, first + place) for place in range(len(topics))) == sorted(topics)


@given(topic_lists, seeds)
def test_a_topic_never_comes_twice_in_a_row(topics: tuple[str, ...], seed: str) -> None:
    """Not even where one bag ends and the next begins; only a list of one topic has no choice."""
    drawn = [topic_from_bag(topics, seed, number) for number in range(6 * len(topics))]

    assert any(one == other for one, other in pairwise(drawn)) == (len(topics) == 1)


def test_the_bags_are_shuffled_anew() -> None:
    """Whoever has heard one bag does not know the next."""
    bags = {tuple(topic_from_bag(SEVEN, "seed", 7 * bag + place) for place in range(7)) for bag in range(20)}

    assert len(bags) == 20
