"""How a room goes on by itself, from the last to join to the close."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from moothall.engine.commands import ComeBack, GoAway, Join, Leave, Next, Pass, Pause, QueueTopic, Say
from moothall.engine.decide import decide
from moothall.engine.events import (
    CameBack,
    Event,
    FloorGranted,
    Left,
    Passed,
    RoundClosed,
    RoundOpened,
    Said,
    Seated,
    SittingClosed,
    SittingOpened,
    TopicClosed,
    TopicOpened,
    TopicQueued,
)
from moothall.engine.names import Name
from moothall.engine.room import Phase, Room
from moothall.engine.rounds import advance, next_events
from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards, Kind, LeaveReason, PolicyName, SittingEnd, TopicEnd
from tests.engine.past import HUG, IDA, KARI, LARS, NOON, OLA, SECOND, a_room, gathering, play, talking

STAY = replace(HUG, afterwards=Afterwards.STAY)
OPEN = replace(HUG, policy=PolicyName.OPEN)
HUG_OPENED = TopicOpened("hug", "Host", "Do you want to hug?")
ROUNDS = replace(HUG, until="rounds=2")
"""Two rounds, even where everybody passes."""


def granted(name: Name, turn: int) -> FloorGranted:
    """Return the event that gives the floor at noon, for the default thirty seconds."""
    return FloorGranted(name, turn, NOON + 30 * SECOND, 30)


def went_on(room: Room) -> list[Event]:
    """Return what followed by itself."""
    return [event for event, _ in advance(room, (), NOON)]


# Gathering.


def test_a_room_waits_until_every_seat_is_filled() -> None:
    """3/4 is not enough."""
    assert went_on(gathering(LARS, KARI, OLA)) == []


def test_a_sitting_starts_when_the_last_seat_is_filled() -> None:
    """By itself: topic, round, turn."""
    room = gathering(LARS, rules=replace(HUG, seats=2))

    assert decide(room, Join(KARI), NOON)[1:] == [
        HUG_OPENED,
        RoundOpened(1, 1, (LARS, KARI)),
        granted(LARS, 1),
    ]


def test_a_sitting_does_not_start_while_somebody_is_away() -> None:
    """It would begin without them; it starts when they are back."""
    room = gathering(LARS, rules=replace(HUG, seats=2), keyed=[LARS])
    room = play(room, GoAway(LARS), Join(KARI))

    assert (room.phase, decide(room, ComeBack(LARS), NOON)[:2]) == (
        Phase.GATHERING,
        [CameBack(LARS), HUG_OPENED],
    )


def test_once_it_has_started_a_sitting_goes_on_with_whoever_is_there() -> None:
    """The next topic opens though a seat is empty and somebody is away."""
    room = play(talking(LARS, KARI, OLA, keyed=[KARI]), Leave(OLA), GoAway(KARI), QueueTopic("eat"), Pass(LARS))

    assert decide(room, Pass(KARI), NOON)[-2:] == [RoundOpened(1, 1, (LARS, KARI)), granted(LARS, 3)]


def test_a_room_without_a_sitting_does_nothing() -> None:
    """Even where a topic is queued for later."""
    assert next_events(play(a_room(), QueueTopic("eat")), NOON) == ()


def test_a_paused_room_does_not_start() -> None:
    """It waits for the operator."""
    room = play(gathering(LARS, rules=replace(HUG, seats=2)), Pause(), Join(KARI))

    assert (room.phase, room.here) == (Phase.GATHERING, 2)


# Talking.


def test_a_room_waits_for_whoever_has_the_floor() -> None:
    """Nothing follows by itself."""
    assert went_on(talking(LARS, KARI)) == []


def test_the_floor_goes_round() -> None:
    """One after another, in the order of joining; the turn's deadline counts from the grant."""
    room = talking(LARS, KARI)

    assert decide(room, Say(LARS, "hi"), NOON + 7) == [
        Said(LARS, 1, "hi"),
        FloorGranted(KARI, 2, NOON + 30 * SECOND + 7, 30),
    ]


def test_after_the_last_turn_the_next_round_opens() -> None:
    """With the same order, and turn numbers that count on."""
    room = play(talking(LARS, KARI, rules=ROUNDS), Pass(LARS))

    assert decide(room, Pass(KARI), NOON) == [
        Passed(KARI, 2),
        RoundClosed(1),
        RoundOpened(2, 2, (LARS, KARI)),
        granted(LARS, 3),
    ]


def test_after_the_last_round_everyone_is_told_goodbye() -> None:
    """Round, topic, sitting: each closes, and the seats are empty."""
    room = play(talking(LARS, KARI), Say(LARS, "hi"))

    assert (decide(room, Pass(KARI), NOON), play(room, Pass(KARI)).seats) == (
        [
            Passed(KARI, 2),
            RoundClosed(1),
            TopicClosed(TopicEnd.ROUNDS),
            SittingClosed(SittingEnd.DONE, Afterwards.DISCONNECT),
        ],
        {},
    )


def test_the_next_sitting_gathers_afresh() -> None:
    """With nothing restarted; turns count on."""
    room = play(talking(LARS), Pass(LARS))

    assert decide(room, Join(KARI), NOON) == [
        SittingOpened(2, 1, {}),
        Seated(KARI, 1, Kind.BOT),
        HUG_OPENED,
        RoundOpened(1, 1, (KARI,)),
        granted(KARI, 2),
    ]


def test_who_joins_late_waits_for_the_next_round() -> None:
    """Ida comes in the first round, and is the last of the second."""
    room = play(talking(LARS, KARI, OLA, rules=ROUNDS), Leave(KARI), Join(IDA), Pass(LARS))

    assert (room.holder, decide(room, Pass(OLA), NOON)[1:3]) == (
        OLA,
        [RoundClosed(1), RoundOpened(2, 2, (LARS, OLA, IDA))],
    )


def test_who_leaves_and_joins_again_has_joined_late() -> None:
    """The turn was given up with the seat; another may have taken the name."""
    room = play(talking(LARS, KARI, OLA, rules=ROUNDS), Leave(KARI), Join(KARI), Pass(LARS))

    assert (room.holder, decide(room, Pass(OLA), NOON)[2]) == (OLA, RoundOpened(2, 2, (LARS, OLA, KARI)))


def test_who_leaves_in_a_turn_hands_the_floor_on() -> None:
    """The turn ends with the seat."""
    assert decide(talking(LARS, KARI), Leave(LARS), NOON) == [Left(LARS, LeaveReason.ASKED), granted(KARI, 2)]


def test_who_leaves_after_their_turn_disturbs_nobody() -> None:
    """Kari's turn goes on, at its number and deadline."""
    room = play(talking(LARS, KARI, OLA), Pass(LARS))

    assert (decide(room, Leave(LARS), NOON), play(room, Leave(LARS)).turns) == (
        [Left(LARS, LeaveReason.ASKED)],
        room.turns,
    )


def test_the_last_of_a_round_may_leave() -> None:
    """The round is over with them."""
    room = play(talking(LARS, KARI, OLA), Say(LARS, "hi"), Pass(KARI))

    assert decide(room, Leave(OLA), NOON)[:3] == [
        Left(OLA, LeaveReason.ASKED),
        RoundClosed(1),
        TopicClosed(TopicEnd.ROUNDS),
    ]


def test_a_round_in_which_only_latecomers_are_left_closes() -> None:
    """They wait for the next one, so it must come."""
    room = play(talking(LARS, KARI, rules=ROUNDS), Leave(KARI), Join(IDA))

    assert decide(room, Leave(LARS), NOON) == [
        Left(LARS, LeaveReason.ASKED),
        RoundClosed(1),
        RoundOpened(2, 2, (IDA,)),
        granted(IDA, 2),
    ]


def test_somebody_alone_talks_on() -> None:
    """A room is not closed over the head of whoever stayed."""
    room = play(talking(LARS, KARI, rules=ROUNDS), Leave(LARS))

    assert decide(room, Pass(KARI), NOON)[2:] == [RoundOpened(2, 2, (KARI,)), granted(KARI, 3)]


@pytest.mark.parametrize("rules", [HUG, OPEN, STAY], ids=["round-robin", "open", "stay"])
def test_a_sitting_that_nobody_is_seated_in_any_more_closes(rules: Rules) -> None:
    """Its topic first, where one is open."""
    assert decide(talking(LARS, rules=rules), Leave(LARS), NOON) == [
        Left(LARS, LeaveReason.ASKED),
        TopicClosed(TopicEnd.NOBODY_LEFT),
        SittingClosed(SittingEnd.NOBODY_LEFT, rules.afterwards),
    ]


@pytest.mark.parametrize(
    "room",
    [gathering(LARS), play(gathering(LARS), Pause()), play(talking(LARS, rules=STAY), Pass(LARS))],
    ids=["gathering", "paused", "resting"],
)
def test_without_a_topic_only_the_sitting_closes(room: Room) -> None:
    """A pause keeps nobody's empty chair."""
    assert decide(room, Leave(LARS), NOON)[1:] == [SittingClosed(SittingEnd.NOBODY_LEFT, room.rules.afterwards)]


# One topic after another.


def test_the_queue_comes_before_the_goodbye() -> None:
    """The next topic opens at once, with rounds of its own, nothing restarted."""
    room = play(talking(LARS, rules=ROUNDS), QueueTopic("eat"), Pass(LARS))

    assert decide(room, Pass(LARS), NOON)[1:] == [
        RoundClosed(2),
        TopicClosed(TopicEnd.ROUNDS),
        TopicOpened("eat", "Host", "Do you want to eat?"),
        RoundOpened(1, 2, (LARS,)),
        granted(LARS, 3),
    ]


def test_the_agenda_is_talked_through() -> None:
    """In its order, and then the sitting is done; the next one begins with it again."""
    room = talking(LARS, rules=replace(HUG, agenda=("eat", "shop")))
    topics = []
    for _ in range(3):
        assert room.topic is not None
        topics.append(room.topic.topic)
        room = play(room, Pass(LARS))
        room = room if room.has_sitting else play(room, Join(LARS))

    assert topics == ["eat", "shop", "eat"]


def test_a_room_that_stays_rests() -> None:
    """Everyone keeps the seat."""
    room = play(talking(LARS, KARI, rules=STAY), Pass(LARS), Pass(KARI))

    assert (room.phase, [*room.seats], room.round, room.turns) == (Phase.RESTING, [LARS, KARI], None, ())


def test_a_topic_wakes_a_room_that_rests() -> None:
    """It begins at once, with whoever is seated by now."""
    room = play(talking(LARS, KARI, rules=STAY), Pass(LARS), Pass(KARI), Leave(LARS))

    assert decide(room, QueueTopic("eat"), NOON) == [
        TopicQueued("eat"),
        TopicOpened("eat", "Host", "Do you want to eat?"),
        RoundOpened(1, 1, (KARI,)),
        granted(KARI, 3),
    ]


def test_who_joins_a_room_that_rests_waits_for_a_topic() -> None:
    """A full table doesn't start one: the sitting is under way."""
    room = play(talking(LARS, KARI, rules=STAY), Pass(LARS), Pass(KARI), Leave(LARS))

    assert decide(room, Join(OLA), NOON) == [Seated(OLA, 1, Kind.BOT)]


def test_the_open_floor_waits_for_the_operator() -> None:
    """No round, no turn, and the queue waits as well."""
    room = play(talking(LARS, KARI, rules=OPEN), Say(LARS, "hi"), QueueTopic("eat"))

    assert (went_on(room), room.round, room.turns, room.queue) == ([], None, (), ("eat",))


def test_the_open_floor_goes_to_the_next_topic_when_the_operator_says_so() -> None:
    """And closes when there is none."""
    room = play(talking(LARS, rules=OPEN), QueueTopic("eat"))

    assert (decide(room, Next(), NOON), decide(play(room, Next()), Next(), NOON)) == (
        [TopicClosed(TopicEnd.OPERATOR), TopicOpened("eat", "Host", "Do you want to eat?", PolicyName.OPEN)],
        [TopicClosed(TopicEnd.OPERATOR), SittingClosed(SittingEnd.DONE, Afterwards.DISCONNECT)],
    )


def test_a_pause_holds_the_next_turn_back() -> None:
    """Who leaves in a pause hands the floor to nobody yet."""
    room = play(talking(LARS, KARI), Pause(), Leave(LARS))

    assert (went_on(room), room.turns) == ([], ())
