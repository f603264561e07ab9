"""The data folder: its files' names, and making it readable by its owner alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from moothall.errors import StorageError

__all__ = ["CONSOLE_HISTORY", "DATABASE", "LOCK", "make_folder", "make_private", "put_on_disk"]

DATABASE: Final = "moothall.db"
LOCK: Final = "moothall.lock"
CONSOLE_HISTORY: Final = "console_history"
"""What the operator has typed at the server's console."""


def make_folder(folder: Path) -> None:
    """Make the data folder where it isn't there. Others on the machine can't look into it: it holds what was said.

    Raises:
        StorageError: it can't be made.
    """
    try:
        missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for made in missing:
            put_on_disk(made.parent)
    except OSError as error:
        raise StorageError(f"The data folder {folder} can't be made: {error.strerror}.") from error


def make_private(path: Path) -> None:
    """Make an empty file that its owner alone can read, where there is none: SQLite gives its other files the same.

    Raises:
        StorageError: it can't be made.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        put_on_disk(path.parent)
    except FileExistsError:
        return
    except OSError as error:
        raise StorageError(f"{path} can't be made: {error.strerror}.") from error


def put_on_disk(path: Path) -> None:
    """Wait until a file, or what a folder lists, is on the disk.

    Raises:
        OSError: it can't be.
    """
    if os.name == "nt" and path.is_dir():  # Windows opens no folder, and needs none
        return
    file = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(file)
    finally:
        os.close(file)
