"""An excerpt of a room's log: which of its entries somebody wants, told as they go by. See docs/protocol/web.md §5.

Looks at no more of an entry than where it opens or closes a sitting, so that entries which nobody wants cost little.
"""

from __future__ import annotations

from typing import Final

import msgspec

from moothall.engine.room import Room
from moothall.errors import DataCorrupt

__all__ = ["CLOSES", "OPENS", "Excerpt"]

OPENS: Final = b'{"event":"sitting_opened",'
CLOSES: Final = b'{"event":"sitting_closed",'
"""How the entries begin that say where a sitting does, and where it ends."""


class Excerpt:
    """The entries after a seq, of one sitting or of all, and at most so many. To be asked once of each entry, in order.

    `is_over`: nothing more is wanted. `has_more`: entries that were wanted have been left out, as there were too many.

    Args:
        start: the room before the first entry that will be asked about.
        after: the seq.
        limit: how many entries; None: all.
        sitting: its number; None: of all of them, and of what was between them.
    """

    def __init__(self, start: Room, *, after: int = 0, limit: int | None = None, sitting: int | None = None) -> None:
        self._after = after
        self._left = limit
        self._wanted = sitting
        self._current = start.sitting if start.has_sitting else None
        self.is_over = False
        self.has_more = False

    def take(self, seq: int, body: bytes) -> bool:
        """Tell whether an entry is wanted.

        Raises:
            DataCorrupt: it opens a sitting without a number.
        """
        if self.is_over:
            return False
        if self._wanted is not None and not self._is_of_sitting(body, self._wanted):
            return False
        if seq <= self._after:
            return False
        if self._left == 0:
            self.has_more = self.is_over = True
            return False
        if self._left is not None:
            self._left -= 1
        return True

    def _is_of_sitting(self, body: bytes, wanted: int) -> bool:
        if body.startswith(OPENS):
            self._current = _number(body)
            self.is_over = self._current > wanted
        current = self._current
        if body.startswith(CLOSES):
            self._current = None
        return current == wanted


class _Opening(msgspec.Struct, frozen=True):
    sitting: int


_openings: Final = msgspec.json.Decoder(_Opening)


def _number(body: bytes) -> int:
    try:
        return _openings.decode(body).sitting
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise DataCorrupt("The log of a room has a sitting without a number.") from None
