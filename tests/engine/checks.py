"""What must hold of a room's life, whatever was asked of it; each check raises AssertionError where it does not.

The checks look at the log and at the rooms, and know the rules from design alone: where the engine could be asked they
count for themselves. That each finds the fault that it is there for is shown in tests/torture/test_checks.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import pairwise
from typing import Final

import msgspec

from moothall.engine.commands import CallTime
from moothall.engine.events import (
    Event,
    FloorGranted,
    FloorRevoked,
    Left,
    Passed,
    Removed,
    Reopened,
    RoundClosed,
    RoundOpened,
    Said,
    Seated,
    SittingClosed,
    TimeCalled,
    TopicClosed,
)
from moothall.engine.evolve import empty_room
from moothall.engine.names import Name
from moothall.engine.room import Phase, Room
from moothall.engine.rules import turn_seconds_of
from moothall.engine.words import Afterwards, OnMissed, PolicyName
from moothall.errors import Reason
from tests.engine.histories import Life, settled

__all__ = [
    "CHECKS",
    "deadlines_come",
    "floors_are_single",
    "grants_are_fair",
    "log_is_enough",
    "nothing_else_decides",
    "rounds_are_fair",
    "same_again",
    "seqs_have_no_gap",
    "somebody_is_waited_for",
    "time_alone_ends_it",
    "turns_end_once",
]

DAY_MS: Final = 24 * 3600 * 1000
SHARED: Final = frozenset({PolicyName.PARALLEL, PolicyName.CUSTOM})
"""Under these policies several may have the floor at once."""
IN_ROUNDS: Final = frozenset(PolicyName) - {PolicyName.REQUEST, PolicyName.CHAIR, PolicyName.OPEN}
MOST_CALLS: Final = 1_000


def floors_are_single(life: Life) -> None:
    """Nobody talks over anybody: one holder at most, or where the policy gives it to several, each once; all seated."""
    for room in life.rooms:
        names = [turn.name for turn in room.turns]
        assert len(set(names)) == len(names) <= (room.rules.seats if room.rules.policy in SHARED else 1)
        assert set(names) <= set(room.seats)
        assert not names or (room.topic is not None and room.rules.policy is not PolicyName.OPEN)


def grants_are_fair(life: Life) -> None:
    """The floor goes to who is seated, not on the bench, has characters left, and does not have it yet."""
    for room, event in _moments(life):
        if isinstance(event, FloorGranted):
            seat, budget = room.seats[event.name], _seat_budget(room)
            assert not seat.is_benched
            assert budget is None or seat.chars < budget
            assert room.turn_of(event.name) is None
            assert room.topic is not None
            assert room.paused_at is None
            seconds = turn_seconds_of(room.rules, event.name)
            assert (event.deadline is None) == (not seconds)


def turns_end_once(life: Life) -> None:
    """By the first of said, passed, time called, revoked, left; time never early. From the log alone, as a reader."""
    open_turns: dict[int, tuple[Name, int | None]] = {}
    granted = 0
    for event, at in life.log:
        match event:
            case FloorGranted(name, turn, deadline):
                assert turn == granted + 1
                granted = turn
                open_turns[turn] = name, deadline
            case Reopened(turn, deadline):
                assert deadline > at
                open_turns[turn] = open_turns[turn][0], deadline
            case Said(turn=None):
                assert not open_turns
            case Said() | Passed() | TimeCalled() | FloorRevoked():
                assert event.turn in open_turns
                name, deadline = open_turns.pop(event.turn)
                assert event.name == name
                assert not isinstance(event, TimeCalled) or (deadline is not None and at >= deadline)
            case Left(name):
                open_turns = {turn: held for turn, held in open_turns.items() if held[0] != name}
            case Removed(name):
                assert name not in [held[0] for held in open_turns.values()]
            case RoundOpened() | RoundClosed() | TopicClosed() | SittingClosed():
                assert not open_turns
            case _:
                pass
    assert [(turn.number, (turn.name, turn.deadline)) for turn in life.rooms[-1].turns] == [*open_turns.items()]


def rounds_are_fair(life: Life) -> None:
    """Per round a seat gets one turn at most, and only who was seated when it opened; elsewhere there are no rounds."""
    due: set[Name] = set()
    for room, event in _moments(life):
        goes_round = room.rules.policy in IN_ROUNDS
        match event:
            case RoundOpened(order=order):
                assert goes_round
                due = {name for name, seat in room.seats.items() if not seat.is_benched}
                assert order is None or due >= set(order)
                assert order is None or len(order) == len(set(order))
            case Seated(name) | Left(name) | Removed(name):
                due.discard(name)
            case FloorGranted(name) if goes_round:
                assert name in due
                due.discard(name)
            case _:
                pass


def seqs_have_no_gap(life: Life) -> None:
    """A room is as far as its log, event by event, and no later than its last."""
    assert [room.seq for room in life.rooms] == [*range(len(life.log) + 1)]
    assert [room.at for room in life.rooms[1:]] == [at for _, at in life.log]


def log_is_enough(life: Life) -> None:
    """A replay is the live room. The log goes through JSON, as on a disk: nothing that the rules look at is lost."""
    room, live = empty_room(life.rooms[0].name), life.rooms[-1]
    for event, at in life.log:
        room = life.engine.evolve(room, msgspec.json.decode(msgspec.json.encode(event), type=Event), at)

    assert (room, [*room.seats]) == (live, [*live.seats])


def nothing_else_decides(life: Life) -> None:
    """Asked twice, the same answer; and what was asked about is as it was."""
    room = life.rooms[-1]
    for command, _ in life.asked[-60:]:
        # As words: two dicts are equal whatever their order, and the order of the seats matters.
        before, copy = repr((room, command)), deepcopy((room, command))

        assert life.engine.attempt(room, command, room.at) == life.engine.attempt(*copy, room.at)
        assert repr((room, command)) == before


def same_again(life: Life) -> None:
    """The same asked of the same room gives the same conversation, event by event."""
    room = life.rooms[0]
    for (command, at), answer in zip(life.asked, life.answers, strict=True):
        again = life.engine.attempt(room, command, at)
        assert again == answer
        for event in again if isinstance(again, list) else []:
            room = life.engine.evolve(room, event, at)


def deadlines_come(life: Life) -> None:
    """Time called at the next deadline moves the room, and its next one is later; a millisecond before, nothing does.

    So a timer that is armed from `next_deadline` never spins, and never sleeps on.
    """
    engine = life.engine
    for room in settled(life):
        deadline = engine.next_deadline(room)
        if deadline is None:
            closed = Reason.NO_SUCH_ROOM if room.is_closed else []
            assert engine.attempt(room, CallTime(), room.at + DAY_MS) == closed
            continue
        if deadline > room.at:
            assert engine.attempt(room, CallTime(), deadline - 1) == []
        at = max(deadline, room.at)
        following = _next_deadline_after_call(life, room, at)
        assert following is None or following > at


def somebody_is_waited_for(life: Life) -> None:
    """Never nobody: see `_waits_well`, which says who, in every state that a room can be in."""
    for room in settled(life):
        assert _waits_well(life, room), room


def time_alone_ends_it(life: Life) -> None:
    """Nobody can stall a room, nor keep it running: left alone it comes to rest, where its rules say so.

    They do not where missing turns costs nothing, and no number of rounds, turns or seconds ends the topic.
    """
    room = life.rooms[-1]
    for rules in filter(None, (room.rules, room.next_rules)):
        if rules.on_missed is OnMissed.NONE and not _is_bounded(rules.until):
            return
    for _ in range(MOST_CALLS):
        deadline = life.engine.next_deadline(room)
        if deadline is None:
            return
        at = max(deadline, room.at)
        answer = life.engine.attempt(room, CallTime(), at)
        for event in answer if isinstance(answer, list) else []:
            room = life.engine.evolve(room, event, at)
    raise AssertionError("the room goes on for ever")


CHECKS: Final[tuple[Callable[[Life], None], ...]] = (
    floors_are_single,
    grants_are_fair,
    turns_end_once,
    rounds_are_fair,
    seqs_have_no_gap,
    log_is_enough,
    nothing_else_decides,
    same_again,
    deadlines_come,
    somebody_is_waited_for,
    time_alone_ends_it,
)


def _moments(life: Life) -> Iterator[tuple[Room, Event]]:
    # Every event, with the room before it.
    for (before, _), (event, _) in zip(pairwise(life.rooms), life.log, strict=True):
        yield before, event


def _seat_budget(room: Room) -> int | None:
    return min(map(int, re.findall(r"seat_characters=(\d+)", room.rules.until)), default=None)


def _is_bounded(until: str) -> bool:
    # One of the ways to end it comes by itself, whatever else there is.
    ways = until.split(" or ")
    return not until or any(re.fullmatch(r"(rounds|turns|seconds)=[0-9.]+", way) for way in ways)


def _next_deadline_after_call(life: Life, room: Room, at: int) -> int | None:
    events = life.engine.attempt(room, CallTime(), at)
    assert isinstance(events, list)
    assert events
    for event in events:
        room = life.engine.evolve(room, event, at)
    return life.engine.next_deadline(room)


def _waits_well(life: Life, room: Room) -> bool:
    """Tell whether somebody is waited for who can move the room.

    - Nobody is seated: there is no sitting, and whoever joins is waited for.
    - Paused: the operator.
    - Gathering: somebody still to come, or back, for as long as the rules say; or the operator, who holds the start;
      or, where the start was called, somebody who is back. Resting, where the room stays: the operator or the chair;
      or who returns from the bench, where everybody is on it.
    - Policies with rounds: who has the floor in the open round, until a deadline where a turn has a length.
    - `request`: who has the floor; or the floor is free, nobody queues, and somebody may ask for it. Where `settled`
      or `rounds` ends the topic on its own and turns have a length, not for longer than a deadline.
    - `chair`: who has the floor; or the chair, who is seated and here, while there is somebody to give it to; where
      turns have a length, not for longer than a deadline.
    - `open`: anybody.
    """
    rules = room.rules
    if not room.seats or room.paused_at is not None:
        return bool(room.seats) or not room.has_sitting
    if room.phase is Phase.GATHERING:
        if room.gathering.is_started:
            return not room.here
        is_timed = not rules.gather_seconds or life.engine.next_deadline(room) is not None
        return is_timed and (rules.hold_start or not room.here == len(room.seats) == rules.seats)
    if room.topic is None:
        is_left = any(not seat.is_benched for seat in room.seats.values())
        return rules.afterwards is Afterwards.STAY and not (room.queue and is_left)
    if room.turns:
        timed = all((turn.deadline is not None) == bool(turn_seconds_of(rules, turn.name)) for turn in room.turns)
        return timed and (room.round is not None) == (rules.policy in IN_ROUNDS)
    budget, deadline = _seat_budget(room), life.engine.next_deadline(room)
    can_talk = [
        name for name, seat in room.seats.items() if not seat.is_benched and (budget is None or seat.chars < budget)
    ]
    match rules.policy:
        case PolicyName.OPEN:
            return True
        case PolicyName.REQUEST:
            is_silent_end = not rules.until or any(
                word == "settled" or word.startswith("rounds=") for word in rules.until.split(" or ")
            )
            is_timed = deadline is not None or not rules.turn_seconds or not is_silent_end
            return bool(can_talk) and not room.requests and is_timed
        case PolicyName.CHAIR:
            chair = room.seated_chair
            is_here = chair is not None and room.seats[chair].away_until is None
            return bool(can_talk) and is_here and (deadline is not None or not rules.turn_seconds)
        case _:
            return False
