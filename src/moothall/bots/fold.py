"""The room as a client knows it: a fold of the events that it was sent. Pure.

A client is told the rules only in part: the number of seats and the labels, when a sitting opens, and the policy,
when a topic does.
"""

from __future__ import annotations

from msgspec.structs import replace

from moothall.engine.events import Event, RoomClosed, SittingClosed, SittingOpened, TopicOpened
from moothall.engine.evolve import evolve
from moothall.engine.room import Room, Tally
from moothall.engine.words import Afterwards, SittingEnd
from moothall.wire.json_lines import Stamp

__all__ = ["ends_connections", "fold"]


def fold(room: Room, event: Event, stamp: Stamp) -> Room:
    """Return the room after one more event, whatever of those before it is missing."""
    room = replace(room, seq=stamp.seq - 1)
    if isinstance(event, SittingOpened):
        rules = replace(room.rules, seats=event.seats, labels=event.labels)
        room = replace(room, rules=rules, seats={}, turns=(), round=None, topic=None, topics_opened=0, tally=Tally())
        room = replace(room, requests=(), paused_at=None, chair=None)
    if isinstance(event, TopicOpened):
        room = replace(room, rules=replace(room.rules, policy=event.policy))
    try:
        return evolve(room, event, stamp.at)
    except KeyError:
        # After a gap: it is about a seat of which nothing was read.
        return replace(room, seq=stamp.seq, at=stamp.at)


def ends_connections(event: Event) -> bool:
    """Tell whether the server closes every connection after this event."""
    match event:
        case SittingClosed(reason, afterwards):
            return reason is not SittingEnd.NOBODY_LEFT or afterwards is not Afterwards.STAY
        case RoomClosed():
            return True
        case _:
            return False
