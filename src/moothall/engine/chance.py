"""Chance without a die: every choice is a hash of the room's seed and of what is chosen, so it is never drawn twice.

The same seed gives the same choices, in every process and on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

__all__ = ["draw", "shuffled", "topic_from_bag"]

T = TypeVar("T")


def draw(seed: str, purpose: str, *numbers: int) -> int:
    """Return a number from 0 to 2⁶⁴ - 1 that these arguments, and nothing else, decide."""
    words = "\x1f".join((seed, purpose, *map(str, numbers)))
    return int.from_bytes(blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def shuffled(items: Sequence[T], seed: str, purpose: str, *numbers: int) -> tuple[T, ...]:
    """Return the items in an order that the seed, the purpose and the numbers decide."""
    places = sorted(range(len(items)), key=lambda place: draw(seed, purpose, *numbers, place))
    return tuple(items[place] for place in places)


def topic_from_bag(topics: Sequence[str], seed: str, drawn: int) -> str:
    """Return the topic that is drawn after `drawn` others: each once, then all of them again in another order.

    The last topic of one bag is never the first of the next, where there is more than one topic.
    """
    bag, place = divmod(drawn, len(topics))
    return _bag(topics, seed, bag)[place]


def _bag(topics: Sequence[str], seed: str, number: int) -> tuple[str, ...]:
    if len(topics) <= 2:  # they can only take turns: the same bag again
        return shuffled(topics, seed, "topics", 0)
    order = shuffled(topics, seed, "topics", number)
    if number and shuffled(topics, seed, "topics", number - 1)[-1] == order[0]:
        return (order[1], order[0], *order[2:])
    return order
