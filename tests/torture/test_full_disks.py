"""A disk that fills up under a server, that turns read-only, or on which somebody else holds the lock.

What is said then is refused, `storage`; readers go on; and as soon as the disk takes something, so does the server.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from typing import Final

import pytest

from moothall.engine.words import PolicyName
from moothall.log.folder import DATABASE
from moothall.log.sqlite import open_log
from moothall.settings import Settings
from moothall.wiring import RunningServer, start_server
from tests.doors.guests import Guest
from tests.torture.amounts import IS_TORTURE, amount
from tests.torture.journals import Verdict, judge, read_rooms, together
from tests.torture.sim_disk import Fault, How, SimDisk
from tests.torture.small_disk import SmallDisk, a_small_disk
from tests.torture.talkers import HERE, Crowd, fixed_port, talk_options
from tests.torture.victims import Victim, a_victim

SEED: Final = 4
DISKS: Final = amount(ci=1, torture=20)
MAX_RECOVERY_SECONDS: Final = 5.0 if IS_TORTURE else 30.0
"""What is promised, on a machine that does little else; the short form runs beside other tests."""
NET_SECONDS: Final = 40
REFUSALS: Final = 20
FOREVER: Final = 1 << 40

NeedsTool = Callable[[str], str]


def refusals(crowd: Crowd) -> int:
    return sum(reason == "storage" for journal in crowd.journals for reason in journal.refused.values())


async def refused(crowd: Crowd, count: int) -> None:
    """Wait until so many more commands have been refused because nothing can be stored."""
    wanted = refusals(crowd) + count
    await crowd.until(lambda: refusals(crowd) >= wanted)


async def read_all(port: int, room: str) -> int:
    """Watch a room from its first entry on, as far as there is one; return the seq of the last."""
    guest = Guest(*await asyncio.open_connection(HERE, port, limit=1 << 20))
    guest.ask(do="join", room=room, watch=True, after=0)
    last: int = (await guest.until_frame(reply="joined"))["seq"]
    seq = 0
    while seq < last:
        frame = await guest.frame()
        if "event" in frame:
            assert frame["seq"] == seq + 1
            seq = frame["seq"]
    guest.close()
    return last


@asynccontextmanager
async def talking(data: Path, seed: str, *, clients: int = 20) -> AsyncIterator[tuple[Victim, Crowd]]:
    """Run a server in whose five rooms clients talk; at the end everybody has an answer, and it is told to terminate.

    Five clients are all of the JSON door. Those of the text door wait for seconds before they take silence for a no.
    """
    port = fixed_port()
    async with (
        asyncio.timeout(NET_SECONDS),
        a_victim(data, port, *talk_options(seats=clients // 5), durability="power") as server,
        Crowd(port, clients=clients, seed=seed, pause_seconds=0.01) as crowd,
    ):
        await server.outlives(crowd.gathered())
        await server.outlives(crowd.talked(200))
        yield server, crowd
        await server.outlives(crowd.talked(200))
        await server.outlives(crowd.settled())
        assert await server.terminate() == 0, server.said()


async def fill_and_free(disk: SmallDisk, data: Path, seed: str, *, clients: int = 20) -> tuple[float, int, Verdict]:
    """Fill a server's disk, and free it again; return how long it then took to talk, the refusals, the verdict."""
    async with talking(data, seed, clients=clients) as (server, crowd):
        disk.fill(leave_bytes=Random(seed).randrange(128 * 1024))
        await server.outlives(refused(crowd, REFUSALS))
        assert await server.outlives(read_all(crowd.port, "room0")) > 0
        await server.outlives(refused(crowd, REFUSALS))
        before = refusals(crowd)
        disk.free()
        freed_at = time.perf_counter()
        await server.outlives(crowd.talked(1))
        seconds = time.perf_counter() - freed_at
    return seconds, before, judge(crowd.journals, read_rooms(data))


async def test_a_server_on_a_full_disk_recovers_by_itself(
    tmp_path: Path, needs_tool: NeedsTool, figure: Callable[[str], None]
) -> None:
    """What was refused is not there, what was acknowledged is, once; and nobody has to start anything again."""
    seconds: list[float] = []
    verdicts: list[Verdict] = []
    storage = 0
    for number in range(DISKS):
        with a_small_disk(tmp_path / str(number), needs_tool, megabytes=12) as disk:
            took, refused_here, verdict = await fill_and_free(disk, disk.root, f"{SEED}/full/{number}")
        seconds.append(took)
        verdicts.append(verdict)
        storage += refused_here
    total = together(verdicts)

    assert total.faults() == {}
    assert storage >= 2 * REFUSALS * DISKS
    assert max(seconds) < MAX_RECOVERY_SECONDS
    figure(
        f"full disks: {DISKS} filled and freed, {storage} refused for want of space; {total.told()}; "
        f"serving again after {median(seconds):.2f} s (p50), {max(seconds):.2f} s (most); seed {SEED}"
    )


async def test_a_server_whose_diagnostics_are_on_the_full_disk_too(tmp_path: Path, needs_tool: NeedsTool) -> None:
    """Its standard error can't be written either, just when there is something to be told: that is no reason to end."""
    with a_small_disk(tmp_path / "disk", needs_tool, megabytes=12) as disk:
        _, _, verdict = await fill_and_free(disk, disk.root / "data", f"{SEED}/diagnostics", clients=5)

    assert verdict.faults() == {}


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the lock for writing, from another process than the server's."""
    other = sqlite3.connect(data / DATABASE, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


async def test_a_database_that_somebody_else_has_locked(tmp_path: Path, figure: Callable[[str], None]) -> None:
    """A tool that looks at the data holds up what is said, and nothing else; then it goes on."""
    data = tmp_path / "data"
    async with talking(data, f"{SEED}/locked", clients=5) as (server, crowd):
        with locked(data):
            await server.outlives(refused(crowd, REFUSALS))
            assert await server.outlives(read_all(crowd.port, "room0")) > 0
            before = refusals(crowd)
        unlocked_at = time.perf_counter()
        await server.outlives(crowd.talked(1))
        seconds = time.perf_counter() - unlocked_at
    verdict = judge(crowd.journals, read_rooms(data))

    assert verdict.faults() == {}
    assert seconds < MAX_RECOVERY_SECONDS
    figure(f"locked: {before} refused; {verdict.told()}; serving again after {seconds:.2f} s; seed {SEED}")


@asynccontextmanager
async def a_server_on(disk: SimDisk, data: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunningServer]:
    """Run a server in this process, whose log lies on a simulated disk."""
    monkeypatch.setattr("moothall.wiring.open_log", partial(open_log, connect=disk.connect))
    settings = Settings(bind=(HERE,), port=0, data=data, seats=1, topics=("hug",), policy=PolicyName.OPEN)
    server = await start_server(settings)
    try:
        async with asyncio.timeout(NET_SECONDS):
            yield server
    finally:
        disk.fault = None
        await server.stop(close_sittings=False)
        disk.close()


@pytest.mark.parametrize("how", [How.READ_ONLY, How.EIO])
async def test_a_disk_that_turns_read_only_or_breaks_for_a_while(
    how: How, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figure: Callable[[str], None]
) -> None:
    """As some systems make a disk read-only after an error; somebody mends it, and the server has never stopped."""
    disk = SimDisk()
    async with (
        a_server_on(disk, tmp_path, monkeypatch) as server,
        Crowd(server.port, clients=5, seed=f"{SEED}/{how}", window=1) as crowd,
    ):
        await crowd.gathered()
        await crowd.talked(50)
        disk.fault = Fault(disk.count + 1, how, FOREVER)
        await refused(crowd, REFUSALS)
        if how is How.READ_ONLY:
            assert await read_all(server.port, "room0") > 0
        disk.fault = None
        mended_at = time.perf_counter()
        await crowd.talked(1)
        seconds = time.perf_counter() - mended_at
        await crowd.talked(50)
        await crowd.settled()
    verdict = judge(crowd.journals, read_rooms(tmp_path))

    assert verdict.faults() == {}
    assert seconds < MAX_RECOVERY_SECONDS
    figure(f"disks, {how} for a while: {verdict.told()}; serving again after {seconds:.2f} s; seed {SEED}")
