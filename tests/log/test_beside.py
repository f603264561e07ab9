"""Keys and marks: kept by room and name, deleted with the seat, and put back after a commit that failed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from moothall.engine.names import Name
from moothall.errors import DataCorrupt, StorageError
from moothall.hall.clerk import key_digest
from moothall.log.beside import Beside, read_keys
from moothall.log.folder import DATABASE
from moothall.log.room_log import KeyChange, RoomMark
from moothall.log.schema import TABLES
from moothall.log.sqlite import open_log
from tests.log.disk import KARI, MAIN, Disk, batch_of, said

MAIN_ID, LAB_ID = 1, 2
LARS, AASE = Name("Lars"), Name("Åse 李")
ONE, OTHER = key_digest("k_one"), key_digest("k_other")


@pytest.fixture
def tables() -> Iterator[sqlite3.Connection]:
    """Return a database with the tables of a log."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for table in TABLES:
            connection.execute(table)
        yield connection


def test_a_key_is_kept_with_its_seat(tables: sqlite3.Connection) -> None:
    """Whatever the script of the name; a room without keys has none."""
    Beside(tables).write(tables, {(MAIN_ID, KARI): ONE, (MAIN_ID, AASE): OTHER}, ())

    assert read_keys(tables, MAIN_ID) == {KARI: ONE, AASE: OTHER}
    assert read_keys(tables, LAB_ID) == {}


def test_the_same_name_in_another_room_is_another_seat(tables: sqlite3.Connection) -> None:
    """A key that is deleted in one room is kept in the other."""
    Beside(tables).write(tables, {(MAIN_ID, KARI): ONE, (LAB_ID, KARI): OTHER}, ())
    Beside(tables).write(tables, {(MAIN_ID, KARI): None}, ())

    assert (read_keys(tables, MAIN_ID), read_keys(tables, LAB_ID)) == ({}, {KARI: OTHER})


def test_a_newer_key_takes_the_place_of_the_older(tables: sqlite3.Connection) -> None:
    """One seat, one key: the older one opens nothing any more."""
    Beside(tables).write(tables, {(MAIN_ID, KARI): ONE}, ())
    Beside(tables).write(tables, {(MAIN_ID, KARI): OTHER, (MAIN_ID, LARS): ONE}, ())

    assert read_keys(tables, MAIN_ID) == {KARI: OTHER, LARS: ONE}


def test_a_key_that_was_never_kept_can_be_deleted(tables: sqlite3.Connection) -> None:
    """A seat of the text door has none, and goes all the same."""
    Beside(tables).write(tables, {(MAIN_ID, KARI): None}, ())

    assert read_keys(tables, MAIN_ID) == {}


@pytest.mark.parametrize("digest", ["NULL", "7", "'text'"])
def test_a_hash_that_is_none_is_damage(tables: sqlite3.Connection, digest: str) -> None:
    """It must not be compared with anything that somebody can send."""
    tables.execute("DROP TABLE seat_key")
    tables.execute("CREATE TABLE seat_key (room INTEGER, name TEXT, digest BLOB)")
    tables.execute(f"INSERT INTO seat_key VALUES ({MAIN_ID}, 'Kari', {digest})")

    with pytest.raises(DataCorrupt, match="key of a seat"):
        read_keys(tables, MAIN_ID)


def test_a_name_that_is_no_text_is_damage(tables: sqlite3.Connection) -> None:
    """SQLite keeps any bytes as a text, and does not look whether they are one."""
    tables.execute("INSERT INTO seat_key VALUES (?, CAST(x'ff4b' AS TEXT), ?)", (MAIN_ID, ONE))

    with pytest.raises(DataCorrupt, match="the name of a seat is no text"):
        read_keys(tables, MAIN_ID)


def test_who_reads_the_data_gets_no_key(tmp_path: Path) -> None:
    """A copy of the data opens nobody's seat: only what the key was made into is in it."""
    key = "k_jwQynGsrH-jzSH-YUtb02g"
    log = open_log(tmp_path)
    log.commit(batch_of([said(1)], keys=[KeyChange(MAIN, KARI, key_digest(key))]))
    log.close()

    written = (tmp_path / DATABASE).read_bytes()
    assert (key.encode() in written, key_digest(key) in written) == (False, True)


def test_what_a_failed_commit_wrote_is_put_back(tables: sqlite3.Connection) -> None:
    """Keys and marks, of every commit since the last that was settled."""
    tables.execute("INSERT INTO room VALUES (1, 'main', FALSE, 0, 0)")
    beside = Beside(tables)
    beside.write(tables, {(MAIN_ID, KARI): ONE}, [(True, MAIN_ID)])
    beside.settle()
    beside.write(tables, {(MAIN_ID, KARI): None, (MAIN_ID, LARS): ONE}, [(False, MAIN_ID)])
    beside.write(tables, {(MAIN_ID, AASE): OTHER}, ())
    beside.take_back(tables)

    assert read_keys(tables, MAIN_ID) == {KARI: ONE}
    assert tables.execute("SELECT open FROM room").fetchall() == [(1,)]


def test_a_commit_that_was_made_and_failed_takes_no_seat_and_closes_no_room(tmp_path: Path) -> None:
    """The disk did it and said that it did not: the seat is still that of its key, the sitting still open."""
    disk = Disk()
    log = open_log(tmp_path, connect=disk.connect)
    log.commit(batch_of([said(1)], [KeyChange(MAIN, KARI, ONE)], [RoomMark(MAIN, open=True)]))
    disk.fails_after.add("COMMIT")
    with pytest.raises(StorageError):
        log.commit(batch_of([said(2)], [KeyChange(MAIN, KARI, None)], [RoomMark(MAIN, open=False)]))
    disk.fails_after.clear()

    log.commit(batch_of([said(2, "another")]))

    assert log.held(MAIN).keys == {KARI: ONE}
    assert log.rooms()[0].open
    log.close()
