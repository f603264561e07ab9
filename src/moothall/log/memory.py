"""A log in memory: for tests, and for rooms that nobody needs to remember. It is gone with its process."""

from __future__ import annotations

import secrets
from itertools import islice

from moothall.engine.names import Name, RoomName, Seq
from moothall.errors import Conflict
from moothall.log.room_log import PAGE_BYTES, PAGE_ENTRIES, Batch, Entry, RoomSummary, page

__all__ = ["MemoryLog"]


class _Shelf:
    """One room's part of the log."""

    __slots__ = ("entries", "keys", "open")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.keys: dict[Name, bytes] = {}
        self.open = False


class MemoryLog:
    """A `RoomLog` without a file. Nothing in it can fail but a `Conflict`."""

    def __init__(self) -> None:
        self._epoch = f"e_{secrets.token_hex(8)}"
        self._shelves: dict[RoomName, _Shelf] = {}

    @property
    def epoch(self) -> str:
        return self._epoch

    def commit(self, batch: Batch) -> None:
        self._check_seqs(batch)
        for entry in batch.entries:
            self._shelf(entry.room).entries.append(entry)
        for change in batch.keys:
            keys = self._shelf(change.room).keys
            if change.digest is None:
                keys.pop(change.name, None)
            else:
                keys[change.name] = change.digest
        for mark in batch.marks:
            self._shelf(mark.room).open = mark.open

    def read(
        self, room: RoomName, *, after: int, limit: int = PAGE_ENTRIES, max_bytes: int = PAGE_BYTES
    ) -> list[Entry]:
        shelf = self._shelves.get(room)
        if shelf is None:
            return []
        # The entry with seq n has the index n - 1.
        return page(islice(shelf.entries, max(after, 0), None), limit=limit, max_bytes=max_bytes)

    def rooms(self) -> list[RoomSummary]:
        return [RoomSummary(room, shelf.open, Seq(len(shelf.entries))) for room, shelf in self._shelves.items()]

    def keys(self, room: RoomName) -> dict[Name, bytes]:
        shelf = self._shelves.get(room)
        return dict(shelf.keys) if shelf else {}

    def flush(self) -> None:
        """Do nothing: a commit keeps at once what it ever will."""

    def close(self) -> None:
        """Do nothing: there is no file to let go of."""

    def _check_seqs(self, batch: Batch) -> None:
        last: dict[RoomName, int] = {}
        for entry in batch.entries:
            shelf = self._shelves.get(entry.room)
            expected = last.get(entry.room, len(shelf.entries) if shelf else 0) + 1
            if entry.seq != expected:
                raise Conflict(f"The next entry of room {entry.room} has the seq {expected}, not {entry.seq}.")
            last[entry.room] = expected

    def _shelf(self, room: RoomName) -> _Shelf:
        return self._shelves.setdefault(room, _Shelf())
