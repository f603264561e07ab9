"""The machine's clock, on a real event loop: the only tests of the hall that wait, a few milliseconds in all."""

from __future__ import annotations

import asyncio
import time

from moothall.hall.clock import SystemClock, in_words


async def test_now_is_the_wall_time_in_milliseconds() -> None:
    """A log's times are read by people and compared between machines."""
    clock = SystemClock(asyncio.get_running_loop())

    assert abs(clock.now() - time.time() * 1000) < 1_000


async def test_now_goes_on_with_the_monotonic_clock() -> None:
    """Somebody who sets the machine's clock back must not lengthen anybody's turn."""
    clock = SystemClock(asyncio.get_running_loop())
    moments = [clock.now() for _ in range(1_000)]

    assert moments == sorted(moments)


async def test_ticks_go_as_the_moments_do() -> None:
    """Who only asks how long something has lasted needs no moment."""
    clock = SystemClock(asyncio.get_running_loop())
    ticks, began = clock.ticks_ns(), clock.now()
    while clock.now() < began + 3:
        pass

    assert 2_000_000 <= clock.ticks_ns() - ticks < 5_000_000_000


async def test_it_begins_no_earlier_than_what_has_been() -> None:
    """The machine's clock was put back a year while the server was down: deadlines would wait for it to catch up."""
    now = int(time.time() * 1000)
    behind = SystemClock(asyncio.get_running_loop(), not_before=now + 3_600_000)
    ahead = SystemClock(asyncio.get_running_loop(), not_before=now - 3_600_000)

    assert 0 <= behind.now() - (now + 3_600_000) < 1_000
    assert abs(ahead.now() - now) < 1_000


async def test_soon_comes_after_what_is_there_already() -> None:
    """What came in together is decided together, before the press looks."""
    loop = asyncio.get_running_loop()
    clock = SystemClock(loop)
    order: list[str] = []
    done = asyncio.Event()

    loop.call_soon(order.append, "came in")
    clock.soon(lambda: order.append("press"))
    clock.soon(done.set)
    async with asyncio.timeout(5):
        await done.wait()

    assert order == ["came in", "press"]


async def test_at_calls_back_about_then() -> None:
    """Whoever must not be early by a millisecond looks at the clock again; the timers do."""
    clock = SystemClock(asyncio.get_running_loop())
    rang = asyncio.Event()
    moment = clock.now() + 5

    clock.at(moment, rang.set)
    async with asyncio.timeout(5):
        await rang.wait()

    assert clock.now() >= moment - 1


async def test_a_moment_that_is_past_comes_at_once() -> None:
    """A deadline that passed while the loop was busy is late enough."""
    clock = SystemClock(asyncio.get_running_loop())
    rang = asyncio.Event()

    clock.at(clock.now() - 60_000, rang.set)
    async with asyncio.timeout(5):
        await rang.wait()


async def test_a_call_can_be_called_off() -> None:
    """The timers keep one call, for the earliest deadline, and move it."""
    clock = SystemClock(asyncio.get_running_loop())
    order: list[str] = []
    done = asyncio.Event()

    clock.at(clock.now() + 1, lambda: order.append("called off")).cancel()
    clock.at(clock.now() + 2, done.set)
    async with asyncio.timeout(5):
        await done.wait()

    assert order == []


def test_a_moment_is_written_in_utc() -> None:
    """Wherever the machine stands, the same log makes the same document."""
    assert in_words(0) == "1970-01-01 00:00 UTC"
    assert in_words(1_795_348_799_999) == "2026-11-22 11:59 UTC"
