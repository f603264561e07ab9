"""The fake clock: time goes on when a test says so, and whatever falls due on the way happens in order."""

from __future__ import annotations

import pytest

from moothall.testing import NOON, FakeClock


def test_time_stands_still_until_it_is_moved() -> None:
    """However often it is looked at."""
    clock = FakeClock()
    assert clock.now() == clock.now() == NOON

    ticks = clock.ticks_ns()
    clock.advance(250)
    assert clock.now() == NOON + 250
    assert clock.ticks_ns() - ticks == 250_000_000
    assert FakeClock(7).now() == 7


def test_soon_waits_for_settle_and_keeps_its_order() -> None:
    """What is put there meanwhile comes after what is there already, in the same settle."""
    clock = FakeClock()
    order: list[str] = []

    def first() -> None:
        order.append("a")
        clock.soon(lambda: order.append("c"))

    clock.soon(first)
    clock.soon(lambda: order.append("b"))
    assert order == []

    clock.settle()
    assert order == ["a", "b", "c"]
    assert clock.now() == NOON


def test_what_falls_due_happens_at_its_moment_and_in_order() -> None:
    """A test reads the clock in a callback and sees the moment it asked for."""
    clock = FakeClock()
    rang: list[int] = []
    for moment in (30, 10, 20, 40):
        clock.at(NOON + moment, lambda: rang.append(clock.now() - NOON))

    clock.advance(30)
    assert rang == [10, 20, 30]
    assert clock.next_moment == NOON + 40


def test_after_every_call_it_settles() -> None:
    """What a deadline decides is committed before the next deadline."""
    clock = FakeClock()
    order: list[str] = []
    clock.at(NOON + 10, lambda: clock.soon(lambda: order.append("soon")))
    clock.at(NOON + 10, lambda: order.append("second"))

    clock.advance(10)
    assert order == ["soon", "second"]


def test_what_is_put_on_the_way_happens_too() -> None:
    """Where it falls due in time."""
    clock = FakeClock()
    rang: list[int] = []

    def beat() -> None:
        rang.append(clock.now() - NOON)
        clock.at(clock.now() + 10, beat)

    clock.at(NOON + 10, beat)
    clock.advance(35)
    assert rang == [10, 20, 30]


def test_what_is_soon_happens_before_time_goes_on() -> None:
    """The turn of the loop ends first."""
    clock = FakeClock()
    seen: list[int] = []
    clock.soon(lambda: seen.append(clock.now()))

    clock.advance(1_000)
    assert seen == [NOON]


def test_a_moment_that_is_past_comes_with_the_next_step() -> None:
    """And time does not go back for it."""
    clock = FakeClock()
    seen: list[int] = []
    clock.at(NOON - 1_000, lambda: seen.append(clock.now()))
    clock.settle()
    assert seen == []

    clock.advance(0)
    assert seen == [NOON]


def test_a_call_can_be_called_off() -> None:
    """Also the only one, and once more after it."""
    clock = FakeClock()
    rang: list[str] = []
    call = clock.at(NOON + 10, lambda: rang.append("no"))
    call.cancel()
    call.cancel()

    assert clock.next_moment is None
    clock.advance(20)
    assert rang == []


def test_what_never_ends_is_found() -> None:
    """A busy loop fails a test; it does not hang it."""
    clock = FakeClock()

    def again() -> None:
        clock.soon(again)

    clock.soon(again)
    with pytest.raises(RuntimeError, match="for ever"):
        clock.settle()


def test_time_that_does_not_get_on_is_found() -> None:
    """Nor does one that calls itself at the same moment."""
    clock = FakeClock()

    def again() -> None:
        clock.at(clock.now(), again)

    again()
    with pytest.raises(RuntimeError, match="for ever"):
        clock.advance(1)
