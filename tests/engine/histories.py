"""Whole lives of a room for Hypothesis: any commands at any moments, most of them such as a hall would submit.

A step is drawn without looking at the room, so that a failing history shrinks; what it leaves open (who has the
floor, when the next deadline is) is filled in when it is played.
"""

from __future__ import annotations

from itertools import cycle, islice
from random import Random
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
from moothall.engine.events import Event, Kind, LeaveReason
from moothall.engine.evolve import empty_room, evolve
from moothall.engine.names import Name, RoomName
from moothall.engine.room import Room, next_deadline
from moothall.engine.rules import Afterwards, PolicyName, Rules
from moothall.errors import Reason, Rejected

__all__ = ["ROOM", "Life", "Step", "attempt", "live", "lives", "rules", "steps"]

ROOM: Final = RoomName("main")
NAMES: Final = tuple(map(Name, ("Lars", "Kari", "Ola", "Nina", "Ida", "KARI")))
STRANGER: Final = Name("!")
"""Stands for the first of the names that has no seat when the command is played."""
HOLDER: Final = Name("?")
"""Stands for whom the command means most likely, when it is played: who has the floor, or is away, or sits first."""


class Step(NamedTuple):
    """One command, `wait_ms` after the one before it; None: at the next deadline, where there is one."""

    command: Command
    wait_ms: int | None


class Life(NamedTuple):
    """What came of a history: every room there was, the log, and what each command was answered with."""

    rooms: list[Room]
    log: list[tuple[Event, int]]
    answers: list[list[Event] | Reason]


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

SEATED: Final = (HOLDER, *NAMES)
SAID: Final = (("hi", None), ("ho\nho", "c1"), ("hi", "c1"), ("hi", "c2"), ("", None), ("too long for it", None))
JOINS: Final[tuple[Command, ...]] = (*[Join(STRANGER)] * 2, *[Join(STRANGER, keyed=True)] * 4, *map(Join, NAMES))
OWN_TURNS: Final[tuple[Command, ...]] = (
    *[Say(HOLDER, "hi")] * 6,
    *(Say(HOLDER, text, cid=cid) for text, cid in SAID),
    *[Pass(HOLDER)] * 3,
    *[CallTime()] * 3,
)
ANY_TURNS: Final[tuple[Command, ...]] = (
    *(Say(name, text, turn, cid) for name in SEATED for text, cid in SAID for turn in (None, 1, 2)),
    *(Pass(name, turn) for name in SEATED for turn in (None, 1, 2)),
)
COMINGS: Final[tuple[Command, ...]] = (
    *(Leave(name, reason) for name in SEATED for reason in LeaveReason),
    *(GoAway(name) for name in SEATED for _ in range(4)),
    *[ComeBack(HOLDER)] * 20,
    *map(ComeBack, NAMES),
    *(Remove(name, reason) for name in (*[HOLDER] * 4, *SEATED) for reason in ("", "rude")),
    Join(STRANGER, Kind.PERSON, "a student"),
    Join(STRANGER, about="a" * 201),
)
WISHES: Final[tuple[Command, ...]] = (
    *map(QueueTopic, ("eat", "sing", " ")),
    *[Next()] * 3,
    *[Skip()] * 3,
    *[Pause()] * 2,
    *[Unpause()] * 4,
    HostSay("hi"),
    HostSay(""),
    *(Reopen(since, frozenset(here)) for since in (0, 20_000, 40_000) for here in ((), NAMES[:2], NAMES)),
)
ENDS: Final[tuple[Command, ...]] = (CloseSitting(), CloseRoom(), *[OpenRoom(Rules(seats=2), "other")] * 2)
WAITS_MS: Final = (0, 0, 1, 10_000, None, None)


# One draw makes one step: histories are long, and Hypothesis is quick with flat choices.
SHARES: Final = ((16, JOINS), (45, OWN_TURNS), (10, ANY_TURNS), (14, COMINGS), (14, WISHES), (1, ENDS))
STEPS: Final = [
    Step(command, wait_ms)
    for share, kind in SHARES
    for command in islice(cycle(kind), share * 20)
    for wait_ms in WAITS_MS
]
Random(1).shuffle(STEPS)  # Hypothesis likes the first best
crowds = st.integers(0, 5).map(lambda many: [Step(Join(STRANGER, keyed=True), 0)] * many)
# In pieces, because Hypothesis makes a single list about five long.
pieces = st.lists(st.lists(st.sampled_from(STEPS), min_size=5, max_size=30), max_size=30)
steps = st.builds(lambda crowd, pieces: [*crowd, *(step for piece in pieces for step in piece)], crowds, pieces)


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
    """Return the command with what the step left open; where nobody could do it, what must come first."""
    if isinstance(command, Join) and room.is_closed:
        return OpenRoom(room.rules, room.seed)
    if isinstance(command, Join) and command.name == STRANGER:
        strangers = [name for name in NAMES if room.seated_as(name) is None]
        return replace(command, name=strangers[0] if strangers else NAMES[0])
    if isinstance(command, Reopen):
        return replace(command, since=room.at + command.since)
    if not isinstance(command, Say | Pass | Leave | GoAway | ComeBack | Remove) or command.name != HOLDER:
        return command
    if not room.seats:
        return Join(NAMES[0], keyed=True)
    away = [name for name, seat in room.seats.items() if seat.away_until is not None]
    meant = away if isinstance(command, ComeBack) else room.turns and [room.turns[0].name]
    return replace(command, name=(meant or [*room.seats])[0])
