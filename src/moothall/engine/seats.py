"""The seats: who may take one, who is away from it, and how it is given up.

One rule per function. A rule reads the room and returns the events that follow; it never waits, reads a clock or
changes its arguments. `at` is milliseconds since the epoch.
"""

from __future__ import annotations

from typing import Final

from moothall.engine.commands import Join, Leave, Return
from moothall.engine.events import (
    CameBack,
    ChairNamed,
    Event,
    Left,
    Returned,
    Seated,
    SittingOpened,
    TopicQueued,
    WentAway,
)
from moothall.engine.gathering import gathers_until, is_kept_from
from moothall.engine.names import RESERVED_NAMES, Name, fold
from moothall.engine.room import Room
from moothall.engine.words import LeaveReason
from moothall.errors import Reason, Rejected

__all__ = [
    "MAX_ABOUT_CHARS",
    "away_events",
    "check_name",
    "come_back",
    "come_off_bench",
    "go_away",
    "join",
    "leave",
    "require",
]

MAX_ABOUT_CHARS: Final = 200


def join(room: Room, command: Join, at: int) -> list[Event]:
    """Take the lowest free seat. The first to come opens the sitting, with its chair and its agenda.

    Raises:
        Rejected: ROOM_FULL, also where the free seats are kept for others; NAME_TAKEN, about the name as it is seated;
            BAD_VALUE, about `about`.
    """
    if len(room.seats) >= room.rules.seats:
        raise Rejected(Reason.ROOM_FULL, room.name)
    check_name(room, command.name)
    if len(command.about) > MAX_ABOUT_CHARS:
        raise Rejected(Reason.BAD_VALUE, f"about is at most {MAX_ABOUT_CHARS} characters")
    if room.rules.reserve and is_kept_from(room, command.name):
        raise Rejected(Reason.ROOM_FULL, room.name)
    numbers = {seat.number for seat in room.seats.values()}
    number = next(number for number in range(1, room.rules.seats + 1) if number not in numbers)
    seated = Seated(command.name, number, command.kind, command.about, command.keyed)
    return [*_sitting_opened(room, at), seated]


def check_name(room: Room, name: Name) -> None:
    """Check that somebody may be called so in a room.

    Raises:
        Rejected: NAME_TAKEN, about the name as it is seated.
    """
    taken = room.seated_as(name)
    if taken is not None or fold(name) in RESERVED_NAMES | {fold(room.rules.host)}:
        raise Rejected(Reason.NAME_TAKEN, taken or name)


def leave(room: Room, command: Leave) -> list[Event]:
    """Give the seat up; an open turn ends with it."""
    require(room, command.name)
    return [Left(command.name, command.reason)]


def come_off_bench(room: Room, command: Return) -> list[Event]:
    """Come back from the bench; the next turn is one of the next round. Elsewhere this changes nothing."""
    name = require(room, command.name)
    return [Returned(name)] if room.seats[name].is_benched else []


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


def _sitting_opened(room: Room, at: int) -> list[Event]:
    if room.has_sitting:
        return []
    opened = SittingOpened(room.sitting + 1, room.rules.seats, room.rules.labels, gathers_until(room.rules, at))
    chair: list[Event] = [ChairNamed(room.rules.chair)] if room.rules.chair else []
    return [opened, *chair, *(TopicQueued(topic) for topic in room.rules.agenda)]
