"""Shown first, written within a second: what that means when writing fails, and at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from moothall.engine.names import RoomName
from moothall.errors import Conflict, StorageError
from moothall.log import late
from moothall.log.reader import open_reader
from moothall.log.room_log import Durability, Entry, KeyChange, RoomMark, entries_of
from moothall.log.sqlite import SqliteLog, open_log
from tests.log.disk import KARI, LAB, MAIN, Disk, batch_of, run_of, said


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def log(tmp_path: Path, disk: Disk) -> Iterator[SqliteLog | late.LateLog]:
    opened = open_log(tmp_path, Durability.NONE, connect=disk.connect)
    yield opened
    disk.fails_before.clear()
    opened.close()


def stored(folder: Path) -> Sequence[int]:
    """Return the seqs of the main room that are in the file."""
    reader = open_reader(folder)
    seqs = [entry.seq for entry in reader.read(MAIN, after=0)]
    reader.close()
    return seqs


def test_a_commit_touches_no_disk(log: SqliteLog | late.LateLog, disk: Disk, tmp_path: Path) -> None:
    """That is all there is to this durability; the entries are read nevertheless."""
    before = len(disk.statements)
    log.commit(batch_of(run_of(1, 3)))

    assert len(disk.statements) == before
    assert log.read(MAIN, after=1) == run_of(2, 3)
    assert stored(tmp_path) == []


def test_a_flush_writes_all_in_one_transaction(log: SqliteLog | late.LateLog, disk: Disk, tmp_path: Path) -> None:
    """Also keys and marks, which belong to the entries."""
    log.commit(batch_of([said(1), said(1, room=LAB)], [KeyChange(MAIN, KARI, b"1")]))
    log.commit(batch_of([said(2)], marks=[RoomMark(MAIN, open=True)]))
    disk.statements.clear()

    log.flush()

    assert disk.statements.count("COMMIT") == 1
    assert stored(tmp_path) == [1, 2]
    assert log.held(MAIN).keys == {KARI: b"1"}
    assert [room.open for room in log.rooms()] == [True, False]


def test_a_page_may_be_half_written_half_not(log: SqliteLog | late.LateLog) -> None:
    """A reader sees one log."""
    log.commit(batch_of(run_of(1, 40)))
    log.flush()
    log.commit(batch_of([*run_of(41, 60), said(1, room=LAB)]))

    assert log.read(MAIN, after=0) == run_of(1, 60)
    assert log.read(MAIN, after=30, limit=20) == run_of(31, 50)
    assert log.read(MAIN, after=45) == run_of(46, 60)


def test_a_page_takes_no_longer_the_more_is_unwritten(
    log: SqliteLog | late.LateLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what a failing disk has left unwritten only that is looked into which is asked for."""
    looked_into: list[int] = []

    def counted(room: RoomName, first_seq: int, body: bytes | bytearray) -> Iterator[Entry]:
        looked_into.append(first_seq)
        return entries_of(room, first_seq, body)

    monkeypatch.setattr(late, "entries_of", counted)
    for seq in range(1, 101):
        log.commit(batch_of([said(seq)]))

    assert log.read(MAIN, after=90, limit=3) == run_of(91, 93)
    assert len(looked_into) <= 4


def test_what_could_not_be_written_is_written_later(log: SqliteLog | late.LateLog, disk: Disk, tmp_path: Path) -> None:
    """Everybody has seen it already, so it is kept until the disk has room again."""
    log.commit(batch_of(run_of(1, 2)))
    disk.fails_before.add("COMMIT")
    with pytest.raises(StorageError):
        log.flush()
    log.commit(batch_of([said(3)]))
    disk.fails_before.clear()

    assert log.read(MAIN, after=0) == run_of(1, 3)
    log.flush()

    assert stored(tmp_path) == [1, 2, 3]


def test_memory_has_an_end(
    log: SqliteLog | late.LateLog, disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that stays full makes a commit fail in the end, as at any durability, and not the machine."""
    monkeypatch.setattr(late, "MAX_UNWRITTEN_BYTES", 100)
    log.commit(batch_of([said(1, "x" * 100)]))

    with pytest.raises(StorageError, match="memory"):
        log.commit(batch_of([said(2)]))
    log.flush()
    log.commit(batch_of([said(2)]))

    assert log.read(MAIN, after=1) == [said(2)]


def test_a_conflict_is_found_before_anything_is_written(log: SqliteLog | late.LateLog) -> None:
    """Where it is caused, not a second later."""
    log.commit(batch_of(run_of(1, 2)))
    log.flush()

    with pytest.raises(Conflict, match="room main has the seq 3, not 2"):
        log.commit(batch_of([said(2)]))


def test_closing_writes_the_rest(tmp_path: Path) -> None:
    """A clean stop loses nothing, and cursors stay good."""
    log = open_log(tmp_path, Durability.NONE)
    log.commit(batch_of(run_of(1, 3)))
    log.close()
    again = open_log(tmp_path, Durability.NONE)

    assert again.epoch == log.epoch
    assert again.read(MAIN, after=0) == run_of(1, 3)
    again.close()


def test_closing_on_a_full_disk_says_so_and_voids_the_cursors(tmp_path: Path, disk: Disk) -> None:
    """What was shown is lost: nobody may go on from a seq that will be somebody else's words."""
    log = open_log(tmp_path, Durability.NONE, connect=disk.connect)
    log.commit(batch_of([said(1)]))
    disk.fails_before.add("COMMIT")

    with pytest.raises(StorageError):
        log.close()

    again = open_log(tmp_path, Durability.NONE)
    assert again.epoch != log.epoch
    assert again.read(MAIN, after=0) == []
    again.close()
