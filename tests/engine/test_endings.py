"""An ending says, between two rounds, whether the topic is over."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from moothall.engine.endings import topic_end
from moothall.engine.events import RoundClosed, TopicEnd
from tests.engine.past import HUG, KARI, LARS, take, talking


@pytest.mark.parametrize(("closed", "answer"), [(1, None), (2, None), (3, TopicEnd.ROUNDS), (4, TopicEnd.ROUNDS)])
def test_a_topic_is_over_after_its_rounds(closed: int, answer: TopicEnd | None) -> None:
    """Neither a round earlier nor a round later."""
    room = take(talking(LARS, KARI, rules=replace(HUG, rounds=3)), [RoundClosed(closed)])

    assert topic_end(room) is answer


def test_a_topic_that_has_just_opened_goes_on() -> None:
    """No round is closed yet."""
    assert topic_end(talking(LARS, KARI)) is None
