"""The web door as its guests find it: HTTP on the port that serves all doors."""

from __future__ import annotations

import pytest

from moothall.engine.names import RoomName
from tests.doors.guests import house
from tests.doors.web.callers import ask


@pytest.mark.parametrize(
    "line",
    ["GET /health HTTP/1.1", "GET /health HTTP/1.0", "GET http://localhost/health HTTP/1.1", "OPTIONS * HTTP/1.1"],
)
async def test_a_method_and_a_target_choose_it(line: str) -> None:
    """Whatever is made of them, it is HTTP that answers."""
    async with house() as here:
        guest = await here.guest(line, "Host: localhost", "Connection: close", "")

        assert (await guest.rest())[0].startswith("HTTP/1.1 ")


async def test_lines_of_other_doors_in_a_body_are_a_body() -> None:
    """A form that looks like chat lines, or like frames, is a form."""
    async with house() as here:
        answers = [
            await ask(here, "POST", "/rooms/main", raw=body)
            for body in (b"Kari\nhello\n" * 100, b'{"do":"join","name":"Kari"}\n{"do":"say","text":"hello"}\n')
        ]

        assert here.server.hall.kept(RoomName("main")) == (1, 0)
        lars = await here.seated("Lars")
        lars.type("/who")
        await lars.until("* Here: Lars")
    assert [answer.status for answer in answers] == [405, 405]
    assert here.server.log.read(RoomName("Kari"), after=0) == []
