"""How a room goes on by itself: the next topic, the next round, the next turn, the close.

`next_events` is one rule: what must follow now, nothing where the room waits for somebody. `advance` applies what was
asked for, and then that rule until the room waits.
"""

from __future__ import annotations

from collections.abc import Sequence

from moothall.engine.chair import revoke_all
from moothall.engine.deadlines import HOST, grant
from moothall.engine.endings import known_rounds, topic_end
from moothall.engine.events import (
    Event,
    RoundClosed,
    RoundOpened,
    SittingClosed,
    TopicClosed,
)
from moothall.engine.evolve import Step, evolve
from moothall.engine.gathering import may_start
from moothall.engine.names import Name
from moothall.engine.policies import ONE_AT_A_TIME, Policy, candidates, next_seats, round_order
from moothall.engine.room import Phase, Room
from moothall.engine.rules import has_rounds, has_turns
from moothall.engine.topics import open_topic
from moothall.engine.words import Afterwards, SittingEnd, TopicEnd

__all__ = ["advance", "next_events"]


def advance(room: Room, events: Sequence[Event], at: int, custom: Policy | None = None) -> list[Step]:
    """Apply `events`, then all that follows by itself; return each of all these events with the room after it.

    Args:
        custom: the function behind the policy `custom`.
    """
    steps: list[Step] = []
    while True:
        for event in events:
            room = evolve(room, event, at)
            steps.append((event, room))
        events = next_events(room, at, custom)
        if not events:
            return steps


def next_events(room: Room, at: int, custom: Policy | None = None) -> Sequence[Event]:
    """Return what must follow now, nothing where the room waits: one event, or one grant for each of several seats."""
    # The turn that is open is waited for: without `until` no ending can hold meanwhile.
    if room.turns and not room.rules.until and room.rules.policy in ONE_AT_A_TIME:
        return ()
    if not room.seats:
        return (_nobody_left(room),) if room.has_sitting else ()
    if room.paused_at is not None:
        return ()
    if room.topic is None:
        return _between_topics(room)
    return _within_topic(room, at, custom)


def _nobody_left(room: Room) -> Event:
    if room.topic is not None:
        return TopicClosed(TopicEnd.NOBODY_LEFT)
    return SittingClosed(SittingEnd.NOBODY_LEFT, room.rules.afterwards)


def _between_topics(room: Room) -> Sequence[Event]:
    if room.phase is Phase.GATHERING:
        return (open_topic(room),) if may_start(room) else ()
    is_left = not all(seat.is_benched for seat in room.seats.values())
    if room.queue and is_left:
        return (open_topic(room),)
    if room.rules.afterwards is Afterwards.STAY:
        return ()
    return (SittingClosed(SittingEnd.DONE if is_left else SittingEnd.NOBODY_LEFT, room.rules.afterwards),)


def _within_topic(room: Room, at: int, custom: Policy | None) -> Sequence[Event]:
    # Without `until` a topic is over between two rounds only: nothing need be asked within one.
    if room.rules.until or room.round is None:
        reason = topic_end(room, at)
        if reason is not None:
            return (*revoke_all(room, HOST), TopicClosed(reason))
        if room.round is None and has_rounds(room.rules.policy):
            return (_open_round(room),)
    names = next_seats(room, custom)
    if names:
        return (grant(room, names[0], at),) if len(names) == 1 else _grants(room, names, at)
    if room.turns or not has_turns(room.rules.policy):
        return ()
    if room.round is not None:
        return (RoundClosed(room.round.number),)
    return () if candidates(room) else (TopicClosed(TopicEnd.NOBODY_LEFT),)


def _grants(room: Room, names: Sequence[Name], at: int) -> Sequence[Event]:
    # Not in the rule itself: every call of it would make the cells in which a comprehension finds `room` and `at`.
    return [grant(room, name, at, after=place) for place, name in enumerate(names)]


def _open_round(room: Room) -> Event:
    order = round_order(room)
    # Where everybody is on the bench nobody can be waited for.
    if not (candidates(room) if order is None else order):
        return TopicClosed(TopicEnd.NOBODY_LEFT)
    return RoundOpened(room.rounds_closed + 1, known_rounds(room.rules), order)
