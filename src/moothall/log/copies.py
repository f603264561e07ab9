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
from tempfile import mkstemp
from typing import Final

from moothall.errors import StorageError
from moothall.log.folder import put_on_disk

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
    if is_new and os.path.lexists(target):
        raise _is_there(target)
    unfinished = None
    try:
        if not is_new:  # it is ours alone: what a killed process left unfinished is in nobody's way
            for stale in target.parent.glob(f"{target.name}.*.part"):
                stale.unlink()
        file, name = mkstemp(".part", f"{target.name}.", target.parent)
        os.close(file)
        unfinished = Path(name)
        _copy(source, unfinished, on_progress)
        put_on_disk(unfinished)
        if is_new:
            _name_anew(unfinished, target)
        else:
            unfinished.replace(target)
        put_on_disk(target.parent)
    except OSError as error:
        raise StorageError(f"{target} can't be written: {error.strerror or error}.") from error
    except sqlite3.OperationalError as error:
        raise StorageError(f"{target} can't be written: {error}.") from error
    finally:
        if unfinished is not None:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)


def _name_anew(unfinished: Path, target: Path) -> None:
    try:
        os.link(unfinished, target)
    except FileExistsError:
        raise _is_there(target) from None
    except OSError:  # not every file system knows two names for a file
        if os.path.lexists(target):
            raise _is_there(target) from None
        unfinished.replace(target)


def _is_there(target: Path) -> StorageError:
    return StorageError(f"{target} is there already, and is not written over.")


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
