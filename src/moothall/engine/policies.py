"""Who is next: one pure function per policy, from the room to the seats to grant the floor to now.

A policy is asked again after every event until it grants nobody. It may look at everything in the room; it never
waits, and it never grants a seat that holds the floor already.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from moothall.engine.names import Name
from moothall.engine.room import Room
from moothall.engine.rules import PolicyName

__all__ = ["has_rounds", "next_seats", "round_order"]

Policy = Callable[[Room], tuple[Name, ...]]


def next_seats(room: Room) -> tuple[Name, ...]:
    """Return the seats to which the room's policy grants the floor now."""
    return _POLICIES[room.rules.policy](room)


def has_rounds(policy: PolicyName) -> bool:
    """Tell whether the policy knows rounds and turns; without them anyone may speak at any time."""
    return policy is not PolicyName.OPEN


def round_order(room: Room) -> tuple[Name, ...] | None:
    """Return the order of the round that opens now, where the policy knows it beforehand."""
    return tuple(room.seats)


def round_robin(room: Room) -> tuple[Name, ...]:
    """Grant the seats in the order in which they joined, one at a time."""
    if room.turns or room.round is None:
        return ()
    for name in room.round.order:
        if name in room.seats and name not in room.round.done:
            return (name,)
    return ()


def open_floor(_room: Room) -> tuple[Name, ...]:
    """Grant nobody: everybody may speak as it is."""
    return ()


_POLICIES: Final[dict[PolicyName, Policy]] = {
    PolicyName.ROUND_ROBIN: round_robin,
    PolicyName.OPEN: open_floor,
}
