"""A disk below SQLite that writes down every operation, and breaks when it is told to.

`SimDisk.connect` stands in for `sqlite3.connect`: a VFS of apsw's over the real files, which only pretends to sync
them. `Platter` tells what a power cut would leave. The `-shm` file is memory, so it is not on the disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Final, cast

import apsw
from msgspec import Struct

from tests.torture.platter import Kind, Operation

__all__ = ["Fault", "How", "SimDisk"]


class How(StrEnum):
    """How an operation fails."""

    EIO = "EIO"  # any operation
    FULL = "ENOSPC"  # a write, at the first byte
    SHORT = "short write"  # a write, in the middle; the other operations as at EIO
    READ_ONLY = "read-only"  # what would change a file
    SILENT = "silent"  # a write, in the middle, answered as if it were whole: a planted bug


class Fault(Struct, frozen=True):
    """The operations from number `first` on (the first of all is 1), `count` of them, fail."""

    first: int
    how: How
    count: int = 1


class SimDisk:
    """Opens SQLite's connections on files that it watches.

    `operations` are those that changed something; `count` is of all that may fail. `liar` has the numbers of the syncs
    (the first is 1) that are answered and not done: a fault of the disk that no software can survive.
    """

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.count = 0
        self.syncs = 0
        self.fault: Fault | None = None
        self.liar: frozenset[int] = frozenset()
        self.pragmas: dict[str, str] = {}  # a statement, and the one that is done in its place: for planted bugs
        self._names: set[str] = set()
        self._vfs = _Vfs(f"sim{next(_numbers)}", self)

    def connect(self, path: str, *, isolation_level: None = None, timeout: float = 5.0) -> sqlite3.Connection:
        """Open a connection, as `sqlite3.connect` does. It has as much of its API as the product's log uses."""
        with _as_sqlite3():
            connection = apsw.Connection(path, vfs=self._vfs.name)
            connection.set_busy_timeout(int(timeout * 1000))
        return cast("sqlite3.Connection", _Connection(connection, self.pragmas))

    def close(self) -> None:
        """Let go of the VFS; every connection must have been closed before."""
        self._vfs.unregister()

    def note_opened(self, file: str, flags: int) -> None:
        """Note that a file was opened, and so may have come into being."""
        if file not in self._names and flags & apsw.SQLITE_OPEN_CREATE:
            self._names.add(file)
            self.operations.append(Operation(Kind.CREATE, file))

    def note_deleted(self, file: str, with_folder: bool) -> None:
        """Note that a file was deleted."""
        self._names.discard(file)
        self.operations.append(Operation(Kind.DELETE, file, with_folder=with_folder))

    def note_synced(self, file: str, with_folder: bool) -> bool:
        """Note that a file was synced; tell whether its first sync, which does the folder as well, is done."""
        self.syncs += 1
        if self.syncs in self.liar:
            return False
        self.operations.append(Operation(Kind.SYNC, file, with_folder=with_folder))
        return True

    def meet(self, kind: Kind, file: str) -> How | None:
        """Count an operation that is to be done; return how it fails, if it does."""
        self.count += 1
        fault = self.fault
        if fault is None or not fault.first <= self.count < fault.first + fault.count:
            return None
        if fault.how in {How.FULL, How.SILENT} and kind is not Kind.WRITE:
            return None
        if fault.how is How.READ_ONLY and kind not in {Kind.WRITE, Kind.TRUNCATE, Kind.DELETE}:
            return None
        if kind is Kind.SYNC:
            self.operations.append(Operation(Kind.FAILED_SYNC, file))
        return fault.how


_numbers = count(1)


class _Vfs(apsw.VFS):
    def __init__(self, name: str, disk: SimDisk) -> None:
        super().__init__(name, "")
        self.name = name
        self._disk = disk

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        file = _name(name)
        how = self._disk.meet(Kind.OPEN, file)
        if how is not None:
            raise _failure(how, Kind.OPEN)
        opened = _File(name, flags, file, self._disk)
        self._disk.note_opened(file, flags[0])
        return opened

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        how = self._disk.meet(Kind.DELETE, _name(filename))
        if how is not None:
            raise _failure(how, Kind.DELETE)
        super().xDelete(filename, False)
        self._disk.note_deleted(_name(filename), with_folder=bool(syncdir))


class _File(apsw.VFSFile):
    def __init__(self, name: str | apsw.URIFilename | None, flags: list[int], file: str, disk: SimDisk) -> None:
        super().__init__("", name, flags)
        self._file = file
        self._disk = disk
        # As the VFS for POSIX does it: the first sync of a journal or WAL syncs the name of the file, too.
        self._is_new = not flags[0] & apsw.SQLITE_OPEN_MAIN_DB

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        self._meet(Kind.READ)
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        how = self._disk.meet(Kind.WRITE, self._file)
        if how in {How.SHORT, How.SILENT}:
            self._write(data[: len(data) // 2], offset)
        if how is How.SILENT:
            return
        if how is not None:
            raise _failure(how, Kind.WRITE)
        self._write(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._meet(Kind.TRUNCATE)
        super().xTruncate(newsize)
        self._disk.operations.append(Operation(Kind.TRUNCATE, self._file, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._meet(Kind.SYNC)
        if self._disk.note_synced(self._file, self._is_new):
            self._is_new = False

    def xFileSize(self) -> int:  # noqa: N802
        self._meet(Kind.SIZE)
        return super().xFileSize()

    def _write(self, data: bytes, offset: int) -> None:
        super().xWrite(data, offset)
        self._disk.operations.append(Operation(Kind.WRITE, self._file, offset, bytes(data)))

    def _meet(self, kind: Kind) -> None:
        how = self._disk.meet(kind, self._file)
        if how is not None:
            raise _failure(how, kind)


def _name(path: str | apsw.URIFilename | None) -> str:
    text = path.filename() if isinstance(path, apsw.URIFilename) else path
    return Path(text or "temporary").name


def _failure(how: How, kind: Kind) -> apsw.Error:
    match how:
        case How.FULL:
            return _coded(apsw.FullError("no space left on the disk"), apsw.SQLITE_FULL)
        case How.READ_ONLY:
            return _coded(apsw.ReadOnlyError("read-only file system"), apsw.SQLITE_READONLY)
    if kind is Kind.OPEN:
        return _coded(apsw.CantOpenError("the file can't be opened"), apsw.SQLITE_CANTOPEN)
    return _coded(apsw.IOError(f"{kind} failed"), _IO_CODES[kind])


def _coded(error: apsw.Error, code: int) -> apsw.Error:
    # So SQLite learns the code, and so does who catches the error when it comes out of SQLite again.
    error.extendedresult = code  # type: ignore[attr-defined]  # apsw's stub hides it
    error.result = code & 0xFF  # type: ignore[attr-defined]
    return error


_IO_CODES: Final = {
    Kind.READ: apsw.SQLITE_IOERR_READ,
    Kind.SIZE: apsw.SQLITE_IOERR_FSTAT,
    Kind.WRITE: apsw.SQLITE_IOERR_WRITE,
    Kind.TRUNCATE: apsw.SQLITE_IOERR_TRUNCATE,
    Kind.SYNC: apsw.SQLITE_IOERR_FSYNC,
    Kind.DELETE: apsw.SQLITE_IOERR_DELETE,
}


class _Cursor:
    """The rows of a statement, all of them fetched already."""

    def __init__(self, rows: Iterable[tuple[object, ...]]) -> None:
        self._rows = iter(list(rows))

    def __iter__(self) -> Iterator[tuple[object, ...]]:
        return self._rows

    def fetchone(self) -> tuple[object, ...] | None:
        return next(self._rows, None)

    def fetchall(self) -> list[tuple[object, ...]]:
        return list(self._rows)


class _Connection:
    """As much of `sqlite3.Connection` as the product's log uses."""

    def __init__(self, connection: apsw.Connection, pragmas: Mapping[str, str]) -> None:
        self._connection = connection
        self._pragmas = pragmas
        self._pages = 0

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def execute(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> _Cursor:
        if sql.startswith(_AUTOCHECKPOINT):
            self._pages = int(sql.removeprefix(_AUTOCHECKPOINT))
            self._connection.set_wal_hook(self._checkpoint)
            return _Cursor(())
        with _as_sqlite3():
            statement = self._pragmas.get(sql, sql)
            return _Cursor(self._connection.execute(statement, cast("tuple[apsw.SQLiteValue, ...]", values)))

    def executemany(self, sql: str, values: Iterable[Sequence[object]]) -> _Cursor:
        with _as_sqlite3():
            rows = cast("Iterable[tuple[apsw.SQLiteValue, ...]]", values)
            return _Cursor(self._connection.executemany(sql, rows))

    def close(self) -> None:
        # SQLite closes whatever its last checkpoint meets; apsw tells of it all the same.
        with suppress(apsw.Error):
            self._connection.close()

    def _checkpoint(self, connection: apsw.Connection, database: str, pages: int) -> int:
        # What SQLite does by itself for the pragma, and like it without a word where the checkpoint fails: the commit
        # before it has succeeded. Left to SQLite, apsw would raise the disk's error out of that commit.
        if pages >= self._pages:
            with suppress(apsw.Error):
                connection.wal_checkpoint(database, mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        return apsw.SQLITE_OK


_AUTOCHECKPOINT: Final = "PRAGMA wal_autocheckpoint = "


@contextmanager
def _as_sqlite3() -> Iterator[None]:
    """Turn apsw's errors into those that the standard library raises for the same result of SQLite's."""
    try:
        yield
    except apsw.Error as error:
        result = getattr(error, "result", None)
        if result is None:
            raise sqlite3.ProgrammingError(str(error)) from error
        extended = getattr(error, "extendedresult", result)
        translated = _CLASSES.get(result, sqlite3.DatabaseError)(str(error))
        translated.sqlite_errorcode = extended
        names = {**apsw.mapping_result_codes, **apsw.mapping_extended_result_codes}
        translated.sqlite_errorname = str(names.get(extended, names[result]))
        raise translated from error


_CLASSES: Final[dict[int, type[sqlite3.Error]]] = {
    **dict.fromkeys(
        (
            apsw.SQLITE_ERROR,
            apsw.SQLITE_PERM,
            apsw.SQLITE_ABORT,
            apsw.SQLITE_BUSY,
            apsw.SQLITE_LOCKED,
            apsw.SQLITE_READONLY,
            apsw.SQLITE_INTERRUPT,
            apsw.SQLITE_IOERR,
            apsw.SQLITE_FULL,
            apsw.SQLITE_CANTOPEN,
            apsw.SQLITE_PROTOCOL,
            apsw.SQLITE_SCHEMA,
        ),
        sqlite3.OperationalError,
    ),
    apsw.SQLITE_CONSTRAINT: sqlite3.IntegrityError,
    apsw.SQLITE_MISMATCH: sqlite3.IntegrityError,
    apsw.SQLITE_TOOBIG: sqlite3.DataError,
    apsw.SQLITE_MISUSE: sqlite3.InterfaceError,
    apsw.SQLITE_INTERNAL: sqlite3.InternalError,
    apsw.SQLITE_NOTFOUND: sqlite3.InternalError,
}
