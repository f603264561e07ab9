"""The real server on a machine whose clock is wrong, or with a fault planted in it.

`python -m tests.torture.skewed_server SKEW_SECONDS[,SKEW_SECONDS ...] [--fault NAME] SERVE_OPTIONS ...`:
What `time` says of the wall's clock, and only that, is off by the first of the skews; each SIGUSR1 makes it jump to the
next. The machine's clock is left alone.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from moothall.cli import main
from moothall.doors.link import Link
from moothall.engine.commands import CallTime, Command
from moothall.engine.deadlines import next_deadline
from moothall.engine.decide import unfold
from moothall.engine.events import Event, FloorGranted
from moothall.engine.evolve import evolve
from moothall.engine.policies import Policy
from moothall.engine.room import Room
from moothall.hall import clerk, feed
from moothall.hall.clock import SystemClock
from moothall.hall.hall import Hall
from moothall.hall.visit import Visit
from moothall.wire.json_lines import encode_steps
from moothall.wiring import RunningServer

__all__ = ["FAULTS"]

EARLY_MS: Final = 400
Steps = list[tuple[Event, Room]]


def plant(where: object, name: str, what: object) -> None:
    """Put something in the place of what is there; a name that is not there plants nothing, and is an error."""
    assert hasattr(where, name), f"{where} has no {name} any more"
    setattr(where, name, what)


def rings_early() -> None:
    """Time is called before the deadline."""

    def unfold_early(room: Room, command: Command, at: int, custom: Policy | None) -> Steps:
        if not isinstance(command, CallTime):
            return unfold(room, command, at, custom)
        return [(event, replace(after, at=at)) for event, after in unfold(room, command, at + EARLY_MS, custom)]

    def early_deadline(room: Room) -> int | None:
        deadline = next_deadline(room)
        return None if deadline is None else deadline - EARLY_MS

    plant(clerk, "unfold", unfold_early)
    plant(clerk, "next_deadline", early_deadline)


def rings_early_and_lies() -> None:
    """Time is called before the deadline, and the log says that it was not."""

    def encode_later(steps: Steps) -> bytes:
        return encode_steps([(event, replace(after, at=after.at + EARLY_MS)) for event, after in steps])

    rings_early()
    plant(clerk, "encode_steps", encode_later)


def two_floors() -> None:
    """The floor is given to the next one, though nobody has given it back."""

    def unfold_twice(room: Room, command: Command, at: int, custom: Policy | None) -> Steps:
        steps = unfold(room, command, at, custom)
        last, after = steps[-1] if steps else (None, room)
        had = after.round.done if after.round is not None else after.seats
        others = [name for name in after.seats if name not in had]
        if isinstance(last, FloorGranted) and others:
            more = replace(last, name=others[0], turn=last.turn + 1)
            steps.append((more, evolve(after, more, at)))
        return steps

    plant(clerk, "unfold", unfold_twice)


def follows_the_wall() -> None:
    """The clock jumps when the machine's does."""
    plant(SystemClock, "now", lambda _clock: int(time.time() * 1000))


def starts_at_the_wall() -> None:
    """The clock starts where the machine's is, however far that was put back."""
    start = SystemClock.__init__
    plant(SystemClock, "__init__", lambda clock, loop, _not_before=0: start(clock, loop))


def counts_time_down() -> None:
    """Nothing is given back of the time in which there was no server."""

    def call_time(hall: Hall, _since: int) -> None:
        for each in hall.clerks.values():
            each.submit_if_possible(CallTime())

    plant(Hall, "_reopen", call_time)


def hands_all_over() -> None:
    """A visit writes all there is, whether the connection has taken the last or not."""
    ship = Visit.ship

    def ship_anyway(visit: Visit) -> None:
        visit.is_blocked = False
        ship(visit)

    plant(feed, "MAX_PIECE_BYTES", 1 << 40)
    plant(Visit, "ship", ship_anyway)


def goes_without_a_word() -> None:
    """When it is told to terminate it drops everybody."""
    plant(Link, "say_goodbye", lambda link, _retry_after=None: link.drop())


def goes_on_listening() -> None:
    """Its doors stay open while it says goodbye."""
    true_stop = RunningServer.stop

    async def stop(server: RunningServer, *, close_sittings: bool) -> None:
        server._servers.clear()
        await true_stop(server, close_sittings=close_sittings)

    plant(RunningServer, "stop", stop)


def stumbles() -> None:
    """It ends with an error that nobody has thought of."""
    true_stop = Hall.stop

    def stop(hall: Hall, *, close_sittings: bool) -> None:
        true_stop(hall, close_sittings=close_sittings)
        raise ZeroDivisionError

    plant(Hall, "stop", stop)


def never_goes() -> None:
    """It never comes to its end."""
    true_stop = RunningServer.stop

    async def stop(server: RunningServer, *, close_sittings: bool) -> None:
        await true_stop(server, close_sittings=close_sittings)
        await asyncio.Event().wait()

    plant(RunningServer, "stop", stop)


FAULTS: Final[dict[str, Callable[[], None]]] = {
    fault.__name__: fault
    for fault in (
        rings_early,
        rings_early_and_lies,
        two_floors,
        follows_the_wall,
        starts_at_the_wall,
        counts_time_down,
        hands_all_over,
        goes_without_a_word,
        goes_on_listening,
        stumbles,
        never_goes,
    )
}


def _skew_time(skews: list[float]) -> None:
    true_time_ns = time.time_ns

    def jump(_number: int, _frame: object) -> None:
        if len(skews) > 1:
            del skews[0]

    def skewed_ns() -> int:
        return true_time_ns() + int(skews[0] * 1e9)

    plant(time, "time_ns", skewed_ns)
    plant(time, "time", lambda: skewed_ns() / 1e9)
    if sys.platform != "win32":
        signal.signal(signal.SIGUSR1, jump)


if __name__ == "__main__":
    _skew_time([float(skew) for skew in sys.argv.pop(1).split(",")])
    if sys.argv[1:2] == ["--fault"]:
        FAULTS[sys.argv[2]]()
        del sys.argv[1:3]
    sys.argv[1:1] = ["serve"]
    main()
