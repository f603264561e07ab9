"""Real processes, as a user starts them: a server with its own data, those who come to it, and terminals to type in.

Each is read line by line, and ended by its own pid when the block that it was started in ends.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pexpect
import pytest

from tests.doors.guests import Guest

__all__ = ["CLIENT", "MOOTHALL", "ROOT", "SERVER", "Program", "Server", "Terminal", "a_guest", "a_server", "a_terminal"]
__all__ += ["free_port", "needs_terminals", "program", "without_escapes"]

ROOT = Path(__file__).parents[2]
MOOTHALL = (sys.executable, "-m", "moothall")
SERVER = (sys.executable, str(ROOT / "server.py"))
# The client runs isolated, so that whatever it imports is in the standard library.
CLIENT = (sys.executable, "-I", "-S", str(ROOT / "client.py"))

NET_SECONDS = 30
"""A process that hangs fails its test, instead of stopping the suite."""

needs_terminals = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals to type in")

_ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[=>])")


class Program:
    """A process whose standard error is its standard output, so that nothing that it says is missed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._input = process.stdin
        self._output = process.stdout

    @property
    def pid(self) -> int:
        return self._process.pid

    def type(self, *lines: str) -> None:
        """Send lines to its standard input."""
        self._input.write("".join(f"{line}\n" for line in lines).encode())

    def end_input(self) -> None:
        """End its standard input."""
        self._input.close()

    def send_signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def line(self) -> str:
        """Read one line; "" is the end."""
        return (await self._output.readline()).decode().removesuffix("\n")

    async def until(self, *starts: str) -> list[str]:
        """Read up to the first line that begins like one of these."""
        lines = [await self.line()]
        while not lines[-1].startswith(starts):
            assert lines[-1] or not self._output.at_eof(), f"the end came before {starts}: {lines}"
            lines.append(await self.line())
        return lines

    async def rest(self) -> list[str]:
        """Read up to the end."""
        return (await self._output.read()).decode().splitlines()

    async def ends(self) -> tuple[int, list[str]]:
        """Wait until it has ended; return its code and what it said that was not read before."""
        said = await self.rest()
        return await self._process.wait(), said

    async def kill(self) -> None:
        """End it at once."""
        if self._process.returncode is None:
            self._process.kill()
        self._input.close()
        await self.ends()


class Server(Program):
    """A server. `port` is where it listens, `opening` what it said when it opened."""

    port = 0
    opening: tuple[str, ...] = ()


@asynccontextmanager
async def program(*words: str | Path, **environment: str) -> AsyncIterator[Program]:
    """Run a program for as long as the block lasts, and not for ever."""
    running = Program(await _start(words, environment))
    try:
        async with asyncio.timeout(NET_SECONDS):
            yield running
    finally:
        await running.kill()


@asynccontextmanager
async def a_server(
    data: Path | str, *options: str, port: int = 0, command: tuple[str, ...] = (*MOOTHALL, "serve")
) -> AsyncIterator[Server]:
    """Run a server for as long as the block lasts, on a free port unless told."""
    running = Server(await _start((*command, "--port", str(port), "--data", str(data), *options), {}))
    try:
        async with asyncio.timeout(NET_SECONDS):
            opening = await running.until("Type help")
            running.opening = tuple(opening)
            found = re.search(r"open on port (\d+)\.", "\n".join(opening))
            assert found is not None, opening
            running.port = int(found[1])
            yield running
    finally:
        await running.kill()


async def _start(words: tuple[str | Path, ...], environment: dict[str, str]) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *words,
        stdin=pipe,
        stdout=pipe,
        stderr=asyncio.subprocess.STDOUT,
        env=_environment(environment),
        cwd=ROOT,
        limit=1 << 20,
    )


def _environment(more: dict[str, str]) -> dict[str, str]:
    ours = ("MOOTHALL_DATA", "NO_COLOR", "PYTHONIOENCODING")
    return {key: value for key, value in os.environ.items() if key not in ours} | more


class Terminal:
    """A program at a terminal of 80 × 24, and the person before it."""

    def __init__(self, words: tuple[str | Path, ...], environment: dict[str, str]) -> None:
        # This terminal answers no questions about its cursor, but for `tell_cursor`.
        terminal = {"TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"}
        self._process = pexpect.spawn(
            str(words[0]),
            [str(word) for word in words[1:]],
            timeout=NET_SECONDS,
            dimensions=(24, 80),
            encoding="utf-8",
            env=_environment(terminal | environment),
            cwd=str(ROOT),
        )
        self._process.delaybeforesend = None
        self.shown = ""

    async def reads(self, *texts: str) -> None:
        """Wait until each of these texts has been shown, one after the other."""
        for text in texts:
            await asyncio.to_thread(self._process.expect_exact, text)
            self.shown += self._process.before + self._process.after

    def type(self, *lines: str) -> None:
        """Type lines, each with the return key."""
        for line in lines:
            self._process.send(f"{line}\r")

    def press(self, letter: str) -> None:
        """Press the control key and a letter."""
        self._process.sendcontrol(letter)

    async def tell_cursor(self) -> None:
        """Answer the program's question where its cursor is, as real terminals do by themselves."""
        await self.reads("\x1b[6n")
        self._process.send("\x1b[1;1R")

    async def ends(self) -> int:
        """Wait until it has ended, and return its exit code."""
        await asyncio.to_thread(self._process.expect_exact, pexpect.EOF)
        self.shown += self._process.before
        await asyncio.to_thread(self._process.wait)
        code: int = self._process.exitstatus
        return code

    def close(self) -> None:
        """Take the terminal away, and end what still runs in it."""
        self._process.close(force=True)


@contextmanager
def a_terminal(*words: str | Path, **environment: str) -> Iterator[Terminal]:
    """Run a program at a terminal for as long as the block lasts."""
    terminal = Terminal(words, environment)
    try:
        yield terminal
    finally:
        terminal.close()


@asynccontextmanager
async def a_guest(port: int, *lines: str) -> AsyncIterator[Guest]:
    """Connect a plain socket, and type lines."""
    guest = Guest(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 20))
    try:
        guest.type(*lines)
        yield guest
    finally:
        guest.close()


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def without_escapes(shown: str) -> str:
    """Return what was shown on a terminal without colours and moves of the cursor."""
    return _ESCAPE.sub("", shown)
