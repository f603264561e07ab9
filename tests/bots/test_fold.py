"""The room as a client knows it."""

import pytest

from moothall.bots.fold import ends_connections, fold
from moothall.engine.events import (
    Event,
    FloorGranted,
    FloorRequested,
    Passed,
    Paused,
    RoomClosed,
    Seated,
    SittingClosed,
    SittingOpened,
    TopicOpened,
)
from moothall.engine.evolve import empty_room
from moothall.engine.names import Name, RoomName
from moothall.engine.room import Room
from moothall.engine.words import Afterwards, Kind, PolicyName, SittingEnd
from moothall.wire.json_lines import Stamp

KARI = Name("Kari")


def room_of(*events: Event, first: int = 41) -> Room:
    room = empty_room(RoomName("main"))
    for seq, event in enumerate(events, first):
        room = fold(room, event, Stamp(seq, seq * 1000))
    return room


def test_a_sitting_says_how_many_seats_it_has() -> None:
    """The rules stand in the log's first event, which a client that joins is not sent."""
    room = room_of(SittingOpened(7, 2, {"arm": "a"}), Seated(KARI, 1, Kind.BOT), FloorGranted(KARI, 3))

    assert (room.seq, room.at, room.sitting, room.rules.seats, room.rules.labels) == (43, 43_000, 7, 2, {"arm": "a"})
    assert (list(room.seats), room.holder) == ([KARI], KARI)


def test_a_topic_says_how_it_is_talked_about() -> None:
    """Where it does not, it is `round-robin`, whatever the topic before it was."""
    topics = TopicOpened("hug", "Host", "Hug?", PolicyName.REQUEST), TopicOpened("eat", "Host", "Eat?")
    rooms = [room_of(SittingOpened(7, 2, {}), *topics[:many]) for many in (1, 2)]

    assert [room.rules.policy for room in rooms] == [PolicyName.REQUEST, PolicyName.ROUND_ROBIN]


def test_after_a_gap_an_event_about_an_unknown_seat_only_moves_on() -> None:
    """Otherwise the first line after it would end the client."""
    room = room_of(Passed(KARI, 3))

    assert (room.seq, room.at, room.seats) == (41, 41_000, {})


def test_a_sitting_begins_without_what_a_gap_has_left_standing() -> None:
    """The closing of the last one may have been in the gap."""
    room = room_of(
        SittingOpened(7, 2, {}),
        Seated(KARI, 1, Kind.BOT),
        FloorGranted(KARI, 3),
        FloorRequested(KARI),
        Paused(),
        SittingOpened(8, 2, {}),
    )

    assert (room.sitting, room.seats, room.turns, room.requests, room.paused_at) == (8, {}, (), (), None)


@pytest.mark.parametrize(
    ("event", "ends"),
    [
        (SittingClosed(SittingEnd.DONE, Afterwards.DISCONNECT), True),
        (SittingClosed(SittingEnd.OPERATOR, Afterwards.STAY), True),
        (SittingClosed(SittingEnd.NOBODY_LEFT, Afterwards.DISCONNECT), True),
        (SittingClosed(SittingEnd.NOBODY_LEFT, Afterwards.STAY), False),
        (RoomClosed(), True),
        (Passed(KARI, 3), False),
    ],
)
def test_what_ends_every_connection(event: Event, ends: bool) -> None:
    """Spectators of a room that stays see the next sitting too."""
    assert ends_connections(event) is ends
