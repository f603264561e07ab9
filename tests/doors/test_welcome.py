"""How the JSON lines door lets somebody in."""

from __future__ import annotations

from msgspec.structs import replace

from moothall.doors.welcome import welcome_reply
from moothall.engine.commands import Pass
from moothall.engine.names import Name
from moothall.engine.rules import Rules
from moothall.engine.words import PolicyName
from moothall.hall.lobby import Arrival, Welcome
from moothall.testing import MemoryHall, memory_hall
from moothall.wire.replies import Gap, Joined, Reset, Resumed


def welcome(house: MemoryHall, arrival: Arrival, name: str = "Lars", *, watch: bool = False) -> Welcome:
    """Let somebody into the first free seat, and say that they came in another way."""
    participant = house.enter(name, keyed=not watch, watch=watch)
    house.settle()
    visit, room = participant.visit, house.room()
    return Welcome(arrival=arrival, visit=visit, room=room, key=participant.key, epoch="e_1", after=1, asked=0)


def test_a_new_seat_is_joined_with_its_key() -> None:
    """The only reply that tells it."""
    house = memory_hall(Rules(seats=2))
    reply = welcome_reply(welcome(house, Arrival.JOINED), house.clock.now())

    assert reply == Joined(
        room=house.room().name,
        name=house.room().seated_as("Lars"),
        seat=1,
        key="k_1",
        epoch="e_1",
        after=1,
        seq=3,
        version=1,
    )


def test_a_seat_that_is_come_back_to_is_resumed_with_what_is_left_of_the_turn() -> None:
    """Never less than nothing: a deadline may just have come."""
    house = memory_hall(Rules(seats=1, turn_seconds=30))
    back = welcome(house, Arrival.RESUMED)
    now = house.clock.now()
    replies = [welcome_reply(back, moment) for moment in (now + 10_000, now + 31_000)]

    assert [(reply.holder, reply.turn, reply.left_ms) for reply in replies if isinstance(reply, Resumed)] == [
        ("Lars", 1, 20_000),
        ("Lars", 1, 0),
    ]


def test_where_several_have_the_floor_one_is_told_of_ones_own_turn() -> None:
    """Its time is what one has come back for; whose turn is over, or who watches, is told of the first."""
    house = memory_hall(Rules(seats=3, policy=PolicyName.PARALLEL))
    lars, kari = house.enter("Lars"), house.enter("Kari")
    back = welcome(house, Arrival.RESUMED, "Ola")
    assert own_turn(back) == ("Ola", 3)
    back.visit.submit(Pass(Name("Ola")))
    lars.visit.submit(Pass(Name("Lars")))
    house.settle()

    assert own_turn(replace(back, room=house.room())) == ("Kari", 2)
    assert own_turn(replace(back, visit=kari.visit, room=house.room())) == ("Kari", 2)


def own_turn(welcomed: Welcome) -> tuple[str | None, int | None]:
    """Return whose turn, and which, one is told of on coming back."""
    reply = welcome_reply(welcomed, 0)
    assert isinstance(reply, Resumed)
    return reply.holder, reply.turn


def test_a_turn_without_a_deadline_has_no_time_left_to_tell() -> None:
    """And where nobody has the floor there is neither a holder nor a turn."""
    timeless, gathering = memory_hall(Rules(seats=1, turn_seconds=0)), memory_hall(Rules(seats=2))
    replies = [welcome_reply(welcome(house, Arrival.RESUMED), 0) for house in (timeless, gathering)]

    assert [(reply.holder, reply.turn, reply.left_ms) for reply in replies if isinstance(reply, Resumed)] == [
        ("Lars", 1, None),
        (None, None, None),
    ]


def test_a_cursor_that_means_nothing_is_reset_and_a_spectator_has_no_seat() -> None:
    """It is told where reading starts now."""
    house = memory_hall(Rules(seats=2))
    house.enter("Lars")
    reply = welcome_reply(welcome(house, Arrival.RESET, "", watch=True), house.clock.now())

    assert reply == Reset(room=house.room().name, name=None, seat=None, epoch="e_1", after=1, seq=3)


def test_after_a_gap_it_says_where_it_goes_on() -> None:
    """What was asked for, and the first event that is still kept: a hole is never silent."""
    house = memory_hall(Rules(seats=2))
    reply = welcome_reply(welcome(house, Arrival.GAP), house.clock.now())

    assert reply == Gap(
        room=house.room().name, name=house.room().seated_as("Lars"), seat=1, epoch="e_1", after=0, first=2, seq=3
    )
