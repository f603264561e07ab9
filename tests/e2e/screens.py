"""Terminals that draw what a program writes to them, as tmux does: what a person would see is read off their rows."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from shlex import join as shell_line

from tests.e2e.processes import NET_SECONDS, ROOT

__all__ = ["Screen", "a_screen"]


class Screen:
    """A program on a screen of its own, and the person before it."""

    def __init__(self, tmux: str, socket: Path, columns: int, watcher: asyncio.subprocess.Process) -> None:
        self._columns = columns
        self._tmux = (tmux, "-S", str(socket))
        self._watcher = watcher

    async def keys(self, text: str) -> None:
        """Press these keys, one after the other."""
        await self._run("send-keys", "-l", "-t", "s", text)

    async def press(self, *names: str) -> None:
        """Press keys that have names: `Enter`, `Tab`, `Up`."""
        await self._run("send-keys", "-t", "s", *names)

    async def type(self, *lines: str) -> None:
        """Type lines, each with the return key."""
        for line in lines:
            await self.keys(line)
            await self.press("Enter")

    async def rows(self) -> list[str]:
        """Return what is on the screen, without the empty rows at its end."""
        return (await self._run("capture-pane", "-p", "-t", "s")).rstrip("\n").split("\n")

    async def all_rows(self) -> list[str]:
        """Return what was ever on the screen, too."""
        return (await self._run("capture-pane", "-p", "-S", "-", "-t", "s")).rstrip("\n").split("\n")

    def bottom(self, rows: list[str]) -> str:
        """Return the last two rows as one: what is typed may be longer than the last."""
        return "".join(row.ljust(self._columns) for row in rows[-2:]).rstrip()

    async def until(self, is_so: Callable[[list[str]], object]) -> list[str]:
        """Wait until the screen is so; it is looked at again whenever something is written to it."""
        assert self._watcher.stdout is not None
        rows = await self.rows()
        try:
            async with asyncio.timeout(NET_SECONDS):
                while not is_so(rows):
                    assert await self._watcher.stdout.readline(), f"the screen has gone: {rows}"
                    rows = await self.rows()
        except TimeoutError:
            raise AssertionError("\n".join(["it never became so:", *rows])) from None
        return rows

    async def shows(self, *texts: str) -> list[str]:
        """Wait until all of these stand on the screen."""
        return await self.until(lambda rows: all(text in "\n".join(rows) for text in texts))

    async def _run(self, *words: str) -> str:
        process = await asyncio.create_subprocess_exec(*self._tmux, *words, stdout=asyncio.subprocess.PIPE)
        output, _ = await process.communicate()
        assert process.returncode == 0, words
        return output.decode()


@asynccontextmanager
async def a_screen(
    tmux: str, folder: Path, *words: str | Path, columns: int = 80, rows: int = 24
) -> AsyncIterator[Screen]:
    """Run a program on a screen of that size for as long as the block lasts."""
    socket = folder / f"tmux-{columns}x{rows}"
    ours = (tmux, "-S", str(socket), "-f", os.devnull)
    program = shell_line(["env", "-u", "NO_COLOR", *map(str, words)])
    size = ("-x", str(columns), "-y", str(rows))
    # What it showed last can be read after it has ended.
    start = (*ours, "set", "-g", "remain-on-exit", "on", ";", "set", "-g", "history-limit", "50000", ";")
    await _done(*start, "new-session", "-d", "-s", "s", *size, "-c", str(ROOT), program)
    watcher = await asyncio.create_subprocess_exec(
        *ours, "-C", "attach", "-t", "s", "-f", "read-only,ignore-size",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 24,
    )  # fmt: skip
    try:
        yield Screen(tmux, socket, columns, watcher)
    finally:
        await _done(*ours, "kill-server")
        await watcher.communicate()  # to its end, or its pipes outlive the loop


async def _done(*words: str) -> None:
    process = await asyncio.create_subprocess_exec(*words, stdin=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 0, words
