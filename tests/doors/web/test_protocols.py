"""Whatever somebody sends ends their own connection, and leaves the operator's diagnostics as they were."""

from __future__ import annotations

import logging
from http import HTTPStatus

import pytest

from moothall.doors.web.answers import HEADERS
from moothall.errors import Reason
from tests.doors.guests import TOKEN, house
from tests.doors.web.callers import ask

UPGRADE = (
    *("GET /api/rooms/main HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade"),
    *("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"),
)


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    "lines",
    [
        ("GET /health HTTP/1.1", "broken", ""),
        ("GET /health HTTP/1.1", ""),
        ("GET / HTTP/7", "Host: localhost", ""),
        ("POST /api/rooms HTTP/1.1", "Host: localhost", "Content-Length: -1", ""),
    ],
)
async def test_what_is_no_http_is_refused_in_our_words(
    lines: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    """As everything else is, with all that an answer carries; then the line ends."""
    async with house() as here:
        guest = await here.guest(*lines)
        head, _, body = (await guest.reader.read()).decode().partition("\r\n\r\n")

        assert here.server.gate.refusals[Reason.MALFORMED] == 1
    first, *headers = head.split("\r\n")
    assert first.startswith("HTTP/1.1 400 ")
    assert body == '{"reply":"refused","reason":"malformed","text":"This is no request of HTTP."}'
    found = dict(header.lower().split(": ", 1) for header in headers)
    assert found.items() >= {name.lower(): value.lower() for name, value in HEADERS.items()}.items()
    assert (found["content-type"], found["connection"], found["content-length"]) == (
        "application/json",
        "close",
        str(len(body)),
    )
    assert "date" in found
    assert complaints(caplog) == []


async def test_what_breaks_behind_an_answer_ends_the_line(caplog: pytest.LogCaptureFixture) -> None:
    """A body that was too long is answered before it has ended; there is one answer, whatever comes of the rest."""
    async with house() as here:
        guest = await here.guest()
        guest.send(
            b"POST /api/rooms/main/topics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %b\r\n"
            b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n%b\r\n"
            % (TOKEN.encode(), b" " * 0x20000)
        )
        head = await guest.reader.readuntil(b"\r\n\r\n")
        guest.send(b"no chunk\r\n")
        rest = await guest.reader.read()

    assert head.startswith(b"HTTP/1.1 413 ")
    assert rest.count(b"refused") == 1
    assert b"HTTP/1.1" not in rest
    assert complaints(caplog) == []


async def test_who_goes_in_the_middle_of_a_body_goes(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody is there to be answered, and nothing is there to be complained of."""
    async with house() as here:
        guest = await here.guest()
        guest.send(
            b"POST /api/rooms/main/topics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %b\r\n"
            b'Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{"topic":' % TOKEN.encode()
        )
        await ask(here, "GET", "/health")
        guest.end_input()

        assert await guest.reader.read() == b""
        await ask(here, "GET", "/health")
    assert complaints(caplog) == []


@pytest.mark.parametrize(
    ("path", "origin", "status"),
    [("/api/rooms/main", "http://evil.example", 403), ("/nothing", "http://localhost", 404)],
)
async def test_a_websocket_that_is_refused_is_no_fault(
    path: str, origin: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Any page of others may try, as often as it likes."""
    async with house() as here:
        first, *more = UPGRADE
        guest = await here.guest(first.replace("/api/rooms/main", path), *more, f"Origin: {origin}", "")
        told = (await guest.reader.read()).decode()
        await ask(here, "GET", "/health")

    assert told.startswith(f"HTTP/1.1 {status} {HTTPStatus(status).phrase}")
    if origin != "http://localhost":
        assert '"reason":"not_allowed"' in told
        assert [name for name, value in HEADERS.items() if f"{name}: {value}".lower() not in told.lower()] == []
    assert complaints(caplog) == []
