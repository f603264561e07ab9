"""A disk of a few megabytes, in memory, that is filled and freed again. It is unmounted whatever happens."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

__all__ = ["SmallDisk", "a_small_disk"]

_PIECE: Final = bytes(4096)


class SmallDisk:
    """`root` is where it is mounted."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._filler = root / "filler"

    def fill(self, *, leave_bytes: int) -> None:
        """Take all the space but so much."""
        free = os.statvfs(self.root).f_bavail * os.statvfs(self.root).f_frsize
        with suppress(OSError), self._filler.open("ab") as file:  # it may be full already
            for _ in range((free - leave_bytes) // len(_PIECE)):
                file.write(_PIECE)
                file.flush()

    def free(self) -> None:
        """Give the space back."""
        self._filler.unlink()


@contextmanager
def a_small_disk(folder: Path, needs_tool: Callable[[str], str], *, megabytes: int) -> Iterator[SmallDisk]:
    """Mount one on a folder for as long as the block lasts; where that is not permitted the test is skipped."""
    mount, umount = needs_tool("mount"), needs_tool("umount")
    folder.mkdir()
    options = ("-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "moothall-torture", str(folder))
    done = subprocess.run((mount, *options), capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run((umount, "-l", str(folder)), check=True)
