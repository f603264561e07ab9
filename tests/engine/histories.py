"""Whole lives of a room: any commands of any role at any moments, most of them such as a hall would submit.

A step is drawn without looking at the room, so that a failing history shrinks; what it leaves open (who has the
floor, who is in the chair, when the next deadline is) is filled in when it is played. What must hold of a life stands
in `checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle, islice
from random import Random
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st
from msgspec.structs import replace

from moothall.engine.commands import (
    CallTime,
    CloseRoom,
    CloseSitting,
    ComeBack,
    Command,
    GoAway,
    Grant,
    HostSay,
    Join,
    Leave,
    NameChair,
    Next,
    OpenRoom,
    Pass,
    Pause,
    QueueTopic,
    Remove,
    Reopen,
    RequestFloor,
    Return,
    Revoke,
    Say,
    SetRules,
    Skip,
    Start,
    Unpause,
    Withdraw,
)
from moothall.engine.deadlines import next_deadline
from moothall.engine.decide import decide
from moothall.engine.events import Event
from moothall.engine.evolve import empty_room, evolve
from moothall.engine.names import Name, RoomName
from moothall.engine.policies import Policy
from moothall.engine.room import Phase, Room
from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards, Kind, LeaveReason, OnMissed, PolicyName, WhenShort
from moothall.errors import Reason, Rejected

__all__ = [
    "ENGINE",
    "OPENINGS",
    "ROLES",
    "ROOM",
    "Engine",
    "Life",
    "Step",
    "crowds",
    "custom_of",
    "drawn_lives",
    "drawn_plans",
    "filled_in",
    "live",
    "lives",
    "play_step",
    "rules",
    "settled",
    "start",
    "steps",
]

ROOM: Final = RoomName("main")
NAMES: Final = tuple(map(Name, ("Lars", "Kari", "Ola", "Nina", "Ida", "KARI")))
STRANGER: Final = Name("!")
"""Stands for the first of the names that has no seat when the command is played."""
HOLDER: Final = Name("?")
"""Stands for whom the command means most likely, when it is played: who has the floor, is away, is benched, asks."""
CHAIR: Final = Name("#")
"""Stands for who is in the chair when the command is played; where nobody is, for the operator."""


class Step(NamedTuple):
    """One command, `wait_ms` after the one before it; None: at the next deadline, where there is one."""

    command: Command
    wait_ms: int | None


class Engine(NamedTuple):
    """The rules that a life is lived by: ours, or some with a fault that a check must find."""

    decide: Callable[[Room, Command, int, Policy | None], list[Event]] = decide
    evolve: Callable[[Room, Event, int], Room] = evolve
    next_deadline: Callable[[Room], int | None] = next_deadline

    def attempt(self, room: Room, command: Command, at: int) -> list[Event] | Reason:
        """Return the events that follow, or why none do."""
        try:
            return self.decide(room, command, at, custom_of(room))
        except Rejected as refusal:
            return refusal.reason


ENGINE: Final = Engine()


class Life(NamedTuple):
    """What came of a history: every room there was, the log, what was asked and what each was answered with."""

    rooms: list[Room]
    log: list[tuple[Event, int]]
    asked: list[tuple[Command, int]]
    answers: list[list[Event] | Reason]
    engine: Engine = ENGINE


CUSTOMS: Final[dict[str, Policy]] = {
    "last_first": lambda room: () if room.turns else waiting(room)[-1:],
    "in_pairs": lambda room: () if room.turns else waiting(room)[:2],
    "one_a_round": lambda room: () if room.turns or (room.round and room.round.done) else waiting(room)[:1],
    "no_answer": lambda room: None,
    "nobody": lambda room: (),
    "a_stranger": lambda room: (Name("Nemo"),),
    "everybody_always": lambda room: tuple(room.seats),
    "one_twice": lambda room: waiting(room)[:1] * 2,
}
"""Policies of an operator's own, by the name that `custom_policy` has: three that may be, and all ways to be wrong."""


def waiting(room: Room) -> tuple[Name, ...]:
    """Return who may be granted, as an operator's function would see it."""
    return tuple(name for name in room.seats if room.awaits_turn(name) and not room.seats[name].is_benched)


def custom_of(room: Room) -> Policy | None:
    """Return the function behind the room's policy `custom`; None: it has none."""
    return CUSTOMS.get(room.rules.custom_policy)


UNTILS: Final = (
    "rounds=2",
    "turns=5",
    "seconds=40",
    "seconds=0.5 or rounds=3",
    "utterances=3",
    "characters=8",
    "seat_characters=4 or turns=9",
    "seat_characters=3",
    "phrase=hi",
    'phrase="ho ho" or rounds=3',
    "settled",
    "settled and turns=4",
    "(turns=3 and utterances=1) or seconds=90",
    "chair",
    "operator",
    "chair or operator or rounds=2",
)
POLICIES: Final = (*PolicyName, PolicyName.REQUEST, PolicyName.CHAIR, PolicyName.CUSTOM)

GATHERINGS: Final[tuple[dict[str, Any], ...]] = (
    *[{}] * 5,
    *({"gather_seconds": 20, "when_short": word} for word in (WhenShort.START, WhenShort.FILL, WhenShort.CLOSE)),
    {"reserve": ("Ida",)},
    {"hold_start": True},
)
"""How a room gathers: as usual, for a while, with a seat kept, and held."""

rules = st.builds(
    lambda gathering, **fields: Rules(**gathering, **fields),
    gathering=st.sampled_from(GATHERINGS),
    seats=st.sampled_from((1, 2, 2, 3, 3, 4, 5)),
    agenda=st.sampled_from(((), ("sing", "dance"))),
    policy=st.sampled_from(POLICIES),
    custom_policy=st.sampled_from(("", *CUSTOMS)),
    rounds=st.integers(1, 3),
    until=st.sampled_from(("",) * 8 + UNTILS),
    chair=st.sampled_from(("", "Lars", "kari", "Nemo")),
    turn_seconds=st.sampled_from((30, 30, 0.5, 0)),
    seat_seconds=st.sampled_from(({}, {}, {}, {"lars": 5, "Ola": 0})),
    missed_turns=st.integers(1, 3),
    on_missed=st.sampled_from(OnMissed),
    away_seconds=st.sampled_from((30, 1, 0)),
    afterwards=st.sampled_from(Afterwards),
    max_text_chars=st.just(10),
)

SEATED: Final = (HOLDER, *NAMES)
SAID: Final = (("hi", None), ("ho\nho", "c1"), ("hi", "c1"), ("hi", "c2"), ("", None), ("too long for it", None))
JOINS: Final[tuple[Command, ...]] = (*[Join(STRANGER)] * 2, *[Join(STRANGER, keyed=True)] * 4, *map(Join, NAMES))
OWN_TURNS: Final[tuple[Command, ...]] = (
    *[Say(HOLDER, "hi")] * 4,
    *[Say(HOLDER, "@ola hi")] * 2,
    *(Say(HOLDER, text, cid=cid) for text, cid in SAID),
    *[Pass(HOLDER)] * 3,
    *[RequestFloor(HOLDER)] * 4,
    *[Withdraw(HOLDER)] * 2,
    *[Return(HOLDER)] * 2,
    *[CallTime()] * 4,
)
ANY_TURNS: Final[tuple[Command, ...]] = (
    *(Say(name, text, turn, cid) for name in SEATED for text, cid in SAID for turn in (None, 1, 2)),
    *(Pass(name, turn) for name in SEATED for turn in (None, 1, 2)),
    *(ask(name) for name in SEATED for ask in (RequestFloor, Withdraw, Return) for _ in range(6)),
)
COMINGS: Final[tuple[Command, ...]] = (
    *(Leave(name, reason) for name in SEATED for reason in LeaveReason),
    *(GoAway(name) for name in SEATED for _ in range(4)),
    *[ComeBack(HOLDER)] * 20,
    *map(ComeBack, NAMES),
    Join(STRANGER, Kind.PERSON, "a student"),
    Join(STRANGER, about="a" * 201),
)
CHANGES: Final[tuple[SetRules, ...]] = (
    *(SetRules(policy=policy) for policy in (*PolicyName, "first-come")),
    *(SetRules(until=until) for until in ("", "rounds=2", "seat_characters=4", "rounds=0", "soon")),
    SetRules(rounds=2, turn_seconds=5),
    SetRules(turn_seconds=0, seat_seconds={"kari": 2}),
    *(SetRules(missed_turns=1, on_missed=word) for word in (*OnMissed, "shout")),
)
CHAIRS: Final[tuple[Command, ...]] = (
    *(Grant(name, CHAIR) for name in (*[HOLDER] * 8, *NAMES)),
    *(Revoke(name, CHAIR) for name in (None, None, HOLDER, *NAMES[:2])),
    *[Next(CHAIR)] * 2,
    QueueTopic("dance", CHAIR),
    *(replace(change, by=CHAIR) for change in CHANGES[::3]),
    *(ask(by=name) for name in NAMES[:2] for ask in (Next, SetRules)),
)
WISHES: Final[tuple[Command, ...]] = (
    *map(QueueTopic, ("eat", "sing", " ")),
    *[Next()] * 3,
    *[Skip()] * 2,
    *map(Revoke, (None, HOLDER, "Nemo")),
    *map(Grant, (HOLDER, HOLDER, "ola", "Nemo")),
    *map(NameChair, (HOLDER, HOLDER, "ola", "Nemo", None, ":")),
    *CHANGES,
    *(Remove(name, reason) for name in (*[HOLDER] * 2, *NAMES[:2]) for reason in ("", "rude")),
    *[Pause()] * 3,
    *[Unpause()] * 6,
    *[Start()] * 6,
    HostSay("hi"),
    HostSay(""),
)
CLOCKS: Final[tuple[Command, ...]] = (
    *[CallTime()] * 10,
    *(Reopen(since, frozenset(here)) for since in (0, 20_000, 40_000) for here in ((), NAMES[:2], NAMES)),
)
ENDS: Final[tuple[Command, ...]] = (CloseSitting(), CloseRoom(), *[OpenRoom(Rules(seats=2), "other")] * 2)
WAITS_MS: Final = (0, 0, 1, 10_000, None, None)

ROLES: Final = {
    "holder": (40, OWN_TURNS),
    "participant": (10, ANY_TURNS),
    "arrival": (14, JOINS),
    "connection": (11, COMINGS),
    "chair": (8, CHAIRS),
    "operator": (12, WISHES),
    "clock": (4, CLOCKS),
    "server": (1, ENDS),
}
"""Who asks for what, and how large a share of all commands that is, in hundredths."""

# One draw makes one step: histories are long, and Hypothesis is quick with flat choices.
STEPS: Final = [
    Step(command, wait_ms)
    for share, kind in ROLES.values()
    for command in islice(cycle(kind), share * 20)
    for wait_ms in WAITS_MS
]
Random(1).shuffle(STEPS)  # Hypothesis likes the first best
OPENINGS: Final = [[Step(Join(STRANGER, keyed=True), 0)] * many for many in range(6)]
crowds = st.sampled_from(OPENINGS)
# In pieces, because Hypothesis makes a single list about five long.
pieces = st.lists(st.lists(st.sampled_from(STEPS), min_size=5, max_size=30), max_size=30)
steps = st.builds(lambda crowd, pieces: [*crowd, *(step for piece in pieces for step in piece)], crowds, pieces)


def lives() -> st.SearchStrategy[Life]:
    """Draw a room's life from its first event."""
    return st.builds(live, rules, steps)


def drawn_lives(many: int, engine: Engine = ENGINE) -> Iterator[Life]:
    """Return lives that a die draws, the same every time: for whoever needs some, and nothing to shrink."""
    return (live(rules, steps, engine) for rules, steps in drawn_plans(many))


def drawn_plans(many: int) -> Iterator[tuple[Rules, list[Step]]]:
    """Return the rules of such lives, and their steps."""
    die = Random(1)
    for number in range(many):
        drawn = Rules(
            seats=die.randint(2, 4),
            policy=POLICIES[number % len(POLICIES)],
            custom_policy=die.choice([*CUSTOMS]),
            rounds=3,
            until=die.choice(("", "", *UNTILS)),
            chair=die.choice(("", "Lars", "Kari")),
            missed_turns=die.randint(1, 2),
            on_missed=die.choice(list(OnMissed)),
            afterwards=Afterwards.STAY,
            max_text_chars=10,
        )
        yield drawn, [*OPENINGS[drawn.seats], *die.choices(STEPS, k=120)]


def live(rules: Rules, steps: list[Step], engine: Engine = ENGINE) -> Life:
    """Open a room and play the steps in it."""
    life = start(rules, engine)
    for step in steps:
        play_step(life, step)
    return life


def start(rules: Rules, engine: Engine = ENGINE) -> Life:
    """Open a room."""
    life = Life([empty_room(ROOM)], [], [], [], engine)
    play_step(life, Step(OpenRoom(rules, "seed"), 1))
    return life


def play_step(life: Life, step: Step) -> None:
    """Play one step more."""
    room = life.rooms[-1]
    at = life.engine.next_deadline(room) if step.wait_ms is None else room.at + step.wait_ms
    command = filled_in(step.command, room)
    at = max(room.at, at or 0)
    answer = life.engine.attempt(room, command, at)
    life.asked.append((command, at))
    life.answers.append(answer)
    for event in answer if isinstance(answer, list) else []:
        life.log.append((event, at))
        life.rooms.append(life.engine.evolve(life.rooms[-1], event, at))


def settled(life: Life) -> Iterator[Room]:
    """Yield the room as it was after each command that made events, not between the events of one."""
    place = 0
    for answer in life.answers:
        if isinstance(answer, list) and answer:
            place += len(answer)
            yield life.rooms[place]


def filled_in(command: Command, room: Room) -> Command:
    """Return the command with what the step left open; where nobody could do it, what must come first."""
    match command:
        case Join() if room.is_closed:
            return OpenRoom(room.rules, room.seed)
        case Join(name) if name == STRANGER:
            strangers = [name for name in NAMES if room.seated_as(name) is None]
            return replace(command, name=strangers[0] if strangers else NAMES[0])
        case Reopen(since):
            return replace(command, since=room.at + since)
        case Grant() | Revoke() | QueueTopic() | Next() | SetRules() if command.by == CHAIR:
            return filled_in(replace(command, by=room.seated_chair), room)
        case _ if getattr(command, "name", None) != HOLDER:
            return command
        case _ if not room.seats:
            return Join(NAMES[0], keyed=True)
        case Say() | Pass() | RequestFloor() if not room.turns:
            first = _comes_first(room)
            return first or replace(command, name=(_meant(command, room) or [*room.seats])[0])
        case _:
            return replace(command, name=(_meant(command, room) or [*room.seats])[0])


def _comes_first(room: Room) -> Command | None:
    # Whatever keeps the room from talking: most of a history would be spent in waiting.
    if room.paused_at is not None:
        return Unpause()
    if room.phase is Phase.GATHERING and len(room.seats) < room.rules.seats:
        return filled_in(Join(STRANGER, keyed=True), room)
    return Next() if room.phase is Phase.RESTING else None


def _meant(command: Command, room: Room) -> list[Name]:
    match command:
        case ComeBack():
            return [name for name, seat in room.seats.items() if seat.away_until is not None]
        case Return():
            return [name for name, seat in room.seats.items() if seat.is_benched]
        case RequestFloor() | Grant():
            # Whoever has had the floor least lately, so that it goes round.
            free = [name for name in room.seats if name not in room.requests and room.turn_of(name) is None]
            return sorted(free, key=lambda name: room.seats[name].turns)
        case Withdraw():
            return [*room.requests]
        case _:
            return [turn.name for turn in room.turns]
