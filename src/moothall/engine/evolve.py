"""What an event makes of a room. Nothing here decides: an event is a fact, and evolve only writes it down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from msgspec.structs import asdict, replace

from moothall.engine.events import (
    Benched,
    CameBack,
    ChairNamed,
    Event,
    FillAsked,
    FloorGranted,
    FloorRequested,
    FloorRevoked,
    FloorWithdrawn,
    GatheringReopened,
    HostSaid,
    Left,
    Passed,
    Paused,
    Removed,
    Reopened,
    Returned,
    RoomClosed,
    RoomOpened,
    RoundClosed,
    RoundOpened,
    RulesSet,
    Said,
    Seated,
    SittingClosed,
    SittingOpened,
    SittingStarted,
    TimeCalled,
    TopicClosed,
    TopicOpened,
    TopicQueued,
    TopicReopened,
    Unpaused,
    WentAway,
)
from moothall.engine.names import Name, RoomName, Seq
from moothall.engine.policies import candidates
from moothall.engine.receipts import with_receipt
from moothall.engine.room import Gathering, Room, Round, Seat, Tally, Topic, Turn, first_held_until
from moothall.engine.rules import Rules
from moothall.engine.until import phrases_in

__all__ = ["Step", "empty_room", "evolve", "open_room", "replay", "rules_with"]

Step = tuple[Event, Room]
"""An event, and the room after it."""


def empty_room(name: RoomName) -> Room:
    """Return the room before its first event."""
    return Room(name=name, rules=Rules(), seed="", seq=Seq(0), at=0)


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
    # What happens at every turn, or in every round, is written down in one go, and found by its very class: to say no,
    # `isinstance` takes seven times as long, for a Struct's class has a class of its own.
    if type(event) is Said:
        return _said(room, event, at)
    if type(event) is FloorGranted:
        return _granted(room, event, at)
    if type(event) is RoundOpened:
        return _round_opened(room, event, at)
    if type(event) is RoundClosed:
        return _round_closed(room, event, at)
    room = replace(room, seq=room.seq + 1, at=at)
    match event:
        case Passed(name, turn):
            tally = replace(room.tally, passed=room.tally.passed + 1)
            return replace(_turn_ended(room, name, turn, at, missed=0), tally=tally)
        case TimeCalled(name, turn, missed):
            tally = replace(room.tally, missed=room.tally.missed + 1)
            ended = _turn_ended(room, name, turn, at, missed=missed)
            return replace(ended, tally=tally, round=_no_longer_quiet(room.round))
        case FloorRevoked(name, turn):
            return replace(_turn_ended(room, name, turn, at), round=_no_longer_quiet(room.round))
        case FloorRequested(name):
            return replace(room, requests=(*room.requests, name))
        case FloorWithdrawn(name):
            return replace(room, requests=_others(room.requests, name))
        case Reopened(turn, deadline):
            return replace(room, turns=_reopened(room.turns, turn, deadline))
        case TopicQueued(topic):
            return replace(room, queue=(*room.queue, topic))
        case TopicOpened():
            return _topic_opened(room, event, at)
        case TopicReopened(since):
            return replace(room, topic=room.topic and replace(room.topic, since=since), free_since=at)
        case TopicClosed():
            rules = room.next_rules or room.rules
            return replace(room, topic=None, round=None, turns=(), requests=(), rules=rules, next_rules=None)
        case RulesSet():
            rules = rules_with(room.next_rules or room.rules, event)
            return replace(room, rules=rules) if room.topic is None else replace(room, next_rules=rules)
        case ChairNamed(chair):
            return replace(room, chair=chair)
        case Benched(name):
            return replace(room, seats=_with(room, name, is_benched=True), requests=_others(room.requests, name))
        case Returned(name):
            return replace(room, seats=_with(room, name, is_benched=False, missed=0))
        case Seated():
            seat = Seat(event.seat, event.kind, event.about, event.keyed)
            return replace(room, seats={**room.seats, event.name: seat})
        case WentAway(name, until):
            return _held(room, name, until)
        case CameBack(name):
            return _held(room, name, None)
        case Left(name) | Removed(name):
            return _left(room, name)
        case HostSaid():
            return room
        case SittingOpened():
            return _sitting_opened(room, event)
        case FillAsked(_, until):
            return replace(room, gathering=replace(room.gathering, until=until, is_filling=True))
        case SittingStarted():
            return replace(room, gathering=replace(room.gathering, is_started=True))
        case GatheringReopened(until):
            return replace(room, gathering=replace(room.gathering, until=until))
        case SittingClosed():
            return _sitting_closed(room)
        case Paused():
            return replace(room, paused_at=at)
        case Unpaused():
            return replace(room, paused_at=None, free_since=at)
        case RoomClosed():
            return replace(room, is_closed=True)
        case RoomOpened():
            return _room_opened(room, event)
        case _:
            assert_never(event)


def _sitting_opened(room: Room, event: SittingOpened) -> Room:
    return replace(
        room,
        sitting=event.sitting,
        sitting_seq=room.seq,
        has_sitting=True,
        tally=Tally(),
        rounds_opened=0,
        gathering=Gathering(event.until),
    )


def _sitting_closed(room: Room) -> Room:
    return replace(
        room,
        has_sitting=False,
        seats={},
        held_until=None,
        turns=(),
        queue=(),
        topics_opened=0,
        paused_at=None,
        chair=None,
    )


def _room_opened(room: Room, event: RoomOpened) -> Room:
    # The bag goes on where it is the same.
    is_same_bag = (event.seed, event.rules.topics) == (room.seed, room.rules.topics)
    drawn = room.topics_drawn if is_same_bag else 0
    return replace(room, name=event.room, rules=event.rules, seed=event.seed, topics_drawn=drawn, is_closed=False)


def rules_with(rules: Rules, event: RulesSet) -> Rules:
    """Return rules with what an event changes in them."""
    changes = {field: value for field, value in asdict(event).items() if value is not None}
    return replace(rules, **changes)


def _said(room: Room, event: Said, at: int) -> Room:
    seats, tally, seq = room.seats.copy(), room.tally, room.seq + 1
    name, text, turn, cid = event.name, event.text, event.turn, event.cid
    seat = seats[name]
    turns, had, free_since = room.turns, seat.turns, room.free_since
    receipts, chars = seat.receipts, len(text)
    if cid is not None:
        receipts = with_receipt(receipts, cid, seq, text)
    if turn is not None:
        turns, had, free_since = _ended(turns, turn), had + 1, at
    if room.rules.until and room.topic is not None:
        phrases = room.topic.phrases | phrases_in(text, room.rules.until)
        room = replace(room, topic=replace(room.topic, phrases=phrases))
    seats[name] = replace(seat, missed=0, receipts=receipts, turns=had, chars=seat.chars + chars)
    return replace(
        room,
        seq=seq,
        at=at,
        seats=seats,
        turns=turns,
        tally=replace(tally, said=tally.said + 1, chars=tally.chars + chars),
        round=_no_longer_quiet(room.round),
        free_since=free_since,
        last_said=event,
    )


def _granted(room: Room, event: FloorGranted, at: int) -> Room:
    name, number, opened = event.name, event.turn, room.round
    turns = (Turn(name, number, event.deadline),)
    if room.requests:
        room = replace(room, requests=_others(room.requests, name))
    return replace(
        room,
        seq=room.seq + 1,
        at=at,
        turns=room.turns + turns,
        turn_number=number,
        round=opened and replace(opened, done=opened.done | {name}),
    )


def _ended(turns: tuple[Turn, ...], number: int) -> tuple[Turn, ...]:
    if len(turns) == 1 and turns[0].number == number:
        return ()
    return tuple([turn for turn in turns if turn.number != number])


def _turn_ended(room: Room, name: Name, number: int, at: int, **changes: int) -> Room:
    seats = _with(room, name, turns=room.seats[name].turns + 1, **changes)
    return replace(room, turns=_ended(room.turns, number), seats=seats, free_since=at)


def _reopened(turns: tuple[Turn, ...], number: int, deadline: int) -> tuple[Turn, ...]:
    return tuple([replace(turn, deadline=deadline) if turn.number == number else turn for turn in turns])


def _no_longer_quiet(opened: Round | None) -> Round | None:
    return replace(opened, is_quiet=False) if opened is not None and opened.is_quiet else opened


def _round_opened(room: Room, event: RoundOpened, at: int) -> Room:
    opened = Round(event.round, candidates(room) if event.order is None else event.order)
    return replace(room, seq=room.seq + 1, at=at, round=opened, rounds_opened=room.rounds_opened + 1)


def _round_closed(room: Room, event: RoundClosed, at: int) -> Room:
    topic, closed = room.topic, room.round
    if topic is not None and closed is not None and closed.done and closed.is_quiet:
        topic = replace(topic, is_settled=True)
    return replace(room, seq=room.seq + 1, at=at, round=None, rounds_closed=event.round, topic=topic)


def _topic_opened(room: Room, event: TopicOpened, at: int) -> Room:
    # A topic that does not stand first in the queue was drawn from the bag.
    is_queued = room.queue[:1] == (event.topic,)
    return replace(
        room,
        topic=Topic(event.topic, event.host, event.text, at, room.tally, room.turn_number),
        rounds_closed=0,
        queue=room.queue[1:] if is_queued else room.queue,
        topics_opened=room.topics_opened + 1,
        topics_drawn=room.topics_drawn + (not is_queued),
        seats={name: replace(seat, turns=0, chars=0) for name, seat in room.seats.items()},
        free_since=at,
        last_said=None,
    )


def _held(room: Room, name: Name, until: int | None) -> Room:
    seats = _with(room, name, away_until=until)
    return replace(room, seats=seats, held_until=first_held_until(seats))


def _left(room: Room, name: Name) -> Room:
    seats = {seated: seat for seated, seat in room.seats.items() if seated != name}
    return replace(
        room,
        round=room.round and _without(room.round, name),
        seats=seats,
        held_until=first_held_until(seats),
        turns=tuple(turn for turn in room.turns if turn.name != name),
        requests=_others(room.requests, name),
        free_since=room.at if room.turn_of(name) is not None else room.free_since,
        tally=replace(room.tally, left=room.tally.left + 1) if room.topics_opened else room.tally,
    )


def _without(round_: Round, name: Name) -> Round:
    # Who leaves gives up the turn in it; who then takes a seat under the same name has joined late.
    order = tuple(seated for seated in round_.order if seated != name)
    return replace(round_, order=order, done=round_.done - {name})


def _others(names: tuple[Name, ...], name: Name) -> tuple[Name, ...]:
    return tuple([other for other in names if other != name]) if name in names else names


def _with(room: Room, name: Name, **changes: int | None) -> dict[Name, Seat]:
    return {**room.seats, name: replace(room.seats[name], **changes)}
