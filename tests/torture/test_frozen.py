"""Processes that stand still, the server and its clients, at any moment and at once: nobody's turn is cut short."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from random import Random
from typing import Final

import pytest

from tests.torture.amounts import amount
from tests.torture.clockwork import Findings, judge, lived
from tests.torture.live_servers import LiveServer, a_crowd, a_live_server
from tests.torture.turn_takers import Lookout, Note, Plan, notes_in

SEED: Final = 4
TURN_SECONDS: Final = 0.8
ROOMS: Final = ("oslo", "bergen")
SERVE: Final = (
    *("--policy", "round-robin", "--rounds", "1000000", "--seats", "4", "--topic", "hug"),
    *("--turn-seconds", str(TURN_SECONDS), "--on-missed", "none"),
)
CROWDS: Final = (
    (("Ada", "json", "prompt"), ("Ben", "text", "late")),
    (("Cora", "json", "late"), ("Dan", "text", "never")),
)
LONGEST_STOP_SECONDS: Final = 2.5
NET_SECONDS: Final = 60

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot stop a process and let it go on")


class Freezer:
    """Stops processes at random moments, for random times; several may stand still at once."""

    def __init__(self, seed: str) -> None:
        self.die = Random(seed)
        self.stops = 0
        self.seconds = 0.0

    async def freeze(self, pids: list[int], stops: int) -> None:
        """Stop one of these processes after the other, so many times."""
        for _ in range(stops):
            await asyncio.sleep(self.die.uniform(0.1, 0.7))
            pid, most = self.die.choice(pids), self.die.choice((0.5, LONGEST_STOP_SECONDS))
            seconds = self.die.uniform(0.05, most)
            os.kill(pid, signal.SIGSTOP)
            try:
                await asyncio.sleep(seconds)
            finally:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
            self.stops += 1
            self.seconds += seconds


async def test_who_stands_still_is_waited_for_until_the_deadline_and_no_longer(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """Server and clients are stopped, often at once; every turn is whole, has one end, and every room goes on."""
    freezer = Freezer(f"{SEED}/frozen")
    found = await a_frozen_run(tmp_path, freezer, stops=amount(ci=6, torture=100))

    assert [room.faults for room in found] == [[] for _ in ROOMS]
    assert sum(room.measured for room in found) > 0

    turns, called = sum(room.turns for room in found), sum(room.called for room in found)
    measured, spare = sum(room.measured for room in found), min(room.spare_ms for room in found)
    figure(
        f"frozen: {freezer.stops} stops of server and clients, {freezer.seconds:.0f} s in all: {turns} turns in "
        f"{len(found)} rooms, {called} called, 0 early ({measured} timed by clients, the shortest {spare:+.1f} ms), "
        f"0 double floors; seed {SEED}"
    )


@pytest.mark.parametrize(
    ("fault", "found"),
    [("rings_early", "turns_end_once"), ("rings_early_and_lies", "early"), ("two_floors", "floors_are_single")],
)
async def test_planted_faults_are_found(fault: str, found: str, tmp_path: Path) -> None:
    """A server that calls time early, or gives the floor away twice, is caught; who lies, by the clients' clock."""
    rooms = await a_frozen_run(tmp_path, Freezer(fault), stops=0, fault=fault)

    kinds = {word.partition(":")[0] for room in rooms for word in room.faults}
    assert found in kinds
    assert kinds <= {found, "early"}


async def a_frozen_run(tmp_path: Path, freezer: Freezer, *, stops: int, fault: str = "") -> list[Findings]:
    """Let two rooms talk while processes are stopped, until each has gone on after the last stop; judge them."""
    data = tmp_path / "data"
    journals = [tmp_path / f"crowd{number}" for number in range(len(CROWDS))]
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(NET_SECONDS + 3 * stops))
        server = await stack.enter_async_context(a_live_server(data, *SERVE, fault=fault))
        lookouts = [Lookout(room, server.port) for room in ROOMS]
        watching = [asyncio.create_task(lookout.stay()) for lookout in lookouts]
        stack.callback(lambda: [task.cancel() for task in watching])
        crowds = [
            await stack.enter_async_context(a_crowd(server.port, journal, f"{SEED}/{journal.name}", plans_of(crowd)))
            for crowd, journal in zip(CROWDS, journals, strict=True)
        ]
        await asyncio.gather(*(lookout.sees("said") for lookout in lookouts))
        async with asyncio.TaskGroup() as group:
            group.create_task(freezer.freeze([server.pid], stops // 2))
            group.create_task(freezer.freeze(crowds, stops - stops // 2))
        await goes_on(lookouts)
        await stopped(server)
    notes: list[Note] = [note for journal in journals for note in notes_in(journal)]
    notes += [note for lookout in lookouts for note in lookout.notes]
    return [judge(lived(data, room, [], notes)) for room in ROOMS]


def plans_of(crowd: tuple[tuple[str, str, str], ...]) -> list[Plan]:
    return [Plan(room, *who) for room in ROOMS for who in crowd]


async def goes_on(lookouts: list[Lookout]) -> None:
    """Wait until in each room somebody says something, and time is called: a room that hangs ends the test."""
    await asyncio.gather(*(lookout.sees(kind) for lookout in lookouts for kind in ("said", "time_called")))


async def stopped(server: LiveServer) -> None:
    server.signal(signal.SIGTERM)
    assert await server.ends() == 0
    assert not server.errors.read_text()
