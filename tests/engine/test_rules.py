"""A room's rules are written in its log: their words and their shape outlive the code."""

from __future__ import annotations

import msgspec
import pytest

from moothall.engine.events import Event, RoomOpened
from moothall.engine.names import Name, RoomName
from moothall.engine.rules import Rules, has_rounds, has_turns, milliseconds, turn_seconds_of
from moothall.engine.words import PolicyName
from tests.engine.past import KARI, LARS


def test_rules_never_change() -> None:
    """Every room of a hall shares them."""
    assert Rules.__struct_config__.frozen


def test_an_old_log_whose_rules_say_less_still_reads() -> None:
    """A rule that is added later has a default, and one that is gone is ignored."""
    line = '{"event":"room_opened","room":"main","rules":{"seats":2,"gone":true},"seed":"s"}'

    assert msgspec.json.decode(line, type=Event) == RoomOpened(RoomName("main"), Rules(seats=2), "s")


@pytest.mark.parametrize(
    ("policy", "rounds", "turns"),
    [
        (PolicyName.ROUND_ROBIN, True, True),
        (PolicyName.ROTATE, True, True),
        (PolicyName.SHUFFLE, True, True),
        (PolicyName.PARALLEL, True, True),
        (PolicyName.ADDRESSED, True, True),
        (PolicyName.CUSTOM, True, True),
        (PolicyName.REQUEST, False, True),
        (PolicyName.CHAIR, False, True),
        (PolicyName.OPEN, False, False),
    ],
)
def test_some_policies_go_round_and_all_but_one_have_turns(policy: PolicyName, rounds: bool, turns: bool) -> None:
    """Where one asks, or is asked by the chair, nothing goes round; a plain chat room has no turns either."""
    assert (has_rounds(policy), has_turns(policy)) == (rounds, turns)


def test_a_turn_is_as_long_as_the_room_or_the_seat_has_it() -> None:
    """A seat is found in any case; 0 is a length like any, and means none."""
    rules = Rules(turn_seconds=20, seat_seconds={"KARI": 0, "Ola Nordmann": 60})

    assert [turn_seconds_of(rules, name) for name in (LARS, KARI, Name("ola nordmann"), Name("Ola"))] == [20, 0, 60, 20]


@pytest.mark.parametrize(
    ("seconds", "whole"), [(30, 30_000), (0.25, 250), (1.9996, 2000), (0.001, 1), (0.0004, 1), (0, 1)]
)
def test_a_turn_lasts_whole_milliseconds_and_never_none(seconds: float, whole: int) -> None:
    """What ended as it began could begin again, and again, all in the same moment."""
    assert milliseconds(seconds) == whole
