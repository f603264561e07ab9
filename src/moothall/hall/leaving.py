"""Whom a change sends away: the seats that are given up with it, and the visits that it ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from moothall.engine.events import Left, Removed, RoomClosed, SittingClosed
from moothall.engine.names import Name
from moothall.engine.words import Afterwards, SittingEnd
from moothall.wire.change import Change

if TYPE_CHECKING:
    from moothall.hall.visit import Visit

__all__ = ["ends", "given_up"]


def given_up(changes: Sequence[Change]) -> list[Name]:
    """Return the seats that are given up with these changes, and with which their keys go."""
    names: list[Name] = []
    for change in changes:
        match change.event:
            case Left(name) | Removed(name):
                names.append(name)
            case SittingClosed():
                names += change.before.seats
    return names


def ends(change: Change, visit: Visit) -> bool:
    """Tell whether a visit that was there before the change is over with it."""
    if change.after.seq <= visit.since or visit.is_onlooker:
        return False
    match change.event:
        case Left(name) | Removed(name):
            return name == visit.name
        case SittingClosed(reason, afterwards):
            # Where nobody is left but spectators, and the room stays, they stay.
            return afterwards is not Afterwards.STAY or reason is not SittingEnd.NOBODY_LEFT
        case RoomClosed():
            return True
    return False
