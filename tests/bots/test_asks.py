"""What was asked of the room is asked again only where it is seen not to have happened."""

from __future__ import annotations

import pytest

from moothall.bots.asks import Asks
from moothall.engine.events import (
    Benched,
    Event,
    FloorGranted,
    FloorRequested,
    FloorRevoked,
    FloorWithdrawn,
    Passed,
    Returned,
    Seated,
    TopicClosed,
    TopicOpened,
)
from moothall.engine.evolve import empty_room, evolve
from moothall.engine.names import Name, RoomName
from moothall.engine.room import Room
from moothall.engine.words import Kind, TopicEnd
from moothall.errors import Reason
from moothall.wire.frames import (
    Frame,
    GrantFrame,
    NextFrame,
    RequestFrame,
    ReturnFrame,
    RevokeFrame,
    SetFrame,
    TopicFrame,
    WithdrawFrame,
)
from moothall.wire.replies import Refused

KARI, OLA = Name("Kari"), Name("Ola")
OPENED = TopicOpened("hug", "Host", "Do you want to hug?")
START: tuple[Event, ...] = (Seated(KARI, 1, Kind.BOT), Seated(OLA, 2, Kind.BOT), OPENED)


def room_of(*events: Event) -> Room:
    room = empty_room(RoomName("main"))
    for event in (*START, *events):
        room = evolve(room, event, 0)
    return room


ASKED: list[tuple[tuple[Event, ...], Frame, tuple[Event, ...]]] = [
    ((), RequestFrame(), (FloorRequested(KARI),)),
    ((), RequestFrame(), (FloorRequested(KARI), FloorGranted(KARI, 1), Passed(KARI, 1))),
    ((FloorRequested(KARI),), WithdrawFrame(), (FloorWithdrawn(KARI),)),
    ((Benched(KARI, 3),), ReturnFrame(), (Returned(KARI),)),
    ((), GrantFrame(name="Ola"), (FloorGranted(OLA, 1),)),
    ((), GrantFrame(name="Ola"), (FloorGranted(OLA, 1), Passed(OLA, 1))),
    ((FloorGranted(OLA, 1),), RevokeFrame(), (FloorRevoked(OLA, 1, "chair"),)),
    ((), NextFrame(), (TopicClosed(TopicEnd.CHAIR),)),
    ((), NextFrame(), (TopicClosed(TopicEnd.CHAIR), OPENED)),
    ((TopicClosed(TopicEnd.CHAIR),), NextFrame(), (OPENED,)),
]


@pytest.mark.parametrize(("past", "frame", "then"), ASKED)
def test_what_has_not_happened_is_asked_again_and_what_has_is_not(
    past: tuple[Event, ...], frame: Frame, then: tuple[Event, ...]
) -> None:
    """A floor must not be given twice because a line was cut between the asking and the event."""
    sent: list[Frame] = []
    asks = Asks(sent.append)

    asks.ask(frame, room_of(*past), KARI)
    asks.send_all()
    assert sent == [frame, frame]
    asks.take(room_of(*past, *then), KARI)
    asks.send_all()
    assert (sent, len(asks)) == ([frame, frame], 0)


@pytest.mark.parametrize("frame", [TopicFrame(topic="eat"), SetFrame(rounds=2), RevokeFrame(), ReturnFrame()])
def test_what_nothing_in_the_room_would_show_is_asked_once(frame: Frame) -> None:
    """A topic could be queued twice; and what is so already need not be asked again."""
    sent: list[Frame] = []
    asks = Asks(sent.append)
    asks.ask(frame, room_of(), KARI)
    asks.send_all()

    assert sent == [frame]


def test_who_withdraws_asks_no_longer() -> None:
    """A request that comes again after it would undo it."""
    sent: list[Frame] = []
    asks = Asks(sent.append)
    asks.ask(RequestFrame(), room_of(), KARI)
    asks.ask(WithdrawFrame(), room_of(), KARI)
    asks.send_all()

    assert sent == [RequestFrame(), WithdrawFrame()]


def test_what_was_refused_is_forgotten_and_so_is_everything_with_the_seat() -> None:
    """The server has answered."""
    sent: list[Frame] = []
    asks = Asks(sent.append)
    refused = Refused(do="request", reason=Reason.NOT_ALLOWED, text="")
    asks.ask(RequestFrame(), room_of(), KARI)
    assert asks.holds(refused)
    asks.take_refusal(refused)
    assert not asks.holds(refused)
    asks.ask(RequestFrame(), room_of(), KARI)
    asks.clear()

    assert len(asks) == 0
