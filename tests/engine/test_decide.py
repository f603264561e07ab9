"""A command and a room make events, or the command is rejected. What follows by itself follows in the same breath."""

from __future__ import annotations

from typing import get_args

import pytest
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
from moothall.engine.events import (
    Benched,
    CameBack,
    ChairNamed,
    Event,
    FloorGranted,
    FloorRequested,
    FloorRevoked,
    FloorWithdrawn,
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
    Unpaused,
    WentAway,
)
from moothall.engine.evolve import empty_room
from moothall.engine.names import Name, RoomName
from moothall.engine.room import Room
from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards, Kind, LeaveReason, OnMissed, PolicyName, SittingEnd, StartReason, TopicEnd
from moothall.errors import Reason, Rejected
from tests.engine.past import HUG, KARI, LARS, NOON, OLA, SECOND, a_room, gathering, play, refusal, take, talking

STAY = replace(HUG, afterwards=Afterwards.STAY)
OPEN = replace(HUG, policy=PolicyName.OPEN)
ROUNDS = replace(HUG, until="rounds=9")
CHAIRED = replace(HUG, policy=PolicyName.CHAIR, chair="Lars")
ASKING = replace(HUG, policy=PolicyName.REQUEST)
DEADLINE = NOON + 30 * SECOND
HOUR = 3_600 * SECOND
HUG_OPENED = TopicOpened("hug", "Host", "Do you want to hug?")
DONE: list[Event] = [
    RoundClosed(1),
    TopicClosed(TopicEnd.ROUNDS),
    SittingClosed(SittingEnd.DONE, Afterwards.DISCONNECT),
]


def granted(name: Name, turn: int, at: int = NOON) -> FloorGranted:
    """Return the event that gives the floor for the default thirty seconds."""
    return FloorGranted(name, turn, at + 30 * SECOND, 30)


# Every command has its rule.

TWO = talking(LARS, KARI, keyed=[LARS])
EXAMPLES: list[tuple[Room, Command, list[Event]]] = [
    (empty_room(RoomName("main")), OpenRoom(HUG, "s"), [RoomOpened(RoomName("main"), HUG, "s")]),
    (a_room(), Join(LARS), [SittingOpened(1, 4, {}), Seated(LARS, 1, Kind.BOT)]),
    (TWO, Say(LARS, "hi"), [Said(LARS, 1, "hi"), granted(KARI, 2)]),
    (TWO, Pass(LARS), [Passed(LARS, 1), granted(KARI, 2)]),
    (TWO, Leave(KARI), [Left(KARI, LeaveReason.ASKED)]),
    (TWO, GoAway(LARS), [WentAway(LARS, DEADLINE)]),
    (TWO, GoAway(KARI), [Left(KARI, LeaveReason.LOST)]),
    (play(TWO, GoAway(LARS)), ComeBack(LARS), [CameBack(LARS)]),
    (TWO, QueueTopic("eat"), [TopicQueued("eat")]),
    (TWO, Next(), [FloorRevoked(LARS, 1, "operator"), TopicClosed(TopicEnd.OPERATOR), DONE[-1]]),
    (TWO, Skip(), [FloorRevoked(LARS, 1, "operator"), granted(KARI, 2)]),
    (
        TWO,
        Remove(LARS, "rude"),
        [FloorRevoked(LARS, 1, "operator"), Removed(LARS, "operator", "rude"), granted(KARI, 2)],
    ),
    (TWO, Pause(), [Paused()]),
    (play(TWO, Pause()), Unpause(), [Unpaused(), Reopened(1, DEADLINE)]),
    (TWO, HostSay("hi"), [HostSaid("Host", "hi")]),
    (
        gathering(LARS),
        Start(),
        [SittingStarted(StartReason.OPERATOR), HUG_OPENED, RoundOpened(1, 1, (LARS,)), granted(LARS, 1)],
    ),
    (take(TWO, [Benched(KARI, 3)]), Return(KARI), [Returned(KARI)]),
    (TWO, NameChair("Kari"), [ChairNamed("Kari")]),
    (TWO, SetRules(rounds=2), [RulesSet(rounds=2)]),
    (TWO, Revoke("Lars"), [FloorRevoked(LARS, 1, "operator"), granted(KARI, 2)]),
    (talking(LARS, KARI, rules=CHAIRED), Grant("Kari"), [granted(KARI, 1)]),
    (talking(LARS, KARI, rules=ASKING), RequestFloor(KARI), [FloorRequested(KARI), granted(KARI, 1)]),
    (
        play(talking(LARS, KARI, rules=ASKING), RequestFloor(KARI), RequestFloor(LARS)),
        Withdraw(LARS),
        [FloorWithdrawn(LARS)],
    ),
    (TWO, CallTime(), []),
    (TWO, Reopen(NOON, frozenset({LARS, KARI})), [Reopened(1, DEADLINE)]),
    (
        TWO,
        CloseSitting(),
        [
            FloorRevoked(LARS, 1, "operator"),
            TopicClosed(TopicEnd.OPERATOR),
            SittingClosed(SittingEnd.OPERATOR, Afterwards.DISCONNECT),
        ],
    ),
    (
        TWO,
        CloseRoom(),
        [
            FloorRevoked(LARS, 1, "operator"),
            TopicClosed(TopicEnd.OPERATOR),
            SittingClosed(SittingEnd.OPERATOR, Afterwards.DISCONNECT),
            RoomClosed(),
        ],
    ),
]


@pytest.mark.parametrize(
    ("room", "command", "events"), EXAMPLES, ids=[type(command).__name__ for _, command, _ in EXAMPLES]
)
def test_a_command_makes_events(room: Room, command: Command, events: list[Event]) -> None:
    """Its own first, then what follows by itself."""
    assert decide(room, command, NOON) == events


def test_every_command_has_an_example() -> None:
    """Who adds a command is told here to say what it does."""
    assert {type(command) for _, command, _ in EXAMPLES} == set(get_args(Command))


# Rooms open and close.


@pytest.mark.parametrize("room", [empty_room(RoomName("main")), play(a_room(), CloseRoom())], ids=["new", "closed"])
@pytest.mark.parametrize(
    "command", [Join(LARS), CloseRoom(), CallTime(), Pause(), QueueTopic("eat"), Reopen(NOON)], ids=repr
)
def test_a_room_that_is_not_open_takes_no_commands(room: Room, command: Command) -> None:
    """Not even one that would change nothing: who asks has the wrong room."""
    assert refusal(room, command) == (Reason.NO_SUCH_ROOM, "main")


@pytest.mark.parametrize("seed", ["seed", "other"])
def test_a_closed_room_can_be_opened_anew(seed: str) -> None:
    """Also with the same rules and seed: it was closed, and is not any more."""
    room = play(a_room(), CloseRoom())

    assert decide(room, OpenRoom(HUG, seed), NOON) == [RoomOpened(RoomName("main"), HUG, seed)]


@pytest.mark.parametrize(("rules", "seed"), [(STAY, "seed"), (HUG, "other")])
def test_a_room_can_be_given_other_rules_between_sittings(rules: Rules, seed: str) -> None:
    """A server that starts again with other settings need not throw its log away."""
    assert decide(a_room(), OpenRoom(rules, seed), NOON) == [RoomOpened(RoomName("main"), rules, seed)]


def test_to_open_an_open_room_as_it_is_changes_nothing() -> None:
    """Every start of a server asks for its rooms."""
    assert decide(a_room(), OpenRoom(HUG, "seed"), NOON) == []


@pytest.mark.parametrize("rules", [HUG, STAY], ids=["same", "other"])
@pytest.mark.parametrize("room", [gathering(LARS), talking(LARS)], ids=["gathering", "talking"])
def test_the_rules_of_a_sitting_stay(room: Room, rules: Rules) -> None:
    """Nobody took a seat under others."""
    assert refusal(room, OpenRoom(rules, "seed")) == (Reason.NOT_ALLOWED, "other rules in the middle of a sitting")


def test_a_room_without_a_sitting_only_closes() -> None:
    """There is nobody to say goodbye to."""
    assert decide(a_room(), CloseRoom(), NOON) == [RoomClosed()]


@pytest.mark.parametrize(
    ("room", "topic"),
    [
        (gathering(LARS), []),
        (play(talking(LARS, rules=STAY), Pass(LARS)), []),
        (talking(LARS, rules=OPEN), [TopicClosed(TopicEnd.OPERATOR)]),
    ],
    ids=["gathering", "resting", "open"],
)
def test_a_room_closes_with_its_sitting(room: Room, topic: list[Event]) -> None:
    """In the middle of whatever it is; nothing is left that a clock could call."""
    assert (decide(room, CloseRoom(), NOON), next_deadline(play(room, CloseRoom()))) == (
        [*topic, SittingClosed(SittingEnd.OPERATOR, room.rules.afterwards), RoomClosed()],
        None,
    )


# A pause.


def test_a_turn_goes_on_after_a_pause_with_the_time_that_was_left() -> None:
    """Ten seconds had gone, twenty are left, however long the pause was."""
    paused = play(talking(LARS, KARI), Pause(), at=NOON + 10 * SECOND)

    assert decide(paused, Unpause(), NOON + HOUR) == [Unpaused(), Reopened(1, NOON + HOUR + 20 * SECOND)]


def test_a_turn_that_was_nearly_over_gets_five_seconds() -> None:
    """Nobody knows the moment at which a pause ends."""
    paused = play(talking(LARS, KARI), Pause(), at=DEADLINE - 1)

    assert decide(paused, Unpause(), NOON + HOUR) == [Unpaused(), Reopened(1, NOON + HOUR + 5 * SECOND)]


def test_the_new_deadline_is_the_one_that_is_called() -> None:
    """Neither the old one nor a millisecond before the new."""
    room = play(play(talking(LARS, KARI), Pause(), at=NOON + 10 * SECOND), Unpause(), at=NOON + HOUR)
    deadline = NOON + HOUR + 20 * SECOND

    assert (next_deadline(room), decide(room, CallTime(), deadline - 1), decide(room, CallTime(), deadline)[0]) == (
        deadline,
        [],
        TimeCalled(LARS, 1, missed=1),
    )


def test_in_a_pause_no_turn_is_called() -> None:
    """However late it is."""
    assert decide(play(talking(LARS, KARI), Pause()), CallTime(), NOON + HOUR) == []


def test_in_a_pause_a_seat_is_held_no_longer_than_else() -> None:
    """Nobody else gets the floor for it, though, until the pause is over."""
    room = play(talking(LARS, KARI, keyed=[LARS]), GoAway(LARS), Pause())

    assert decide(room, CallTime(), DEADLINE) == [Left(LARS, LeaveReason.AWAY)]


def test_the_floor_is_granted_when_the_pause_is_over() -> None:
    """The holder was skipped meanwhile, so no turn is there to go on."""
    room = play(talking(LARS, KARI), Pause(), Skip())

    assert decide(room, Unpause(), NOON + HOUR) == [Unpaused(), granted(KARI, 2, NOON + HOUR)]


def test_a_sitting_that_became_complete_in_a_pause_starts_when_it_is_over() -> None:
    """Nobody has to come again."""
    room = play(gathering(LARS, rules=replace(HUG, seats=2)), Pause(), Join(KARI))

    assert decide(room, Unpause(), NOON)[:2] == [Unpaused(), HUG_OPENED]


def test_a_topic_that_is_closed_in_a_pause_is_followed_when_it_is_over() -> None:
    """By the next of the queue, as ever."""
    room = play(talking(LARS, KARI), QueueTopic("eat"), Pause())
    closed = [FloorRevoked(LARS, 1, "operator"), TopicClosed(TopicEnd.OPERATOR)]

    assert (decide(room, Next(), NOON), decide(play(room, Next()), Unpause(), NOON)[:2]) == (
        closed,
        [Unpaused(), TopicOpened("eat", "Host", "Do you want to eat?")],
    )


def test_pausing_twice_is_one_pause() -> None:
    """The time that was left is counted from the first."""
    room = play(talking(LARS), Pause())

    assert (decide(room, Pause(), NOON + 9), decide(talking(LARS), Unpause(), NOON + 9)) == ([], [])


# The clock.


@pytest.mark.parametrize("at", [NOON, DEADLINE - 1])
@pytest.mark.parametrize("room", [a_room(), gathering(LARS), talking(LARS), talking(LARS, rules=OPEN)])
def test_time_that_has_not_come_is_not_called(room: Room, at: int) -> None:
    """A timer may ring early; it looks again at the next deadline."""
    assert decide(room, CallTime(), at) == []


def test_a_missed_turn_goes_to_the_next() -> None:
    """Nobody can stall a room. The next turn counts from now, not from the deadline."""
    assert decide(talking(LARS, KARI), CallTime(), DEADLINE + 9) == [
        TimeCalled(LARS, 1, missed=1),
        granted(KARI, 2, DEADLINE + 9),
    ]


def test_turns_missed_in_a_row_are_counted_over_rounds() -> None:
    """Lars misses three, and Kari none; what Lars says then ends the row."""
    room = talking(LARS, KARI, rules=replace(ROUNDS, on_missed=OnMissed.NONE))
    missed = []
    for minute in range(3):
        room = play(room, CallTime(), at=NOON + minute * 60 * SECOND + 30 * SECOND)
        missed.append(room.seats[LARS].missed)
        room = play(room, Pass(KARI), at=NOON + (minute + 1) * 60 * SECOND)

    assert (missed, play(room, Say(LARS, "hi")).seats[LARS].missed, room.seats[KARI].missed) == ([1, 2, 3], 0, 0)


def test_several_deadlines_are_called_in_the_order_of_their_moments() -> None:
    """A timer may ring late: Kari's seat was given up before Lars's turn was over, Ola's after."""
    room = talking(LARS, KARI, OLA, keyed=[KARI, OLA])
    room = take(room, [WentAway(OLA, DEADLINE + 1), WentAway(KARI, DEADLINE - 1)])

    assert decide(room, CallTime(), DEADLINE + 1) == [
        Left(KARI, LeaveReason.AWAY),
        TimeCalled(LARS, 1, missed=1),
        Left(OLA, LeaveReason.AWAY),
        *DONE,
    ]


def test_of_several_deadlines_only_those_that_have_come_are_called() -> None:
    """The rest is for the next time."""
    room = take(talking(LARS, KARI, OLA), [WentAway(KARI, DEADLINE - 2), WentAway(OLA, DEADLINE)])

    assert decide(room, CallTime(), DEADLINE - 1) == [Left(KARI, LeaveReason.AWAY)]


def test_a_holder_who_is_away_for_too_long_loses_seat_and_turn() -> None:
    """By one event, here because seats are held for less time than a turn takes."""
    room = play(talking(LARS, KARI, rules=replace(HUG, away_seconds=1), keyed=[LARS]), GoAway(LARS))

    assert decide(room, CallTime(), NOON + SECOND) == [Left(LARS, LeaveReason.AWAY), granted(KARI, 2, NOON + SECOND)]


def test_to_be_away_does_not_stop_the_clock() -> None:
    """A broken connection is no way to win time; who is back in time speaks in the same turn."""
    room = play(talking(LARS, KARI, keyed=[LARS]), GoAway(LARS))

    assert (next_deadline(room), decide(play(room, ComeBack(LARS)), Say(LARS, "hi", 1), DEADLINE - 1)[0]) == (
        DEADLINE,
        Said(LARS, 1, "hi"),
    )


def test_words_that_come_after_time_was_called_are_too_late() -> None:
    """The turn ended exactly once, by the first that came."""
    room = play(talking(LARS, KARI), CallTime(), at=DEADLINE)

    assert refusal(room, Say(LARS, "hi", 1), DEADLINE) == (Reason.TURN_OVER, KARI)


def test_words_that_come_before_time_is_called_are_in_time() -> None:
    """Only a committed `time_called` ends a turn, not the clock: the first to come ends it."""
    assert decide(talking(LARS, KARI), Say(LARS, "hi", 1), DEADLINE + 1)[0] == Said(LARS, 1, "hi")


def test_the_last_to_be_away_for_too_long_closes_the_sitting() -> None:
    """A room in which everybody's connection was lost gathers again."""
    room = play(gathering(LARS, KARI, keyed=[LARS, KARI]), GoAway(LARS), GoAway(KARI))

    assert decide(room, CallTime(), DEADLINE) == [
        Left(LARS, LeaveReason.AWAY),
        Left(KARI, LeaveReason.AWAY),
        SittingClosed(SittingEnd.NOBODY_LEFT, Afterwards.DISCONNECT),
    ]


# Time stood still.


def test_after_a_restart_the_turn_goes_on() -> None:
    """Who has no key has left; the others are away; the holder has the twenty seconds that were left."""
    room = talking(LARS, KARI, OLA, keyed=[LARS, OLA])

    assert decide(room, Reopen(NOON + 10 * SECOND), NOON + HOUR) == [
        WentAway(LARS, NOON + HOUR + 30 * SECOND),
        Left(KARI, LeaveReason.RESTART),
        WentAway(OLA, NOON + HOUR + 30 * SECOND),
        Reopened(1, NOON + HOUR + 20 * SECOND),
    ]


def test_after_a_restart_a_turn_has_five_seconds_at_least() -> None:
    """Time to come back in and answer."""
    room = talking(LARS, keyed=[LARS])

    assert decide(room, Reopen(DEADLINE + HOUR), NOON + 2 * HOUR)[-1] == Reopened(1, NOON + 2 * HOUR + 5 * SECOND)


def test_a_turn_without_a_deadline_goes_on_without_one() -> None:
    """Nothing is to be said about it."""
    room = talking(LARS, rules=replace(HUG, turn_seconds=0), keyed=[LARS])

    assert decide(room, Reopen(NOON), NOON + HOUR) == [WentAway(LARS, NOON + HOUR + 30 * SECOND)]


def test_those_whose_connections_outlived_it_are_still_here() -> None:
    """The log was down, not the server: with or without a key, they never left."""
    room = talking(LARS, KARI, OLA, keyed=[LARS])

    assert decide(room, Reopen(NOON, frozenset({LARS, KARI})), NOON + HOUR) == [
        Left(OLA, LeaveReason.RESTART),
        Reopened(1, NOON + HOUR + 30 * SECOND),
    ]


def test_a_holder_without_a_key_leaves_the_floor_to_the_next() -> None:
    """Nobody could come back to that turn, so it isn't reopened."""
    room = talking(LARS, KARI, keyed=[KARI])

    assert decide(room, Reopen(NOON), NOON + HOUR) == [
        Left(LARS, LeaveReason.RESTART),
        WentAway(KARI, NOON + HOUR + 30 * SECOND),
        granted(KARI, 2, NOON + HOUR),
    ]


def test_who_was_away_when_it_stopped_is_given_time_anew() -> None:
    """The server was not there to come back to."""
    room = play(gathering(LARS, keyed=[LARS]), GoAway(LARS))

    assert decide(room, Reopen(NOON), NOON + HOUR) == [WentAway(LARS, NOON + HOUR + 30 * SECOND)]


def test_a_room_full_of_seats_without_keys_gathers_afresh() -> None:
    """Nobody of that sitting can come back."""
    assert decide(talking(LARS, KARI), Reopen(NOON), NOON + HOUR) == [
        Left(LARS, LeaveReason.RESTART),
        Left(KARI, LeaveReason.RESTART),
        TopicClosed(TopicEnd.NOBODY_LEFT),
        SittingClosed(SittingEnd.NOBODY_LEFT, Afterwards.DISCONNECT),
    ]


def test_a_pause_outlives_a_restart() -> None:
    """The turn is not reopened twice: it goes on after the pause, with what was left when that began."""
    room = play(talking(LARS, KARI, keyed=[LARS]), Pause(), at=NOON + 10 * SECOND)
    reopened = play(room, Reopen(NOON + 11 * SECOND, frozenset({KARI})), at=NOON + HOUR)

    assert (decide(room, Reopen(NOON + 11 * SECOND), NOON + HOUR), decide(reopened, Unpause(), NOON + 2 * HOUR)) == (
        [WentAway(LARS, NOON + HOUR + 30 * SECOND), Left(KARI, LeaveReason.RESTART)],
        [Unpaused(), Reopened(1, NOON + 2 * HOUR + 20 * SECOND)],
    )


def test_a_room_without_a_sitting_notices_nothing() -> None:
    """It stood still anyway."""
    assert decide(a_room(), Reopen(NOON), NOON + HOUR) == []


# Leaving in the middle of everything.


@pytest.mark.parametrize(
    "room",
    [
        gathering(LARS, KARI, keyed=[LARS]),
        talking(LARS, KARI, keyed=[LARS]),
        play(talking(KARI, LARS, rules=ROUNDS, keyed=[LARS]), Pass(KARI)),
        play(talking(LARS, KARI, keyed=[LARS]), Pass(LARS)),
        play(talking(LARS, KARI, keyed=[LARS]), Pause()),
        play(talking(LARS, KARI, rules=STAY, keyed=[LARS]), Pass(LARS), Pass(KARI)),
        play(talking(LARS, KARI, keyed=[LARS]), GoAway(LARS)),
        talking(LARS, KARI, rules=OPEN, keyed=[LARS]),
    ],
    ids=["gathering", "holding", "holding last", "done", "paused", "resting", "away", "open"],
)
def test_who_leaves_is_gone_and_the_room_lives(room: Room) -> None:
    """In whatever the room is: neither a seat nor a turn is left, and the other one is still seated."""
    left = play(room, Leave(LARS))

    assert (LARS in left.seats, left.turn_of(LARS), KARI in left.seats) == (False, None, True)


@pytest.mark.parametrize("text", ["hi", "\ud800", "\x00"])
def test_words_are_taken_as_they_are(text: str) -> None:
    """What a wire cannot carry, or a terminal must not see, is the doors' affair."""
    assert decide(talking(LARS, KARI), Say(LARS, text, cid="c"), NOON)[0] == Said(LARS, 1, text, "c")


def test_a_rejected_command_leaves_the_room_as_it_was() -> None:
    """It is told to its sender, and never logged."""
    room, same = talking(LARS, KARI), talking(LARS, KARI)
    with pytest.raises(Rejected):
        decide(room, Say(KARI, "hi"), NOON + 1)

    assert room == same
