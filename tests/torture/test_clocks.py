"""A machine whose clock jumps, and is wrong after a restart: turns neither end early nor hang, and nobody loses one."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import pytest

from tests.torture.amounts import amount
from tests.torture.clockwork import Findings, judge, last_seqs, lived
from tests.torture.live_servers import LiveServer, a_crowd, a_live_server
from tests.torture.talkers import fixed_port
from tests.torture.turn_takers import Lookout, Plan, notes_in

SEED: Final = 4
HOUR: Final = 3600.0
YEAR: Final = 365 * 24 * HOUR
JUMPS: Final = (HOUR, -HOUR, YEAR, -YEAR)
RESTARTS: Final = amount(ci=1, torture=20)
"""Of each of two rooms that live side by side."""
CHUNKS: Final = amount(ci=1, torture=2)
TURN_SECONDS: Final = 0.5
ROOM: Final = "main"
SERVE: Final = (
    *("--policy", "round-robin", "--rounds", "1000000", "--seats", "3", "--topic", "hug"),
    *("--turn-seconds", str(TURN_SECONDS), "--on-missed", "none"),
)
CROWD: Final = (
    Plan(ROOM, "Ada", "json", "prompt"),
    Plan(ROOM, "Ben", "text", "prompt"),
    Plan(ROOM, "Cora", "json", "never"),
)
SILENT: Final = "Cora"
NET_SECONDS: Final = 25
"""A turn that is open at a restart has five seconds at least; a room that does not move for so long hangs."""
MOST_LATE_MS: Final = 5_000

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to make a clock jump with")


class Stop(NamedTuple):
    """How a server ends, and by how much its machine's clock is off when it starts again."""

    number: signal.Signals
    skew: float
    in_silence: bool  # while somebody has the floor who never says a word


class Hangs(Exception):
    """A room in which nothing happens any more that is due."""


class Stage:
    """A room of three in a data folder, its clients, and the servers that it lives through."""

    def __init__(self, folder: Path, fault: str = "", patience_seconds: float = NET_SECONDS) -> None:
        folder.mkdir(exist_ok=True)
        self.data = folder / "data"
        self.journal = folder / "crowd"
        self.fault = fault
        self.patience_seconds = patience_seconds
        self.lookout = Lookout(ROOM, 0)
        self.ends: list[dict[str, int]] = []

    async def jump(self, jumps: Sequence[float]) -> Findings:
        """Let the clock jump under a server, each time in somebody's turn, and see that the room goes on."""
        async with AsyncExitStack() as stack:
            server = await self._serve(stack, skews=[0, *accumulate(jumps)])
            await self._gather(stack, server.port)
            for _ in jumps:
                await self._sees("floor_granted", SILENT)
                server.signal(signal.SIGUSR1)
                await self._goes_on()
            await self._end(server, signal.SIGTERM)
        return self._findings()

    async def restart(self, stops: Sequence[Stop], die: Random) -> Findings:
        """Stop a server and start it with another clock, again and again, and see that the room goes on."""
        async with AsyncExitStack() as clients:
            port = fixed_port(die)
            await self._gather(clients, port)
            skew = 0.0
            for stop in stops:
                async with AsyncExitStack() as stack:
                    server = await self._serve(stack, skews=[skew], port=port)
                    await self._goes_on()
                    await self._sees("floor_granted", SILENT if stop.in_silence else "Ada")
                    await asyncio.sleep(die.uniform(0, TURN_SECONDS / 2 if stop.in_silence else 0.05))
                    await self._end(server, stop.number)
                self.ends.append(last_seqs(self.data))
                skew = stop.skew
            server = await self._serve(clients, skews=[skew], port=port)
            await self._goes_on()
            await self._end(server, signal.SIGTERM)
        return self._findings()

    async def _serve(self, stack: AsyncExitStack, *, skews: Sequence[float], port: int = 0) -> LiveServer:
        running = a_live_server(self.data, *SERVE, skews=skews, port=port, fault=self.fault)
        return await stack.enter_async_context(running)

    async def _gather(self, stack: AsyncExitStack, port: int) -> None:
        self.lookout = Lookout(ROOM, port)
        watching = asyncio.create_task(self.lookout.stay())
        stack.callback(watching.cancel)
        await stack.enter_async_context(a_crowd(port, self.journal, str(SEED), CROWD))

    async def _goes_on(self) -> None:
        await asyncio.gather(self._sees("said"), self._sees("time_called"))

    async def _sees(self, kind: str, name: str = "") -> None:
        try:
            async with asyncio.timeout(self.patience_seconds):
                await self.lookout.sees(kind, name)
        except TimeoutError:
            raise Hangs(f"no {kind} {name}; the last line read: {self.lookout.notes[-1:]}") from None

    async def _end(self, server: LiveServer, number: signal.Signals) -> None:
        server.signal(number)
        assert await server.ends() == (0 if number is signal.SIGTERM else -number)
        assert not server.errors.read_text()

    def _findings(self) -> Findings:
        return judge(lived(self.data, ROOM, self.ends, [*notes_in(self.journal), *self.lookout.notes]))


async def test_a_clock_that_jumps_moves_no_deadline(tmp_path: Path, figure: Callable[[str], None]) -> None:
    """An hour or a year, forward or back, while the server runs: it goes by its own clock from its start on."""
    jumps = JUMPS * amount(ci=1, torture=25)
    found = await Stage(tmp_path).jump(Random(f"{SEED}/jumps").sample(jumps, len(jumps)))

    assert found.faults == []
    assert found.measured > 0
    assert max(found.late_ms) < MOST_LATE_MS

    figure(f"clocks, running: {len(jumps)} jumps of ±1 h and ±1 year, {told(found)}")


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_a_start_with_another_clock_costs_nobody_a_turn(
    chunk: int, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """Killed or terminated, and started with the clock an hour or a year ahead of the log, or behind it."""
    dice = [Random(f"{SEED}/{chunk}/{skew}") for skew in (YEAR, -YEAR)]
    found = await asyncio.gather(
        *(
            Stage(tmp_path / str(number)).restart(stops(skew, die), die)
            for number, (skew, die) in enumerate(zip((YEAR, -YEAR), dice, strict=True))
        )
    )

    assert [room.faults for room in found] == [[], []]
    assert sum(room.measured for room in found) > 0
    assert max(late for room in found for late in room.late_ms) < MOST_LATE_MS

    figure(f"clocks, restarts: {2 * RESTARTS} starts off by ±1 h and ±1 year, {told(*found)}/{chunk}")


async def test_a_server_that_follows_the_wall_clock_is_found(tmp_path: Path) -> None:
    """Where the clock jumps forward, a turn ends early: the log agrees with itself, but not with the clients' clock."""
    found = await Stage(tmp_path, fault="follows_the_wall").jump([HOUR])

    assert {word.partition(":")[0] for word in found.faults} == {"early"}


async def test_a_server_that_waits_for_the_wall_clock_is_found(tmp_path: Path) -> None:
    """Started a year back, it would call time in a year: the room hangs in the turn of who says nothing."""
    stage = Stage(tmp_path, fault="starts_at_the_wall", patience_seconds=3)
    with pytest.raises(Hangs, match="no time_called"):
        await stage.restart([Stop(signal.SIGKILL, -YEAR, in_silence=False)], Random(SEED))


async def test_a_server_that_counts_the_time_without_it_is_found(tmp_path: Path) -> None:
    """Started a year ahead, it takes the floor from who had it, and the seat from who has not come back yet."""
    found = await Stage(tmp_path, fault="counts_time_down").restart(
        [Stop(signal.SIGKILL, YEAR, in_silence=True)], Random(SEED)
    )

    assert "restart_costs_turn" in {word.partition(":")[0] for word in found.faults}


def stops(skew: float, die: Random) -> list[Stop]:
    """Return how a server ends and starts: killed in a silent turn and a year off, then as chance has it."""
    numbers = (signal.SIGKILL, signal.SIGTERM)
    others = [Stop(die.choice(numbers), die.choice((*JUMPS, 0)), in_silence=bool(n % 2)) for n in range(RESTARTS - 1)]
    return [Stop(signal.SIGKILL, skew, in_silence=True), *others]


def told(*found: Findings) -> str:
    turns, called, measured = (sum(numbers) for numbers in zip(*(room[1:4] for room in found), strict=True))
    spare_ms = min(room.spare_ms for room in found)
    late_ms = max(late for room in found for late in room.late_ms)
    return (
        f"{turns} turns, {called} called, 0 early ({measured} timed by clients, the shortest {spare_ms:+.1f} ms; "
        f"at most {late_ms} ms late), 0 double floors; seed {SEED}"
    )
