"""Killed while it forgets: what is kept is untouched, what is gone is gone as a whole, and nobody reads over a hole."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from typing import Final

import pytest

from tests.torture.amounts import amount
from tests.torture.forgetting_server import STEPS, Fault, forgetting
from tests.torture.journals import Stretch, Verdict, judge
from tests.torture.remembering import Absentee, Keeper, gaps_told
from tests.torture.talkers import Crowd, fixed_port
from tests.torture.victims import KILLED, a_victim

SEED: Final = 4
KILLS: Final = amount(ci=5, torture=100)
CHUNKS: Final = amount(ci=1, torture=4)
ROOMS: Final = 3
KEEP_ENTRIES: Final = 60
OPTIONS: Final = (
    *("--seats", "4", "--topic", "hug", "--away-seconds", "1", "--turn-seconds", "2"),
    *("--keep-entries", str(KEEP_ENTRIES)),
)
LONGEST_TALK_SECONDS: Final = 0.6
STEP_SECONDS: Final = 5.0
"""A room that has nothing to forget yet has to talk for a while until a step is met."""
LIVES: Final = 6
BUG_SECONDS: Final = 1.5
NET_SECONDS: Final = 600

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")


class Talk:
    """Sitting after sitting in some rooms, with spectators who stay away, under servers that are killed."""

    def __init__(self, data: Path, seed: str) -> None:
        self._data = data
        self._chance = Random(seed)
        self._port = fixed_port(self._chance)
        self.keeper = Keeper(data, KEEP_ENTRIES)
        self.crowd = Crowd(self._port, clients=4 * ROOMS, rooms=ROOMS, seed=seed, pause_seconds=0.02, has_floor=True)
        self.crowd.talkers += [
            Absentee(self.crowd, f"room{number % ROOMS}", f"W{number}", Random(f"{seed}/away/{number}"))
            for number in range(2 * ROOMS)
        ]
        self.died = 0  # at the step that they were to die at

    async def begin(self) -> None:
        """Talk until something was forgotten, and somebody was told so."""
        await self.live(Fault.NONE, until=lambda: any(stretch.word == "gap" for stretch in self._stretches()))

    async def live(
        self, fault: Fault, nth: int = 1, *, until: Callable[[], bool] | None = None, seconds: float = 0
    ) -> None:
        """Run a server until it dies or is killed; then look what it has left."""
        server_of = a_victim(self._data, self._port, *OPTIONS, command=forgetting(fault, nth))
        async with self._looked_at(), server_of as server:
            if fault in STEPS:
                with suppress(TimeoutError):
                    async with asyncio.timeout(STEP_SECONDS):
                        assert await server.ended() == KILLED, server.said()
                    self.died += 1
            elif until is not None:
                await server.outlives(self.crowd.until(until))
            else:
                await server.outlives(self.crowd.welcomed())
                await server.outlives(asyncio.sleep(seconds or self._chance.uniform(0, LONGEST_TALK_SECONDS)))
        self.keeper.look()

    def _stretches(self) -> Iterator[Stretch]:
        return (stretch for journal in self.crowd.journals for stretch in journal.stretches)

    @asynccontextmanager
    async def _looked_at(self) -> AsyncIterator[None]:
        looking = asyncio.create_task(self.keeper.keep_looking())
        try:
            yield
            assert not looking.done() or looking.result()
        finally:
            looking.cancel()

    async def killed(self, kills: int) -> None:
        """Kill at a random instant, and at each step, by turns."""
        for number in range(kills):
            fault = (*STEPS, Fault.NONE)[number % (len(STEPS) + 1)]
            await self.live(fault, self._chance.randint(1, 4))

    def verdict(self) -> tuple[Verdict, int, list[str]]:
        """Return what the judge says, how many gaps were told, and what is wrong with them or with the cuts."""
        gaps, wrong = gaps_told(self.crowd.journals, self.keeper)
        return judge(self.crowd.journals, self.keeper.entries), gaps, [*self.keeper.wrong, *wrong]


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_nothing_that_is_kept_is_touched_by_forgetting(
    chunk: int, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """Each base is what the room had come to; each hole was told; words that are not old are all there."""
    seed, kills = f"{SEED}/forgetting/{chunk}", KILLS // CHUNKS
    talk = Talk(tmp_path / "data", seed)
    async with asyncio.timeout(NET_SECONDS), talk.crowd:
        await talk.begin()
        await talk.killed(kills)
        await talk.live(Fault.NONE, seconds=1)
    verdict, gaps, wrong = talk.verdict()

    assert wrong == []
    assert verdict.faults() == {}
    assert talk.keeper.cuts > 0
    assert talk.died > 0
    assert gaps > 0
    figure(
        f"forgetting: {kills} kills, {talk.died} of them at a step of a cut, {talk.keeper.cuts} cuts seen, "
        f"{sum(talk.keeper.firsts.values()) - ROOMS} of {verdict.stored} entries forgotten, {gaps} gaps told, each "
        f"base as the room was; {verdict.told()}; seed {seed}"
    )


@pytest.mark.parametrize(
    ("bug", "said"),
    [
        (Fault.KEEPS_NO_BASE, "is not what was written"),
        (Fault.TELLS_NO_GAP, "gaps"),
        (Fault.FORGETS_THE_NEW, "was cut at"),
        (Fault.KEEPS_ANOTHER_STATE, "the base of"),
    ],
)
async def test_a_planted_bug_in_forgetting_is_found(bug: Fault, said: str, tmp_path: Path) -> None:
    """Who forgets wrongly is found out by a reader, or by the one who has remembered."""
    found: list[str] = []
    for life in range(LIVES):  # on a slow machine too little may happen in the first
        talk = Talk(tmp_path / str(life), f"{SEED}/{bug}/{life}")
        async with asyncio.timeout(NET_SECONDS), talk.crowd:
            await talk.live(bug, seconds=BUG_SECONDS)
        verdict, _, wrong = talk.verdict()
        found += [sentence for sentence in (*wrong, *verdict.faults()) if said in sentence]
        if found:
            break

    assert found
