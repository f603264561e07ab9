"""Servers for bots to meet: ours, in the test's own event loop; a proxy that can cut its lines; foreign ones."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from moothall.engine.words import PolicyName
from moothall.settings import Settings
from moothall.wiring import RunningServer, start_server

HERE = "127.0.0.1"
NET_SECONDS = 20
Answerer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        port: int = probe.getsockname()[1]
        return port


async def serve(
    port: int = 0,
    seats: int = 2,
    data: Path | None = None,
    *,
    rounds: int = 1,
    turn_seconds: float = 30,
    away_seconds: float = 30,
    policy: PolicyName = PolicyName.ROUND_ROBIN,
    chair: str = "",
    until: str = "",
    missed_turns: int = 3,
) -> RunningServer:
    return await start_server(
        Settings(
            bind=(HERE,),
            port=port,
            seats=seats,
            data=data,
            topics=("hug",),
            rounds=rounds,
            turn_seconds=turn_seconds,
            away_seconds=away_seconds,
            policy=policy,
            chair=chair,
            until=until,
            missed_turns=missed_turns,
        )
    )


@asynccontextmanager
async def a_server(
    seats: int = 2,
    *,
    rounds: int = 1,
    turn_seconds: float = 30,
    away_seconds: float = 30,
    policy: PolicyName = PolicyName.ROUND_ROBIN,
    chair: str = "",
    until: str = "",
    missed_turns: int = 3,
) -> AsyncIterator[RunningServer]:
    server = await serve(
        seats=seats,
        rounds=rounds,
        turn_seconds=turn_seconds,
        away_seconds=away_seconds,
        policy=policy,
        chair=chair,
        until=until,
        missed_turns=missed_turns,
    )
    try:
        async with asyncio.timeout(NET_SECONDS):
            yield server
    finally:
        await server.stop(close_sittings=True)


@asynccontextmanager
async def a_foreign_server(answers: Answerer) -> AsyncIterator[int]:
    """A server that is none of ours; yields its port."""

    meetings: list[asyncio.Task[object] | None] = []

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        meetings.append(asyncio.current_task())
        try:
            await answers(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(meet, HERE, 0)
    try:
        async with asyncio.timeout(NET_SECONDS):
            yield server.sockets[0].getsockname()[1]
            await asyncio.wait([meeting for meeting in meetings if meeting is not None])
    finally:
        server.close()
        await server.wait_closed()


class Proxy:
    """Stands before a server. `sever` cuts every line; `is_deaf`: what comes from clients goes no further."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self.is_deaf = False
        self.visits = 0
        self._to = port
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._meet, HERE, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.sever()
        self._server.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def sever(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        far_reader, far_writer = await asyncio.open_connection(HERE, self._to)
        self._writers += [writer, far_writer]
        for source, sink, is_from_client in ((reader, far_writer, True), (far_reader, writer, False)):
            task = asyncio.create_task(self._carry(source, sink, is_from_client=is_from_client))
            self._tasks.add(task)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, is_from_client: bool) -> None:
        try:
            while data := await source.read(4096):
                if not (is_from_client and self.is_deaf):
                    sink.write(data)
                    await sink.drain()
        except OSError:
            pass
        sink.close()
