"""What is measured: the suites, and the runs that measure them.

In a run every side has its turn at every number of rooms, and the next run begins with another side, so that a noisy
minute of the machine falls on all of them alike.
"""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from bench.errors import BenchError
from bench.programs import compiled
from bench.sides import SIDES, Server, Side, running

__all__ = ["IDLE", "MEMBERS", "SUITES", "TURNS", "Figure", "Goal", "Measured", "Pace", "Results", "Suite", "measure"]

MEMBERS = 4  # seats a room, in every suite
LOAD_SECONDS = 120.0  # beyond warming up and measuring: joining, and reading what is left

# What the load generator says of one server: the figures' names and values.
Measured = dict[str, float]
# By rooms and server, in the order of the table; one for each run.
Results = dict[tuple[int, Side], list[Measured]]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured quantity: `key` in the load generator's JSON, divided by `scale` where people read it."""

    key: str
    title: str
    digits: int
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Goal:
    """The suite's first figure of `side` at `rooms` is at most `limit` times the relay's."""

    side: str
    rooms: int
    limit: float


@dataclass(frozen=True, slots=True)
class Suite:
    """One way to load a server. The first figure is the one with spread, ratio and goals."""

    name: str
    title: str
    about: str
    rooms: tuple[int, ...]
    figures: tuple[Figure, ...]
    goals: tuple[Goal, ...] = ()


@dataclass(frozen=True, slots=True)
class Pace:
    """How long one figure takes: its server warms up, then it is measured."""

    warm_seconds: float
    seconds: float


TURNS = Suite(
    name="turns",
    title="Turns",
    about=(
        f"Rooms of {MEMBERS}, everybody on a connection of their own over TCP. In each room the members speak in "
        "strict alternation, 60 characters at a time, each as soon as it reads that it has the floor. The relay's "
        "members send lines of the same length as Moothall's `said`, and know themselves whose turn it is. Every "
        "member checks that it reads every turn, once and in order."
    ),
    rooms=(1, 250),
    figures=(
        Figure("cpu_us_per_turn", "CPU µs a turn", 1),
        Figure("p50_us", "p50 µs", 0),
        Figure("p99_us", "p99 µs", 0),
        Figure("rss_bytes", "RSS MB", 1, 1e6),
    ),
    goals=(Goal("crash", 250, 2.5),),
)
IDLE = Suite(
    name="idle",
    title="Joined and idle",
    about=(
        f"Everybody joins, {MEMBERS} to a room, and nobody speaks. A join's CPU time and a connection's bytes contain "
        "their share of the room, its log and the sitting that opens in it. The kernel's buffers are not counted."
    ),
    rooms=(2500,),
    figures=(
        Figure("cpu_us_per_join", "CPU µs a join", 1),
        Figure("rss_bytes_per_connection", "bytes a connection", 0),
        Figure("rss_bytes", "RSS MB", 1, 1e6),
    ),
)
SUITES = (TURNS, IDLE)


def measure(suite: Suite, runs: int, pace: Pace, tell: Callable[[str], None]) -> Results:
    """Measure every side `runs` times, interleaved; `tell` gets a line for each figure.

    Raises:
        BenchError: a server does not run, or what its members read breaks the order of the turns.
    """
    results: Results = {(rooms, side): [] for rooms in suite.rooms for side in SIDES}
    for run in range(runs):
        for rooms, side in _one_run(suite, run):
            with running(side) as server:
                measured = _load(suite, side, server, rooms, pace)
            results[rooms, side].append(measured)
            values = "  ".join(f"{figure.title} {_shown(figure, measured)}" for figure in suite.figures)
            tell(f"{suite.name} {run + 1}/{runs}  rooms {rooms:<5} {side.name:6} {values}")
    return results


def _one_run(suite: Suite, run: int) -> Iterator[tuple[int, Side]]:
    first = run % len(SIDES)
    for rooms in suite.rooms:
        for side in (*SIDES[first:], *SIDES[:first]):
            yield rooms, side


def _load(suite: Suite, side: Side, server: Server, rooms: int, pace: Pace) -> Measured:
    command = [str(compiled("load")), "--port", str(server.port), "--pid", str(server.pid)]
    command += ["--protocol", side.protocol, "--mode", suite.name, "--rooms", str(rooms), "--members", str(MEMBERS)]
    command += ["--warm", str(pace.warm_seconds), "--seconds", str(pace.seconds)]
    longest = LOAD_SECONDS + pace.warm_seconds + pace.seconds
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=longest)
    except subprocess.TimeoutExpired:
        raise BenchError(f"{side.name}, {rooms} room(s): the load did not end within {longest:.0f} s.") from None
    if done.returncode:
        raise BenchError(f"{side.name}, {rooms} room(s): {done.stderr.strip()}")
    return msgspec.json.decode(done.stdout, type=Measured)


def _shown(figure: Figure, measured: Measured) -> str:
    return f"{measured[figure.key] / figure.scale:.{figure.digits}f}"
