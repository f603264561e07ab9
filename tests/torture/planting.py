"""Putting a fault in the place of something of the product's, in this process."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

__all__ = ["Nth", "put", "wrap"]


class Nth:
    """Says yes to the n-th who asks, and where it is `again` to each n-th after it."""

    def __init__(self, nth: int, *, again: bool = False) -> None:
        self._nth = nth
        self._again = again
        self._count = 0

    def comes(self) -> bool:
        self._count += 1
        return self._count == self._nth or (self._again and self._count % self._nth == 0)

    def kills(self) -> None:
        if self.comes():
            os.kill(os.getpid(), signal.SIGKILL)


def put(owner: Any, name: str, planted: Any) -> None:
    """Put something in the place of what a module or a class has under that name."""
    setattr(owner, name, planted)


def wrap(
    owner: Any, name: str, *, before: Callable[[], None] | None = None, after: Callable[[], None] | None = None
) -> None:
    """Do something before or after a function of a module or a class."""
    usual = getattr(owner, name)

    def wrapped(*args: Any, **options: Any) -> Any:
        if before is not None:
            before()
        outcome = usual(*args, **options)
        if after is not None:
            after()
        return outcome

    put(owner, name, wrapped)
