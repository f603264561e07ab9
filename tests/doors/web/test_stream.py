"""A spectator's visit as a stream: what it is told beside the events, and how much it may hold."""

from __future__ import annotations

from moothall.doors.gate import CountedAs
from moothall.engine.commands import HostSay
from moothall.engine.names import RoomName
from tests.doors.guests import house
from tests.doors.web.callers import ask, open_stream

MAIN = RoomName("main")


async def test_a_silent_stream_is_kept_open_by_comments() -> None:
    """Some who carry it would give it up; its reader sees nothing of them."""
    async with house(seats=2) as here:
        await here.seated("Lars")
        stream = await open_stream(here)
        await stream.until(event="seated")
        here.clock.skip(15_000)
        comment = await stream.guest.reader.readuntil(b":\n\n\r\n")
        here.server.hall.command(MAIN, HostSay("Welcome!"))

        assert (await stream.message())["text"] == "Welcome!"
    assert comment == b"3\r\n:\n\n\r\n"


async def test_silence_counts_from_the_last_words() -> None:
    """Who was just written to needs no comment."""
    async with house(seats=2) as here:
        await here.seated("Lars")
        stream = await open_stream(here)
        await stream.until(event="seated")
        here.clock.skip(10_000)
        here.server.hall.command(MAIN, HostSay("Welcome!"))
        await stream.until(text="Welcome!")
        here.clock.skip(10_000)
        here.server.hall.command(MAIN, HostSay("Anybody?"))
        asked = await stream.guest.reader.readuntil(b"\n\n\r\n")
        here.clock.skip(15_000)
        comment = await stream.guest.reader.readuntil(b"\n\n\r\n")

    assert b"Anybody?" in asked
    assert comment == b"3\r\n:\n\n\r\n"


async def test_who_speaks_an_older_http_reads_the_same_without_chunks() -> None:
    """HTTP/1.0 knows none (RFC 9112 section 6.1): there the end of the line is the end of the stream."""
    async with house(seats=1, turn_seconds=0) as here:
        lars = await here.seated("Lars")
        old = await here.guest()
        old.send(b"GET /api/rooms/main/events HTTP/1.0\r\nHost: localhost\r\n\r\n")
        head = (await old.reader.readuntil(b"\r\n\r\n")).decode().lower()
        await lars.until("* Your turn")
        lars.type("Lovely.")
        body = (await old.reader.read()).decode()

    assert "transfer-encoding" not in head
    assert body.startswith('retry: 1000\ndata: {"reply":"joined"')
    assert body.partition("\ndata: ")[2].count("\n\n") == body.count("data: ")
    assert '"event":"sitting_closed"' in body.splitlines()[-2]


async def test_who_does_not_read_is_waited_for_and_misses_nothing() -> None:
    """What waits, waits in the room's own feed and log: the connection takes no more than the system does."""
    words = "x" * 100_000
    async with house(seats=2, max_text_chars=100_000) as here:
        await here.seated("Lars")
        stream = await open_stream(here)
        await stream.until(event="seated")
        for _ in range(300):
            here.server.hall.command(MAIN, HostSay(words))
            here.server.hall.press.flush()
        taken = here.server.gate.sent_bytes()[CountedAs.EVENTS]
        heard = [(await stream.message())["seq"] for _ in range(300)]

    assert taken < 300 * len(words) / 2
    assert heard == list(range(heard[0], heard[0] + 300))


async def test_a_server_that_stops_says_so_and_when_it_is_back() -> None:
    """The stream ends as a whole, so that its reader knows that nothing is missing."""
    async with house(seats=2) as here:
        await here.seated("Lars")
        stream = await open_stream(here)
        await stream.until(event="seated")
        async with here.stopping(close_sittings=False):
            (*_, goodbye) = await stream.rest()

    assert goodbye == {"reply": "goodbye", "reason": "closing", "text": "The server is stopping.", "retry_after": 1}
    assert stream.has_ended


async def test_after_a_sitting_the_line_may_be_used_again() -> None:
    """The stream has ended; its connection has not."""
    async with house(seats=1, turn_seconds=0) as here:
        lars = await here.seated("Lars")
        stream = await open_stream(here)
        await lars.until("* Your turn")
        lars.type("Lovely.")
        (*_, last) = await stream.rest()
        stream.guest.send(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")

        assert (await stream.guest.line()).startswith("HTTP/1.1 200 ")
    assert last["event"] == "sitting_closed"


async def test_only_the_head_of_a_stream_may_be_asked_for() -> None:
    """Nobody watches by that."""
    async with house(seats=2) as here:
        await here.seated("Lars")
        answer = await ask(here, "HEAD", "/api/rooms/main/events")
        watching = (await ask(here, "GET", "/api/rooms/main")).object["watching"]

    assert (answer.status, answer.headers["content-type"], answer.body) == (200, "text/event-stream", b"")
    assert watching == 0


async def test_words_of_any_length_come_as_one_message() -> None:
    """They are handed over in pieces, of which the reader sees nothing."""
    words = "Å" * 90_000
    async with house(seats=2, max_text_chars=100_000) as here:
        await here.seated("Lars")
        stream = await open_stream(here)
        await stream.until(event="seated")
        here.server.hall.command(MAIN, HostSay(words))

        assert (await stream.message())["text"] == words


async def test_who_is_gone_does_not_watch() -> None:
    """As soon as the line is known to have broken."""
    async with house(seats=2) as here:
        lars = await here.seated("Lars")
        stream = await open_stream(here)
        await stream.until(event="seated")
        stream.guest.writer.transport.abort()
        watching = 1
        while watching:
            lars.type("/who")
            watching = (await lars.line()).count("watch")
