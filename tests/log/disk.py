"""Entries to keep, and a disk that fails when it is told to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from moothall.engine.names import Name, RoomName, Seq
from moothall.log.room_log import Batch, Cut, Entry, KeyChange, RoomMark, Run

__all__ = ["KARI", "LAB", "MAIN", "Disk", "batch_of", "run_of", "said"]

MAIN, LAB = RoomName("main"), RoomName("lab")
KARI = Name("Kari")


def said(seq: int, words: str = "Hello", room: RoomName = MAIN) -> Entry:
    return Entry(room, Seq(seq), f'{{"event":"said","seq":{seq},"text":"{words}"}}'.encode())


def run_of(first: int, last: int, room: RoomName = MAIN) -> list[Entry]:
    return [said(seq, room=room) for seq in range(first, last + 1)]


def batch_of(
    entries: Iterable[Entry], keys: Sequence[KeyChange] = (), marks: Sequence[RoomMark] = (), cuts: Sequence[Cut] = ()
) -> Batch:
    """Return a batch with these entries, those of each room in one run."""
    rooms: dict[RoomName, list[Entry]] = {}
    for entry in entries:
        rooms.setdefault(entry.room, []).append(entry)
    return Batch({room: _run(kept) for room, kept in rooms.items()}, keys, marks, cuts)


def _run(entries: Sequence[Entry]) -> Run:
    first = entries[0].seq
    assert [entry.seq for entry in entries] == list(range(first, first + len(entries))), "a run is without gaps"
    return Run(first, len(entries), bytearray(b"\n").join([entry.body for entry in entries]))


class Disk:
    """Opens SQLite's connections, and lets the statements fail that begin with one of these words."""

    def __init__(self) -> None:
        self.fails_before: set[str] = set()
        self.fails_after: set[str] = set()  # done, but the answer is an error
        self.statements: list[str] = []
        self.connections: list[sqlite3.Connection] = []

    def connect(self, *args: Any, **options: Any) -> sqlite3.Connection:
        disk = self

        class Connection(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
                disk.meet(sql, disk.fails_before)
                cursor = super().execute(sql, *values)
                disk.statements.append(sql)
                disk.meet(sql, disk.fails_after)
                return cursor

            def executemany(self, sql: str, *values: Any) -> sqlite3.Cursor:
                disk.meet(sql, disk.fails_before)
                disk.statements.append(sql)
                return super().executemany(sql, *values)

        self.meet("OPEN", self.fails_before)
        connection = sqlite3.connect(*args, factory=Connection, **options)
        self.connections.append(connection)
        return connection

    def cut(self) -> None:
        """End all that is open in the middle of it, as the end of the process does."""
        for connection in self.connections:
            connection.close()

    def meet(self, sql: str, failing: set[str]) -> None:
        if sql.split(maxsplit=1)[0] in failing:
            raise sqlite3.OperationalError("disk I/O error")
