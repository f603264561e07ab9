"""The seats: who may take one, who is away from it, and how it is given up.

One rule per function. A rule reads the room and returns the events that follow; it never waits, reads a clock or
changes its arguments. `at` is milliseconds since the epoch.
"""

from __future__ import annotations

from typing import Final

from moothall.engine.commands import Join, Leave, Remove
from moothall.engine.events import (
    CameBack,
    Event,
    FloorRevoked,
    LeaveReason,
    Left,
    Removed,
    Seated,
    SittingOpened,
    TopicQueued,
    WentAway,
)
from moothall.engine.names import RESERVED_NAMES, Name, fold
from moothall.engine.room import Room
from moothall.errors import Reason, Rejected

__all__ = ["MAX_ABOUT_CHARS", "OPERATOR", "away_events", "come_back", "go_away", "join", "leave", "remove", "require"]

MAX_ABOUT_CHARS: Final = 200
OPERATOR: Final = "operator"
"""How an event names the person who runs the server."""


def join(room: Room, command: Join) -> list[Event]:
    """Take the lowest free seat. The first to come opens the sitting, and its agenda.

    Raises:
        Rejected: ROOM_FULL; NAME_TAKEN, about the name as it is seated; BAD_VALUE, about `about`.
    """
    if len(room.seats) >= room.rules.seats:
        raise Rejected(Reason.ROOM_FULL, room.name)
    taken = room.seated_as(command.name)
    if taken is not None or fold(command.name) in RESERVED_NAMES | {fold(room.rules.host)}:
        raise Rejected(Reason.NAME_TAKEN, taken or command.name)
    if len(command.about) > MAX_ABOUT_CHARS:
        raise Rejected(Reason.BAD_VALUE, f"about, at most {MAX_ABOUT_CHARS} characters")
    numbers = {seat.number for seat in room.seats.values()}
    number = next(number for number in range(1, room.rules.seats + 1) if number not in numbers)
    seated = Seated(command.name, number, command.kind, command.about, command.keyed)
    return [*_sitting_opened(room), seated]


def leave(room: Room, command: Leave) -> list[Event]:
    """Give the seat up; an open turn ends with it."""
    require(room, command.name)
    return [Left(command.name, command.reason)]


def remove(room: Room, command: Remove) -> list[Event]:
    """Take a seat away, and first the floor where its owner has it."""
    name = room.seated_as(command.name)
    if name is None:
        raise Rejected(Reason.NO_SEAT, command.name)
    turn = room.turn_of(name)
    revoked: list[Event] = [FloorRevoked(name, turn.number, by=OPERATOR)] if turn else []
    return [*revoked, Removed(name, by=OPERATOR, reason=command.reason)]


def go_away(room: Room, name: Name, at: int) -> list[Event]:
    """Hold a seat whose connection is lost; a seat that cannot be come back to is given up."""
    seat = room.seats[require(room, name)]
    if seat.away_until is not None:
        return []
    return away_events(room, name, at, LeaveReason.LOST)


def come_back(room: Room, name: Name) -> list[Event]:
    """Take the held seat again. Coming back to a seat that nobody has missed changes nothing."""
    seat = room.seats[require(room, name)]
    return [] if seat.away_until is None else [CameBack(name)]


def away_events(room: Room, name: Name, at: int, reason: LeaveReason) -> list[Event]:
    """Return what follows when nobody sits behind `name` any more: held with a key, else given up for `reason`."""
    if not room.seats[name].keyed:
        return [Left(name, reason)]
    return [WentAway(name, until=at + round(room.rules.away_seconds * 1000))]


def require(room: Room, name: Name) -> Name:
    """Return `name` where it has a seat.

    Raises:
        Rejected: NO_SEAT.
    """
    if name not in room.seats:
        raise Rejected(Reason.NO_SEAT, name)
    return name


def _sitting_opened(room: Room) -> list[Event]:
    if room.has_sitting:
        return []
    opened = SittingOpened(room.sitting + 1, room.rules.seats, room.rules.labels)
    return [opened, *(TopicQueued(topic) for topic in room.rules.agenda)]
