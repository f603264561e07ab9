"""The simulated disk itself: an image keeps all that was synced, and loses what a power cut may take."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from moothall.errors import StorageError
from moothall.log.room_log import Durability
from moothall.log.sqlite import open_log
from tests.log.disk import MAIN, batch_of, run_of
from tests.torture.platter import Cut, Kind, Operation, Platter, keep_image
from tests.torture.sim_disk import Fault, How, SimDisk

OLD, NEW = b"o" * 2048, b"n" * 2048


@pytest.fixture
def disk() -> Iterator[SimDisk]:
    disk = SimDisk()
    yield disk
    disk.close()


def write(data: bytes, at: int = 0) -> Operation:
    return Operation(Kind.WRITE, "f", at, data)


def a_platter(*operations: Operation, seed: int = 0) -> Platter:
    """A file that is there for sure and full of old words; then these operations."""
    platter = Platter(Random(seed))
    old = (Operation(Kind.CREATE, "f"), write(OLD), Operation(Kind.SYNC, "f", with_folder=True))
    for operation in (*old, *operations):
        platter.play(operation)
    return platter


def found(platter: Platter) -> set[bytes | None]:
    """Return whatever can be found of the file, in a hundred cuts."""
    return {platter.image(Cut.SOME).get("f") for _ in range(100)}


def test_an_image_with_nothing_dropped_is_the_real_files(tmp_path: Path, disk: SimDisk) -> None:
    """At every moment: else what is cut would not be what SQLite has done."""
    played, platter = 0, Platter(Random(0))
    log = open_log(tmp_path, Durability.CRASH, connect=disk.connect)
    for seq in range(1, 200):
        log.commit(batch_of(run_of(seq, seq)))
        if seq == 150:
            log.close()
            log = open_log(tmp_path, Durability.CRASH, connect=disk.connect)
        for operation in disk.operations[played:]:
            platter.play(operation)
        played = len(disk.operations)
        real = {file.name: file.read_bytes() for file in tmp_path.iterdir() if file.suffix in {".db", ".db-wal"}}

        assert platter.image(Cut.ALL) == real
    log.close()


def test_what_was_synced_is_always_there() -> None:
    """Whatever is dropped besides."""
    platter = a_platter(write(NEW), Operation(Kind.SYNC, "f"))

    assert found(platter) | {platter.image(cut)["f"] for cut in Cut} == {NEW}


def test_an_unsynced_write_may_be_missing_or_torn_at_any_sector() -> None:
    """A sector is whole or not at all; and which of them came to the disk first, nobody knows."""
    images = found(a_platter(write(NEW)))

    assert {NEW, OLD} < images
    assert OLD[:1024] + NEW[1024:] in images
    assert NEW[:512] + OLD[512:1024] + NEW[1024:] in images
    assert all(len({*data[at : at + 512]}) == 1 for data in images if data for at in range(0, 2048, 512))


def test_each_unsynced_write_is_kept_or_dropped_by_itself() -> None:
    """A later one may be there without an earlier one, and what lies between is zeros."""
    first, second = write(b"1" * 512, 2048), write(b"2" * 512, 2560)
    platter = a_platter(first, second)

    assert {OLD, OLD + first.data, OLD + bytes(512) + second.data, OLD + first.data + second.data} <= found(platter)
    assert platter.image(Cut.NONE) == {"f": OLD}
    assert platter.image(Cut.LAST) == {"f": OLD + bytes(512) + second.data}
    assert platter.image(Cut.ALL) == {"f": OLD + first.data + second.data}


def test_a_truncation_may_be_undone() -> None:
    """It is an operation like any other."""
    assert found(a_platter(Operation(Kind.TRUNCATE, "f", 512))) == {OLD, OLD[:512]}


def test_a_file_may_be_missing_or_back_until_the_folder_is_synced() -> None:
    """The name of a file is on the disk by itself."""
    delete, create = Operation(Kind.DELETE, "f"), Operation(Kind.CREATE, "f")
    sync = Operation(Kind.SYNC, "f")

    assert found(a_platter(delete)) == {OLD, None}
    assert found(a_platter(delete, create, write(NEW), sync)) == {OLD, None, NEW}
    assert found(a_platter(delete, create, write(NEW), Operation(Kind.SYNC, "f", with_folder=True))) == {NEW}
    assert found(a_platter(Operation(Kind.DELETE, "f", with_folder=True))) == {None}


def test_what_a_failed_sync_forgot_no_later_one_brings_back() -> None:
    """Many systems take the pages for written once they have told that they could not be."""
    syncs = Operation(Kind.FAILED_SYNC, "f"), Operation(Kind.SYNC, "f")
    images = {a_platter(write(NEW), *syncs, seed=seed).image(Cut.ALL)["f"] for seed in range(30)}

    assert {OLD, NEW} < images


def test_a_sync_that_the_disk_only_answers_is_none(tmp_path: Path, disk: SimDisk) -> None:
    """The planted fault of the power cuts: the commit returns, and its words are gone."""
    log = open_log(tmp_path, Durability.POWER, connect=disk.connect, run="1")
    disk.liar = frozenset({disk.syncs + 1})
    log.commit(batch_of(run_of(1, 1)))
    platter = Platter(Random(0))
    for operation in disk.operations:
        platter.play(operation)
    log.close()

    again = open_log(keep_image(platter.image(Cut.NONE), tmp_path / "image"), run="2")
    assert again.read(MAIN, after=0) == []
    again.close()


@pytest.mark.parametrize(
    ("how", "name"), [(How.EIO, "SQLITE_IOERR_WRITE"), (How.FULL, "SQLITE_FULL"), (How.READ_ONLY, "SQLITE_READONLY")]
)
def test_a_broken_disk_raises_the_errors_of_sqlite3(tmp_path: Path, disk: SimDisk, how: How, name: str) -> None:
    """The product decides by their class what is to be done, so the stand-in must raise the same."""
    connection = disk.connect(str(tmp_path / "f.db"))
    for statement in ("PRAGMA journal_mode = WAL", "CREATE TABLE t (a)", "BEGIN", "INSERT INTO t VALUES (1)"):
        connection.execute(statement)
    disk.fault = Fault(disk.count + 1, how, 1000)
    with pytest.raises(sqlite3.OperationalError) as caught:
        connection.execute("COMMIT")
    disk.fault = None
    connection.close()

    assert caught.value.sqlite_errorname == name


def test_other_errors_are_those_of_sqlite3_too(tmp_path: Path, disk: SimDisk) -> None:
    """A taken number, a locked file, a file that is none, and a mistake in the statement."""
    (tmp_path / "text").write_bytes(b"This is no database. " * 50)
    connection = disk.connect(str(tmp_path / "f.db"), timeout=0)
    connection.execute("CREATE TABLE t (a UNIQUE)")
    connection.executemany("INSERT INTO t VALUES (?)", [(1,), (2,)])
    other = disk.connect(str(tmp_path / "f.db"), timeout=0)
    text = disk.connect(str(tmp_path / "text"))
    raised = []
    for at, statement in (
        (connection, "INSERT INTO t VALUES (1)"),
        (text, "SELECT * FROM sqlite_master"),
        (connection, "SELECT nothing"),
        (other, "BEGIN IMMEDIATE"),
        (connection, "BEGIN IMMEDIATE"),
    ):
        try:
            at.execute(statement)
        except sqlite3.Error as error:
            raised.append((type(error), error.sqlite_errorname))
    other.execute("ROLLBACK")

    assert raised == [
        (sqlite3.IntegrityError, "SQLITE_CONSTRAINT_UNIQUE"),
        (sqlite3.DatabaseError, "SQLITE_NOTADB"),
        (sqlite3.OperationalError, "SQLITE_ERROR"),
        (sqlite3.OperationalError, "SQLITE_BUSY"),
    ]
    assert connection.execute("SELECT a FROM t WHERE a > ?", (1,)).fetchone() == (2,)
    for each in (connection, other, text):
        each.close()


def test_a_short_write_is_half_there_and_an_error(tmp_path: Path, disk: SimDisk) -> None:
    """The log takes it for a commit that did not happen."""
    log = open_log(tmp_path, Durability.POWER, connect=disk.connect)
    before = len(disk.operations)
    disk.fault = Fault(disk.count + 1, How.SHORT, 1000)
    with pytest.raises(StorageError):
        log.commit(batch_of(run_of(1, 1)))
    disk.fault = None

    assert [len(operation.data) for operation in disk.operations[before:] if operation.kind is Kind.WRITE] == [12]
    log.commit(batch_of(run_of(1, 1)))
    assert log.read(MAIN, after=0) == run_of(1, 1)
    log.close()
