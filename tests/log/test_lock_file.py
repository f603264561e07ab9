"""One server has the data; and the next one learns when the last was alive."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from moothall.errors import DataInUse, StorageError
from moothall.log.folder import LOCK
from moothall.log.lock_file import LockFile, Usage, usage_of

HOLD = """
import sys
from pathlib import Path
from moothall.log.lock_file import LockFile, Usage, usage_of
lock = LockFile(Path(sys.argv[1]))
lock.touch(1795349000000)
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def another_server(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock until it is killed."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_server_is_kept_out_until_the_first_is_killed(tmp_path: Path) -> None:
    """The sentence names the other process; a killed server leaves no lock behind, only its last moment."""
    with another_server(tmp_path) as first:
        with pytest.raises(DataInUse, match=f"process {first.pid}\\)") as caught:
            LockFile(tmp_path)
        assert caught.value.exit_code == 3
        first.kill()
        first.wait()

        lock = LockFile(tmp_path)

    assert (lock.last_alive(), lock.noted_row()) == (1795349000000, None)
    lock.close()


def test_the_same_process_cannot_have_it_twice(tmp_path: Path) -> None:
    """Two halls in one process are two writers as well."""
    lock = LockFile(tmp_path)
    lock.touch(7)
    lock.note_row(3)

    with pytest.raises(DataInUse, match=f"process {os.getpid()}"):
        LockFile(tmp_path)
    lock.close()
    lock.close()

    again = LockFile(tmp_path)
    assert (again.last_alive(), again.noted_row()) == (7, 3)
    again.close()


def test_the_first_server_finds_no_last_moment(tmp_path: Path) -> None:
    """Nobody was ever alive here."""
    lock = LockFile(tmp_path / "new")

    assert (lock.last_alive(), lock.noted_row()) == (None, None)
    lock.close()


def test_a_server_that_never_reported_keeps_what_the_one_before_it_did(tmp_path: Path) -> None:
    """It may have been killed before its first heartbeat."""
    for moment in (1795349000000, None, None):
        lock = LockFile(tmp_path)
        if moment:
            lock.touch(moment)
            lock.note_row(12)
        lock.close()

    lock = LockFile(tmp_path)
    assert (lock.last_alive(), lock.noted_row()) == (1795349000000, 12)
    lock.close()


@pytest.mark.parametrize("content", [b"", b"4242\n", b"\xff" * 42, b"x" * 100, b" " * 42])
def test_a_strange_lock_file_is_no_reason_not_to_start(tmp_path: Path, content: bytes) -> None:
    """It only says nothing of the past."""
    (tmp_path / LOCK).write_bytes(content)

    lock = LockFile(tmp_path)

    assert (lock.last_alive(), lock.noted_row()) == (None, None)
    lock.touch(8)
    lock.close()
    lock = LockFile(tmp_path)
    assert lock.last_alive() == 8
    lock.close()


def test_a_lock_file_that_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    """A folder in its place, for one."""
    (tmp_path / LOCK).mkdir()

    with pytest.raises(StorageError, match="lock file"):
        LockFile(tmp_path)


def test_a_lock_file_of_the_first_version_says_when_but_no_row(tmp_path: Path) -> None:
    """Nothing is missing that was never noted."""
    (tmp_path / LOCK).write_bytes(b"%020d %020d\n" % (4242, 1795349000000))

    lock = LockFile(tmp_path)

    assert (lock.last_alive(), lock.noted_row()) == (1795349000000, 0)
    lock.close()


def test_who_uses_the_data_is_seen_without_taking_it(tmp_path: Path) -> None:
    """Nobody, where there is nothing; the process, while it lives; what it had stored, for ever."""
    assert usage_of(tmp_path) == Usage(None, 0)
    lock = LockFile(tmp_path)
    lock.note_row(12)
    assert usage_of(tmp_path) == Usage(os.getpid(), 12)
    lock.close()
    lock.note_row(13)

    assert usage_of(tmp_path) == Usage(None, 12)
    LockFile(tmp_path).close()


def test_a_start_that_fails_makes_no_row_known(tmp_path: Path) -> None:
    """Without its lock file nothing is known of the data, and so it stays until somebody has looked."""
    for _ in range(2):
        lock = LockFile(tmp_path)
        assert lock.noted_row() is None
        lock.touch(7)
        lock.close()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root may become somebody else")
def test_who_may_not_look_does_not_say_that_nobody_is_there(tmp_path: Path) -> None:
    """A doctor of another user."""
    lock = LockFile(tmp_path)
    tmp_path.chmod(0o000)
    os.seteuid(65534)
    try:
        usage = usage_of(tmp_path)
    finally:
        os.seteuid(0)
        tmp_path.chmod(0o700)
    lock.close()

    assert usage == Usage(None, 0, is_known=False)
