"""Who may take a seat, who is away from it, and how it is given up."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from moothall.engine.commands import CloseSitting, GoAway, Join, Leave, QueueTopic, Return
from moothall.engine.events import (
    Benched,
    CameBack,
    ChairNamed,
    Left,
    Returned,
    Seated,
    SittingOpened,
    TopicQueued,
    WentAway,
)
from moothall.engine.names import Name
from moothall.engine.room import Room
from moothall.engine.seats import MAX_ABOUT_CHARS, away_events, come_back, come_off_bench, go_away, join, leave, require
from moothall.engine.words import Kind, LeaveReason
from moothall.errors import Reason, Rejected
from tests.engine.past import (
    HUG,
    IDA,
    KARI,
    LARS,
    NINA,
    NOON,
    OLA,
    SECOND,
    a_room,
    gathering,
    play,
    refusal,
    take,
    talking,
)


def test_the_first_to_come_opens_the_sitting() -> None:
    """With the room's labels, and the topics that it will talk about, in their order."""
    room = a_room(replace(HUG, labels={"arm": "rotate"}, agenda=("eat", "shop")))

    assert join(room, Join(KARI, Kind.PERSON, "a student", keyed=True), NOON) == [
        SittingOpened(1, seats=4, labels={"arm": "rotate"}),
        TopicQueued("eat"),
        TopicQueued("shop"),
        Seated(KARI, 1, Kind.PERSON, "a student", keyed=True),
    ]


def test_a_topic_that_the_operator_queued_beforehand_comes_before_the_agenda() -> None:
    """It was asked for first."""
    room = play(a_room(replace(HUG, agenda=("eat",))), QueueTopic("sing"), Join(KARI))

    assert room.queue == ("sing", "eat")


def test_whoever_comes_next_only_takes_a_seat() -> None:
    """The next one, in the order of arrival; a sitting opens once."""
    assert join(gathering(LARS), Join(KARI), NOON) == [Seated(KARI, 2, Kind.BOT, "", keyed=False)]


def test_the_next_sitting_has_the_next_number() -> None:
    """They are counted for the life of the room."""
    room = play(gathering(LARS), CloseSitting())

    assert join(room, Join(KARI), NOON)[0] == SittingOpened(2, seats=4, labels={})


def test_the_lowest_free_seat_is_taken() -> None:
    """Two of four were given up; the lower one goes first."""
    room = play(gathering(LARS, KARI, OLA), Leave(LARS), Leave(KARI))

    assert join(room, Join(NINA), NOON) == [Seated(NINA, 1, Kind.BOT)]


def test_the_last_seat_can_be_taken() -> None:
    """Four seats seat four."""
    assert join(gathering(LARS, KARI, OLA), Join(NINA), NOON) == [Seated(NINA, 4, Kind.BOT)]


@pytest.mark.parametrize("name", [NINA, LARS, Name("Host")])
def test_a_full_room_takes_nobody(name: Name) -> None:
    """It is full for anybody, so a taken name is not spoken of: another name would not help."""
    assert refusal(talking(LARS, KARI), Join(name)) == (Reason.ROOM_FULL, "main")


@pytest.mark.parametrize("name", ["Kari", "kari", "KARI"])
def test_a_name_is_unique_also_by_case(name: str) -> None:
    """The answer is about the name as it is seated."""
    assert refusal(gathering(LARS, KARI), Join(Name(name))) == (Reason.NAME_TAKEN, "Kari")


@pytest.mark.parametrize("name", ["Batman", "BATMAN", "you", "You", "all", "ALL", "operator", "Operator"])
def test_the_hosts_name_and_some_words_are_taken(name: str) -> None:
    """Nobody shall speak as the host, or be addressed by who meant somebody else."""
    room = gathering(LARS, rules=replace(HUG, host="Batman"))

    assert refusal(room, Join(Name(name))) == (Reason.NAME_TAKEN, name)


def test_another_rooms_host_is_a_name_like_any() -> None:
    """Only this room's host is taken."""
    assert join(gathering(LARS), Join(Name("Batman")), NOON) == [Seated(Name("Batman"), 2, Kind.BOT)]


def test_a_participant_says_no_more_than_200_characters_of_itself() -> None:
    """The words are in every log, for everyone who joins."""
    assert (join(gathering(LARS), Join(KARI, about="a" * 200), NOON), MAX_ABOUT_CHARS) == (
        [Seated(KARI, 2, Kind.BOT, "a" * 200)],
        200,
    )


def test_more_than_200_characters_are_refused() -> None:
    """The answer names the field and its limit."""
    assert refusal(gathering(LARS), Join(KARI, about="a" * 201)) == (
        Reason.BAD_VALUE,
        "about is at most 200 characters",
    )


@pytest.mark.parametrize("reason", LeaveReason)
def test_a_seat_is_given_up(reason: LeaveReason) -> None:
    """For the reason that its door knows."""
    assert leave(talking(LARS, KARI), Leave(LARS, reason)) == [Left(LARS, reason)]


def test_only_who_has_a_seat_can_give_it_up() -> None:
    """A name alone is no seat."""
    assert refusal(gathering(LARS), Leave(KARI)) == (Reason.NO_SEAT, KARI)


def test_a_keyed_seat_is_held_for_a_while() -> None:
    """Its connection is lost; the key brings back who had it."""
    assert go_away(gathering(LARS, keyed=[LARS]), LARS, NOON) == [WentAway(LARS, until=NOON + 30 * SECOND)]


@pytest.mark.parametrize(("seconds", "held_ms"), [(0, 0), (0.0004, 0), (0.25, 250), (1.9996, 2000), (90, 90_000)])
def test_how_long_a_seat_is_held_is_a_rule_of_the_room(seconds: float, held_ms: int) -> None:
    """In whole milliseconds, rounded."""
    room = gathering(LARS, keyed=[LARS], rules=replace(HUG, away_seconds=seconds))

    assert away_events(room, LARS, NOON, LeaveReason.LOST) == [WentAway(LARS, until=NOON + held_ms)]


def test_a_seat_without_a_key_ends_with_its_connection() -> None:
    """Nobody could prove to be the one who had it."""
    assert go_away(gathering(LARS), LARS, NOON) == [Left(LARS, LeaveReason.LOST)]


def test_to_go_away_twice_is_to_be_away() -> None:
    """The seat is not held any longer for it."""
    room = play(gathering(LARS, keyed=[LARS]), GoAway(LARS))

    assert go_away(room, LARS, NOON + SECOND) == []


def test_who_comes_back_has_the_seat_again() -> None:
    """Everybody is told."""
    assert come_back(play(gathering(LARS, keyed=[LARS]), GoAway(LARS)), LARS) == [CameBack(LARS)]


def test_to_come_back_without_having_gone_changes_nothing() -> None:
    """A client may connect anew before its old connection was missed."""
    assert come_back(gathering(LARS, keyed=[LARS]), LARS) == []


@pytest.mark.parametrize("rule", [lambda room: go_away(room, KARI, NOON), lambda room: come_back(room, KARI)])
def test_only_who_has_a_seat_goes_away_or_comes_back(rule: Callable[[Room], object]) -> None:
    """The seat may have been given to somebody else meanwhile."""
    with pytest.raises(Rejected, match=r"^no_seat: Kari$"):
        rule(gathering(LARS))


def test_a_seat_is_known_by_its_exact_name() -> None:
    """A visit has the name from its seat, so another spelling is another visit's mistake."""
    with pytest.raises(Rejected, match=r"^no_seat: lars$"):
        require(gathering(LARS), Name("lars"))


def test_who_has_a_seat_is_let_through() -> None:
    """And comes out as it went in, so that a rule can go on with it."""
    assert require(gathering(LARS, IDA), IDA) == IDA


def test_who_returns_from_the_bench_gets_turns_again() -> None:
    """Everybody is told."""
    assert come_off_bench(take(talking(LARS, KARI), [Benched(KARI, 3)]), Return(KARI)) == [Returned(KARI)]


def test_to_return_without_having_been_benched_changes_nothing() -> None:
    """A bot may say so whenever it comes in."""
    assert come_off_bench(talking(LARS, KARI), Return(KARI)) == []


def test_only_who_has_a_seat_returns_to_it() -> None:
    """The bench keeps seats, it gives none."""
    assert refusal(talking(LARS, KARI), Return(IDA)) == (Reason.NO_SEAT, IDA)


def test_a_sitting_opens_with_its_chair() -> None:
    """As the rules name it, whoever comes first: before the topics, which it may close."""
    room = a_room(replace(HUG, chair="Kari", agenda=("eat",)))

    assert join(room, Join(LARS), NOON) == [
        SittingOpened(1, seats=4, labels={}),
        ChairNamed("Kari"),
        TopicQueued("eat"),
        Seated(LARS, 1, Kind.BOT),
    ]
