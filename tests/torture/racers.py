"""Clients of a real server that speak close to their deadline, or not at all, and keep what they read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec

from moothall.engine.events import FloorGranted, TimeCalled
from moothall.errors import BadFrame
from moothall.wire.change import Dialect
from moothall.wire.json_lines import JSON_LINES, decode_event
from moothall.wire.text import TEXT
from moothall.wiring import RunningServer

__all__ = ["HERE", "Racer", "json_racer", "text_racer"]

HERE: Final = "127.0.0.1"
Aim = Callable[[], int | None]
"""So many milliseconds after its deadline somebody speaks; None: not in this turn."""


class Racer:
    """One seat's client. `lines` are what it has read, in its door's `dialect`; `says`: how often it has spoken.

    `late_ms` tells for each turn whose time was called how long after its deadline this client has read so.
    """

    def __init__(self, server: RunningServer, room: str, name: str, aim: Aim, dialect: Dialect) -> None:
        self.server = server
        self.room = room
        self.name = name
        self.aim = aim
        self.dialect = dialect
        self.says = 0
        self.lines: list[bytes] = []
        self.late_ms: list[int] = []
        self._deadlines: dict[int, int] = {}

    async def talk(self, hello: bytes, say: Callable[[int], bytes]) -> None:
        """Take a seat, and stay until the server closes the line."""
        reader, writer = await asyncio.open_connection(HERE, self.server.port)
        writer.write(hello)
        async for line in reader:
            self.lines.append(line)
            turn = self._turn_in(line)
            after = None if turn is None else self.aim()
            if turn is None or after is None:
                continue
            delay = (self._deadline(turn) + after - self.server.clock.now()) / 1000
            asyncio.get_running_loop().call_later(max(delay, 0), self._say, writer, say(turn))
        writer.close()

    def _say(self, writer: asyncio.StreamWriter, line: bytes) -> None:
        self.says += 1
        writer.write(line)

    def _turn_in(self, line: bytes) -> int | None:
        if line.startswith(b"* Your turn"):
            turn = self.server.hall.clerks[self.room].settled.turns
            return turn[0].number if turn and turn[0].name == self.name else None
        try:
            event = decode_event(line)[0] if line.startswith(b'{"event":"') else None
        except BadFrame:
            return None
        if isinstance(event, TimeCalled):
            self.late_ms.append(self.server.clock.now() - self._deadlines[event.turn])
        if isinstance(event, FloorGranted) and event.deadline is not None:
            self._deadlines[event.turn] = event.deadline
            return event.turn if event.name == self.name else None
        return None

    def _deadline(self, number: int) -> int:
        if number in self._deadlines:
            return self._deadlines[number]
        turns = self.server.hall.clerks[self.room].settled.turns
        return turns[0].deadline or 0


async def json_racer(server: RunningServer, room: str, name: str, aim: Aim) -> Racer:
    """Return a client of the JSON door, when all is over."""
    racer = Racer(server, room, name, aim, JSON_LINES)
    hello = msgspec.json.encode({"do": "join", "room": room, "name": name, "after": 0}) + b"\n"
    await racer.talk(hello, lambda turn: b'{"do":"say","text":"hello","turn":%d}\n' % turn)
    return racer


async def text_racer(server: RunningServer, room: str, name: str, aim: Aim) -> Racer:
    """Return a client of the text door, when all is over."""
    racer = Racer(server, room, name, aim, TEXT)
    await racer.talk(f"{name}@{room}\n".encode(), lambda _turn: b"hello\n")
    return racer
