"""The keys of seats, as their hashes: kept with the room that they open a seat of, and deleted with that seat."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from moothall.engine.names import Name
from moothall.errors import DataCorrupt
from moothall.log.chain import text_of

__all__ = ["change_keys", "read_keys"]


def change_keys(connection: sqlite3.Connection, keys: Mapping[tuple[int, Name], bytes | None]) -> None:
    """Store the hashes of keys, by the room's id and the name of the seat; None deletes one."""
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
