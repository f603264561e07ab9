"""Those who come through the web door: one request and its answer, a stream that is read, a WebSocket."""

from __future__ import annotations

import asyncio
import http.client
from collections import deque
from collections.abc import Mapping
from typing import Any

import msgspec
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from tests.doors.guests import TOKEN, Guest, House

__all__ = ["Answer", "SocketGuest", "Stream", "ask", "lead", "open_socket", "open_stream"]


class Answer(msgspec.Struct):
    """What a request was answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def object(self) -> dict[str, Any]:
        """The body, which is one JSON object."""
        assert self.headers["content-type"] == "application/json"
        found: dict[str, Any] = msgspec.json.decode(self.body)
        return found

    @property
    def refusal(self) -> tuple[int, str, str]:
        """Status, reason and sentence."""
        said = self.object
        assert said["reply"] == "refused"
        return self.status, said["reason"], said["text"]


async def ask(
    house: House,
    method: str,
    path: str,
    *,
    body: object = None,
    raw: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send one request on a connection of its own; `body` is sent as JSON, `raw` as it is."""
    fields = dict(headers or {})
    if body is not None:
        raw = msgspec.json.encode(body)
        fields.setdefault("content-type", "application/json")

    def send() -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=10)
        try:
            connection.request(method, path, body=raw, headers=fields)
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()

    return await asyncio.to_thread(send)


async def lead(house: House, method: str, path: str, *, body: object = None) -> Answer:
    """Send one request as the operator."""
    return await ask(house, method, path, body=body, headers={"authorization": f"Bearer {TOKEN}"})


class Stream:
    """A stream of events, read message by message."""

    def __init__(self, guest: Guest) -> None:
        self.guest = guest
        self.head = ""
        self.last_id = ""
        self._data = b""
        self.has_ended = False

    async def message(self) -> dict[str, Any]:
        """Read one message that has data; {} is the end."""
        while True:
            while b"\n\n" not in self._data:
                if not await self._more():
                    return {}
            message, _, self._data = self._data.partition(b"\n\n")
            fields = dict(line.split(": ", 1) for line in message.decode().split("\n") if not line.startswith(":"))
            self.last_id = fields.get("id", self.last_id)
            if "data" in fields:
                found: dict[str, Any] = msgspec.json.decode(fields["data"])
                return found

    async def until(self, **wanted: object) -> list[dict[str, Any]]:
        """Read up to the first message with these fields; return all of them."""
        messages = [await self.message()]
        while not wanted.items() <= messages[-1].items():
            assert messages[-1], f"the end came before {wanted}: {messages}"
            messages.append(await self.message())
        return messages

    async def rest(self) -> list[dict[str, Any]]:
        """Read up to the end."""
        messages = []
        while message := await self.message():
            messages.append(message)
        return messages

    async def _more(self) -> bool:
        size = int((await self.guest.reader.readline()).strip() or b"0", 16)
        data = await self.guest.reader.readexactly(size + 2)
        self._data += data[:-2]
        self.has_ended = not size
        return bool(size)


async def open_stream(
    house: House, path: str = "/api/rooms/main/events", headers: Mapping[str, str] | None = None
) -> Stream:
    """Ask for a stream, and read the head of the answer."""
    fields = {"Host": f"127.0.0.1:{house.port}", **(headers or {})}
    guest = await house.guest()
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    guest.send("\r\n".join(lines).encode())
    stream = Stream(guest)
    stream.head = (await guest.reader.readuntil(b"\r\n\r\n")).decode()
    return stream


class SocketGuest(Guest):
    """A WebSocket as a guest: each line that it sends is a message, half of one a fragment; it reads messages."""

    def __init__(self, guest: Guest, house: House, room: str) -> None:
        super().__init__(guest.reader, guest.writer)
        self.protocol = ClientProtocol(parse_uri(f"ws://127.0.0.1:{house.port}/api/rooms/{room}"))
        self._messages: deque[bytes] = deque()
        self._parts: list[bytes] = []
        self._has_ended = False

    async def opens(self) -> None:
        """Shake hands."""
        self.protocol.send_request(self.protocol.connect())
        self._flush()
        while self.protocol.state is State.CONNECTING:
            await self._read()

    def send(self, data: bytes) -> None:
        """Send each line as a message; what is no UTF-8 goes as a binary one."""
        *lines, rest = data.split(b"\n")
        for line in lines:
            if _is_text(line):
                self.protocol.send_text(line)
            else:
                self.protocol.send_binary(line)
        if rest:
            self.protocol.send_text(rest, fin=False)
        self._flush()

    async def line(self) -> str:
        """Read one message; "" is the end."""
        while not self._messages and not self._has_ended:
            await self._read()
        return self._messages.popleft().decode() if self._messages else ""

    async def frame(self) -> dict[str, Any]:
        """Read one object."""
        line = await self.line()
        assert line, "the end came"
        frame: dict[str, Any] = msgspec.json.decode(line)
        return frame

    async def rest(self) -> list[str]:
        """Read up to the end."""
        lines = []
        while line := await self.line():
            lines.append(line)
        return lines

    @property
    def close_code(self) -> int | None:
        """With what code the server has closed."""
        return self.protocol.close_code

    async def _read(self) -> None:
        data = await self.reader.read(65_536)
        if data:
            self.protocol.receive_data(data)
        else:
            self.protocol.receive_eof()
            self._has_ended = True
        for event in self.protocol.events_received():
            if isinstance(event, Frame) and event.opcode in (Opcode.TEXT, Opcode.CONT):
                self._parts.append(bytes(event.data))
                if event.fin:
                    self._messages.append(b"".join(self._parts))
                    self._parts = []
        self._flush()

    def _flush(self) -> None:
        for data in self.protocol.data_to_send():
            if data:
                self.writer.write(data)
            elif not self.writer.is_closing():
                self.writer.close()


def _is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


async def open_socket(house: House, room: str = "main", /, **join: object) -> SocketGuest:
    """Open a WebSocket on a room, and join, unless nothing is said of how."""
    socket = SocketGuest(await house.guest(), house, room)
    await socket.opens()
    if join:
        socket.ask(do="join", **join)
    return socket
