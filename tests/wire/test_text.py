"""The text door's words: every line that people read, and what becomes of what they type."""

from __future__ import annotations

import re
from typing import Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from moothall.engine.commands import CallTime, Command, Join, Leave, NameChair, Pause, QueueTopic, Reopen, Say
from moothall.engine.deadlines import next_deadline
from moothall.engine.decide import decide
from moothall.engine.events import (
    Benched,
    CameBack,
    ChairNamed,
    Event,
    FillAsked,
    FloorGranted,
    FloorRequested,
    FloorRevoked,
    FloorWithdrawn,
    GatheringReopened,
    HostSaid,
    Left,
    Passed,
    Paused,
    Removed,
    Reopened,
    Returned,
    RoomClosed,
    RoomOpened,
    RoundClosed,
    RoundOpened,
    RulesSet,
    Said,
    Seated,
    SittingClosed,
    SittingOpened,
    SittingStarted,
    TimeCalled,
    TopicClosed,
    TopicOpened,
    TopicQueued,
    TopicReopened,
    Unpaused,
    WentAway,
)
from moothall.engine.evolve import evolve
from moothall.engine.names import Name, parse_name
from moothall.engine.room import Room, Tally
from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards, Kind, LeaveReason, OnMissed, PolicyName, SittingEnd, StartReason, TopicEnd
from moothall.errors import Reason, Rejected
from moothall.wire.change import Change
from moothall.wire.notices import POLICY_NOTICES
from moothall.wire.text import BARE, TEXT, greeting, lines_for, notice, refusal, refusal_of, utterance
from moothall.wire.typed import Slash, decode_typed
from tests.engine.past import HUG, IDA, KARI, LARS, NINA, NOON, OLA, SECOND, a_room, gathering, play, talking
from tests.wire.samples import DOCS, MAIN, a_change, any_of

PROTOCOL: Final = (DOCS / "text.md").read_text("utf-8")

EMPTY: Final = a_room()
WAITING: Final = gathering(LARS, OLA, KARI)
TALKING: Final = talking(LARS, KARI, OLA, NINA)
OLAS_TURN: Final = play(TALKING, Say(LARS, "Oh yes"), Say(KARI, "Oh no"))
STAYS: Final = talking(LARS, OLA, rules=replace(HUG, afterwards=Afterwards.STAY))
DONE: Final = SittingClosed(SittingEnd.DONE, Afterwards.DISCONNECT)
ASKED: Final = talking(LARS, KARI, OLA, NINA, IDA, rules=replace(HUG, policy=PolicyName.REQUEST))
LED: Final = play(gathering(LARS, OLA), NameChair("ola"))
RULES_SET: Final = RulesSet(
    policy=PolicyName.ROTATE,
    rounds=3,
    until='seconds=9 or phrase="We agree"',
    turn_seconds=0.5,
    seat_seconds={"Kari": 60, "Ola": 2.5},
    missed_turns=2,
    on_missed=OnMissed.NONE,
)
WELCOME: Final = "/help lists what you can type."


def tallied(**tally: int) -> Room:
    """Return a room in which so much has happened."""
    return replace(TALKING, tally=Tally(**tally))


# The room before, the event, what the others read, and what Ola, if it is about Ola, reads in their place.
LINES: Final[list[tuple[Room, Event, list[str], str | None]]] = [
    (
        gathering(LARS, KARI),
        Seated(OLA, 3, Kind.PERSON),
        ["* Ola took seat 3. 3/4 here."],
        f"* You are Ola, seat 3. 3/4 here. {WELCOME}",
    ),
    (OLAS_TURN, WentAway(OLA, NOON), ["* Ola lost the connection. The seat is held, 30 s."], None),
    (OLAS_TURN, CameBack(OLA), ["* Ola is back."], None),
    (OLAS_TURN, Left(OLA, LeaveReason.ASKED), ["* Ola left."], "* Goodbye."),
    (OLAS_TURN, Left(OLA, LeaveReason.LOST), ["* Ola left."], "* Goodbye."),
    (OLAS_TURN, Left(OLA, LeaveReason.AWAY), ["* Ola left."], "* Goodbye."),
    (OLAS_TURN, Left(OLA, LeaveReason.RESTART), ["* Ola left: the server was restarted."], "* Goodbye."),
    (WAITING, Left(OLA, LeaveReason.ASKED), ["* Ola left. 2/4 here."], "* Goodbye."),
    (gathering(OLA), Left(OLA, LeaveReason.ASKED), ["* Ola left."], "* Goodbye."),
    (
        OLAS_TURN,
        Removed(OLA, "operator", "rude"),
        ["* The operator removed Ola."],
        "* Goodbye. The operator removed you.",
    ),
    (
        WAITING,
        Removed(OLA, "operator"),
        ["* The operator removed Ola. 2/4 here."],
        "* Goodbye. The operator removed you.",
    ),
    (
        replace(OLAS_TURN, seats=OLAS_TURN.seats | {OLA: replace(OLAS_TURN.seats[OLA], missed=3)}),
        Removed(OLA, "host", "missed_turns"),
        ["* The host removed Ola: 3 turns missed."],
        "* Goodbye. The host removed you: 3 turns missed.",
    ),
    (
        play(gathering(LARS, KARI), NameChair("ola")),
        Seated(OLA, 3, Kind.PERSON),
        ["* Ola took seat 3, in the chair. 3/4 here."],
        f"* You are Ola, seat 3, in the chair. 3/4 here. {WELCOME}",
    ),
    (
        replace(TALKING, topic=None, round=None, turns=(), topics_opened=0, sitting=7),
        TopicOpened("hug", "Host", "Do you want to hug?"),
        ["* Sitting 7 begins: Lars, Kari, Ola, Nina.", "Host: Do you want to hug?"],
        None,
    ),
    (
        replace(TALKING, topic=None),
        TopicOpened("hug, play", "Host", "Do you want to hug or play?"),
        ["Host: Do you want to hug or play?"],
        None,
    ),
    (
        replace(TALKING, topic=None),
        TopicOpened("play", "Host", "Do you want to play?"),
        ["Host: Do you want to play?"],
        None,
    ),
    *(
        (
            replace(TALKING, topic=None),
            TopicOpened("play", "Host", "Play?", policy),
            ["Host: Play?", f"* {words}"],
            None,
        )
        for policy, words in POLICY_NOTICES.items()
    ),
    (
        replace(TALKING, topic=None, round=None, turns=(), topics_opened=0, sitting=7),
        TopicOpened("hug", "Host", "Hug?", PolicyName.OPEN),
        ["* Sitting 7 begins: Lars, Kari, Ola, Nina.", "Host: Hug?", "* Anyone may speak at any time."],
        None,
    ),
    (TALKING, TopicQueued("play"), ["* The next topic: play."], None),
    (WAITING, TopicQueued("play"), [], None),
    (STAYS, TopicQueued("a\x1bb"), [r"* The next topic: a\x1bb."], None),
    (TALKING, TopicClosed(TopicEnd.ROUNDS), ["Host: Thank you, Lars, Kari, Ola and Nina."], None),
    (TALKING, TopicClosed(TopicEnd.OPERATOR), ["Host: Thank you, Lars, Kari, Ola and Nina."], None),
    (STAYS, TopicClosed(TopicEnd.ROUNDS), ["Host: Thank you, Lars and Ola."], None),
    (talking(OLA), TopicClosed(TopicEnd.ROUNDS), ["Host: Thank you, Ola."], None),
    (TALKING, TopicClosed(TopicEnd.SETTLED), ["Host: Thank you, Lars, Kari, Ola and Nina."], None),
    (TALKING, TopicClosed(TopicEnd.NOBODY_LEFT), ["* Nobody is left to speak."], None),
    (replace(TALKING, seats={}), TopicClosed(TopicEnd.NOBODY_LEFT), [], None),
    (TALKING, TopicReopened(NOON), [], None),
    (WAITING, TopicClosed(TopicEnd.OPERATOR), [], None),
    (TALKING, RoundOpened(2, 3, (LARS,)), ["* Round 2 of 3."], None),
    (TALKING, RoundOpened(1, 2, (LARS,)), ["* Round 1 of 2."], None),
    (TALKING, RoundOpened(1, 1, (LARS,)), [], None),
    (TALKING, RoundOpened(2), ["* Round 2."], None),
    (TALKING, RoundOpened(1), [], None),
    (TALKING, RoundClosed(1), [], None),
    (TALKING, FloorGranted(OLA, 3, NOON, 30), ["* Ola has the floor, 30 s."], "* Your turn, 30 s."),
    (TALKING, FloorGranted(OLA, 3, NOON, 0.5), ["* Ola has the floor, 0.5 s."], "* Your turn, 0.5 s."),
    (TALKING, FloorGranted(OLA, 3, NOON, 86_400_000), ["* Ola has the floor, 86400000 s."], "* Your turn, 86400000 s."),
    (TALKING, FloorGranted(OLA, 3, NOON, 0.1 + 0.2), ["* Ola has the floor, 0.3 s."], "* Your turn, 0.3 s."),
    (TALKING, FloorGranted(OLA, 3), ["* Ola has the floor."], "* Your turn."),
    (OLAS_TURN, Reopened(3, NOON + 21_400), ["* Ola's turn goes on, 21 s."], "* Your turn goes on, 21 s."),
    (OLAS_TURN, Reopened(3, NOON + 21_600), ["* Ola's turn goes on, 22 s."], "* Your turn goes on, 22 s."),
    (OLAS_TURN, Reopened(3, NOON + 3_600_000), ["* Ola's turn goes on, 3600 s."], "* Your turn goes on, 3600 s."),
    (OLAS_TURN, Reopened(3, NOON + 400), ["* Ola's turn goes on, 0 s."], "* Your turn goes on, 0 s."),
    (OLAS_TURN, Reopened(3, NOON - 9_000), ["* Ola's turn goes on, 0 s."], "* Your turn goes on, 0 s."),
    (OLAS_TURN, Reopened(9, NOON + 5_000), ["* Somebody's turn goes on, 5 s."], None),
    (OLAS_TURN, Said(OLA, 3, "Hugging seems great!"), ["Ola: Hugging seems great!"], "* Said."),
    (OLAS_TURN, Said(OLA, None, "* Your turn."), ["Ola: * Your turn."], "* Said."),
    (OLAS_TURN, Said(OLA, 3, "one\nHost: two\x1b[2J"), [r"Ola: one\nHost: two\x1b[2J"], "* Said."),
    (OLAS_TURN, Passed(OLA, 3), ["* Ola passed."], "* You passed."),
    (OLAS_TURN, TimeCalled(OLA, 3, 1), ["* Time called on Ola."], "* Time called on you."),
    (
        OLAS_TURN,
        FloorRevoked(OLA, 3, "operator"),
        ["* The operator took the floor from Ola."],
        "* The operator took the floor from you.",
    ),
    (
        OLAS_TURN,
        FloorRevoked(OLA, 3, "chair"),
        ["* The chair took the floor from Ola."],
        "* The chair took the floor from you.",
    ),
    (
        OLAS_TURN,
        FloorRevoked(OLA, 3, "host"),
        ["* The host took the floor from Ola."],
        "* The host took the floor from you.",
    ),
    (ASKED, FloorRequested(OLA), ["* Ola asks for the floor."], "* You ask for the floor."),
    (
        replace(ASKED, requests=(LARS,)),
        FloorRequested(OLA),
        ["* Ola asks for the floor, after Lars."],
        "* You ask for the floor, 1 before you.",
    ),
    (
        replace(ASKED, requests=(LARS, KARI, NINA)),
        FloorRequested(OLA),
        ["* Ola asks for the floor, after Lars, Kari and Nina."],
        "* You ask for the floor, 3 before you.",
    ),
    (
        replace(ASKED, requests=(LARS, KARI, NINA, IDA)),
        FloorRequested(OLA),
        ["* Ola asks for the floor, after 4 others."],
        "* You ask for the floor, 4 before you.",
    ),
    (
        replace(ASKED, requests=(OLA,)),
        FloorWithdrawn(OLA),
        ["* Ola no longer asks for the floor."],
        "* You no longer ask for the floor.",
    ),
    (
        TALKING,
        Benched(OLA, 3),
        ["* Ola is on the bench: 3 turns missed."],
        "* You are on the bench after 3 missed turns. /return gets you turns again.",
    ),
    (
        TALKING,
        Benched(OLA, 1),
        ["* Ola is on the bench: 1 turn missed."],
        "* You are on the bench after 1 missed turn. /return gets you turns again.",
    ),
    (ASKED, Returned(OLA), ["* Ola is back from the bench."], "* You are back from the bench."),
    (
        TALKING,
        Returned(OLA),
        ["* Ola is back from the bench."],
        "* You are back from the bench. You wait for the next round.",
    ),
    (
        TALKING,
        ChairNamed("Ola"),
        ["* Ola is in the chair."],
        "* You are in the chair: /grant NAME, /revoke, /topic WORDS, /next, /set RULE VALUE.",
    ),
    (LED, ChairNamed("Kari"), ["* The chair is kept for Kari."], None),
    (LED, ChairNamed(None), ["* Nobody is in the chair."], "* You are no longer in the chair."),
    (TALKING, RulesSet(rounds=2), ["* From the next topic on: rounds 2."], None),
    (TALKING, RulesSet(until="", seat_seconds={}), ["* From the next topic on: until none, seat_seconds none."], None),
    (
        TALKING,
        RULES_SET,
        [
            '* From the next topic on: policy rotate, rounds 3, until seconds=9 or phrase="We agree", '
            "turn_seconds 0.5, seat_seconds Kari=60, Ola=2.5, missed_turns 2, on_missed none."
        ],
        None,
    ),
    (TALKING, RulesSet(until='phrase="\x1b"'), [r'* From the next topic on: until phrase="\x1b".'], None),
    (TALKING, HostSaid("Host", "One at a time, please."), ["Host: One at a time, please."], None),
    (TALKING, HostSaid("Host", "a\rb"), [r"Host: a\rb"], None),
    (TALKING, Paused(), ["* The operator paused the conversation."], None),
    (TALKING, Unpaused(), ["* The conversation goes on."], None),
    (tallied(said=2, passed=1, missed=1, left=1), DONE, ["* Goodbye. 2 answers, 1 passed, 1 missed, 1 left."], None),
    (tallied(said=1, missed=2), DONE, ["* Goodbye. 1 answer, 2 missed."], None),
    (tallied(said=3, passed=4), DONE, ["* Goodbye. 3 answers, 4 passed."], None),
    (tallied(), DONE, ["* Goodbye. 0 answers."], None),
    (
        tallied(said=2),
        SittingClosed(SittingEnd.OPERATOR, Afterwards.STAY),
        ["* Goodbye. The operator closed the sitting. 2 answers."],
        None,
    ),
    (
        tallied(said=2, left=4),
        SittingClosed(SittingEnd.NOBODY_LEFT, Afterwards.STAY),
        ["* The sitting is over: 2 answers, 4 left."],
        None,
    ),
    (
        tallied(said=2, left=4),
        SittingClosed(SittingEnd.NOBODY_LEFT, Afterwards.DISCONNECT),
        ["* Goodbye. 2 answers, 4 left."],
        None,
    ),
    (
        tallied(),
        SittingClosed(SittingEnd.SHORT, Afterwards.DISCONNECT),
        ["* Goodbye. Too few came in time. 0 answers."],
        None,
    ),
    (TALKING, FillAsked(2, NOON), ["* 2 seats are empty. House bots are asked to come."], None),
    (TALKING, FillAsked(1, NOON), ["* 1 seat is empty. House bots are asked to come."], None),
    (WAITING, SittingStarted(StartReason.SHORT), ["* The conversation starts with 3 of 4."], None),
    (TALKING, GatheringReopened(NOON), [], None),
    (TALKING, RoomClosed(), ["* The room is closed."], None),
    (EMPTY, SittingOpened(7, 4, {"arm": "rotate\x1b"}), [], None),
]

# As events that a room can't take in again, they have no change of their own.
SILENT: Final[list[Change]] = [
    Change(RoomOpened(MAIN, Rules(labels={"arm": "\x1b"}), "seed"), EMPTY, EMPTY, b""),
]


def about(event: Event) -> Name | None:
    """Return whom an event is about, as a test sees it."""
    return OLA if isinstance(event, Reopened | ChairNamed) else getattr(event, "name", None)


def most_lines(event: Event, before: Room) -> int:
    """Return how many lines an event may be: the host's question may have a notice before it and one after it."""
    if not isinstance(event, TopicOpened):
        return 1
    return 1 + (before.topics_opened == 0) + (event.policy is not PolicyName.ROUND_ROBIN)


def ids(value: object) -> str:
    return type(value).__name__ if isinstance(value, get_args(Event)) else ""


# What one reads


@pytest.mark.parametrize(("before", "event", "shared", "own"), LINES, ids=ids)
def test_an_event_has_its_line(before: Room, event: Event, shared: list[str], own: str | None) -> None:
    """One line for the others and one for whom it is about; where that one is not told apart, they read the same."""
    change = a_change(before, event)

    assert lines_for(change) == lines_for(change, IDA) == shared
    assert lines_for(change, about(event)) == ([own] if own else shared)


@pytest.mark.parametrize(("before", "event", "shared", "own"), LINES, ids=ids)
def test_the_bytes_are_the_lines(before: Room, event: Event, shared: list[str], own: str | None) -> None:
    """What the door sends is encoded once, and holds nothing else."""
    change = a_change(before, event)

    assert TEXT.line(change, None).decode() == "".join(f"{words}\n" for words in shared)
    if own is not None:
        assert TEXT.line(change, about(event)).decode() == f"{own}\n"


@pytest.mark.parametrize("change", SILENT, ids=lambda change: type(change.event).__name__)
def test_nobody_was_there_when_the_room_was_opened(change: Change) -> None:
    """But a reader who asks for all that is kept may be shown it."""
    assert lines_for(change) == []
    assert TEXT.line(change, None) == BARE.line(change, None) == b""


def test_every_event_has_its_line_above() -> None:
    """Who adds an event says what people read of it, or that they read nothing."""
    tested = {type(event) for _, event, _, _ in LINES} | {type(change.event) for change in SILENT}

    assert tested == set(get_args(Event))


@pytest.mark.parametrize(("before", "event", "shared", "own"), LINES, ids=ids)
def test_every_line_is_one_of_four(before: Room, event: Event, shared: list[str], own: str | None) -> None:
    """`* notice`, or `NAME: words`; and one event is at most one line, but for the notice that begins a sitting."""
    assert len(shared) <= most_lines(event, before)
    for line in [*shared, *([own] if own else [])]:
        assert line.startswith("* ") or re.match(r"(Host|Ola): ", line)
        assert line.isprintable()


@pytest.mark.parametrize(("before", "event", "shared", "own"), LINES, ids=ids)
def test_your_turn_begins_a_line_only_for_who_has_the_floor(
    before: Room, event: Event, shared: list[str], own: str | None
) -> None:
    """Every client waits for these two words, and speaks when they come."""
    after = evolve(before, event, NOON)
    has_floor = isinstance(event, FloorGranted | Reopened) and after.turns[-1] == after.turn_of(OLA) and own is not None

    assert not any(line.startswith("* Your turn") for line in shared)
    assert str(own).startswith("* Your turn") == has_floor


@pytest.mark.parametrize("event", [event for _, event, _, _ in LINES], ids=ids)
def test_goodbye_begins_the_last_line_alone(event: Event) -> None:
    """A client may end when it reads it."""
    ends = isinstance(event, Left | Removed) or (
        isinstance(event, SittingClosed)
        and (event.reason, event.afterwards) != (SittingEnd.NOBODY_LEFT, Afterwards.STAY)
    )
    lines = [line for _, of, shared, own in LINES if of is event for line in (*shared, own or "")]

    assert any(line.startswith("* Goodbye") for line in lines) == ends


@given(any_of(Event), st.sampled_from([TALKING, OLAS_TURN, WAITING, STAYS]))
def test_whatever_is_said_is_one_safe_line(event: Event, room: Room) -> None:
    """Whatever words stand in an event, as far as its names are names, no terminal is harmed and no line forged."""
    plain: dict[str, object] = {"name": OLA, "host": "Host", "by": "operator", "order": (LARS,), "deadline": NOON}
    if isinstance(event, WentAway):
        plain["until"] = NOON
    event = replace(event, **{field: value for field, value in plain.items() if hasattr(event, field)})
    after = room if isinstance(event, RoomOpened | Said) else evolve(room, event, NOON)
    change = Change(event, room, after, b"")

    for words in [*lines_for(change), *lines_for(change, OLA)]:
        assert not set(words) & set("\n\r\x1b\x7f\x9b\u202e\u2028")
        assert words.startswith("* ") or words.partition(": ")[0] in {"Ola", "Host"}
    for dialect in (TEXT, BARE):
        lines = dialect.line(change, None), dialect.line(change, OLA)
        assert max(line.count(b"\n") for line in lines) <= most_lines(event, room)


@pytest.mark.parametrize("name", ["Your turn", "your turn, 30 s", "YOUR TURNIP", "Said.", "Goodbye", "goodbye. 2 a"])
def test_nobody_can_make_others_believe_that_it_is_their_turn(name: str) -> None:
    """A name stands first in many notices, so one that begins like a notice to oneself is put in quotes."""
    villain = Name(name)
    room = gathering(villain)
    turn = FloorGranted(villain, 1, NOON + SECOND, 1)
    granted = evolve(room, turn, NOON)

    assert [
        lines_for(a_change(EMPTY, Seated(villain, 1, Kind.BOT))),
        lines_for(a_change(room, turn)),
        lines_for(a_change(granted, Reopened(1, NOON + SECOND))),
        lines_for(a_change(granted, Passed(villain, 1))),
        lines_for(a_change(room, WentAway(villain, NOON))),
        lines_for(a_change(room, CameBack(villain))),
        lines_for(a_change(room, Left(villain, LeaveReason.ASKED))),
    ] == [
        [f'* "{name}" took seat 1. 1/4 here.'],
        [f'* "{name}" has the floor, 1 s.'],
        [f'* "{name}"\'s turn goes on, 1 s.'],
        [f'* "{name}" passed.'],
        [f'* "{name}" lost the connection. The seat is held, 30 s.'],
        [f'* "{name}" is back.'],
        [f'* "{name}" left.'],
    ]
    assert lines_for(a_change(granted, Said(villain, 1, "hi"))) == [f"{name}: hi"]


@pytest.mark.parametrize("name", ["You", "Yourturn", "Said", "Good", "Mr Goodbye"])
def test_other_names_stand_as_they_are(name: str) -> None:
    """Said is a name that many people have."""
    assert lines_for(a_change(EMPTY, Seated(Name(name), 1, Kind.BOT))) == [f"* {name} took seat 1. 1/4 here."]


def test_a_seat_that_is_not_held_at_all_is_said_to_be_held() -> None:
    """Zero seconds: it is given up at once, in an event of its own, and no length is told."""
    room = gathering(OLA, rules=Rules(away_seconds=0))

    assert lines_for(a_change(room, WentAway(OLA, NOON))) == ["* Ola lost the connection. The seat is held."]


def test_who_is_away_is_not_here() -> None:
    """The count is of those who would hear the question."""
    room = play(gathering(LARS, KARI, keyed={LARS}))
    room = evolve(room, WentAway(LARS, NOON + SECOND), NOON)

    assert lines_for(a_change(room, Seated(OLA, 3, Kind.BOT))) == ["* Ola took seat 3. 2/4 here."]


def test_who_is_in_the_chair_after_oneself_is_told_by_name() -> None:
    """Only one reads a line of its own, and that is the new chair, who must know what to type."""
    assert lines_for(a_change(LED, ChairNamed("Lars")), OLA) == ["* Lars is in the chair."]


def test_where_everybody_has_the_floor_each_reads_of_the_own_turn() -> None:
    """Under `parallel` several grants follow one another; a client waits for its own, as ever."""
    room = gathering(LARS, rules=replace(HUG, seats=2, policy=PolicyName.PARALLEL))
    told: dict[Name, list[str]] = {LARS: [], KARI: []}
    for event in decide(room, Join(KARI), NOON):
        change = a_change(room, event)
        for name in told:
            told[name] += lines_for(change, name)
        room = change.after

    assert told[LARS][-3:] == [
        f"* {POLICY_NOTICES[PolicyName.PARALLEL]}",
        "* Your turn, 30 s.",
        "* Kari has the floor, 30 s.",
    ]
    assert told[KARI][-2:] == ["* Lars has the floor, 30 s.", "* Your turn, 30 s."]


def test_only_the_holder_of_the_turn_is_told_that_it_goes_on() -> None:
    """After a restart several turns may be open, each with its owner."""
    two = replace(OLAS_TURN, turns=(*talking(NINA).turns, *OLAS_TURN.turns))

    assert lines_for(a_change(two, Reopened(3, NOON + SECOND)), OLA) == ["* Your turn goes on, 1 s."]
    assert lines_for(a_change(two, Reopened(1, NOON + SECOND)), NINA) == ["* Your turn goes on, 1 s."]
    assert lines_for(a_change(two, Reopened(1, NOON + SECOND)), OLA) == ["* Nina's turn goes on, 1 s."]


def test_the_first_notice_of_a_sitting_is_said_once_a_sitting() -> None:
    """The second topic of the sitting is asked like the first, without it; the next sitting has its own."""
    rules = replace(HUG, seats=1, agenda=("hug", "play"))
    lines = _lines(a_room(rules), [Join(KARI), Say(KARI, "Yes"), Say(KARI, "No"), Join(OLA)])

    assert [line for line in lines if "begins" in line or "want" in line] == [
        "* Sitting 1 begins: Kari.",
        "Host: Do you want to hug?",
        "Host: Do you want to play?",
        "* Sitting 2 begins: Ola.",
        "Host: Do you want to hug?",
    ]


def test_a_topic_in_the_queue_is_told_while_people_wait_for_it() -> None:
    """Where it opens at once the host's question says so already."""
    rules = replace(HUG, seats=1, afterwards=Afterwards.STAY)
    asked: list[Command] = [Join(KARI), QueueTopic("play"), Say(KARI, "Yes"), Say(KARI, "No"), QueueTopic("eat")]

    assert _lines(a_room(rules), asked) == [
        "* Kari took seat 1. 1/1 here.",
        "* Sitting 1 begins: Kari.",
        "Host: Do you want to hug?",
        "* Kari has the floor, 30 s.",
        "* The next topic: play.",
        "Kari: Yes",
        "Host: Thank you, Kari.",
        "Host: Do you want to play?",
        "* Kari has the floor, 30 s.",
        "Kari: No",
        "Host: Thank you, Kari.",
        "Host: Do you want to eat?",
        "* Kari has the floor, 30 s.",
    ]


def _lines(room: Room, commands: list[Command]) -> list[str]:
    lines: list[str] = []
    for command in commands:
        for event in decide(room, command, NOON):
            change = a_change(room, event)
            lines += lines_for(change)
            room = change.after
    return lines


# Bare


@pytest.mark.parametrize(("before", "event", "shared", "own"), LINES, ids=ids)
def test_bare_says_who_says_what_and_nothing_else(
    before: Room, event: Event, shared: list[str], own: str | None
) -> None:
    """An older client knows nothing but speakers; it dies of a notice, and of the host's thanks."""
    change = a_change(before, event)
    spoken = [words for words in shared if not words.startswith("* ") and not isinstance(event, TopicClosed)]

    assert BARE.line(change, None).decode() == "".join(f"{words}\n" for words in spoken)
    match event:
        case Seated():
            assert BARE.line(change, event.name).decode() == f"{own}\n"
        case Said():
            assert BARE.line(change, event.name) == b""
        case _:
            assert BARE.line(change, about(event)) == BARE.line(change, None)


def test_the_dialects_need_the_room() -> None:
    """A notice counts seats, names the holder, sums up a sitting: an entry alone does not say it."""
    assert (TEXT.name, TEXT.needs_room, BARE.name, BARE.needs_room) == ("text", True, "bare", True)


# Single lines


def test_the_parts_of_a_line() -> None:
    """As the doors put them together for what is no event."""
    assert greeting("main", 1, 4) == "* Moothall, room main, 1/4 here. Type your name."
    assert notice("Dropped.") == "* Dropped."
    assert utterance("Kari", "a\nb: c") == r"Kari: a\nb: c"
    assert refusal(Reason.MALFORMED, "That is not UTF-8.") == "! malformed: That is not UTF-8."


def test_a_refusal_says_why_and_whether_words_wait() -> None:
    """The reason for programs, the sentence for people."""
    error = Rejected(Reason.NOT_YOUR_TURN, "Lars")

    assert refusal_of(error, None) == "! not_your_turn: Lars has the floor."
    assert refusal_of(error, TALKING, keeps_words=True) == (
        "! not_your_turn: Lars has the floor. Your words wait; /drop forgets them."
    )
    assert refusal_of(Rejected(Reason.NOT_TALKING, "gathering"), WAITING) == (
        "! not_talking: The conversation starts at 4/4."
    )


ON_BENCH: Final = evolve(TALKING, Benched(OLA, 3), NOON)


@pytest.mark.parametrize(
    ("room", "reader", "line"),
    [
        (TALKING, OLA, "Lars has the floor."),
        (ON_BENCH, OLA, "Lars has the floor. You are on the bench; /return gets you turns again."),
        (ON_BENCH, KARI, "Lars has the floor."),
        (ASKED, OLA, "Lars has the floor. /ask asks for it."),
        (ASKED, None, "Lars has the floor."),
    ],
)
def test_a_refusal_says_how_to_get_the_floor(room: Room, reader: Name | None, line: str) -> None:
    """Where it does not come by itself; a spectator, who has no seat, cannot get it."""
    assert refusal_of(Rejected(Reason.NOT_YOUR_TURN, "Lars"), room, reader) == f"! not_your_turn: {line}"


# The protocol's text


ROWS: Final = re.findall(
    r"^\| `([a-z_]+)`(.*)$", PROTOCOL.partition("\n## 4 ")[2].partition("\nA number ")[0], re.MULTILINE
)
SHOWN: Final = [line for _, row in ROWS for line in re.findall(r"`([^`]+)`", row) if " " in line]


def test_every_event_has_its_row_in_the_protocol() -> None:
    """Also one of which nothing is shown."""
    rows = {tag for tag, _ in ROWS} | set(re.findall(r"`([a-z_]+)`", " ".join(row for _, row in ROWS)))

    assert rows == {kind.__struct_config__.tag for kind in get_args(Event)}


@pytest.mark.parametrize("line", SHOWN)
def test_every_line_in_the_protocol_is_written_so(line: str) -> None:
    """To the letter: clients are written from that table."""
    assert line in {read for _, _, shared, own in LINES for read in (*shared, own)}


def test_every_policy_has_its_notice_in_the_protocol() -> None:
    """To the letter, too."""
    rows = [f"| `{policy}` | `* {words}` |" for policy, words in POLICY_NOTICES.items()]

    assert [row for row in rows if row not in PROTOCOL] == []


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
def test_what_is_shown_of_an_event_stands_in_the_protocol(kind: type[Event]) -> None:
    """At least once for the others and once for whom it is about."""
    mine = [(shared, own) for _, event, shared, own in LINES if isinstance(event, kind)]

    assert not any(shared for shared, _ in mine) or any(set(shared) & set(SHOWN) for shared, _ in mine)
    assert not any(own for _, own in mine) or any(own in SHOWN for _, own in mine)


def test_every_reason_stands_in_the_protocol() -> None:
    """The same word in every door."""
    assert [reason for reason in Reason if f"\n| `{reason}` | " not in PROTOCOL] == []


# A whole sitting


class Table:
    """Kari's terminal, without a door: the rules and the codec alone, and the one pocket that a door would keep."""

    def __init__(self) -> None:
        self.room = replace(gathering(LARS), sitting=7)
        self.at = NOON
        self.name: Name | None = None
        self.pocket: str | None = None
        self.shown = [greeting("main", self.room.here, self.room.rules.seats)]

    def happens(self, command: Command) -> None:
        for event in decide(self.room, command, self.at):
            change = a_change(self.room, event, self.at)
            if self.name:
                self.shown += lines_for(change, self.name)
            self.room = change.after

    def types(self, line: str) -> None:
        self.shown.append(f"> {line}")
        typed = decode_typed(line.encode())
        try:
            if isinstance(typed, Slash):
                self.pocket = None
                self.shown.append(notice("Dropped."))
            elif self.name is None:
                self._join(parse_name(typed.text))
            else:
                self.happens(Say(self.name, typed.text))
        except Rejected as error:
            keeps = self.name is not None and self.room.awaits_turn(self.name)
            self.shown.append(refusal_of(error, self.room, keeps_words=keeps))

    def _join(self, name: Name) -> None:
        events = decide(self.room, Join(name), self.at)
        self.name = name
        for event in events:
            change = a_change(self.room, event, self.at)
            self.shown += lines_for(change, name)
            self.room = change.after


def test_a_whole_sitting_reads_as_in_the_protocol() -> None:
    """Line for line: this is what the first screen of everything promises."""
    table = Table()
    table.types("lars")
    table.types("Kari")
    table.types("hello?")
    table.happens(Join(OLA))
    table.happens(Join(NINA))
    table.types("Oh yes")
    table.types("/drop")
    table.happens(Say(LARS, "I think hugging sounds great! Awesome!"))
    table.types("Hugging seems great!")
    table.types("And another thing")
    table.at = next_deadline(table.room) or 0
    table.happens(CallTime())
    table.happens(Leave(NINA))

    assert table.shown == PROTOCOL.partition("## 16 ")[2].split("```")[1].strip().splitlines()


def test_after_a_restart_the_turn_goes_on() -> None:
    """Who has no key has left; who has one is told how long is left."""
    room = play(talking(LARS, KARI, keyed={LARS}))
    lines = _lines(room, [Reopen(NOON, frozenset({LARS}))])

    assert lines == ["* Kari left: the server was restarted.", "* Lars's turn goes on, 30 s."]


def test_a_pause_is_told() -> None:
    """And that nobody may speak in it."""
    assert _lines(TALKING, [Pause()]) == ["* The operator paused the conversation."]
