"""Those who take nothing, or say nothing, cost little, lock nobody out, and are let go."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from moothall.doors.gate import CountedAs, DoorLimits
from moothall.engine.commands import HostSay
from moothall.engine.names import RoomName
from moothall.log.room_log import Durability, Entry, RoomLog
from tests.cli.folders import a_folder
from tests.doors.guests import House, house
from tests.views.logs import JOINS, bodies_of
from tests.web.lines import has_answered, request

LIMITS = DoorLimits()
FEW, MANY = 5, 15
KIB = 1024
WORDS = "x" * 8_000
LONG = 400
"""Of these words, more than the system keeps for a reader who takes nothing."""

EVENTS = request("GET /api/rooms/main/events?after=0 HTTP/1.1")
LOG = request("GET /api/rooms/main/log?format=jsonl HTTP/1.1")


@contextmanager
def stalled(port: int, asks: bytes, count: int) -> Iterator[list[socket.socket]]:
    """Connect so often, ask, and read nothing; the system's own buffers are small."""
    with ExitStack() as stack:
        lines = []
        for _ in range(count):
            line = stack.enter_context(socket.socket())
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * KIB)
            line.connect(("127.0.0.1", port))
            line.sendall(asks)
            lines.append(line)
        yield lines


async def are_answered(lines: list[socket.socket]) -> None:
    """Wait until each has something to read, and leave it there."""
    for line in lines:
        assert await asyncio.to_thread(line.recv, 1, socket.MSG_PEEK)


async def are_let_go(running: House) -> None:
    """Wait until the server has closed them; those with which it is asked are two."""
    while sum(running.server.gate.counted()[kind] for kind in (CountedAs.HTTP, CountedAs.EVENTS)) > 2:
        await has_answered(running)


@contextmanager
def counting() -> Iterator[Callable[[], int]]:
    """Give a function that tells how many bytes are held that were not at the beginning of the block."""

    def held() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    gc.collect()
    tracemalloc.start()
    try:
        yield held
    finally:
        tracemalloc.stop()


class Watched:
    """A log that knows how often it was read."""

    def __init__(self, log: RoomLog) -> None:
        self._log = log
        self._reads = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)

    def read(self, room: RoomName, *, after: int, limit: int, max_bytes: int) -> list[Entry]:
        self._reads += 1
        return self._log.read(room, after=after, limit=limit, max_bytes=max_bytes)

    async def rests(self, running: House) -> None:
        """Wait until nobody reads it any more."""
        reads = -1
        while reads != self._reads:
            reads = self._reads
            for _ in range(5):
                await has_answered(running)


async def held_by_streams(folder: Path, count: int) -> int:
    """Return what is held when so many have a stream and take nothing, and much is said; then they are let go."""
    async with house(seats=2, data=folder, durability=Durability.CRASH) as running:
        await running.seated("Lars")
        with stalled(running.port, EVENTS, count) as lines:
            await are_answered(lines)
            with counting() as held:
                for number in range(LONG):
                    running.server.hall.command(RoomName("main"), HostSay(WORDS))
                    if number % 20 == 0:
                        await has_answered(running)
                await has_answered(running)
                found = held()
            running.clock.skip(LIMITS.slow_ms + 1_000)
            await are_let_go(running)
    return found


async def held_by_logs(folder: Path, form: str, count: int) -> int:
    """Return what is held when so many ask for a long log, and take nothing of it; then they are let go."""
    asks = request(f"GET /api/rooms/main/log?format={form} HTTP/1.1")
    async with house(data=folder) as running:
        clerk = running.server.hall.look(RoomName("main"))
        clerk.log = log = Watched(clerk.log)  # type: ignore[assignment]
        with counting() as held, stalled(running.port, asks, count) as lines:
            await are_answered(lines)
            await log.rests(running)
            found = held()
            running.clock.skip(LIMITS.slow_ms + 1_000)
            await are_let_go(running)
    return found


async def test_a_stalled_reader_of_a_stream_costs_little_and_is_let_go(tmp_path: Path) -> None:
    """However much is said meanwhile: the words are the room's, not the reader's. Some 20 KiB each were seen."""
    few, many = [await held_by_streams(tmp_path / str(count), count) for count in (FEW, MANY)]

    assert (many - few) / (MANY - FEW) < 32 * KIB


@pytest.mark.parametrize("form", ["jsonl", "html", "text"])
async def test_a_stalled_reader_of_a_log_costs_little_and_is_let_go(tmp_path: Path, form: str) -> None:
    """However long the log is: it is read on when what was read has been taken. One page of it, some 40 KiB."""
    folder = a_folder(tmp_path, main=bodies_of(*JOINS, *((number, HostSay(WORDS)) for number in range(LONG))))

    few, many = [await held_by_logs(folder, form, count) for count in (FEW, MANY)]

    assert (many - few) / (MANY - FEW) < 64 * KIB


async def test_a_reader_for_whom_too_much_is_held_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The measure is one: with larger pages it is exceeded."""
    monkeypatch.setattr("moothall.doors.web.reading._PAGE_BYTES", 512 * KIB)
    folder = a_folder(tmp_path, main=bodies_of(*JOINS, *((number, HostSay(WORDS)) for number in range(LONG))))

    few, many = [await held_by_logs(folder, "jsonl", count) for count in (FEW, MANY)]

    assert (many - few) / (MANY - FEW) > 64 * KIB


@pytest.mark.parametrize("asks", [EVENTS, LOG], ids=["stream", "log"])
async def test_a_server_that_stops_leaves_nothing_of_them(
    tmp_path: Path, asks: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """No answer that goes on where nobody is there any more, and nothing that is complained of."""
    folder = a_folder(tmp_path, main=bodies_of(*JOINS, *((number, HostSay(WORDS)) for number in range(LONG))))
    async with house(data=folder) as running:
        clerk = running.server.hall.look(RoomName("main"))
        clerk.log = log = Watched(clerk.log)  # type: ignore[assignment]
        with stalled(running.port, asks, FEW) as lines:
            await are_answered(lines)
            await log.rests(running)
            await running.server.stop(close_sittings=False)

    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    "begin", [b"GET ", b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Words: ", b"POST /api/rooms HTTP/1.1\r\n"]
)
async def test_a_head_that_comes_byte_by_byte_is_not_waited_for(begin: bytes) -> None:
    """There is one time for all of it, and no byte gives more."""
    async with house() as running:
        guest = await running.guest()
        guest.send(begin)
        await has_answered(running)
        for _ in range(9):
            running.clock.skip(LIMITS.join_ms // 10)
            guest.send(b"x")
            await has_answered(running)
            assert not guest.reader.at_eof()
        running.clock.skip(LIMITS.join_ms // 10)

        await guest.reader.read()
        assert guest.reader.at_eof()


async def test_a_body_that_comes_byte_by_byte_is_not_waited_for() -> None:
    """A request is whole when its body is."""
    async with house() as running:
        guest = await running.guest()
        guest.send(request("POST /api/rooms HTTP/1.1", "Content-Length: 1000", "Content-Type: application/json"))
        await has_answered(running)
        running.clock.skip(LIMITS.join_ms)

        assert b"200" not in await guest.reader.read()


@pytest.mark.parametrize(
    "asks", [b"", b"GET /health HTTP/1.1\r\n", request("POST /api/rooms HTTP/1.1", "Content-Length: 9")]
)
async def test_many_who_ask_for_nothing_lock_nobody_out(asks: bytes) -> None:
    """Who came first makes room for who comes now; those who are in a room stay there."""
    async with house(seats=3) as running:
        lars = await running.seated("Lars")
        with stalled(running.port, asks, 600) as idle:
            await has_answered(running)
            kari = await running.seated("Kari")
            ola, _ = await running.bot("Ola")
            await kari.until("Host: ")
            await ola.until_frame(event="topic_opened")
            await lars.until("* Your turn")

            assert len(idle) == 600
            assert len(running.server.gate) <= LIMITS.max_unjoined + 3 + 2
