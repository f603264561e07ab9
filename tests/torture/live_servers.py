"""A server process that runs for as long as a torture does, and clients in processes of their own beside it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec

from tests.torture.turn_takers import Plan

__all__ = ["OPENS_SECONDS", "LiveServer", "a_crowd", "a_live_server"]

ROOT: Final = Path(__file__).parents[2]
OPENS_SECONDS: Final = 60
"""A server that is not open by then hangs, however slow the machine is."""


class LiveServer:
    """A server that has opened. What it says on standard error is in the file `errors`."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, errors: Path) -> None:
        self.process = process
        self.port = port
        self.errors = errors

    @property
    def pid(self) -> int:
        return self.process.pid

    def signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.process.returncode is None:
            os.kill(self.process.pid, number)

    async def ends(self) -> int:
        """Wait until it has ended; return its exit code."""
        assert self.process.stdout is not None
        await self.process.stdout.read()
        return await self.process.wait()

    async def kill(self) -> None:
        """End it at once, also where it stands still."""
        self.signal(signal.SIGKILL)
        await self.ends()

    def resident_bytes(self) -> int:
        """Return how much memory it holds."""
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        assert found is not None
        return int(found[1]) * 1024


@asynccontextmanager
async def a_live_server(
    data: Path, *options: str, port: int = 0, skews: Sequence[float] = (0,), fault: str = ""
) -> AsyncIterator[LiveServer]:
    """Run a server for as long as the block lasts: the real one.

    Args:
        skews: by how many seconds its machine's clock is off, first and after each SIGUSR1.
        fault: one of `skewed_server.FAULTS`, planted in it.
    """
    errors = data.with_name(f"{data.name}.errors")
    plain = (sys.executable, "-m", "moothall", "serve")
    words = ("--fault", fault) if fault else ()
    skewed = (sys.executable, "-m", "tests.torture.skewed_server", ",".join(map(str, skews)), *words)
    command = plain if list(skews) == [0] and not fault else skewed
    with errors.open("ab") as file:
        process = await asyncio.create_subprocess_exec(
            *command,
            *("--port", str(port), "--bind", "127.0.0.1", "--data", str(data), "--quiet", *options),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=file,
            cwd=ROOT,
        )
    server = LiveServer(process, port, errors)
    try:
        async with asyncio.timeout(OPENS_SECONDS):
            server.port = await _opened(process)
        yield server
    finally:
        await server.kill()


@asynccontextmanager
async def a_crowd(port: int, journal: Path, seed: str, plans: Sequence[Plan]) -> AsyncIterator[int]:
    """Run clients in a process of their own for as long as the block lasts; yield its pid."""
    words = (str(port), str(journal), seed, msgspec.json.encode(plans).decode())
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.torture.turn_takers", *words), cwd=ROOT, stdin=asyncio.subprocess.DEVNULL
    )
    try:
        yield process.pid
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _opened(process: asyncio.subprocess.Process) -> int:
    assert process.stdout is not None
    port = 0
    async for line in process.stdout:
        if found := re.search(rb"open on port (\d+)\.", line):
            port = int(found[1])
        if line.startswith(b"Type help"):
            return port
    raise AssertionError("the server did not open")
