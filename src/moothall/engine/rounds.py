"""How a room goes on by itself: the next topic, the next round, the next turn, the close.

`next_step` is one rule: the event that must follow now, or None where the room waits for somebody. `advance` applies
it until the room waits.
"""

from __future__ import annotations

from moothall.engine.deadlines import HOST, grant
from moothall.engine.endings import known_rounds, topic_end
from moothall.engine.events import (
    Event,
    FloorRevoked,
    RoundClosed,
    RoundOpened,
    SittingClosed,
    TopicClosed,
)
from moothall.engine.evolve import evolve
from moothall.engine.policies import Policy, is_candidate, next_seats, round_order
from moothall.engine.room import Phase, Room
from moothall.engine.rules import has_rounds, has_turns
from moothall.engine.topics import open_topic
from moothall.engine.words import Afterwards, SittingEnd, TopicEnd

__all__ = ["advance", "next_step"]


def advance(room: Room, at: int, custom: Policy | None = None) -> list[tuple[Event, Room]]:
    """Return all that follows by itself from the room as it is, each event with the room after it.

    Args:
        custom: the function behind the policy `custom`.
    """
    steps: list[tuple[Event, Room]] = []
    while (event := next_step(room, at, custom)) is not None:
        room = evolve(room, event, at)
        steps.append((event, room))
    return steps


def next_step(room: Room, at: int, custom: Policy | None = None) -> Event | None:
    """Return the one event that must follow now, or None where the room waits."""
    if not room.has_sitting:
        return None
    if not room.seats:
        return _nobody_left(room)
    if room.paused_at is not None:
        return None
    if room.topic is None:
        return _between_topics(room)
    return _within_topic(room, at, custom)


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


def _within_topic(room: Room, at: int, custom: Policy | None) -> Event | None:
    policy = room.rules.policy
    goes_round = has_rounds(policy)
    # Without `until` a topic is over between two rounds only: nothing need be asked within one.
    if room.rules.until or room.round is None:
        reason = topic_end(room, at)
        if reason is not None:
            return _close(room, reason)
    if goes_round and room.round is None:
        return _open_round(room)
    for name in next_seats(room, custom):
        return grant(room, name, at)
    if room.turns or not has_turns(policy):
        return None
    if goes_round and room.round is not None:
        return RoundClosed(room.round.number)
    return None if _candidates(room) else TopicClosed(TopicEnd.NOBODY_LEFT)


def _close(room: Room, reason: TopicEnd) -> Event:
    for turn in room.turns:
        return FloorRevoked(turn.name, turn.number, by=HOST)
    return TopicClosed(reason)


def _open_round(room: Room) -> Event:
    # Where everybody is on the bench nobody can be waited for.
    if not _candidates(room):
        return TopicClosed(TopicEnd.NOBODY_LEFT)
    return RoundOpened(room.rounds_closed + 1, known_rounds(room.rules), round_order(room))


def _candidates(room: Room) -> bool:
    return any(is_candidate(room, name) for name in room.seats)
