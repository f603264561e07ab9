"""Reading a log from another process, beside the server that writes it. Never writes, never checkpoints."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from moothall.engine.names import RoomName
from moothall.log.chain import Tail, load_tails, read_chain, read_rooms
from moothall.log.folder import DATABASE
from moothall.log.room_log import PAGE_BYTES, PAGE_ENTRIES, Entry, RoomSummary
from moothall.log.schema import open_reading, translated

__all__ = ["LogReader", "open_reader"]


def open_reader(folder: Path) -> LogReader:
    """Open the log in a folder for reading alone.

    Raises:
        StorageError: there is no log, or it can't be read now.
        DataTooNew: a newer version wrote it.
        DataCorrupt: it is not what was written.
    """
    return LogReader(open_reading(folder / DATABASE))


class LogReader:
    """The reading half of a `RoomLog`. It sees what is committed when it looks, and holds nobody up."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._tails: dict[RoomName, Tail] = {}

    def read(
        self, room: RoomName, *, after: int, limit: int = PAGE_ENTRIES, max_bytes: int = PAGE_BYTES
    ) -> list[Entry]:
        """See `RoomLog.read`."""
        with translated("read"):
            tail = self._tails.get(room)
            if tail is None or tail.last_seq <= after:  # there may be more since we looked
                self._look()
                tail = self._tails.get(room)
            if tail is None:
                return []
            return read_chain(self._connection, room, tail, after=after, limit=limit, max_bytes=max_bytes)

    def rooms(self) -> list[RoomSummary]:
        """See `RoomLog.rooms`."""
        with translated("read"):
            return self._look()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _look(self) -> list[RoomSummary]:
        # One transaction, so that all is of one moment; a short one, so that the writer can reuse its WAL.
        self._connection.execute("BEGIN")
        try:
            self._tails = load_tails(self._connection)
            return read_rooms(self._connection, self._tails)
        finally:
            self._connection.execute("ROLLBACK")
