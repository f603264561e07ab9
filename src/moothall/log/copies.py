"""A whole copy of the log in one file, also while a server writes it.

It is of one moment, and it is either there as a whole or not at all. It carries no epoch: a server that is started
on it has a new one, so that no reader goes on from words that the copy does not have.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from moothall.errors import StorageError

__all__ = ["OnProgress", "copy_to"]

OnProgress = Callable[[int, int], None]
"""Is told how many pages are copied, of how many."""

_PAGES_AT_ONCE: Final = 1024


def copy_to(
    source: sqlite3.Connection, target: Path, *, is_new: bool = True, on_progress: OnProgress | None = None
) -> None:
    """Copy what a connection sees now. The file is its owner's alone to read: it holds what was said.

    Args:
        is_new: refuse to write over a file.

    Raises:
        StorageError: it can't be written, or is there already; then nothing has changed.
        sqlite3.Error: the source can't be read.
    """
    if is_new and target.exists():
        raise StorageError(f"{target} is there already, and is not written over.")
    unfinished = target.with_name(f"{target.name}.part")
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600))
        _copy(source, unfinished, on_progress)
        _put_on_disk(unfinished)
        unfinished.replace(target)
        _put_on_disk(target.parent)
    except OSError as error:
        raise StorageError(f"{target} can't be written: {error.strerror or error}.") from error
    except sqlite3.OperationalError as error:
        raise StorageError(f"{target} can't be written: {error}.") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _copy(source: sqlite3.Connection, target: Path, on_progress: OnProgress | None) -> None:
    def tell(_status: int, remaining: int, total: int) -> None:
        if on_progress is not None:
            on_progress(total - remaining, total)

    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode = OFF")  # cut short, it is thrown away: one file to leave, and no second one
        # A snapshot: what is written meanwhile neither gets in nor makes the copying begin again.
        source.execute("BEGIN")
        try:
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            source.backup(copy, pages=_PAGES_AT_ONCE, progress=tell)
        finally:
            source.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        copy.execute("DELETE FROM meta WHERE name = 'epoch'")


def _put_on_disk(path: Path) -> None:
    if os.name == "nt" and path.is_dir():  # Windows opens no folder, and needs none
        return
    file = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(file)
    finally:
        os.close(file)
