"""A command and a room make events, or the command is rejected: one match that calls the rules.

Nothing but the arguments decides: no clock, no chance, no memory of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from moothall.engine import floor, seats, topics
from moothall.engine.commands import (
    CallTime,
    CloseRoom,
    CloseSitting,
    ComeBack,
    Command,
    GoAway,
    HostSay,
    Join,
    Leave,
    Next,
    OpenRoom,
    Pass,
    Pause,
    QueueTopic,
    Remove,
    Reopen,
    Say,
    Skip,
    Unpause,
)
from moothall.engine.events import Event, LeaveReason, Paused, RoomClosed, RoomOpened, Unpaused
from moothall.engine.evolve import evolve
from moothall.engine.room import Room
from moothall.engine.rounds import advance
from moothall.errors import Reason, Rejected

__all__ = ["decide", "unfold"]


def decide(room: Room, command: Command, at: int) -> list[Event]:
    """Return the events that follow from `command` at `at`, milliseconds since the epoch, in their order.

    An empty list: the command asks for what is so already.

    Args:
        at: never before `room.at`.

    Raises:
        Rejected: the rules say no; the room is as it was.
    """
    return [event for event, _ in unfold(room, command, at)]


def unfold(room: Room, command: Command, at: int) -> list[tuple[Event, Room]]:
    """Decide as `decide` does, and return with each event the room after it: a writer needs both."""
    if (room.is_closed or not room.seq) and not isinstance(command, OpenRoom):
        raise Rejected(Reason.NO_SUCH_ROOM, room.name)
    steps: list[tuple[Event, Room]] = []
    for event in _asked(room, command, at):
        room = evolve(room, event, at)
        steps.append((event, room))
    return [*steps, *advance(room, at)]


def _asked(room: Room, command: Command, at: int) -> list[Event]:  # noqa: PLR0912 - one line a command
    match command:
        case Say():
            return floor.say(room, command)
        case Pass():
            return floor.pass_turn(room, command)
        case CallTime():
            return _call_time(room, at)
        case Join():
            return seats.join(room, command)
        case Leave():
            return seats.leave(room, command)
        case GoAway(name):
            return seats.go_away(room, name, at)
        case ComeBack(name):
            return seats.come_back(room, name)
        case QueueTopic():
            return topics.queue_topic(command)
        case Next():
            return topics.next_topic(room)
        case Skip():
            return floor.skip(room)
        case Remove():
            return seats.remove(room, command)
        case Pause():
            return [] if room.paused_at is not None else [Paused()]
        case Unpause():
            return _unpause(room, at)
        case HostSay():
            return topics.host_say(room, command)
        case CloseSitting():
            return topics.close_sitting(room)
        case CloseRoom():
            return [*(topics.close_sitting(room) if room.has_sitting else []), RoomClosed()]
        case Reopen():
            return _reopen(room, command, at)
        case OpenRoom():
            return _open_room(room, command)
        case _:
            assert_never(command)


def _open_room(room: Room, command: OpenRoom) -> list[Event]:
    if room.has_sitting:
        raise Rejected(Reason.NOT_ALLOWED, "other rules in the middle of a sitting")
    if room.seq and not room.is_closed and (room.rules, room.seed) == (command.rules, command.seed):
        return []
    return [RoomOpened(room.name, command.rules, command.seed)]


def _after(room: Room, events: Iterable[Event], at: int) -> Room:
    for event in events:
        room = evolve(room, event, at)
    return room


def _call_time(room: Room, at: int) -> list[Event]:
    events: list[Event] = []
    while (event := floor.due(room, at)) is not None:
        events.append(event)
        room = evolve(room, event, at)
    return events


def _unpause(room: Room, at: int) -> list[Event]:
    if room.paused_at is None:
        return []
    return [Unpaused(), *floor.reopen_turns(room, room.paused_at, at)]


def _reopen(room: Room, command: Reopen, at: int) -> list[Event]:
    events: list[Event] = []
    for name in room.seats:
        if name not in command.here:
            events += seats.away_events(room, name, at, LeaveReason.RESTART)
    if room.paused_at is not None:
        return events
    return [*events, *floor.reopen_turns(_after(room, events, at), command.since, at)]
