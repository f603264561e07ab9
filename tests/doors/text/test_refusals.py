"""Refusals that cannot loop: each reason once in each turn of the room."""

from __future__ import annotations

from moothall.doors.text.refusals import Refusals
from moothall.errors import Reason


def test_a_reason_is_news_once_in_a_turn() -> None:
    """Another reason is news of its own, and another turn begins anew."""
    refusals = Refusals()
    asked = [
        (Reason.NOT_YOUR_TURN, 1),
        (Reason.NOT_YOUR_TURN, 1),
        (Reason.TURN_OVER, 1),
        (Reason.NOT_YOUR_TURN, 1),
        (Reason.NOT_YOUR_TURN, 2),
        (Reason.TURN_OVER, 2),
        (Reason.TURN_OVER, 2),
    ]

    assert [refusals.is_news(reason, turn) for reason, turn in asked] == [True, False, True, False, True, True, False]


def test_the_first_turn_of_a_room_is_none() -> None:
    """Before any turn the room counts 0, and that is no turn that was told of."""
    assert Refusals().is_news(Reason.NOT_TALKING, 0)
