"""A WebSocket on a room: each message one frame, one reply or one event. What every door keeps is in tests/contract."""

from __future__ import annotations

import logging

import msgspec
import pytest

from moothall.doors.gate import CountedAs
from moothall.engine.commands import HostSay
from moothall.engine.names import RoomName
from tests.doors.guests import house
from tests.doors.web.callers import open_socket


async def test_a_join_leads_to_the_room_of_the_address() -> None:
    """Unless it names another."""
    async with house() as here:
        kari = await open_socket(here, "book%20club", name="Kari", kind="person")
        ola = await open_socket(here, "book%20club", name="Ola", room="lab")
        rooms = [(await one.frame())["room"] for one in (kari, ola)]

    assert rooms == ["book club", "lab"]


async def test_a_sitting_ends_with_a_clean_close() -> None:
    """Code 1000, after the last event; the other doors heard the same."""
    async with house(seats=2) as here:
        kari = await open_socket(here, name="Kari")
        lars = await here.seated("Lars")
        granted = await kari.until_frame(event="floor_granted", name="Kari")
        kari.ask(do="say", text="Hugging\nseems great!", turn=granted["turn"], cid="c1")
        receipt = await kari.until_frame(event="said")
        heard = await lars.until("Kari: ")
        await lars.until("* Your turn")
        lars.type("Lovely.")
        *_, last = await kari.rest()

    assert receipt.items() >= {"text": "Hugging\nseems great!", "cid": "c1"}.items()
    assert heard[-1] == "Kari: Hugging\\nseems great!"
    assert msgspec.json.decode(last)["event"] == "sitting_closed"
    assert kari.close_code == 1000


async def test_a_lost_line_comes_back_to_its_seat_and_its_turn() -> None:
    """With the key, by any door that knows keys; nothing is lost or said twice."""
    async with house(seats=2) as here:
        kari = await open_socket(here, name="Kari")
        joined = await kari.frame()
        await here.seated("Lars")
        granted = await kari.until_frame(event="floor_granted", name="Kari")
        kari.writer.transport.abort()
        again = await open_socket(here, name="Kari", key=joined["key"], epoch=joined["epoch"], after=granted["seq"])
        resumed = await again.frame()
        again.ask(do="say", text="Here I am.", turn=resumed["turn"])
        said = await again.until_frame(event="said")

    assert resumed.items() >= {"reply": "resumed", "holder": "Kari", "turn": granted["turn"], "seat": 1}.items()
    assert said["text"] == "Here I am."


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        (b'{"do":"ping"}', {"reply": "pong"}),
        (b'{\r"do":\r"ping"\r}', {"reply": "pong"}),
        (b"nonsense", {"reply": "refused", "reason": "malformed"}),
        (b"", {"reply": "refused", "reason": "malformed"}),
        (b'{"do":"ping","x":"\xff"}', {"reply": "refused", "reason": "malformed"}),
    ],
)
async def test_a_message_is_a_frame_or_is_told_that_it_is_none(message: bytes, reply: dict[str, str]) -> None:
    """White space may be anywhere between the words of JSON; bytes are read as text."""
    async with house() as here:
        kari = await open_socket(here)
        kari.send(message + b"\n")

        assert (await kari.frame()).items() >= reply.items()
        kari.ask(do="join", name="Kari")
        assert (await kari.frame())["reply"] == "joined"


async def test_a_line_break_within_a_message_makes_no_second_frame() -> None:
    """One message is one frame: between the words it is white space, within them a mistake."""
    async with house() as here:
        kari = await open_socket(here)
        kari.protocol.send_text(b'{"do":\n"ping"}\n{"do":"ping"}')
        kari.protocol.send_text(b'{"do":\n"ping"\n}')
        kari.protocol.send_text(b'{"do":"join","name":"Ka\nri"}')
        kari.send(b"")
        replies = [await kari.frame() for _ in range(3)]

    assert [reply["reply"] for reply in replies] == ["refused", "pong", "refused"]


async def test_a_message_may_come_in_fragments() -> None:
    """As a library sends what it does not hold whole (RFC 6455 section 5.4)."""
    async with house() as here:
        kari = await open_socket(here)
        kari.send(b'{"do":"jo')
        kari.protocol.send_continuation(b'in","name":"Kari"}', fin=True)
        kari.send(b"")

        assert (await kari.frame())["name"] == "Kari"


async def test_a_message_beyond_all_limits_ends_the_line() -> None:
    """Code 1009; what is only too long for a frame is refused, as everywhere."""
    async with house() as here:
        kari = await open_socket(here, name="Kari")
        await kari.frame()
        kari.send(b"x" * 500_000 + b"\n")
        refused = await kari.until_frame(reply="refused")
        kari.send(b"x" * (1024 * 1024 + 1) + b"\n")
        await kari.rest()

    assert refused["reason"] == "too_long"
    assert kari.close_code == 1009


async def test_words_of_any_length_come_as_one_message() -> None:
    """They are handed over in pieces, of which the reader sees nothing."""
    words = "Å" * 90_000
    async with house(seats=2, max_text_chars=100_000) as here:
        await here.seated("Lars")
        kari = await open_socket(here, watch=True)
        await kari.until_frame(event="seated")
        here.server.hall.command(RoomName("main"), HostSay(words))

        assert (await kari.frame())["text"] == words


async def test_who_does_not_read_is_waited_for_and_misses_nothing() -> None:
    """What waits, waits in the room's own feed and log: the connection takes no more than the system does."""
    words = "x" * 100_000
    async with house(seats=2, max_text_chars=100_000) as here:
        await here.seated("Lars")
        kari = await open_socket(here, watch=True)
        await kari.until_frame(event="seated")
        for _ in range(300):
            here.server.hall.command(RoomName("main"), HostSay(words))
            here.server.hall.press.flush()
        taken = here.server.gate.sent_bytes()[CountedAs.WEBSOCKET]
        heard = [(await kari.until_frame(event="host_said"))["seq"] for _ in range(300)]

    assert taken < 300 * len(words) / 2
    assert heard == list(range(heard[0], heard[0] + 300))


async def test_text_that_is_no_utf8_closes_the_line_and_is_nobodys_diagnostic(caplog: pytest.LogCaptureFixture) -> None:
    """Code 1007 (RFC 6455 section 8.1); whoever sends it must not be able to fill the operator's terminal."""
    async with house() as here:
        kari = await open_socket(here, watch=True)
        await kari.frame()
        kari.protocol.send_text(b"\xed\xa0\x80")
        kari.send(b"")
        await kari.rest()

    assert kari.close_code == 1007
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
