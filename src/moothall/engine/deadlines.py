"""The deadlines of a room: when the next one is, what follows from one that has come, and how they move.

A deadline comes into the rules as the command `CallTime`. It is never early: nothing follows before its moment.
"""

from __future__ import annotations

from typing import Final, assert_never

from moothall.engine.endings import end_deadline, silence_deadline, topic_end
from moothall.engine.events import Benched, Event, FloorGranted, Left, Removed, Reopened, TimeCalled, TopicReopened
from moothall.engine.gathering import reopened_gathering, short_deadline, when_short
from moothall.engine.names import Name
from moothall.engine.policies import stand_in
from moothall.engine.room import Room
from moothall.engine.rules import milliseconds, turn_seconds_of
from moothall.engine.until import leaves, parse_until
from moothall.engine.words import LeaveReason, OnMissed, PolicyName, TopicEnd

__all__ = ["HOST", "MIN_REOPENED_MS", "due", "grant", "next_deadline", "reopened", "what_missing_costs"]

MIN_REOPENED_MS: Final = 5_000
"""What a turn has left, at the least, after time stood still: enough to come back in and answer."""
HOST: Final = "host"
"""How an event names what the rules do by themselves."""
MISSED: Final = "missed_turns"
"""Why somebody is removed who has missed too many turns."""


def next_deadline(room: Room) -> int | None:
    """Return the moment at which `CallTime` is due next, or None. A pause stops the turns' clocks, not the seats'."""
    earliest = room.held_until
    if room.topic is None:
        short = short_deadline(room)
        return short if short is not None and (earliest is None or short < earliest) else earliest
    if room.paused_at is not None:
        return earliest
    for turn in room.turns:
        if turn.deadline is not None and (earliest is None or turn.deadline < earliest):
            earliest = turn.deadline
    if room.rules.until or not room.turns:
        for moment in (end_deadline(room), _stand_in_deadline(room)):
            if moment is not None and (earliest is None or moment < earliest):
                earliest = moment
    return earliest


def due(room: Room, at: int) -> Event | None:
    """Return what follows from the earliest deadline that `at` has reached.

    It is a turn's, a held seat's, the chair's, or that of a room that gathers.
    """
    moments: list[tuple[int, int, Event]] = []
    if room.paused_at is None:
        for turn in room.turns:
            if turn.deadline is not None:
                missed = room.seats[turn.name].missed + 1
                moments.append((turn.deadline, 0, TimeCalled(turn.name, turn.number, missed)))
    for name, seat in room.seats.items():
        if seat.away_until is not None:
            moments.append((seat.away_until, 1, Left(name, LeaveReason.AWAY)))
    silence = _stand_in_deadline(room)
    if silence is not None and topic_end(room, at) is None:
        moments.append((silence, 2, grant(room, stand_in(room)[0], at)))
    short = short_deadline(room)
    if short is not None:
        moments.append((short, 3, when_short(room, at)))
    first = min(moments, key=lambda moment: moment[:2], default=None)
    return first[2] if first and first[0] <= at else None


def what_missing_costs(room: Room, event: Event) -> list[Event]:
    """Return what follows from a missed turn, in the room after it: nothing, the bench, or the seat."""
    if not isinstance(event, TimeCalled) or event.missed < room.rules.missed_turns:
        return []
    match room.rules.on_missed:
        case OnMissed.BENCH:
            return [Benched(event.name, event.missed)]
        case OnMissed.REMOVE:
            return [Removed(event.name, by=HOST, reason=MISSED)]
        case OnMissed.NONE:
            return []
        case _:
            assert_never(room.rules.on_missed)


def grant(room: Room, name: Name, at: int, *, after: int = 0) -> FloorGranted:
    """Give the floor to `name` for one turn, `after` so many others that are granted at the same time."""
    rules = room.rules
    seconds = turn_seconds_of(rules, name) if rules.seat_seconds else rules.turn_seconds
    deadline = at + milliseconds(seconds) if seconds else None
    return FloorGranted(name, room.turn_number + 1 + after, deadline, seconds)


def reopened(room: Room, since: int, at: int) -> list[Event]:
    """Return what gives the time back that has stood still since `since`.

    Every open turn has what it had left, and never less than five seconds; the topic's own seconds go on.
    """
    turns: list[Event] = [
        Reopened(turn.number, deadline=at + max(turn.deadline - since, MIN_REOPENED_MS))
        for turn in room.turns
        if turn.deadline is not None
    ]
    if room.topic is None:
        return reopened_gathering(room, since, at, MIN_REOPENED_MS)
    if not (_has_clock(room) or silence_deadline(room) is not None):
        return turns
    opened = room.topic.since
    return [*turns, TopicReopened(opened + max(at - max(since, opened), 0))]


def _stand_in_deadline(room: Room) -> int | None:
    # When the chair has had as long as a turn lasts to give the floor to somebody.
    if room.rules.policy is not PolicyName.CHAIR or not stand_in(room):
        return None
    return silence_deadline(room)


def _has_clock(room: Room) -> bool:
    until = room.rules.until
    return bool(until) and any(leaf.word is TopicEnd.SECONDS for leaf in leaves(parse_until(until)))
