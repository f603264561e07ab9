"""Connections that say to the web door whatever they like, byte for byte, and what came back on them."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from tests.doors.guests import Guest, House

__all__ = ["KEY", "exchange", "has_answered", "request", "upgrade"]

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def request(line: str = "GET /health HTTP/1.1", *headers: str, host: str = "localhost", body: bytes = b"") -> bytes:
    """Write a request as it should be."""
    lines = [line, f"Host: {host}", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def upgrade(path: str = "/api/rooms/main", *headers: str, key: str = KEY, version: int = 13) -> bytes:
    """Write a request for a WebSocket."""
    return request(
        f"GET {path} HTTP/1.1",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        f"Sec-WebSocket-Version: {version}",
        *headers,
    )


async def exchange(house: House, *pieces: bytes) -> bytes:
    """Send bytes in these pieces, and return all that comes back until we, or the server, end the line.

    Each piece is read by the server before the next is sent.
    """
    guest = await house.guest()
    reading = asyncio.ensure_future(_read(guest))
    for piece in pieces:
        guest.send(piece)
        await has_answered(house)
    with suppress(OSError):
        guest.end_input()
    await has_answered(house)
    guest.close()
    return await reading


async def has_answered(house: House) -> None:
    """Wait until the server has read what was sent before, and has had its time to answer."""
    for _ in range(2):
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(request("GET /health HTTP/1.1", "Connection: close"))
        assert await reader.read()
        writer.close()
        await writer.wait_closed()


async def _read(guest: Guest) -> bytes:
    data = b""
    with suppress(OSError):  # what came before the line was broken counts
        while more := await guest.reader.read(65_536):
            data += more
    return data
