"""Nothing that is hidden in HTTP becomes an event: not a seat, not a word, in any room.

Beside it two talk on, one through the text door and one through that of JSON lines, and notice nothing. The checker is
first shown doors that leak.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from itertools import chain

import msgspec
import pytest

from moothall.doors.front import DoorKind, choose
from moothall.doors.text.door import TextDoor
from moothall.doors.text.manners import TextManners
from moothall.doors.web.connection import WebConnection
from moothall.engine.names import RoomName
from tests.doors.guests import Guest, House, house
from tests.web.lines import exchange
from tests.web.smuggled import Case, cases

CASES = cases()
MAIN = RoomName("main")
# How an answer of HTTP begins, where nothing has gone wrong on our side; and how those of the other doors do.
_ANSWER = re.compile(rb"HTTP/1\.1 [1-4]\d\d ")
_OTHER_DOOR = re.compile(rb'^(?:\* You are |! [a-z_]+: |\{"reply":"(?:joined|resumed|waiting)")', re.MULTILINE)


class Talk:
    """Two who talk, and what must be in the log because of them."""

    def __init__(self, running: House, lars: Guest, kari: Guest) -> None:
        self._running = running
        self._lars = lars
        self._kari = kari
        self._said: list[str] = []
        self._heard: list[str] = []
        self._seq = 0

    @classmethod
    async def begin(cls, running: House) -> Talk:
        lars = await running.seated("Lars")
        kari, _ = await running.bot("Kari")
        await lars.until("* Your turn")
        return cls(running, lars, kari)

    async def go_on(self) -> None:
        """Let each say something, and hear the other."""
        words = f"Words {len(self._said)}"
        self._said += [words, f"{words}, yes"]
        self._lars.type(words)
        await self._lars.until("* Said.")
        await self._kari.until_frame(event="said", text=words)
        turn = await self._kari.until_frame(event="floor_granted", name="Kari")
        self._kari.ask(do="say", text=f"{words}, yes", turn=turn["turn"])
        assert f"Kari: {words}, yes" in await self._lars.until("* Your turn")

    def is_all_there_is(self) -> bool:
        """Tell whether nobody else has come, and nothing else was said or asked, in any room."""
        log = self._running.server.log
        while entries := log.read(MAIN, after=self._seq):
            self._seq = entries[-1].seq
            for event in (msgspec.json.decode(entry.body) for entry in entries):
                if event["event"] == "said":
                    self._heard.append(event["text"])
                if event.get("name", "Lars") not in {"Lars", "Kari"} or event.get("topic", "hug") != "hug":
                    return False
        rooms = [*(summary.room for summary in log.rooms()), *self._running.server.hall.clerks]
        return self._heard == self._said and rooms == [MAIN, MAIN]


async def leaks(running: House, attempts: list[Case]) -> list[str]:
    """Make the attempts up to the first of which something came: an event, an answer of another door, or a 5xx."""
    talk = await Talk.begin(running)
    for number, (place, pieces) in enumerate(attempts):
        said = await exchange(running, *pieces)
        if (said and not _ANSWER.match(said)) or _OTHER_DOOR.search(said) or not talk.is_all_there_is():
            return [f"{place}: {said[-300:]!r}"]
        if number % 20 == 0:
            await talk.go_on()
    await talk.go_on()
    return []


def test_there_are_enough_of_them() -> None:
    """In every place that a request has."""
    assert sum(map(len, CASES.values())) >= 600
    assert len({place for attempts in CASES.values() for place, _ in attempts}) == sum(map(len, CASES.values()))


@pytest.mark.parametrize("places", CASES)
async def test_nothing_that_is_hidden_in_http_reaches_a_room(places: str, caplog: pytest.LogCaptureFixture) -> None:
    """And those who talk there are not disturbed."""
    async with house(seats=2, rounds=1_000) as running:
        assert await leaks(running, CASES[places]) == []

    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


# Doors that leak.


def all_of_it(_connection: WebConnection, data: bytes) -> bytes:
    return data


def what_follows_a_head(_connection: WebConnection, data: bytes) -> bytes:
    return data.partition(b"\r\n\r\n")[2]


def what_comes_at_the_end(connection: WebConnection, data: bytes) -> bytes:
    if not connection.link.is_closing:
        return b""
    connection.link.is_closing = False  # as if the line were anybody's again
    return data


def what_looks_like_a_line(_connection: WebConnection, data: bytes) -> bytes:
    return data if choose(data) is DoorKind.TEXT else b""


def what_no_request_begins_with(connection: WebConnection, data: bytes) -> bytes:
    return b"" if connection.link.is_closing or data.startswith((b"GET", b"POST", b"{")) else data


@pytest.mark.parametrize(
    "leak",
    [all_of_it, what_follows_a_head, what_comes_at_the_end, what_looks_like_a_line, what_no_request_begins_with],
)
async def test_a_door_that_leaks_is_found(
    monkeypatch: pytest.MonkeyPatch, leak: Callable[[WebConnection, bytes], bytes]
) -> None:
    """Each passes something of what comes in to the text door as well."""
    own = WebConnection.data_received
    async with house(seats=3, when_short="start", gather_seconds=1, rounds=1_000) as running:
        manners = TextManners(room="main", is_bare=False, keeps_early=True, max_line_bytes=1_024)

        def data_received(self: WebConnection, data: bytes) -> None:
            leaked = leak(self, data)
            own(self, data)
            if leaked:
                door = TextDoor(self.link, running.server.hall, manners)
                door.connection_made(self.link.transport)
                door.data_received(leaked)

        monkeypatch.setattr(WebConnection, "data_received", data_received)

        assert await leaks(running, list(chain.from_iterable(CASES.values()))) != []
