"""Those who send and send, and read nothing, are listened to no more: what they send waits on their own side."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.frames import Frame, Opcode

from moothall.doors.link import Link
from moothall.engine.commands import HostSay
from tests.cli.folders import a_folder
from tests.doors.guests import House, house
from tests.doors.web.callers import open_socket
from tests.views.logs import JOINS, bodies_of
from tests.web.lines import has_answered, request, upgrade

MIB = 1024 * 1024
FLOOD = 32 * MIB
MOST = 16 * MIB
"""What the systems of both sides may hold for a line, and more."""

PAST = bodies_of(*JOINS, *((number, HostSay("x" * 8_000)) for number in range(1_000)))
"""Of a room: more than a line takes at once, so that whoever reads it is behind for a while."""

EVENTS = request("GET /api/rooms/main/events?after=0 HTTP/1.1")
EVENTS_WITH_BODY = request("GET /api/rooms/main/events?after=0 HTTP/1.1", f"Content-Length: {10 * FLOOD}")


@contextmanager
def a_line(running: House, asks: bytes) -> Iterator[socket.socket]:
    """Connect, and ask; the system's buffers on this side are small."""
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        line.connect(("127.0.0.1", running.port))
        line.sendall(asks)
        line.setblocking(False)
        yield line


async def taken(running: House, line: socket.socket, words: bytes) -> int:
    """Send these words again and again, until no more of them are taken; return how many bytes were."""
    sent = refused = 0
    rest = memoryview(words)
    while refused < 3 and sent < FLOOD:
        try:
            count = line.send(rest)
        except BlockingIOError:
            refused += 1
            await has_answered(running)
        else:
            sent, refused = sent + count, 0
            rest = rest[count:] or memoryview(words)
    return sent


async def read_all(running: House, line: socket.socket) -> None:
    """Read what there is to read, until nothing more comes."""
    silent = 0
    while silent < 3:
        try:
            assert line.recv(65_536)
            silent = 0
        except BlockingIOError:
            silent += 1
            await has_answered(running)


def frame(opcode: Opcode, data: bytes) -> bytes:
    """A frame of a client's."""
    return Frame(opcode, data).serialize(mask=True)


async def taken_of_pings(running: House) -> int:
    """Ask for pongs on a WebSocket, and read none."""
    with a_line(running, upgrade()) as line:
        await has_answered(running)
        line.send(frame(Opcode.TEXT, b'{"do":"join","watch":true}'))
        return await taken(running, line, frame(Opcode.PING, b"x" * 125) * 300)


async def taken_behind_a_stream(running: House, asks: bytes) -> int:
    """Send something behind a request for a stream, read all that one was behind with, and send on."""
    words = b"GET /health HTTP/1.1\r\n" + b"x" * 60_000
    with a_line(running, asks + words) as line:
        await asyncio.to_thread(_wait_readable, line)
        await read_all(running, line)
        return await taken(running, line, words)


def _wait_readable(line: socket.socket) -> None:
    line.setblocking(True)
    assert line.recv(1, socket.MSG_PEEK)
    line.setblocking(False)


async def test_who_has_pings_answered_and_reads_no_answer_is_not_listened_to() -> None:
    """RFC 6455 section 5.5.3 wants a pong for each; but not that they pile up."""
    async with house() as running:
        assert await taken_of_pings(running) < MOST


@pytest.mark.parametrize("asks", [EVENTS, EVENTS_WITH_BODY], ids=["requests", "a body"])
async def test_what_comes_behind_a_request_that_is_being_answered_waits(tmp_path: Path, asks: bytes) -> None:
    """Also when the reader has been behind, and is up to date again."""
    async with house(data=a_folder(tmp_path, main=PAST)) as running:
        assert await taken_behind_a_stream(running, asks) < MOST


async def test_a_door_that_listens_to_everybody_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The measure is one: who is not held back goes on for as long as anybody sends."""
    monkeypatch.setattr(Link, "hold_back", lambda _link: None)
    async with house() as running:
        assert await taken_of_pings(running) >= FLOOD


async def test_a_door_that_forgets_that_it_wants_nothing_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that has drained is no wish to read."""

    def deafen(link: Link) -> None:
        link.transport.pause_reading()

    monkeypatch.setattr(Link, "deafen", deafen)
    async with house(data=a_folder(tmp_path, main=PAST)) as running:
        assert await taken_behind_a_stream(running, EVENTS) >= FLOOD


async def test_a_message_of_fragments_without_end_ends_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes room, though there is nothing in it: code 1009, as for one that is too long."""
    monkeypatch.setattr("moothall.doors.web.protocols._MAX_FRAGMENTS", 100)
    async with house() as running:
        kari = await open_socket(running)
        kari.protocol.send_text(b'{"do":', fin=False)
        for _ in range(98):
            kari.protocol.send_continuation(b"", fin=False)
        kari.protocol.send_continuation(b'"ping"}', fin=True)
        kari.send(b"")
        assert (await kari.frame())["reply"] == "pong"
        kari.protocol.send_text(b"", fin=False)
        for _ in range(100):
            kari.protocol.send_continuation(b"", fin=False)
        kari.send(b"")

        await kari.rest()
    assert kari.close_code == 1009
