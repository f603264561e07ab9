"""A log in memory: for tests, and for rooms that nobody needs to remember. It is gone with its process."""

from __future__ import annotations

import secrets

from moothall.engine.names import Name, RoomName, Seq
from moothall.errors import Conflict
from moothall.log.room_log import PAGE_BYTES, PAGE_ENTRIES, Base, Batch, Entry, Held, RoomSummary, entries_of, page

__all__ = ["MemoryLog"]


class _Shelf:
    """One room's part of the log."""

    __slots__ = ("base", "entries", "keys", "open")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.keys: dict[Name, bytes] = {}
        self.open = False
        self.base: Base | None = None

    @property
    def first_seq(self) -> int:
        return 1 if self.base is None else self.base.seq + 1

    @property
    def last_seq(self) -> int:
        return self.first_seq + len(self.entries) - 1

    def cut(self, base: Base) -> None:
        if self.first_seq <= base.seq <= self.last_seq:
            del self.entries[: base.seq + 1 - self.first_seq]
            self.base = base


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
        for room, run in batch.runs.items():
            self._shelf(room).entries += entries_of(room, run.first_seq, run.body)
        for change in batch.keys:
            keys = self._shelf(change.room).keys
            if change.digest is None:
                keys.pop(change.name, None)
            else:
                keys[change.name] = change.digest
        for mark in batch.marks:
            self._shelf(mark.room).open = mark.open
        for cut in batch.cuts:
            self._shelves[cut.room].cut(cut.base)

    def read(
        self, room: RoomName, *, after: int, limit: int = PAGE_ENTRIES, max_bytes: int = PAGE_BYTES
    ) -> list[Entry]:
        shelf = self._shelves.get(room)
        if shelf is None:
            return []
        skipped = max(after + 1 - shelf.first_seq, 0)
        return page(shelf.entries[skipped : skipped + limit], limit=limit, max_bytes=max_bytes)

    def rooms(self) -> list[RoomSummary]:
        return [
            RoomSummary(room, shelf.open, Seq(shelf.last_seq), Seq(shelf.first_seq))
            for room, shelf in self._shelves.items()
        ]

    def held(self, room: RoomName) -> Held:
        shelf = self._shelves.get(room)
        return Held(dict(shelf.keys), shelf.base) if shelf else Held()

    def flush(self) -> None:
        """Do nothing: a commit keeps at once what it ever will."""

    def close(self) -> None:
        """Do nothing: there is no file to let go of."""

    def abandon(self) -> None:
        """Do nothing, likewise."""

    def _check_seqs(self, batch: Batch) -> None:
        for room, run in batch.runs.items():
            shelf = self._shelves.get(room)
            expected = (shelf.last_seq if shelf else 0) + 1
            if run.first_seq != expected:
                raise Conflict(f"The next entry of room {room} has the seq {expected}, not {run.first_seq}.")

    def _shelf(self, room: RoomName) -> _Shelf:
        return self._shelves.setdefault(room, _Shelf())
