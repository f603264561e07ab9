"""One connection that speaks HTTP: how long it may take, and how it ends."""

from __future__ import annotations

import pytest

from tests.doors.guests import Guest, House, house

GET = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST /api/rooms/main/topics HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


async def answer(guest: Guest) -> str:
    """Read one answer of known length; return its first line."""
    head = (await guest.reader.readuntil(b"\r\n\r\n")).decode()
    (length,) = [line.split(": ")[1] for line in head.split("\r\n") if line.startswith("content-length")]
    await guest.reader.readexactly(int(length))
    return head.partition("\r\n")[0]


async def asked(here: House, data: bytes) -> Guest:
    guest = await here.guest()
    guest.send(data)
    return guest


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ",
        POST + b"Content-Length: 10\r\n\r\n{",
        POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
    ],
    ids=["a line", "half a head", "half a body", "half a chunk"],
)
async def test_who_brings_no_whole_request_is_let_go(data: bytes) -> None:
    """After 30 s in all, however slowly it trickles."""
    async with house() as here:
        guest = await asked(here, data)
        await here.settles(guest)
        here.clock.skip(29_000)
        guest.send(b"x")
        await here.settles(guest)
        here.clock.skip(1_001)

        await guest.rest()


async def test_who_has_been_answered_may_ask_again_on_the_same_line() -> None:
    """And is let go who then asks nothing."""
    async with house() as here:
        guest = await asked(here, GET)
        first = await answer(guest)
        guest.send(GET)
        second = await answer(guest)
        here.clock.skip(30_001)

        assert await guest.rest() == []
    assert first == second == "HTTP/1.1 200 OK"


async def test_requests_one_after_another_are_answered_in_their_order() -> None:
    """In one packet as well (RFC 9112 section 9.3.2)."""
    async with house() as here:
        guest = await asked(here, GET + GET.replace(b"/health", b"/nothing") + GET)

        assert [(await answer(guest)).split()[1] for _ in range(3)] == ["200", "404", "200"]


async def test_a_request_may_come_byte_by_byte() -> None:
    """However slowly, as long as it comes in time."""
    async with house() as here:
        guest = await here.guest()
        for byte in GET:
            guest.send(bytes([byte]))
            await here.settles(guest)

        assert await answer(guest) == "HTTP/1.1 200 OK"


async def test_a_server_that_stops_lets_go_of_who_asks_nothing() -> None:
    """At once, and of who is being answered afterwards."""
    async with house() as here:
        idle = await asked(here, GET)
        await answer(idle)
        async with here.stopping(close_sittings=False):
            assert await idle.rest() == []


async def test_a_line_that_broke_takes_nothing_with_it() -> None:
    """Others are answered."""
    async with house() as here:
        broken = await asked(here, GET[:-2])
        await here.settles(broken)
        broken.writer.transport.abort()
        other = await asked(here, GET)

        assert await answer(other) == "HTTP/1.1 200 OK"


async def test_what_is_no_request_is_told_so_and_its_sender_let_go() -> None:
    """The answer is read even by who is still sending."""
    async with house() as here:
        guest = await asked(here, b"GET / HTTP/1.1\r\nHost: localhost\r\n: nothing\r\n\r\n" + b"x" * 100_000)
        lines = await guest.rest()

    assert lines[0].split()[:2] == ["HTTP/1.1", "400"]


async def test_a_head_that_does_not_end_is_not_read_for_ever() -> None:
    """64 KiB are enough for anybody's cookies."""
    async with house() as here:
        guest = await asked(here, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 70_000)
        lines = await guest.rest()

    assert lines[0].split()[1] in {"400", "431"}
