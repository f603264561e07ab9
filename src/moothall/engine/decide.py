"""A command and a room make events, or the command is rejected: one match that calls the rules.

Nothing but the arguments decides: no clock, no chance, no memory of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from moothall.engine import chair, deadlines, floor, gathering, seats, topics
from moothall.engine.commands import (
    CallTime,
    CloseRoom,
    CloseSitting,
    ComeBack,
    Command,
    GoAway,
    Grant,
    HostSay,
    Join,
    Leave,
    NameChair,
    Next,
    OpenRoom,
    Pass,
    Pause,
    QueueTopic,
    Remove,
    Reopen,
    RequestFloor,
    Return,
    Revoke,
    Say,
    SetRules,
    Skip,
    Start,
    Unpause,
    Withdraw,
)
from moothall.engine.events import (
    Event,
    Paused,
    RoomClosed,
    RoomOpened,
    Unpaused,
)
from moothall.engine.evolve import Step, evolve
from moothall.engine.limits import check_rules
from moothall.engine.policies import Policy
from moothall.engine.room import Room
from moothall.engine.rounds import advance
from moothall.engine.words import LeaveReason
from moothall.errors import Reason, Rejected

__all__ = ["decide", "unfold"]


def decide(room: Room, command: Command, at: int, custom: Policy | None = None) -> list[Event]:
    """Return the events that follow from `command` at `at`, milliseconds since the epoch, in their order.

    An empty list: the command asks for what is so already.

    Args:
        at: never before `room.at`.
        custom: the function behind the policy `custom`.

    Raises:
        Rejected: the rules say no; the room is as it was.
    """
    return [event for event, _ in unfold(room, command, at, custom)]


def unfold(room: Room, command: Command, at: int, custom: Policy | None = None) -> list[Step]:
    """Decide as `decide` does, and return with each event the room after it: a writer needs both."""
    if (room.is_closed or not room.seq) and not isinstance(command, OpenRoom):
        raise Rejected(Reason.NO_SUCH_ROOM, room.name)
    return advance(room, _asked(room, command, at), at, custom)


def _asked(room: Room, command: Command, at: int) -> list[Event]:  # noqa: PLR0912 - one line a command
    if type(command) is Say:  # Nearly every command: see `evolve`.
        return floor.say(room, command)
    match command:
        case Pass():
            return floor.pass_turn(room, command)
        case CallTime():
            return _call_time(room, at)
        case Join():
            return seats.join(room, command, at)
        case Leave():
            return seats.leave(room, command)
        case GoAway(name):
            return seats.go_away(room, name, at)
        case ComeBack(name):
            return seats.come_back(room, name)
        case RequestFloor():
            return floor.request_floor(room, command)
        case Withdraw():
            return floor.withdraw(room, command)
        case Return():
            return seats.come_off_bench(room, command)
        case Grant():
            return chair.grant_floor(room, command, at)
        case Revoke():
            return chair.revoke(room, command)
        case QueueTopic():
            return topics.queue_topic(room, command)
        case Next():
            return topics.next_topic(room, command)
        case SetRules():
            return chair.set_rules(room, command)
        case NameChair():
            return chair.name_chair(room, command)
        case Start():
            return gathering.start(room)
        case Skip():
            return chair.revoke(room, Revoke())
        case Remove():
            return chair.remove(room, command)
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
    check_rules(command.rules)
    if room.seq and not room.is_closed and (room.rules, room.seed) == (command.rules, command.seed):
        return []
    return [RoomOpened(room.name, command.rules, command.seed)]


def _after(room: Room, events: Iterable[Event], at: int) -> Room:
    for event in events:
        room = evolve(room, event, at)
    return room


def _call_time(room: Room, at: int) -> list[Event]:
    events: list[Event] = []
    while (event := deadlines.due(room, at)) is not None:
        after = evolve(room, event, at)
        costs = deadlines.what_missing_costs(after, event)
        events += [event, *costs]
        room = _after(after, costs, at)
    return events


def _unpause(room: Room, at: int) -> list[Event]:
    if room.paused_at is None:
        return []
    return [Unpaused(), *deadlines.reopened(room, room.paused_at, at)]


def _reopen(room: Room, command: Reopen, at: int) -> list[Event]:
    events: list[Event] = []
    for name in room.seats:
        if name not in command.here:
            events += seats.away_events(room, name, at, LeaveReason.RESTART)
    if room.paused_at is not None:
        return events
    # Whatever is said of it, time had not stopped when the last event was stamped.
    since = max(command.since, room.at)
    return [*events, *deadlines.reopened(_after(room, events, at), since, at)]
