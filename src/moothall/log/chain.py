"""How a room's entries lie in the table, and how they are found again without an index over all of them.

A row of the table `entry` holds the entries that a room had in one batch (a few lines, joined by line breaks) and the
number of the room's row before it: a chain, read from its newest row backwards. A sparse table of milestones lets a
read start near its end instead of at the newest row. An index over every entry would touch one page of the file for
each room and commit; docs/decisions/0002-one-row-per-room-and-batch.md has the numbers.

Never writes: it lays rows out for `sqlite` and reads them for whoever has a connection.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from msgspec import Struct

from moothall.engine.names import RoomName, Seq
from moothall.errors import Conflict, DataCorrupt
from moothall.log.room_log import Entry, RoomSummary, Run, entries_of, page

__all__ = [
    "ROW_VALUES",
    "Draft",
    "Milestone",
    "Tail",
    "checksum",
    "lay_out",
    "load_tails",
    "new_tail",
    "newest_row",
    "read_chain",
    "read_rooms",
    "settled_row",
    "text_of",
    "verify",
    "wrong_milestones",
]

MAX_ROW_ENTRIES: Final = 32
"""Entries in one row: a read fetches whole rows, so a row must stay small beside a page of `PAGE_ENTRIES`."""
MILESTONE_ENTRIES: Final = 64
"""Entries of a room from one milestone to the next: a read walks at most so many too far."""

FIRST_FACTOR: Final = 0x9E3779B1
BEFORE_FACTOR: Final = 0x85EBCA6B
"""Both are odd, so a change of either number always changes where a checksum begins; its lowest 32 bits count."""

ROW_VALUES: Final = 7
"""id, room's id, first seq, count, id of the room's row before (0: none), checksum, body."""
Milestone = tuple[int, int, int]
"""Room's id, last seq of the row, id of the row."""


class Tail(Struct, frozen=True, gc=False):
    """Where a room's chain ends, and from which seq on it is kept."""

    room_id: int
    seed: int  # begins the checksum of every row of the room, so that no row passes for another room's
    last_row: int  # 0: none yet
    last_seq: int
    first_seq: int = 1


class Draft(Struct, gc=False):
    """A batch's entries, laid out as rows.

    Their values stand one after another, as a statement takes them: no tuple for each row, which would set the garbage
    collector off. A body is a bytearray: sqlite3 binds one as it is, but looks for an adapter of bytes each time.
    """

    values: list[int | bytearray]  # ROW_VALUES of each row
    milestones: list[Milestone]
    tails: dict[RoomName, Tail]  # of the rooms that have entries in the batch, as they will be
    last_row: int
    size: int  # bytes of all bodies


def new_tail(room_id: int, room: RoomName) -> Tail:
    """Return the tail of a room that has no entries."""
    return Tail(room_id, zlib.crc32(room.encode()), 0, 0)


def lay_out(runs: Mapping[RoomName, Run], tails: Mapping[RoomName, Tail], last_row: int) -> Draft:
    """Lay runs out as rows that follow the row `last_row`.

    Args:
        tails: where the chain of each room ends, of these rooms at least.

    Raises:
        Conflict: a run does not begin with the next seq of its room.
    """
    values: list[int | bytearray] = []
    milestones: list[Milestone] = []
    ends: dict[RoomName, Tail] = {}
    size = 0
    for room, run in runs.items():
        tail = tails[room]
        room_id, seed, first, before = tail.room_id, tail.seed, tail.last_seq + 1, tail.last_row
        if run.first_seq != first:
            raise Conflict(f"The next entry of room {room} has the seq {first}, not {run.first_seq}.")
        for part in (run,) if run.count <= MAX_ROW_ENTRIES else _cut(run):
            count, body = part.count, part.body
            size += len(body)
            last_row += 1
            # As `checksum` has it, of which a call would cost as much as the sum itself.
            check = zlib.crc32(body, seed ^ first * FIRST_FACTOR ^ before * BEFORE_FACTOR)
            values += (last_row, room_id, first, count, before, check, body)
            first += count
            before = last_row
            if first % MILESTONE_ENTRIES < count:  # one was passed
                milestones.append((room_id, first - 1, last_row))
        ends[room] = Tail(room_id, seed, last_row, first - 1, tail.first_seq)
    return Draft(values, milestones, ends, last_row, size)


def _cut(run: Run) -> list[Run]:
    lines = run.body.split(b"\n")
    starts = range(0, len(lines), MAX_ROW_ENTRIES)
    parts = [(run.first_seq + start, lines[start : start + MAX_ROW_ENTRIES]) for start in starts]
    return [Run(first, len(part), bytearray(b"\n").join(part)) for first, part in parts]


def load_tails(
    connection: sqlite3.Connection, damaged: dict[RoomName, DataCorrupt] | None = None
) -> dict[RoomName, Tail]:
    """Find where every room's chain ends, in the order in which the rooms came.

    The table `room` knows it up to a row that `meta` names; the rows since then are looked through. All of them are
    checked, and of every room the last: by its checksum it belongs to a room of that name.

    Args:
        damaged: where to note the rooms of which it is not what was written; they have no tail. None: the first is
            raised.

    Raises:
        DataCorrupt: one of them is not what was written.
    """
    tails = {}
    names = {}
    for room_id, raw_name, last_row, last_seq, base_seq, *last in connection.execute(_ROOMS):
        name = RoomName(text_of(raw_name, "the name of a room"))
        if not _are_counts(last_row, last_seq, base_seq) or name in tails:
            raise DataCorrupt(f"The log does not say where room {name} ends.")
        names[room_id] = name
        tail = Tail(room_id, zlib.crc32(name.encode()), last_row, last_seq, base_seq + 1)
        try:
            _verify_end(name, tail, last)
        except DataCorrupt as error:
            if damaged is None:
                raise
            damaged[name] = error
        else:
            tails[name] = tail
    for row, room_id, first, count, before, check, body in connection.execute(_UNSETTLED, (settled_row(connection),)):
        room = names.get(room_id)
        if room is None:
            raise DataCorrupt(f"The log has an entry (row {row}) of a room that it does not know.")
        if room not in tails:
            continue
        tail = tails[room]
        try:
            verify(room, tail.seed, first, count, before, check, body)
            if (before, first) != (tail.last_row, tail.last_seq + 1):
                raise _corrupt(room, first)
        except DataCorrupt as error:
            if damaged is None:
                raise
            damaged[room] = error
            del tails[room]
            continue
        tails[room] = Tail(room_id, tail.seed, row, first + count - 1, tail.first_seq)
    return tails


def _verify_end(room: RoomName, tail: Tail, last: Sequence[Any]) -> None:
    if tail.last_seq >= tail.first_seq:
        verify(room, tail.seed, *last)
        first, count, *_ = last
        if first + count - 1 != tail.last_seq:
            raise _corrupt(room, tail.last_seq)


def text_of(value: object, what: str) -> str:
    """Return a text of the database, read as bytes: damage can make anything of it.

    Raises:
        DataCorrupt: it is no text; the sentence says `what` should be one.
    """
    try:
        if isinstance(value, bytes):
            return value.decode()
    except UnicodeDecodeError:
        pass
    raise DataCorrupt(f"The log is damaged: {what} is no text.")


def _are_counts(*values: object) -> bool:
    return all(type(value) is int and value >= 0 for value in values)


def settled_row(connection: sqlite3.Connection) -> int:
    """Return the row up to which the table `room` says where the chains end."""
    found = connection.execute("SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'settled'").fetchone()
    if found is None or not _are_counts(found[0]):
        raise DataCorrupt("The log does not say how far its rooms are right.")
    row: int = found[0]
    return row


def newest_row(connection: sqlite3.Connection) -> int:
    """Return the newest row that there ever was. It may be gone with a cut; its number is not used again."""
    newest: int = connection.execute("SELECT ifnull(max(id), 0) FROM entry").fetchone()[0]
    return max(newest, settled_row(connection))


def wrong_milestones(connection: sqlite3.Connection) -> int:
    """Count the milestones that lead to no row, or to another than they say. A read that meets one is refused."""
    found: int = connection.execute(_WRONG_MILESTONES).fetchone()[0]
    return found


def read_rooms(connection: sqlite3.Connection, tails: Mapping[RoomName, Tail]) -> list[RoomSummary]:
    """Read which rooms there are; see `RoomLog.rooms`."""
    marks = dict(connection.execute("SELECT id, open FROM room"))
    return [
        RoomSummary(room, bool(marks.get(tail.room_id)), Seq(tail.last_seq), Seq(tail.first_seq))
        for room, tail in tails.items()
    ]


def read_chain(
    connection: sqlite3.Connection, room: RoomName, tail: Tail, *, after: int, limit: int, max_bytes: int
) -> list[Entry]:
    """Read a page of a room's entries, checking each. See `RoomLog.read`."""
    after = max(after, tail.first_seq - 1)
    last = min(after + limit, tail.last_seq)
    if last <= after:
        return []
    end = connection.execute(_NEXT_MILESTONE, (tail.room_id, last)).fetchone() if last < tail.last_seq else None
    wanted = {"end": end[0] if end else tail.last_row, "first": after + 1, "last": last, "max_bytes": max_bytes}
    rows: list[tuple[int, int, int, int, bytes]] = connection.execute(_CHAIN, wanted).fetchall()
    if not rows:
        raise _corrupt(room, last)
    for first, count, before, check, body in rows:
        verify(room, tail.seed, first, count, before, check, body)
    if rows[0][0] > after + 1:
        raise _corrupt(room, rows[0][0] - 1)
    for (first, count, *_), (following, *_) in pairwise(rows):
        if first + count != following:
            raise _corrupt(room, first + count)
    return page(_entries(room, rows, after), limit=limit, max_bytes=max_bytes)


def _entries(room: RoomName, rows: Sequence[tuple[int, int, int, int, bytes]], after: int) -> Iterator[Entry]:
    for first, _, _, _, body in rows:
        for entry in entries_of(room, first, body):
            if entry.seq > after:
                yield entry


def verify(room: RoomName, seed: int, first: int, count: int, before: int, check: int, body: bytes) -> None:
    """Check that a row is what was written.

    Raises:
        DataCorrupt: it is not.
    """
    # Damage can turn a number into a text, and bytes into a number.
    if not (int is type(first) is type(count) is type(before) is type(check) and type(body) is bytes):
        raise DataCorrupt(f"The log of room {room} is not what was written.")
    if checksum(seed, first, before, body) != check or body.count(b"\n") != count - 1:
        raise _corrupt(room, first)


def checksum(seed: int, first: int, before: int, body: bytes | bytearray) -> int:
    """Return the checksum of a row, from the seed of its room, its first seq, the row before it and its body."""
    return zlib.crc32(body, seed ^ first * FIRST_FACTOR ^ before * BEFORE_FACTOR)


def _corrupt(room: RoomName, seq: int) -> DataCorrupt:
    return DataCorrupt(f"The log of room {room} is not what was written, at seq {seq}.")


# Names are read as bytes: damage can make them no UTF-8. The last row of a room must be the one that it says.
_ROOMS: Final = """
SELECT room.id, CAST(room.name AS BLOB), room.last_row, room.last_seq, ifnull(base.seq, 0),
    entry.seq, entry.count, entry.before, entry.checksum, entry.body
FROM room LEFT JOIN base ON base.room = room.id LEFT JOIN entry ON entry.id = room.last_row AND entry.room = room.id
ORDER BY room.id
"""

_UNSETTLED: Final = """
SELECT id, room, seq, count, before, checksum, body FROM entry WHERE id > ? ORDER BY id
"""

_NEXT_MILESTONE: Final = "SELECT entry FROM milestone WHERE room = ? AND seq >= ? ORDER BY seq LIMIT 1"

_WRONG_MILESTONES: Final = """
SELECT count(*) FROM milestone LEFT JOIN entry
ON entry.id = milestone.entry AND entry.room = milestone.room AND entry.seq + entry.count - 1 = milestone.seq
WHERE entry.id IS NULL
"""

# Walks the chain back by its small columns alone, then fetches only the bodies that fit. `ahead` are the bytes that a
# reader has before this row, counted without the first row, of which the reader may want only the last line.
_CHAIN: Final = """
WITH RECURSIVE chain (id, seq, before, size) AS (
    SELECT id, seq, before, length(body) - count + 1 FROM entry WHERE id = :end
    UNION ALL
    SELECT entry.id, entry.seq, entry.before, length(entry.body) - entry.count + 1
    FROM chain JOIN entry ON entry.id = chain.before AND entry.id < chain.id
    WHERE chain.seq > :first
),
sized AS (
    SELECT id, sum(size) OVER ordered - size - first_value(size) OVER ordered AS ahead
    FROM chain WHERE seq <= :last
    WINDOW ordered AS (ORDER BY seq ROWS UNBOUNDED PRECEDING)
)
SELECT entry.seq, entry.count, entry.before, entry.checksum, entry.body
FROM sized JOIN entry ON entry.id = sized.id
WHERE sized.ahead < :max_bytes ORDER BY entry.seq
"""
