"""What holds after any commands, in any order, at any moments. The histories are drawn in `histories`."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import get_args

import msgspec
from hypothesis import example, given, settings

from moothall.engine.commands import CallTime, Join, Leave, Pass
from moothall.engine.decide import decide
from moothall.engine.events import (
    Event,
    FloorGranted,
    FloorRevoked,
    LeaveReason,
    Left,
    Passed,
    Removed,
    RoundOpened,
    Said,
    Seated,
    SittingClosed,
    TimeCalled,
    TopicClosed,
)
from moothall.engine.evolve import evolve, replay
from moothall.engine.names import Name
from moothall.engine.receipts import MAX_RECEIPTS
from moothall.engine.room import Phase, Room, next_deadline
from moothall.engine.rules import PolicyName, Rules
from moothall.errors import Reason
from tests.engine.histories import Life, Step, attempt, filled_in, live, lives, rules, steps
from tests.engine.past import KARI, LARS

# What a command that reaches the engine can be refused for; the other reasons are the lobby's and the doors'.
REASONS = {
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


@given(lives())
def test_one_holder_at_most_and_seated(life: Life) -> None:
    """Whatever was asked of the room, nobody talks over anybody, and nobody from outside."""
    for room in life.rooms:
        assert len(room.turns) <= 1
        assert room.holder is None or room.holder in room.seats


@given(lives())
def test_every_turn_ends_exactly_once(life: Life) -> None:
    """By the first of said, passed, time called, revoked, left; told from the log alone, as a reader would."""
    open_turn: FloorGranted | None = None
    granted = 0
    for event, _ in life.log:
        match event:
            case FloorGranted():
                assert (open_turn, event.turn) == (None, granted + 1)
                open_turn, granted = event, event.turn
            case Said(turn=None):
                assert open_turn is None
            case Said() | Passed() | TimeCalled() | FloorRevoked():
                assert open_turn is not None
                assert (event.name, event.turn) == (open_turn.name, open_turn.turn)
                open_turn = None
            case Left() | Removed() if open_turn is not None and event.name == open_turn.name:
                assert isinstance(event, Left)
                open_turn = None
            case RoundOpened() | TopicClosed() | SittingClosed():
                assert open_turn is None
            case _:
                pass
    assert life.rooms[-1].holder == (open_turn.name if open_turn else None)


@given(lives())
@example(
    live(
        Rules(seats=2), [Step(command, 0) for command in (Join(LARS), Join(KARI), Leave(KARI), Join(KARI), Pass(LARS))]
    )
)
def test_per_round_a_seat_gets_one_turn_at_most(life: Life) -> None:
    """And only who was seated when the round opened: who comes late, under whatever name, waits."""
    due: set[Name] = set()
    for event, _ in life.log:
        match event:
            case RoundOpened(order=order):
                due = set(order or ())
            case Seated(name) | Left(name) | Removed(name):
                due.discard(name)
            case FloorGranted(name):
                assert name in due
                due.discard(name)
            case _:
                pass


@given(lives())
def test_seqs_have_no_gap(life: Life) -> None:
    """A room is as far as its log, event by event, and no later than its last."""
    assert [room.seq for room in life.rooms] == [*range(len(life.log) + 1)]
    assert [room.at for room in life.rooms[1:]] == [at for _, at in life.log]


@given(lives())
def test_a_replay_of_the_log_is_the_live_room(life: Life) -> None:
    """The log goes through JSON, as on a disk: nothing that the rules look at is lost on the way."""
    stored = [(msgspec.json.encode(event), at) for event, at in life.log]
    room = replay((msgspec.json.decode(line, type=Event), at) for line, at in stored)

    assert (room, [*room.seats]) == (life.rooms[-1], [*life.rooms[-1].seats])


@given(rules, steps)
def test_nothing_but_the_arguments_decides(rules: Rules, steps: list[Step]) -> None:
    """Asked twice, the same answer; and what was asked about is as it was."""
    room = live(rules, steps).rooms[-1]
    for step in steps:
        command, at = filled_in(step.command, room), room.at + (step.wait_ms or 0)
        # As words: two dicts are equal whatever their order, and the order of the seats matters.
        before, copy = repr((room, command)), deepcopy((room, command))

        assert attempt(room, command, at) == attempt(*copy, at)
        assert repr((room, command)) == before


@given(lives())
def test_no_room_is_stuck(life: Life) -> None:
    """Somebody is always waited for: people to come, the holder, the operator; never nobody."""
    for room in settled(life):
        is_full = room.here == len(room.seats) == room.rules.seats
        waits_for_turn = room.phase is Phase.TALKING and room.rules.policy is not PolicyName.OPEN
        if room.paused_at is not None or not room.seats:
            continue
        assert not (room.phase is Phase.GATHERING and is_full)
        assert (room.holder is not None) == waits_for_turn
        if waits_for_turn and room.rules.turn_seconds:
            assert next_deadline(room) is not None


@given(lives())
def test_a_sitting_is_open_while_somebody_is_seated(life: Life) -> None:
    """The last to leave closes it, so that a room never talks to itself."""
    for room in settled(life):
        assert room.has_sitting == bool(room.seats)
        assert room.has_sitting or room.topic is None


@given(lives())
def test_time_called_at_the_next_deadline_moves_the_room(life: Life) -> None:
    """And a millisecond before it doesn't; so a timer that is armed from `next_deadline` never spins or sleeps on."""
    for room in settled(life):
        deadline = next_deadline(room)
        if deadline is None:
            assert attempt(room, CallTime(), room.at) == (Reason.NO_SUCH_ROOM if room.is_closed else [])
            continue
        assert decide(room, CallTime(), max(deadline, room.at)) != []
        assert decide(room, CallTime(), deadline - 1) == []


@given(lives())
def test_a_room_that_is_left_alone_comes_to_rest(life: Life) -> None:
    """Time alone ends every turn, round and topic: nobody can stall a room, nor keep it running."""
    room = life.rooms[-1]
    most = (len(room.queue) + 1) * room.rules.rounds * room.rules.seats + len(room.seats)
    for _ in range(most):
        if (deadline := next_deadline(room)) is None:
            break
        at = max(deadline, room.at)
        for event in decide(room, CallTime(), at):
            room = evolve(room, event, at)

    assert next_deadline(room) is None


@given(lives())
def test_a_seat_is_one_of_the_rooms_and_taken_once(life: Life) -> None:
    """Numbers and names, by case too; and it remembers a bounded number of receipts."""
    for room in life.rooms[1:]:
        numbers = {seat.number for seat in room.seats.values()}
        assert numbers <= set(range(1, room.rules.seats + 1))
        assert len(numbers) == len(room.seats) == len({name.casefold() for name in room.seats})
        assert all(len(seat.receipts) <= 24 * MAX_RECEIPTS for seat in room.seats.values())


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
    events: set[type] = set()
    reasons: set[Reason] = set()
    left: set[LeaveReason] = set()
    answers: list[bool] = []

    @settings(max_examples=300, derandomize=True, database=None)
    @given(lives())
    def look(life: Life) -> None:
        events.update(type(event) for event, _ in life.log)
        left.update(event.reason for event, _ in life.log if isinstance(event, Left))
        reasons.update(answer for answer in life.answers if isinstance(answer, Reason))
        answers.extend(isinstance(answer, list) for answer in life.answers)

    look()

    assert (events, reasons, left) == (set(get_args(Event)), REASONS, set(LeaveReason))
    assert sum(answers) / len(answers) > 1 / 3


def settled(life: Life) -> Iterator[Room]:
    """Yield the room as it was after each command that made events, not between the events of one."""
    place = 0
    for answer in life.answers:
        if isinstance(answer, list) and answer:
            place += len(answer)
            yield life.rooms[place]


def sittings(life: Life) -> Iterator[tuple[int, int]]:
    """Yield where in the log each sitting that was closed begins and ends."""
    start = 0
    for place, (event, _) in enumerate(life.log, 1):
        if isinstance(event, SittingClosed):
            yield start, place
            start = place
