"""Who waits for a seat in a full room, in the order in which they came.

Nobody who waits is in the room, or in its log: a wish is kept with its connection, and is tried again when a seat is
free.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from moothall.engine.names import fold
from moothall.errors import Rejected
from moothall.wire.change import Dialect

if TYPE_CHECKING:
    from moothall.hall.lobby import OnWelcome, Wish
    from moothall.hall.visit import Connection

__all__ = ["Knock", "WaitingList"]


class Knock(msgspec.Struct, frozen=True):
    """Somebody who asks to come in: the wish, and whom to tell how it came out."""

    wish: Wish
    connection: Connection
    dialect: Dialect
    on_welcome: OnWelcome
    on_refused: Callable[[Rejected], None]


class WaitingList:
    """The lines of all rooms."""

    def __init__(self) -> None:
        self._lines: dict[str, list[Knock]] = {}

    def add(self, room: str, knock: Knock) -> int:
        """Let somebody wait for a room; return the place in its line, from 1."""
        line = self._lines.setdefault(fold(room), [])
        line.append(knock)
        return len(line)

    def line(self, room: str) -> list[Knock]:
        """Return who waits for a room, in order."""
        return list(self._lines.get(fold(room), ()))

    def remove(self, connection: Connection) -> bool:
        """Let somebody wait no longer; tell whether they did."""
        for room, line in self._lines.items():
            for knock in line:
                if knock.connection is connection:
                    line.remove(knock)
                    if not line:
                        del self._lines[room]
                    return True
        return False
