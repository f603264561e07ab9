"""A change: one event with the room before and after it, which is all that any dialect may need to say it.

A dialect turns changes into lines. Most readers of a dialect read the same bytes; at most one reader per change, the
participant whom it is about, may have words of its own.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from moothall.engine.events import Event
from moothall.engine.names import Name
from moothall.engine.room import Room

__all__ = ["Change", "Dialect", "Own"]


class Change(msgspec.Struct, frozen=True, gc=False):
    """One event that was committed. `body` is its entry: the JSON line without its line break, encoded once."""

    event: Event
    before: Room
    after: Room
    body: bytes


Own = tuple[Name, bytes]
"""Who reads a change in other words than everybody else, and these words."""


class Dialect(msgspec.Struct, frozen=True, gc=False):
    """One way to say changes.

    `encode`: a change in the words for everybody, which end in a line break, or are empty where there is nothing to
    say. `own`: the same for whoever reads a change otherwise; None where nobody ever does.
    `needs_room`: its words cannot be made from an entry alone.
    """

    name: str
    encode: Callable[[Change], bytes]
    needs_room: bool
    own: Callable[[Change], Own | None] | None = None

    def line(self, change: Change, reader: Name | None) -> bytes:
        """Return what `reader` reads of a change; None: somebody without a name."""
        own = None if self.own is None else self.own(change)
        return self.encode(change) if own is None or own[0] != reader else own[1]
