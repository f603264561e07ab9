"""The log in SQLite: one file, one connection that writes and checkpoints, each batch one transaction.

A commit runs on its caller's thread and waits for the disk as long as the durability asks. Where the room's chains of
rows end is kept in memory, so that a commit reads nothing; the file learns it every few thousand rows and at a close.
Never decides anything about a room. docs/decisions/0002-one-row-per-room-and-batch.md says why it looks like this.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain, filterfalse
from pathlib import Path
from typing import Final

from moothall.engine.names import Name, RoomName
from moothall.errors import DataCorrupt, StorageError
from moothall.log.beside import Beside, read_keys
from moothall.log.chain import (
    ROW_VALUES,
    Draft,
    Tail,
    lay_out,
    load_tails,
    new_tail,
    newest_row,
    read_chain,
    read_rooms,
    settled_row,
)
from moothall.log.cuts import cut_off, delete_room, read_base
from moothall.log.folder import DATABASE, make_folder, make_private
from moothall.log.late import LateLog
from moothall.log.migrate import bring_up_to_date
from moothall.log.room_log import PAGE_BYTES, PAGE_ENTRIES, Batch, Cut, Durability, Entry, Held, RoomSummary
from moothall.log.schema import Connect, Start, for_sure, look_at, mark_clean, open_writing, prepare, translated

__all__ = ["SqliteLog", "machine_run", "open_log"]

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
SETTLE_ROWS: Final = 4096
SETTLE_BYTES: Final = 4 * 1024 * 1024
"""Rows, or bytes, between two notes of where the chains end: a start looks through as many, in milliseconds."""
ROWS_AT_ONCE: Final = 32
"""Rows that one statement adds: each statement costs as much as two rows."""


def machine_run() -> str:
    """Return what is different after every start of the machine; empty where the system doesn't say."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def open_log(
    folder: Path | None,
    durability: Durability = Durability.POWER,
    *,
    connect: Connect = sqlite3.connect,
    run: str | None = None,
    noted_row: int | None = 0,
    on_stored: Callable[[int], None] | None = None,
    damaged: dict[RoomName, DataCorrupt] | None = None,
) -> SqliteLog | LateLog:
    """Open the log in a folder, or make one; without a folder, in memory. The caller holds the folder's lock file.

    Args:
        connect: opens a connection, as `sqlite3.connect` does.
        run: what is different after every start of the machine, where the system is not to be asked.
        noted_row: a row that the server before is known to have stored; None where nothing is known of it.
        on_stored: is told the newest row that is stored, for the next start's `noted_row`.
        damaged: where to note rooms that are damaged, for who only wants to be rid of one; None: they are refused.

    Raises:
        StorageError: it can't be opened now.
        DataTooNew: a newer version wrote it; it was not touched.
        DataCorrupt: it is not what was written.
    """
    path = None
    if folder is not None:
        make_folder(folder)
        path = folder / DATABASE
        if path.exists() and path.stat().st_size:
            look_at(path)  # before anything is touched
        make_private(path)
    start = Start(durability, machine_run() if run is None else run, noted_row)
    with translated("opened"):
        log = SqliteLog(path, start, connect=connect, on_stored=on_stored or _tell_nobody, damaged=damaged)
    return LateLog(log) if durability is Durability.NONE else log


class SqliteLog:
    """A `RoomLog` in a file. Every commit writes; at durability NONE it stands behind a `LateLog`."""

    def __init__(
        self,
        path: Path | None,
        start: Start,
        *,
        connect: Connect,
        on_stored: Callable[[int], None],
        damaged: dict[RoomName, DataCorrupt] | None = None,
    ) -> None:
        self._dial = partial(open_writing, path, start.durability, connect)
        connection = self._dial()
        try:
            bring_up_to_date(connection, path)
            self._last_row = newest_row(connection)
            self._epoch = prepare(connection, path, start, self._last_row)
            self._tails = load_tails(connection, damaged)
            self._beside = Beside(connection)
            self._last_room: int = connection.execute("SELECT ifnull(max(id), 0) FROM room").fetchone()[0]
            self._settled_row = settled_row(connection)
        except BaseException:
            connection.close()
            raise
        self._connection: sqlite3.Connection | None = connection  # None: it broke, the next use opens another
        self._on_stored = on_stored
        self.missing_rows = max((start.noted_row or 0) - self._last_row, 0)
        self._unsettled_bytes = 0
        self._in_doubt = False  # a commit failed: SQLite may yet have kept some of it
        self._is_cut_in_doubt = False  # and it was one that cuts
        self._is_closed = False
        on_stored(self._last_row)

    @property
    def epoch(self) -> str:
        return self._epoch

    def commit(self, batch: Batch) -> None:
        self._look_for_cuts()
        created = self._new_tails(batch)
        known = self._tails | created if created else self._tails
        draft = lay_out(batch.runs, known, self._last_row)
        keys = {(known[change.room].room_id, change.name): change.digest for change in batch.keys}
        marks = [(mark.open, known[mark.room].room_id) for mark in batch.marks]
        if not (draft.values or keys or marks or batch.cuts):
            return
        with translated("written"):
            tails = self._write(draft, created, keys, marks, batch.cuts)
        if draft.values:
            self._last_row = draft.last_row
            self._on_stored(draft.last_row)
        self._last_room += len(created)
        self._tails |= created
        self._tails |= tails

    def read(
        self, room: RoomName, *, after: int, limit: int = PAGE_ENTRIES, max_bytes: int = PAGE_BYTES
    ) -> list[Entry]:
        self._look_for_cuts()
        tail = self._tails.get(room)
        if tail is None:
            return []
        with translated("read"):
            return read_chain(self._usable(), room, tail, after=after, limit=limit, max_bytes=max_bytes)

    def rooms(self) -> list[RoomSummary]:
        self._look_for_cuts()
        with translated("read"):
            return read_rooms(self._usable(), self._tails)

    def held(self, room: RoomName) -> Held:
        self._look_for_cuts()
        tail = self._tails.get(room)
        if tail is None:
            return Held()
        with translated("read"):
            connection = self._usable()
            return Held(read_keys(connection, tail.room_id), read_base(connection, room, tail))

    def forget(self, room: RoomName) -> None:
        """Delete a room with everything that was said in it; its name is as free as that of one that never was.

        Cursors of this epoch may point into it, so the next start has another.

        Raises:
            StorageError: it can't be written now; or it is done, but another process has to let go of the file before
                the words can be overwritten.
        """
        with translated("written"):
            connection = self._usable()
            with for_sure(connection):
                delete_room(connection, room)
                self._settle(connection, self._tails, self._last_row)
                connection.execute("DELETE FROM meta WHERE name = 'epoch'")
            self._tails.pop(room, None)
            ((is_busy, *_),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if is_busy:
            raise StorageError(
                f"Room {room} is deleted, but another program is reading the data: the words are in its file until "
                "that has ended and a server was started and stopped."
            )

    def flush(self) -> None:
        """Do nothing: a commit has written when it returns."""

    def close(self) -> None:
        if not self._is_closed and self._connection is not None:
            # On a disk without space the stop stays an unclean one, which is no loss: the next start looks closer.
            with suppress(sqlite3.Error):
                self._begin(self._connection)
                self._settle(self._connection, self._tails, self._last_row)
                self._connection.execute("COMMIT")
                mark_clean(self._connection)
        self.abandon()

    def abandon(self) -> None:
        """Close without saying that all which was shown is stored: the next start has the rules of an unclean stop."""
        self._is_closed = True
        if self._connection is not None:
            self._connection.close()

    def _new_tails(self, batch: Batch) -> dict[RoomName, Tail]:
        named = chain(batch.runs, (change.room for change in batch.keys), (mark.room for mark in batch.marks))
        rooms = dict.fromkeys(filterfalse(self._tails.__contains__, named))
        return {room: new_tail(room_id, room) for room_id, room in enumerate(rooms, self._last_room + 1)}

    def _write(
        self,
        draft: Draft,
        created: Mapping[RoomName, Tail],
        keys: Mapping[tuple[int, Name], bytes | None],
        marks: Sequence[tuple[bool, int]],
        cuts: Sequence[Cut],
    ) -> dict[RoomName, Tail]:
        connection = self._usable()
        tails = draft.tails
        size = self._unsettled_bytes + draft.size
        # After a cut the newest row may be none that is there: only the table `room` knows it then.
        is_due = self._in_doubt or cuts or draft.last_row - self._settled_row >= SETTLE_ROWS or size >= SETTLE_BYTES
        try:
            self._begin(connection)
            if cuts:
                tails = tails | self._cut(connection, tails, cuts)
            _add_rows(connection, draft.values)
            if draft.milestones:
                connection.executemany(_ADD_MILESTONE, draft.milestones)
            if created:
                connection.executemany(_ADD_ROOM, [(tail.room_id, room) for room, tail in created.items()])
            self._beside.write(connection, keys, marks)
            if is_due:
                self._settle(connection, self._tails | tails, draft.last_row)
            connection.execute("COMMIT")
        except BaseException:
            self._is_cut_in_doubt = bool(cuts)
            self._undo(connection)
            raise
        self._in_doubt = False
        self._beside.settle()
        self._unsettled_bytes = size
        if is_due:
            self._settled_row, self._unsettled_bytes = draft.last_row, 0
        return tails

    def _cut(
        self, connection: sqlite3.Connection, tails: Mapping[RoomName, Tail], cuts: Sequence[Cut]
    ) -> dict[RoomName, Tail]:
        shorter = {}
        for room, base in ((cut.room, cut.base) for cut in cuts):
            before = self._tails[room]
            shorter[room] = _kept_from(tails.get(room, before), cut_off(connection, room, before, base))
        return shorter

    def _begin(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        if self._in_doubt:  # then what it may have kept is taken back: its seqs are used again
            connection.execute("DELETE FROM entry WHERE id > ?", (self._last_row,))
            connection.execute("DELETE FROM milestone WHERE entry > ?", (self._last_row,))
            connection.execute("DELETE FROM room WHERE id > ?", (self._last_room,))
            self._beside.take_back(connection)

    def _settle(self, connection: sqlite3.Connection, tails: Mapping[RoomName, Tail], last_row: int) -> None:
        moved = [tail for tail in tails.values() if tail.last_row > self._settled_row]
        news = [(tail.last_row, tail.last_seq, tail.room_id) for tail in moved]
        connection.executemany("UPDATE room SET last_row = ?, last_seq = ? WHERE id = ?", news)
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('settled', ?)", (str(last_row),))

    def _undo(self, connection: sqlite3.Connection) -> None:
        self._in_doubt = True
        self._settled_row = -1  # and so is where it says that the chains end
        try:
            if connection.in_transaction:  # some failures have already rolled back
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._connection = None
            with suppress(sqlite3.Error):
                connection.close()

    def _look_for_cuts(self) -> None:
        if self._is_cut_in_doubt:
            with translated("read"):
                bases = dict(self._usable().execute("SELECT room, seq FROM base"))
            self._tails = {room: _kept_from(tail, bases.get(tail.room_id, 0) + 1) for room, tail in self._tails.items()}
            self._is_cut_in_doubt = False

    def _usable(self) -> sqlite3.Connection:
        if self._connection is None:
            with translated("opened"):
                self._connection = self._dial()
        return self._connection


def _add_rows(connection: sqlite3.Connection, values: Sequence[int | bytearray]) -> None:
    for start in range(0, len(values), ROWS_AT_ONCE * ROW_VALUES):
        some = values[start : start + ROWS_AT_ONCE * ROW_VALUES]
        connection.execute(_ADD_ROWS[len(some) // ROW_VALUES - 1], some)


def _tell_nobody(_row: int) -> None:
    pass


def _kept_from(tail: Tail, first_seq: int) -> Tail:
    return Tail(tail.room_id, tail.seed, tail.last_row, tail.last_seq, first_seq)


# Whatever fails, the whole batch is rolled back, so SQLite need not keep what one statement alone would take back.
_ADD_ROW: Final = "INSERT OR FAIL INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)"
_ADD_ROWS: Final = [_ADD_ROW + ", (?, ?, ?, ?, ?, ?, ?)" * more for more in range(ROWS_AT_ONCE)]
_ADD_MILESTONE: Final = "INSERT INTO milestone VALUES (?, ?, ?)"
_ADD_ROOM: Final = "INSERT INTO room VALUES (?, ?, FALSE, 0, 0)"
