"""A policy of the operator's own, kept from stopping a room: whatever it does wrong, `round-robin` decides instead.

What it does wrong is said in the diagnostics, once for each room and kind of fault.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from traceback import extract_tb

from msgspec.structs import replace

from moothall.engine.names import Name, RoomName
from moothall.engine.policies import Policy, may_grant, still_to_come
from moothall.engine.room import Room
from moothall.wire.safe_text import safe_text

__all__ = ["guarded"]

logger = logging.getLogger(__name__)


def guarded(policy: Callable[[Room], object]) -> Policy:
    """Return a policy that answers as `policy` does where that is names who can be granted, else None.

    None is no fault where it is the answer. An error, `sys.exit()` among them, is one like any other; a function that
    never returns cannot be helped.
    """
    told: set[tuple[RoomName, str]] = set()

    def fall_back(room: Room, kind: str, detail: str) -> None:
        if (room.name, kind) not in told:
            told.add((room.name, kind))
            logger.warning("policy fell back room=%s fault=%s", room.name, safe_text(detail))

    def next_seats(room: Room) -> tuple[Name, ...] | None:
        try:
            answer = policy(replace(room, seats=dict(room.seats)))  # what it does to them it does to a copy
        except (Exception, SystemExit) as error:  # somebody else's code: whatever it does costs its say, not the room
            fall_back(room, type(error).__name__, f"{type(error).__name__}{_said(error)}{_place(error)}")
            return None
        if answer is None:
            return None
        names = _names(answer)
        if names is None:
            fall_back(room, "no names", f"{type(answer).__name__} returned: a tuple or list of names is wanted")
            return None
        if not may_grant(room, names):
            fall_back(room, "not to be granted", f"{', '.join(names)} returned: who has a turn to come is wanted")
            return None
        if not names and _stands_still(room):
            fall_back(room, "nobody", "nobody has the floor in the whole round: who is first is wanted")
            return None
        return names

    return next_seats


def _stands_still(room: Room) -> bool:
    begun = room.turns or (room.round is not None and room.round.done)
    return not begun and bool(still_to_come(room))


def _names(answer: object) -> tuple[Name, ...] | None:
    if not isinstance(answer, (tuple, list)) or not all(isinstance(name, str) for name in answer):
        return None
    return tuple([Name(name) for name in answer])


def _said(error: BaseException) -> str:
    try:
        return f": {error}"
    except Exception:  # its own code too
        return ""


def _place(error: BaseException) -> str:
    below = extract_tb(error.__traceback__)[1:]  # the first is the call above
    return f" ({Path(below[-1].filename).name}, line {below[-1].lineno})" if below else ""
