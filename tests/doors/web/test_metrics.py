"""`GET /metrics`: what docs/protocol/web.md §9 lists is there, and counts exactly what has happened."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect

from moothall.engine.commands import Skip
from moothall.engine.names import RoomName
from moothall.errors import Reason
from moothall.log.timed import BOUNDS
from tests.doors.guests import NET_SECONDS, Guest, House, house

PAGE = Path(__file__).parents[3] / "docs/protocol/web.md"
ROW = re.compile(r"\| `(moothall_\w+)` \| (\w+) \| (.*?) \|")
HEAD = "Host: localhost\r\nConnection: close\r\n\r\n"

Samples = dict[tuple[str, str], float]
"""By the name of a series and the value of its one label; "" where it has none."""


class Metric(NamedTuple):
    name: str
    type: str
    label: str
    values: frozenset[str]


def documented() -> list[Metric]:
    """Return the metrics of the page; where a row names no values, those of the same label above it hold."""
    metrics: list[Metric] = []
    for name, kind, labels in ROW.findall(PAGE.read_text(encoding="utf-8")):
        label, *values = re.findall(r"`(\w+)`", labels) or [""]
        if label == "reason":
            values = list(Reason)
        metrics.append(Metric(name, kind, label, frozenset(values) or metrics[-1].values if label else frozenset()))
    return metrics


async def scrape(here: House) -> str:
    guest = await here.guest()
    guest.send(f"GET /metrics HTTP/1.1\r\n{HEAD}".encode())
    head, _, body = (await guest.reader.read()).decode().partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 200 ")
    assert "content-type: text/plain; version=" in head.lower()
    return body


async def samples(here: House) -> Samples:
    families = text_string_to_metric_families(await scrape(here))
    return {(one.name, next(iter(one.labels.values()), "")): one.value for family in families for one in family.samples}


def of(found: Samples, name: str) -> dict[str, float]:
    """Return a metric's values that are not 0, by its label."""
    return {label: value for (other, label), value in found.items() if other == f"moothall_{name}" and value}


async def watcher(here: House) -> Guest:
    """Open a stream of events, and read its head and where it starts."""
    guest = await here.guest()
    guest.send(f"GET /api/rooms/main/events HTTP/1.1\r\n{HEAD}".encode())
    await guest.until('data: {"reply":"joined"')
    return guest


async def test_all_that_the_page_lists_is_there_from_the_start_and_nothing_else() -> None:
    """The page rules: names, types, labels and the values of labels."""
    async with house() as here:
        body = await scrape(here)
    types = re.findall(r"^# TYPE (\w+) (\w+)$", body, re.MULTILINE)
    assert types == [(metric.name, metric.type) for metric in documented()]
    for metric in documented():
        if metric.label:
            assert set(re.findall(rf'^{metric.name}{{{metric.label}="(\w+)"}}', body, re.MULTILINE)) == metric.values
    bounds = re.findall(r'^moothall_commit_seconds_bucket{le="(.+)"}', body, re.MULTILINE)
    assert bounds == [*map(str, BOUNDS), "+Inf"]


async def test_a_conversation_is_counted_as_it_went() -> None:
    """Through every door, with every end of a turn; who looks at the metrics is a connection as well."""
    async with house(seats=3, rounds=2) as here:
        kari = await here.seated("Kari")
        lars, _ = await here.bot("Lars")
        stream = await watcher(here)
        async with connect(f"ws://127.0.0.1:{here.port}/api/rooms/main") as ola:
            await ola.send('{"do":"join","name":"Ola","kind":"person"}')
            await kari.until("* Your turn")
            before = await samples(here)
            kari.type("Oh yes")
            await lars.until_frame(event="floor_granted", name="Lars")
            lars.ask(do="pass")
            await kari.until("* Ola has the floor")
            here.clock.skip(30_000)
            await kari.until("* Your turn")
            here.server.hall.command(RoomName("main"), Skip())
            await lars.until_frame(event="floor_granted", name="Lars", turn=5)
            lars.ask(do="leave")
            await kari.until("* Ola has the floor")
            after = await samples(here)
            await ola.send('{"do":"say","text":"Hei"}')
            await kari.until("* Goodbye")
            async for _ in ola:
                pass
        assert '"event":"sitting_closed"' in "".join(await stream.rest())
        end = await samples(here)

    assert of(before, "turns_total") == {}
    assert of(before, "rooms") == {"talking": 1}
    assert of(before, "participants") == {"bot": 1, "person": 2, "spectator": 1}
    assert of(before, "connections") == {"text": 1, "json": 1, "events": 1, "websocket": 1, "http": 1}
    assert of(after, "turns_total") == {"said": 1, "passed": 1, "deadline": 1, "revoked": 1, "left": 1}
    assert of(after, "participants") == {"person": 2, "spectator": 1}
    assert of(end, "turns_total") == {"said": 2, "passed": 1, "deadline": 1, "revoked": 1, "left": 1}
    assert of(end, "rooms") == {"gathering": 1}
    assert of(end, "participants") == {}
    # Two of the five HTTP connections became something else.
    assert of(end, "connections_total") == {
        "undecided": 7, "text": 1, "json": 1, "http": 5, "events": 1, "websocket": 1
    }  # fmt: skip
    assert of(end, "refusals_total") == {}
    for series in (series for series in before if series[0].endswith(("_total", "_bucket", "_count", "_sum"))):
        assert before[series] <= after[series] <= end[series]


async def test_refusals_are_counted_by_reason_in_every_door() -> None:
    """Also those of which a connection is told once, or not at all."""
    async with house(seats=2) as here:
        kari = await here.seated("Kari")
        lars, _ = await here.bot("Lars")
        await kari.until("* Your turn")
        lars.ask(do="say", text="Me first", cid="c1")
        await lars.until_frame(reply="refused", cid="c1")
        lars.ask(do="fly")
        await lars.until_frame(reply="refused", do="fly")
        lars.ask(do="skip")
        await lars.until_frame(reply="refused", reason="not_allowed")
        ola = await here.guest("Kari")
        await ola.until("! room_full")
        for request in ("GET /api/rooms/nowhere", "GET /nothing", "DELETE /api/rooms/main"):
            guest = await here.guest()
            guest.send(f"{request} HTTP/1.1\r\n{HEAD}".encode())
            await guest.rest()
        guest = await here.guest()
        guest.send(b"GET / HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n")
        await guest.rest()
        kari.type("Oh yes", "And", "and", "and another thing", "/ask", "/help")
        await kari.until("* /pass", "* Type")
        found = await samples(here)

    assert of(found, "refusals_total") == {
        "not_your_turn": 1,
        "turn_over": 3,  # told once
        "room_full": 1,
        "malformed": 2,
        "no_such_room": 1,
        "not_allowed": 4,
    }


async def test_a_goodbye_is_no_refusal() -> None:
    """Nobody had asked for anything."""
    async with house() as here:
        kari = await here.seated("Kari")
        async with here.stopping(close_sittings=False):
            assert (await kari.rest())[-1] == "* Goodbye."
        assert here.server.gate.refusals == {}


async def test_every_commit_is_counted() -> None:
    """And how long it took, in the place of its length."""
    async with house(seats=1) as here:
        before = await samples(here)
        kari = await here.seated("Kari")
        await kari.until("* Your turn")
        after = await samples(here)

    assert of(before, "commit_seconds_count") == {}
    assert of(after, "commit_seconds_count") == {"": 1}
    assert of(after, "commit_seconds_bucket")["+Inf"] == 1
    assert 0 < of(after, "commit_seconds_sum")[""] < NET_SECONDS


async def test_bytes_are_counted_by_the_door_they_went_through() -> None:
    """All that a reader of lines reads; of a WebSocket its lines; of a stream what HTTP adds to it, too."""
    async with house(seats=3) as here:
        kari = await here.guest("Kari")
        words = await kari.line()
        stream = await here.guest()
        stream.send(f"GET /api/rooms/main/events HTTP/1.1\r\n{HEAD}".encode())
        events = await stream.reader.readuntil(b'"name":"Kari","seat":1,"kind":"person"}\n\n\r\n')
        async with connect(f"ws://127.0.0.1:{here.port}/api/rooms/main") as lars:
            await lars.send('{"do":"join","watch":true}')
            messages = [await lars.recv(decode=False)]
            while b'"event":"seated"' not in messages[-1]:
                messages.append(await lars.recv(decode=False))
            found = await samples(here)

    assert of(found, "sent_bytes_total") == {
        "text": len(words) + 1,
        "websocket": sum(len(message) + 1 for message in messages),
        "events": len(events),
    }
