"""Killed at random instants under load, again and again: nothing is lost, doubled, reordered or shown unstored."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median
from typing import Final

import pytest

from tests.torture.amounts import IS_TORTURE, amount
from tests.torture.journals import Verdict, judge, read_rooms, together
from tests.torture.talkers import Crowd, fixed_port, talk_options
from tests.torture.victims import a_victim

SEED: Final = 4
KILLS: Final = amount(ci=25, torture=1000)
CHUNKS: Final = amount(ci=2, torture=8)
FOLDERS: Final = amount(ci=1, torture=3)
"""Fresh ones within a chunk: a room is replayed at each start, and these talk more in a minute than others in days."""
LONGEST_TALK_SECONDS: Final = 0.4 if IS_TORTURE else 0.15
MAX_RESTART_SECONDS: Final = 2.0 if IS_TORTURE else 20.0
"""What is promised, on a machine that does little else; the short form runs beside other tests."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_nothing_is_lost_however_often_a_server_is_killed(
    chunk: int, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """Twenty clients over both doors talk in five rooms; the process is killed, and killed again, on the same data."""
    seed, durability = f"{SEED}/kills/{chunk}", ("power", "crash")[chunk % 2]
    kills = share(KILLS, chunk, CHUNKS)
    verdicts: list[Verdict] = []
    restarts: list[float] = []
    for number in range(FOLDERS):
        data = tmp_path / f"data{number}"
        some = share(kills, number, FOLDERS)
        verdicts.append(await killed(data, durability, some, restarts, f"{seed}/{number}"))
        print(f"kills: {seed}: {len(restarts)} of {kills}", file=sys.stderr)
    verdict = together(verdicts)

    assert verdict.faults() == {}
    assert verdict.acknowledged > kills
    assert len(restarts) == kills
    assert max(restarts) < MAX_RESTART_SECONDS
    figure(
        f"kills: {kills} kills at {durability}, {verdict.told()}; serving again after {median(restarts):.2f} s (p50), "
        f"{max(restarts):.2f} s (most); seed {seed}"
    )


def share(whole: int, number: int, of: int) -> int:
    """Return the size of one of so many parts, as alike as can be."""
    return whole * (number + 1) // of - whole * number // of


async def killed(data: Path, durability: str, kills: int, restarts: list[float], seed: str) -> Verdict:
    """Kill a server so often on the same data; note how many seconds after each new start somebody is welcomed."""
    chance, port = Random(seed), fixed_port()
    async with asyncio.timeout(900), Crowd(port, seed=seed, pause_seconds=0.05) as crowd:
        async with a_victim(data, port, *talk_options(), durability=durability) as server:
            await server.outlives(crowd.gathered())
            await server.outlives(crowd.talked(100))
            await server.kill()
        for _ in range(kills - 1):
            async with a_victim(data, port, *talk_options(), durability=durability) as server:
                restarts.append(await server.outlives(crowd.welcomed()) - server.started_at)
                await asyncio.sleep(chance.uniform(0, LONGEST_TALK_SECONDS))  # the instant, wherever it falls
                await server.kill()
        async with a_victim(data, port, *talk_options(), durability=durability) as server:
            restarts.append(await server.outlives(crowd.welcomed()) - server.started_at)
            await server.outlives(crowd.settled())
            assert await server.terminate() == 0, server.said()
    assert {stretch.word for journal in crowd.journals for stretch in journal.stretches[1:]} == {"resumed", "seated"}
    return judge(crowd.journals, read_rooms(data))
