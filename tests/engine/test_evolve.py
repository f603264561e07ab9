"""Evolve writes a fact down and decides nothing: one event in, one room out."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from moothall.engine.commands import CloseRoom, Join, Leave, NameChair, Next, Pass, Pause, QueueTopic, Say
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
    TimeCalled,
    TopicClosed,
    TopicOpened,
    TopicQueued,
    TopicReopened,
    Unpaused,
    WentAway,
)
from moothall.engine.evolve import empty_room, evolve, open_room, replay
from moothall.engine.names import Name, RoomName, Seq
from moothall.engine.receipts import MAX_RECEIPTS, find_receipt, with_receipt
from moothall.engine.room import Room, Round, Seat, Tally, Topic, Turn
from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards, Kind, LeaveReason, OnMissed, PolicyName, SittingEnd, TopicEnd
from tests.engine.past import HUG, KARI, LARS, NOON, OLA, a_room, gathering, play, take, talking

OPENED = RoomOpened(RoomName("main"), HUG, "seed")
STAY = replace(HUG, afterwards=Afterwards.STAY)
LATER = NOON + 5_000


def changed(room: Room, event: Event) -> dict[str, object]:
    """Return the fields of the room, but seq and at, that the event changes, with what it makes of them."""
    after = evolve(room, event, LATER)
    return {
        field: getattr(after, field)
        for field in Room.__struct_fields__
        if field not in {"seq", "at"} and getattr(after, field) != getattr(room, field)
    }


def test_before_its_first_event_a_room_has_a_name_alone() -> None:
    """A clerk begins here, whether the room is new or comes from a log."""
    assert empty_room(RoomName("main")) == Room(RoomName("main"), Rules(), "", seq=Seq(0), at=0)


def test_the_first_event_is_the_room() -> None:
    """All that its rules and its chance start from."""
    assert open_room(OPENED, NOON) == Room(RoomName("main"), HUG, "seed", seq=Seq(1), at=NOON)


def test_an_event_counts_and_dates_the_room() -> None:
    """Even one that changes nothing else: seq has no gaps."""
    room = evolve(a_room(), HostSaid("Host", "hi"), LATER)

    assert room == replace(a_room(), seq=2, at=LATER)


def test_the_two_events_of_a_turn_count_and_date_the_room_too() -> None:
    """They are by far the most frequent, and have a way of their own."""
    room = talking(LARS, KARI)
    after = [evolve(room, event, LATER) for event in (Said(LARS, 1, "hi"), FloorGranted(KARI, 2))]

    assert [(one.seq, one.at) for one in after] == [(room.seq + 1, LATER)] * 2


def test_a_room_has_the_name_under_which_it_was_opened() -> None:
    """Whatever it was called while it was empty."""
    assert evolve(empty_room(RoomName("other")), OPENED, NOON) == open_room(OPENED, NOON)


def test_what_is_said_leaves_the_rest_of_the_tally_alone() -> None:
    """Each of its five numbers counts for itself."""
    room = take(talking(LARS, KARI, OLA), [Left(OLA, LeaveReason.ASKED), TimeCalled(LARS, 0, 1), Passed(LARS, 0)])

    assert evolve(room, Said(LARS, 1, "hi"), NOON).tally == Tally(said=1, passed=1, missed=1, left=1, chars=2)


def test_a_room_that_is_opened_anew_has_other_rules_and_another_bag() -> None:
    """It is open again, and counts its seqs, sittings and turns on."""
    room = play(talking(LARS), Pass(LARS), CloseRoom())

    assert changed(room, RoomOpened(RoomName("main"), STAY, "other")) == {
        "rules": STAY,
        "seed": "other",
        "topics_drawn": 0,
        "is_closed": False,
    }


@pytest.mark.parametrize("entries", [[], [(Paused(), NOON)]])
def test_a_log_begins_with_its_room(entries: list[tuple[Event, int]]) -> None:
    """Without rules there is no room."""
    with pytest.raises(ValueError, match=r"^a room's log begins with room_opened$"):
        replay(entries)


def test_a_replay_takes_in_the_whole_log() -> None:
    """In its order, each event at its own time."""
    log: list[tuple[Event, int]] = [(OPENED, NOON), (TopicQueued("hug"), NOON + 1), (TopicQueued("eat"), NOON + 2)]

    assert replay(log) == replace(a_room(), seq=3, at=NOON + 2, queue=("hug", "eat"))


def test_a_replay_can_go_on_from_a_room() -> None:
    """What a log holds after a moment makes the room of that moment the room of now."""
    entries: list[tuple[Event, int]] = [(TopicQueued("hug"), NOON + 1), (TopicQueued("eat"), NOON + 2)]

    assert (replay(entries, a_room()), replay([], a_room())) == (
        replace(a_room(), seq=3, at=NOON + 2, queue=("hug", "eat")),
        a_room(),
    )


def test_a_seat_is_as_it_was_taken() -> None:
    """After those who joined before."""
    room = evolve(gathering(LARS), Seated(KARI, 3, Kind.PERSON, "a student", keyed=True), NOON)

    assert [*room.seats.items()] == [
        (LARS, Seat(1, Kind.BOT, "", keyed=False)),
        (KARI, Seat(3, Kind.PERSON, "a student", keyed=True, away_until=None, missed=0, receipts=b"")),
    ]


def test_a_sitting_begins_with_a_new_tally() -> None:
    """The goodbye counts one sitting; the tally of the last one stays until then, for whoever still asks."""
    room = play(talking(LARS, KARI), NameChair("Ola"), Say(LARS, "hi"), Pass(KARI))

    assert (room.tally, changed(room, SittingOpened(2, 2, {}))) == (
        Tally(said=1, passed=1, chars=2),
        {
            "sitting": 2,
            "sitting_seq": room.seq + 1,
            "has_sitting": True,
            "tally": Tally(),
            "rounds_opened": 0,
        },
    )


def test_a_sitting_closes_and_takes_the_seats_with_it() -> None:
    """And the queue: what was to be talked about belonged to these people."""
    room = play(talking(LARS, KARI), QueueTopic("eat"))

    assert changed(room, SittingClosed(SittingEnd.OPERATOR, Afterwards.DISCONNECT)) == {
        "has_sitting": False,
        "seats": {},
        "turns": (),
        "queue": (),
        "topics_opened": 0,
    }


def test_topics_queue_up() -> None:
    """The first to be queued is the first to be talked about."""
    room = play(a_room(), QueueTopic("hug"))

    assert changed(room, TopicQueued("eat")) == {"queue": ("hug", "eat")}


def test_a_topic_that_stood_first_in_the_queue_leaves_it() -> None:
    """And no topic is taken from the bag for it."""
    room = take(gathering(LARS), [TopicQueued("eat"), TopicQueued("shop")])

    assert changed(room, TopicOpened("eat", "Host", "Eat?")) == {
        "topic": Topic("eat", "Host", "Eat?", LATER),
        "queue": ("shop",),
        "topics_opened": 1,
        "free_since": LATER,
    }


@pytest.mark.parametrize("queue", [(), ("shop", "eat")])
def test_any_other_topic_was_drawn_from_the_bag(queue: tuple[str, ...]) -> None:
    """So the bag has one less; the queue waits."""
    room = take(gathering(LARS), map(TopicQueued, queue))

    assert changed(room, TopicOpened("eat", "Host", "Eat?")) == {
        "topic": Topic("eat", "Host", "Eat?", LATER),
        "topics_opened": 1,
        "topics_drawn": 1,
        "free_since": LATER,
    }


def test_topics_are_counted_on() -> None:
    """In the sitting and in the bag. The rounds begin anew, and so does what counts in a topic."""
    room = play(talking(LARS, rules=replace(HUG, rounds=2)), Say(LARS, "hi"))
    room = take(room, [Passed(LARS, 2), RoundClosed(1), TopicClosed(TopicEnd.OPERATOR)])

    assert changed(room, TopicOpened("hug", "Host", "Hug?")) == {
        "topic": Topic("hug", "Host", "Hug?", LATER, Tally(said=1, passed=1, chars=2), turn_number=2),
        "topics_opened": 2,
        "topics_drawn": 2,
        "rounds_closed": 0,
        "seats": {LARS: Seat(1, Kind.BOT, "", keyed=False)},
        "free_since": LATER,
        "last_said": None,
    }


def test_a_topic_closes_with_its_round_and_its_turns() -> None:
    """Whatever is still open has no topic to be about."""
    assert changed(talking(LARS), TopicClosed(TopicEnd.OPERATOR)) == {"topic": None, "round": None, "turns": ()}


@pytest.mark.parametrize("order", [(KARI, LARS), None])
def test_a_round_has_its_order(order: tuple[Name, ...] | None) -> None:
    """Where the policy doesn't know it beforehand, whoever is seated may get a turn."""
    event = RoundOpened(1, 2, (KARI, LARS)) if order else RoundOpened(1, 2)

    assert changed(gathering(LARS, KARI), event) == {
        "round": Round(1, order or (LARS, KARI), frozenset()),
        "rounds_opened": 1,
    }


def test_a_closed_round_is_counted() -> None:
    """That is what ends a topic."""
    room = take(talking(LARS), [Said(LARS, 1, "hi")])

    assert changed(room, RoundClosed(3)) == {"round": None, "rounds_closed": 3}


def test_the_floor_is_granted_for_a_turn_of_the_round() -> None:
    """Whose turn has begun has had it: nobody is granted twice in a round."""
    room = play(talking(LARS, KARI, OLA), Pass(LARS))

    assert changed(room, FloorGranted(OLA, 3, LATER, 5)) == {
        "turns": (*room.turns, Turn(OLA, 3, LATER)),
        "turn_number": 3,
        "round": Round(1, (LARS, KARI, OLA), frozenset({LARS, KARI, OLA})),
    }


def test_a_turn_without_a_round_is_a_turn_all_the_same() -> None:
    """A policy may come that has the one and not the other."""
    assert changed(gathering(LARS), FloorGranted(LARS, 1)) == {"turns": (Turn(LARS, 1, None),), "turn_number": 1}


TWO_TURNS = take(talking(LARS, KARI), [FloorGranted(KARI, 2)])
KARIS = (Turn(KARI, 2, None),)
MISSED_TWICE = evolve(TWO_TURNS, TimeCalled(LARS, 0, 2), NOON)


def with_lars(room: Room, **changes: int) -> dict[Name, Seat]:
    """Return the room's seats, that of Lars with changes."""
    return {**room.seats, LARS: replace(room.seats[LARS], **changes)}


def test_what_is_said_ends_its_turn_alone() -> None:
    """The other turns go on; who speaks has missed none in a row any more."""
    assert changed(MISSED_TWICE, Said(LARS, 1, "hi")) == {
        "turns": KARIS,
        "seats": with_lars(MISSED_TWICE, missed=0, turns=2, chars=2),
        "tally": Tally(said=1, missed=1, chars=2),
        "free_since": LATER,
        "last_said": Said(LARS, 1, "hi"),
    }


def test_what_is_said_without_a_turn_ends_none() -> None:
    """Under the policy `open`."""
    assert changed(MISSED_TWICE, Said(LARS, None, "hi")) == {
        "seats": with_lars(MISSED_TWICE, missed=0, chars=2),
        "tally": Tally(said=1, missed=1, chars=2),
        "last_said": Said(LARS, None, "hi"),
    }


def test_what_is_said_under_a_cid_leaves_a_receipt() -> None:
    """With its place in the log; and it ends a row of missed turns as well."""
    room = evolve(MISSED_TWICE, Said(LARS, 1, "hi", "c1"), NOON)

    assert (room.turns, room.seats[LARS], room.seats[KARI]) == (
        KARIS,
        Seat(1, Kind.BOT, "", keyed=False, receipts=with_receipt(b"", "c1", room.seq, "hi"), turns=2, chars=2),
        TWO_TURNS.seats[KARI],
    )


def test_the_last_64_receipts_are_kept() -> None:
    """The oldest goes when the 65th comes, so that a room does not grow with what is said in it."""
    room = take(talking(LARS), (Said(LARS, None, "hi", f"c{number}") for number in range(65)))

    known = [number for number in range(65) if find_receipt(room.seats[LARS].receipts, f"c{number}")]
    assert known == list(range(65 - MAX_RECEIPTS, 65))


def test_a_pass_ends_its_turn_and_a_row_of_missed_ones() -> None:
    """Who passes is there."""
    assert changed(MISSED_TWICE, Passed(LARS, 1)) == {
        "turns": KARIS,
        "seats": with_lars(MISSED_TWICE, missed=0, turns=2),
        "tally": Tally(passed=1, missed=1),
        "free_since": LATER,
    }


def test_a_missed_turn_ends_and_is_counted() -> None:
    """The event says how many in a row; the tally counts them all."""
    room = evolve(MISSED_TWICE, TimeCalled(LARS, 1, 3), NOON)

    assert (room.turns, room.seats, room.tally, room.free_since) == (
        KARIS,
        with_lars(MISSED_TWICE, missed=3, turns=2),
        Tally(missed=2),
        NOON,
    )


def test_a_revoked_turn_ends() -> None:
    """And counts as nothing: it was not the speaker's doing."""
    assert changed(MISSED_TWICE, FloorRevoked(LARS, 1, "operator")) == {
        "turns": KARIS,
        "seats": with_lars(MISSED_TWICE, turns=2),
        "free_since": LATER,
    }


def test_a_reopened_turn_has_another_deadline() -> None:
    """And the other turns have theirs."""
    assert changed(TWO_TURNS, Reopened(2, LATER)) == {"turns": (TWO_TURNS.turns[0], Turn(KARI, 2, LATER))}


@pytest.mark.parametrize("event", [Left(LARS, LeaveReason.ASKED), Removed(LARS, "operator")])
def test_who_leaves_takes_seat_and_turn_along(event: Event) -> None:
    """Also the turn in this round: whoever takes a seat under the same name has joined late."""
    assert changed(TWO_TURNS, event) == {
        "seats": {KARI: TWO_TURNS.seats[KARI]},
        "turns": KARIS,
        "round": Round(1, (KARI,), frozenset({KARI})),
        "tally": Tally(left=1),
        "free_since": LATER,
    }


def test_who_leaves_before_the_first_topic_is_not_counted() -> None:
    """Somebody who looked in while the room gathered has left no conversation."""
    assert changed(gathering(LARS, KARI), Left(LARS, LeaveReason.ASKED)) == {
        "seats": {KARI: Seat(2, Kind.BOT, "", keyed=False)}
    }


def test_who_leaves_between_two_topics_is_counted() -> None:
    """The sitting goes on without them."""
    room = play(talking(LARS, KARI, rules=STAY), Next())

    assert changed(room, Left(LARS, LeaveReason.ASKED)) == {"seats": {KARI: room.seats[KARI]}, "tally": Tally(left=1)}


def test_a_seat_is_held_and_taken_again() -> None:
    """The turn stays open meanwhile: to be away does not stop the clock."""
    room = talking(LARS, KARI)
    away = evolve(room, WentAway(LARS, LATER), NOON)

    assert (away.seats[LARS].away_until, away.held_until, away.turns) == (LATER, LATER, room.turns)
    assert changed(away, CameBack(LARS)) == {"seats": room.seats, "held_until": None}


def test_a_pause_is_dated() -> None:
    """The turns' time is counted from there when it ends."""
    room = play(a_room(), Pause())

    assert (changed(a_room(), Paused()), changed(room, Unpaused())) == (
        {"paused_at": LATER},
        {"paused_at": None, "free_since": LATER},
    )


@pytest.mark.parametrize(
    ("event", "is_quiet"),
    [
        (Passed(LARS, 1), True),
        (Left(LARS, LeaveReason.ASKED), True),
        (Said(LARS, 1, "hi"), False),
        (Said(LARS, None, "hi"), False),
        (TimeCalled(LARS, 1, 1), False),
        (FloorRevoked(LARS, 1, "operator"), False),
    ],
    ids=repr,
)
def test_a_round_is_quiet_while_nobody_does_but_pass(event: Event, is_quiet: bool) -> None:
    """Once it is not, it stays so. Who leaves has not spoken either."""
    before = talking(LARS, KARI)
    after = evolve(before, event, NOON)
    later = take(after, [FloorGranted(KARI, 2), Passed(KARI, 2)])

    assert [room.round and room.round.is_quiet for room in (before, after, later)] == [True, is_quiet, is_quiet]


@pytest.mark.parametrize(
    ("said", "is_settled"),
    [([], True), ([Said(KARI, 2, "hi")], False)],
    ids=["passed", "said"],
)
def test_a_topic_is_settled_by_a_round_in_which_everybody_passed(said: list[Event], is_settled: bool) -> None:
    """Also where one of those who passed has left since."""
    room = talking(LARS, KARI, OLA)
    room = take(room, [Passed(LARS, 1), FloorGranted(KARI, 2), *(said or [Passed(KARI, 2)])])
    room = take(room, [Left(LARS, LeaveReason.ASKED), RoundClosed(1)])

    assert (room.topic and room.topic.is_settled) is is_settled


def test_a_round_in_which_nobody_had_a_turn_settles_nothing() -> None:
    """All of it left; those who came late have not been asked yet."""
    room = take(talking(LARS, KARI), [Left(LARS, LeaveReason.ASKED), RoundClosed(1)])

    assert (room.topic and room.topic.is_settled) is False


def test_a_settled_topic_stays_settled() -> None:
    """An ending that has held holds for good."""
    room = take(talking(LARS, KARI), [Passed(LARS, 1), RoundClosed(1), RoundOpened(2, 2, (LARS,))])
    room = take(room, [FloorGranted(LARS, 2), Said(LARS, 2, "hi"), RoundClosed(2)])

    assert (room.topic and room.topic.is_settled) is True


def test_the_phrases_of_an_ending_are_collected() -> None:
    """Those that the room's ending asks about, in whatever utterances of the topic they stand."""
    rules = replace(HUG, until="phrase=yes and phrase=no and rounds=9")
    room = play(talking(LARS, KARI, rules=rules), Say(LARS, "Yes, and yes."), Say(KARI, "maybe"))

    assert (room.topic and room.topic.phrases, changed(room, Said(LARS, 3, "NO"))["topic"]) == (
        frozenset({"yes"}),
        room.topic and replace(room.topic, phrases=frozenset({"yes", "no"})),
    )


def test_those_who_ask_for_the_floor_queue() -> None:
    """In the order in which they ask; the one who withdraws, or gets the floor, leaves the queue."""
    room = take(gathering(LARS, KARI, OLA), map(FloorRequested, (KARI, OLA, LARS)))

    assert (room.requests, changed(room, FloorWithdrawn(OLA)), evolve(room, FloorGranted(KARI, 1), NOON).requests) == (
        (KARI, OLA, LARS),
        {"requests": (KARI, LARS)},
        (OLA, LARS),
    )


@pytest.mark.parametrize("event", [Benched(KARI, 3), Left(KARI, LeaveReason.ASKED), Removed(KARI, "host")], ids=repr)
def test_who_gets_no_turns_leaves_the_queue(event: Event) -> None:
    """Nobody waits for a seat that is empty, or on the bench."""
    assert take(gathering(LARS, KARI), [FloorRequested(KARI), FloorRequested(LARS), event]).requests == (LARS,)


def test_who_leaves_without_the_floor_does_not_free_it() -> None:
    """It is as free as it was, or not at all."""
    assert evolve(talking(LARS, KARI), Left(KARI, LeaveReason.ASKED), LATER).free_since == NOON


def test_a_seat_is_benched_and_comes_back() -> None:
    """Then no turn of it was missed."""
    room = take(gathering(LARS, KARI), [TimeCalled(LARS, 1, 3)])
    benched = evolve(room, Benched(LARS, 3), NOON)

    assert (changed(room, Benched(LARS, 3)), changed(benched, Returned(LARS))) == (
        {"seats": with_lars(room, is_benched=True)},
        {"seats": with_lars(room, missed=0)},
    )


def test_a_round_of_unknown_order_is_of_those_who_are_not_benched() -> None:
    """The bench waits for the next round, whoever returns from it."""
    room = take(gathering(LARS, KARI, OLA), [Benched(KARI, 3), RoundOpened(1)])

    assert room.round == Round(1, (LARS, OLA))


def test_the_chair_is_who_was_named_last() -> None:
    """Or nobody."""
    room = evolve(gathering(LARS), ChairNamed("Kari"), NOON)

    assert (changed(gathering(LARS), ChairNamed("Kari")), changed(room, ChairNamed())) == (
        {"chair": "Kari"},
        {"chair": None},
    )


def test_other_rules_hold_from_the_next_topic_on() -> None:
    """The open topic ends by those under which it began; what is set twice adds up."""
    room = take(talking(LARS, KARI), [RulesSet(rounds=2), RulesSet(policy=PolicyName.OPEN, until="turns=9")])
    rules = replace(room.rules, rounds=2, policy=PolicyName.OPEN, until="turns=9")

    assert (room.rules.rounds, room.next_rules, changed(room, TopicClosed(TopicEnd.ROUNDS))) == (
        1,
        rules,
        {"rules": rules, "next_rules": None, "topic": None, "round": None, "turns": ()},
    )


def test_without_a_topic_other_rules_hold_at_once() -> None:
    """Every rule that can be set; the others stay."""
    event = RulesSet(
        policy=PolicyName.CHAIR,
        rounds=2,
        until="chair",
        turn_seconds=0,
        seat_seconds={"Kari": 60},
        missed_turns=2,
        on_missed=OnMissed.REMOVE,
    )

    assert changed(gathering(LARS), event) == {
        "rules": Rules(
            topics=("hug",),
            policy=PolicyName.CHAIR,
            rounds=2,
            until="chair",
            turn_seconds=0,
            seat_seconds={"Kari": 60},
            missed_turns=2,
            on_missed=OnMissed.REMOVE,
        )
    }


def test_a_topic_that_does_not_say_its_policy_has_the_rooms() -> None:
    """Logs of 0.1.0 never say it; `round-robin` is not written down."""
    room = gathering(LARS, rules=replace(HUG, policy=PolicyName.OPEN))

    assert evolve(room, TopicOpened("eat", "Host", "Eat?"), NOON).rules == room.rules


def test_a_topic_closes_with_its_queue_for_the_floor() -> None:
    """What one wanted to say was about that topic."""
    room = take(talking(LARS, KARI), [FloorRequested(KARI)])

    assert evolve(room, TopicClosed(TopicEnd.CHAIR), NOON).requests == ()


def test_the_time_that_a_topic_stood_still_does_not_count() -> None:
    """Its seconds count from another moment, and whoever was to ask for the floor has the whole time again."""
    room = talking(LARS)

    assert changed(room, TopicReopened(NOON + 7)) == {
        "topic": room.topic and replace(room.topic, since=NOON + 7),
        "free_since": LATER,
    }


def test_without_a_topic_no_time_stood_still() -> None:
    """Nothing breaks where a log says it did."""
    assert evolve(gathering(LARS), TopicReopened(NOON), NOON).topic is None


def test_a_room_is_closed() -> None:
    """For good."""
    assert changed(a_room(), RoomClosed()) == {"is_closed": True}


def test_the_room_before_an_event_stays_as_it_was() -> None:
    """A clerk keeps it, to go back to when the commit fails."""
    room = talking(LARS, KARI, rules=Rules(policy=PolicyName.OPEN))
    seats = dict(room.seats)
    play(room, Say(LARS, "hi", cid="c1"), Leave(KARI), Join(OLA))

    assert room.seats == seats


def test_other_rules_leave_the_bag_of_topics_as_it_is() -> None:
    """A `set` must not bring a topic back in the next sitting; another seed, or other topics, are another bag."""
    room = replace(gathering(), topics_drawn=3)
    openings = [
        RoomOpened(room.name, replace(room.rules, rounds=2), room.seed),
        RoomOpened(room.name, room.rules, "other"),
        RoomOpened(room.name, replace(room.rules, topics=("eat", "hug")), room.seed),
    ]

    assert [evolve(room, opened, NOON).topics_drawn for opened in openings] == [3, 0, 0]
