"""Alarms ring at their moment: not before it, in order, once, and without a heap that grows."""

from __future__ import annotations

import sys
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from moothall.hall.clock import Handle
from moothall.hall.timers import Alarm, Timers
from moothall.testing import NOON, FakeClock


class EarlyClock(FakeClock):
    """Calls back a millisecond early, as an event loop with a coarse clock does, and counts what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []

    def at(self, moment: int, callback: Callable[[], None]) -> Handle:
        self.asked.append(moment)
        return super().at(max(moment - 1, self.now() + 1) if moment > self.now() else moment, callback)


class Bell:
    """Alarms that write down when they rang, and which."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.timers = Timers(clock)
        self.rang: list[tuple[int, str]] = []

    def alarm(self, name: str) -> Alarm:
        return Alarm(lambda: self.rang.append((self.clock.now() - NOON, name)))


def test_an_alarm_rings_at_its_moment_and_once() -> None:
    """A deadline is a promise in both directions."""
    bell = Bell(FakeClock())
    bell.timers.set(bell.alarm("a"), NOON + 500)

    bell.clock.advance(499)
    assert bell.rang == []
    bell.clock.advance(10_000)
    assert bell.rang == [(500, "a")]


def test_it_is_never_early_even_where_the_clock_wakes_it_early() -> None:
    """An event loop's timer may be a millisecond off; a turn may not be cut short by it."""
    bell = Bell(EarlyClock())
    bell.timers.set(bell.alarm("a"), NOON + 500)

    bell.clock.advance(1_000)

    assert bell.rang == [(500, "a")]


def test_alarms_ring_in_the_order_of_their_moments() -> None:
    """Whichever was set first."""
    bell = Bell(FakeClock())
    for name, moment in (("c", 30), ("a", 10), ("d", 40), ("b", 20)):
        bell.timers.set(bell.alarm(name), NOON + moment)

    bell.clock.advance(100)

    assert bell.rang == [(10, "a"), (20, "b"), (30, "c"), (40, "d")]


def test_alarms_of_one_moment_ring_as_they_were_set() -> None:
    """Nothing about it is left to chance."""
    bell = Bell(FakeClock())
    for name in "abc":
        bell.timers.set(bell.alarm(name), NOON + 10)

    bell.clock.advance(10)

    assert bell.rang == [(10, "a"), (10, "b"), (10, "c")]


def test_an_alarm_moved_later_rings_later() -> None:
    """The usual case: a turn ends early, and the next has its own deadline."""
    bell = Bell(FakeClock())
    alarm = bell.alarm("a")
    bell.timers.set(alarm, NOON + 10)
    bell.timers.set(alarm, NOON + 50)

    bell.clock.advance(100)

    assert bell.rang == [(50, "a")]


def test_an_alarm_moved_forward_rings_then_and_no_second_time() -> None:
    """Its old place in the heap is still there, and must keep quiet."""
    bell = Bell(FakeClock())
    alarm = bell.alarm("a")
    bell.timers.set(alarm, NOON + 50)
    bell.timers.set(alarm, NOON + 10)

    bell.clock.advance(100)

    assert bell.rang == [(10, "a")]


def test_an_alarm_that_is_called_off_does_not_ring() -> None:
    """And one that is set again after that does."""
    bell = Bell(FakeClock())
    alarm = bell.alarm("a")
    bell.timers.set(alarm, NOON + 10)
    bell.timers.set(alarm, None)
    bell.clock.advance(20)
    assert bell.rang == []

    bell.timers.set(alarm, NOON + 30)
    bell.clock.advance(20)

    assert bell.rang == [(30, "a")]


def test_an_alarm_may_set_itself_again() -> None:
    """A heartbeat does."""
    clock = FakeClock()
    timers = Timers(clock)
    rang: list[int] = []

    def beat() -> None:
        rang.append(clock.now() - NOON)
        timers.set(alarm, clock.now() + 10)

    alarm = Alarm(beat)
    timers.set(alarm, NOON + 10)
    clock.advance(35)

    assert rang == [10, 20, 30]


def test_an_alarm_stands_in_the_heap_once_however_often_it_moves() -> None:
    """An entry for every turn would be 188 bytes thirty thousand times a second."""
    clock = EarlyClock()
    timers = Timers(clock)
    alarm = Alarm(lambda: None)
    timers.set(alarm, NOON + 1_000)
    held = sys.getrefcount(alarm)

    for turn in range(1_000):
        timers.set(alarm, NOON + 1_000 + turn)

    assert (sys.getrefcount(alarm), clock.asked) == (held, [NOON + 1_000])


def test_the_clock_is_asked_for_the_earliest_alone() -> None:
    """A thousand rooms are one call of the event loop."""
    clock = EarlyClock()
    timers = Timers(clock)
    for moment in (500, 900, 300, 700):
        timers.set(Alarm(lambda: None), NOON + moment)

    assert clock.asked == [NOON + 500, NOON + 300]
    assert clock.next_moment == NOON + 299


@given(
    st.lists(st.tuples(st.integers(0, 3), st.one_of(st.none(), st.integers(-5, 60)), st.integers(0, 20)), max_size=40)
)
def test_whatever_is_moved_each_alarm_rings_at_its_last_moment(moves: list[tuple[int, int | None, int]]) -> None:
    """Compared with the plainest clock there is: a dict of moments, looked at each millisecond."""
    bell = Bell(EarlyClock())
    alarms = [bell.alarm(str(number)) for number in range(4)]
    wanted: dict[str, int] = {}
    expected: list[tuple[int, str]] = []

    for number, delay, pause in [*moves, (0, None, 100)]:
        moment = None if delay is None else bell.clock.now() + delay
        bell.timers.set(alarms[number], moment)
        wanted.pop(str(number), None)
        if moment is not None:
            wanted[str(number)] = moment
        start = bell.clock.now()
        for now in range(start, start + pause + 1):
            due = [name for name, at in wanted.items() if at <= now]
            expected += [(now - NOON, name) for name in due]
            for name in due:
                del wanted[name]
        bell.clock.advance(pause)

    assert sorted(bell.rang) == sorted(expected)
    assert [moment for moment, _ in bell.rang] == sorted(moment for moment, _ in bell.rang)
