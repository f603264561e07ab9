"""How a room goes on by itself: the next topic, the next round, the next turn, the close.

`next_step` is one rule: the event that must follow now, or None where the room waits for somebody. `advance` applies
it until the room waits.
"""

from __future__ import annotations

from moothall.engine.endings import topic_end
from moothall.engine.events import (
    Event,
    RoundClosed,
    RoundOpened,
    SittingClosed,
    SittingEnd,
    TopicClosed,
    TopicEnd,
)
from moothall.engine.evolve import evolve
from moothall.engine.floor import grant
from moothall.engine.policies import has_rounds, next_seats, round_order
from moothall.engine.room import Phase, Room
from moothall.engine.rules import Afterwards
from moothall.engine.topics import open_topic

__all__ = ["advance", "next_step"]


def advance(room: Room, at: int) -> list[tuple[Event, Room]]:
    """Return all that follows by itself from the room as it is, each event with the room after it."""
    steps: list[tuple[Event, Room]] = []
    while (event := next_step(room, at)) is not None:
        room = evolve(room, event, at)
        steps.append((event, room))
    return steps


def next_step(room: Room, at: int) -> Event | None:
    """Return the one event that must follow now, or None where the room waits."""
    if not room.has_sitting:
        return None
    if not room.seats:
        return _nobody_left(room)
    if room.paused_at is not None:
        return None
    if room.topic is None:
        return _between_topics(room)
    return _within_topic(room, at)


def _nobody_left(room: Room) -> Event:
    if room.topic is not None:
        return TopicClosed(TopicEnd.NOBODY_LEFT)
    return SittingClosed(SittingEnd.NOBODY_LEFT, room.rules.afterwards)


def _between_topics(room: Room) -> Event | None:
    if room.phase is Phase.GATHERING:
        is_complete = len(room.seats) == room.rules.seats and room.here == room.rules.seats
        return open_topic(room) if is_complete else None
    if room.queue:
        return open_topic(room)
    if room.rules.afterwards is Afterwards.STAY:
        return None
    return SittingClosed(SittingEnd.DONE, room.rules.afterwards)


def _within_topic(room: Room, at: int) -> Event | None:
    if room.round is None:
        if not has_rounds(room.rules.policy):
            return None
        reason = topic_end(room)
        if reason is not None:
            return TopicClosed(reason)
        return RoundOpened(room.rounds_closed + 1, room.rules.rounds, round_order(room))
    for name in next_seats(room):
        return grant(room, name, at)
    return None if room.turns else RoundClosed(room.round.number)
