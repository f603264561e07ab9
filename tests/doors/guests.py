"""A server over TCP in the process of the test, and those who connect to it: plain sockets that type and read.

Time can be skipped: nobody waits half a minute for a deadline.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec

from moothall.doors.web.token import OperatorToken
from moothall.hall.clock import Handle, SystemClock
from moothall.settings import Settings
from moothall.wiring import RunningServer, start_server

__all__ = ["TOKEN", "Guest", "House", "SkippingClock", "house"]

NET_SECONDS = 20
"""A test that hangs fails, instead of stopping the suite."""


class _Call:
    def __init__(self, moment: int, callback: Callable[[], None]) -> None:
        self.moment = moment
        self.callback = callback
        self.handle: Handle | None = None

    def cancel(self) -> None:
        if self.handle is not None:
            self.handle.cancel()


class SkippingClock:
    """The machine's time, of which a test can skip a part: whatever was due in it comes at once."""

    def __init__(self) -> None:
        self._system = SystemClock(asyncio.get_running_loop())
        self._skipped = 0
        self._calls: set[_Call] = set()

    def now(self) -> int:
        return self._system.now() + self._skipped

    def ticks_ns(self) -> int:
        return self._system.ticks_ns() + self._skipped * 1_000_000

    def soon(self, callback: Callable[[], None]) -> None:
        self._system.soon(callback)

    def at(self, moment: int, callback: Callable[[], None]) -> Handle:
        call = _Call(moment, callback)
        self._calls.add(call)
        self._arm(call)
        return call

    def skip(self, ms: int) -> None:
        """Let so many milliseconds be over."""
        self._skipped += ms
        for call in self._calls:
            call.cancel()
            self._arm(call)

    def _arm(self, call: _Call) -> None:
        def ring() -> None:
            self._calls.discard(call)
            call.callback()

        call.handle = self._system.at(call.moment - self._skipped, ring)


class Guest:
    """One connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def type(self, *lines: str) -> None:
        """Send lines."""
        self.send("".join(f"{line}\n" for line in lines).encode())

    def ask(self, **frame: object) -> None:
        """Send a frame of the JSON lines door."""
        self.send(msgspec.json.encode(frame) + b"\n")

    def end_input(self) -> None:
        """Close our side, and read on."""
        self.writer.write_eof()

    def close(self) -> None:
        """Close both sides."""
        self.writer.close()

    async def line(self) -> str:
        """Read one line; "" is the end."""
        return (await self.reader.readline()).decode().removesuffix("\n")

    async def until(self, *starts: str) -> list[str]:
        """Read up to the first line that begins like one of these."""
        lines = [await self.line()]
        while not lines[-1].startswith(starts):
            assert lines[-1], f"the end came before {starts}: {lines}"
            lines.append(await self.line())
        return lines

    async def rest(self) -> list[str]:
        """Read up to the end."""
        return (await self.reader.read()).decode().splitlines()

    async def frame(self) -> dict[str, Any]:
        """Read one object."""
        line = await self.reader.readline()
        assert line, "the end came"
        frame: dict[str, Any] = msgspec.json.decode(line)
        return frame

    async def until_frame(self, **wanted: object) -> dict[str, Any]:
        """Read up to the first object with these fields."""
        frame = await self.frame()
        while not wanted.items() <= frame.items():
            frame = await self.frame()
        return frame


class House:
    """A running server, and everyone who has come to it."""

    def __init__(self, server: RunningServer, clock: SkippingClock) -> None:
        self.server = server
        self.clock = clock
        self._guests: list[Guest] = []

    @property
    def port(self) -> int:
        return self.server.port

    async def guest(self, *lines: str) -> Guest:
        """Connect, and type lines."""
        guest = Guest(*await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20))
        self._guests.append(guest)
        if lines:
            guest.type(*lines)
        return guest

    async def seated(self, name: str) -> Guest:
        """Connect through the text door, and take a seat."""
        guest = await self.guest(name)
        assert (await guest.line()).startswith(f"* You are {name.partition('@')[0]}, seat ")
        return guest

    async def bot(self, name: str, **join: object) -> tuple[Guest, dict[str, Any]]:
        """Connect through the JSON lines door, and join; return the answer as well."""
        guest = await self.guest()
        guest.ask(do="join", name=name, **join)
        return guest, await guest.frame()

    async def settles(self, guest: Guest) -> None:
        """Wait until the server has taken what a guest has sent: what is sent after it is answered."""
        await guest.writer.drain()
        other = await self.guest("Host")
        assert (await other.line()).startswith("! name_taken")
        other.close()

    @asynccontextmanager
    async def stopping(self, *, close_sittings: bool) -> AsyncIterator[None]:
        """Let the server stop while the block reads what it says; then everyone goes, and it has stopped."""
        stop = asyncio.create_task(self.server.stop(close_sittings=close_sittings))
        try:
            yield
        finally:
            await self.leave()
            await stop

    async def leave(self) -> None:
        """Let everyone go."""
        for guest in self._guests:
            guest.close()
        for guest in self._guests:
            with suppress(OSError):
                await guest.writer.wait_closed()


TOKEN = "the-operators-own-token"
"""What the operator shows through the web door."""


@asynccontextmanager
async def house(**settings: Any) -> AsyncIterator[House]:
    """Run a server on a free port for as long as the block lasts, but not for ever."""
    clock = SkippingClock()
    values: dict[str, Any] = {"bind": ("127.0.0.1",), "port": 0, "topics": ("hug",)} | settings
    server = await start_server(Settings(**values), clock=clock, operator_token=OperatorToken(TOKEN))
    running = House(server, clock)
    try:
        async with asyncio.timeout(NET_SECONDS):
            yield running
    finally:
        await running.leave()
        if not server.hall.is_stopping:
            await server.stop(close_sittings=False)
