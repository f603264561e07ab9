"""The data folder: its files' names, and making it readable by its owner alone."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from moothall.errors import StorageError

__all__ = ["DATABASE", "LOCK", "make_folder"]

DATABASE: Final = "moothall.db"
LOCK: Final = "moothall.lock"


def make_folder(folder: Path) -> None:
    """Make the data folder where it isn't there. Others on the machine can't look into it: it holds what was said.

    Raises:
        StorageError: it can't be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"The data folder {folder} can't be made: {error.strerror}.") from error
