"""The lock file: keeps a second server off the data, and remembers when the first was last seen alive.

It also remembers how much that one had stored: data that ends before it has lost something, or is older.
The operating system lets go of the lock when its process ends, however that comes about; the file stays. Its one
line is `PID ALIVE ROW`, each a number of fixed width, so that each is overwritten in place; dashes for ROW are unknown.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from moothall.errors import DataInUse, StorageError
from moothall.log.folder import LOCK, make_folder

__all__ = ["LockFile", "Usage", "usage_of"]

_WIDTH: Final = 20  # holds any 64-bit number
_LINE_BYTES: Final = 3 * (_WIDTH + 1)
_LINE_BYTES_1: Final = 2 * (_WIDTH + 1)  # version 0.1 noted no row
_TRIES: Final = 5
_PAUSE_SECONDS: Final = 0.02
_LOCKED_BYTE: Final = 4096  # Windows forbids others to read what is locked, so it is a byte after the line


class LockFile:
    """The right to write to a data folder, held until `close` or the end of the process.

    Raises:
        DataInUse: another server holds it.
        StorageError: the folder or the file can't be made.
    """

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        path = folder / LOCK
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        except OSError as error:
            raise StorageError(f"The lock file {path} can't be opened: {error.strerror}.") from error
        pid, self._last_alive, self._noted_row = _parse(_read(self._file))
        if not _lock(self._file):
            os.close(self._file)
            raise DataInUse(f"Another server (process {pid or 'unknown'}) already uses the data in {folder}.")
        self._open = True
        _write(self._file, _line(os.getpid(), self._last_alive or 0, self._noted_row) + b"\n", 0)

    def last_alive(self) -> int | None:
        """Return the last moment that the server before this one reported, in milliseconds; None if it never did."""
        return self._last_alive

    def noted_row(self) -> int | None:
        """Return the newest row that the server before reported as stored; None where nothing is known of it."""
        return self._noted_row

    def touch(self, at_ms: int) -> None:
        """Report that the server is alive at this moment. Costs one write into the system's cache, no wait."""
        self._note(_line(at_ms), _WIDTH + 1)

    def note_row(self, row: int) -> None:
        """Report that everything up to a row is stored. Costs as much: 1.5 µs, and survives the end of the process."""
        self._note(_line(row), 2 * (_WIDTH + 1))

    def _note(self, number: bytes, offset: int) -> None:
        if self._open:
            # Where not even this can be written, what is noted is older: what was stored is stored all the same.
            with suppress(OSError):
                _write(self._file, number, offset)

    def close(self) -> None:
        """Let another server have the data. Closing again changes nothing."""
        if self._open:
            self._open = False
            _unlock(self._file)
            os.close(self._file)


class Usage(NamedTuple):
    """Who uses the data in a folder, if anybody does, and how much the last server has stored for certain.

    `is_known`: the lock file could be looked at.
    """

    process: int | None
    noted_row: int
    is_known: bool = True


def _lock(file: int) -> bool:
    # Who only looks whether the data is used has the lock for a moment.
    for _ in range(_TRIES):
        if _try_lock(file):
            return True
        time.sleep(_PAUSE_SECONDS)
    return False


def usage_of(folder: Path) -> Usage:
    """Return what the lock file says, without taking the lock for more than a moment."""
    try:
        file = os.open(folder / LOCK, os.O_RDWR | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        return Usage(None, 0)
    except OSError:
        return Usage(None, 0, is_known=False)
    try:
        process, _, row = _parse(_read(file))
        if _try_lock(file):
            _unlock(file)
            process = None
        return Usage(process, row or 0)
    finally:
        os.close(file)


def _line(*numbers: int | None) -> bytes:
    return " ".join("-" * _WIDTH if number is None else f"{number:0{_WIDTH}}" for number in numbers).encode()


def _parse(line: bytes) -> tuple[int | None, int | None, int | None]:
    # A file that something else wrote says nothing, and is no reason not to start.
    words = line.split()
    if len(line) not in {_LINE_BYTES, _LINE_BYTES_1} or [len(word) for word in words] != [_WIDTH] * len(words):
        return None, None, None
    if len(words) < 2 or not (words[0] + words[1]).isdigit():
        return None, None, None
    row = (*words, b"0")[2]
    return int(words[0]) or None, int(words[1]) or None, int(row) if row.isdigit() else None


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: int) -> bool:
        os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: int) -> None:
        os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
        with suppress(OSError):
            msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

    def _read(file: int) -> bytes:
        os.lseek(file, 0, os.SEEK_SET)
        return os.read(file, _LINE_BYTES)

    def _write(file: int, data: bytes, offset: int) -> None:
        os.lseek(file, offset, os.SEEK_SET)
        os.write(file, data)

else:
    import fcntl

    def _try_lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: int) -> None:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_UN)

    def _read(file: int) -> bytes:
        return os.pread(file, _LINE_BYTES, 0)

    def _write(file: int, data: bytes, offset: int) -> None:
        os.pwrite(file, data, offset)
