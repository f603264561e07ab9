"""What a hall is started with."""

from __future__ import annotations

from moothall.engine.rules import Rules
from moothall.hall.limits import HallLimits, OwnRules
from moothall.settings import Settings


def test_a_hall_holds_what_a_server_does_unless_told_otherwise() -> None:
    """The defaults are those of the settings."""
    limits, settings = HallLimits(), Settings()

    assert (limits.max_rooms, limits.max_spectators) == (settings.max_rooms, settings.max_spectators)
    assert (limits.rooms, limits.main) == (settings.rooms, "main")


def test_rules_of_ones_own_need_no_function() -> None:
    """Only the policy `custom` has one."""
    assert OwnRules(Rules()).custom is None
