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
from bench.sides import READERS, SIDES, SPEAKERS, Server, Side, running

__all__ = ["MEMBERS", "SUITES", "Figure", "Goal", "Measured", "Pace", "Results", "Suite", "measure"]

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
    """The suite's first figure of `side` at `rooms` is at most `limit` times that of the suite's first side."""

    side: str
    rooms: int
    limit: float


@dataclass(frozen=True, slots=True)
class Suite:
    """One way to load a server: by a program, with these arguments.

    The first side is what the others are compared with, and the first figure the one with spread, ratio and goals.
    """

    name: str
    program: str
    arguments: tuple[str, ...]
    sides: tuple[Side, ...]
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
    program="load",
    arguments=("--mode", "turns"),
    sides=SIDES,
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
    program="load",
    arguments=("--mode", "idle"),
    sides=SIDES,
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
SPEAK = Suite(
    name="speakers",
    program="web",
    arguments=(),
    sides=SPEAKERS,
    title="Speakers, by door",
    about=(
        f"Rooms of {MEMBERS} as above, all of them at one door, at `crash`; nobody else reads. A connection's bytes "
        "contain its share of the room. `load %` is how busy the load generator was: it must not be what is measured."
    ),
    rooms=(50,),
    figures=(
        Figure("cpu_us_per_utterance", "CPU µs a turn", 1),
        Figure("rss_bytes_per_connection", "bytes a connection", 0),
        Figure("p50_us", "p50 µs", 0),
        Figure("p99_us", "p99 µs", 0),
        Figure("load_busy", "load %", 0, 0.01),
    ),
)
READ = Suite(
    name="readers",
    program="web",
    arguments=(),
    sides=READERS,
    title="Readers, by door",
    about=(
        f"Rooms of {MEMBERS} that speak as above through JSON lines, at `crash`, and 1,000 spectators of theirs at one "
        "door. A delivery is one utterance at one connection, with its share of the turn and of the words that give "
        "the floor. Every member and every spectator checks that it reads every utterance, once and in order. "
        "`mixed`: members at WebSockets, and 1,000 streams of events beside 50 spectators at the text door. A "
        "connection is a spectator's."
    ),
    rooms=(50,),
    figures=(
        Figure("cpu_us_per_delivery", "CPU µs a delivery", 1),
        Figure("rss_bytes_per_connection", "bytes a connection", 0),
        Figure("p50_us", "p50 µs", 0),
        Figure("p99_us", "p99 µs", 0),
        Figure("load_busy", "load %", 0, 0.01),
    ),
)
SUITES = (TURNS, IDLE, SPEAK, READ)


def measure(suite: Suite, runs: int, pace: Pace, tell: Callable[[str], None]) -> Results:
    """Measure every side `runs` times, interleaved; `tell` gets a line for each figure.

    Raises:
        BenchError: a server does not run, or what its members read breaks the order of the turns.
    """
    results: Results = {(rooms, side): [] for rooms in suite.rooms for side in suite.sides}
    for run in range(runs):
        for rooms, side in _one_run(suite, run):
            with running(side) as server:
                measured = _load(suite, side, server, rooms, pace)
            results[rooms, side].append(measured)
            values = "  ".join(f"{figure.title} {_shown(figure, measured)}" for figure in suite.figures)
            tell(f"{suite.name} {run + 1}/{runs}  rooms {rooms:<5} {side.name:9} {values}")
    return results


def _one_run(suite: Suite, run: int) -> Iterator[tuple[int, Side]]:
    first = run % len(suite.sides)
    for rooms in suite.rooms:
        for side in (*suite.sides[first:], *suite.sides[:first]):
            yield rooms, side


def _load(suite: Suite, side: Side, server: Server, rooms: int, pace: Pace) -> Measured:
    command = [str(compiled(suite.program)), "--port", str(server.port), "--pid", str(server.pid)]
    command += [*suite.arguments, *side.load, "--rooms", str(rooms), "--members", str(MEMBERS)]
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
