"""When a topic is over: every ending alone and joined with others, its reason, and the moment at which time ends it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from moothall.engine.commands import (
    CallTime,
    Command,
    GoAway,
    Grant,
    HostSay,
    Join,
    Leave,
    NameChair,
    Next,
    Pass,
    Pause,
    QueueTopic,
    RequestFloor,
    Revoke,
    Say,
    Withdraw,
)
from moothall.engine.decide import decide
from moothall.engine.endings import end_deadline, ending_of, known_rounds, silence_deadline, topic_end
from moothall.engine.events import (
    Benched,
    Event,
    FloorGranted,
    FloorRevoked,
    RoundClosed,
    Said,
    SittingClosed,
    TopicClosed,
)
from moothall.engine.room import Room
from moothall.engine.rules import Rules
from moothall.engine.until import parse_until
from moothall.engine.words import Afterwards, PolicyName, SittingEnd, TopicEnd
from tests.engine.past import HUG, IDA, KARI, LARS, NOON, OLA, SECOND, gathering, play, take, talking

ASKING = replace(HUG, policy=PolicyName.REQUEST)
CHAIRED = replace(HUG, policy=PolicyName.CHAIR, chair="Lars")
OPEN = replace(HUG, policy=PolicyName.OPEN)
DEADLINE = NOON + 30 * SECOND


def two(until: str, policy: PolicyName = PolicyName.ROUND_ROBIN, **changes: str | int) -> Room:
    """Return a room in which Lars and Kari talk until then, Lars in the chair."""
    return talking(LARS, KARI, rules=replace(HUG, until=until, policy=policy, chair="Lars", **changes))


def closes(room: Room, *commands: Command) -> list[TopicEnd | None]:
    """Return after each command for what reason it closed the topic, or that it did not."""
    reasons: list[TopicEnd | None] = []
    for command in commands:
        events = decide(room, command, room.at)
        reasons.append(next((event.reason for event in events if isinstance(event, TopicClosed)), None))
        room = take(room, events, at=room.at)
    return reasons


# What there is without `until`.


@pytest.mark.parametrize(("rounds", "until"), [(1, "settled or rounds=1"), (7, "settled or rounds=7")])
def test_without_another_ending_a_topic_ends_after_its_rounds_or_settled(rounds: int, until: str) -> None:
    """Settled is written first: so it is the reason where a last round was passed by everybody."""
    assert ending_of(Rules(rounds=rounds)) == parse_until(until)


def test_an_ending_stands_in_the_place_of_rounds() -> None:
    """It is the whole answer."""
    assert ending_of(Rules(rounds=2, until="turns=7")) == parse_until("turns=7")


@pytest.mark.parametrize(("closed", "answer"), [(1, None), (2, None), (3, TopicEnd.ROUNDS), (4, TopicEnd.ROUNDS)])
def test_a_topic_is_over_after_its_rounds(closed: int, answer: TopicEnd | None) -> None:
    """Neither a round earlier nor a round later."""
    room = take(talking(LARS, KARI, rules=replace(HUG, rounds=3)), [Said(LARS, 1, "hi"), RoundClosed(closed)])

    assert topic_end(room, NOON) is answer


def test_a_round_in_which_everybody_passed_settles_the_topic() -> None:
    """In the first as in any; one who spoke in it is enough to go on."""
    rules = replace(HUG, rounds=3)
    spoken = play(talking(LARS, KARI, rules=rules), Pass(LARS), Say(KARI, "hi"))

    assert (
        closes(talking(LARS, KARI, rules=rules), Pass(LARS), Pass(KARI)),
        closes(spoken, Pass(LARS), Pass(KARI)),
    ) == (
        [None, TopicEnd.SETTLED],
        [None, TopicEnd.SETTLED],
    )


@pytest.mark.parametrize("last", [Say(KARI, "hi"), Revoke()], ids=repr)
def test_a_round_in_which_not_everybody_passed_does_not_settle_it(last: Command) -> None:
    """A revoked turn is no pass: its holder might have spoken."""
    assert closes(talking(LARS, KARI, rules=replace(HUG, rounds=2)), Pass(LARS), last) == [None, None]


def test_who_misses_a_turn_has_not_passed() -> None:
    """Silence is no consent."""
    room = play(talking(LARS, KARI, rules=replace(HUG, rounds=2)), Pass(LARS))

    assert TopicClosed(TopicEnd.SETTLED) not in decide(room, CallTime(), DEADLINE)


def test_who_passed_and_left_has_not_settled_it_for_the_others() -> None:
    """Kari spoke: the topic goes on."""
    room = talking(LARS, KARI, OLA, rules=replace(HUG, rounds=2))

    assert closes(room, Pass(LARS), Leave(LARS), Say(KARI, "hi"), Leave(OLA)) == [None] * 4


def test_the_others_settle_it_without_who_left() -> None:
    """Whoever was there passed."""
    room = talking(LARS, KARI, OLA, rules=replace(HUG, rounds=2))

    assert closes(room, Pass(LARS), Leave(LARS), Pass(KARI), Pass(OLA)) == [None, None, None, TopicEnd.SETTLED]


def test_the_open_floor_goes_on_until_somebody_closes_it() -> None:
    """Neither rounds nor passes are known there."""
    room = talking(LARS, rules=OPEN)

    assert (topic_end(room, NOON * 2), end_deadline(room), closes(room, Say(LARS, "hi"), Next())) == (
        None,
        None,
        [None, TopicEnd.OPERATOR],
    )


def test_without_a_topic_nothing_is_over() -> None:
    """A room may gather for as long as it likes."""
    room = gathering(LARS, rules=replace(HUG, until="seconds=1"))

    assert (topic_end(room, NOON * 2), end_deadline(room), silence_deadline(room)) == (None, None, None)


# Every ending alone.

SAYS = (Say(LARS, "one"), Say(KARI, "so be it"), Say(LARS, "no"), Say(KARI, "it be so"))


@pytest.mark.parametrize(
    ("until", "commands", "reasons"),
    [
        ("rounds=1", SAYS[:2], [None, TopicEnd.ROUNDS]),
        ("rounds=2", SAYS, [None, None, None, TopicEnd.ROUNDS]),
        ("turns=1", SAYS[:1], [TopicEnd.TURNS]),
        ("turns=3", SAYS[:3], [None, None, TopicEnd.TURNS]),
        ("turns=2", (Pass(LARS), Revoke()), [None, TopicEnd.TURNS]),
        ("turns=2", (Leave(LARS), Pass(KARI)), [None, TopicEnd.TURNS]),
        ("utterances=2", SAYS[:2], [None, TopicEnd.UTTERANCES]),
        ("utterances=2", (SAYS[0], Pass(KARI), SAYS[2]), [None, None, TopicEnd.UTTERANCES]),
        ("characters=3", SAYS[:1], [TopicEnd.CHARACTERS]),
        ("characters=11", SAYS[:2], [None, TopicEnd.CHARACTERS]),
        ("characters=12", SAYS[:3], [None, None, TopicEnd.CHARACTERS]),
        ("characters=3", (HostSay("a long speech"), SAYS[0]), [None, TopicEnd.CHARACTERS]),
        ("seat_characters=3", SAYS[:2], [None, TopicEnd.SEAT_CHARACTERS]),
        ("seat_characters=4", SAYS[:3], [None, None, TopicEnd.SEAT_CHARACTERS]),
        ("phrase=one", SAYS[:1], [TopicEnd.PHRASE]),
        ('phrase="SO be"', SAYS[:2], [None, TopicEnd.PHRASE]),
        ('phrase="be so"', SAYS, [None, None, None, TopicEnd.PHRASE]),
        ("phrase=one", (HostSay("one"), Pass(LARS)), [None, None]),
        ("settled", (Pass(LARS), SAYS[1], Pass(LARS), Pass(KARI)), [None, None, None, TopicEnd.SETTLED]),
        ("settled", (*SAYS, Pass(LARS), Pass(KARI)), [None] * 5 + [TopicEnd.SETTLED]),
        ("chair", (*SAYS, Next(by=LARS)), [None] * 4 + [TopicEnd.CHAIR]),
        ("chair", (*SAYS, Next()), [None] * 4 + [TopicEnd.OPERATOR]),
        ("operator", (*SAYS, Pass(LARS), Pass(KARI), Next()), [None] * 6 + [TopicEnd.OPERATOR]),
        ("operator", (*SAYS, Next(by=LARS)), [None] * 4 + [TopicEnd.CHAIR]),
    ],
)
def test_an_ending_closes_the_topic_as_soon_as_it_holds(
    until: str, commands: tuple[Command, ...], reasons: list[TopicEnd | None]
) -> None:
    """And not before: in the middle of a round where that is when it holds. Whoever may say `next` always may."""
    assert closes(two(until), *commands) == reasons


@pytest.mark.parametrize(
    ("until", "commands", "reasons"),
    [
        ("rounds=1 or phrase=one", SAYS[:1], [TopicEnd.PHRASE]),
        ("phrase=one or utterances=1", SAYS[:1], [TopicEnd.PHRASE]),
        ("utterances=1 or phrase=one", SAYS[:1], [TopicEnd.UTTERANCES]),
        ("utterances=2 and phrase=one", SAYS[:2], [None, TopicEnd.UTTERANCES]),
        ("phrase=one and utterances=2", SAYS[:2], [None, TopicEnd.PHRASE]),
        ("phrase=never and utterances=1", SAYS, [None] * 4),
        ("(phrase=never or rounds=1) and utterances=2", SAYS[:2], [None, TopicEnd.ROUNDS]),
        ("phrase=never and utterances=1 or characters=11", SAYS[:2], [None, TopicEnd.CHARACTERS]),
        ("phrase=one and phrase=no", SAYS[:3], [None, None, TopicEnd.PHRASE]),
        ("rounds=1 and settled", (*SAYS, Pass(LARS), Pass(KARI)), [None] * 5 + [TopicEnd.ROUNDS]),
        ("settled and rounds=3", (Pass(LARS), Pass(KARI), *SAYS), [None] * 5 + [TopicEnd.SETTLED]),
        ("chair and utterances=1", (*SAYS, Next(by=LARS)), [None] * 4 + [TopicEnd.CHAIR]),
        ("operator or utterances=2", SAYS[:2], [None, TopicEnd.UTTERANCES]),
    ],
)
def test_endings_are_joined(until: str, commands: tuple[Command, ...], reasons: list[TopicEnd | None]) -> None:
    """Any of them, or all; the reason is the first of those written that holds, and what has held holds on."""
    assert closes(two(until), *commands) == reasons


@pytest.mark.parametrize("until", ["turns=2", "utterances=2", "characters=6", "seat_characters=3", "rounds=1"])
def test_every_topic_has_its_own_count(until: str) -> None:
    """What was said on the last one does not end the next; `seat_characters` are given anew."""
    room = play(two(until, afterwards=Afterwards.STAY), Say(LARS, "one"), Say(KARI, "two"), QueueTopic("eat"))

    assert closes(room, Say(LARS, "one"), Say(KARI, "two"))[0] is None
    assert play(room, Say(LARS, "one"), Say(KARI, "two")).topic is None


def test_a_phrase_of_the_last_topic_does_not_end_the_next() -> None:
    """It is said of that one."""
    room = play(two("phrase=yes and utterances=2"), QueueTopic("eat"), Say(LARS, "yes"), Say(KARI, "hm"))

    assert closes(room, Say(LARS, "hm"), Say(KARI, "hm"), Say(LARS, "Yes")) == [None, None, TopicEnd.PHRASE]


def test_an_ending_in_the_middle_of_turns_takes_the_floor_from_everybody() -> None:
    """By the host, each turn by its event; then the topic closes."""
    room = talking(LARS, KARI, OLA, rules=replace(HUG, policy=PolicyName.PARALLEL, until="utterances=1"))

    assert decide(room, Say(KARI, "hi"), NOON) == [
        Said(KARI, 2, "hi"),
        FloorRevoked(LARS, 1, by="host"),
        FloorRevoked(OLA, 3, by="host"),
        TopicClosed(TopicEnd.UTTERANCES),
        SittingClosed(SittingEnd.DONE, Afterwards.DISCONNECT),
    ]


@pytest.mark.parametrize("until", ["utterances=2", "phrase=no and characters=4", "seconds=7"])
def test_the_open_floor_can_have_an_ending(until: str) -> None:
    """Of words or of time."""
    room = play(two(until, PolicyName.OPEN), Say(LARS, "no"))

    assert isinstance(decide(room, Say(LARS, "no"), NOON + 7 * SECOND)[1], TopicClosed)


# A budget for each seat.


def test_who_has_used_all_characters_gets_no_more_turns() -> None:
    """The others go on, until they have used theirs."""
    room = play(talking(LARS, KARI, OLA, rules=replace(HUG, until="seat_characters=5")), Say(LARS, "a long one"))
    room = play(room, Say(KARI, "abc"), Say(OLA, "abc"))

    assert (room.round and room.round.order, closes(room, Say(KARI, "ab"), Say(OLA, "ab"))) == (
        (KARI, OLA),
        [None, TopicEnd.SEAT_CHARACTERS],
    )


def test_who_is_on_the_bench_is_not_waited_for_to_use_theirs() -> None:
    """The others have used all of theirs."""
    room = take(two("seat_characters=3"), [Benched(KARI, 3)])

    assert closes(room, Say(LARS, "one")) == [TopicEnd.SEAT_CHARACTERS]


def test_where_everybody_is_on_the_bench_no_budget_is_used() -> None:
    """Nobody is left, which is another reason."""
    room = take(two("seat_characters=3"), [Benched(KARI, 3), Benched(LARS, 3)])

    assert (topic_end(room, NOON), closes(room, Pass(LARS))) == (None, [TopicEnd.NOBODY_LEFT])


def test_where_more_is_asked_than_the_seats_may_say_nobody_is_left() -> None:
    """The other part of the ending cannot come any more."""
    assert closes(two("seat_characters=3 and utterances=9"), Say(LARS, "one"), Say(KARI, "two")) == [
        None,
        TopicEnd.NOBODY_LEFT,
    ]


# Where nothing goes round.


def test_without_rounds_a_topic_can_be_over_in_the_middle_of_a_turn() -> None:
    """Who leaves may have been the only one that had not yet had as many turns as there are rounds."""
    room = play(talking(LARS, KARI, rules=ASKING), RequestFloor(LARS), Say(LARS, "hi"), RequestFloor(LARS))

    assert (room.holder, closes(room, Leave(KARI))) == (LARS, [TopicEnd.ROUNDS])


def test_without_rounds_everybody_has_had_so_many_turns() -> None:
    """Under `request`: two of Lars, none of Kari, and then two of hers."""
    room = two("rounds=2", PolicyName.REQUEST)
    lars, kari = ((RequestFloor(name), Say(name, "hi")) for name in (LARS, KARI))
    room = play(room, NameChair(None))

    assert closes(room, *lars, *kari, *lars, *kari) == [None] * 7 + [TopicEnd.ROUNDS]


@pytest.mark.parametrize(
    ("past", "answer"),
    [
        ([Grant("Kari"), Pass(KARI)], None),
        ([Grant("Kari"), Pass(KARI), Grant("Ola")], None),
        ([Grant("Kari"), Pass(KARI), Grant("Ola"), Pass(OLA)], TopicEnd.ROUNDS),
        ([Grant("Kari"), Revoke(), Grant("Ola"), Pass(OLA)], TopicEnd.ROUNDS),
        ([Grant("Kari"), Pass(KARI), Leave(OLA)], TopicEnd.ROUNDS),
        ([Grant("Kari"), Pass(KARI), GoAway(OLA)], TopicEnd.ROUNDS),
        ([GoAway(OLA), Grant("Kari"), Pass(KARI)], TopicEnd.ROUNDS),
        ([Leave(OLA), Join(IDA), Grant("Kari"), Pass(KARI)], None),
        ([Grant("Kari"), Pass(KARI), Grant("Kari"), Pass(KARI)], None),
        ([NameChair("Ola"), Grant("Kari"), Pass(KARI), Grant("Lars"), Pass(LARS)], TopicEnd.ROUNDS),
        ([Leave(KARI), Leave(OLA)], None),
    ],
    ids=repr,
)
def test_a_round_of_the_chair_is_a_turn_of_everybody_who_is_here(past: list[Command], answer: TopicEnd | None) -> None:
    """But of the chair itself; where only the chair is left, nobody has had one."""
    room = talking(LARS, KARI, OLA, rules=replace(CHAIRED, until="rounds=1"), keyed=[OLA])

    assert closes(room, *past)[-1] is answer


def test_who_is_on_the_bench_is_not_waited_for() -> None:
    """A turn of Kari is enough."""
    room = take(talking(LARS, KARI, OLA, rules=replace(CHAIRED, until="rounds=1")), [Benched(OLA, 3)])

    assert closes(room, Grant("Kari"), Pass(KARI)) == [None, TopicEnd.ROUNDS]


def test_silence_settles_a_topic_that_nobody_asks_to_speak_on() -> None:
    """Under `request` one need not pass: after as long as a turn lasts, and not a millisecond before."""
    room = talking(LARS, KARI, rules=ASKING)

    assert (decide(room, CallTime(), DEADLINE - 1), decide(room, CallTime(), DEADLINE)) == (
        [],
        [TopicClosed(TopicEnd.SETTLED), SittingClosed(SittingEnd.DONE, Afterwards.DISCONNECT)],
    )


def test_silence_begins_anew_when_a_turn_ends() -> None:
    """It is counted from the moment at which the floor is free."""
    room = play(talking(LARS, KARI, rules=ASKING), RequestFloor(LARS), at=NOON + 9 * SECOND)
    room = play(room, Say(LARS, "hi"), at=NOON + 20 * SECOND)

    assert (end_deadline(room), closes(room, CallTime())) == (NOON + 50 * SECOND, [None])


@pytest.mark.parametrize(
    ("rules", "answer"),
    [
        (ASKING, DEADLINE),
        (replace(ASKING, turn_seconds=0.0004), NOON + 1),
        (replace(ASKING, turn_seconds=0), None),
        (CHAIRED, DEADLINE),
        (HUG, None),
        (OPEN, None),
        (replace(HUG, policy=PolicyName.PARALLEL), None),
    ],
)
def test_silence_is_as_long_as_a_turn(rules: Rules, answer: int | None) -> None:
    """Where one must ask for the floor, or give it; without an end where turns have none."""
    assert silence_deadline(talking(LARS, KARI, rules=rules)) == answer


@pytest.mark.parametrize(
    "past", [[RequestFloor(LARS)], [RequestFloor(LARS), RequestFloor(KARI), Withdraw(KARI)], [Pause()]], ids=repr
)
def test_a_floor_that_somebody_has_is_not_silent(past: list[Command]) -> None:
    """Nor is one in a pause."""
    room = play(talking(LARS, KARI, rules=ASKING), *past)

    assert (silence_deadline(room), end_deadline(room), topic_end(room, NOON * 2)) == (None, None, None)


@pytest.mark.parametrize("rules", [CHAIRED, replace(ASKING, until="turns=9"), HUG], ids=["chair", "turns", ""])
def test_silence_settles_nothing_elsewhere(rules: Rules) -> None:
    """The chair is stood in for; and what is not asked about settles nothing."""
    room = talking(LARS, KARI, rules=rules)

    assert (end_deadline(room), topic_end(room, NOON * 2)) == (None, None)


def test_a_request_that_waits_breaks_the_silence() -> None:
    """It is about to be granted."""
    room = replace(talking(LARS, KARI, rules=ASKING), requests=(KARI,))

    assert (topic_end(room, NOON * 2), end_deadline(room)) == (None, None)


# Time.


@pytest.mark.parametrize(
    ("until", "answer"),
    [
        ("seconds=7", NOON + 7 * SECOND),
        ("seconds=0.5", NOON + 500),
        ("seconds=9 or seconds=7", NOON + 7 * SECOND),
        ("seconds=9 and seconds=7", NOON + 9 * SECOND),
        ("seconds=7 and turns=1", None),
        ("turns=1 or seconds=7", NOON + 7 * SECOND),
        ("(seconds=7 and turns=1) or seconds=8", NOON + 8 * SECOND),
        ("turns=1", None),
        ("settled", None),
    ],
)
def test_the_deadline_of_a_topic_is_when_time_alone_ends_it(until: str, answer: int | None) -> None:
    """Not a moment at which something else must still come: a timer would ring in vain."""
    assert end_deadline(two(until)) == answer


def test_time_ends_a_topic_and_not_a_millisecond_before() -> None:
    """The open turn is revoked, by the host."""
    room = two("seconds=7")
    closed: list[Event] = [
        FloorRevoked(LARS, 1, by="host"),
        TopicClosed(TopicEnd.SECONDS),
        SittingClosed(SittingEnd.DONE, Afterwards.DISCONNECT),
    ]

    assert (decide(room, CallTime(), NOON + 6_999), decide(room, CallTime(), NOON + 7_000)) == ([], closed)


def test_what_is_said_after_the_end_of_time_is_said_and_ends_it() -> None:
    """The timer may ring late: the words came first."""
    assert decide(two("seconds=7"), Say(LARS, "hi"), NOON + 8 * SECOND)[:2] == [
        Said(LARS, 1, "hi"),
        TopicClosed(TopicEnd.SECONDS),
    ]


def test_in_a_pause_time_ends_nothing() -> None:
    """It goes on afterwards."""
    room = play(two("seconds=7"), Pause())

    assert (end_deadline(room), decide(room, CallTime(), NOON * 2)) == (None, [])


def test_where_a_part_of_the_ending_comes_late_time_has_ended_by_then() -> None:
    """Both hold when the second does."""
    room = play(two("seconds=7 and turns=1"), CallTime(), at=NOON + 7 * SECOND)

    assert decide(room, Pass(LARS), NOON + 8 * SECOND)[1] == TopicClosed(TopicEnd.SECONDS)


# How many rounds.


@pytest.mark.parametrize(
    ("rules", "rounds"),
    [
        (Rules(), 1),
        (Rules(rounds=7), 7),
        (Rules(rounds=7, until="rounds=3"), 3),
        (Rules(until="settled or rounds=4 or rounds=3"), 3),
        (Rules(until="rounds=3 and turns=9"), None),
        (Rules(until="turns=9"), None),
        (Rules(until="turns=9 or (rounds=3 and settled)"), None),
    ],
)
def test_of_how_many_rounds_it_is_is_known_where_they_end_it(rules: Rules, rounds: int | None) -> None:
    """At the latest: it may be over before."""
    assert known_rounds(rules) == rounds


def test_a_grant_is_no_turn_that_has_ended() -> None:
    """Two are open and one has ended: that is one."""
    room = take(two("turns=2", PolicyName.OPEN), [FloorGranted(LARS, 5), FloorGranted(KARI, 6), FloorGranted(OLA, 7)])

    assert topic_end(replace(room, turn_number=4), NOON) is None
    assert topic_end(replace(room, turn_number=5), NOON) is TopicEnd.TURNS
