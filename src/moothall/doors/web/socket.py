"""A WebSocket as the door that speaks JSON lines sees it: a transport on which each line is one message.

So the rules of that door, its limits, pings and goodbyes hold here word for word, and are written once. Normative:
docs/protocol/web.md §7, RFC 6455.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from starlette.types import Message, Receive, Scope, Send
from websockets.frames import Frame, Opcode

from moothall.doors.link import Link
from moothall.doors.web.connection import WebConnection

__all__ = ["LineDoor", "WebSocket"]

LineDoor = Callable[[Link, str], asyncio.Protocol]
"""Makes the protocol that speaks JSON lines on a link; the text is the room to which it leads."""

_NORMAL_CLOSURE = 1000


class WebSocket(asyncio.Transport):
    """One WebSocket. Also what its connection calls while it lasts (`Stay`).

    Args:
        make_link: makes the link on which the door speaks, and has it counted in the connection's place.
        door: speaks on that link.
    """

    def __init__(
        self,
        connection: WebConnection,
        make_link: Callable[[asyncio.Transport], Link],
        door: Callable[[Link], asyncio.Protocol],
    ) -> None:
        super().__init__()
        self._connection = connection
        self._link = make_link(self)
        self._door = door(self._link)
        self._rest = b""  # of a line that is not whole yet
        self._is_closing = False
        self._is_paused = False
        self._is_over = asyncio.Event()
        self._can_read = asyncio.Event()
        self._can_read.set()

    async def speak(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Carry messages both ways, until either side has closed."""
        connection = self._connection
        connection.stay = self
        self._door.connection_made(self)
        try:
            async with asyncio.TaskGroup() as tasks:
                closing = tasks.create_task(self._close(send))
                await self._receive_all(receive)
                closing.cancel()
        finally:
            self._is_closing = True
            connection.stay = None
            connection.link.take_back(self._link)
            self._door.connection_lost(None)
            connection.wake_at(connection.link.clock.now() + connection.link.limits.close_ms)

    async def _receive_all(self, receive: Receive) -> None:
        while True:
            await self._can_read.wait()
            message = await receive()
            if message["type"] != "websocket.receive":
                return
            # A line break within a message is white space, or a mistake, as every other control character.
            self._door.data_received(_bytes_of(message).replace(b"\n", b"\r") + b"\n")

    async def _close(self, send: Send) -> None:
        await self._is_over.wait()
        try:
            await send({"type": "websocket.close", "code": _NORMAL_CLOSURE})
        except OSError:
            pass  # the other side is gone, which is told to whoever receives

    # What the link calls.

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Do nothing: the connection tells its writer to wait, by limits of its own."""

    def get_write_buffer_size(self) -> int:
        return len(self._rest) + self._connection.link.transport.get_write_buffer_size()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._connection.link.transport.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        # Written beside uvicorn, whose way takes a task's turn for each message, and a system call. Between the
        # handshake and the close it has nothing of its own to write but whole control frames.
        *lines, self._rest = (self._rest + bytes(data)).split(b"\n")
        link = self._connection.link
        if lines:
            link.write(b"".join([Frame(Opcode.TEXT, line).serialize(mask=False) for line in lines]))
        if link.is_blocked and not self._is_paused:
            self._is_paused = True
            self._door.pause_writing()

    def pause_reading(self) -> None:
        self._can_read.clear()

    def resume_reading(self) -> None:
        self._can_read.set()

    def can_write_eof(self) -> bool:
        return False

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        """Close once all that was written is sent."""
        self._is_closing = True
        self._is_over.set()
        self._can_read.set()

    def abort(self) -> None:
        self._is_closing = True
        self._connection.link.drop()

    # What the connection calls.

    def resume(self) -> None:
        """Write on: all that was sent has been taken."""
        if self._is_paused:
            self._is_paused = False
            self._door.resume_writing()

    def ring(self, now: int) -> None:
        """Do nothing: the door has an alarm of its own."""

    def say_goodbye(self, retry_after: int | None) -> None:
        """Say that the server stops, in the door's words."""
        self._link.say_goodbye(retry_after)

    def lose(self) -> None:
        """Do nothing: whoever receives is told."""


def _bytes_of(message: Message) -> bytes:
    text = message.get("text")
    return cast("bytes", message["bytes"]) if text is None else cast("str", text).encode()
