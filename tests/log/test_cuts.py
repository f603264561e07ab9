"""What is forgotten is gone, and the rest stays as it was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from moothall.engine.names import Seq
from moothall.errors import DataCorrupt, StorageError
from moothall.log.folder import DATABASE
from moothall.log.reader import open_reader
from moothall.log.room_log import Base, Batch, Cut, Durability, KeyChange, RoomLog, RoomMark
from moothall.log.sqlite import SqliteLog, open_log
from tests.log.disk import KARI, LAB, MAIN, Disk, batch_of, run_of, said


def cut(seq: int, body: bytes = b"{}") -> Batch:
    return Batch(cuts=[Cut(MAIN, Base(Seq(seq), body))])


def kept(log: RoomLog) -> tuple[int, int]:
    """Return the first and the last seq that the room has."""
    return next((room.first_seq, room.last_seq) for room in log.rooms() if room.room == MAIN)


def seqs(log: RoomLog) -> list[int]:
    return [entry.seq for entry in log.read(MAIN, after=0)]


@pytest.mark.parametrize("at", [1, 31, 32, 33, 63, 64, 65, 128, 199, 200])
@pytest.mark.parametrize("size", [1, 7, 64, 200])
def test_a_room_can_be_cut_anywhere(tmp_path: Path, at: int, size: int) -> None:
    """Wherever its rows and milestones lie; after a restart too, and its seqs go on."""
    log = open_log(tmp_path)
    for first in range(1, 201, size):
        log.commit(
            batch_of([*run_of(first, min(first + size - 1, 200)), *run_of(first, min(first + size - 1, 200), LAB)])
        )

    log.commit(cut(at))

    assert (seqs(log), kept(log)) == (list(range(at + 1, 201)), (at + 1, 200))
    log.close()
    log = open_log(tmp_path)
    log.commit(batch_of([said(201)]))
    assert log.read(MAIN, after=0) == run_of(at + 1, 201)
    assert log.read(LAB, after=0) == run_of(1, 200, LAB)
    log.close()


def test_a_room_that_lost_all_its_entries_goes_on_after_a_kill(tmp_path: Path) -> None:
    """The newest row of the file is gone with them: its number is not given twice."""
    disk = Disk()
    log = open_log(tmp_path, connect=disk.connect)
    log.commit(batch_of(run_of(1, 9, LAB)))
    log.commit(batch_of(run_of(1, 9)))
    log.commit(cut(9))
    disk.cut()

    log = open_log(tmp_path)
    assert kept(log) == (10, 9)
    log.commit(batch_of(run_of(10, 12)))
    log.commit(cut(11))

    assert seqs(log) == [12]
    log.close()


def test_what_was_forgotten_is_in_no_file_any_more(tmp_path: Path) -> None:
    """Deleted words are overwritten: nobody who has the file finds them."""
    log = open_log(tmp_path)
    log.commit(batch_of([said(1, "a secret " * 3000), said(2, "secret, too"), said(3, "no matter")]))

    log.commit(cut(2))
    log.close()

    assert [path.name for path in tmp_path.iterdir()] == [DATABASE]
    assert b"secret" not in (tmp_path / DATABASE).read_bytes()


def test_a_cut_that_reaches_nothing_changes_nothing(tmp_path: Path) -> None:
    """Behind the last one, or beyond what there is."""
    log = open_log(tmp_path)
    log.commit(batch_of(run_of(1, 9)))
    log.commit(cut(5, b"first"))
    for seq in (4, 5, 10):
        log.commit(cut(seq, b"second"))

    assert kept(log) == (6, 9)
    assert log.held(MAIN).base == Base(Seq(5), b"first")
    log.close()


def test_keys_and_marks_outlive_a_cut(tmp_path: Path) -> None:
    """They belong to the sitting that goes on."""
    log = open_log(tmp_path)
    log.commit(batch_of(run_of(1, 9), [KeyChange(MAIN, KARI, b"key")], [RoomMark(MAIN, open=True)]))
    log.commit(cut(5))

    assert log.held(MAIN).keys == {KARI: b"key"}
    assert log.rooms()[0].open
    log.close()


@pytest.mark.parametrize("place", ["fails_before", "fails_after"])
@pytest.mark.parametrize("word", ["BEGIN", "DELETE", "WITH", "UPDATE", "INSERT", "COMMIT"])
def test_a_cut_that_fails_is_made_wholly_or_not_at_all(tmp_path: Path, place: str, word: str) -> None:
    """Even where the disk did it and said that it did not; the room is read on and written on all the same."""
    disk = Disk()
    log = open_log(tmp_path, connect=disk.connect)
    for seq in range(1, 20):
        log.commit(batch_of(run_of(3 * seq - 2, 3 * seq)))
    failing = getattr(disk, place)
    failing.add(word)
    with pytest.raises(StorageError):
        log.commit(cut(31))
    failing.clear()

    assert seqs(log) in (list(range(1, 58)), list(range(32, 58)))
    log.commit(batch_of([said(58)]))
    log.commit(cut(31))

    assert log.read(MAIN, after=0) == run_of(32, 58)
    log.close()


def test_a_damaged_base_is_found(tmp_path: Path) -> None:
    """A replay that began with it would tell of another room."""
    log = open_log(tmp_path)
    assert isinstance(log, SqliteLog)
    log.commit(batch_of(run_of(1, 9)))
    log.commit(cut(5, b"right"))
    log.close()
    disk = Disk()
    connection = disk.connect(tmp_path / DATABASE, isolation_level=None)
    connection.execute("UPDATE base SET body = CAST('wrong' AS BLOB)")
    connection.close()

    log = open_log(tmp_path)
    with pytest.raises(DataCorrupt, match="beginning of room main"):
        log.held(MAIN)
    log.close()


def test_a_reader_beside_the_server_sees_the_cut(tmp_path: Path) -> None:
    """Also one that had looked before."""
    log = open_log(tmp_path, Durability.CRASH)
    log.commit(batch_of(run_of(1, 90)))
    reader = open_reader(tmp_path)
    assert len(reader.read(MAIN, after=0)) == 90

    log.commit(cut(60, b"base"))

    assert reader.read(MAIN, after=0) == run_of(61, 90)
    assert reader.base(MAIN) == Base(Seq(60), b"base")
    reader.close()
    log.close()
