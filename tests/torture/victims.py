"""A server's process that is going to be killed, or that kills itself, again and again on the same data and port."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

__all__ = ["KILLED", "Victim", "a_victim"]

ROOT: Final = Path(__file__).parents[2]
KILLED: Final = -signal.SIGKILL
"""The return code of a process that was killed."""

T = TypeVar("T")

_NET_SECONDS: Final = 60
_SERVE: Final = (sys.executable, "-m", "moothall", "serve")


class Victim:
    """A running server. `started_at`: just before it was started, by `time.perf_counter`."""

    def __init__(self, process: asyncio.subprocess.Process, started_at: float, said: Path) -> None:
        self._process = process
        self._said = said
        self.started_at = started_at

    @property
    def pid(self) -> int:
        return self._process.pid

    def send_signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def outlives(self, waiting: Coroutine[Any, Any, T]) -> T:
        """Wait for something during which it must not end."""
        waits, ends = asyncio.create_task(waiting), asyncio.create_task(self._process.wait())
        try:
            await asyncio.wait((waits, ends), return_when=asyncio.FIRST_COMPLETED)
            assert waits.done(), f"ended with {self._process.returncode}: {self.said()}"
            return waits.result()
        finally:
            waits.cancel()
            ends.cancel()

    async def kill(self) -> None:
        """End it at once. It must not have ended by itself."""
        assert self._process.returncode is None, self.said()
        self._process.kill()
        await self._process.wait()

    async def terminate(self) -> int:
        """Tell it to terminate, and return its exit code."""
        self._process.terminate()
        return await self.ended()

    async def ended(self) -> int:
        """Wait until it has ended, and return its code."""
        async with asyncio.timeout(_NET_SECONDS):
            return await self._process.wait()

    def said(self) -> str:
        """Return what it has said on its standard error."""
        return self._said.read_text(errors="replace")

    async def _put_away(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def a_victim(
    data: Path, port: int, *options: str, command: Sequence[str] = _SERVE, durability: str = "crash"
) -> AsyncIterator[Victim]:
    """Run a server for as long as the block lasts, if nothing ends it before."""
    ours = ("MOOTHALL_DATA", "NO_COLOR")
    words = [*command, "--quiet", "--port", str(port), "--data", str(data), "--durability", durability, *options]
    said = data.parent / f"{data.name}.said"
    with said.open("ab") as errors:
        started_at = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=errors,
            env={key: value for key, value in os.environ.items() if key not in ours},
            cwd=ROOT,
        )
    victim = Victim(process, started_at, said)
    try:
        yield victim
    finally:
        await victim._put_away()
