"""The chair and the operator: what each may ask for, and what follows."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from moothall.engine.chair import authority, grant_floor, name_chair, remove, revoke, revoke_all, set_rules
from moothall.engine.commands import (
    Command,
    GoAway,
    Grant,
    HostSay,
    Leave,
    NameChair,
    Next,
    OpenRoom,
    Pass,
    Pause,
    QueueTopic,
    Remove,
    RequestFloor,
    Revoke,
    Say,
    SetRules,
)
from moothall.engine.decide import decide
from moothall.engine.events import Benched, ChairNamed, FloorGranted, FloorRevoked, Removed, RulesSet
from moothall.engine.names import Name
from moothall.engine.room import Room
from moothall.engine.words import Afterwards, OnMissed, PolicyName
from moothall.errors import Reason
from tests.engine.past import HUG, KARI, LARS, NOON, OLA, SECOND, a_room, gathering, play, refusal, take, talking

CHAIRED = replace(HUG, policy=PolicyName.CHAIR, chair="lars")
THREE = talking(LARS, KARI, OLA, rules=CHAIRED, keyed=[LARS])
"""Lars is in the chair, and has not given the floor to anybody yet."""
DEADLINE = NOON + 30 * SECOND
RESTING = play(talking(LARS, rules=replace(CHAIRED, afterwards=Afterwards.STAY)), Next())
TWO_TURNS = take(talking(LARS, KARI), [FloorGranted(KARI, 2, NOON + 10 * SECOND, 10)])
TWO_REVOKED = [FloorRevoked(LARS, 1, by="operator"), FloorRevoked(KARI, 2, by="operator")]


# In which capacity.


def test_the_operator_may_ask_for_anything() -> None:
    """Whoever is in the chair."""
    assert (authority(THREE, None, "next"), authority(a_room(), None, "next")) == ("operator", "operator")


def test_who_is_in_the_chair_asks_as_the_chair() -> None:
    """The rules named them in another spelling; the seat counts."""
    assert authority(THREE, LARS, "next") == "chair"


@pytest.mark.parametrize(
    ("command", "word"),
    [
        (Grant("Ola", by=KARI), "grant"),
        (Revoke(by=KARI), "revoke"),
        (QueueTopic("eat", by=KARI), "topic"),
        (Next(by=KARI), "next"),
        (SetRules(rounds=2, by=KARI), "set"),
    ],
    ids=repr,
)
@pytest.mark.parametrize(
    "room", [THREE, talking(LARS, KARI), play(THREE, NameChair(None))], ids=["", "never", "not now"]
)
def test_anybody_else_may_ask_for_nothing(room: Room, command: Command, word: str) -> None:
    """With a chair in the room or without."""
    assert refusal(room, command) == (Reason.NOT_ALLOWED, f"only the operator or the chair may ask for {word}")


def test_the_chair_is_in_charge_only_with_a_seat() -> None:
    """The name is kept for who comes back; who is away still has the seat."""
    assert (authority(play(THREE, GoAway(LARS)), LARS, "next"), refusal(play(THREE, Leave(LARS)), Next(by=LARS))) == (
        "chair",
        (Reason.NOT_ALLOWED, "only the operator or the chair may ask for next"),
    )


# To give the floor.


@pytest.mark.parametrize("by", [None, LARS], ids=["operator", "chair"])
@pytest.mark.parametrize("name", ["Kari", "kARI"])
def test_the_chair_gives_the_floor(name: str, by: Name | None) -> None:
    """For one turn, whatever the spelling."""
    assert grant_floor(THREE, Grant(name, by), NOON + 5) == [FloorGranted(KARI, 1, DEADLINE + 5, 30)]


def test_the_chair_gives_the_floor_to_the_same_again_and_to_itself() -> None:
    """As often as it likes: nothing goes round."""
    room = play(THREE, Grant("Kari"), Say(KARI, "hi"), Grant("Kari"), Say(KARI, "so"))

    assert grant_floor(room, Grant("Lars", LARS), NOON) == [FloorGranted(LARS, 3, DEADLINE, 30)]


def test_a_turn_that_the_chair_gives_is_as_long_as_that_seats() -> None:
    """Some need more time."""
    room = talking(LARS, KARI, rules=replace(CHAIRED, seat_seconds={"KARI": 90}))

    assert grant_floor(room, Grant("Kari"), NOON) == [FloorGranted(KARI, 1, NOON + 90 * SECOND, 90)]


def test_to_give_the_floor_to_its_holder_changes_nothing() -> None:
    """The chair may have lost the receipt."""
    assert grant_floor(play(THREE, Grant("Kari")), Grant("kari"), NOON) == []


@pytest.mark.parametrize("policy", [policy for policy in PolicyName if policy is not PolicyName.CHAIR])
def test_under_another_policy_the_chair_gives_no_floor(policy: PolicyName) -> None:
    """The policy does; the answer says which."""
    assert refusal(talking(LARS, KARI, rules=replace(CHAIRED, policy=policy)), Grant("Kari", LARS)) == (
        Reason.NOT_ALLOWED,
        f"the policy {policy} gives the floor, not the chair",
    )


@pytest.mark.parametrize(
    ("room", "phase"),
    [
        (gathering(LARS, rules=CHAIRED), "gathering"),
        (RESTING, "resting"),
        (play(THREE, Pause()), "paused"),
        (play(RESTING, Pause()), "paused"),
    ],
    ids=["gathering", "resting", "paused", "paused at rest"],
)
def test_where_nobody_talks_there_is_no_floor_to_give(room: Room, phase: str) -> None:
    """The answer says why nobody does, before it looks at the name."""
    assert refusal(room, Grant("Nobody")) == (Reason.NOT_TALKING, phase)


@pytest.mark.parametrize("command", [Grant("Ida"), Grant(""), Revoke("Ida"), Remove(Name("Ida"))], ids=repr)
def test_a_stranger_has_no_seat(command: Grant | Revoke | Remove) -> None:
    """The answer is about the name that was typed."""
    assert refusal(play(THREE, Grant("Kari")), command) == (Reason.NO_SEAT, command.name)


def test_the_floor_is_given_to_one_at_a_time() -> None:
    """The answer says who has it: the chair revokes first."""
    assert refusal(play(THREE, Grant("Kari")), Grant("Ola", LARS)) == (Reason.NOT_ALLOWED, "Kari has the floor")


def test_who_is_on_the_bench_gets_no_floor() -> None:
    """They come back by themselves."""
    assert refusal(take(THREE, [Benched(KARI, 3)]), Grant("kari")) == (Reason.NOT_ALLOWED, "Kari gets no turns now")


def test_who_has_used_all_characters_gets_no_floor() -> None:
    """The others may go on."""
    room = talking(LARS, KARI, rules=replace(CHAIRED, until="seat_characters=2"))
    room = play(room, Grant("Kari"), Say(KARI, "hi"))

    assert refusal(room, Grant("Kari")) == (Reason.NOT_ALLOWED, "Kari gets no turns now")


def test_who_is_given_the_floor_asks_for_it_no_longer() -> None:
    """The others still do."""
    room = play(THREE, RequestFloor(OLA), RequestFloor(KARI), Grant("Ola"))

    assert (room.holder, room.requests) == (OLA, (KARI,))


# To take it away.


def test_the_operator_takes_the_floor() -> None:
    """From everyone who has it, in a pause as well."""
    assert (revoke(TWO_TURNS, Revoke()), revoke(play(talking(LARS), Pause()), Revoke())) == (
        TWO_REVOKED,
        [FloorRevoked(LARS, 1, by="operator")],
    )


def test_the_floor_is_taken_from_one_of_several() -> None:
    """Whatever the spelling; the other goes on."""
    assert revoke(TWO_TURNS, Revoke("kARI")) == TWO_REVOKED[1:]


def test_the_chair_takes_the_floor() -> None:
    """Under every policy; the event says by whom, so that a reader can tell."""
    room = talking(LARS, KARI, rules=replace(HUG, chair="Kari"))

    assert revoke(room, Revoke("Lars", KARI)) == [FloorRevoked(LARS, 1, by="chair")]


@pytest.mark.parametrize(
    ("room", "command", "phase"),
    [
        (gathering(LARS), Revoke(), "gathering"),
        (talking(LARS, rules=replace(HUG, policy=PolicyName.OPEN)), Revoke(), "talking"),
    ],
    ids=["gathering", "open"],
)
def test_a_floor_that_nobody_has_cannot_be_taken(room: Room, command: Revoke, phase: str) -> None:
    """Who asks is told so."""
    assert refusal(room, command) == (Reason.NOT_TALKING, phase)


def test_a_floor_that_somebody_else_has_cannot_be_taken_from_one() -> None:
    """That nobody has it would not be true."""
    assert refusal(talking(LARS, KARI), Revoke("Kari")) == (Reason.NOT_ALLOWED, "Kari does not have the floor")


def test_all_turns_are_ended_by_whoever_ends_the_topic() -> None:
    """Where there is none, nothing is to be ended."""
    assert (revoke_all(TWO_TURNS, "chair"), revoke_all(THREE, "chair")) == (
        [FloorRevoked(LARS, 1, "chair"), FloorRevoked(KARI, 2, "chair")],
        [],
    )


# To take a seat away.


def test_who_is_removed_loses_the_floor_first() -> None:
    """So that the turn ends by one event, as every turn does."""
    assert remove(talking(LARS, KARI), Remove(LARS, "rude")) == [
        FloorRevoked(LARS, 1, by="operator"),
        Removed(LARS, by="operator", reason="rude"),
    ]


def test_who_is_removed_without_the_floor_loses_the_seat_alone() -> None:
    """Somebody else's turn goes on."""
    assert remove(talking(LARS, KARI), Remove(KARI)) == [Removed(KARI, by="operator")]


def test_the_operator_need_not_mind_capitals() -> None:
    """The event has the name as it is seated."""
    assert remove(gathering(LARS, KARI), Remove(Name("kARI"))) == [Removed(KARI, by="operator")]


# To name who is in the chair.


@pytest.mark.parametrize(
    ("typed", "name"), [("Kari", "Kari"), (" kARI ", "Kari"), ("Ida", "Ida"), ("idA", "idA"), (None, None)]
)
def test_the_operator_puts_somebody_in_the_chair(typed: str | None, name: str | None) -> None:
    """In the spelling of the seat, where there is one; who is not there yet may come; or nobody."""
    assert name_chair(THREE, NameChair(typed)) == [ChairNamed(name)]


@pytest.mark.parametrize(
    ("room", "typed"),
    [(THREE, "LARS"), (play(THREE, NameChair("Ida")), "ida"), (talking(LARS), None)],
    ids=["seated", "not yet", "nobody"],
)
def test_to_name_who_is_named_already_changes_nothing(room: Room, typed: str | None) -> None:
    """Capitals make no other name."""
    assert name_chair(room, NameChair(typed)) == []


@pytest.mark.parametrize("typed", ["", "a:b", "x" * 33])
def test_only_a_name_can_be_in_the_chair(typed: str) -> None:
    """Nobody could ever take a seat under another."""
    assert refusal(THREE, NameChair(typed)) == (Reason.BAD_NAME, typed)


@pytest.mark.parametrize("command", [NameChair("Kari"), NameChair(None), SetRules(rounds=2)], ids=repr)
def test_without_a_sitting_nothing_is_set_for_it(command: Command) -> None:
    """It would be forgotten when the first one comes."""
    assert refusal(a_room(), command) == (Reason.NOT_TALKING, "gathering")


def test_who_comes_into_the_chair_is_in_charge_at_once() -> None:
    """And who was in it no longer."""
    room = play(THREE, NameChair("Ola"))

    assert (authority(room, OLA, "next"), refusal(room, Next(by=LARS))[0]) == ("chair", Reason.NOT_ALLOWED)


def test_without_anybody_in_the_chair_the_floor_is_given_by_turns() -> None:
    """Nobody is waited for who cannot come."""
    assert decide(THREE, NameChair(None), NOON) == [ChairNamed(None), FloorGranted(LARS, 1, DEADLINE, 30)]


# To talk by other rules.


def test_rounds_alone_take_another_ending_back() -> None:
    """They would do nothing beside it."""
    room = talking(LARS, KARI, rules=replace(HUG, until="phrase=x"))

    assert [set_rules(room, SetRules(rounds=3)), set_rules(room, SetRules(rounds=3, until="turns=9"))] == [
        [RulesSet(rounds=3, until="")],
        [RulesSet(rounds=3, until="turns=9")],
    ]


@pytest.mark.parametrize("name", ["Host", "host", "you", "All"])
def test_who_cannot_be_seated_cannot_be_in_the_chair(name: str) -> None:
    """Nobody would ever be in it."""
    told = f"chair is the name of a participant, which {name} cannot be"

    assert refusal(talking(LARS), NameChair(name)) == (Reason.BAD_VALUE, told)


@pytest.mark.parametrize("by", [None, LARS], ids=["operator", "chair"])
def test_other_rules_are_set(by: Name | None) -> None:
    """The words are those of the wire; the event knows what they mean."""
    command = SetRules(
        policy="shuffle",
        rounds=2,
        until="turns=9",
        turn_seconds=0.5,
        seat_seconds={"Kari": 60},
        missed_turns=2,
        on_missed="remove",
        by=by,
    )

    assert set_rules(THREE, command) == [
        RulesSet(
            policy=PolicyName.SHUFFLE,
            rounds=2,
            until="turns=9",
            turn_seconds=0.5,
            seat_seconds={"Kari": 60},
            missed_turns=2,
            on_missed=OnMissed.REMOVE,
        )
    ]


@pytest.mark.parametrize("room", [THREE, gathering(LARS), RESTING, play(THREE, Pause())], ids=lambda room: room.phase)
def test_other_rules_can_be_set_at_any_time_of_a_sitting(room: Room) -> None:
    """They hold from the next topic on."""
    assert set_rules(room, SetRules(rounds=2)) == [RulesSet(rounds=2)]


@pytest.mark.parametrize("command", [SetRules(), SetRules(rounds=1, policy="chair", until="")], ids=repr)
def test_to_set_what_is_so_already_changes_nothing(command: SetRules) -> None:
    """No line in the log for it."""
    assert set_rules(THREE, command) == []


def test_what_was_set_for_the_next_topic_is_so_already() -> None:
    """And can be taken back before that topic comes."""
    room = play(THREE, SetRules(rounds=2))

    assert (set_rules(room, SetRules(rounds=2)), set_rules(room, SetRules(rounds=1))) == ([], [RulesSet(rounds=1)])


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (SetRules(rounds=0), "rounds is a whole number from 1 to 1000000, not 0"),
        (SetRules(turn_seconds=-1), "turn_seconds is a number of seconds from 0 (none) to 604800, not -1"),
        (
            SetRules(seat_seconds={"": 1}),
            "seat_seconds has no name '': 1 to 32 letters, digits, -_.' and single spaces",
        ),
        (SetRules(missed_turns=0), "missed_turns is a whole number from 1 to 1000000, not 0"),
        (SetRules(on_missed="kick"), "on_missed is one of bench, remove, none, not 'kick'"),
        (SetRules(until="("), 'until wants an ending here: ( ..., as in rounds=3 or phrase="we agree"'),
        (
            SetRules(policy="loudest"),
            "policy is one of round-robin, rotate, shuffle, parallel, request, addressed, chair, open, custom "
            "(file.py:function), "
            "not 'loudest'",
        ),
        (
            SetRules(policy="custom"),
            "policy custom wants a server that was started with --policy file.py:function",
        ),
    ],
    ids=repr,
)
def test_rules_that_cannot_be_are_not_set(command: SetRules, sentence: str) -> None:
    """The sentence is the one that the command line has."""
    assert refusal(THREE, command) == (Reason.BAD_VALUE, sentence)


def test_the_policy_of_ones_own_can_be_set_where_there_is_one() -> None:
    """The server knows the function."""
    room = talking(LARS, rules=replace(HUG, custom_policy="talk.py:loudest"))

    assert set_rules(room, SetRules(policy="custom")) == [RulesSet(policy=PolicyName.CUSTOM)]


def test_other_rules_hold_from_the_next_topic_on_and_for_this_sitting() -> None:
    """The open topic ends as it began; the room's own rules are given back by opening it again."""
    room = play(talking(LARS, KARI), SetRules(policy="rotate", rounds=2), QueueTopic("eat"), Next())
    ended = play(room, Next())

    assert (room.rules.policy, room.rules.rounds, decide(ended, OpenRoom(HUG, "seed"), NOON) != []) == (
        PolicyName.ROTATE,
        2,
        True,
    )


@pytest.mark.parametrize(
    "command",
    [
        Grant("Ola", by=LARS),
        QueueTopic("eat", by=LARS),
        SetRules(rounds=2, by=LARS),
        Next(by=LARS),
        HostSay("hi"),
        RequestFloor(KARI),
    ],
    ids=repr,
)
def test_the_chair_goes_on_after_the_floor_came_back(command: Command) -> None:
    """A turn that the chair gave ends, and nothing follows by itself: the chair is asked again."""
    room = play(THREE, Grant("Kari"), Pass(KARI))

    assert (room.turns, decide(room, command, NOON) != []) == ((), True)
