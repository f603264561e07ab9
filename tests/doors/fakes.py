"""Connections without a network: a hall in memory behind real doors, and lines that a test types and reads.

Time stands still until a test moves it, and a peer takes bytes when a test lets it.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping
from typing import Any

import msgspec

from moothall.doors.front import Door, DoorKind, FrontDoor, SentenceDoor
from moothall.doors.gate import DoorLimits, Gate
from moothall.doors.json_lines.door import JsonDoor
from moothall.doors.text.door import TextDoor
from moothall.doors.text.manners import TextManners
from moothall.engine.rules import Rules
from moothall.log.room_log import RoomLog
from moothall.testing import FakeClock, MemoryHall, memory_hall

__all__ = ["PAGE", "Desk", "FakeSocket", "FakeTransport", "Peer"]

PAGE = b"HTTP/1.1 204 No Content\r\n\r\n"
"""What the stand-in for the web door answers."""
MAX_LINE_BYTES = 97_024


class FakeSocket:
    """What a peer has met: `error` is the number that the system would tell."""

    def __init__(self) -> None:
        self.error = 0
        self.lingers = True

    def getsockopt(self, _level: int, _option: int) -> int:
        return self.error

    def setsockopt(self, _level: int, option: int, value: bytes) -> None:
        assert option == socket.SO_LINGER
        self.lingers = struct.unpack("ii", value) != (1, 0)


class FakeTransport(asyncio.Transport):
    """A transport whose peer takes everything at once, or, while it is stalled, nothing."""

    def __init__(self, clock: FakeClock, protocol: asyncio.Protocol, number: int = 0) -> None:
        super().__init__()
        self.socket = FakeSocket()
        self.writes: list[bytes] = []
        self.taken = bytearray()
        self.buffer = bytearray()
        self.most_buffered = 0
        self.is_stalled = False
        self.is_reading_paused = False
        self.has_ended = False  # our side: the peer reads end of file
        self.is_gone = False
        self._clock = clock
        self._protocol = protocol
        self._number = number
        self._wants_eof = False
        self._is_closing = False

    # What doors and links call.

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 50_000 + self._number), "socket": self.socket}.get(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol = protocol

    def get_protocol(self) -> asyncio.Protocol:
        return self._protocol

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        assert high == 0

    def get_write_buffer_size(self) -> int:
        return len(self.buffer)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert data
        if self.is_gone:
            return
        self.writes.append(bytes(data))
        if not self.is_stalled and not self.buffer:
            self.taken += data
            return
        was_empty = not self.buffer
        self.buffer += data
        self.most_buffered = max(self.most_buffered, len(self.buffer))
        if was_empty:
            self._protocol.pause_writing()

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self._wants_eof = True
        self._after_write()

    def is_closing(self) -> bool:
        return self._is_closing

    def pause_reading(self) -> None:
        self.is_reading_paused = True

    def resume_reading(self) -> None:
        self.is_reading_paused = False

    def close(self) -> None:
        self._is_closing = True
        self._after_write()

    def abort(self) -> None:
        self._is_closing = True
        self.buffer.clear()
        self._go()

    # What the peer does.

    @property
    def received(self) -> bytes:
        """All that the peer has read."""
        return bytes(self.taken)

    def take(self, count: int) -> None:
        """Let the peer read so many of the bytes that wait for it."""
        self.taken += self.buffer[:count]
        had_some = bool(self.buffer)
        del self.buffer[:count]
        if had_some and not self.buffer:
            self._protocol.resume_writing()
            self._after_write()

    def vanish(self, error: Exception | None = None) -> None:
        """Let the connection break."""
        self._is_closing = True
        self._go(error)

    def _after_write(self) -> None:
        if not self.buffer:
            self.has_ended = self.has_ended or self._wants_eof
            if self._is_closing:
                self._go()

    def _go(self, error: Exception | None = None) -> None:
        if not self.is_gone:
            self.is_gone = self.has_ended = True
            self._clock.soon(lambda: self._protocol.connection_lost(error))


class Peer:
    """The far end of one connection. Whatever it does, the server has done its part of it on return."""

    def __init__(self, desk: Desk, transport: FakeTransport) -> None:
        self.transport = transport
        self._desk = desk
        self._read = 0

    def sends(self, data: bytes) -> None:
        assert not self.transport.is_reading_paused
        if not self.transport.is_closing():
            self.transport.get_protocol().data_received(data)
        self._desk.clock.settle()

    def types(self, *lines: str) -> None:
        """Send lines, each in a packet of its own."""
        for line in lines:
            self.sends(f"{line}\n".encode())

    def asks(self, **frame: object) -> None:
        """Send a frame."""
        self.sends(msgspec.json.encode(frame) + b"\n")

    def ends_input(self) -> None:
        """Send end of file, and read on."""
        if not self.transport.get_protocol().eof_received():
            self.transport.close()
        self._desk.clock.settle()

    def hangs_up(self) -> None:
        """Be gone."""
        self.transport.vanish()
        self._desk.clock.settle()

    def stalls(self) -> None:
        """Take no more bytes."""
        self.transport.is_stalled = True

    def reads_on(self) -> None:
        """Take what waits, and everything that comes."""
        self.transport.is_stalled = False
        self.takes(len(self.transport.buffer))

    def takes(self, count: int) -> None:
        """Take so many bytes."""
        self.transport.take(count)
        self._desk.clock.settle()

    def reads(self) -> list[str]:
        """Return the lines that have come since the last time."""
        data, self._read = self.transport.taken[self._read :], len(self.transport.taken)
        text = data.decode()
        assert not text or text.endswith("\n")
        return text.split("\n")[:-1]

    def reads_frames(self) -> list[dict[str, Any]]:
        """Return the objects that have come since the last time."""
        return [msgspec.json.decode(line) for line in self.reads()]

    @property
    def has_been_let_go(self) -> bool:
        """Whether the server has ended its side."""
        return self.transport.has_ended


class Desk:
    """Doors with a hall in memory behind them."""

    def __init__(
        self,
        *,
        seats: int = 2,
        rules: Rules | None = None,
        limits: DoorLimits | None = None,
        manners: TextManners | None = None,
        log: RoomLog | None = None,
        rooms: tuple[str, ...] = (),
        max_spectators: int = 10_000,
        first_room: str = "main",
    ) -> None:
        self.clock = FakeClock()
        self.house: MemoryHall = memory_hall(
            Rules(seats=seats, agenda=("hug",)) if rules is None else rules,
            clock=self.clock,
            log=log,
            rooms=rooms,
            max_spectators=max_spectators,
        )
        self.hall = self.house.hall
        self.limits = DoorLimits() if limits is None else limits
        self.gate = Gate(self.limits)
        self.manners = TextManners() if manners is None else manners
        self._first_room = first_room
        self._count = 0

    def connect(self) -> Peer:
        """Open a connection."""
        front = FrontDoor(self._doors(), gate=self.gate, limits=self.limits, clock=self.clock, timers=self.hall.timers)
        self._count += 1
        transport = FakeTransport(self.clock, front, self._count)
        peer = Peer(self, transport)
        front.connection_made(transport)
        self.clock.settle()
        return peer

    def guest(self, *lines: str) -> Peer:
        """Open a connection that types lines."""
        peer = self.connect()
        peer.types(*lines)
        return peer

    def bot(self, name: str, **join: object) -> Peer:
        """Open a connection that joins through the JSON lines door."""
        peer = self.connect()
        peer.asks(do="join", name=name, **join)
        return peer

    def _doors(self) -> Mapping[DoorKind, Door]:
        return {
            DoorKind.TEXT: lambda link: TextDoor(link, self.hall, self.manners),
            DoorKind.JSON: lambda link: JsonDoor(link, self.hall, MAX_LINE_BYTES, self._first_room),
            DoorKind.HTTP: lambda link: SentenceDoor(link, PAGE),
            DoorKind.IRC: lambda link: SentenceDoor(link, b"ERROR :later\r\n"),
            DoorKind.TLS: lambda link: SentenceDoor(link, b"later\n"),
        }
