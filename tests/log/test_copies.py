"""A copy of the log: of one moment, whole or not there at all, and never taken for the file that it was made of."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from moothall.errors import StorageError
from moothall.log.copies import copy_to
from moothall.log.folder import DATABASE
from moothall.log.reader import open_reader
from moothall.log.room_log import Durability
from moothall.log.schema import open_reading
from moothall.log.sqlite import SqliteLog, open_log
from tests.log.disk import LAB, MAIN, batch_of, run_of, said
from tests.log.old_logs import EPOCH, a_released_folder, entries_of, tables_of

LONG = "x" * 500_000
"""Words of which a few need more pages than are copied at once."""


def a_log(folder: Path) -> SqliteLog:
    log = open_log(folder, Durability.CRASH)
    assert isinstance(log, SqliteLog)
    return log


def copied(folder: Path, target: Path, on_progress: Callable[[int, int], None] | None = None) -> Path:
    """Copy the log in a folder, as somebody who only reads it."""
    with closing(open_reading(folder / DATABASE)) as connection:
        copy_to(connection, target, on_progress=on_progress)
    return target


def as_data(copy: Path, folder: Path) -> Path:
    """Return a data folder in which a copy stands as its data."""
    folder.mkdir()
    (folder / DATABASE).write_bytes(copy.read_bytes())
    return folder


def test_a_copy_holds_all_that_the_log_does(tmp_path: Path) -> None:
    """Also what still is in the WAL."""
    log = a_log(tmp_path / "data")
    log.commit(batch_of([*run_of(1, 100), *run_of(1, 3, LAB)]))

    copy = copied(tmp_path / "data", tmp_path / "copy.db")

    assert tables_of(copy) == tables_of(tmp_path / "data" / DATABASE)
    assert entries_of(as_data(copy, tmp_path / "other")) == entries_of(tmp_path / "data")
    log.close()


def test_a_copy_of_a_log_that_is_written_is_of_one_moment(tmp_path: Path) -> None:
    """What comes while it is made is not in it, not even in part; and the server waits for nothing."""
    log = a_log(tmp_path / "data")
    log.commit(batch_of([said(seq, LONG) for seq in range(1, 21)]))
    steps = []

    def write_on(done: int, pages: int) -> None:
        steps.append((done, pages))
        seq = 20 + len(steps)
        log.commit(batch_of([said(seq, LONG), said(len(steps), LONG, LAB)]))

    copy = copied(tmp_path / "data", tmp_path / "copy.db", write_on)
    log.close()

    assert len(steps) > 2
    assert steps[-1][0] == steps[-1][1]
    then, now = entries_of(as_data(copy, tmp_path / "then")), entries_of(tmp_path / "data")
    assert {room: len(bodies) for room, bodies in then.items()} == {MAIN: 20}
    assert {room: len(bodies) for room, bodies in now.items()} == {MAIN: 20 + len(steps), LAB: len(steps)}
    assert then[MAIN] == now[MAIN][:20]


def test_a_copy_is_one_file(tmp_path: Path) -> None:
    """It can be moved and sent without anything that stands beside it."""
    log = a_log(tmp_path / "data")
    log.commit(batch_of([said(1)]))
    (tmp_path / "copies").mkdir()

    copied(tmp_path / "data", tmp_path / "copies" / "monday.db")

    assert [path.name for path in (tmp_path / "copies").iterdir()] == ["monday.db"]
    log.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_only_its_owner_may_read_a_copy(tmp_path: Path) -> None:
    """It holds what was said, wherever it was put."""
    before = os.umask(0)
    try:
        a_log(tmp_path).close()
        copy = copied(tmp_path, tmp_path / "copy.db")
    finally:
        os.umask(before)

    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_a_copy_has_no_epoch(tmp_path: Path) -> None:
    """Who has seen more than is in it must be told, once a server is started on it."""
    log = a_log(tmp_path / "data")
    log.commit(batch_of([said(1)]))
    log.close()
    copy = copied(tmp_path / "data", tmp_path / "copy.db")
    epochs = []
    for folder in (as_data(copy, tmp_path / "first"), as_data(copy, tmp_path / "second"), tmp_path / "data"):
        restarted = open_log(folder)
        epochs.append(restarted.epoch)
        restarted.close()

    assert log.epoch.encode() not in copy.read_bytes()
    assert epochs[2] == log.epoch
    assert len(set(epochs)) == 3


def test_a_copy_put_back_in_its_place_gives_a_new_epoch_and_a_restart_keeps_it(tmp_path: Path) -> None:
    """Two servers on the same copy are two; one that is started again is one."""
    log = a_log(tmp_path)
    log.commit(batch_of([said(1)]))
    copy = copied(tmp_path, tmp_path / "copy.db")
    log.commit(batch_of([said(2)]))
    log.close()
    copy.replace(tmp_path / DATABASE)

    restored = open_log(tmp_path, noted_row=2)
    restored.close()
    restarted = open_log(tmp_path, noted_row=1)
    restarted.close()

    assert restored.epoch != log.epoch
    assert restarted.epoch == restored.epoch


def test_a_file_is_not_written_over(tmp_path: Path) -> None:
    """It may be the only good backup."""
    a_log(tmp_path).close()
    (tmp_path / "copy.db").write_bytes(b"last week")

    with pytest.raises(StorageError, match=r"copy\.db is there already, and is not written over\.$"):
        copied(tmp_path, tmp_path / "copy.db")

    assert (tmp_path / "copy.db").read_bytes() == b"last week"


def test_a_copy_of_our_own_may_be_made_anew(tmp_path: Path) -> None:
    """One that stands beside data which is brought up to date, after the first try was cut short."""
    log = a_log(tmp_path)
    log.commit(batch_of([said(1)]))
    (tmp_path / "copy.db").write_bytes(b"cut short")
    with closing(open_reading(tmp_path / DATABASE)) as connection:
        copy_to(connection, tmp_path / "copy.db", is_new=False)
    log.close()

    assert tables_of(tmp_path / "copy.db")["entry"] == tables_of(tmp_path / DATABASE)["entry"]


@pytest.mark.parametrize("error", [OSError("no more"), sqlite3.OperationalError("disk full"), KeyboardInterrupt()])
def test_a_copy_that_is_cut_short_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    """Half a copy must not be taken for one; nor does it fill the disk further."""
    log = a_log(tmp_path / "data")
    log.commit(batch_of([said(seq, LONG) for seq in range(1, 21)]))
    (tmp_path / "copies").mkdir()
    seen: list[str] = []

    def fail(_done: int, _pages: int) -> None:
        seen.extend(path.name for path in (tmp_path / "copies").iterdir())
        raise error

    with pytest.raises(KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else StorageError):
        copied(tmp_path / "data", tmp_path / "copies" / "copy.db", fail)

    assert re.fullmatch(r"copy\.db\..*\.part", seen[0])
    assert list((tmp_path / "copies").iterdir()) == []
    log.commit(batch_of([said(21)]))
    log.close()


def test_a_copy_into_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """No folder is made for it: the name may be mistyped."""
    a_log(tmp_path).close()

    with pytest.raises(StorageError, match=r"copy\.db can't be written: No such file or directory\.$"):
        copied(tmp_path, tmp_path / "backups" / "copy.db")

    assert not (tmp_path / "backups").exists()


def test_making_a_copy_changes_nothing_of_the_log(tmp_path: Path) -> None:
    """Also of one that an older version wrote: it is copied as it is."""
    a_released_folder(tmp_path / "data")
    before = (tmp_path / "data" / DATABASE).read_bytes()

    copy = copied(tmp_path / "data", tmp_path / "copy.db")

    assert (tmp_path / "data" / DATABASE).read_bytes() == before
    assert tables_of(copy) == tables_of(tmp_path / "data" / DATABASE)
    assert EPOCH.encode() not in copy.read_bytes()


def test_a_reader_can_copy_what_it_reads(tmp_path: Path) -> None:
    """Before and after it has read."""
    log = a_log(tmp_path / "data")
    log.commit(batch_of(run_of(1, 5)))
    reader = open_reader(tmp_path / "data")
    reader.copy_to(tmp_path / "first.db")
    reader.read(MAIN, after=0)
    log.commit(batch_of(run_of(6, 7)))
    reader.copy_to(tmp_path / "second.db")
    reader.close()
    log.close()

    copies = [as_data(tmp_path / f"{name}.db", tmp_path / name) for name in ("first", "second")]
    assert [len(entries_of(copy)[MAIN]) for copy in copies] == [5, 7]
