"""Who may speak, and how a turn ends."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from moothall.engine.commands import Join, Leave, Next, Pass, Pause, RequestFloor, Say, Withdraw
from moothall.engine.events import Benched, FloorRequested, FloorWithdrawn, Passed, Returned, Said
from moothall.engine.floor import check_text, pass_turn, request_floor, say, withdraw
from moothall.engine.names import Name
from moothall.engine.room import Room
from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards, PolicyName
from moothall.errors import Reason
from tests.engine.past import HUG, IDA, KARI, LARS, OLA, gathering, play, refusal, take, talking

OPEN = replace(HUG, policy=PolicyName.OPEN)
STAY = replace(HUG, afterwards=Afterwards.STAY)
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
    assert refusal(talking(LARS), Say(LARS, text)) == (Reason.BAD_VALUE, "text is at least one character")


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


def test_who_has_used_all_characters_is_heard_no_more_on_the_open_floor() -> None:
    """A budget is one under every policy: the others go on. Between two topics it is nobody's."""
    rules = replace(OPEN, until="seat_characters=2", afterwards=Afterwards.STAY)
    room = play(talking(LARS, KARI, rules=rules), Say(LARS, "hi"))
    between = play(room, Next())

    assert (refusal(room, Say(LARS, "ho")), say(room, Say(KARI, "hi")), say(between, Say(LARS, "ho"))) == (
        (Reason.NOT_ALLOWED, "all your characters of this topic are used"),
        [Said(KARI, None, "hi")],
        [Said(LARS, None, "ho")],
    )


def test_the_bench_gives_no_characters_back() -> None:
    """Neither where one speaks without turns nor where one asks for them."""
    used = (Reason.NOT_ALLOWED, "all your characters of this topic are used")
    open_, asking = (talking(LARS, KARI, rules=replace(rules, until="seat_characters=2")) for rules in (OPEN, ASKING))
    open_, asking = play(open_, Say(LARS, "hi")), play(asking, RequestFloor(LARS), Say(LARS, "hi"))

    assert refusal(take(open_, [Benched(LARS, 3)]), Say(LARS, "ho")) == used
    assert refusal(take(asking, [Benched(LARS, 3)]), RequestFloor(LARS)) == used


def test_who_is_on_the_bench_speaks_on_the_open_floor() -> None:
    """It has no turns that a bench could keep from them."""
    room = take(talking(LARS, KARI, rules=replace(OPEN, until="utterances=9")), [Benched(LARS, 3)])

    assert say(room, Say(LARS, "hi")) == [Said(LARS, None, "hi")]


# To ask for the floor.

ASKING = replace(HUG, policy=PolicyName.REQUEST)
BUSY = play(talking(LARS, KARI, OLA, rules=ASKING), RequestFloor(LARS))
"""Lars has the floor because he asked for it."""


@pytest.mark.parametrize("policy", [PolicyName.REQUEST, PolicyName.CHAIR])
def test_whoever_has_a_seat_may_ask_for_the_floor(policy: PolicyName) -> None:
    """Where it is given to those who ask, or where a chair looks at the queue."""
    room = talking(LARS, KARI, rules=replace(HUG, policy=policy, chair="Lars"))

    assert request_floor(room, RequestFloor(KARI)) == [FloorRequested(KARI)]


@pytest.mark.parametrize("room", [BUSY, play(BUSY, Pause())], ids=["", "paused"])
def test_who_asks_while_somebody_has_the_floor_queues(room: Room) -> None:
    """Also in a pause."""
    assert request_floor(room, RequestFloor(KARI)) == [FloorRequested(KARI)]


@pytest.mark.parametrize("name", [LARS, KARI])
def test_to_ask_again_changes_nothing(name: Name) -> None:
    """Neither with the floor nor in the queue: a bot that comes back may simply ask."""
    assert request_floor(play(BUSY, RequestFloor(KARI)), RequestFloor(name)) == []


def test_who_asks_from_the_bench_comes_back_first() -> None:
    """To ask is to be there."""
    room = take(BUSY, [Benched(KARI, 3)])

    assert request_floor(room, RequestFloor(KARI)) == [Returned(KARI), FloorRequested(KARI)]


def test_who_has_used_all_characters_need_not_ask() -> None:
    """Nothing could be said with the floor."""
    room = play(talking(LARS, KARI, rules=replace(ASKING, until="seat_characters=2")), RequestFloor(LARS))
    room = play(room, Say(LARS, "hi"))

    assert refusal(room, RequestFloor(LARS)) == (Reason.NOT_ALLOWED, "all your characters of this topic are used")


@pytest.mark.parametrize(
    "policy", [policy for policy in PolicyName if policy not in {PolicyName.REQUEST, PolicyName.CHAIR}]
)
def test_elsewhere_nobody_asks_for_the_floor(policy: PolicyName) -> None:
    """It comes by itself, or is open; the answer says under which policy."""
    assert refusal(talking(LARS, KARI, rules=replace(HUG, policy=policy)), RequestFloor(KARI)) == (
        Reason.NOT_ALLOWED,
        f"nobody asks for the floor under the policy {policy}",
    )


@pytest.mark.parametrize(
    ("room", "phase"),
    [
        (gathering(KARI, rules=ASKING), "gathering"),
        (play(talking(KARI, rules=replace(ASKING, afterwards=Afterwards.STAY)), Next()), "resting"),
    ],
    ids=["gathering", "resting"],
)
def test_without_a_topic_nobody_asks_for_the_floor(room: Room, phase: str) -> None:
    """There is nothing yet to speak on; the answer says why."""
    assert refusal(room, RequestFloor(KARI)) == (Reason.NOT_TALKING, phase)


def test_who_queues_no_longer_has_withdrawn() -> None:
    """Who does not queue changes nothing, whether with the floor or without."""
    room = play(BUSY, RequestFloor(KARI))

    assert [withdraw(room, Withdraw(name)) for name in (LARS, KARI, OLA)] == [[], [FloorWithdrawn(KARI)], []]


def test_a_request_can_be_withdrawn_at_any_time() -> None:
    """Where nobody asks nobody is in the queue."""
    assert withdraw(gathering(LARS), Withdraw(LARS)) == []


@pytest.mark.parametrize("command", [RequestFloor(IDA), Withdraw(IDA)], ids=repr)
def test_only_who_has_a_seat_asks(command: RequestFloor | Withdraw) -> None:
    """A spectator hears."""
    assert refusal(BUSY, command) == (Reason.NO_SEAT, IDA)


def test_who_asks_has_the_next_turn_and_nobody_is_told_it_is_over() -> None:
    """Without rounds everybody may still get the floor: it is somebody else's for now."""
    assert refusal(BUSY, Say(KARI, "hi")) == (Reason.NOT_YOUR_TURN, LARS)
