"""A policy is a function from the room to the seats that get the floor now."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from moothall.engine.commands import Join, Leave, Say
from moothall.engine.events import FloorGranted, RoundOpened
from moothall.engine.evolve import evolve
from moothall.engine.policies import has_rounds, next_seats, round_order
from moothall.engine.rules import PolicyName
from tests.engine.past import HUG, KARI, LARS, NOON, OLA, gathering, play, take, talking

OPEN = replace(HUG, policy=PolicyName.OPEN)


def test_the_order_is_that_of_joining() -> None:
    """Not that of the seats' numbers: Ola came last, and got the first seat."""
    room = play(gathering(LARS, KARI), Leave(LARS), Join(OLA))

    assert (round_order(room), room.seats[OLA].number) == ((KARI, OLA), 1)


def test_round_robin_grants_the_first_in_the_order() -> None:
    """As soon as a round is open, and nobody has had a turn in it."""
    room = take(gathering(LARS, KARI), [RoundOpened(1, 1, (KARI, LARS))])

    assert next_seats(room) == (KARI,)


def test_round_robin_grants_whoever_has_not_had_the_floor_in_this_round() -> None:
    """The one who has is passed over, whether or not the turn was used."""
    room = take(gathering(LARS, KARI), [RoundOpened(1, 1, (LARS, KARI)), FloorGranted(LARS, 1)])

    assert next_seats(replace(room, turns=())) == (KARI,)


def test_round_robin_grants_nobody_while_somebody_has_the_floor() -> None:
    """One at a time."""
    assert next_seats(talking(LARS, KARI)) == ()


def test_round_robin_grants_nobody_between_rounds() -> None:
    """Turns belong to a round."""
    assert next_seats(gathering(LARS, KARI)) == ()


def test_round_robin_grants_nobody_who_has_left() -> None:
    """Who leaves gives up the turn that was to come."""
    room = play(talking(LARS, KARI, OLA), Leave(KARI))

    assert next_seats(replace(room, turns=())) == (OLA,)


def test_round_robin_grants_nobody_when_all_have_had_the_floor() -> None:
    """The round is over then, which is for `rounds` to say."""
    room = take(gathering(LARS), [RoundOpened(1, 1, (LARS,)), FloorGranted(LARS, 1)])

    assert next_seats(replace(room, turns=())) == ()


def test_the_open_floor_is_granted_to_nobody() -> None:
    """Nobody needs it."""
    room = play(talking(LARS, KARI, rules=OPEN), Say(LARS, "hi"))

    assert next_seats(evolve(room, RoundOpened(1, 1, (LARS, KARI)), NOON)) == ()


@pytest.mark.parametrize(("policy", "answer"), [(PolicyName.ROUND_ROBIN, True), (PolicyName.OPEN, False)])
def test_only_the_open_floor_has_no_rounds(policy: PolicyName, answer: bool) -> None:
    """A plain chat room has neither rounds nor turns."""
    assert has_rounds(policy) is answer


@pytest.mark.parametrize("policy", PolicyName)
def test_every_policy_has_its_function(policy: PolicyName) -> None:
    """A name that can be set and not be followed would end a clerk."""
    assert next_seats(gathering(LARS, rules=replace(HUG, policy=policy))) == ()
