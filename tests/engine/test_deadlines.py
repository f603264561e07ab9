"""The deadlines of a room: never early, in the order of their moments, and moved by what time stood still."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from moothall.engine.commands import (
    CallTime,
    GoAway,
    Grant,
    HostSay,
    Next,
    Pass,
    Pause,
    QueueTopic,
    Reopen,
    RequestFloor,
    Return,
    Revoke,
    Say,
    Unpause,
)
from moothall.engine.deadlines import (
    HOST,
    MIN_REOPENED_MS,
    due,
    grant,
    next_deadline,
    reopened,
    what_missing_costs,
)
from moothall.engine.decide import decide
from moothall.engine.events import (
    Benched,
    Event,
    FloorGranted,
    Left,
    Removed,
    Reopened,
    Returned,
    RoundClosed,
    RoundOpened,
    SittingClosed,
    TimeCalled,
    TopicClosed,
    TopicOpened,
    TopicReopened,
    Unpaused,
    WentAway,
)
from moothall.engine.room import Phase, Room
from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards, LeaveReason, OnMissed, PolicyName, SittingEnd, TopicEnd
from tests.engine.past import HUG, KARI, LARS, NOON, OLA, SECOND, a_room, gathering, play, take, talking

DEADLINE = NOON + 30 * SECOND
HOUR = 3_600 * SECOND
ASKING = replace(HUG, policy=PolicyName.REQUEST)
CHAIRED = replace(HUG, policy=PolicyName.CHAIR, chair="Lars")
NO_CLOCK = replace(HUG, turn_seconds=0)
TWO_TURNS = take(talking(LARS, KARI), [FloorGranted(KARI, 2, NOON + 10 * SECOND, 10)])
LONG = replace(HUG, until="rounds=100")


# How long a turn is.


def test_the_floor_is_granted_until_a_deadline() -> None:
    """As long as the room's rules say; the turn is the next of the room's life."""
    assert grant(talking(LARS, KARI), KARI, NOON + 7) == FloorGranted(KARI, 2, DEADLINE + 7, 30)


@pytest.mark.parametrize(("seconds", "given_ms"), [(0.0004, 1), (0.25, 250), (1.9996, 2000), (90, 90_000)])
def test_a_turn_is_as_long_as_the_rules_say(seconds: float, given_ms: int) -> None:
    """In whole milliseconds, rounded, and at least one; the event says the seconds as they were given."""
    room = gathering(LARS, rules=replace(HUG, turn_seconds=seconds))

    assert grant(room, LARS, NOON) == FloorGranted(LARS, 1, NOON + given_ms, seconds)


def test_a_turn_of_no_seconds_has_no_deadline() -> None:
    """0 is the rule for none."""
    assert grant(gathering(LARS, rules=NO_CLOCK), LARS, NOON) == FloorGranted(LARS, 1, deadline=None, seconds=0)


def test_some_seats_have_more_time_or_less_or_all_of_it() -> None:
    """They are known by name in any case; the others have the room's."""
    room = gathering(LARS, KARI, OLA, rules=replace(HUG, seat_seconds={"kARI": 90, "ola": 0}))

    assert [grant(room, name, NOON) for name in (LARS, KARI, OLA)] == [
        FloorGranted(LARS, 1, DEADLINE, 30),
        FloorGranted(KARI, 1, NOON + 90 * SECOND, 90),
        FloorGranted(OLA, 1),
    ]


# What is due.


def test_a_deadline_is_due_when_it_has_come() -> None:
    """At the very millisecond, and not one before."""
    room = talking(LARS, KARI)

    assert (due(room, DEADLINE - 1), due(room, DEADLINE), due(room, DEADLINE + 1)) == (
        None,
        TimeCalled(LARS, 1, missed=1),
        TimeCalled(LARS, 1, missed=1),
    )


def test_a_held_seat_is_due_when_nobody_came_back() -> None:
    """It is given up, so that somebody else can have it."""
    room = play(gathering(LARS, keyed=[LARS]), GoAway(LARS))

    assert (due(room, DEADLINE - 1), due(room, DEADLINE)) == (None, Left(LARS, LeaveReason.AWAY))


def test_the_earliest_of_several_is_due_first() -> None:
    """Whatever its kind, and wherever it stands."""
    room = take(TWO_TURNS, [WentAway(LARS, NOON + 3), WentAway(KARI, NOON + 2)])

    assert (due(TWO_TURNS, DEADLINE), due(room, DEADLINE)) == (TimeCalled(KARI, 2, 1), Left(KARI, LeaveReason.AWAY))


def test_at_the_same_moment_the_turn_is_called_before_the_seat_is_given_up() -> None:
    """The missed turn is then in the log as one."""
    room = take(talking(LARS, KARI), [WentAway(LARS, DEADLINE)])

    assert due(room, DEADLINE) == TimeCalled(LARS, 1, missed=1)


def test_in_a_pause_no_turn_is_due_but_a_held_seat_is() -> None:
    """The clock of the floor stands still."""
    paused = play(talking(LARS, KARI), Pause())

    assert (due(paused, DEADLINE), due(take(paused, [WentAway(KARI, DEADLINE)]), DEADLINE)) == (
        None,
        Left(KARI, LeaveReason.AWAY),
    )


def test_without_deadlines_nothing_is_due() -> None:
    """However late it is."""
    room = talking(LARS, KARI, rules=NO_CLOCK)

    assert due(room, NOON * 2) is None


def test_a_silent_chair_is_stood_in_for_when_a_turns_length_is_over() -> None:
    """Who has had the fewest turns gets one; and not a millisecond before."""
    room = talking(LARS, KARI, OLA, rules=CHAIRED)

    assert (due(room, DEADLINE - 1), due(room, DEADLINE + 7)) == (
        None,
        FloorGranted(KARI, 1, DEADLINE + HOUR // 120 + 7, 30),
    )


def test_a_held_seat_is_given_up_before_the_chair_is_stood_in_for() -> None:
    """At the same moment: else the floor might go to a seat that is empty by then."""
    room = take(talking(LARS, KARI, OLA, rules=CHAIRED), [WentAway(KARI, DEADLINE)])

    assert decide(room, CallTime(), DEADLINE) == [
        Left(KARI, LeaveReason.AWAY),
        FloorGranted(OLA, 1, DEADLINE + 30 * SECOND, 30),
    ]


def test_a_chair_that_gives_the_floor_is_waited_for_anew() -> None:
    """The floor is free from the moment at which the turn ended."""
    room = play(talking(LARS, KARI, OLA, rules=CHAIRED), Grant("Ola"), at=NOON + SECOND)
    room = play(room, Pass(OLA), at=NOON + 5 * SECOND)

    assert (next_deadline(room), due(room, NOON + 35 * SECOND)) == (
        NOON + 35 * SECOND,
        FloorGranted(KARI, 2, NOON + 65 * SECOND, 30),
    )


def test_turns_too_short_to_be_used_do_not_stop_the_clock() -> None:
    """A stand-in's turn that ended in the moment in which it began would be followed by the next, for ever."""
    room = talking(LARS, KARI, rules=replace(CHAIRED, turn_seconds=0.0001, on_missed=OnMissed.NONE))

    assert (decide(room, CallTime(), NOON + 1), next_deadline(play(room, CallTime(), at=NOON + 1))) == (
        [FloorGranted(KARI, 1, NOON + 2, 0.0001)],
        NOON + 2,
    )


# When the next one is.


@pytest.mark.parametrize(
    ("room", "answer"),
    [
        (a_room(), None),
        (gathering(LARS), None),
        (talking(LARS, KARI), DEADLINE),
        (talking(LARS, KARI, rules=NO_CLOCK), None),
        (talking(LARS, rules=replace(NO_CLOCK, until="seconds=7")), NOON + 7 * SECOND),
        (talking(LARS, rules=replace(HUG, until="seconds=7")), NOON + 7 * SECOND),
        (talking(LARS, rules=replace(HUG, until="seconds=70")), DEADLINE),
        (talking(LARS, rules=replace(HUG, until="seconds=7 and turns=1")), DEADLINE),
        (TWO_TURNS, NOON + 10 * SECOND),
        (take(TWO_TURNS, [WentAway(LARS, NOON + 9)]), NOON + 9),
        (take(TWO_TURNS, [WentAway(LARS, NOON + 90 * SECOND)]), NOON + 10 * SECOND),
        (take(TWO_TURNS, [WentAway(LARS, NOON + 9), WentAway(KARI, NOON + 8)]), NOON + 8),
        (take(TWO_TURNS, [WentAway(LARS, NOON + 8), WentAway(KARI, NOON + 9)]), NOON + 8),
        (play(talking(LARS, KARI), Pause()), None),
        (take(play(talking(LARS, KARI), Pause()), [WentAway(KARI, NOON + 7)]), NOON + 7),
        (play(talking(LARS, rules=replace(HUG, until="seconds=7")), Pause()), None),
        (talking(LARS, KARI, rules=ASKING), DEADLINE),
        (talking(LARS, KARI, rules=replace(ASKING, turn_seconds=0)), None),
        (talking(LARS, KARI, rules=replace(ASKING, until="rounds=3")), DEADLINE),
        (talking(LARS, KARI, rules=replace(ASKING, until="turns=3")), None),
        (talking(LARS, KARI, rules=CHAIRED), DEADLINE),
        (talking(LARS, KARI, rules=replace(CHAIRED, until="seconds=7")), NOON + 7 * SECOND),
        (talking(LARS, KARI, rules=replace(CHAIRED, until="seconds=70")), DEADLINE),
        (talking(LARS, KARI, rules=replace(CHAIRED, turn_seconds=0)), None),
        (play(talking(LARS, KARI, rules=CHAIRED), Pause()), None),
        (talking(LARS, rules=replace(HUG, policy=PolicyName.OPEN)), None),
        (talking(LARS, rules=replace(HUG, policy=PolicyName.OPEN, until="seconds=7")), NOON + 7 * SECOND),
    ],
)
def test_when_the_next_deadline_is(room: Room, answer: int | None) -> None:
    """The earliest of turns, held seats, the topic's own time, and the time for which the floor may stay free.

    A pause stops the turns' clocks, but not the seats': who does not come back shall not hold one because of it.
    """
    assert next_deadline(room) == answer


PAST_AND_ENDINGS = [
    (policy, until)
    for policy in (PolicyName.ROUND_ROBIN, PolicyName.PARALLEL, PolicyName.REQUEST, PolicyName.CHAIR, PolicyName.OPEN)
    for until in (
        "",
        "seconds=7",
        "settled",
        "seconds=7 or settled",
        "seconds=7 and turns=1",
        "seconds=70 and settled",
        "settled and rounds=1",
        "(seconds=1 and turns=9) or (seconds=40 and phrase=hi)",
        "rounds=2 or turns=3",
    )
]


@pytest.mark.parametrize(("policy", "until"), PAST_AND_ENDINGS)
@pytest.mark.parametrize("asks", [False, True], ids=["", "asks"])
def test_a_deadline_that_was_called_is_not_due_again(policy: PolicyName, until: str, asks: bool) -> None:
    """The next one is later, or there is none; and a millisecond before nothing follows: no timer rings in vain."""
    room = talking(LARS, KARI, OLA, rules=replace(CHAIRED, policy=policy, until=until), keyed=[OLA])
    room = play(room, GoAway(OLA), *([RequestFloor(KARI)] if asks and policy is PolicyName.REQUEST else []))
    rung = 0
    while (deadline := next_deadline(room)) is not None and rung < 50:
        rung += 1
        early, late = (decide(room, CallTime(), at) for at in (deadline - 1, deadline))
        room = take(room, late, at=deadline)

        assert (early, late != [], next_deadline(room) in (None, deadline)) == ([], True, next_deadline(room) is None)


# What a missed turn costs.


def missed(room: Room, times: int) -> Room:
    """Return the room after Lars, and nobody else, has missed this many turns in a row."""
    for _ in range(times):
        room = play(room, CallTime(), at=next_deadline(room) or 0)
        while room.holder is not None and room.holder != LARS:
            room = play(room, Pass(room.holder), at=room.at)
    return room


@pytest.mark.parametrize(
    ("on_missed", "costs"),
    [
        (OnMissed.BENCH, [Benched(LARS, 3)]),
        (OnMissed.REMOVE, [Removed(LARS, by="host", reason="missed_turns")]),
        (OnMissed.NONE, []),
    ],
)
def test_the_third_turn_missed_in_a_row_has_its_cost(on_missed: OnMissed, costs: list[Event]) -> None:
    """Not the second; by the host, for nobody asked for it. The room goes on at once."""
    room = missed(talking(LARS, KARI, rules=replace(LONG, on_missed=on_missed)), 2)
    at = room.at + 30 * SECOND

    assert (room.seats[LARS].missed, room.seats[LARS].is_benched, decide(room, CallTime(), at)) == (
        2,
        False,
        [TimeCalled(LARS, 5, missed=3), *costs, FloorGranted(KARI, 6, at + 30 * SECOND, 30)],
    )


@pytest.mark.parametrize("count", [3, 4])
def test_who_has_missed_enough_pays_also_where_the_rules_changed_meanwhile(count: int) -> None:
    """More than enough is enough."""
    assert what_missing_costs(talking(LARS), TimeCalled(LARS, 1, count)) == [Benched(LARS, count)]


@pytest.mark.parametrize(
    "event", [TimeCalled(LARS, 1, 2), Left(LARS, LeaveReason.AWAY), FloorGranted(LARS, 1)], ids=repr
)
def test_nothing_else_costs_anything(event: Event) -> None:
    """Neither too few missed turns nor another deadline."""
    assert what_missing_costs(talking(LARS), event) == []


def test_one_missed_turn_may_be_enough() -> None:
    """That is for the rules to say."""
    room = talking(LARS, KARI, rules=replace(HUG, missed_turns=1))

    assert decide(room, CallTime(), DEADLINE)[:2] == [TimeCalled(LARS, 1, missed=1), Benched(LARS, 1)]


@pytest.mark.parametrize("command", [Say(LARS, "hi"), Pass(LARS)], ids=repr)
def test_who_speaks_or_passes_begins_a_new_row(command: Say | Pass) -> None:
    """Only turns missed in a row count: here two, then one that was used, then two again."""
    room = missed(talking(LARS, KARI, rules=LONG), 2)
    used = play(room, command, Pass(KARI), at=room.at)

    assert (used.seats[LARS].missed, missed(used, 2).seats[LARS].is_benched) == (0, False)


def test_a_revoked_turn_neither_counts_nor_excuses() -> None:
    """It was not the holder's doing."""
    room = missed(talking(LARS, KARI, rules=LONG), 2)

    assert play(room, Revoke(), at=room.at).seats[LARS].missed == 2


def test_who_is_benched_is_passed_over_until_they_return() -> None:
    """The next turn is one of the next round, and no turn was missed then."""
    room = missed(talking(LARS, KARI, rules=LONG), 2)
    room = play(room, CallTime(), at=room.at + 30 * SECOND)
    over = decide(room, Pass(KARI), room.at)
    back = play(room, Pass(KARI), Return(LARS), at=room.at)

    assert (over[1:], back.holder, back.seats[LARS].missed, decide(back, Pass(KARI), room.at)[1:3]) == (
        [RoundClosed(3), RoundOpened(4, 100, (KARI,)), FloorGranted(KARI, 7, room.at + 30 * SECOND, 30)],
        KARI,
        0,
        [RoundClosed(4), RoundOpened(5, 100, (LARS, KARI))],
    )


@pytest.mark.parametrize("policy", [policy for policy in PolicyName if policy is not PolicyName.OPEN])
def test_where_everybody_is_benched_the_topic_closes(policy: PolicyName) -> None:
    """Nobody could be waited for; all of them may come back for the next topic."""
    rules = replace(LONG, policy=policy, afterwards=Afterwards.STAY)
    room = take(talking(LARS, KARI, rules=rules), [Benched(KARI, 3), Benched(LARS, 3)])
    room = play(room, Revoke() if room.turns else HostSay("Well?"))

    assert (room.topic, [*room.seats], room.phase) == (None, [LARS, KARI], Phase.RESTING)


def test_when_the_last_is_benched_the_topic_closes() -> None:
    """All of it in one breath; with the sitting, where nothing else is to be talked about."""
    room = talking(LARS, rules=replace(HUG, missed_turns=1, until="rounds=2"))

    assert decide(room, CallTime(), DEADLINE) == [
        TimeCalled(LARS, 1, missed=1),
        Benched(LARS, 1),
        RoundClosed(1),
        TopicClosed(TopicEnd.NOBODY_LEFT),
        SittingClosed(SittingEnd.NOBODY_LEFT, Afterwards.DISCONNECT),
    ]


def test_where_everybody_is_benched_no_topic_is_opened_for_nobody() -> None:
    """They would all be asked and closed in one breath; where the room stays, they wait for somebody to return."""
    rules = replace(HUG, missed_turns=1, agenda=("hug", "eat"), afterwards=Afterwards.STAY)
    room = play(talking(LARS, rules=rules), CallTime(), at=DEADLINE)

    assert (room.phase, room.queue, decide(room, Return(LARS), DEADLINE)[:2]) == (
        Phase.RESTING,
        ("eat",),
        [Returned(LARS), TopicOpened("eat", "Host", "Do you want to eat?")],
    )


def test_when_the_last_is_removed_the_sitting_closes() -> None:
    """Nobody is seated any more."""
    room = talking(LARS, rules=replace(HUG, missed_turns=1, on_missed=OnMissed.REMOVE))

    assert decide(room, CallTime(), DEADLINE) == [
        TimeCalled(LARS, 1, missed=1),
        Removed(LARS, by=HOST, reason="missed_turns"),
        TopicClosed(TopicEnd.NOBODY_LEFT),
        SittingClosed(SittingEnd.NOBODY_LEFT, Afterwards.DISCONNECT),
    ]


def test_several_turns_that_run_out_together_are_missed_one_by_one() -> None:
    """Under `parallel`, each with its own cost."""
    rules = replace(HUG, policy=PolicyName.PARALLEL, missed_turns=1, until="rounds=9")
    room = play(talking(LARS, KARI, OLA, rules=rules), Pass(OLA))

    assert decide(room, CallTime(), DEADLINE)[:6] == [
        TimeCalled(LARS, 1, missed=1),
        Benched(LARS, 1),
        TimeCalled(KARI, 2, missed=1),
        Benched(KARI, 1),
        RoundClosed(1),
        RoundOpened(2, 9, (OLA,)),
    ]


def test_the_clock_of_a_holder_who_is_away_runs() -> None:
    """The missed turn counts like any; the seat is held on."""
    rules = replace(HUG, away_seconds=90, missed_turns=1)
    room = play(talking(LARS, KARI, rules=rules, keyed=[LARS]), GoAway(LARS))

    assert decide(room, CallTime(), DEADLINE) == [
        TimeCalled(LARS, 1, missed=1),
        Benched(LARS, 1),
        FloorGranted(KARI, 2, DEADLINE + 30 * SECOND, 30),
    ]


def test_who_returns_without_having_been_benched_changes_nothing() -> None:
    """Missed turns are still counted."""
    room = missed(talking(LARS, KARI, rules=LONG), 1)

    assert (decide(room, Return(LARS), room.at), room.seats[LARS].missed) == ([], 1)


def test_who_asks_from_the_bench_comes_back() -> None:
    """Where one asks for the floor, to ask is to be there."""
    room = take(talking(LARS, KARI, rules=ASKING), [Benched(KARI, 3)])

    assert decide(room, RequestFloor(KARI), NOON)[:1] == [Returned(KARI)]


# Time that stood still.


@pytest.mark.parametrize(
    ("since", "left"),
    [
        (NOON, 30 * SECOND),
        (NOON + 20 * SECOND, 10 * SECOND),
        (NOON + 25 * SECOND, 5 * SECOND),
        (NOON + 25 * SECOND + 1, 5 * SECOND),
        (DEADLINE, 5 * SECOND),
        (DEADLINE + SECOND, 5 * SECOND),
    ],
)
def test_a_turn_goes_on_with_the_time_that_it_had_left(since: int, left: int) -> None:
    """And never less than five seconds: time to come back in and answer."""
    assert (reopened(talking(LARS, KARI), since, NOON + HOUR), MIN_REOPENED_MS) == (
        [Reopened(1, NOON + HOUR + left)],
        5 * SECOND,
    )


def test_every_open_turn_goes_on() -> None:
    """But one without a deadline needs no new one."""
    room = take(TWO_TURNS, [FloorGranted(LARS, 3)])

    assert reopened(room, NOON, NOON) == [Reopened(1, DEADLINE), Reopened(2, NOON + 10 * SECOND)]


def test_the_seconds_of_a_topic_do_not_count_what_stood_still() -> None:
    """Ten of its sixty seconds had gone; fifty are left after the pause, however long it was."""
    room = talking(LARS, KARI, rules=replace(NO_CLOCK, until="rounds=9 or (seconds=60 and turns=0001)"))
    room = play(play(room, Pass(LARS)), Pause(), at=NOON + 10 * SECOND)
    after = play(room, Unpause(), at=NOON + HOUR)

    assert (decide(room, Unpause(), NOON + HOUR), next_deadline(after)) == (
        [Unpaused(), TopicReopened(NOON + HOUR - 10 * SECOND)],
        NOON + HOUR + 50 * SECOND,
    )


def test_the_seconds_of_a_topic_outlast_a_restart() -> None:
    """Those who were here are told both: the turn's new deadline, and the topic's."""
    room = talking(LARS, rules=replace(HUG, until="seconds=60"), keyed=[LARS])

    assert decide(room, Reopen(NOON + 10 * SECOND, frozenset({LARS})), NOON + HOUR) == [
        Reopened(1, NOON + HOUR + 20 * SECOND),
        TopicReopened(NOON + HOUR - 10 * SECOND),
    ]


def test_a_topic_that_was_opened_in_a_pause_has_its_seconds_from_the_end_of_it() -> None:
    """It never counts from a moment that is still to come."""
    rules = replace(HUG, until="seconds=60", afterwards=Afterwards.STAY)
    room = play(talking(LARS, rules=rules), Next(), Pause())
    room = play(room, Next(), at=NOON + 40 * SECOND)

    assert decide(room, Unpause(), NOON + HOUR)[:2] == [Unpaused(), TopicReopened(NOON + HOUR)]


def test_a_clock_that_went_back_gives_no_time() -> None:
    """Moments come from outside; the topic's seconds are never counted from earlier than they were."""
    room = talking(LARS, rules=replace(NO_CLOCK, until="seconds=60"))

    assert reopened(room, NOON + HOUR, NOON) == [TopicReopened(NOON)]


@pytest.mark.parametrize("rules", [ASKING, CHAIRED], ids=["request", "chair"])
def test_who_is_to_ask_for_the_floor_or_to_give_it_has_the_whole_time_again(rules: Rules) -> None:
    """After a restart, and after a pause: the floor was not free while nobody could take it."""
    room = talking(LARS, KARI, rules=rules)
    restarted = decide(room, Reopen(NOON + SECOND, frozenset({LARS, KARI})), NOON + HOUR)
    paused = play(room, Pause())

    assert (restarted, next_deadline(take(room, restarted, at=NOON + HOUR))) == (
        [TopicReopened(NOON + HOUR - SECOND)],
        NOON + HOUR + 30 * SECOND,
    )
    assert (decide(paused, Unpause(), NOON + HOUR), next_deadline(play(paused, Unpause(), at=NOON + HOUR))) == (
        [Unpaused()],
        NOON + HOUR + 30 * SECOND,
    )


@pytest.mark.parametrize(
    "room",
    [gathering(LARS), talking(LARS, rules=replace(ASKING, turn_seconds=0)), talking(LARS, rules=NO_CLOCK)],
    ids=["gathering", "request without a clock", "turn without a clock"],
)
def test_where_no_clock_ran_none_goes_on(room: Room) -> None:
    """Nothing is to be said about it."""
    assert reopened(room, NOON, NOON + HOUR) == []


def test_a_topic_that_was_queued_in_a_pause_opens_when_it_is_over() -> None:
    """Its clock begins then, by itself."""
    rules = replace(HUG, until="seconds=60", afterwards=Afterwards.STAY)
    room = play(talking(LARS, rules=rules), Next(), Pause(), QueueTopic("eat"))
    room = play(room, Unpause(), at=NOON + HOUR)

    assert (room.topic and room.topic.since, next_deadline(room)) == (NOON + HOUR, NOON + HOUR + 30 * SECOND)


def test_nobody_stands_in_for_the_chair_on_a_topic_that_is_over() -> None:
    """The floor would be given and taken in the same breath."""
    room = talking(LARS, KARI, rules=replace(CHAIRED, until="seconds=30"))

    assert [type(event) for event in decide(room, CallTime(), DEADLINE)][:1] == [TopicClosed]


def test_time_had_not_stopped_before_the_last_event() -> None:
    """Whatever a damaged note says: nobody is given years for a turn of thirty seconds."""
    room = talking(LARS, KARI)
    later = NOON + HOUR

    assert decide(room, Reopen(0, frozenset({LARS, KARI})), later) == [Reopened(1, later + 30 * SECOND)]
