"""Reading beside a live server: everything committed is seen, nothing is disturbed."""

from __future__ import annotations

from pathlib import Path

import pytest

from moothall.engine.names import Seq
from moothall.errors import DataCorrupt, StorageError
from moothall.log.chain import MAX_ROW_ENTRIES
from moothall.log.reader import open_reader
from moothall.log.room_log import Durability, RoomMark, RoomSummary
from moothall.log.schema import SCHEMA
from moothall.log.sqlite import SETTLE_ROWS, open_log
from tests.log.disk import LAB, MAIN, Disk, batch_of, run_of, said


def test_a_reader_sees_each_commit_of_a_live_writer(tmp_path: Path) -> None:
    """`moothall log` beside the server, from the first entry on."""
    log = open_log(tmp_path, Durability.CRASH)
    reader = open_reader(tmp_path)
    assert (reader.rooms(), reader.read(MAIN, after=0)) == ([], [])

    log.commit(batch_of([said(1), said(1, room=LAB)], marks=[RoomMark(LAB, open=True)]))
    assert reader.read(MAIN, after=0) == [said(1)]
    log.commit(batch_of([said(2)]))
    assert reader.read(MAIN, after=1) == [said(2)]

    assert reader.rooms() == [RoomSummary(MAIN, open=False, last_seq=Seq(2)), RoomSummary(LAB, True, Seq(1))]
    reader.close()
    log.close()


def test_a_reader_follows_a_log_past_what_the_writer_settled(tmp_path: Path) -> None:
    """Where a chain ends is noted now and then; in between a reader finds it by itself."""
    log = open_log(tmp_path, Durability.CRASH)
    reader = open_reader(tmp_path)
    last = SETTLE_ROWS * MAX_ROW_ENTRIES + 100
    log.commit(batch_of([said(1, room=LAB)]))
    log.commit(batch_of(run_of(1, last - 70)))
    log.commit(batch_of(run_of(last - 69, last)))

    assert reader.read(MAIN, after=last - 90) == run_of(last - 89, last)
    assert reader.read(MAIN, after=70_000, limit=3) == run_of(70_001, 70_003)
    assert reader.read(LAB, after=0) == [said(1, room=LAB)]
    reader.close()
    log.close()


def test_a_reader_holds_no_old_version_of_the_file(tmp_path: Path) -> None:
    """Else the writer's WAL would grow for as long as somebody looks on."""
    log = open_log(tmp_path, Durability.CRASH)
    reader = open_reader(tmp_path)
    sizes = []
    for first in range(1, 61):
        log.commit(batch_of([said(first, "x" * 500_000)]))
        reader.read(MAIN, after=first - 1)
        reader.rooms()
        sizes.append((tmp_path / "moothall.db-wal").stat().st_size)
    reader.close()
    log.close()

    assert max(sizes) < 8 * 1024 * 1024


def test_a_reader_of_a_log_that_was_closed(tmp_path: Path) -> None:
    """The server need not run."""
    log = open_log(tmp_path, Durability.POWER)
    log.commit(batch_of(run_of(1, 5)))
    log.close()

    reader = open_reader(tmp_path)

    assert reader.read(MAIN, after=0) == run_of(1, 5)
    reader.close()


def test_a_reader_changes_nothing(tmp_path: Path) -> None:
    """Not even by closing as the last one."""
    log = open_log(tmp_path, Durability.POWER)
    log.commit(batch_of(run_of(1, 5)))
    log.close()
    before = (tmp_path / "moothall.db").read_bytes()

    reader = open_reader(tmp_path)
    reader.rooms()
    reader.close()

    assert (tmp_path / "moothall.db").read_bytes() == before


def test_where_no_log_is_there_is_one_sentence(tmp_path: Path) -> None:
    """And no file is made by looking for one."""
    with pytest.raises(StorageError, match="can't be read"):
        open_reader(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_room_that_is_damaged_hides_no_other(tmp_path: Path) -> None:
    """What can still be read is read; of the other one hears what is the matter."""
    log = open_log(tmp_path)
    log.commit(batch_of([said(1), said(1, room=LAB)]))
    log.close()
    connection = Disk().connect(tmp_path / "moothall.db", isolation_level=None)
    connection.execute("UPDATE entry SET checksum = checksum + 1 WHERE room = 1")
    connection.close()
    reader = open_reader(tmp_path)

    assert {room.room for room in reader.rooms()} == {MAIN, LAB}
    assert reader.read(LAB, after=0) == [said(1, room=LAB)]
    with pytest.raises(DataCorrupt, match="main"):
        reader.read(MAIN, after=0)
    with pytest.raises(DataCorrupt, match="main"):
        open_log(tmp_path)
    reader.close()


def test_a_log_that_was_never_made_is_empty(tmp_path: Path) -> None:
    """A server was killed before it had its tables; the next one makes them."""
    (tmp_path / "moothall.db").touch()
    reader = open_reader(tmp_path)

    assert (reader.rooms(), reader.schema, list(reader.complaints())) == ([], SCHEMA, [])
    reader.close()
    assert (tmp_path / "moothall.db").stat().st_size == 0
