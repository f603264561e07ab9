"""Commands are declarations; what matters is that they are few, closed, immutable, and default to the harmless."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from moothall.engine import commands
from moothall.engine.commands import (
    Command,
    Grant,
    Join,
    Leave,
    Next,
    Pass,
    QueueTopic,
    Remove,
    Reopen,
    Revoke,
    Say,
    SetRules,
)
from moothall.engine.words import Kind, LeaveReason
from tests.engine.past import KARI


def test_the_union_holds_every_command() -> None:
    """`decide` ends in `assert_never` over this union: a command outside it would be nobody's."""
    declared = {
        kind
        for kind in vars(commands).values()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__module__ == commands.__name__
    }

    assert {kind.__name__ for kind in get_args(Command)} == {
        kind.__name__ for kind in declared if not kind.__name__.startswith("_")
    }


def test_the_module_exports_every_command() -> None:
    """Who adds a command is told by this list what to export."""
    assert set(commands.__all__) == {kind.__name__ for kind in get_args(Command)} | {"Command"}


@pytest.mark.parametrize("kind", get_args(Command), ids=lambda kind: kind.__name__)
def test_a_command_is_immutable(kind: type[msgspec.Struct]) -> None:
    """A clerk may hold it while a batch waits for its commit."""
    assert kind.__struct_config__.frozen


def test_what_a_command_leaves_open() -> None:
    """A beginner's client says no more than it must: no turn, no cid, no key. Nobody else is the operator."""
    assert (
        Join(KARI),
        Say(KARI, "hi"),
        Pass(KARI),
        Leave(KARI),
        Remove(KARI),
        Reopen(7),
        Grant("Kari"),
        Revoke(),
        QueueTopic("eat"),
        Next(),
        SetRules(),
    ) == (
        Join(KARI, Kind.BOT, "", keyed=False),
        Say(KARI, "hi", turn=None, cid=None),
        Pass(KARI, turn=None),
        Leave(KARI, LeaveReason.ASKED),
        Remove(KARI, reason=""),
        Reopen(7, here=frozenset()),
        Grant("Kari", by=None),
        Revoke(name=None, by=None),
        QueueTopic("eat", by=None),
        Next(by=None),
        SetRules(
            policy=None,
            rounds=None,
            until=None,
            turn_seconds=None,
            seat_seconds=None,
            missed_turns=None,
            on_missed=None,
            by=None,
        ),
    )
