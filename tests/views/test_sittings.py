"""The sittings of a room in short: what one chooses from."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from moothall.engine.commands import CloseSitting, HostSay, Join, Leave, Next, QueueTopic, Say
from moothall.engine.names import Name
from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards, PolicyName
from moothall.errors import DataCorrupt
from moothall.views.sittings import SittingList
from moothall.wire.rest import SittingShown
from tests.engine.past import KARI, LARS, NOON
from tests.views.logs import JOINS, SITTING, TWO, Step, bodies_of


def sittings(*steps: Step, rules: Rules = TWO, limit: int = 100) -> list[SittingShown]:
    bodies = bodies_of(*steps, rules=rules)
    told = SittingList(limit)
    for body in bodies:
        told.take(body)
    return told.newest_first(len(bodies))


def test_a_sitting_that_is_over() -> None:
    """When it was, who was there, about what, and how it ended."""
    last_seq = len(bodies_of(*SITTING))

    assert sittings(*SITTING, rules=replace(TWO, labels={"arm": "a"})) == [
        SittingShown(
            sitting=1,
            first_seq=2,
            last_seq=last_seq,
            opened_at=NOON,
            closed_at=NOON + 3_001,
            reason="done",
            topics=["hug"],
            names=[LARS, KARI],
            said=2,
            labels={"arm": "a"},
        )
    ]


def test_a_sitting_that_goes_on_has_no_end() -> None:
    """Its last entry is the log's."""
    (shown,) = sittings(*JOINS, (2, Say(LARS, "Sure!")))

    assert (shown.closed_at, shown.reason) == (None, None)
    assert (shown.first_seq, shown.last_seq, shown.said) == (2, len(bodies_of(*JOINS, (2, Say(LARS, "Sure!")))), 1)


def test_a_room_without_a_sitting_has_none() -> None:
    """It was opened, and nobody came."""
    assert sittings() == []


def many(count: int) -> tuple[Step, ...]:
    return tuple((at + 10_000 * number, command) for number in range(count) for at, command in SITTING)


def test_the_newest_comes_first() -> None:
    """It is what one looks for."""
    assert [shown.sitting for shown in sittings(*many(3))] == [3, 2, 1]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_of_many_the_newest_are_shown(limit: int) -> None:
    """The one that goes on among them."""
    steps = (*many(2), (50_000, Join(KARI)))

    assert [shown.sitting for shown in sittings(*steps, limit=limit)] == [3, 2, 1][:limit]


def test_everybody_who_had_a_seat_is_named_once() -> None:
    """Also who left, and whoever came back."""
    steps = (
        (0, Join(LARS)),
        (1, Leave(LARS)),
        (2, Join(Name("Ola"))),
        (3, Join(LARS)),
    )

    assert [shown.names for shown in sittings(*steps)] == [["Ola", LARS], [LARS]]


def test_all_topics_are_named() -> None:
    """In their order."""
    rules = replace(TWO, afterwards=Afterwards.STAY)
    steps = (*SITTING, (4_000, QueueTopic("play chess")), (5_000, CloseSitting()))

    assert sittings(*steps, rules=rules)[0].topics == ["hug", "play chess"]


def test_under_the_open_policy_utterances_count_as_well() -> None:
    """What the host says does not: it is no participant's."""
    steps = (*JOINS, (2, Say(LARS, "One")), (3, Say(LARS, "Two")), (4, HostSay("Three")), (5, Next()))

    assert sittings(*steps, rules=replace(TWO, policy=PolicyName.OPEN))[0].said == 2


def test_an_entry_that_cannot_be_read_is_damage() -> None:
    """Only those that tell something are looked at."""
    told = SittingList(1)
    told.take(b'{"event":"passed",nonsense')

    with pytest.raises(DataCorrupt):
        told.take(b'{"event":"seated",nonsense')


def test_what_lies_before_the_first_sitting_counts_for_none() -> None:
    """As in a log whose beginning is not there."""
    told = SittingList(1)
    for body in bodies_of(*SITTING)[2:]:
        told.take(body)

    assert told.newest_first(9) == []
