"""Asked by its own description, the web door answers as the description says, and never 5xx, in the midst of a talk.

schemathesis makes up the requests: what the description allows, what it forbids, and one after another. It is first
shown faults, each of which it must find.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from moothall.doors.web.token import OperatorToken
from moothall.engine.names import RoomName
from moothall.settings import Settings
from moothall.wiring import RunningServer, start_server

HERE = Path(__file__).parent
TOKEN = "the-operators-own-token"


@asynccontextmanager
async def a_talk() -> AsyncIterator[RunningServer]:
    """Run a server in whose room `main` two talk on and on, whatever is done to them."""
    settings = Settings(bind=("127.0.0.1",), port=0, topics=("hug",), seats=2, rounds=100_000)
    server = await start_server(settings, operator_token=OperatorToken(TOKEN))
    talking = [asyncio.create_task(talk(server.port, name)) for name in ("Kari", "Lars")]
    try:
        yield server
    finally:
        for speaker in talking:
            speaker.cancel()
        await asyncio.wait(talking)
        await server.stop(close_sittings=True)


async def talk(port: int, name: str) -> None:
    """Say something in every turn, after a look at the room; who is put out comes back."""
    while True:
        async with a_line(port) as (reader, writer):
            writer.write(msgspec.json.encode({"do": "join", "room": "main", "name": name}) + b"\n")
            while line := await reader.readline():
                frame = msgspec.json.decode(line)
                if frame.get("event") == "floor_granted" and frame["name"] == name:
                    await look(port)
                    writer.write(msgspec.json.encode({"do": "say", "text": "Yes.", "turn": frame["turn"]}) + b"\n")
                elif frame.get("reply") == "refused":
                    break
        await look(port)


async def look(port: int) -> None:
    """Ask how the room is, as a page does."""
    async with a_line(port) as (reader, writer):
        writer.write(b"GET /api/rooms/main HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        await reader.read()


@asynccontextmanager
async def a_line(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect for as long as the block lasts, or the server lets one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    try:
        with suppress(OSError):
            yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def asks(server: RunningServer, *options: str, token: str = TOKEN) -> tuple[int, str]:
    """Let schemathesis ask; return its exit code, which is 0 where it found nothing, and what it says."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"),
        *("--config-file", str(HERE / "schemathesis.toml"), "--no-color"),
        *("run", f"http://127.0.0.1:{server.port}/openapi.json", "--generation-database", "none", *options),
        cwd=HERE,
        env=environment | {"OPERATOR_TOKEN": token},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


# It finds faults


async def fails(_desk: object, _request: Request) -> Response:
    return Response(b"{}", 500, media_type="application/json")


async def breaks(_desk: object, _request: Request) -> Response:
    raise ZeroDivisionError


async def says_too_little(_desk: object, _request: Request) -> Response:
    return Response(b'{"queue":[1]}', media_type="application/json")


async def says_it_otherwise(_desk: object, _request: Request) -> Response:
    return Response(b"bots: alice", media_type="application/yaml")


async def teapot(_desk: object, _request: Request) -> Response:
    return Response(b"{}", 418, media_type="application/json")


def takes_any_number(_request: Request, _name: str, **_bounds: int) -> int:
    return 0


def takes_anybody(_request: Request, _token: OperatorToken | None) -> None:
    """Look at no token."""


def names_no_methods(_routes: object) -> list[Route]:
    return []


@pytest.mark.parametrize(
    ("where", "what", "path", "found"),
    [
        ("logs.LogDesk.sittings", fails, "/api/rooms/{room}/sittings", "ST101"),
        ("rooms.RoomDesk.topics", breaks, "/api/rooms/{room}/topics", "ST101"),
        ("rooms.RoomDesk.topics", says_too_little, "/api/rooms/{room}/topics", "ST108"),
        ("operators.OperatorDesk.bots", says_it_otherwise, "/api/bots", "ST105"),
        ("operators.OperatorDesk.bots", teapot, "/api/bots", "ST103"),
        ("operators.check_operator", takes_anybody, "/api/rooms/{room}/topics", "ST401"),
        ("app.HEADERS", {}, "/api/bots", "ST107"),
        ("app.routes_for_the_rest", names_no_methods, "/api/rooms", "ST205"),
        ("rooms.number_in", takes_any_number, "/api/rooms/{room}/events", "ST201"),
    ],
)
async def test_a_planted_fault_is_found(
    monkeypatch: pytest.MonkeyPatch, where: str, what: object, path: str, found: str
) -> None:
    """Each kind of check is alive; `st explain ST101` says what a code means."""
    monkeypatch.setattr(f"moothall.doors.web.{where}", what)
    async with a_talk() as server:
        code, said = await asks(server, "--include-path", path, "--phases", "coverage", "--no-shrink")

    assert code == 1, said
    assert f"- {found} " in said, said


# It finds none in the product


@pytest.mark.parametrize("token", [TOKEN, "another"], ids=["operator", "anybody"])
async def test_every_answer_is_as_described(token: str, caplog: pytest.LogCaptureFixture) -> None:
    """With the operator's token, and without it."""
    async with a_talk() as server:
        code, said = await asks(server, "--max-examples", "25", token=token)
        clerk = server.hall.look(RoomName("main"))

    print(said)
    assert code == 0, said
    generated = re.search(r"(\d+) generated, (\d+) passed", said)
    assert generated is not None
    assert int(generated[1]) > 500
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert clerk.settled.turn_number > 0
