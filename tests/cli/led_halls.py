"""A hall in memory with a side door, and those who call there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from moothall.cli.errand import Reply, decode_reply, encode_errand
from moothall.cli.leading import Leading
from moothall.cli.side_door import knock
from moothall.engine.events import Event
from moothall.engine.names import RoomName
from moothall.engine.rules import Rules
from moothall.testing.hall import MemoryHall, memory_hall
from moothall.testing.log import FailingLog

__all__ = ["Call", "Led", "a_led_hall"]

NET_SECONDS = 20
TWO = Rules(seats=2, agenda=("hug",))


class Call(NamedTuple):
    """A connection to the side door, and the token that it wants."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    token: str


class Led:
    """A hall, what leads it, and those who call. `is_ending`: somebody has asked for the end."""

    def __init__(self, hall: MemoryHall, folder: Path, *, over_tcp: bool, patience_seconds: float) -> None:
        self.hall = hall
        self.folder = folder
        self.is_ending = asyncio.Event()
        self.leading = Leading(hall.hall, RoomName("main"), self.is_ending.set, patience_seconds=patience_seconds)
        self.calls: list[Call] = []
        self._over_tcp = over_tcp

    async def call(self) -> Call:
        connection, token = knock(self.folder, NET_SECONDS, over_tcp=self._over_tcp)
        connection.setblocking(False)
        call = Call(*await asyncio.open_connection(sock=connection), token)
        self.calls.append(call)
        return call

    async def ask(self, line: str, room: str = "") -> Reply:
        """Send a line, and return what is answered."""
        call = await self.call()
        return decode_reply(await self.send(encode_errand(line, room, call.token), call))

    async def send(self, data: bytes, call: Call | None = None) -> bytes:
        """Send bytes, and return all that comes back up to the end."""
        call = call or await self.call()
        call.writer.write(data)
        return await self.heard(call)

    async def heard(self, call: Call) -> bytes:
        """Return all that comes up to the end, while the hall does its work."""
        reading = asyncio.create_task(call.reader.read())
        async with asyncio.timeout(NET_SECONDS):
            while not reading.done():
                self.hall.settle()
                await asyncio.sleep(0)
        return b"" if isinstance(reading.exception(), ConnectionResetError) else reading.result()

    def events(self) -> list[Event]:
        return self.hall.events()


@asynccontextmanager
async def a_led_hall(
    folder: Path,
    *names: str,
    rules: Rules = TWO,
    log: FailingLog | None = None,
    rooms: tuple[str, ...] = (),
    over_tcp: bool = False,
    patience_seconds: float = NET_SECONDS,
) -> AsyncIterator[Led]:
    """Open a hall in whose main room these have sat down, and its side door."""
    hall = memory_hall(rules, log=log, rooms=rooms)
    for name in names:
        hall.enter(name)
    hall.settle()
    led = Led(hall, folder, over_tcp=over_tcp, patience_seconds=patience_seconds)
    await led.leading.open(folder, over_tcp=over_tcp)
    try:
        yield led
    finally:
        led.leading.close()
        for call in led.calls:
            call.writer.close()
        await led.leading.finish("Bye.")
