"""A log whose commits are timed, for whoever watches the server. What is kept, and how, is the log's own matter."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import Final

from moothall.engine.names import RoomName
from moothall.log.room_log import PAGE_BYTES, PAGE_ENTRIES, Batch, Entry, Held, RoomLog, RoomSummary

__all__ = ["BOUNDS", "CommitTimes", "TimedLog"]

BOUNDS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Seconds. A commit takes 0.1 ms where nobody waits for the disk, a few ms where one does, and 1 s on a bad day."""


class CommitTimes:
    """How long commits took, in seconds.

    `counts[i]` is how many took at most `BOUNDS[i]`, and longer than the bound before; the last is of all longer ones.
    """

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def take(self, seconds: float) -> None:
        """Count one commit."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


class TimedLog:
    """Another log, and how long it takes to store a batch. One that cannot be stored is not counted.

    Args:
        take: is given the seconds of each commit.
        now: seconds since any moment that stays the same.
    """

    def __init__(self, log: RoomLog, take: Callable[[float], None], now: Callable[[], float]) -> None:
        self._log = log
        self._take = take
        self._now = now

    @property
    def epoch(self) -> str:
        return self._log.epoch

    def commit(self, batch: Batch) -> None:
        start = self._now()
        self._log.commit(batch)
        self._take(self._now() - start)

    def read(
        self, room: RoomName, *, after: int, limit: int = PAGE_ENTRIES, max_bytes: int = PAGE_BYTES
    ) -> list[Entry]:
        return self._log.read(room, after=after, limit=limit, max_bytes=max_bytes)

    def rooms(self) -> list[RoomSummary]:
        return self._log.rooms()

    def held(self, room: RoomName) -> Held:
        return self._log.held(room)

    def close(self) -> None:
        self._log.close()
