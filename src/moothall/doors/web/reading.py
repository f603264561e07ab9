"""One reading of a room's log, a page at a time, with everybody else's turn between two pages."""

from __future__ import annotations

from typing import Final

from moothall.doors.web.shifts import Shifts
from moothall.errors import StorageError
from moothall.hall.clerk import Clerk
from moothall.hall.hall import Hall
from moothall.log.room_log import Entry

__all__ = ["LogReading"]

_PAGE_ENTRIES: Final = 100
_PAGE_BYTES: Final = 16 * 1024
"""What is read, folded and written without a pause: a millisecond or two of work, and what a stalled reader holds."""


class LogReading:
    """A reading up to the last entry that was settled when it began: so it ends, however busy the room is.

    Args:
        after: begin behind this seq; what was forgotten before is passed over.
    """

    def __init__(self, hall: Hall, clerk: Clerk, shifts: Shifts, *, after: int = 0) -> None:
        self.last_seq = clerk.settled.seq
        self._hall = hall
        self._clerk = clerk
        self._shifts = shifts
        self._seq = max(after, clerk.first_seq - 1)

    async def page(self) -> list[Entry]:
        """Return the next entries, when it is their turn; none at the end.

        Raises:
            StorageError: they can't be read now, or were forgotten meanwhile.
            DataCorrupt: they are not what was written.
        """
        await self._shifts.next()
        if self._seq >= self.last_seq:
            return []
        if self._hall.is_stopping:
            raise StorageError("The server stops.")
        limit = min(_PAGE_ENTRIES, self.last_seq - self._seq)
        entries = self._clerk.log.read(self._clerk.name, after=self._seq, limit=limit, max_bytes=_PAGE_BYTES)
        if not entries or entries[0].seq != self._seq + 1:
            raise StorageError(f"The beginning of room {self._clerk.name} was forgotten while it was read.")
        self._seq = entries[-1].seq
        return entries
