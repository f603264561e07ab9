"""What a browser is told until there is a web door, over TCP as a browser reads it."""

from __future__ import annotations

import asyncio
import http.client

from moothall.doors.web.page import plain_page
from tests.doors.guests import house


def test_the_page_says_how_to_come_in() -> None:
    """With the address that the browser has reached, and in a whole response."""
    head, _, body = plain_page("127.0.0.1", 4242).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert f"Content-Length: {len(body)}".encode() in head.split(b"\r\n")
    assert b"Connection: close" in head.split(b"\r\n")
    assert b"nc 127.0.0.1 4242" in body
    assert b"The web door comes in a later version." in body


def get(port: int, method: str, body: bytes | None) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, "/rooms/main", body=body)
    response = connection.getresponse()
    answer = response.status, response.getheader("Content-Type", ""), response.read()
    connection.close()
    return answer


async def test_a_browser_gets_the_page_and_nobody_hears_what_it_sent() -> None:
    """A form that looks like chat lines, or like frames, is a form."""
    async with house() as here:
        answers = [
            await asyncio.to_thread(get, here.port, method, body)
            for method, body in (
                ("GET", None),
                ("POST", b"Kari\nhello\n" * 100),
                ("POST", b'{"do":"join","name":"Kari"}\n{"do":"say","text":"hello"}\n'),
            )
        ]
        rooms = here.server.log.rooms()

    assert {(status, kind) for status, kind, _ in answers} == {(200, "text/plain; charset=utf-8")}
    assert all(b"type a name, and take a seat" in page for _, _, page in answers)
    assert rooms == []


async def test_a_form_of_many_requests_is_read_to_its_end() -> None:
    """So that the page is not lost to a reset while the browser is still sending."""
    async with house() as here:
        browser = await here.guest()
        browser.send(b"POST / HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n" + b"Kari\n" * 400_000)
        page = await browser.reader.read()
        browser.close()

    assert page == plain_page("127.0.0.1", here.port)


async def test_other_doors_that_come_later_say_so() -> None:
    """A sentence for an IRC client, and one for a client that expects TLS."""
    async with house() as here:
        irc, tls = await here.guest("NICK kari", "USER kari 0 * :Kari"), await here.guest()
        tls.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        told = [await irc.rest(), await tls.rest()]
        rooms = here.server.log.rooms()

    assert told == [
        ["ERROR :Moothall has no IRC door yet. Say a name to speak plain lines."],
        ["Moothall has no TLS door yet. Connect without TLS."],
    ]
    assert rooms == []
