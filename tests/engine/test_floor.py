"""Who may speak, and how a turn ends."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from moothall.engine.commands import GoAway, Join, Leave, Next, Pass, Pause, Say
from moothall.engine.events import (
    FloorGranted,
    FloorRevoked,
    LeaveReason,
    Left,
    Passed,
    Reopened,
    Said,
    TimeCalled,
    WentAway,
)
from moothall.engine.floor import MIN_REOPENED_MS, check_text, due, grant, pass_turn, reopen_turns, revoke, say, skip
from moothall.engine.room import Room
from moothall.engine.rules import Afterwards, PolicyName, Rules
from moothall.errors import Reason, Rejected
from tests.engine.past import HUG, IDA, KARI, LARS, NOON, OLA, SECOND, gathering, play, refusal, take, talking

OPEN = replace(HUG, policy=PolicyName.OPEN)
STAY = replace(HUG, afterwards=Afterwards.STAY)
DEADLINE = NOON + 30 * SECOND
ROUNDS = replace(HUG, rounds=100)


# To say something.


@pytest.mark.parametrize("turn", [None, 1])
def test_the_holder_says_something(turn: int | None) -> None:
    """With or without the number of the turn; the event has it always."""
    assert say(talking(LARS, KARI), Say(LARS, "hi", turn, "c1")) == [Said(LARS, 1, "hi", "c1")]


@pytest.mark.parametrize("turn", [0, 2, 99])
def test_words_for_another_turn_are_not_said_in_this_one(turn: int) -> None:
    """They were an answer to something else: the client has not seen yet that time was called."""
    assert refusal(talking(LARS, KARI), Say(LARS, "hi", turn)) == (Reason.TURN_OVER, LARS)


@pytest.mark.parametrize("turn", [1, 2, 99])
def test_words_for_a_turn_that_one_has_not_are_over(turn: int) -> None:
    """Whoever gives a number has seen a turn that is not open for them any more, or will not be."""
    assert refusal(talking(LARS, KARI), Say(KARI, "hi", turn)) == (Reason.TURN_OVER, LARS)


def test_before_ones_turn_it_is_somebody_elses() -> None:
    """The answer is about the holder, so that a person can be told who has the floor."""
    assert refusal(talking(LARS, KARI, OLA), Say(OLA, "hi")) == (Reason.NOT_YOUR_TURN, LARS)


def test_after_ones_turn_it_is_over() -> None:
    """Two answers in one round are one too many."""
    room = play(talking(LARS, KARI, OLA), Say(LARS, "hi"))

    assert refusal(room, Say(LARS, "more")) == (Reason.TURN_OVER, KARI)


def test_who_joined_late_waits() -> None:
    """It is not their turn yet: they get one in the next round."""
    room = play(talking(LARS, KARI, OLA), Leave(OLA), Join(IDA))

    assert refusal(room, Say(IDA, "hi")) == (Reason.NOT_YOUR_TURN, LARS)


def test_who_left_after_their_turn_and_joined_again_has_joined_late() -> None:
    """The turn in this round was the old seat's."""
    room = play(talking(LARS, KARI, OLA), Pass(LARS), Leave(LARS), Join(LARS))

    assert refusal(room, Say(LARS, "hi")) == (Reason.NOT_YOUR_TURN, KARI)


@pytest.mark.parametrize(
    ("room", "phase"),
    [
        (gathering(LARS), "gathering"),
        (play(talking(LARS, rules=STAY), Pass(LARS)), "resting"),
        (play(talking(LARS), Pause()), "paused"),
        (play(gathering(LARS), Pause()), "paused"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize(
    "command", [Say(LARS, "hi"), Say(LARS, "hi", turn=1), Pass(LARS), Pass(LARS, turn=1)], ids=repr
)
def test_where_nobody_talks_nobody_has_a_turn(room: Room, phase: str, command: Say | Pass) -> None:
    """The answer says why nobody does."""
    assert refusal(room, command) == (Reason.NOT_TALKING, phase)


@pytest.mark.parametrize("command", [Say(KARI, "hi"), Pass(KARI)], ids=repr)
def test_only_who_has_a_seat_speaks(command: Say | Pass) -> None:
    """A spectator hears."""
    assert refusal(talking(LARS), command) == (Reason.NO_SEAT, KARI)


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_nothing_is_not_said(text: str) -> None:
    """Who has nothing to say passes; the answer names the field."""
    assert refusal(talking(LARS), Say(LARS, text)) == (Reason.BAD_VALUE, "text, at least one character")


@pytest.mark.parametrize("rules", [HUG, OPEN], ids=["round-robin", "open"])
def test_too_much_is_not_said(rules: Rules) -> None:
    """The answer is about the limit; at the limit it is said. The turn stays open for fewer words."""
    room = talking(LARS, rules=replace(rules, max_text_chars=3))

    assert (refusal(room, Say(LARS, "four")), say(room, Say(LARS, "3 \n"))[0]) == (
        (Reason.TOO_LONG, "3"),
        Said(LARS, None if rules is OPEN else 1, "3 \n"),
    )


def test_a_text_that_can_be_said_passes() -> None:
    """It stays as it is: line breaks and blanks are the speaker's own."""
    check_text(talking(LARS), " one\n two ")


# The same cid again.


SAID = play(talking(LARS, KARI, OLA, rules=ROUNDS), Say(LARS, "hi", 1, "c1"))


@pytest.mark.parametrize("turn", [None, 1, 7])
def test_the_same_again_changes_nothing(turn: int | None) -> None:
    """The sender has lost the receipt, and asks; whose turn it is now doesn't matter."""
    assert say(SAID, Say(LARS, "hi", turn, "c1")) == []


def test_the_same_again_changes_nothing_in_ones_next_turn() -> None:
    """The turn is still there for something new."""
    room = play(SAID, Pass(KARI), Pass(OLA))

    assert (room.holder, say(room, Say(LARS, "hi", None, "c1"))) == (LARS, [])


def test_the_same_again_changes_nothing_in_a_pause() -> None:
    """A receipt can always be asked for."""
    assert say(play(SAID, Pause()), Say(LARS, "hi", 1, "c1")) == []


@pytest.mark.parametrize("text", ["ho", "", "x" * 9000])
def test_other_words_under_a_known_cid_are_refused(text: str) -> None:
    """A bug in the client, and it must learn of it: else it would think them said."""
    assert refusal(SAID, Say(LARS, text, 1, "c1")) == (Reason.CID_REUSED, "c1")


def test_anothers_cid_is_free() -> None:
    """A cid is unique per speaker."""
    assert say(SAID, Say(KARI, "hello", 2, "c1")) == [Said(KARI, 2, "hello", "c1")]


def test_the_last_64_cids_are_known() -> None:
    """Of 65, the first is forgotten, so it is an ordinary word again; the second is still known."""
    room = talking(LARS, KARI, rules=OPEN)
    room = play(room, *(Say(LARS, "hi", cid=f"c{number}") for number in range(65)))

    assert [say(room, Say(LARS, "hi", cid=cid)) for cid in ("c0", "c1", "c64")] == [
        [Said(LARS, None, "hi", "c0")],
        [],
        [],
    ]


def test_a_seat_taken_anew_knows_no_cids() -> None:
    """They were another participant's."""
    room = play(SAID, Leave(LARS), Join(LARS), Pass(KARI), Pass(OLA), Pass(KARI), Pass(OLA))

    assert say(room, Say(LARS, "ho", cid="c1")) == [Said(LARS, 6, "ho", "c1")]


# The policy `open`.


@pytest.mark.parametrize(
    "room",
    [gathering(KARI, rules=OPEN), talking(LARS, KARI, rules=OPEN), play(talking(KARI, rules=OPEN), Say(KARI, "so"))],
    ids=["gathering", "talking", "again"],
)
@pytest.mark.parametrize("turn", [None, 1])
def test_on_the_open_floor_anyone_speaks_any_time(room: Room, turn: int | None) -> None:
    """As often as they like; there are no turns to be wrong about."""
    assert say(room, Say(KARI, "hi", turn, "c1")) == [Said(KARI, None, "hi", "c1")]


def test_a_room_with_an_open_floor_can_be_talked_in_while_it_rests() -> None:
    """It is a chat room that happens to have topics."""
    room = play(talking(KARI, rules=replace(OPEN, afterwards=Afterwards.STAY)), Next())

    assert say(room, Say(KARI, "hi")) == [Said(KARI, None, "hi")]


def test_a_pause_closes_the_open_floor_too() -> None:
    """The operator asked for silence."""
    assert refusal(play(talking(KARI, rules=OPEN), Pause()), Say(KARI, "hi")) == (Reason.NOT_TALKING, "paused")


def test_the_open_floor_remembers_cids() -> None:
    """Said once is said once under every policy."""
    room = play(talking(KARI, rules=OPEN), Say(KARI, "hi", cid="c1"))

    assert (say(room, Say(KARI, "hi", cid="c1")), refusal(room, Say(KARI, "ho", cid="c1"))) == (
        [],
        (Reason.CID_REUSED, "c1"),
    )


def test_nobody_has_a_turn_to_pass_on_the_open_floor() -> None:
    """And nobody else has one either."""
    room = talking(KARI, rules=OPEN)

    assert (refusal(room, Pass(KARI)), refusal(room, Pass(KARI, 1))) == (
        (Reason.NOT_YOUR_TURN, ""),
        (Reason.TURN_OVER, ""),
    )


# Other ends of a turn.


@pytest.mark.parametrize("turn", [None, 1])
def test_the_holder_passes(turn: int | None) -> None:
    """The floor goes on at once."""
    assert pass_turn(talking(LARS, KARI), Pass(LARS, turn)) == [Passed(LARS, 1)]


def test_a_pass_for_another_turn_is_over() -> None:
    """As words would be."""
    assert refusal(talking(LARS, KARI), Pass(LARS, 2)) == (Reason.TURN_OVER, LARS)


TWO_TURNS = take(talking(LARS, KARI), [FloorGranted(KARI, 2, NOON + 10 * SECOND, 10)])
TWO_REVOKED = [FloorRevoked(LARS, 1, by="operator"), FloorRevoked(KARI, 2, by="operator")]


def test_the_operator_takes_the_floor() -> None:
    """From everyone who has it, in a pause as well."""
    assert (skip(TWO_TURNS), revoke(TWO_TURNS), skip(play(talking(LARS), Pause()))) == (
        TWO_REVOKED,
        TWO_REVOKED,
        [FloorRevoked(LARS, 1, by="operator")],
    )


@pytest.mark.parametrize(
    ("room", "phase"), [(gathering(LARS), "gathering"), (talking(LARS, rules=OPEN), "talking")], ids=["", "open"]
)
def test_a_floor_that_nobody_has_cannot_be_taken(room: Room, phase: str) -> None:
    """The operator is told so; revoking what is not there is nothing."""
    with pytest.raises(Rejected) as caught:
        skip(room)

    assert (caught.value.reason, caught.value.about, revoke(room)) == (Reason.NOT_TALKING, phase, [])


# Time.


def test_the_floor_is_granted_until_a_deadline() -> None:
    """As long as the room's rules say; the turn is the next of the room's life."""
    assert grant(talking(LARS, KARI), KARI, NOON + 7) == FloorGranted(KARI, 2, DEADLINE + 7, 30)


@pytest.mark.parametrize(("seconds", "given_ms"), [(0.0004, 0), (0.25, 250), (1.9996, 2000), (90, 90_000)])
def test_a_turn_is_as_long_as_the_rules_say(seconds: float, given_ms: int) -> None:
    """In whole milliseconds, rounded; the event says the seconds as they were given."""
    room = gathering(LARS, rules=replace(HUG, turn_seconds=seconds))

    assert grant(room, LARS, NOON) == FloorGranted(LARS, 1, NOON + given_ms, seconds)


def test_a_turn_of_no_seconds_has_no_deadline() -> None:
    """0 is the rule for none."""
    room = gathering(LARS, rules=replace(HUG, turn_seconds=0))

    assert grant(room, LARS, NOON) == FloorGranted(LARS, 1, deadline=None, seconds=0)


def test_a_deadline_is_due_when_it_has_come() -> None:
    """At the very millisecond, and not one before."""
    room = talking(LARS, KARI)

    assert (due(room, DEADLINE - 1), due(room, DEADLINE), due(room, DEADLINE + 1)) == (
        None,
        TimeCalled(LARS, 1, missed=1),
        TimeCalled(LARS, 1, missed=1),
    )


def test_missed_turns_in_a_row_are_counted() -> None:
    """Lars has missed two already; the count is the seat's own."""
    room = take(talking(LARS, KARI), [TimeCalled(LARS, 1, 2), FloorGranted(LARS, 2, DEADLINE)])

    assert due(room, DEADLINE) == TimeCalled(LARS, 2, missed=3)


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
    room = talking(LARS, KARI, rules=replace(HUG, turn_seconds=0))

    assert due(room, NOON * 2) is None


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
    room = talking(LARS, KARI)

    assert (reopen_turns(room, since, NOON + 3_600 * SECOND), MIN_REOPENED_MS) == (
        [Reopened(1, NOON + 3_600 * SECOND + left)],
        5 * SECOND,
    )


def test_every_open_turn_goes_on() -> None:
    """But one without a deadline needs no new one."""
    room = take(TWO_TURNS, [FloorGranted(LARS, 3)])

    assert reopen_turns(room, NOON, NOON) == [Reopened(1, DEADLINE), Reopened(2, NOON + 10 * SECOND)]
