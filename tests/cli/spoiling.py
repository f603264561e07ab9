"""Data of two rooms, and data that is not what was written, in a line each: for tests of verbs that look after it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from moothall.engine.names import RoomName
from moothall.log.folder import DATABASE
from moothall.log.room_log import Batch, RoomMark
from moothall.log.schema import SCHEMA
from tests.cli.folders import a_server, add
from tests.views.logs import JOINS, SITTING, bodies_of

__all__ = ["NEWER", "change", "change_bytes", "spoil_free_pages", "two_rooms"]

NEWER = f"UPDATE meta SET value = '{SCHEMA + 1}' WHERE name = 'schema'"
"""Makes of data what a newer version writes."""


def two_rooms(folder: Path) -> Path:
    """Fill a folder: in `main` a sitting is over, 13 entries in two rows; in `lab` one goes on, 7 entries in one row.

    "Why, no." is in the first row of `main`. A room's last row is checked whenever the log is opened.
    """
    said = bodies_of(*SITTING)
    server = a_server(folder, main=said[:10], lab=bodies_of(*JOINS, name="lab"))
    add(server, "main", said[10:], after=10)
    server.commit(Batch(marks=[RoomMark(RoomName("lab"), open=True)]))
    server.close()
    return folder


def change(folder: Path, statement: str) -> None:
    """Change the data as Moothall never does."""
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as connection:
        connection.execute(statement)


def change_bytes(folder: Path, before: bytes, after: bytes) -> None:
    """Change bytes that stand once in the file, as a bad disk does."""
    data = (folder / DATABASE).read_bytes()
    assert (data.count(before), len(before)) == (1, len(after))
    (folder / DATABASE).write_bytes(data.replace(before, after))


def spoil_free_pages(folder: Path) -> None:
    """Let the file count pages that are not there; all that was said can be read."""
    data = bytearray((folder / DATABASE).read_bytes())
    data[36:40] = (5).to_bytes(4, "big")  # https://www.sqlite.org/fileformat.html: the number of pages that are free
    (folder / DATABASE).write_bytes(data)
