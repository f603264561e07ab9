"""Whoever has long work to do gets one turn of the event loop in so many; nobody else waits for all of it."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from moothall.doors.web.shifts import Shifts


async def test_each_turn_of_the_loop_is_one_piece_of_work() -> None:
    """However many have some: the others' turns come between any two pieces."""
    shifts, done = Shifts(), list[str]()

    async def work(name: str) -> None:
        for _ in range(3):
            await shifts.next()
            done.append(name)

    async def look_at_each_turn() -> list[int]:
        seen = []
        while len(done) < 9:
            seen.append(len(done))
            await asyncio.sleep(0)
        return seen

    async with asyncio.TaskGroup() as group:
        looking = group.create_task(look_at_each_turn())
        for name in "abc":
            group.create_task(work(name))

    assert all(later - earlier <= 1 for earlier, later in pairwise(looking.result()))
    assert done == list("abcabcabc")


async def test_who_gave_up_waiting_holds_nobody_up() -> None:
    """A connection may be lost while its piece of work waits."""
    shifts, done = Shifts(), list[str]()

    async def work(name: str) -> None:
        await shifts.next()
        done.append(name)

    tasks = [asyncio.ensure_future(work(name)) for name in "abc"]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.wait(tasks)

    assert done == ["a", "c"]


async def test_a_line_that_has_ended_begins_anew() -> None:
    """Nothing is left of those who were served."""
    shifts = Shifts()

    for _ in range(3):
        async with asyncio.timeout(5):
            await shifts.next()
