"""The log in SQLite: what a full disk, a second writer or a sudden end do to it. Its rules: the contract suite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from moothall.engine.names import RoomName, Seq
from moothall.errors import Conflict, DataCorrupt, StorageError
from moothall.log import sqlite
from moothall.log.room_log import Batch, Durability, KeyChange, RoomMark, RoomSummary
from moothall.log.sqlite import ROWS_AT_ONCE, SETTLE_ROWS, SqliteLog, machine_run, open_log
from tests.log.disk import KARI, LAB, MAIN, Disk, batch_of, run_of, said


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def log(tmp_path: Path, disk: Disk) -> Iterator[SqliteLog]:
    opened = open_log(tmp_path, Durability.CRASH, connect=disk.connect)
    assert isinstance(opened, SqliteLog)
    yield opened
    disk.fails_before.clear()
    disk.fails_after.clear()
    opened.close()


def pragma(disk: Disk, name: str) -> object:
    return disk.connections[0].execute(f"PRAGMA {name}").fetchone()[0]


@pytest.mark.parametrize(("durability", "synchronous"), [("power", 2), ("crash", 1), ("none", 1)])
def test_the_durability_is_sqlites(tmp_path: Path, disk: Disk, durability: str, synchronous: int) -> None:
    """FULL waits for the disk at each commit, NORMAL at each checkpoint; both keep the file whole."""
    log = open_log(tmp_path, Durability(durability), connect=disk.connect)

    assert (pragma(disk, "journal_mode"), pragma(disk, "synchronous")) == ("wal", synchronous)
    log.close()


def test_a_batch_is_one_transaction(log: SqliteLog, disk: Disk) -> None:
    """However many rooms are in it: the disk is waited for once."""
    disk.statements.clear()
    log.commit(batch_of([said(1), said(1, room=LAB)], [KeyChange(MAIN, KARI, b"1")], [RoomMark(LAB, open=True)]))

    words = [sql.split()[0] for sql in disk.statements]
    assert (words[0], words[-1], words.count("BEGIN"), words.count("COMMIT")) == ("BEGIN", "COMMIT", 1, 1)


@pytest.mark.parametrize("rows", [1, ROWS_AT_ONCE - 1, ROWS_AT_ONCE, ROWS_AT_ONCE + 1, 2 * ROWS_AT_ONCE + 3])
def test_a_batch_has_as_many_rows_as_it_has_rooms(log: SqliteLog, rows: int) -> None:
    """They are added in as few statements as can be, and the last one has the rest."""
    rooms = [RoomName(f"room-{number}") for number in range(rows)]
    log.commit(batch_of([said(1, room, room) for room in rooms]))

    assert [log.read(room, after=0) for room in rooms] == [[said(1, room, room)] for room in rooms]


@pytest.mark.parametrize("taken", [1, ROWS_AT_ONCE // 2, ROWS_AT_ONCE, ROWS_AT_ONCE + 2])
def test_a_row_that_cannot_be_added_takes_its_batch_with_it(log: SqliteLog, disk: Disk, taken: int) -> None:
    """Also what the same statement has added before it, and the statement before that."""
    log.commit(batch_of([said(1)]))
    disk.connections[0].execute("INSERT INTO entry VALUES (?, 9, 1, 1, 0, 0, X'00')", (1 + taken,))
    rooms = [MAIN, *(RoomName(f"room-{number}") for number in range(ROWS_AT_ONCE + 3))]
    with pytest.raises(Conflict):
        log.commit(batch_of([said(2, "lost", room) if room is MAIN else said(1, "lost", room) for room in rooms]))
    found = disk.connections[0].execute("SELECT id FROM entry").fetchall()

    log.commit(batch_of([said(2, "kept")]))

    assert found == [(1,), (1 + taken,)]
    assert log.read(MAIN, after=0) == [said(1), said(2, "kept")]
    assert [room.room for room in log.rooms()] == [MAIN]


@pytest.mark.parametrize("end", ["closed", "killed"])
def test_everything_is_there_after_a_restart(tmp_path: Path, disk: Disk, end: str) -> None:
    """Entries, keys and which rooms to load; and the seqs go on."""
    log = open_log(tmp_path, Durability.CRASH, connect=disk.connect)
    log.commit(batch_of([*run_of(1, 3), *run_of(1, 2, LAB)], [KeyChange(MAIN, KARI, b"1")], [RoomMark(LAB, open=True)]))
    log.commit(batch_of(run_of(4, 5)))
    if end == "closed":
        log.close()
    disk.cut()

    again = open_log(tmp_path, Durability.CRASH)
    again.commit(batch_of([said(6), said(3, room=LAB), said(1, room=RoomName("new"))]))

    assert again.read(MAIN, after=0) == run_of(1, 6)
    assert again.held(MAIN).keys == {KARI: b"1"}
    assert again.rooms() == [
        RoomSummary(MAIN, open=False, last_seq=Seq(6)),
        RoomSummary(LAB, open=True, last_seq=Seq(3)),
        RoomSummary(RoomName("new"), open=False, last_seq=Seq(1)),
    ]
    again.close()


def test_a_log_that_was_settled_on_the_way_restarts_too(tmp_path: Path, disk: Disk) -> None:
    """A start looks through the newest rows alone, so where older chains end must be written down before."""
    log = open_log(tmp_path, Durability.CRASH, connect=disk.connect)
    log.commit(batch_of([said(1, room=RoomName("old"))]))
    for seq in range(1, SETTLE_ROWS):
        log.commit(batch_of([said(seq), said(seq, room=LAB)]))
    log.commit(batch_of([said(SETTLE_ROWS)]))
    disk.cut()

    again = open_log(tmp_path, Durability.CRASH)

    assert [room.last_seq for room in again.rooms()] == [1, SETTLE_ROWS, SETTLE_ROWS - 1]
    assert again.read(MAIN, after=SETTLE_ROWS - 2) == run_of(SETTLE_ROWS - 1, SETTLE_ROWS)
    again.commit(batch_of([said(2, room=RoomName("old"))]))
    assert len(again.read(RoomName("old"), after=0)) == 2
    again.close()


@pytest.mark.parametrize("statement", ["BEGIN", "INSERT", "UPDATE", "COMMIT"])
def test_a_commit_that_fails_keeps_nothing_and_the_next_one_works(log: SqliteLog, disk: Disk, statement: str) -> None:
    """The seqs are used again, so not a trace of the failed batch may be left."""
    log.commit(batch_of([said(1)], [KeyChange(MAIN, KARI, b"1")]))
    disk.fails_before.add(statement)
    failing = batch_of([said(2, "lost"), said(1, room=LAB)], [KeyChange(MAIN, KARI, b"2")], [RoomMark(MAIN, open=True)])
    for _ in range(2):
        with pytest.raises(StorageError, match="disk I/O error"):
            log.commit(failing)

    assert log.read(MAIN, after=0) == [said(1)]
    assert log.rooms() == [RoomSummary(MAIN, open=False, last_seq=Seq(1))]
    assert log.held(MAIN).keys == {KARI: b"1"}
    disk.fails_before.clear()
    log.commit(batch_of([said(2, "kept"), said(1, room=RoomName("other"))]))
    assert log.read(MAIN, after=0) == [said(1), said(2, "kept")]


def test_a_connection_that_cannot_even_roll_back_is_replaced(log: SqliteLog, disk: Disk) -> None:
    """The next use opens another one, as soon as one can be opened."""
    log.commit(batch_of([said(1)]))
    disk.fails_before |= {"COMMIT", "ROLLBACK", "OPEN"}
    for _ in range(2):
        with pytest.raises(StorageError):
            log.commit(batch_of([said(2, "lost")]))
    with pytest.raises(StorageError):
        log.read(MAIN, after=0)

    disk.fails_before.clear()

    assert log.read(MAIN, after=0) == [said(1)]
    log.commit(batch_of([said(2)]))
    assert log.read(MAIN, after=0) == run_of(1, 2)
    assert len(disk.connections) == 2


@pytest.mark.parametrize("settle_rows", [1, SETTLE_ROWS])
def test_a_commit_that_was_kept_although_it_failed_is_taken_back(
    tmp_path: Path, log: SqliteLog, disk: Disk, monkeypatch: pytest.MonkeyPatch, settle_rows: int
) -> None:
    """Its senders were told that nothing is stored, and their seqs are somebody else's by now."""
    monkeypatch.setattr(sqlite, "SETTLE_ROWS", settle_rows)
    log.commit(batch_of(run_of(1, 70)))
    disk.fails_after.add("COMMIT")
    with pytest.raises(StorageError):
        log.commit(batch_of([*run_of(71, 300), said(1, "lost", LAB), said(1, "lost", RoomName("third"))]))
    disk.fails_after.clear()
    assert log.rooms() == [RoomSummary(MAIN, open=False, last_seq=Seq(70))]
    other = RoomName("other")

    log.commit(batch_of([*run_of(1, 80, other), said(71, "kept")]))

    disk.cut()
    again = open_log(tmp_path, Durability.CRASH)
    assert again.read(MAIN, after=0) == [*run_of(1, 70), said(71, "kept")]
    assert again.read(MAIN, after=10, limit=5) == run_of(11, 15)
    assert again.read(other, after=0) == run_of(1, 80, other)
    assert [room.room for room in again.rooms()] == ["main", "other"]
    again.commit(batch_of([said(72)]))
    again.close()


def test_a_disk_that_is_really_full(log: SqliteLog, disk: Disk) -> None:
    """SQLite's own error, not a planted one."""
    log.commit(batch_of([said(1)]))
    pages = pragma(disk, "page_count")
    pragma(disk, f"max_page_count = {pages}")
    with pytest.raises(StorageError, match="full"):
        log.commit(batch_of([said(2, "x" * 100_000)]))

    pragma(disk, "max_page_count = 1000000")
    log.commit(batch_of([said(2, "x" * 100_000)]))

    assert [entry.seq for entry in log.read(MAIN, after=0)] == [1, 2]


def test_somebody_elses_lock_is_waited_for_only_briefly(log: SqliteLog, tmp_path: Path) -> None:
    """The whole server waits with the commit, so it gives up and is tried again."""
    other = sqlite3.connect(tmp_path / "moothall.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="locked"):
        log.commit(batch_of([said(1)]))
    other.execute("ROLLBACK")
    other.close()

    log.commit(batch_of([said(1)]))

    assert log.read(MAIN, after=0) == [said(1)]


def test_a_second_writer_is_a_conflict(log: SqliteLog, tmp_path: Path) -> None:
    """The lock file keeps servers apart; where it was deleted, the rows' numbers still do."""
    second = open_log(tmp_path, Durability.CRASH)
    second.commit(batch_of([said(1)]))

    with pytest.raises(Conflict):
        log.commit(batch_of([said(1, "other words")]))

    assert second.read(MAIN, after=0) == [said(1)]
    second.close()


def test_a_file_that_is_damaged_under_us_is_no_passing_trouble(
    log: SqliteLog, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trying again would not help, so it is another error."""

    def damaged(sql: str, failing: set[str]) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    with monkeypatch.context() as patch:
        patch.setattr(disk, "meet", damaged)
        with pytest.raises(DataCorrupt, match="malformed"):
            log.commit(batch_of([said(1)]))

    log.commit(batch_of([said(1)]))


def test_a_bug_in_a_commit_leaves_no_transaction_open(log: SqliteLog) -> None:
    """A body that SQLite can't hold, say: the traceback is ours to read, and the log lives."""
    with pytest.raises(sqlite3.Error):
        log.commit(Batch(keys=[KeyChange(MAIN, KARI, object())]))  # type: ignore[arg-type]  # the bug

    log.commit(batch_of([said(1)]))

    assert log.read(MAIN, after=0) == [said(1)]


def test_closing_on_a_full_disk_is_closing(tmp_path: Path, disk: Disk) -> None:
    """Everything shown is stored already; only the note that says so is missing."""
    log = open_log(tmp_path, Durability.POWER, connect=disk.connect)
    log.commit(batch_of([said(1)]))
    disk.fails_before.add("COMMIT")

    log.close()

    again = open_log(tmp_path, Durability.POWER)
    assert (again.epoch, again.read(MAIN, after=0)) == (log.epoch, [said(1)])
    again.close()


def test_a_log_that_cannot_be_prepared_is_not_opened(tmp_path: Path, disk: Disk) -> None:
    """Nothing is half open: the next try begins anew."""
    for statement in ("PRAGMA", "BEGIN", "INSERT", "COMMIT"):
        disk.fails_before = {statement}
        with pytest.raises(StorageError, match="opened"):
            open_log(tmp_path, Durability.CRASH, connect=disk.connect)

    open_log(tmp_path, Durability.CRASH).close()


def test_the_wal_stays_small(log: SqliteLog, tmp_path: Path) -> None:
    """Checkpoints are part of committing: nothing else could fall behind."""
    for first in range(1, 600, 2):
        log.commit(batch_of([said(first, "x" * 50_000), said(first + 1, "x" * 50_000)]))

    assert (tmp_path / "moothall.db-wal").stat().st_size < 8 * 1024 * 1024


def test_the_machine_says_when_it_was_started() -> None:
    """The same all the time it runs, whatever it is."""
    assert machine_run() == machine_run()


def test_a_machine_that_does_not_say_is_asked_in_vain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then an unclean stop is taken for the worst one."""
    monkeypatch.setattr("moothall.log.sqlite.BOOT_ID", tmp_path / "nothing")

    assert machine_run() == ""


def test_forgetting_a_room_says_where_its_words_have_to_wait(tmp_path: Path) -> None:
    """Another program reads a moment of the past, and that moment has to be there for it."""
    log = open_log(tmp_path)
    assert isinstance(log, SqliteLog)
    log.commit(batch_of([said(1), said(1, room=LAB)]))
    reader = Disk().connect(tmp_path / "moothall.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM entry").fetchone()

    with pytest.raises(StorageError, match="main is deleted, but another program is reading"):
        log.forget(MAIN)
    reader.close()

    assert [room.room for room in log.rooms()] == [LAB]
    log.close()
