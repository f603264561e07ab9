"""A log is read in pages, and ends where it ended when somebody began to read it."""

from __future__ import annotations

from itertools import chain

import pytest

from moothall.doors.web.reading import LogReading
from moothall.doors.web.shifts import Shifts
from moothall.engine.commands import HostSay
from moothall.errors import StorageError
from moothall.hall.clerk import Clerk
from moothall.hall.retention import Keep
from moothall.log.room_log import Entry
from moothall.testing import MemoryHall, memory_hall
from tests.hall.house import rules


def hold_sittings(hall: MemoryHall, count: int) -> Clerk:
    """Hold so many, and return the clerk of the room."""
    for _ in range(count):
        for name in ("Kari", "Ola"):
            hall.enter(name, answers=lambda _turn: "Yes.")
        hall.settle()
    return hall.hall.room(hall.room().name)


def seqs_of(page: list[Entry]) -> list[int]:
    return [entry.seq for entry in page]


async def pages(reading: LogReading) -> list[list[int]]:
    found: list[list[int]] = []
    while page := await reading.page():
        found.append(seqs_of(page))
    return found


async def test_all_of_a_log_is_read_page_by_page() -> None:
    """No entry is left out, or comes twice."""
    hall = memory_hall(rules(2))
    clerk = hold_sittings(hall, 20)

    found = await pages(LogReading(hall.hall, clerk, Shifts()))

    assert len(found) > 2
    assert max(map(len, found)) <= 100
    assert list(chain.from_iterable(found)) == list(range(1, clerk.settled.seq + 1))


async def test_a_page_of_long_words_is_short() -> None:
    """Whoever stalls while it is sent holds it."""
    hall = memory_hall(rules(2))
    clerk = hold_sittings(hall, 1)
    hall.enter("Kari")
    for _ in range(20):
        hall.operate(HostSay("x" * 8_000))
    hall.settle()

    found = await pages(LogReading(hall.hall, clerk, Shifts(), after=clerk.settled.seq - 20))

    assert max(map(len, found)) <= 3


async def test_it_begins_after_a_seq() -> None:
    """And is over at once where that has not been."""
    hall = memory_hall(rules(2))
    clerk = hold_sittings(hall, 1)

    assert (await pages(LogReading(hall.hall, clerk, Shifts(), after=3)))[0][0] == 4
    assert await pages(LogReading(hall.hall, clerk, Shifts(), after=2**63 - 1)) == []


async def test_what_is_said_meanwhile_is_left_out() -> None:
    """So it ends, however busy the room is."""
    hall = memory_hall(rules(2))
    clerk = hold_sittings(hall, 20)
    reading = LogReading(hall.hall, clerk, Shifts())
    first = await reading.page()

    hold_sittings(hall, 1)

    found = [seqs_of(first), *await pages(reading)]
    assert found[-1][-1] == reading.last_seq < clerk.settled.seq


async def test_a_log_that_was_cut_is_read_from_where_it_begins() -> None:
    """What is gone is passed over; what goes while it is read breaks the reading off."""
    hall = memory_hall(rules(2), keep=Keep(entries=300))
    clerk = hold_sittings(hall, 40)
    reading = LogReading(hall.hall, clerk, Shifts())
    await reading.page()

    while clerk.first_seq == 1:
        hall.hall.tidy(hall.clock.now())

    assert (await pages(LogReading(hall.hall, clerk, Shifts())))[0][0] == clerk.first_seq > 101
    with pytest.raises(StorageError, match="forgotten while"):
        await pages(reading)


async def test_a_server_that_stops_breaks_a_reading_off() -> None:
    """It would else close the log under it."""
    hall = memory_hall(rules(2))
    reading = LogReading(hall.hall, hold_sittings(hall, 20), Shifts())
    await reading.page()

    hall.hall.stop(close_sittings=False)

    with pytest.raises(StorageError):
        await pages(reading)
