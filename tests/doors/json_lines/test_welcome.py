"""How the JSON lines door lets somebody in."""

from __future__ import annotations

from moothall.doors.json_lines.welcome import welcome_reply
from moothall.engine.rules import Rules
from moothall.hall.lobby import Arrival, Welcome
from moothall.testing import MemoryHall, memory_hall
from moothall.wire.json_lines import Joined, Reset, Resumed


def welcome(house: MemoryHall, arrival: Arrival, name: str = "Lars", *, watch: bool = False) -> Welcome:
    """Let somebody into the first free seat, and say that they came in another way."""
    participant = house.enter(name, keyed=not watch, watch=watch)
    house.settle()
    visit, room = participant.visit, house.room()
    return Welcome(arrival=arrival, visit=visit, room=room, key=participant.key, epoch="e_1", after=1)


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
