"""A log that fails when it is told to: what a full disk, or one that is pulled out, does to a hall."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from moothall.engine.names import RoomName
from moothall.errors import DataCorrupt, StorageError
from moothall.log.memory import MemoryLog
from moothall.log.room_log import PAGE_BYTES, PAGE_ENTRIES, Batch, Entry, Held, RoomLog, RoomSummary

__all__ = ["FailingLog"]


class FailingLog:
    """A `RoomLog` around another one that raises StorageError at chosen commits, of which it then keeps nothing.

    `commits` counts the commits that were tried, the failed ones too; `batches` are those that were kept.

    Args:
        log: where entries are kept in the end; None, and it is a `MemoryLog`.
        fails_at: which commits fail, counted from 1.
    """

    def __init__(self, log: RoomLog | None = None, fails_at: Collection[int] = ()) -> None:
        self.commits = 0
        self.batches: list[Batch] = []
        self.fails_at = set(fails_at)
        self._log: RoomLog = MemoryLog() if log is None else log
        self._is_failing = False
        self._is_unreadable = False
        self._is_damaged = False

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Let every commit fail for as long as the block lasts."""
        self._is_failing = True
        try:
            yield
        finally:
            self._is_failing = False

    @contextmanager
    def damaged(self) -> Iterator[None]:
        """Let every commit find the file damaged for as long as the block lasts."""
        self._is_damaged = True
        try:
            yield
        finally:
            self._is_damaged = False

    @contextmanager
    def unreadable(self) -> Iterator[None]:
        """Let everything that is read fail for as long as the block lasts."""
        self._is_unreadable = True
        try:
            yield
        finally:
            self._is_unreadable = False

    @property
    def epoch(self) -> str:
        return self._log.epoch

    def commit(self, batch: Batch) -> None:
        self.commits += 1
        if self._is_failing or self.commits in self.fails_at:
            raise StorageError("The disk is full, says the test.")
        if self._is_damaged:
            raise DataCorrupt("The file is damaged, says the test.")
        self._log.commit(batch)
        self.batches.append(batch)

    def read(
        self, room: RoomName, *, after: int, limit: int = PAGE_ENTRIES, max_bytes: int = PAGE_BYTES
    ) -> list[Entry]:
        if self._is_unreadable:
            raise StorageError("The disk cannot be read, says the test.")
        return self._log.read(room, after=after, limit=limit, max_bytes=max_bytes)

    def rooms(self) -> list[RoomSummary]:
        return self._log.rooms()

    def held(self, room: RoomName) -> Held:
        return self._log.held(room)

    def close(self) -> None:
        self._log.close()
