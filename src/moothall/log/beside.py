"""What is kept beside the entries: the keys of seats, as their hashes, and which rooms have a sitting that is open.

Both change with the entries, in the same transaction. What was there before is remembered, because a commit that failed
may have been made all the same: then it is put back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from moothall.engine.names import Name
from moothall.errors import DataCorrupt
from moothall.log.chain import text_of

__all__ = ["Beside", "read_keys"]

_Keys = Mapping[tuple[int, Name], bytes | None]
_Marks = Sequence[tuple[bool, int]]


class Beside:
    """The keys and marks that a connection wrote last, as far as they are settled."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        rows: list[tuple[int, Any, Any]] = connection.execute(
            "SELECT room, CAST(name AS BLOB), digest FROM seat_key"
        ).fetchall()
        self._keys = {(room, name): digest for room, name, digest in rows}
        self._open = {room for room, is_open in connection.execute("SELECT id, open FROM room") if is_open}
        self._asked_keys: _Keys = {}
        self._asked_marks: _Marks = ()
        self._doubted_keys: set[tuple[int, Name]] = set()  # written since something was settled, and perhaps kept
        self._doubted_rooms: set[int] = set()

    def write(self, connection: sqlite3.Connection, keys: _Keys, marks: _Marks) -> None:
        """Write changes: None deletes a key. They count once they are settled."""
        self._asked_keys, self._asked_marks = keys, marks
        if keys:
            self._doubted_keys.update(keys)
            _write_keys(connection, keys)
        if marks:
            self._doubted_rooms.update(room for _, room in marks)
            connection.executemany("UPDATE room SET open = ? WHERE id = ?", marks)

    def settle(self) -> None:
        """Take note that what was written last is committed."""
        for (room, name), digest in self._asked_keys.items():
            if digest is None:
                self._keys.pop((room, name.encode()), None)
            else:
                self._keys[room, name.encode()] = digest
        for is_open, room in self._asked_marks:
            (self._open.add if is_open else self._open.discard)(room)
        self._asked_keys, self._asked_marks = {}, ()
        self._doubted_keys.clear()
        self._doubted_rooms.clear()

    def take_back(self, connection: sqlite3.Connection) -> None:
        """Put back what was there before the commits that failed."""
        _write_keys(
            connection, {(room, name): self._keys.get((room, name.encode())) for room, name in self._doubted_keys}
        )
        marks = [(room in self._open, room) for room in self._doubted_rooms]
        connection.executemany("UPDATE room SET open = ? WHERE id = ?", marks)


def _write_keys(connection: sqlite3.Connection, keys: _Keys) -> None:
    gone = [key for key, digest in keys.items() if digest is None]
    kept = [(*key, digest) for key, digest in keys.items() if digest is not None]
    connection.executemany("DELETE FROM seat_key WHERE room = ? AND name = ?", gone)
    connection.executemany("INSERT OR REPLACE INTO seat_key VALUES (?, ?, ?)", kept)


def read_keys(connection: sqlite3.Connection, room_id: int) -> dict[Name, bytes]:
    """Read the hashes of the keys of a room's seats.

    Raises:
        DataCorrupt: one is none. A hash that is another one opens nothing, which its owner is told.
    """
    rows = connection.execute("SELECT CAST(name AS BLOB), digest FROM seat_key WHERE room = ?", (room_id,)).fetchall()
    for _, digest in rows:
        if type(digest) is not bytes:
            raise DataCorrupt("The log is damaged: the key of a seat is none.")
    return {Name(text_of(name, "the name of a seat")): digest for name, digest in rows}
