"""Whom a change sends away; what follows for clerks and connections is in their own tests."""

from __future__ import annotations

import pytest

from moothall.engine.commands import CloseSitting, Command, HostSay, Leave, Remove
from moothall.engine.words import Afterwards
from moothall.hall.clerk import Clerk
from moothall.hall.leaving import ends, given_up
from moothall.testing import memory_hall
from moothall.wire.change import Change, changes_from
from moothall.wire.json_lines import encode_steps
from tests.hall.house import rules, talking


def changes_of(command: Command, *names: str) -> tuple[list[Change], list[bool]]:
    """Return what a command changes in a room where these talk, and whether each visit is over with some of it."""
    _, crowd = talking(*names, rules=rules(len(names)))
    changes = submitted(crowd[0].visit.clerk, command)
    return changes, [any(ends(change, who.visit) for change in changes) for who in crowd]


def submitted(clerk: Clerk, command: Command) -> list[Change]:
    """Submit a command, and return what it changes."""
    before, steps = clerk.newest, clerk.submit(command)
    return changes_from(before, steps, encode_steps(steps).splitlines())


def test_words_send_nobody_away() -> None:
    """Nearly all that happens is of this kind."""
    changes, over = changes_of(HostSay("Hello"), "Kari", "Ola")

    assert given_up(changes) == []
    assert over == [False, False]


@pytest.mark.parametrize("kind", [Leave, Remove])
def test_who_leaves_or_is_removed_gives_up_a_seat_alone(kind: type[Leave | Remove]) -> None:
    """The others stay."""
    _, crowd = talking("Kari", "Ola", "Nina", rules=rules(3))
    ola = crowd[1]
    assert ola.visit.name is not None
    changes = submitted(ola.visit.clerk, kind(ola.visit.name))

    assert given_up(changes) == ["Ola"]
    assert [any(ends(change, who.visit) for change in changes) for who in crowd] == [False, True, False]


def test_with_the_sitting_everybody_goes() -> None:
    """All seats are empty after it, whatever they were."""
    changes, over = changes_of(CloseSitting(), "Kari", "Ola")

    assert given_up(changes) == ["Kari", "Ola"]
    assert over == [True, True]


def test_who_comes_in_later_is_not_sent_away() -> None:
    """What happened before a visit began does not end it."""
    hall = memory_hall(rules(1, afterwards=Afterwards.DISCONNECT))
    kari = hall.enter("Kari")
    hall.settle()
    closed = submitted(kari.visit.clerk, CloseSitting())
    hall.settle()
    later = hall.enter("Kari")
    hall.settle()

    assert not any(ends(change, later.visit) for change in closed)
