"""A server with a fault planted in its process: it kills itself at a step of its own, or has a bug that it hasn't.

`python -m tests.torture.failing_server FAULT NTH serve …`: NTH is the time that the step is met at which it dies, or
the distance from one appearance of the bug to the next; the rest is what `moothall` takes.
"""

from __future__ import annotations

import sys

from moothall.cli import main
from tests.torture.bugs import Bug, plant
from tests.torture.planting import Nth
from tests.torture.steps import Step, die_at

__all__ = ["failing"]


def failing(fault: Step | Bug, nth: int) -> tuple[str, ...]:
    """Return the command of a server that fails so."""
    return (sys.executable, "-m", "tests.torture.failing_server", fault.value, str(nth), "serve")


def run() -> None:
    """Plant the fault, and be the server."""
    fault, nth = sys.argv[1], int(sys.argv[2])
    if fault in set(Step):
        die_at(Step(fault), Nth(nth))
    else:
        plant(Bug(fault), Nth(nth, again=True))
    sys.argv[:] = ["moothall", *sys.argv[3:]]
    main()


if __name__ == "__main__":
    run()
