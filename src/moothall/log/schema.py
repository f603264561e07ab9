"""The tables of `moothall.db`, the connections to them, and what the log says of itself in the table `meta`.

`meta` holds the schema's version, the epoch, up to which row the table `room` is right (`settled`), and what the next
start needs to know whether the epoch still holds: whether the last server stopped cleanly, at which durability, in
which run of the machine, and in which file.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from moothall.errors import Conflict, DataCorrupt, DataTooNew, MoothallError, StorageError
from moothall.log.room_log import Durability

__all__ = [
    "SCHEMA",
    "SINCE_SCHEMA_2",
    "TABLES",
    "Connect",
    "Start",
    "for_sure",
    "look_at",
    "mark_clean",
    "note",
    "open_reading",
    "open_writing",
    "prepare",
    "schema_of",
    "translated",
]

Connect = Callable[..., sqlite3.Connection]
"""`sqlite3.connect`, or what stands in for it."""

SCHEMA: Final = 2

_BUSY_SECONDS: Final = 0.1
"""How long a commit waits for a lock: nobody else should hold one, and the whole server waits with it."""

SINCE_SCHEMA_2: Final = (
    "CREATE TABLE base (room INTEGER PRIMARY KEY, seq INTEGER NOT NULL, checksum INTEGER NOT NULL, body BLOB NOT NULL)",
)

TABLES: Final = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE room (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, open INTEGER NOT NULL,"
    " last_row INTEGER NOT NULL, last_seq INTEGER NOT NULL)",
    "CREATE TABLE entry (id INTEGER PRIMARY KEY, room INTEGER NOT NULL, seq INTEGER NOT NULL, count INTEGER NOT NULL,"
    " before INTEGER NOT NULL, checksum INTEGER NOT NULL, body BLOB NOT NULL)",
    "CREATE TABLE milestone (room INTEGER, seq INTEGER, entry INTEGER NOT NULL, PRIMARY KEY (room, seq)) WITHOUT ROWID",
    "CREATE TABLE seat_key (room INTEGER, name TEXT, digest BLOB NOT NULL, PRIMARY KEY (room, name)) WITHOUT ROWID",
    *SINCE_SCHEMA_2,
)

# What no retry will mend: statements of ours that SQLite does not understand meet a damaged schema, a value that is too
# big or that breaks SQLite's own rules a damaged row.
_DAMAGE: Final = (sqlite3.DataError, sqlite3.InternalError)

_FORMATS: Final = slice(18, 20)
"""Where the header of a database says which format it has: for writers and for readers, 1 or 2 each."""

_SYNCHRONOUS: Final = {Durability.POWER: "FULL", Durability.CRASH: "NORMAL", Durability.NONE: "NORMAL"}


class Start(Struct, frozen=True):
    """What is known at a start, beside the file: `run` of the machine, "" where the system doesn't say.

    `noted_row`: a row that the server before is known to have stored; None where nothing is known of it.
    """

    durability: Durability
    run: str
    noted_row: int | None


def open_reading(path: Path) -> sqlite3.Connection:
    """Open a log that somebody else may be writing. It changes nothing, not even by closing.

    Raises:
        StorageError: there is none, or it can't be read now.
        DataTooNew: a newer version wrote it.
        DataCorrupt: it is no log.
    """
    _check_header(path)
    with translated("read"):
        uri = f"{path.resolve().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_SECONDS)
        try:
            found = _check_version(connection, path)
            # It is the server that makes the tables, and brings older ones up to date; until then they are empty here.
            if found < SCHEMA:
                for table in SINCE_SCHEMA_2 if found else TABLES:
                    connection.execute(table.replace("CREATE TABLE", "CREATE TEMP TABLE"))
            if not found:
                note(connection, schema=str(SCHEMA), settled="0")
        except (sqlite3.Error, MoothallError):
            connection.close()
            raise
    return connection


def look_at(path: Path) -> None:
    """See whether a file is a log that this version can write, without touching it.

    Raises as `open_reading` does.
    """
    try:
        open_reading(path).close()
    except StorageError as error:
        if getattr(error.__cause__, "sqlite_errorcode", None) != sqlite3.SQLITE_READONLY_ROLLBACK:
            raise
        # Its creation was cut short, and only a writer can take back what was begun.
        with translated("opened"), closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        open_reading(path).close()


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
        connection.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten, not only unlinked
        # What the system keeps for a server before us may never have reached the disk, where a sync of it failed. It is
        # read as if it had: so put it there before anything is written behind it.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def prepare(connection: sqlite3.Connection, path: Path | None, start: Start, last_row: int) -> str:
    """Note that a server runs, and return the epoch.

    The epoch is a new one where entries may be gone that somebody has seen: after an unclean stop at durability NONE,
    and at CRASH when the machine has started anew since (or this can't be known); where the file is not the one that
    the server before had, or ends before a row that it had stored: so it is after a backup was put in its place.
    """
    file = "" if path is None else str(path.stat().st_ino)
    with for_sure(connection):
        known = _known(connection)
        is_whole = start.noted_row is not None and start.noted_row <= last_row and known.get("file", file) == file
        epoch = known["epoch"] if is_whole and _has_all(known, start.run) else f"e_{secrets.token_hex(8)}"
        durability = start.durability.value
        note(connection, epoch=epoch, clean="0", durability=durability, machine_run=start.run, file=file)
    return epoch


def mark_clean(connection: sqlite3.Connection) -> None:
    """Note that everything which was shown is stored, as the last thing before closing."""
    with for_sure(connection):
        note(connection, clean="1")


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
    if isinstance(error, sqlite3.OperationalError):
        # SQLITE_ERROR is a statement that can't be understood; all others are the disk's: no space, no right, locked.
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR:
            return StorageError(f"The log can't be {doing} now: {error}.")
        return DataCorrupt(f"The file of the log is damaged: {error}.")
    if isinstance(error, sqlite3.IntegrityError):  # the number of a row is taken
        return Conflict(f"Somebody else has written to the log: {error}.")
    if type(error) is sqlite3.DatabaseError or isinstance(error, _DAMAGE):
        # SQLITE_CORRUPT and SQLITE_NOTADB have no class of their own.
        return DataCorrupt(f"The file of the log is damaged: {error}.")
    return None


def _check_header(path: Path) -> None:
    # Two bytes that SQLite takes for a newer format of its own, which it then refuses to write without saying so.
    try:
        with path.open("rb") as file:
            header = file.read(_FORMATS.stop)
    except OSError:
        return  # what is the matter with it is said when it is opened
    if header.startswith(b"SQLite format 3\0") and not {1, 2}.issuperset(header[_FORMATS]):
        raise DataCorrupt(f"The file of the log is damaged: {path} has a header that SQLite did not write.")


def _check_version(connection: sqlite3.Connection, path: Path) -> int:
    tables = {name for (name,) in connection.execute("SELECT CAST(name AS BLOB) FROM sqlite_master")}
    if not tables:
        return 0  # its creation was cut short, before anything was in it
    if b"meta" not in tables:
        raise DataCorrupt(f"{path} is not a log of Moothall.")
    found = schema_of(connection)
    if found is None:
        raise DataCorrupt(f"{path} does not say which version of the log it is.")
    if found > SCHEMA:
        raise DataTooNew(f"{path} was written by a newer Moothall (schema {found}, this one knows {SCHEMA}).")
    return found


def schema_of(connection: sqlite3.Connection) -> int | None:
    """Return the version of the schema that the file says; None where it says none."""
    found = connection.execute("SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'schema'").fetchone()
    return found[0] if found is not None and type(found[0]) is int and found[0] > 0 else None


def _has_all(known: dict[str, str], machine_run: str) -> bool:
    if "epoch" not in known:
        return False
    if known.get("clean") == "1" or known.get("durability") == Durability.POWER:
        return True
    return known.get("durability") == Durability.CRASH and machine_run == known.get("machine_run") != ""


@contextmanager
def for_sure(connection: sqlite3.Connection) -> Iterator[None]:
    """Run a transaction that is on the disk when it ends, whatever the durability.

    Whether a stop was clean must be there before the first entry after it, and after the last one before it: a commit
    at FULL carries along all that came before it.
    """
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


def note(connection: sqlite3.Connection, **facts: str) -> None:
    """Write what the log says of itself."""
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts.items())


def _known(connection: sqlite3.Connection) -> dict[str, str]:
    # Read as bytes: damage can make it no UTF-8, and then it says nothing that is known.
    rows = connection.execute("SELECT CAST(name AS BLOB), CAST(value AS BLOB) FROM meta").fetchall()
    return {
        name.decode(errors="replace"): value.decode(errors="replace")
        for name, value in rows
        if name is not None and value is not None
    }
