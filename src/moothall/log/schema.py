"""The tables of `moothall.db`, the connections to them, and what the log says of itself in the table `meta`.

`meta` holds the schema's version, the epoch, up to which row the table `room` is right (`settled`), and what the next
start needs to know whether the epoch still holds: whether the last server stopped cleanly, at which durability, and
in which run of the machine.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from moothall.errors import Conflict, DataCorrupt, DataTooNew, MoothallError, StorageError
from moothall.log.room_log import Durability

__all__ = ["SCHEMA", "Connect", "mark_clean", "open_reading", "open_writing", "prepare", "translated"]

Connect = Callable[..., sqlite3.Connection]
"""`sqlite3.connect`, or what stands in for it."""

SCHEMA: Final = 1

_BUSY_SECONDS: Final = 0.1
"""How long a commit waits for a lock: nobody else should hold one, and the whole server waits with it."""

_TABLES: Final = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE room (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, open INTEGER NOT NULL,"
    " last_row INTEGER NOT NULL, last_seq INTEGER NOT NULL)",
    "CREATE TABLE entry (id INTEGER PRIMARY KEY, room INTEGER NOT NULL, seq INTEGER NOT NULL, count INTEGER NOT NULL,"
    " before INTEGER NOT NULL, checksum INTEGER NOT NULL, body BLOB NOT NULL)",
    "CREATE TABLE milestone (room INTEGER, seq INTEGER, entry INTEGER NOT NULL, PRIMARY KEY (room, seq)) WITHOUT ROWID",
    "CREATE TABLE seat_key (room INTEGER, name TEXT, digest BLOB NOT NULL, PRIMARY KEY (room, name)) WITHOUT ROWID",
)

_SYNCHRONOUS: Final = {Durability.POWER: "FULL", Durability.CRASH: "NORMAL", Durability.NONE: "NORMAL"}


def open_reading(path: Path) -> sqlite3.Connection:
    """Open a log that somebody else may be writing. It changes nothing, not even by closing.

    Raises:
        StorageError: there is none, or it can't be read now.
        DataTooNew: a newer version wrote it.
        DataCorrupt: it is no log.
    """
    with translated("read"):
        uri = f"{path.resolve().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_SECONDS)
        try:
            _check_version(connection, path)
        except (sqlite3.Error, MoothallError):
            connection.close()
            raise
    return connection


def open_writing(path: Path | None, durability: Durability, connect: Connect) -> sqlite3.Connection:
    """Open the one connection that writes and checkpoints; without a path, to a log in memory.

    Raises:
        sqlite3.Error: it can't be opened.
    """
    connection = connect(":memory:" if path is None else str(path), isolation_level=None, timeout=_BUSY_SECONDS)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {_SYNCHRONOUS[durability]}")
        # A checkpoint is part of the commit that fills the WAL: a few milliseconds for each 4 MB. A thread of its
        # own for it falls behind, and the WAL grows without end.
        connection.execute("PRAGMA wal_autocheckpoint = 1000")
        connection.execute(f"PRAGMA journal_size_limit = {16 * 1024 * 1024}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def prepare(connection: sqlite3.Connection, durability: Durability, machine_run: str) -> str:
    """Make the tables where there are none, note that a server runs, and return the epoch.

    The epoch is a new one where entries may be gone that somebody has seen: after an unclean stop at durability NONE,
    and at CRASH when the machine has started anew since (or this can't be known).
    """
    with _for_sure(connection):
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            for table in _TABLES:
                connection.execute(table)
            _note(connection, schema=str(SCHEMA), settled="0")
        known: dict[str, str] = dict(connection.execute("SELECT name, value FROM meta"))
        epoch = known["epoch"] if _has_all(known, machine_run) else f"e_{secrets.token_hex(8)}"
        _note(connection, epoch=epoch, clean="0", durability=durability.value, machine_run=machine_run)
    return epoch


def mark_clean(connection: sqlite3.Connection) -> None:
    """Note that everything which was shown is stored, as the last thing before closing."""
    with _for_sure(connection):
        _note(connection, clean="1")


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn SQLite's errors into ours. `doing` is what can't be done: "read", "written"."""
    try:
        yield
    except sqlite3.Error as error:
        trouble = _trouble(error, doing)
        if trouble is None:  # a misuse of SQLite is a bug, and stays what it is
            raise
        raise trouble from error


def _trouble(error: sqlite3.Error, doing: str) -> MoothallError | None:
    if isinstance(error, sqlite3.OperationalError):  # no space, no right, locked, the disk's own errors
        return StorageError(f"The log can't be {doing} now: {error}.")
    if isinstance(error, sqlite3.IntegrityError):  # the number of a row is taken
        return Conflict(f"Somebody else has written to the log: {error}.")
    if type(error) is sqlite3.DatabaseError:  # SQLITE_CORRUPT and SQLITE_NOTADB have no class of their own
        return DataCorrupt(f"The file of the log is damaged: {error}.")
    return None


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not tables:
        return  # its creation was cut short, before anything was in it
    if "meta" not in tables:
        raise DataCorrupt(f"{path} is not a log of Moothall.")
    found = connection.execute("SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'schema'").fetchone()
    if found is None:
        raise DataCorrupt(f"{path} does not say which version of the log it is.")
    if found[0] > SCHEMA:
        raise DataTooNew(f"{path} was written by a newer Moothall (schema {found[0]}, this one knows {SCHEMA}).")


def _has_all(known: dict[str, str], machine_run: str) -> bool:
    if "epoch" not in known:
        return False
    if known["clean"] == "1" or known["durability"] == Durability.POWER:
        return True
    return known["durability"] == Durability.CRASH and machine_run == known["machine_run"] != ""


@contextmanager
def _for_sure(connection: sqlite3.Connection) -> Iterator[None]:
    # Whether a stop was clean must be on the disk before the first entry after it, and after the last one before it,
    # whatever the durability: a commit at FULL carries along all that came before it.
    (usual,) = connection.execute("PRAGMA synchronous").fetchone()
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute(f"PRAGMA synchronous = {usual}")


def _note(connection: sqlite3.Connection, **facts: str) -> None:
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())
