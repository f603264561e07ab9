"""A change: one event with the room before and after it, which is all that any dialect may need to say it.

A dialect turns changes into lines. Most readers of a dialect read the same bytes; at most one reader per change, the
participant whom it is about, may have a line of its own.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from moothall.engine.events import Event
from moothall.engine.names import Name
from moothall.engine.room import Room

__all__ = ["Change", "Dialect", "Line"]


class Change(msgspec.Struct, frozen=True, gc=False):
    """One event that was committed. `body` is its entry: the JSON line without its line break, encoded once."""

    event: Event
    before: Room
    after: Room
    body: bytes


class Line(msgspec.Struct, frozen=True, gc=False):
    """What a dialect says of a change: bytes for everyone, and others for `own_name`, where it is not None.

    Both end in a line break, or are empty where there is nothing to say.
    """

    shared: bytes
    own_name: Name | None = None
    own: bytes = b""


class Dialect(msgspec.Struct, frozen=True, gc=False):
    """One way to say changes. `needs_room`: its lines cannot be made from an entry alone."""

    name: str
    encode: Callable[[Change], Line]
    needs_room: bool
