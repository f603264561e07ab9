"""At `power` no receipt leaves before the disk has confirmed what it is for: read from a trace of the real server."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from moothall.log.folder import LOCK
from tests.torture.amounts import amount
from tests.torture.journals import judge, read_rooms
from tests.torture.talkers import Crowd, fixed_port, talk_options
from tests.torture.traces import STRACE, check_trace, is_receipt
from tests.torture.victims import a_victim

SEED: Final = 4
RECEIPTS: Final = amount(ci=300, torture=10_000)
PLANTED: Final = 30
NET_SECONDS: Final = 1_200

NeedsTool = Callable[[str], str]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="strace is Linux's")


async def traced(folder: Path, strace: str, receipts: int, durability: str) -> tuple[Path, Crowd]:
    """Let twenty clients over both doors talk to a server that is traced, until so many receipts have come."""
    port, trace = fixed_port(), folder / "trace"
    command = (strace, *STRACE, "-o", str(trace), sys.executable, "-m", "moothall", "serve")
    async with (
        asyncio.timeout(NET_SECONDS),
        a_victim(folder / "data", port, *talk_options(), command=command, durability=durability) as server,
        Crowd(port, seed=f"{SEED}/fsyncs", pause_seconds=0.02) as crowd,
    ):
        await server.outlives(crowd.gathered())
        # The server itself, which the lock file knows: strace's end would leave it alone.
        pid = int((folder / "data" / LOCK).read_bytes().split()[0])
        try:
            await server.outlives(crowd.talked(receipts))
            await server.outlives(crowd.settled())
        finally:
            os.kill(pid, signal.SIGTERM)
        assert await server.ended() == 0, server.said()
    return trace, crowd


async def test_no_receipt_leaves_before_the_sync_that_covers_it(
    tmp_path: Path, needs_tool: NeedsTool, figure: Callable[[str], None]
) -> None:
    """Whatever tells that something was said is sent when that is in the WAL, and a sync of it has returned."""
    trace, crowd = await traced(tmp_path, needs_tool("strace"), RECEIPTS, "power")
    with trace.open(encoding="ascii") as lines:
        findings = check_trace(lines)
    verdict = judge(crowd.journals, read_rooms(tmp_path / "data"))

    assert findings.early == []
    assert findings.receipts >= verdict.acknowledged >= RECEIPTS
    assert verdict.faults() == {}
    figure(
        f"fsyncs: {verdict.acknowledged} receipts at power in {findings.sends} sends, after {findings.syncs} syncs of "
        f"the WAL: {len(findings.early)} left before theirs; seed {SEED}"
    )


async def test_a_server_that_does_not_wait_for_the_disk_is_found(tmp_path: Path, needs_tool: NeedsTool) -> None:
    """A planted bug: it runs at `crash`, and nothing of what it tells is synced."""
    trace, _ = await traced(tmp_path, needs_tool("strace"), PLANTED, "crash")
    with trace.open(encoding="ascii") as lines:
        findings = check_trace(lines)

    assert len(findings.early) == findings.sends > 0


async def test_one_receipt_before_its_sync_is_found(tmp_path: Path, needs_tool: NeedsTool) -> None:
    """A planted bug, in a forged trace: of all that was sent, one receipt has left before the sync began, or ended."""
    trace, _ = await traced(tmp_path, needs_tool("strace"), PLANTED, "power")
    lines = trace.read_text(encoding="ascii").splitlines()
    assert check_trace(lines).early == []
    receipt = [number for number, line in enumerate(lines) if is_receipt(line)][PLANTED // 2]
    sync = max(number for number in range(receipt) if "fdatasync(" in lines[number] and "-wal>" in lines[number])

    begins = lines[sync].partition(") ")[0].partition(")")[0] + " <unfinished ...>"
    ends = f"{lines[sync].split()[0]} <... fdatasync resumed>) = 0"
    before = [*lines[:sync], lines[receipt], lines[sync], *lines[sync + 1 : receipt], *lines[receipt + 1 :]]
    amid = [*lines[:sync], begins, lines[receipt], ends, *lines[sync + 1 : receipt], *lines[receipt + 1 :]]
    assert [len(check_trace(forged).early) for forged in (before, amid)] == [1, 1]


def test_a_sync_that_fails_covers_nothing() -> None:
    """Nor does one of another file, nor one that began before the write."""
    write = r'1 pwrite64(14</d/moothall.db-wal>, "\"N01 says 1!\"", 24, 0) = 24'
    send = r'1 write(19<socket:[1]>, "{\"event\":\"said\",\"text\":\"N01 says 1!\"}", 60) = 60'
    sync = "1 fdatasync(14</d/moothall.db-wal>) = 0"
    failed = "1 fdatasync(14</d/moothall.db-wal>) = -1 EIO (Input/output error)"
    other = "1 fdatasync(13</d/moothall.db>) = 0"
    begins, ends = "2 fdatasync(14</d/moothall.db-wal> <unfinished ...>", "2 <... fdatasync resumed>) = 0"

    assert check_trace([write, sync, send]).early == []
    assert check_trace([write, begins, ends, send]).early == []
    for early in ([sync, send], [write, failed, send], [write, other, send], [begins, write, ends, send]):
        assert len(check_trace(early).early) == 1
