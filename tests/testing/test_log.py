"""A log that fails when it is told to, and keeps nothing of what failed."""

from __future__ import annotations

import pytest

from moothall.engine.names import Name, RoomName, Seq
from moothall.errors import DataCorrupt, StorageError
from moothall.log.memory import MemoryLog
from moothall.log.room_log import Batch, Entry, KeyChange, RoomMark
from moothall.testing import FailingLog
from tests.log.disk import batch_of

MAIN = RoomName("main")


def batch(seq: int) -> Batch:
    return batch_of(
        [Entry(MAIN, Seq(seq), b"{}")], [KeyChange(MAIN, Name("Kari"), b"hash")], [RoomMark(MAIN, open=True)]
    )


def test_the_chosen_commits_fail_and_the_others_do_not() -> None:
    """Counted from 1, the failed ones too."""
    log = FailingLog(fails_at={2, 3})
    log.commit(batch(1))
    for _ in range(2):
        with pytest.raises(StorageError):
            log.commit(batch(2))
    log.commit(batch(2))

    assert log.commits == 4
    assert [kept.runs[MAIN].first_seq for kept in log.batches] == [1, 2]
    assert [entry.seq for entry in log.read(MAIN, after=0)] == [1, 2]


def test_every_commit_of_a_block_fails() -> None:
    """And none after it."""
    log = FailingLog()
    with log.failing(), pytest.raises(StorageError):
        log.commit(batch(1))
    assert log.rooms() == []
    log.commit(batch(1))

    assert len(log.rooms()) == 1


def test_reading_may_fail_too() -> None:
    """While writing goes on."""
    log = FailingLog()
    log.commit(batch(1))
    with log.unreadable(), pytest.raises(StorageError):
        log.read(MAIN, after=0)

    assert len(log.read(MAIN, after=0)) == 1


def test_a_commit_may_find_damage() -> None:
    """Of which nothing is kept either."""
    log = FailingLog()
    with log.damaged(), pytest.raises(DataCorrupt):
        log.commit(batch(1))

    assert log.rooms() == []


def test_else_it_is_the_log_that_it_was_given() -> None:
    """Entries, keys, rooms and epoch are the inner log's."""
    inner = MemoryLog()
    log = FailingLog(inner)
    log.commit(batch(1))
    log.close()

    assert log.epoch == inner.epoch
    assert log.rooms() == inner.rooms()
    assert log.held(MAIN).keys == inner.held(MAIN).keys == {"Kari": b"hash"}
    assert log.read(MAIN, after=0, limit=1, max_bytes=1) == inner.read(MAIN, after=0)
