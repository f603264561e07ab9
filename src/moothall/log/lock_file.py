"""The lock file: keeps a second server off the data, and remembers when the first was last seen alive.

The operating system lets go of the lock when its process ends, however that comes about; the file stays. Its one
line is `PID ALIVE`, each a number of fixed width, so that a beat of the heart overwrites 20 bytes in place.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from moothall.errors import DataInUse, StorageError
from moothall.log.folder import LOCK, make_folder

__all__ = ["LockFile"]

_WIDTH: Final = 20  # holds any 64-bit number
_LINE_BYTES: Final = 2 * _WIDTH + 2
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
        pid, self._last_alive = _parse(_read(self._file))
        if not _try_lock(self._file):
            os.close(self._file)
            raise DataInUse(f"Another server (process {pid or 'unknown'}) already uses the data in {folder}.")
        self._open = True
        _write(self._file, f"{os.getpid():0{_WIDTH}} {self._last_alive or 0:0{_WIDTH}}\n".encode(), 0)

    def last_alive(self) -> int | None:
        """Return the last moment that the server before this one reported, in milliseconds; None if it never did."""
        return self._last_alive

    def touch(self, at_ms: int) -> None:
        """Report that the server is alive at this moment. Costs one write into the system's cache, no wait."""
        _write(self._file, f"{at_ms:0{_WIDTH}}".encode(), _WIDTH + 1)

    def close(self) -> None:
        """Let another server have the data. Closing again changes nothing."""
        if self._open:
            self._open = False
            _unlock(self._file)
            os.close(self._file)


def _parse(line: bytes) -> tuple[int | None, int | None]:
    # A file that something else wrote says nothing, and is no reason not to start.
    pid, alive = line[:_WIDTH], line[_WIDTH + 1 : -1]
    if len(line) != _LINE_BYTES or not pid.isdigit() or not alive.isdigit():
        return None, None
    return int(pid) or None, int(alive) or None


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
