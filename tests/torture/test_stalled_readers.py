"""Readers who stand still beside readers who don't: they cost little memory, and the others do not notice.

Runs with and without them take turns: the machine is not always equally quick.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median, quantiles
from typing import Final, NamedTuple

import pytest

from tests.torture.amounts import IS_TORTURE, amount
from tests.torture.live_servers import a_live_server
from tests.torture.onlookers import Healthy, Speakers, Stalled
from tests.torture.talkers import HERE

READERS: Final = amount(ci=20, torture=100)
PAIRS: Final = amount(ci=1, torture=5)
TEXTS: Final = amount(ci=300, torture=600)
PER_SECOND: Final = amount(ci=150, torture=40)
CHARS: Final = 7_900
SEATS: Final = 4
SERVE: Final = (
    *("--policy", "open", "--seats", str(SEATS), "--topic", "hug"),
    *("--away-seconds", "600", "--durability", "crash"),
)
MOST_BYTES: Final = 64 * 1024
"""What a stalled reader may cost, of our own memory."""
NOISE_BYTES: Final = 2 * 1024 * 1024
"""By how much the memory of two equal runs differs: it counts where there are few readers."""
MOST_TIMES_SLOWER: Final = 2.0
NET_SECONDS: Final = 120

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")


class Run(NamedTuple):
    """By how much the server's memory has grown, and how late the healthy readers were, each in 99 of 100 cases."""

    grown_bytes: int
    late_ms: list[float]

    @property
    def p99_ms(self) -> float:
        return quantiles(self.late_ms, n=100)[98]


async def test_stalled_readers_cost_little_and_slow_nobody_down(tmp_path: Path, figure: Callable[[str], None]) -> None:
    """At most 64 KiB of memory each, and the others read as soon as without them, give or take a factor of two."""
    without, beside = [], []
    for number in range(PAIRS):
        without.append(await a_run(tmp_path / f"without{number}", stalled=0))
        beside.append(await a_run(tmp_path / f"beside{number}", stalled=READERS))
    each = bytes_each(without, beside)
    p99_without, p99_beside = (median(run.p99_ms for run in runs) for runs in (without, beside))

    assert not is_too_much(each)
    if IS_TORTURE:
        assert p99_beside <= MOST_TIMES_SLOWER * p99_without

    figure(
        f"stalled readers: {READERS} beside {READERS} healthy, {TEXTS * CHARS / 1e6:.1f} MB said, {PAIRS} runs each: "
        f"{each / 1024:.1f} KiB of memory each; healthy p99 {p99_beside:.1f} ms, {p99_without:.1f} ms without them "
        f"({p99_beside / p99_without:.2f} ×); p50 {p50(beside):.1f} ms and {p50(without):.1f} ms"
    )


async def test_a_visit_that_hands_everything_over_is_found(tmp_path: Path) -> None:
    """Where the transport is given all there is, all of it is kept for each who does not read."""
    without = await a_run(tmp_path / "without", stalled=0)
    beside = await a_run(tmp_path / "beside", stalled=READERS, fault="hands_all_over")

    assert is_too_much(bytes_each([without], [beside]))


async def a_run(data: Path, *, stalled: int, fault: str = "") -> Run:
    """Let bots talk before healthy and stalled readers, in a server of its own."""
    loop = asyncio.get_running_loop()
    late_ms: list[float] = []
    async with asyncio.timeout(NET_SECONDS), AsyncExitStack() as stack:
        server = await stack.enter_async_context(a_live_server(data, *SERVE, fault=fault))
        speakers = await stack.enter_async_context(Speakers(server.port, SEATS))
        healthy = [Healthy(late_ms) for _ in range(READERS)]
        for reader in healthy:
            await loop.create_connection(lambda reader=reader: reader, HERE, server.port)  # type: ignore[misc]
            stack.callback(reader.close)
        await speakers.watched_by(READERS)
        await speakers.speak(texts=TEXTS // 4, chars=CHARS, per_second=PER_SECOND)  # a past, for who asks for it
        before = server.resident_bytes()
        stack.enter_context(Stalled(server.port, stalled))
        await speakers.watched_by(READERS + stalled)
        await speakers.speak(texts=TEXTS - TEXTS // 4, chars=CHARS, per_second=PER_SECOND)
        while len(late_ms) < READERS * TEXTS:  # what has been said is still on its way
            await speakers.watched_by(READERS + stalled)
        grown = server.resident_bytes() - before
        await speakers.watched_by(READERS + stalled)
        assert all(reader.is_there for reader in healthy)
    return Run(grown, late_ms)


def bytes_each(without: list[Run], beside: list[Run]) -> float:
    """Return by how much more the memory has grown, for each stalled reader."""
    return (median(run.grown_bytes for run in beside) - median(run.grown_bytes for run in without)) / READERS


def is_too_much(each: float) -> bool:
    return each * READERS > MOST_BYTES * READERS + (0 if IS_TORTURE else NOISE_BYTES)


def p50(runs: list[Run]) -> float:
    return median(late for run in runs for late in run.late_ms)
