"""The words inside events and rules are part of the format: a word is added, and none is ever changed."""

from __future__ import annotations

from enum import StrEnum

import pytest

from moothall.engine import words
from moothall.engine.words import (
    Afterwards,
    Kind,
    LeaveReason,
    OnMissed,
    PolicyName,
    SittingEnd,
    StartReason,
    TopicEnd,
    WhenShort,
)

WORDS: dict[type[StrEnum], list[str]] = {
    Kind: ["bot", "person"],
    PolicyName: [
        "round-robin",
        "rotate",
        "shuffle",
        "parallel",
        "request",
        "addressed",
        "chair",
        "open",
        "custom",
    ],
    OnMissed: ["bench", "remove", "none"],
    Afterwards: ["disconnect", "stay"],
    TopicEnd: [
        "rounds",
        "turns",
        "seconds",
        "utterances",
        "characters",
        "seat_characters",
        "phrase",
        "settled",
        "chair",
        "operator",
        "nobody_left",
    ],
    SittingEnd: ["done", "operator", "nobody_left", "short"],
    StartReason: ["operator", "short"],
    WhenShort: ["wait", "start", "fill", "close"],
    LeaveReason: ["asked", "lost", "away", "restart"],
}


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.__name__)
def test_the_words_are_part_of_the_format(kind: type[StrEnum]) -> None:
    """Clients compare with them, and sentences list them in this order."""
    assert [*kind] == WORDS[kind]


def test_every_set_of_words_is_pinned_above() -> None:
    """Who adds one is told here."""
    assert {kind.__name__ for kind in WORDS} == set(words.__all__)
