"""The room is what its log adds up to, and answers questions about itself."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from moothall.engine import room as module
from moothall.engine.commands import CloseRoom, GoAway, Join, Leave, NameChair, Next, Pass, RequestFloor, Say
from moothall.engine.events import FloorGranted
from moothall.engine.receipts import Receipt, digest
from moothall.engine.room import Phase, Room, Seat, Tally, Topic, Turn
from moothall.engine.words import Afterwards, PolicyName
from tests.engine.past import HUG, IDA, KARI, LARS, NINA, NOON, OLA, SECOND, a_room, gathering, play, take, talking

STAY = replace(HUG, afterwards=Afterwards.STAY)


@pytest.mark.parametrize(
    ("room", "phase"),
    [
        (a_room(), Phase.GATHERING),
        (gathering(LARS), Phase.GATHERING),
        (talking(LARS), Phase.TALKING),
        (play(talking(LARS), Pass(LARS)), Phase.GATHERING),
        (play(talking(LARS, rules=STAY), Pass(LARS)), Phase.RESTING),
        (play(talking(LARS, rules=STAY), Pass(LARS), Next()), Phase.TALKING),
        (play(talking(LARS), CloseRoom()), Phase.CLOSED),
        (play(a_room(), CloseRoom()), Phase.CLOSED),
    ],
    ids=["new", "joined", "full", "done", "stayed", "next", "closed in the middle", "closed when new"],
)
def test_where_a_room_is_in_its_life(room: Room, phase: Phase) -> None:
    """Gathering, talking, resting, talking again, gathering again, until it is closed."""
    assert room.phase is phase


def test_the_words_for_phases_are_those_that_doors_show() -> None:
    """A rejection for the wrong phase is about one of these."""
    assert [*Phase] == ["gathering", "talking", "resting", "closed"]


def test_the_holder_is_who_has_the_floor() -> None:
    """The first of them where a policy lets several have it; nobody while the room gathers."""
    both = take(talking(LARS, KARI), [FloorGranted(KARI, 2)])

    assert (gathering(LARS).holder, both.holder) == (None, LARS)


def test_a_turn_is_found_by_its_holder() -> None:
    """Also the second of several."""
    room = take(talking(LARS, KARI, OLA), [FloorGranted(KARI, 2)])

    assert [room.turn_of(name) for name in (LARS, KARI, OLA)] == [
        Turn(LARS, 1, NOON + 30 * SECOND),
        Turn(KARI, 2, None),
        None,
    ]


def test_whose_turn_in_this_round_is_still_to_come() -> None:
    """Neither the holder's, nor of those who have had theirs, nor of those who came late."""
    room = play(talking(LARS, KARI, OLA, NINA), Pass(LARS), Leave(OLA), Join(IDA))

    assert [room.awaits_turn(name) for name in (LARS, KARI, NINA, IDA)] == [False, False, True, False]


def test_who_asks_for_the_floor_awaits_a_turn() -> None:
    """Early words are kept for it; nobody else does where nothing goes round."""
    rules = replace(HUG, policy=PolicyName.REQUEST)
    room = play(talking(LARS, KARI, OLA, rules=rules), RequestFloor(LARS), RequestFloor(KARI))

    assert [room.awaits_turn(name) for name in (LARS, KARI, OLA)] == [False, True, False]


def test_who_is_in_the_chair_is_known_by_the_seat() -> None:
    """In whatever case the chair was named; without a seat nobody is in it."""
    room = gathering(LARS, KARI)

    assert [play(room, NameChair(name)).seated_chair for name in ("kARI", "Ola", None)] == [KARI, None, None]


@pytest.mark.parametrize("room", [gathering(LARS), talking(LARS, rules=replace(HUG, policy=PolicyName.OPEN))])
def test_nobody_awaits_a_turn_outside_a_round(room: Room) -> None:
    """Early words are kept for a turn of this round, and for no other."""
    assert room.awaits_turn(LARS) is False


def test_those_here_are_seated_and_not_away() -> None:
    """What `2/4` counts."""
    room = gathering(LARS, KARI, OLA, keyed=[KARI])

    assert (room.here, play(room, GoAway(KARI)).here) == (3, 2)


def test_a_seat_is_found_by_its_name_in_any_case() -> None:
    """And answers with the name as it was seated."""
    room = gathering(LARS, KARI)

    assert [room.seated_as(name) for name in ("KARI", "lars", "Kar")] == [KARI, LARS, None]


def test_a_receipt_is_found_by_its_cid() -> None:
    """It tells where in the log the words stand; a cid is its speaker's own."""
    room = play(talking(LARS, KARI), Say(LARS, "hi", cid="c1"))

    assert (room.receipt(LARS, "c1"), room.receipt(LARS, "c2"), room.receipt(KARI, "c1")) == (
        Receipt(seq=8, digest=digest("hi")),
        None,
        None,
    )


def test_a_new_room_has_nothing() -> None:
    """What follows the first event alone: all the rest comes from events."""
    room = a_room()

    assert (room.seats, room.turns, room.holder, room.tally, room.requests, room.seated_chair, room.sitting) == (
        {},
        (),
        None,
        Tally(0, 0, 0, 0, 0),
        (),
        None,
        0,
    )


def test_two_rooms_share_no_seats() -> None:
    """The empty dict that both begin with is not the same one."""
    assert a_room().seats is not a_room().seats


@pytest.mark.parametrize(
    "kind", [Room, Seat, Turn, Topic, Tally, Receipt, module.Round], ids=lambda kind: kind.__name__
)
def test_whoever_holds_a_room_may_keep_it(kind: type[msgspec.Struct]) -> None:
    """A clerk goes back to the settled state when a commit fails: nothing in it may have changed."""
    assert kind.__struct_config__.frozen


def test_joining_late_is_seen_by_whoever_looks_again_only() -> None:
    """The room that was is still the room that was."""
    before = gathering(LARS)

    assert (len(play(before, Join(KARI)).seats), len(before.seats)) == (2, 1)
