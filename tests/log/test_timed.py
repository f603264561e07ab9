"""A log whose commits are timed: what was stored, and how long that took."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from moothall.errors import Conflict
from moothall.log.memory import MemoryLog
from moothall.log.timed import BOUNDS, CommitTimes, TimedLog
from tests.log.disk import MAIN, batch_of, said


def moments(*seconds: float) -> Iterator[float]:
    """The moments at which commits begin and end that take so long, one after the other."""
    now = 100.0
    for length in seconds:
        yield now
        now += length
        yield now


def test_a_commit_is_timed() -> None:
    """From when it is asked for until it is stored."""
    taken: list[float] = []
    log = TimedLog(MemoryLog(), taken.append, moments(0.25, 0.5).__next__)
    log.commit(batch_of([said(1)]))
    log.commit(batch_of([said(2)]))

    assert taken == [0.25, 0.5]
    assert log.read(MAIN, after=0) == [said(1), said(2)]


def test_what_could_not_be_stored_is_not_timed() -> None:
    """It says nothing of how long storing takes."""
    taken: list[float] = []
    log = TimedLog(MemoryLog(), taken.append, moments(1, 1).__next__)

    with pytest.raises(Conflict):
        log.commit(batch_of([said(7)]))
    assert taken == []


def test_times_are_counted_by_how_long_they_are() -> None:
    """A bound is within its own count, and what is longer than all of them is counted too."""
    times = CommitTimes()
    for seconds in (0.0, BOUNDS[0], 0.0002, BOUNDS[-1], BOUNDS[-1] + 1):
        times.take(seconds)

    assert (times.counts[0], times.counts[1], times.counts[-2], times.counts[-1]) == (2, 1, 1, 1)
    assert sum(times.counts) == 5
    assert times.seconds == pytest.approx(0.0003 + 2 * BOUNDS[-1] + 1)


def test_the_bounds_rise() -> None:
    """Else a time would be counted in the wrong place."""
    assert list(BOUNDS) == sorted(set(BOUNDS))
