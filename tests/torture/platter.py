"""What a power cut leaves of a disk: everything that was synced, and of the rest whatever the cut lets through.

A `Platter` plays the operations that a `SimDisk` has written down. One folder is all there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Final

from msgspec import Struct

__all__ = ["Cut", "Kind", "Operation", "Platter", "keep_image"]

SECTOR_BYTES: Final = (512, 4096)
"""What a disk writes whole or not at all: the older ones, and those of today."""

_SHARES: Final = (0.1, 0.5, 0.9)
"""How many of the unsynced operations an image keeps: hardly any, half of them, nearly all."""


class Kind(StrEnum):
    """What was done to a file. `OPEN`, `READ` and `SIZE` change nothing, so they are counted and not written down."""

    OPEN = "open"
    READ = "read"
    SIZE = "size"
    CREATE = "create"
    WRITE = "write"
    TRUNCATE = "truncate"
    SYNC = "sync"
    FAILED_SYNC = "failed sync"
    DELETE = "delete"


class Operation(Struct, frozen=True):
    """One operation on one file."""

    kind: Kind
    file: str  # its name in the folder
    at: int = 0  # WRITE: the offset; TRUNCATE: the size
    data: bytes = b""
    with_folder: bool = False  # SYNC, DELETE: the names of the files are synced as well


class Cut(StrEnum):
    """What a power cut leaves of the operations that were not synced."""

    ALL = "all"
    NONE = "none"
    LAST = "last"  # the last one alone
    SOME = "some"  # each by itself: kept, dropped, or a write torn at a sector's edge


class _Content:
    """A file: the bytes that are on the platters for sure, and what was done to it since."""

    def __init__(self) -> None:
        self.synced = bytearray()
        self.unsynced: list[Operation] = []


class Platter:
    """What is on the disk while the operations are played, one after the other."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._now: dict[str, _Content] = {}
        self._synced: dict[str, _Content] = {}
        self._unsynced: list[tuple[Operation, _Content | None]] = []  # the changes of the folder
        self._last: Operation | None = None

    def play(self, operation: Operation) -> None:
        """Do one operation more."""
        self._last = operation
        match operation.kind:
            case Kind.CREATE:
                self._now[operation.file] = _Content()
                self._unsynced.append((operation, self._now[operation.file]))
            case Kind.DELETE:
                self._now.pop(operation.file, None)
                self._unsynced.append((operation, None))
            case Kind.SYNC:
                content = self._now[operation.file]
                _apply(content.synced, content.unsynced)
                content.unsynced.clear()
            case Kind.FAILED_SYNC:
                # What a failed sync did not write is forgotten by many systems: a later one does not write it either.
                content = self._now[operation.file]
                _apply(content.synced, self._survivors(content.unsynced, Cut.SOME))
                content.unsynced.clear()
            case _:
                self._now[operation.file].unsynced.append(operation)
        if operation.with_folder:
            self._synced = dict(self._now)
            self._unsynced.clear()

    def image(self, cut: Cut) -> dict[str, bytes]:
        """Return the files as they are found after a power cut at this moment."""
        names = dict(self._synced)
        changes = {id(operation): content for operation, content in self._unsynced}
        for operation in self._survivors([operation for operation, _ in self._unsynced], cut):
            content = changes[id(operation)]
            if content is None:
                names.pop(operation.file, None)
            else:
                names[operation.file] = content
        files = {}
        for name, content in names.items():
            found = bytearray(content.synced)
            _apply(found, self._survivors(content.unsynced, cut))
            files[name] = bytes(found)
        return files

    def _survivors(self, unsynced: Sequence[Operation], cut: Cut) -> Iterable[Operation]:
        match cut:
            case Cut.ALL:
                return unsynced
            case Cut.NONE:
                return ()
            case Cut.LAST:
                return [operation for operation in unsynced if operation is self._last]
            case Cut.SOME:
                return self._some(unsynced)

    def _some(self, unsynced: Sequence[Operation]) -> Iterator[Operation]:
        share, sector = self._chance.choice(_SHARES), self._chance.choice(SECTOR_BYTES)
        for operation in unsynced:
            if self._chance.random() < share:
                yield operation
            elif operation.kind is Kind.WRITE and self._chance.random() < 0.5:
                yield from self._torn(operation, sector)

    def _torn(self, write: Operation, sector: int) -> Iterator[Operation]:
        begin, end = write.at, write.at + len(write.data)
        edges = [begin, *range(begin - begin % sector + sector, end, sector), end]
        for first, last in pairwise(edges):
            if self._chance.random() < 0.5:
                yield Operation(Kind.WRITE, write.file, first, write.data[first - begin : last - begin])


def _apply(content: bytearray, operations: Iterable[Operation]) -> None:
    for operation in operations:
        missing = operation.at - len(content)
        if missing > 0:
            content += bytes(missing)
        if operation.kind is Kind.TRUNCATE:
            del content[operation.at :]
        else:
            content[operation.at : operation.at + len(operation.data)] = operation.data


def keep_image(files: Mapping[str, bytes], folder: Path) -> Path:
    """Write an image to a folder, and return it. A file that is there already keeps its inode."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        if old.name not in files:
            old.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder
