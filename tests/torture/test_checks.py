"""Each check finds the fault that it is there for: rules with a fault in them live the same lives, and are caught."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace

from moothall.engine.commands import CallTime, Command, Join, Say
from moothall.engine.deadlines import next_deadline
from moothall.engine.decide import decide
from moothall.engine.events import (
    Event,
    FloorGranted,
    Passed,
    RoundClosed,
    RoundOpened,
    Said,
    TimeCalled,
)
from moothall.engine.evolve import evolve
from moothall.engine.policies import Policy
from moothall.engine.room import Room
from tests.engine import checks
from tests.engine.histories import ENGINE, Engine, Life, drawn_lives, drawn_plans, play_step, start

ROOT: Final = Path(__file__).parents[2]
LIVES: Final = 240
Decide = Callable[[Room, Command, int, Policy | None], list[Event]]


def two_outcomes(room: Room, command: Command, at: int, custom: Policy | None) -> list[Event]:
    """Who has said something is said to have passed as well."""
    events = decide(room, command, at, custom)
    passed = [Passed(event.name, event.turn) for event in events[:1] if isinstance(event, Said) and event.turn]
    return [*events[:1], *passed, *events[1:]]


def no_outcome(room: Room, command: Command, at: int, custom: Policy | None) -> list[Event]:
    """Time is called on nobody, and yet the next one has the floor."""
    return [event for event in decide(room, command, at, custom) if not isinstance(event, TimeCalled)]


def two_holders(room: Room, command: Command, at: int, custom: Policy | None) -> list[Event]:
    """The floor is given to the next one, though nobody has given it back."""
    events = decide(room, command, at, custom)
    if events and isinstance(last := events[-1], FloorGranted):
        others = [name for name in room.seats if name != last.name]
        events += [replace(last, name=name, turn=last.turn + 1) for name in others[:1]]
    return events


def benched_granted(room: Room, command: Command, at: int, custom: Policy | None) -> list[Event]:
    """Nobody looks at the bench."""
    seats = {name: replace(seat, is_benched=False) for name, seat in room.seats.items()}
    return decide(replace(room, seats=seats), command, at, custom)


def budget_overdrawn(room: Room, command: Command, at: int, custom: Policy | None) -> list[Event]:
    """Nobody counts characters."""
    seats = {name: replace(seat, chars=0) for name, seat in room.seats.items()}
    return decide(replace(room, seats=seats), command, at, custom)


def turn_for_the_late(room: Room, command: Command, at: int, custom: Policy | None) -> list[Event]:
    """Who joins has the floor at once, in the middle of a round."""
    events = decide(room, command, at, custom)
    if isinstance(command, Join) and room.round is not None:
        events.append(FloorGranted(command.name, room.turn_number + 1))
    return events


def twice_a_round(room: Room, command: Command, at: int, custom: Policy | None) -> list[Event]:
    """A round does not remember who has had a turn in it."""
    forgetful = replace(room, round=room.round and replace(room.round, done=frozenset()))
    return decide(forgetful, command, at, custom)


def deaf_to_time(room: Room, command: Command, at: int, custom: Policy | None) -> list[Event]:
    """Nothing follows from a deadline."""
    return [] if isinstance(command, CallTime) else decide(room, command, at, custom)


def too_early(room: Room, command: Command, at: int, custom: Policy | None) -> list[Event]:
    """Time is called a millisecond before its time."""
    return decide(room, command, at + isinstance(command, CallTime), custom)


def floor_lost(room: Room, command: Command, at: int, custom: Policy | None) -> list[Event]:
    """After a turn that was missed nobody is given the floor."""
    events = decide(room, command, at, custom)
    called = [place for place, event in enumerate(events) if isinstance(event, TimeCalled)]
    return events[: called[-1] + 1] if called else events


def half_a_round(room: Room, command: Command, at: int, custom: Policy | None) -> list[Event]:
    """After a round nobody opens the next one."""
    events = decide(room, command, at, custom)
    return events[:-2] if [type(event) for event in events[-3:-1]] == [RoundClosed, RoundOpened] else events


def restless(room: Room, command: Command, at: int, custom: Policy | None) -> list[Event]:
    """Rounds never count, and a missed turn costs nothing: the talk goes on for ever."""
    ageless = replace(room, rounds_closed=0, rules=replace(room.rules, missed_turns=1_000_000))
    return decide(ageless, command, at, custom)


def argument_changed(room: Room, command: Command, at: int, custom: Policy | None) -> list[Event]:
    """Whoever speaks moves to the end of the table, in the room that was lent."""
    if isinstance(command, Say) and command.name in room.seats:
        room.seats[command.name] = room.seats.pop(command.name)
    return decide(room, command, at, custom)


def memory_of_its_own(calls: Callable[[], int]) -> Decide:
    """Every hundredth question is answered otherwise."""

    def decide_and_count(room: Room, command: Command, at: int, custom: Policy | None) -> list[Event]:
        events = decide(room, command, at, custom)
        return [] if calls() % 100 == 0 else events

    return decide_and_count


def seq_skipped(room: Room, event: Event, at: int) -> Room:
    """A topic takes a place more in the log."""
    after = evolve(room, event, at)
    return replace(after, seq=after.seq + 1) if after.rounds_opened > room.rounds_opened else after


def more_than_the_log(calls: Callable[[], int]) -> Callable[[Room, Event, int], Room]:
    """The room keeps what no event says."""

    def evolve_and_keep(room: Room, event: Event, at: int) -> Room:
        after = evolve(room, event, at)
        return replace(after, seed=f"seed {calls()}") if isinstance(event, Said) else after

    return evolve_and_keep


def no_deadline(room: Room) -> int | None:
    """The hall is never told when to call time."""
    return None if room.turns else next_deadline(room)


def deadline_stays(room: Room) -> int | None:
    """The hall is told of a moment that is past: its timer spins."""
    return room.at if room.turns else next_deadline(room)


def hash_decides(room: Room, command: Command, at: int, custom: Policy | None) -> list[Event]:
    """The first of a set has the floor: another one in every process."""
    events = decide(room, command, at, custom)
    return [
        replace(event, order=tuple(set(event.order))) if isinstance(event, RoundOpened) and event.order else event
        for event in events
    ]


ENGINES: Final[dict[str, Engine]] = {
    faulty.__name__: ENGINE._replace(decide=faulty)
    for faulty in (
        two_outcomes,
        no_outcome,
        two_holders,
        benched_granted,
        budget_overdrawn,
        turn_for_the_late,
        twice_a_round,
        deaf_to_time,
        too_early,
        floor_lost,
        half_a_round,
        restless,
        argument_changed,
        hash_decides,
    )
} | {
    "memory_of_its_own": ENGINE._replace(decide=memory_of_its_own(count().__next__)),
    "seq_skipped": ENGINE._replace(evolve=seq_skipped),
    "more_than_the_log": ENGINE._replace(evolve=more_than_the_log(count().__next__)),
    "no_deadline": ENGINE._replace(next_deadline=no_deadline),
    "deadline_stays": ENGINE._replace(next_deadline=deadline_stays),
}


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("two_outcomes", checks.turns_end_once),
        ("no_outcome", checks.turns_end_once),
        ("too_early", checks.turns_end_once),
        ("two_holders", checks.floors_are_single),
        ("benched_granted", checks.grants_are_fair),
        ("budget_overdrawn", checks.grants_are_fair),
        ("turn_for_the_late", checks.rounds_are_fair),
        ("twice_a_round", checks.rounds_are_fair),
        ("deaf_to_time", checks.deadlines_come),
        ("too_early", checks.deadlines_come),
        ("deadline_stays", checks.deadlines_come),
        ("no_deadline", checks.deadlines_come),
        ("floor_lost", checks.somebody_is_waited_for),
        ("half_a_round", checks.somebody_is_waited_for),
        ("restless", checks.time_alone_ends_it),
        ("argument_changed", checks.nothing_else_decides),
        ("memory_of_its_own", checks.nothing_else_decides),
        ("memory_of_its_own", checks.same_again),
        ("seq_skipped", checks.seqs_have_no_gap),
        ("more_than_the_log", checks.log_is_enough),
    ],
)
def test_a_check_finds_its_fault(fault: str, check: Callable[[Life], None]) -> None:
    """A check that nothing can fail would say nothing."""
    assert any(not passes(check, life) for life in broken_lives(ENGINES[fault]))


@pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.__name__)
def test_the_rules_as_they_are_pass(check: Callable[[Life], None]) -> None:
    """The same lives, without a fault: it is the fault that is found, not the life."""
    for life in drawn_lives(LIVES):
        check(life)


def test_the_hash_of_a_name_decides_nothing() -> None:
    """Python hashes words otherwise in every process; the same conversation comes out, every event of it."""
    assert told("ENGINE", "1") == told("ENGINE", "2")


def test_an_order_that_depends_on_hashes_is_found() -> None:
    """So the test before this one can fail."""
    assert told("hash_decides", "1") != told("hash_decides", "2")


def told(engine: str, hash_seed: str) -> str:
    """Return a digest of what is said and done in the lives of a process of its own."""
    program = f"from tests.torture.test_checks import print_digest; print_digest({engine!r})"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout


def print_digest(engine: str) -> None:
    """Print a digest of many lives, their logs event by event."""
    lives = drawn_lives(LIVES, ENGINES.get(engine, ENGINE))
    print(sha256("\n".join(repr(life.log) for life in lives).encode()).hexdigest())


def broken_lives(engine: Engine) -> Iterator[Life]:
    """Yield lives by rules with a fault, each as far as it goes: a room that is in pieces ends it."""
    for rules, steps in drawn_plans(LIVES):
        life = start(rules, engine)
        with suppress(LookupError):
            for step in steps:
                play_step(life, step)
        yield life


def passes(check: Callable[[Life], None], life: Life) -> bool:
    try:
        check(life)
    except AssertionError:
        return False
    return True
