"""Reading a log from another process, beside the server that writes it. Never writes, never checkpoints."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from moothall.engine.names import RoomName, Seq
from moothall.errors import DataCorrupt
from moothall.log.chain import Tail, load_tails, newest_row, read_chain, read_rooms, wrong_milestones
from moothall.log.copies import OnProgress, copy_to
from moothall.log.cuts import read_base
from moothall.log.folder import DATABASE
from moothall.log.room_log import PAGE_BYTES, PAGE_ENTRIES, Base, Entry, RoomSummary
from moothall.log.schema import open_reading, schema_of, translated

__all__ = ["LogReader", "open_copy", "open_reader"]


def open_reader(folder: Path) -> LogReader:
    """Open the log in a folder for reading alone.

    Raises:
        StorageError: there is no log, or it can't be read now.
        DataTooNew: a newer version wrote it.
        DataCorrupt: it is not what was written.
    """
    return open_copy(folder / DATABASE)


def open_copy(path: Path) -> LogReader:
    """Open a copy of a log for reading alone. Raises as `open_reader` does."""
    return LogReader(open_reading(path))


class LogReader:
    """The reading half of a `RoomLog`. It sees what is committed when it looks, and holds nobody up."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._tails: dict[RoomName, Tail] = {}
        self._damaged: dict[RoomName, DataCorrupt] = {}

    def read(
        self, room: RoomName, *, after: int, limit: int = PAGE_ENTRIES, max_bytes: int = PAGE_BYTES
    ) -> list[Entry]:
        """See `RoomLog.read`."""
        with translated("read"):
            tail = self._tails.get(room)
            if tail is None or tail.last_seq <= after:  # there may be more since we looked
                self._look()
                tail = self._tails.get(room)
            if tail is None and self._damaged:  # it may be one of these: a name can be what is damaged
                raise self._damaged.get(room) or next(iter(self._damaged.values()))
            if tail is None:
                return []
            try:
                return read_chain(self._connection, room, tail, after=after, limit=limit, max_bytes=max_bytes)
            except DataCorrupt:
                # Or is it only that the server has forgotten its beginning meanwhile?
                again = self._tail_again(room, tail)
                return read_chain(self._connection, room, again, after=after, limit=limit, max_bytes=max_bytes)

    def rooms(self) -> list[RoomSummary]:
        """See `RoomLog.rooms`. A room that is damaged is among them; to read it raises what is the matter."""
        with translated("read"):
            return self._look()

    def base(self, room: RoomName) -> Base | None:
        """Return where a replay of a room begins, if its past was cut."""
        with translated("read"):
            tail = self._tails.get(room)
            try:
                return None if tail is None else read_base(self._connection, room, tail)
            except DataCorrupt:
                # Or is it only that the server has forgotten more of it meanwhile?
                again = self._tail_again(room, tail)
                return read_base(self._connection, room, again)

    @property
    def schema(self) -> int:
        """The version of the file's tables."""
        with translated("read"):
            return schema_of(self._connection) or 0

    @property
    def last_row(self) -> int:
        """The newest row that was ever stored, as far as the file knows."""
        with translated("read"):
            return newest_row(self._connection)

    def complaints(self) -> Iterator[str]:
        """Yield what is wrong with the file as such; of what stands in it only a reader can tell."""
        with translated("read"):
            for (line,) in self._connection.execute("PRAGMA integrity_check"):
                if line != "ok":
                    yield " ".join(str(line).split())
            wrong = wrong_milestones(self._connection)
            if wrong:
                yield f"{wrong} of the milestones, by which a reader finds its way, lead elsewhere"

    def copy_to(self, target: Path, *, on_progress: OnProgress | None = None) -> None:
        """Copy the whole log into a new file; see `copies`.

        Raises:
            StorageError: it can't be written, or is there already.
        """
        with translated("read"):
            copy_to(self._connection, target, on_progress=on_progress)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _tail_again(self, room: RoomName, tail: Tail | None) -> Tail:
        """Look again; raise the error that is being handled where nothing was forgotten since `tail`."""
        self._look()
        again = self._tails.get(room)
        if again is None or tail is None or again.first_seq == tail.first_seq:
            raise  # noqa: PLE0704 - called while one is handled
        return again

    def _look(self) -> list[RoomSummary]:
        # One transaction, so that all is of one moment; a short one, so that the writer can reuse its WAL.
        self._connection.execute("BEGIN")
        try:
            self._damaged = {}
            self._tails = load_tails(self._connection, self._damaged)
            damaged = [RoomSummary(room, open=False, last_seq=Seq(1)) for room in self._damaged]
            return read_rooms(self._connection, self._tails) + damaged
        finally:
            self._connection.execute("ROLLBACK")
