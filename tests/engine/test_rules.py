"""A room's rules are written in its log: their words and their shape outlive the code."""

from __future__ import annotations

from enum import StrEnum

import msgspec
import pytest

from moothall.engine.events import Event, RoomOpened
from moothall.engine.names import RoomName
from moothall.engine.rules import Afterwards, PolicyName, Rules


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (PolicyName, {"round-robin", "open"}),
        (Afterwards, {"disconnect", "stay"}),
    ],
)
def test_the_words_inside_rules_are_part_of_the_format(words: type[StrEnum], values: set[str]) -> None:
    """Clients compare with them."""
    assert set(words) == values


def test_rules_never_change() -> None:
    """Every room of a hall shares them."""
    assert Rules.__struct_config__.frozen


def test_an_old_log_whose_rules_say_less_still_reads() -> None:
    """A rule that is added later has a default, and one that is gone is ignored."""
    line = '{"event":"room_opened","room":"main","rules":{"seats":2,"gone":true},"seed":"s"}'

    assert msgspec.json.decode(line, type=Event) == RoomOpened(RoomName("main"), Rules(seats=2), "s")
