"""Whole lives of a room for Hypothesis: any commands at any moments, most of them such as a hall would submit.

A step is drawn without looking at the room, so that a failing history shrinks; what it leaves open (who has the
floor, when the next deadline is) is filled in when it is played.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from hypothesis import strategies as st
from msgspec.structs import replace

from moothall.engine.commands import (
    CallTime,
    CloseRoom,
    CloseSitting,
    ComeBack,
    Command,
    GoAway,
    HostSay,
    Join,
    Leave,
    Next,
    OpenRoom,
    Pass,
    Pause,
    QueueTopic,
    Remove,
    Reopen,
    Say,
    Skip,
    Unpause,
)
from moothall.engine.decide import decide
from moothall.engine.events import Afterwards, Event, Kind, LeaveReason, PolicyName, Rules
from moothall.engine.evolve import empty_room, evolve
from moothall.engine.names import Name, RoomName
from moothall.engine.room import Room, next_deadline
from moothall.errors import Reason, Rejected

__all__ = ["ROOM", "Life", "Step", "attempt", "live", "lives", "rules", "steps"]

ROOM: Final = RoomName("main")
NAMES: Final = tuple(map(Name, ("Lars", "Kari", "Ola", "Nina", "Ida", "KARI")))
HOLDER: Final = Name("?")
"""Stands for whoever has the floor when the step is played, else for the first seat."""


class Step(NamedTuple):
    """One command, `wait_ms` after the one before it; None: at the next deadline, where there is one."""

    command: Command
    wait_ms: int | None


class Life(NamedTuple):
    """What came of a history: every room there was, the log, and what each command was answered with."""

    rooms: list[Room]
    log: list[tuple[Event, int]]
    answers: list[list[Event] | Reason]


seated = st.sampled_from((HOLDER, HOLDER, HOLDER, *NAMES))
words = st.sampled_from(("hi", "ho", "ho\nho", "", "too long for the room"))
turns = st.sampled_from((None, None, None, 1, 2))
cids = st.sampled_from((None, None, "c1", "c2"))


def _name(join: Join) -> Name:
    return join.name


def _joined_up(crowd: list[Join], pieces: list[list[Step]]) -> list[Step]:
    return [*(Step(join, 0) for join in crowd), *(step for piece in pieces for step in piece)]


rules = st.builds(
    Rules,
    seats=st.integers(1, 5),
    agenda=st.sampled_from(((), ("sing", "dance"))),
    policy=st.sampled_from((PolicyName.ROUND_ROBIN, PolicyName.ROUND_ROBIN, PolicyName.OPEN)),
    rounds=st.integers(1, 3),
    turn_seconds=st.sampled_from((30, 30, 0.5, 0)),
    away_seconds=st.sampled_from((30, 1, 0)),
    afterwards=st.sampled_from(Afterwards),
    max_text_chars=st.just(10),
)

# Often what moves a room on, now and then anything else. (`one_of` would take a strategy once, however often it is given.)
_common = (
    st.builds(Join, st.sampled_from(NAMES), keyed=st.booleans()),
    st.builds(Say, seated, st.just("hi"), st.none(), cids),
    st.builds(Say, seated, words, turns, cids),
    st.builds(Pass, seated),
    st.just(CallTime()),
)
_uncommon = (
    st.builds(Join, st.sampled_from(NAMES), st.sampled_from(Kind), st.sampled_from(("", "a" * 201)), st.booleans()),
    st.builds(Pass, seated, turns),
    st.builds(Leave, seated, st.sampled_from(LeaveReason)),
    st.builds(GoAway, seated),
    st.builds(ComeBack, seated),
    st.builds(QueueTopic, st.sampled_from(("eat", "sing", " "))),
    st.just(Next()),
    st.just(Skip()),
    st.builds(Remove, seated, st.sampled_from(("", "rude"))),
    st.just(Pause()),
    st.just(Unpause()),
    st.just(Unpause()),
    st.builds(HostSay, words),
    st.builds(Reopen, st.integers(0, 40_000), st.frozensets(st.sampled_from(NAMES))),
)
_rare = (st.just(CloseSitting()), st.just(CloseRoom()), st.builds(OpenRoom, rules, st.just("other")))
_weighted: tuple[st.SearchStrategy[Command], ...] = (*_common * 16, *_uncommon * 2, *_rare)
commands = st.integers(0, len(_weighted) - 1).flatmap(_weighted.__getitem__)
waits = st.sampled_from((0, 0, 1, 400, 10_000, None))
crowds = st.lists(st.builds(Join, st.sampled_from(NAMES), keyed=st.booleans()), max_size=5, unique_by=_name)
# In pieces, because Hypothesis makes a single list about five long.
pieces = st.lists(st.lists(st.builds(Step, commands, waits), max_size=20), max_size=20)
steps = st.builds(_joined_up, crowds, pieces)


def lives() -> st.SearchStrategy[Life]:
    """Draw a room's life from its first event."""
    return st.builds(live, rules, steps)


def live(rules: Rules, steps: list[Step]) -> Life:
    """Open a room and play the steps in it."""
    life = Life([empty_room(ROOM)], [], [])
    for step in [Step(OpenRoom(rules, "seed"), 1), *steps]:
        room = life.rooms[-1]
        at = next_deadline(room) if step.wait_ms is None else room.at + step.wait_ms
        command = filled_in(step.command, room)
        at = max(room.at, at or 0)
        answer = attempt(room, command, at)
        life.answers.append(answer)
        for event in answer if isinstance(answer, list) else []:
            life.log.append((event, at))
            life.rooms.append(evolve(life.rooms[-1], event, at))
    return life


def attempt(room: Room, command: Command, at: int) -> list[Event] | Reason:
    """Return the events that follow, or why none do."""
    try:
        return decide(room, command, at)
    except Rejected as refusal:
        return refusal.reason


def filled_in(command: Command, room: Room) -> Command:
    """Return the command with what the step left open."""
    if isinstance(command, Reopen):
        return replace(command, since=room.at + command.since)
    if isinstance(command, Say | Pass | Leave | GoAway | ComeBack | Remove) and command.name == HOLDER:
        return replace(command, name=room.holder or next(iter(room.seats), NAMES[0]))
    return command
