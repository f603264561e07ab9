"""Killed at every step between a decision and its last reader: what anybody was shown is in the log."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Final

import pytest

from moothall.log.folder import DATABASE
from moothall.log.schema import SCHEMA
from tests.torture.amounts import amount
from tests.torture.failing_server import failing
from tests.torture.journals import judge, read_rooms
from tests.torture.steps import Step
from tests.torture.talkers import Crowd, fixed_port, talk_options
from tests.torture.victims import KILLED, Victim, a_victim

SEED: Final = 4
KILLS: Final = amount(ci=1, torture=50)
MOST_OFTEN: Final = {Step.AMID_FAN_OUT: 400, Step.AMID_CHECKPOINT: 200, Step.BETWEEN_INSERTS: 20, Step.AMID_PUBLISH: 20}
"""The process dies at one of so many times that it meets the step; of the others, one of 100."""
MIGRATION_MEETINGS: Final = 30
"""About so many steps has a migration; a server that is to die later than the last serves, and is no kill."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.AMID_MIGRATION])
async def test_nothing_is_shown_that_is_not_stored_wherever_a_server_dies(
    step: Step, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """Each start is killed at the step; the next is what everybody comes back to, and the last is left alone."""
    chance = Random(f"{SEED}/{step}")
    port, data = fixed_port(), tmp_path / "data"
    async with asyncio.timeout(600), Crowd(port, seed=f"{SEED}/{step}", clients=12, rooms=3) as crowd:
        async with a_victim(data, port, *talk_options()) as server:
            await server.outlives(crowd.gathered())
            await server.kill()
        for _ in range(KILLS):
            nth = chance.randint(1, MOST_OFTEN.get(step, 100))
            async with a_victim(data, port, *talk_options(), command=failing(step, nth)) as server:
                assert await server.ended() == KILLED, server.said()
        async with a_victim(data, port, *talk_options()) as server:
            await settle(server, crowd)
    verdict = judge(crowd.journals, read_rooms(data))

    assert verdict.faults() == {}
    figure(f"failpoints: {step}: {KILLS} kills, {verdict.told()}; seed {SEED}/{step}")


async def test_a_file_is_brought_up_to_date_though_a_server_dies_in_it(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """It is the old file or the new one, and in the end the new one with a copy of the old one beside it."""
    chance = Random(f"{SEED}/{Step.AMID_MIGRATION}")
    port, data, kills = fixed_port(), tmp_path / "data", 0
    async with asyncio.timeout(600), Crowd(port, seed=f"{SEED}/migration", clients=12, rooms=3) as crowd:
        async with a_victim(data, port, *talk_options()) as server:
            await server.outlives(crowd.gathered())
            await server.outlives(crowd.talked(100))
            await server.kill()
        while kills < KILLS:
            make_old(data / DATABASE)
            command = failing(Step.AMID_MIGRATION, chance.randint(1, MIGRATION_MEETINGS))
            async with a_victim(data, port, *talk_options(), command=command) as server:
                survives = asyncio.create_task(crowd.welcomed())
                dies = asyncio.create_task(server.ended())
                await asyncio.wait((survives, dies), return_when=asyncio.FIRST_COMPLETED)
                kills += dies.done()
                assert not dies.done() or dies.result() == KILLED, server.said()
                survives.cancel()
                dies.cancel()
        async with a_victim(data, port, *talk_options()) as server:
            await settle(server, crowd)
    verdict = judge(crowd.journals, read_rooms(data))

    assert verdict.faults() == {}
    assert {stretch.word for journal in crowd.journals for stretch in journal.stretches[1:]} == {"resumed", "seated"}
    assert schema_in(data / DATABASE) == SCHEMA
    assert schema_in(data / f"{DATABASE.removesuffix('.db')}-schema-1.db") == 1
    assert not [file.name for file in data.iterdir() if ".part" in file.name]
    figure(f"failpoints: {Step.AMID_MIGRATION}: {KILLS} kills, {verdict.told()}; seed {SEED}/{Step.AMID_MIGRATION}")


def make_old(file: Path) -> None:
    """Make of a log what version 0.1.0 would have made of it."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("DROP TABLE IF EXISTS base")
        connection.execute("DELETE FROM meta WHERE name = 'file'")
        connection.execute("UPDATE meta SET value = '1' WHERE name = 'schema'")
        connection.execute("COMMIT")


def schema_in(file: Path) -> int:
    """Return the version of a file, all of whose pages are in order."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = connection.execute("SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'schema'").fetchone()
        return int(found[0])


async def settle(server: Victim, crowd: Crowd) -> None:
    """Let everybody come back and have their answers, and stop the server."""
    await server.outlives(crowd.welcomed())
    await server.outlives(crowd.settled())
    assert await server.terminate() == 0, server.said()
