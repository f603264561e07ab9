"""How a room gathers: for whom its seats are kept, when it is short and what follows, and when it begins to talk.

Without rules for it a room waits until every seat is taken and nobody is away. `at` is milliseconds since the epoch.
"""

from __future__ import annotations

from typing import Final

from moothall.engine.events import Event, FillAsked, GatheringReopened, SittingClosed, SittingStarted
from moothall.engine.names import Name, fold
from moothall.engine.room import Phase, Room
from moothall.engine.rules import Rules, milliseconds
from moothall.engine.words import SittingEnd, StartReason, WhenShort
from moothall.errors import Reason, Rejected

__all__ = ["FILL_MS", "gathers_until", "is_kept_from", "may_start"]
__all__ += ["reopened_gathering", "short_deadline", "start", "when_short"]

FILL_MS: Final = 10_000
"""How long house bots are waited for: they come over loopback, in a moment or not at all."""


def may_start(room: Room) -> bool:
    """Tell whether a room that gathers begins to talk now."""
    if room.gathering.is_started:
        return room.here > 0
    is_complete = len(room.seats) == room.rules.seats and room.here == room.rules.seats
    return is_complete and not room.rules.hold_start


def start(room: Room) -> list[Event]:
    """Begin to talk with those who are here. Where the room talks already this changes nothing.

    Raises:
        Rejected: NOT_TALKING, nobody is here.
    """
    if not room.here:
        raise Rejected(Reason.NOT_TALKING, room.phase)
    if room.phase is not Phase.GATHERING or room.gathering.is_started:
        return []
    return [SittingStarted(StartReason.OPERATOR)]


def gathers_until(rules: Rules, at: int) -> int | None:
    """Return the moment from which a sitting that opens at `at` is short, if there is one."""
    return at + milliseconds(rules.gather_seconds) if rules.gather_seconds else None


def short_deadline(room: Room) -> int | None:
    """Return the moment at which a room that gathers does what it does when it is short; None: it waits."""
    gathering = room.gathering
    waits = room.has_sitting and room.phase is Phase.GATHERING and not gathering.is_started
    return gathering.until if waits and room.paused_at is None else None


def when_short(room: Room, at: int) -> Event:
    """Return what follows now that a room has gathered for long enough."""
    rules = room.rules
    if rules.when_short is WhenShort.CLOSE:
        return SittingClosed(SittingEnd.SHORT, rules.afterwards)
    empty = rules.seats - len(room.seats)
    if rules.when_short is WhenShort.FILL and empty and not room.gathering.is_filling:
        return FillAsked(empty, at + FILL_MS)
    return SittingStarted(StartReason.SHORT)


def reopened_gathering(room: Room, since: int, at: int, least_ms: int) -> list[Event]:
    """Return what gives the time back that has stood still since `since`."""
    until = room.gathering.until
    if until is None or not room.has_sitting or room.phase is not Phase.GATHERING or room.gathering.is_started:
        return []
    return [GatheringReopened(at + max(until - since, least_ms))]


def is_kept_from(room: Room, name: Name) -> bool:
    """Tell whether every free seat is kept for somebody else, who is still to come while the room gathers."""
    gathering = room.gathering
    if room.phase is not Phase.GATHERING or (room.has_sitting and (gathering.is_filling or gathering.is_started)):
        return False
    seated = {fold(other) for other in room.seats}
    kept = {fold(other) for other in room.rules.reserve} - seated
    return fold(name) not in kept and room.rules.seats - len(seated) <= len(kept)
