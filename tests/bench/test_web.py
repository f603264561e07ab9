"""The load generator of the bench's doors: it reads everything at every door, and a loss or a double ends the run.

Between it and a real server stands one who breaks a single reader's line on the wire.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import msgspec
import pytest

from bench.errors import BenchError
from bench.programs import compiled, compiler
from moothall.hall.courier import MAX_BEHIND_EVENTS
from tests.doors.guests import house

DOORS = ("json", "text", "websocket", "events")
WORDS = b"000005 The wheels"
"""The utterance that is broken on the way: some have come before it, and some come after."""

Break = Callable[[bytes], bytes]
"""What becomes of the line, message or chunk that holds those words."""


def lost(_unit: bytes) -> bytes:
    return b""


def doubled(unit: bytes) -> bytes:
    return unit * 2


def lines(data: bytes) -> int:
    """Return how many bytes of `data` are the first line; 0 where it is not whole. The others are alike."""
    return data.find(b"\n") + 1


def messages(data: bytes) -> int:
    if len(data) < 4:
        return 0
    size = 2 + data[1] if data[1] < 126 else 4 + int.from_bytes(data[2:4])
    return size if size <= len(data) else 0


def chunks(data: bytes) -> int:
    head = data.find(b"\r\n") + 2
    size = head + int(data[: head - 2], 16) + 2 if head > 1 else len(data) + 1
    return size if size <= len(data) else 0


UNITS: dict[str, Callable[[bytes], int]] = {"json": lines, "text": lines, "websocket": messages, "events": chunks}


def door_of(first: bytes) -> str:
    if first.startswith(b"GET "):
        return "websocket" if b"Upgrade" in first else "events"
    return "json" if first.startswith(b"{") else "text"


class Breaker:
    """Carries bytes, and breaks the words on their way to the first who reads them at one door."""

    def __init__(self, port: int, door: str, change: Break) -> None:
        self.has_broken = False
        self._port = port
        self._door = door
        self._change = change

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until either side ends it."""
        here, there = await asyncio.open_connection("127.0.0.1", self._port)
        first = await reader.read(65536)
        door = door_of(first)
        there.write(first)
        with suppress(ConnectionError):
            up = asyncio.create_task(self._up(reader, there))
            if door in ("websocket", "events"):
                writer.write(await here.readuntil(b"\r\n\r\n"))
            await self._down(here, writer, door)
            up.cancel()
        writer.close()
        there.close()

    @staticmethod
    async def _up(reader: asyncio.StreamReader, there: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                there.write(data)
        there.close()

    async def _down(self, here: asyncio.StreamReader, writer: asyncio.StreamWriter, door: str) -> None:
        data = b""
        while more := await here.read(65536):
            data += more
            while size := UNITS[door](data):
                unit, data = data[:size], data[size:]
                if door == self._door and WORDS in unit and not self.has_broken:
                    self.has_broken = True
                    unit = self._change(unit)
                writer.write(unit)


async def load(port: int, *options: str) -> tuple[int, bytes, str]:
    """Run the load generator; return its exit code and what it said."""
    try:
        compiler()
    except BenchError as missing:
        pytest.skip(str(missing))
    program = await asyncio.to_thread(compiled, "web")
    arguments = ["--port", str(port), "--pid", str(os.getpid()), "--rooms", "2", "--warm", "0.1", "--seconds", "0.2"]
    process = await asyncio.create_subprocess_exec(
        program, *arguments, *options, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complaint = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said, complaint.decode()


@asynccontextmanager
async def breaking(door: str, change: Break) -> AsyncIterator[tuple[Breaker, int]]:
    """Run a server behind somebody who breaks one line at one door."""
    async with house(seats=4, rounds=1_000_000, turn_seconds=0) as here:
        breaker = Breaker(here.port, door, change)
        server = await asyncio.start_server(breaker.carry, "127.0.0.1", 0, limit=1 << 20)
        try:
            yield breaker, server.sockets[0].getsockname()[1]
        finally:
            server.close()


@pytest.mark.parametrize("speak", ["json", "text", "websocket"])
async def test_every_utterance_is_delivered_at_every_door(speak: str) -> None:
    """Each is counted once at each of the four members and of the room's readers."""
    async with house(seats=4, rounds=1_000_000, turn_seconds=0) as here:
        code, said, complaint = await load(
            here.port, "--speak", speak, *(word for door in DOORS for word in ("--readers", f"{door}=2"))
        )

    assert (code, complaint) == (0, "")
    figures = msgspec.json.decode(said, type=dict[str, float])
    # 4 members and 4 readers a room; what each is behind with at the beginning and at the end of the time counts as it
    # comes, and an utterance is two events.
    assert abs(figures["deliveries"] - 8 * figures["utterances"]) <= 2 * 8 * MAX_BEHIND_EVENTS / 2


@pytest.mark.parametrize(
    ("change", "complaint"), [(lost, "read utterance 6 after 4"), (doubled, "read utterance 5 after 5")]
)
@pytest.mark.parametrize("door", DOORS)
async def test_a_planted_fault_is_found(door: str, change: Break, complaint: str) -> None:
    """One utterance of hundreds, at one of the readers, lost or doubled on the wire."""
    async with breaking(door, change) as (breaker, port):
        code, said, error = await load(port, "--speak", "json", "--readers", f"{door}=2")

    assert breaker.has_broken
    assert (code, said) == (1, b"")
    assert complaint in error
