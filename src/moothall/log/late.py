"""Durability NONE: a commit only remembers, and `flush`, called once a second and at the end, writes.

What was shown in the last second before a crash is lost; the next start then has a new epoch, so that no reader's
cursor points past what is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final, Protocol

from moothall.engine.names import RoomName
from moothall.errors import Conflict, StorageError
from moothall.log.room_log import (
    PAGE_BYTES,
    PAGE_ENTRIES,
    Batch,
    Entry,
    Held,
    KeyChange,
    RoomLog,
    RoomMark,
    RoomSummary,
    Run,
    entries_of,
    page,
)

__all__ = ["LateLog", "StoredLog"]

MAX_UNWRITTEN_BYTES: Final = 64 * 1024 * 1024
"""What is remembered while nothing can be written; then a commit fails as it does at the other durabilities."""


class StoredLog(RoomLog, Protocol):
    """A log whose commits are written when they return, and which can tell a clean end from another."""

    @property
    def missing_rows(self) -> int:
        """How many rows the server before had stored that were not there any more when the log was opened."""

    def abandon(self) -> None:
        """Close without saying that all which was shown is stored."""


class LateLog:
    """A `RoomLog` in front of another, which it owns."""

    def __init__(self, log: StoredLog) -> None:
        self._log = log
        self._last_seqs: dict[RoomName, int] = {room.room: room.last_seq for room in log.rooms()}
        # By room, in the order in which the rooms came.
        self._runs: dict[RoomName, list[Run]] = {}
        self._keys: list[KeyChange] = []
        self._marks: list[RoomMark] = []
        self._unwritten_bytes = 0

    @property
    def epoch(self) -> str:
        return self._log.epoch

    @property
    def missing_rows(self) -> int:
        """See `StoredLog.missing_rows`."""
        return self._log.missing_rows

    def commit(self, batch: Batch) -> None:
        if self._unwritten_bytes > MAX_UNWRITTEN_BYTES:
            raise StorageError("The log can't be written, and no more of it fits in memory.")
        for room, run in batch.runs.items():
            expected = self._last_seqs.get(room, 0) + 1
            if run.first_seq != expected:
                raise Conflict(f"The next entry of room {room} has the seq {expected}, not {run.first_seq}.")
        if batch.cuts:  # nobody waits for one, and what it reaches is to be written first
            self.flush()
            self._log.commit(Batch(cuts=batch.cuts))
        for room, run in batch.runs.items():
            self._last_seqs[room] = run.first_seq + run.count - 1
            self._unwritten_bytes += len(run.body)
            self._runs.setdefault(room, []).append(run)
        self._keys += batch.keys
        self._marks += batch.marks

    def read(
        self, room: RoomName, *, after: int, limit: int = PAGE_ENTRIES, max_bytes: int = PAGE_BYTES
    ) -> list[Entry]:
        stored = self._log.read(room, after=after, limit=limit, max_bytes=max_bytes)
        return page(chain(stored, self._unwritten(room, after)), limit=limit, max_bytes=max_bytes)

    def rooms(self) -> list[RoomSummary]:
        self.flush()
        return self._log.rooms()

    def held(self, room: RoomName) -> Held:
        self.flush()
        return self._log.held(room)

    def flush(self) -> None:
        """Write what is unwritten, all in one transaction.

        Raises:
            StorageError: it can't be written now; it is kept, and the next flush tries again.
        """
        # What a room had in many batches is one run: that makes fewer rows.
        runs = {room: _joined(runs) for room, runs in self._runs.items()}
        self._log.commit(Batch(runs, self._keys, self._marks))
        self._forget()

    def close(self) -> None:
        """Write what is unwritten and close.

        Raises:
            StorageError: it can't be written, and is lost; the file is closed all the same.
        """
        try:
            self.flush()
        except StorageError:
            self._forget()
            self._log.abandon()
            raise
        self._log.close()

    def abandon(self) -> None:
        """Close without writing anything any more."""
        self._forget()
        self._log.abandon()

    def _unwritten(self, room: RoomName, after: int) -> Iterator[Entry]:
        for run in self._runs.get(room, ()):
            if run.first_seq + run.count > after + 1:
                yield from (entry for entry in entries_of(room, run.first_seq, run.body) if entry.seq > after)

    def _forget(self) -> None:
        self._runs, self._keys, self._marks = {}, [], []
        self._unwritten_bytes = 0


def _joined(runs: Sequence[Run]) -> Run:
    body = bytearray(b"\n").join([run.body for run in runs])
    return Run(runs[0].first_seq, sum([run.count for run in runs]), body)
