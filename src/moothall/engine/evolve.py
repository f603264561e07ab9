"""What an event makes of a room. Nothing here decides: an event is a fact, and evolve only writes it down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from msgspec.structs import replace

from moothall.engine.events import (
    CameBack,
    Event,
    FloorGranted,
    FloorRevoked,
    HostSaid,
    Left,
    Passed,
    Paused,
    Removed,
    Reopened,
    RoomClosed,
    RoomOpened,
    RoundClosed,
    RoundOpened,
    Said,
    Seated,
    SittingClosed,
    SittingOpened,
    TimeCalled,
    TopicClosed,
    TopicOpened,
    TopicQueued,
    Unpaused,
    WentAway,
)
from moothall.engine.names import Name, RoomName
from moothall.engine.receipts import with_receipt
from moothall.engine.room import Room, Round, Seat, Tally, Topic, Turn
from moothall.engine.rules import Rules

__all__ = ["empty_room", "evolve", "open_room", "replay"]


def empty_room(name: RoomName) -> Room:
    """Return the room before its first event."""
    return Room(name=name, rules=Rules(), seed="", seq=0, at=0)


def open_room(opened: RoomOpened, at: int) -> Room:
    """Return the room as it is after its first event."""
    return evolve(empty_room(opened.room), opened, at)


def replay(entries: Iterable[tuple[Event, int]], start: Room | None = None) -> Room:
    """Fold a log, pairs of an event and its time, into the room that it describes.

    Args:
        start: the room before the first of the entries; None, and they are a log from its beginning.

    Raises:
        ValueError: a log does not begin with `room_opened`.
    """
    pairs = iter(entries)
    room = start
    if room is None:
        first, at = next(pairs, (None, 0))
        if not isinstance(first, RoomOpened):
            raise ValueError("a room's log begins with room_opened")
        room = open_room(first, at)
    for event, moment in pairs:
        room = evolve(room, event, moment)
    return room


def evolve(room: Room, event: Event, at: int) -> Room:  # noqa: PLR0912 - one line an event is its form
    """Return the room after one more event, at `at` milliseconds since the epoch."""
    # What happens at every turn is written down in one go.
    if isinstance(event, Said):
        return _said(room, event, at)
    if isinstance(event, FloorGranted):
        return _granted(room, event, at)
    room = replace(room, seq=room.seq + 1, at=at)
    match event:
        case Passed(name, turn):
            tally = replace(room.tally, passed=room.tally.passed + 1)
            return replace(_turn_ended(room, turn), seats=_with(room, name, missed=0), tally=tally)
        case TimeCalled(name, turn, missed):
            tally = replace(room.tally, missed=room.tally.missed + 1)
            return replace(_turn_ended(room, turn), seats=_with(room, name, missed=missed), tally=tally)
        case FloorRevoked(_, turn):
            return _turn_ended(room, turn)
        case Reopened(turn, deadline):
            turns = (replace(open_, deadline=deadline) if open_.number == turn else open_ for open_ in room.turns)
            return replace(room, turns=tuple(turns))
        case RoundOpened(number, _, order):
            return replace(room, round=Round(number, order if order is not None else tuple(room.seats)))
        case RoundClosed(number):
            return replace(room, round=None, rounds_closed=number)
        case TopicQueued(topic):
            return replace(room, queue=(*room.queue, topic))
        case TopicOpened():
            return _topic_opened(room, event)
        case TopicClosed():
            return replace(room, topic=None, round=None, turns=())
        case Seated():
            seat = Seat(event.seat, event.kind, event.about, event.keyed)
            return replace(room, seats={**room.seats, event.name: seat})
        case WentAway(name, until):
            return replace(room, seats=_with(room, name, away_until=until))
        case CameBack(name):
            return replace(room, seats=_with(room, name, away_until=None))
        case Left(name) | Removed(name):
            return _left(room, name)
        case HostSaid():
            return room
        case SittingOpened(sitting):
            return replace(room, sitting=sitting, sitting_seq=room.seq, has_sitting=True, tally=Tally())
        case SittingClosed():
            return replace(room, has_sitting=False, seats={}, turns=(), queue=(), topics_opened=0, paused_at=None)
        case Paused():
            return replace(room, paused_at=at)
        case Unpaused():
            return replace(room, paused_at=None)
        case RoomClosed():
            return replace(room, is_closed=True)
        case RoomOpened(name, rules, seed):
            return replace(room, name=name, rules=rules, seed=seed, topics_drawn=0, is_closed=False)
        case _:
            assert_never(event)


def _said(room: Room, event: Said, at: int) -> Room:
    seq, seats, turns, tally = room.seq + 1, room.seats, room.turns, room.tally
    seat = seats[event.name]
    if event.cid is not None:
        receipts = with_receipt(seat.receipts, event.cid, seq, event.text)
        seat = Seat(seat.number, seat.kind, seat.about, seat.keyed, seat.away_until, 0, receipts)
        seats = {**seats, event.name: seat}
    elif seat.missed:
        seats = {**seats, event.name: replace(seat, missed=0)}
    if event.turn is not None:
        turns = _ended(turns, event.turn)
    tally = Tally(tally.said + 1, tally.passed, tally.missed, tally.left)
    return replace(room, seq=seq, at=at, seats=seats, turns=turns, tally=tally)


def _granted(room: Room, event: FloorGranted, at: int) -> Room:
    turn, opened = Turn(event.name, event.turn, event.deadline), room.round
    if opened is not None:
        opened = Round(opened.number, opened.order, opened.done | {event.name})
    return replace(room, seq=room.seq + 1, at=at, turns=(*room.turns, turn), turn_number=event.turn, round=opened)


def _ended(turns: tuple[Turn, ...], number: int) -> tuple[Turn, ...]:
    return tuple([turn for turn in turns if turn.number != number])


def _turn_ended(room: Room, number: int) -> Room:
    return replace(room, turns=_ended(room.turns, number))


def _topic_opened(room: Room, event: TopicOpened) -> Room:
    # A topic that does not stand first in the queue was drawn from the bag.
    is_queued = room.queue[:1] == (event.topic,)
    return replace(
        room,
        topic=Topic(event.topic, event.host, event.text),
        rounds_closed=0,
        queue=room.queue[1:] if is_queued else room.queue,
        topics_opened=room.topics_opened + 1,
        topics_drawn=room.topics_drawn + (not is_queued),
    )


def _left(room: Room, name: Name) -> Room:
    return replace(
        room,
        round=room.round and _without(room.round, name),
        seats={seated: seat for seated, seat in room.seats.items() if seated != name},
        turns=tuple(turn for turn in room.turns if turn.name != name),
        tally=replace(room.tally, left=room.tally.left + 1) if room.topics_opened else room.tally,
    )


def _without(round_: Round, name: Name) -> Round:
    # Who leaves gives up the turn in it; who then takes a seat under the same name has joined late.
    order = tuple(seated for seated in round_.order if seated != name)
    return replace(round_, order=order, done=round_.done - {name})


def _with(room: Room, name: Name, **changes: int | None) -> dict[Name, Seat]:
    return {**room.seats, name: replace(room.seats[name], **changes)}
