"""Forgetting: the beginning of a room, once it is old, or a whole room. What is deleted here is gone for good.

The rest of a room stays as it was written: its seqs, its rows and their checksums. What the room had come to when
its beginning went is kept as its base, from which a replay begins. Runs within the transaction of its caller.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from moothall.engine.names import RoomName, Seq
from moothall.errors import DataCorrupt
from moothall.log.chain import Tail, checksum, verify
from moothall.log.room_log import Base

__all__ = ["cut_off", "delete_room", "read_base"]


def cut_off(connection: sqlite3.Connection, room: RoomName, tail: Tail, base: Base) -> int:
    """Delete a room's entries up to its base, and return the first seq that is kept.

    Raises:
        DataCorrupt: the row in which the cut lies is not what was written.
    """
    if not tail.first_seq <= base.seq <= tail.last_seq:
        return tail.first_seq
    where = {"room": tail.room_id, "last": base.seq, "newest": tail.last_row}
    rows = connection.execute(_ROWS_UP_TO, where).fetchall()
    connection.executemany("DELETE FROM entry WHERE id = ?", [(row,) for row, last in rows if last <= base.seq])
    for row, last in rows:
        if last > base.seq:
            _shorten(connection, room, tail, row, base.seq)
    connection.execute("DELETE FROM milestone WHERE room = ? AND seq <= ?", (tail.room_id, base.seq))
    check = checksum(tail.seed, base.seq, 0, base.body)
    connection.execute("INSERT OR REPLACE INTO base VALUES (?, ?, ?, ?)", (tail.room_id, base.seq, check, base.body))
    return base.seq + 1


def _shorten(connection: sqlite3.Connection, room: RoomName, tail: Tail, row: int, last: int) -> None:
    # A batch may have held the end of one sitting and the beginning of the next.
    found = connection.execute("SELECT seq, count, before, checksum, body FROM entry WHERE id = ?", (row,)).fetchone()
    verify(room, tail.seed, *found)
    first, count, before, _, body = found
    kept = body.split(b"\n", last + 1 - first)[-1]
    check = checksum(tail.seed, last + 1, before, kept)
    connection.execute(
        "UPDATE entry SET seq = ?, count = ?, checksum = ?, body = ? WHERE id = ?",
        (last + 1, count - (last + 1 - first), check, kept, row),
    )


def read_base(connection: sqlite3.Connection, room: RoomName, tail: Tail) -> Base | None:
    """Read a room's base; None where nothing of it was cut.

    Raises:
        DataCorrupt: it is not what was written.
    """
    found = connection.execute("SELECT seq, checksum, body FROM base WHERE room = ?", (tail.room_id,)).fetchone()
    if found is None:
        return None
    seq, check, body = found
    if type(body) is not bytes or seq != tail.first_seq - 1 or check != checksum(tail.seed, seq, 0, body):
        raise DataCorrupt(f"What is left of the beginning of room {room} is not what was written.")
    return Base(Seq(seq), body)


def delete_room(connection: sqlite3.Connection, room: RoomName) -> None:
    """Delete a room with all that is kept of it, also where some of that is damaged."""
    for (room_id,) in connection.execute("SELECT id FROM room WHERE name = ?", (room,)).fetchall():
        for table in ("entry", "milestone", "seat_key", "base"):
            connection.execute(f"DELETE FROM {table} WHERE room = ?", (room_id,))  # noqa: S608 - our own words
        connection.execute("DELETE FROM room WHERE id = ?", (room_id,))


# Every row up to the one that holds `last`, and that row, each with its last seq.
_ROWS_UP_TO: Final = """
WITH RECURSIVE chain (id, seq, count, before) AS (
    SELECT id, seq, count, before FROM entry WHERE id = ifnull(
        (SELECT entry FROM milestone WHERE room = :room AND seq >= :last ORDER BY seq LIMIT 1), :newest)
    UNION ALL
    SELECT entry.id, entry.seq, entry.count, entry.before
    FROM chain JOIN entry ON entry.id = chain.before AND entry.id < chain.id
)
SELECT id, seq + count - 1 FROM chain WHERE seq <= :last
"""
