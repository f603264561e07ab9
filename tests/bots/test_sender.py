"""What a client sends is sent again when it may be, and no sooner."""

from __future__ import annotations

import asyncio

from moothall.bots.sender import Sender
from moothall.engine.events import Event, FloorGranted, FloorRequested, Seated, TopicOpened, Unpaused
from moothall.engine.evolve import empty_room, evolve
from moothall.engine.names import Name, RoomName
from moothall.engine.room import Room
from moothall.engine.words import Kind
from moothall.errors import Reason
from moothall.wire.frames import Frame, LeaveFrame, RequestFrame, SayFrame
from moothall.wire.replies import Refused

KARI = Name("Kari")
HELLO = SayFrame(text="Hello", turn=1, cid="c1")
START: tuple[Event, ...] = (Seated(KARI, 1, Kind.BOT), TopicOpened("hug", "Host", "?"))


def room_of(*events: Event) -> Room:
    room = empty_room(RoomName("main"))
    for event in (*START, *events):
        room = evolve(room, event, 0)
    return room


def refused(reason: Reason, do: str, cid: str | None = None) -> Refused:
    return Refused(do=do, reason=reason, cid=cid, text="")


def test_over_a_new_connection_words_come_first_and_asks_once_it_has_caught_up() -> None:
    """Words carry their cid; whether an ask has been answered is known when all has been read."""
    sent: list[Frame] = []
    sender = Sender(sent.append)
    sender.outbox.say("Hello", 1)
    sender.asks.ask(RequestFrame(), room_of(), KARI)
    sender.leave()
    sent.clear()

    sender.come_back()
    assert sent == [HELLO, LeaveFrame()]
    sender.catch_up()
    assert sent[2:] == [RequestFrame()]
    sender.take(FloorRequested(KARI), room_of(FloorRequested(KARI)), KARI)
    sender.clear()
    sent.clear()
    sender.catch_up()
    assert sent == []


def test_after_a_pause_the_words_are_sent_again() -> None:
    """They were refused in it, and their turn goes on."""
    sent: list[Frame] = []
    sender = Sender(sent.append)
    sender.outbox.say("Hello", 1)

    assert not sender.take_refusal(refused(Reason.NOT_TALKING, "say", "c1"), turn=1)
    sender.take(Unpaused(), room_of(FloorGranted(KARI, 1)), KARI)
    assert sent == [HELLO, HELLO]


async def test_what_a_full_disk_refused_is_sent_again_by_itself() -> None:
    """Words, a leave, and asks alike; once, however many were refused."""
    sent: list[Frame] = []
    again = asyncio.Event()

    def send(frame: Frame) -> None:
        sent.append(frame)
        if sent.count(RequestFrame()) == 2:
            again.set()

    sender = Sender(send)
    sender.outbox.say("Hello", 1)
    sender.asks.ask(RequestFrame(), room_of(), KARI)
    assert not sender.take_refusal(refused(Reason.STORAGE, "say", "c1"), turn=1)
    assert not sender.take_refusal(refused(Reason.STORAGE, "request"), turn=1)
    async with asyncio.timeout(20):
        await again.wait()
    sender.stop()

    assert sent == [HELLO, RequestFrame()] * 2


def test_any_other_refusal_is_told_and_forgotten() -> None:
    """Nothing would come of it a second time."""
    sent: list[Frame] = []
    sender = Sender(sent.append)
    sender.asks.ask(RequestFrame(), room_of(), KARI)
    sender.outbox.say("Hello", 1)

    assert sender.take_refusal(refused(Reason.NOT_ALLOWED, "request"), turn=None)
    assert sender.take_refusal(refused(Reason.TURN_OVER, "say", "c1"), turn=None)
    assert (len(sender.outbox), len(sender.asks)) == (0, 0)
