"""A change: one event with the room before and after it, which is all that any dialect may need to say it.

A dialect turns changes into lines. Most readers of a dialect read the same bytes; at most one reader per change, the
participant whom it is about, may have words of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from moothall.engine.events import Event
from moothall.engine.evolve import Step
from moothall.engine.names import Name
from moothall.engine.room import Room

__all__ = ["Change", "Dialect", "Own", "changes_from"]


class Change(msgspec.Struct, frozen=True, gc=False):
    """One event that was committed. `body` is its entry: the JSON line without its line break, encoded once."""

    event: Event
    before: Room
    after: Room
    body: bytes


def changes_from(room: Room, steps: Iterable[Step], bodies: Iterable[bytes]) -> list[Change]:
    """Return what steps change that begin at `room`; `bodies` are their entries."""
    changes: list[Change] = []
    for (event, after), body in zip(steps, bodies, strict=True):
        changes.append(Change(event, room, after, body))
        room = after
    return changes


Own = tuple[Name, bytes]
"""Who reads a change in other words than everybody else, and these words."""


class Dialect(msgspec.Struct, frozen=True, gc=False):
    """One way to say changes.

    `encode`: a change in the words for everybody, which end in a line break, or are empty where there is nothing to
    say; None where everybody reads the entry as it is. `own`: the same for whoever reads a change otherwise; None where
    nobody ever does.
    `needs_room`: its words cannot be made from an entry alone.
    """

    name: str
    encode: Callable[[Change], bytes] | None
    needs_room: bool
    own: Callable[[Change], Own | None] | None = None

    def line(self, change: Change, reader: Name | None) -> bytes:
        """Return what `reader` reads of a change; None: somebody without a name."""
        own = None if self.own is None else self.own(change)
        if own is not None and own[0] == reader:
            return own[1]
        return change.body + b"\n" if self.encode is None else self.encode(change)
