"""How rooms fill: a class that comes all at once, house bots for empty seats, and people who wait for one."""

from __future__ import annotations

import asyncio
from pathlib import Path

from moothall import Turn
from moothall.bots.run import play
from moothall.engine.commands import Start
from moothall.engine.events import FillAsked, Seated, SittingClosed, SittingStarted
from moothall.engine.names import RoomName
from moothall.engine.words import SittingEnd, WhenShort
from moothall.log.reader import open_reader
from moothall.settings import Settings
from moothall.wire.json_lines import decode_event
from moothall.wiring import start_server
from tests.doors.guests import house
from tests.e2e.processes import NET_SECONDS

HERE = "127.0.0.1"
ROOMS, SEATS = 30, 4


def answer(turn: Turn) -> str:
    return f"I am {turn.name}."


async def test_a_class_of_120_finds_its_seats_in_any_of_30_rooms(tmp_path: Path) -> None:
    """All at once: every room is filled, every sitting held and closed, and nobody is left over."""
    rooms = tuple(f"room{number}" for number in range(1, ROOMS + 1))
    server = await start_server(Settings(bind=(HERE,), port=0, data=tmp_path, rooms=rooms, seats=SEATS))
    async with asyncio.timeout(NET_SECONDS):
        await asyncio.gather(
            *(play(answer, f"Bot {number}", port=server.port, host=HERE, room="any") for number in range(ROOMS * SEATS))
        )
    left_over = len(server.gate)
    await server.stop(close_sittings=True)
    reader = open_reader(tmp_path)
    for room in rooms:
        events = [decode_event(entry.body)[0] for entry in reader.read(RoomName(room), after=0)]
        assert len([event for event in events if isinstance(event, Seated)]) == SEATS
        assert [event.reason for event in events if isinstance(event, SittingClosed)] == [SittingEnd.DONE]
    reader.close()
    assert left_over == 0


async def test_empty_seats_are_filled_with_house_bots() -> None:
    """One person need not wait for three others: the server sends its own, who talk and go like any bot."""
    async with house(seats=4, gather_seconds=0.1, when_short=WhenShort.FILL) as here:
        kari = await here.seated("Kari")
        lines = await kari.until("* Your turn")
        kari.type("Hello, you all.")
        lines += await kari.rest()

    assert "* 3 seats are empty. House bots are asked to come." in lines
    assert {name for name in ("Alice", "Bob", "Dora", "Chuck") if any(line.startswith(f"{name}: ") for line in lines)}
    assert lines[-1] == "* Goodbye. 4 answers."


async def test_house_bots_that_cannot_sit_down_do_not_hold_a_room_up(tmp_path: Path) -> None:
    """Somebody else came meanwhile: the bot that is too many goes its way."""
    settings = Settings(bind=(HERE,), port=0, seats=2, gather_seconds=0.1, when_short=WhenShort.FILL, data=tmp_path)
    server = await start_server(settings)
    async with asyncio.timeout(NET_SECONDS):
        await play(answer, "Kari", port=server.port, host=HERE)
    await server.stop(close_sittings=True)
    reader = open_reader(tmp_path)
    events = [decode_event(entry.body)[0] for entry in reader.read(RoomName("main"), after=0)]
    reader.close()

    assert [event.count for event in events if isinstance(event, FillAsked)] == [1]
    assert [event.name for event in events if isinstance(event, Seated)] == ["Kari", "Alice"]
    assert [type(event) for event in events if isinstance(event, SittingStarted)] == []


async def test_a_short_room_starts_or_closes_when_its_time_is_up() -> None:
    """The others read why."""
    async with house(seats=4, gather_seconds=0.1, when_short=WhenShort.START) as here:
        kari = await here.seated("Kari")
        assert "* The conversation starts with 1 of 4." in await kari.until("* Your turn")
    async with house(seats=4, gather_seconds=0.1, when_short=WhenShort.CLOSE) as here:
        kari = await here.seated("Kari")
        assert (await kari.rest())[-1] == "* Goodbye. Too few came in time. 0 answers."


async def test_a_bot_waits_for_the_next_sitting_of_a_full_room() -> None:
    """Through the JSON door: it is told its place, and takes its seat when there is one."""
    told: list[str] = []
    waits = asyncio.Event()

    def tell(words: str) -> None:
        told.append(words)
        waits.set()

    async with house(seats=1, turn_seconds=0) as here:
        kari = await here.seated("Kari")
        waiting = asyncio.create_task(play(answer, "Ola", port=here.port, host=HERE, wait=True, on_notice=tell))
        lars = await here.guest("Lars")
        await lars.until("! room_full")
        await waits.wait()
        kari.type("Bye.")
        assert (await kari.rest())[-1].startswith("* Goodbye")
        await waiting

    assert told == ["Every seat in main is taken: number 1 waits for one."]


async def test_a_held_start_waits_for_the_operator() -> None:
    """And a kept seat for its name."""
    async with house(seats=2, hold_start=True, reserve=("Ola",)) as here:
        kari = await here.seated("Kari")
        nina = await here.guest("Nina")
        await nina.until("! room_full")
        await here.seated("Ola")
        here.server.hall.command(RoomName("main"), Start())
        assert "* The conversation starts with 2 of 2." in await kari.until("* Your turn")
