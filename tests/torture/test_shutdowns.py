"""SIGTERM at random instants under load: everybody is told goodbye, nothing is lost, and the next start goes on."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from statistics import median
from typing import Final

import pytest

from tests.torture.amounts import amount
from tests.torture.farewells import LeavingCrowd, shut_down
from tests.torture.journals import judge, read_rooms
from tests.torture.talkers import HERE, fixed_port, talk_options
from tests.torture.victims import Victim, a_victim

SEED: Final = 4
SHUTDOWNS: Final = amount(ci=6, torture=200)
CHUNKS: Final = amount(ci=1, torture=4)
LONGEST_TALK_SECONDS: Final = 0.4
ENDS_SECONDS: Final = 10
"""What is promised."""
ENDS_AT_ONCE_SECONDS: Final = 1.0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_a_server_that_is_told_to_terminate_ends_well(
    chunk: int, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """Twenty clients over both doors talk in five rooms; it ends, and starts again, on the same data and port."""
    die = Random(f"{SEED}/shutdowns/{chunk}")
    port, data, count = fixed_port(die), tmp_path / "data", SHUTDOWNS // CHUNKS
    endings = []
    async with asyncio.timeout(60 + 20 * count), LeavingCrowd(port, seed=f"{SEED}/{chunk}") as crowd:
        for number in range(count):
            async with a_victim(data, port, *talk_options()) as server:
                await server.outlives(crowd.welcomed() if number else crowd.gathered())
                await asyncio.sleep(die.uniform(0, LONGEST_TALK_SECONDS))  # the instant, wherever it falls
                endings.append(await shut_down(server, crowd, patience_seconds=ENDS_SECONDS))
        async with a_victim(data, port, *talk_options()) as server:
            await server.outlives(crowd.settled())
            endings.append(await shut_down(server, crowd, patience_seconds=ENDS_SECONDS))
    entries = read_rooms(data)
    verdict = judge(crowd.journals, entries)

    assert [ending.faults for ending in endings] == [[] for _ in endings]
    assert verdict.faults() == {}
    assert verdict.acknowledged > count
    assert {stretch.word for talker in crowd.journals for stretch in talker.stretches[1:]} <= {"resumed", "seated"}
    for bodies in entries.values():
        assert sum(body.startswith(b'{"event":"sitting_opened"') for body in bodies) == 1

    seconds, told = [ending.seconds for ending in endings], sum(ending.told for ending in endings)
    figure(
        f"shutdowns: {len(endings)} SIGTERMs, {len(endings)} × exit 0 after {median(seconds):.2f} s (p50), "
        f"{max(seconds):.2f} s (most), {told} goodbyes, {verdict.told()}; seed {SEED}/shutdowns/{chunk}"
    )
    # Who has read a goodbye without a receipt knows that nothing is stored.
    assert verdict.unknown_then_present == 0


async def test_whoever_is_told_goodbye_has_been_told_all_that_is_stored(tmp_path: Path) -> None:
    """Words that were committed a moment before have their receipt: nobody has to wonder whether they count."""
    port = fixed_port()
    running = a_victim(tmp_path / "data", port, "--policy", "open", "--seats", "2", "--topic", "hug")
    async with asyncio.timeout(60), running as server:
        ada, ben = [await connected(port) for _ in range(2)]
        ada[1].write(b'{"do":"join","name":"Ada"}\n')
        ben[1].write(b"Ben\n")
        await ada[0].readuntil(b'"topic_opened"')
        ben[1].write(b"my words\n")
        await ada[0].readuntil(b'"said"')
        server.send_signal(signal.SIGTERM)
        lines = (await ben[0].read()).decode().splitlines()
        for _, writer in (ada, ben):
            writer.close()
        assert await server.ended() == 0

    assert "* Said." in lines
    assert lines[-1].startswith("* Goodbye")


@pytest.mark.parametrize("number", [signal.SIGTERM])
async def test_a_second_signal_ends_it_at_once(number: signal.Signals, tmp_path: Path) -> None:
    """Also while somebody who neither reads nor goes away holds up the goodbye."""
    port = fixed_port()
    async with asyncio.timeout(60), a_stalled_server(tmp_path, port) as server:
        server.send_signal(number)
        await asyncio.sleep(0.3)  # the goodbye is under way: whoever does not close is waited for
        start = time.perf_counter()
        server.send_signal(number)
        code = await server.ended()

    assert code == -number
    assert time.perf_counter() - start < ENDS_AT_ONCE_SECONDS
    assert "Traceback" not in server.said()


async def test_who_does_not_go_away_is_not_waited_for_long(tmp_path: Path) -> None:
    """One signal is enough: a reader that stands still holds the end up, but not for ten seconds."""
    port = fixed_port()
    async with asyncio.timeout(60), a_stalled_server(tmp_path, port) as server:
        start = time.perf_counter()
        server.send_signal(signal.SIGTERM)
        code = await server.ended()

    assert code == 0
    assert time.perf_counter() - start < ENDS_SECONDS
    assert "Traceback" not in server.said()


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("goes_without_a_word", {"goodbye"}),
        ("goes_on_listening", {"door"}),
        ("stumbles", {"code", "goodbye", "said"}),
        ("never_goes", {"hangs"}),
    ],
)
async def test_planted_faults_are_found(fault: str, found: set[str], tmp_path: Path) -> None:
    """A server that says no goodbye, lets more people in meanwhile, ends with an error, or not at all, is caught."""
    port = fixed_port()
    command = (sys.executable, "-m", "tests.torture.skewed_server", "0", "--fault", fault)
    async with (
        asyncio.timeout(60),
        LeavingCrowd(port, seed=fault) as crowd,
        a_victim(tmp_path / "data", port, *talk_options(), command=command) as server,
    ):
        await server.outlives(crowd.gathered())
        ending = await shut_down(server, crowd, patience_seconds=4 if found == {"hangs"} else ENDS_SECONDS)

    assert {fault.partition(":")[0] for fault in ending.faults} == found


async def connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect as soon as there is a server."""
    while True:
        try:
            return await asyncio.open_connection(HERE, port)
        except OSError:
            await asyncio.sleep(0.02)


@asynccontextmanager
async def a_stalled_server(tmp_path: Path, port: int) -> AsyncIterator[Victim]:
    """Run a server with somebody in a room who reads nothing any more, and does not close either."""
    running = a_victim(tmp_path / "data", port, *talk_options())
    async with LeavingCrowd(port) as crowd, running as server:
        await server.outlives(crowd.gathered())
        reader, writer = await asyncio.open_connection(HERE, port, limit=1024)
        writer.write(b'{"do":"join","room":"room0","watch":true}\n')
        await reader.readline()
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        await server.outlives(crowd.talked(50))
        yield server
        writer.close()
