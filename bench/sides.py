"""The servers that are compared, each a process of its own with data of its own.

A side is started afresh for every figure, so that no figure carries what an earlier one left behind.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.errors import BenchError
from bench.programs import BUILD, compiled

__all__ = ["MOOTHALL", "READERS", "RELAY", "SIDES", "SPEAKERS", "Server", "Side", "running"]

# Rounds without end and turns without deadline: a room talks as long as we measure.
MOOTHALL = (
    *(sys.executable, "-m", "moothall", "serve", "--port", "0", "--bind", "127.0.0.1"),
    *("--rounds", "1000000", "--turn-seconds", "0", "--quiet"),
)
# What a server says of its port, whatever stands around it.
PORT = re.compile(r"(?:\bport |127\.0\.0\.1:)(\d+)")
START_SECONDS = 15.0
STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Side:
    """One server, and what the load generator is told. `durability` is None for the relay, which keeps nothing."""

    name: str
    load: tuple[str, ...]
    durability: str | None

    def command(self, data: Path) -> list[str]:
        """Return what starts it, on a port of its own choice, with its data in `data`."""
        if self.durability is None:
            return [str(compiled("relay")), "0"]
        return [*MOOTHALL, "--durability", self.durability, "--data", str(data)]


@dataclass(frozen=True, slots=True)
class Server:
    pid: int
    port: int


def _at_door(speak: str, *readers: str, name: str = "") -> Side:
    load = ("--speak", speak, *(word for some in readers for word in ("--readers", some)))
    return Side(name or speak, load, "crash")


RELAY = Side("relay", ("--protocol", "line"), None)
MOOTHALLS = tuple(Side(kept, ("--protocol", "moothall"), kept) for kept in ("power", "crash", "none"))
SIDES = (RELAY, *MOOTHALLS)
SPEAKERS = tuple(_at_door(door) for door in ("json", "text", "websocket"))
READERS = (
    *(_at_door("json", f"{door}=1000", name=door) for door in ("json", "text", "websocket", "events")),
    _at_door("websocket", "events=1000", "text=50", name="mixed"),
)


@contextmanager
def running(side: Side) -> Iterator[Server]:
    """Run `side` while the block runs; its data is on the checkout's disk, and gone afterwards.

    Raises:
        BenchError: it does not start, or it ended by itself; with the last that it said.
    """
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD, prefix=f"{side.name}-") as folder:
        output = Path(folder) / "output"
        with output.open("wb") as file:
            process = subprocess.Popen(
                side.command(Path(folder) / "data"),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        try:
            yield Server(process.pid, _wait_for_port(side, process, output))
            if process.poll() is not None:
                raise _ended(side, process, output)
        finally:
            _stop(process)


def _wait_for_port(side: Side, process: subprocess.Popen[bytes], output: Path) -> int:
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at:
        if found := PORT.search(output.read_text(errors="replace")):
            return int(found[1])
        if process.poll() is not None:
            raise _ended(side, process, output)
        time.sleep(0.02)
    raise BenchError(f"{side.name} did not say its port within {START_SECONDS:.0f} s:\n{_last_words(output)}")


def _ended(side: Side, process: subprocess.Popen[bytes], output: Path) -> BenchError:
    return BenchError(f"{side.name} ended by itself with exit code {process.returncode}:\n{_last_words(output)}")


def _last_words(output: Path) -> str:
    return "\n".join(output.read_text(errors="replace").splitlines()[-20:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
