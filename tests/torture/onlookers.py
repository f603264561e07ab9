"""Spectators of one room: those who read at once and time it, and those who join and never read a byte."""

from __future__ import annotations

import asyncio
import socket
import time
from types import TracebackType
from typing import Any, Final

import msgspec

from tests.torture.talkers import HERE

__all__ = ["Healthy", "Speakers", "Stalled"]

WATCH: Final = b'{"do":"join","room":"main","watch":true}\n'
WATCH_ALL: Final = b'{"do":"join","room":"main","watch":true,"after":0}\n'
FIRST_WORD: Final = b'"text":"'
RECEIVE_BYTES: Final = 4096
SEGMENT_BYTES: Final = 536
"""Small segments keep small what the kernel itself holds for a stalled reader: megabytes on a loopback."""


class Healthy(asyncio.Protocol):
    """Reads all; `late_ms` tells for each utterance how long after it was sent it has been read here."""

    def __init__(self, late_ms: list[float]) -> None:
        self._late_ms = late_ms
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(WATCH)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if line.startswith(b'{"event":"said"'):
                start = line.index(FIRST_WORD) + len(FIRST_WORD)
                self._late_ms.append((now - int(line[start : line.index(b" ", start)])) / 1e6)

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None

    @property
    def is_there(self) -> bool:
        """Whether the server has not closed the line."""
        return self._transport is not None

    def close(self) -> None:
        """Go away."""
        if self._transport is not None:
            self._transport.abort()


class Stalled:
    """So many spectators who ask for all that was ever said, and never read it, for as long as the block lasts."""

    def __init__(self, port: int, count: int) -> None:
        self._port = port
        self._lines = [socket.socket() for _ in range(count)]

    def __enter__(self) -> Stalled:
        for line in self._lines:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT_BYTES)
            line.connect((HERE, self._port))
            line.sendall(WATCH_ALL)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for line in self._lines:
            line.close()


class Speakers:
    """Who is seated in the room and says long texts at a steady pace, each beginning with the moment it was sent at."""

    def __init__(self, port: int, seats: int) -> None:
        self._port = port
        self._seats = seats
        self._said = 0
        self._lines: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def __aenter__(self) -> Speakers:
        for number in range(self._seats):
            line = await asyncio.open_connection(HERE, self._port, limit=1 << 20)
            self._lines.append(line)
            _send(line[1], {"do": "join", "room": "main", "name": f"Bot{number}"})
        await self._until(0, lambda heard: heard.get("event") == "topic_opened")
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for _, writer in self._lines:
            writer.close()

    async def watched_by(self, count: int) -> None:
        """Wait until so many watch."""
        watching = -1
        while watching != count:
            _send(self._lines[0][1], {"do": "who"})
            watching = (await self._until(0, lambda heard: heard.get("reply") == "who"))["watching"]

    async def speak(self, *, texts: int, chars: int, per_second: float) -> None:
        """Say so many texts, by turns, and wait for the receipt of the last; those of the others are thrown away."""
        reading = [asyncio.create_task(_drain(reader)) for reader, _ in self._lines[1:]]
        start = time.monotonic()
        for number in range(texts):
            await asyncio.sleep(max(start + number / per_second - time.monotonic(), 0))
            _, writer = self._lines[number % self._seats]
            self._said += 1
            _send(writer, {"do": "say", "text": f"{time.monotonic_ns()} ".ljust(chars, "x"), "cid": f"c{self._said}"})
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        last = f"c{self._said}"
        await self._until(0, lambda heard: heard.get("cid") == last and heard.get("event") == "said")

    async def _until(self, number: int, holds: Any) -> dict[str, Any]:
        while True:
            line = await self._lines[number][0].readline()
            assert line, "the server has closed the line"
            heard: dict[str, Any] = msgspec.json.decode(line)
            if holds(heard):
                return heard


async def _drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(1 << 20):
        pass


def _send(writer: asyncio.StreamWriter, frame: dict[str, object]) -> None:
    writer.write(msgspec.json.encode(frame) + b"\n")
