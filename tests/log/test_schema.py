"""Which files are opened at all, and when a cursor of yesterday is still good."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from moothall.errors import DataCorrupt, DataTooNew, StorageError
from moothall.log.reader import open_reader
from moothall.log.room_log import Durability
from moothall.log.schema import SCHEMA, translated
from moothall.log.sqlite import open_log
from tests.log.disk import MAIN, Disk, batch_of, said

CLEAN, KILLED = True, False


def epochs(folder: Path, durability: Durability, end: bool, runs: tuple[str, str]) -> tuple[str, str]:
    """Return the epochs of a server and of the next one."""
    disk = Disk()
    first = open_log(folder, durability, connect=disk.connect, run=runs[0])
    first.commit(batch_of([said(1)]))
    if end is CLEAN:
        first.close()
    disk.cut()
    second = open_log(folder, Durability.POWER, run=runs[1])
    second.close()
    return first.epoch, second.epoch


@pytest.mark.parametrize(
    ("durability", "end", "runs", "is_kept"),
    [
        (Durability.POWER, KILLED, ("boot 1", "boot 2"), True),
        (Durability.CRASH, CLEAN, ("boot 1", "boot 2"), True),
        (Durability.CRASH, KILLED, ("boot 1", "boot 1"), True),
        (Durability.CRASH, KILLED, ("boot 1", "boot 2"), False),
        (Durability.CRASH, KILLED, ("", ""), False),
        (Durability.NONE, CLEAN, ("boot 1", "boot 2"), True),
        (Durability.NONE, KILLED, ("boot 1", "boot 1"), False),
    ],
)
def test_the_epoch_changes_when_entries_may_be_gone(
    tmp_path: Path, durability: Durability, end: bool, runs: tuple[str, str], is_kept: bool
) -> None:
    """Somebody may have seen seq 9 while the file ends at 8; the next 9 would be other words."""
    first, second = epochs(tmp_path, durability, end, runs)

    assert (first == second) is is_kept


@pytest.mark.parametrize(("noted", "is_kept"), [(0, True), (1, True), (2, False), (None, False)])
def test_the_epoch_changes_when_the_data_ends_before_what_was_stored(
    tmp_path: Path, noted: int | None, is_kept: bool
) -> None:
    """An older copy was put in its place, or a damaged end was cut off; or nobody knows what was stored."""
    first = open_log(tmp_path)
    first.commit(batch_of([said(1)]))
    first.close()
    stored: list[int] = []
    second = open_log(tmp_path, noted_row=noted, on_stored=stored.append)
    second.commit(batch_of([said(2)]))
    second.close()

    assert (first.epoch == second.epoch) is is_kept
    assert second.missing_rows == max((noted or 0) - 1, 0)
    assert stored == [1, 2]


def test_the_epoch_changes_with_the_file(tmp_path: Path) -> None:
    """A folder that was copied back as a whole, the notes of its server and all."""
    first = open_log(tmp_path)
    first.commit(batch_of([said(1)]))
    first.close()
    copy = (tmp_path / "moothall.db").read_bytes()
    (tmp_path / "moothall.db").rename(tmp_path / "elsewhere")
    (tmp_path / "moothall.db").write_bytes(copy)
    second = open_log(tmp_path, noted_row=1)
    second.close()
    third = open_log(tmp_path, noted_row=1)
    third.close()

    assert first.epoch != second.epoch == third.epoch


def test_that_a_server_runs_is_on_the_disk_before_its_first_entry(tmp_path: Path) -> None:
    """At CRASH a power cut may take entries; it must not take the note by which the next start knows."""
    disk = Disk()
    log = open_log(tmp_path, Durability.CRASH, connect=disk.connect)

    noted = [sql for sql in disk.statements if sql.startswith(("PRAGMA synchronous =", "COMMIT", "INSERT OR REPLACE"))]
    full, commit = noted.index("PRAGMA synchronous = FULL"), noted.index("COMMIT")
    assert full < commit < noted.index("PRAGMA synchronous = 1", full)
    log.close()


def make_file(folder: Path, *statements: str) -> bytes:
    """Make a database and return its bytes."""
    folder.mkdir(exist_ok=True)
    connection = sqlite3.connect(folder / "moothall.db", isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()
    return (folder / "moothall.db").read_bytes()


def test_a_newer_schema_is_refused_and_not_touched(tmp_path: Path) -> None:
    """Whoever goes back to an older version finds everything when they go forward again."""
    log = open_log(tmp_path, Durability.POWER)
    log.commit(batch_of([said(1)]))
    log.close()
    before = make_file(tmp_path, f"UPDATE meta SET value = {SCHEMA + 1} WHERE name = 'schema'")

    with pytest.raises(DataTooNew, match=f"schema {SCHEMA + 1}") as caught:
        open_log(tmp_path, Durability.POWER)
    with pytest.raises(DataTooNew):
        open_reader(tmp_path)

    assert caught.value.exit_code == 5
    assert (tmp_path / "moothall.db").read_bytes() == before


def test_a_newer_schema_is_seen_even_where_its_server_was_killed(tmp_path: Path) -> None:
    """Then the newest pages are in the WAL, and looking must not move them."""
    disk = Disk()
    newer = open_log(tmp_path, Durability.POWER, connect=disk.connect)
    disk.connections[0].execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    before = [(tmp_path / name).read_bytes() for name in ("moothall.db", "moothall.db-wal")]

    with pytest.raises(DataTooNew, match="99"):
        open_log(tmp_path, Durability.POWER)

    assert [(tmp_path / name).read_bytes() for name in ("moothall.db", "moothall.db-wal")] == before
    newer.close()


@pytest.mark.parametrize(
    "content",
    [b"This is no database.\n" * 300, b"SQLite format 3\0" + b"\xff" * 4080],
    ids=["text", "damaged header"],
)
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    """It may be somebody's; it stays as it is."""
    (tmp_path / "moothall.db").write_bytes(content)

    with pytest.raises(DataCorrupt) as caught:
        open_log(tmp_path, Durability.POWER)

    assert caught.value.exit_code == 4
    assert (tmp_path / "moothall.db").read_bytes() == content


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    """It is no log of ours, and we make no tables in it."""
    before = make_file(tmp_path, "CREATE TABLE recipe (title TEXT)")

    with pytest.raises(DataCorrupt, match="not a log"):
        open_log(tmp_path, Durability.POWER)
    assert (tmp_path / "moothall.db").read_bytes() == before


def test_a_log_that_does_not_say_its_version_is_refused(tmp_path: Path) -> None:
    """It can't be known how to read it."""
    make_file(tmp_path, "CREATE TABLE meta (name TEXT, value TEXT)")

    with pytest.raises(DataCorrupt, match="version"):
        open_log(tmp_path, Durability.POWER)


def test_damage_in_the_middle_of_the_file_is_refused(tmp_path: Path) -> None:
    """SQLite sees it when it reads the page; people get one sentence."""
    log = open_log(tmp_path, Durability.POWER)
    log.commit(batch_of([said(1, "x" * 20_000)]))
    log.close()
    data = bytearray((tmp_path / "moothall.db").read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    (tmp_path / "moothall.db").write_bytes(data)

    with pytest.raises(DataCorrupt, match="damaged"):
        open_log(tmp_path, Durability.POWER)


def test_an_empty_file_is_a_log_that_was_never_made(tmp_path: Path) -> None:
    """A server may be killed between making the file and its tables."""
    (tmp_path / "moothall.db").touch()
    reader = open_reader(tmp_path)
    reader.close()

    log = open_log(tmp_path, Durability.POWER)
    log.commit(batch_of([said(1)]))

    assert log.read(MAIN, after=0) == [said(1)]
    log.close()


def test_a_file_without_tables_gets_them(tmp_path: Path) -> None:
    """The same, a moment later."""
    make_file(tmp_path, "PRAGMA journal_mode = WAL", "PRAGMA application_id = 0")

    open_log(tmp_path, Durability.POWER).close()


def test_a_file_that_cannot_be_read_now_is_a_storage_error(tmp_path: Path) -> None:
    """A folder in its place, for one."""
    (tmp_path / "moothall.db").mkdir()

    with pytest.raises(StorageError):
        open_log(tmp_path, Durability.POWER)


def test_a_misuse_of_sqlite_stays_a_bug() -> None:
    """Nobody can act on it but us, and a traceback helps."""
    with pytest.raises(sqlite3.ProgrammingError), translated("read"):
        raise sqlite3.ProgrammingError("Cannot operate on a closed database.")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_FULL, StorageError),
        (sqlite3.SQLITE_IOERR_FSYNC, StorageError),
        (sqlite3.SQLITE_READONLY, StorageError),
        (sqlite3.SQLITE_BUSY, StorageError),
        (sqlite3.SQLITE_ERROR, DataCorrupt),
    ],
)
def test_what_a_retry_may_mend_is_told_from_damage(code: int, expected: type[Exception]) -> None:
    """A statement of ours that SQLite can't make sense of meets tables that are not what we made."""
    error = sqlite3.OperationalError("no")
    error.sqlite_errorcode = code

    with pytest.raises(expected), translated("read"):
        raise error


def test_values_that_sqlite_cannot_take_in_are_damage() -> None:
    """A length of four billion bytes, say."""
    with pytest.raises(DataCorrupt), translated("read"):
        raise sqlite3.DataError("string or blob too big")


@pytest.mark.parametrize("table", ["base", "room", "entry"])
def test_a_missing_table_is_damage(tmp_path: Path, table: str) -> None:
    """And no reason to try again for ever."""
    open_log(tmp_path).close()
    make_file(tmp_path, f"ALTER TABLE {table} RENAME TO other")

    with pytest.raises(DataCorrupt, match="damaged"):
        open_log(tmp_path).rooms()


def test_a_creation_that_was_cut_short_is_taken_back(tmp_path: Path) -> None:
    """Killed while the file was made a log: its journal is still there, which a reader may not touch."""
    make_file(tmp_path)
    program = (
        "import os, sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "connection.execute('PRAGMA cache_spill = 1'); connection.execute('PRAGMA cache_size = 1')\n"
        "connection.execute('BEGIN IMMEDIATE')\n"
        "connection.execute('CREATE TABLE half (body BLOB)')\n"
        "for _ in range(50): connection.execute('INSERT INTO half VALUES (zeroblob(4000))')\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "moothall.db")], check=False)
    assert (tmp_path / "moothall.db-journal").stat().st_size
    with pytest.raises(StorageError):
        open_reader(tmp_path)

    log = open_log(tmp_path)
    log.commit(batch_of([said(1)]))
    assert log.read(MAIN, after=0) == [said(1)]
    log.close()


@pytest.mark.parametrize("place", [18, 19])
def test_a_header_that_sqlite_would_only_read_is_damage(tmp_path: Path, place: int) -> None:
    """A flipped bit makes of it a format that it refuses to write, without a word."""
    open_log(tmp_path).close()
    data = bytearray((tmp_path / "moothall.db").read_bytes())
    data[place] |= 16
    (tmp_path / "moothall.db").write_bytes(data)

    with pytest.raises(DataCorrupt, match="header"):
        open_log(tmp_path)


def test_what_the_log_says_of_itself_may_be_damaged(tmp_path: Path) -> None:
    """Then it says nothing, and readers are told to begin anew."""
    first = open_log(tmp_path)
    first.close()
    make_file(
        tmp_path,
        "CREATE TABLE other (name TEXT, value TEXT)",
        "INSERT INTO other SELECT name, CASE name WHEN 'clean' THEN NULL ELSE value END FROM meta",
        "DROP TABLE meta",
        "ALTER TABLE other RENAME TO meta",
        "UPDATE meta SET value = CAST(x'ff' AS TEXT) WHERE name = 'durability'",
        "CREATE UNIQUE INDEX meta_name ON meta (name)",
    )
    second = open_log(tmp_path)
    second.close()

    assert first.epoch != second.epoch


def test_a_room_under_another_name_is_damage(tmp_path: Path) -> None:
    """Its rows say whose they are: nobody opens an empty room in the place of one that was."""
    log = open_log(tmp_path)
    log.commit(batch_of([said(1)]))
    log.close()
    make_file(tmp_path, "UPDATE room SET name = 'maim'")

    with pytest.raises(DataCorrupt, match="maim"):
        open_log(tmp_path)
