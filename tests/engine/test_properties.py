"""What holds after any commands of any role, in any order, at any moments.

The histories are drawn in `histories`; what must hold of them at length stands in `checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import get_args

import pytest
from hypothesis import example, given, settings

from moothall.engine.commands import Command, Join, Leave, Pass
from moothall.engine.events import (
    Event,
    Left,
    Passed,
    Said,
    Seated,
    SittingClosed,
    TimeCalled,
    TopicClosed,
    TopicOpened,
)
from moothall.engine.names import Name
from moothall.engine.receipts import MAX_RECEIPTS
from moothall.engine.rules import Rules
from moothall.engine.words import LeaveReason, OnMissed, PolicyName, SittingEnd, TopicEnd
from moothall.errors import Reason
from tests.engine.checks import CHECKS
from tests.engine.histories import Life, Step, live, lives, settled
from tests.engine.past import KARI, LARS

# What a command that reaches the engine can be refused for; the other reasons are the lobby's and the doors'.
REASONS = {
    Reason.BAD_NAME,
    Reason.BAD_VALUE,
    Reason.CID_REUSED,
    Reason.NAME_TAKEN,
    Reason.NOT_ALLOWED,
    Reason.NOT_TALKING,
    Reason.NOT_YOUR_TURN,
    Reason.NO_SEAT,
    Reason.NO_SUCH_ROOM,
    Reason.ROOM_FULL,
    Reason.TOO_LONG,
    Reason.TURN_OVER,
}
LEAVES_AND_COMES_AGAIN: list[Command] = [Join(LARS), Join(KARI), Leave(KARI), Join(KARI), Pass(LARS)]
LEAVES_THE_CHAIR_ALONE: list[Command] = [Join(LARS), Join(KARI), Leave(KARI)]
CHAIRED = Rules(seats=2, policy=PolicyName.CHAIR, chair="Lars", rounds=2, on_missed=OnMissed.NONE)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@given(life=lives())
@example(life=live(Rules(seats=2), [Step(command, 0) for command in LEAVES_AND_COMES_AGAIN]))
@example(life=live(CHAIRED, [Step(command, 0) for command in LEAVES_THE_CHAIR_ALONE]))
def test_whatever_is_asked_of_a_room(check: Callable[[Life], None], life: Life) -> None:
    """Each check says in its docstring what it is that holds, and why it must."""
    check(life)


@given(lives())
def test_a_sitting_is_open_while_somebody_is_seated(life: Life) -> None:
    """The last to leave closes it, so that a room never talks to itself."""
    for room in settled(life):
        assert room.has_sitting == bool(room.seats)
        assert room.has_sitting or room.topic is None


@given(lives())
def test_a_seat_is_one_of_the_rooms_and_taken_once(life: Life) -> None:
    """Numbers and names, by case too; and it remembers a bounded number of receipts."""
    for room in life.rooms[1:]:
        numbers = {seat.number for seat in room.seats.values()}
        assert numbers <= set(range(1, room.rules.seats + 1))
        assert len(numbers) == len(room.seats) == len({name.casefold() for name in room.seats})
        assert all(len(seat.receipts) <= 24 * MAX_RECEIPTS for seat in room.seats.values())


@given(lives())
def test_the_first_seat_to_be_held_no_longer_is_known(life: Life) -> None:
    """Nearly always nobody is away, and then no deadline need look at the seats."""
    for room in life.rooms:
        moments = [seat.away_until for seat in room.seats.values() if seat.away_until is not None]
        assert room.held_until == min(moments, default=None)


@given(lives())
def test_a_cid_is_said_once(life: Life) -> None:
    """Per speaker and seat: a client may repeat itself until it has the receipt."""
    said: set[tuple[Name, str]] = set()
    for event, _ in life.log:
        match event:
            case Said(name, _, _, str() as cid):
                assert (name, cid) not in said
                said.add((name, cid))
            case Seated(name):
                said = {(speaker, cid) for speaker, cid in said if speaker != name}
            case _:
                pass


@given(lives())
def test_the_tally_is_what_the_log_says(life: Life) -> None:
    """The goodbye counts with it."""
    for start, stop in sittings(life):
        events = [event for event, _ in life.log[start:stop]]
        tally = life.rooms[stop].tally

        assert tally.said == sum(isinstance(event, Said) for event in events)
        assert tally.passed == sum(isinstance(event, Passed) for event in events)
        assert tally.missed == sum(isinstance(event, TimeCalled) for event in events)


def test_the_histories_go_everywhere() -> None:
    """Properties of rooms in which nothing happens would hold as well: a third of the commands or more is accepted."""
    seen: set[str] = set()
    answers: list[bool] = []

    @settings(max_examples=900, derandomize=True, database=None)
    @given(lives())
    def look(life: Life) -> None:
        seen.update(repr(word) for event, _ in life.log for word in words_of(event))
        seen.update(repr(answer) for answer in life.answers if isinstance(answer, Reason))
        answers.extend(isinstance(answer, list) for answer in life.answers)

    look()

    wanted = [*get_args(Event), *LeaveReason, *TopicEnd, *SittingEnd, *PolicyName, *REASONS]
    assert seen == set(map(repr, wanted))
    assert sum(answers) / len(answers) > 1 / 3


def words_of(event: Event) -> Iterator[object]:
    """Yield what an event is, and why it happened where there is a closed set of reasons."""
    yield type(event)
    match event:
        case Left(reason=reason) | TopicClosed(reason) | SittingClosed(reason):
            yield reason
        case TopicOpened(policy=policy):
            yield policy
        case _:
            pass


def sittings(life: Life) -> Iterator[tuple[int, int]]:
    """Yield where in the log each sitting that was closed begins and ends."""
    start = 0
    for place, (event, _) in enumerate(life.log, 1):
        if isinstance(event, SittingClosed):
            yield start, place
            start = place
