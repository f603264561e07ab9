"""A server that forgets all the time, and kills itself at a step of that, or has a bug there.

`python -m tests.torture.forgetting_server FAULT NTH serve …`: NTH is the cut at which it dies; the rest is what
`moothall` takes. It looks for what is old many times a second, where a right one does so once a minute.
"""

from __future__ import annotations

import sqlite3
import sys
from enum import StrEnum
from typing import Any, Final

from moothall import wiring
from moothall.cli import main
from moothall.hall import retention
from moothall.hall.lobby import Arrival, Lobby
from moothall.hall.press import Press
from moothall.hall.retention import Keep
from moothall.log import cuts, sqlite
from moothall.wire import base
from tests.torture.planting import Nth, put, wrap

__all__ = ["STEPS", "Fault", "forgetting"]

_HEARTBEAT_MS: Final = 20


class Fault(StrEnum):
    """Where the process kills itself, or what it does wrong."""

    NONE = "none"
    BEFORE_CUT = "before-cut"
    AMID_CUT = "amid-cut"  # the rows are deleted, the base is not written
    AFTER_CUT = "after-cut"  # all is written, nothing committed
    AFTER_COMMIT = "after-commit"  # and nobody knows it yet
    KEEPS_NO_BASE = "keeps-no-base"
    TELLS_NO_GAP = "tells-no-gap"
    FORGETS_THE_NEW = "forgets-the-new"
    KEEPS_ANOTHER_STATE = "keeps-another-state"


STEPS: Final = (Fault.BEFORE_CUT, Fault.AMID_CUT, Fault.AFTER_CUT, Fault.AFTER_COMMIT)


def forgetting(fault: Fault = Fault.NONE, nth: int = 1) -> tuple[str, ...]:
    """Return the command of a server that forgets so."""
    return (sys.executable, "-m", "tests.torture.forgetting_server", fault.value, str(nth), "serve")


def plant(fault: Fault, nth: Nth) -> None:
    """Plant a fault in this process."""
    match fault:
        case Fault.NONE:
            pass
        case Fault.BEFORE_CUT:
            wrap(sqlite, "cut_off", before=nth.kills)
        case Fault.AMID_CUT:
            wrap(cuts, "checksum", before=nth.kills)
        case Fault.AFTER_CUT:
            wrap(sqlite, "cut_off", after=nth.kills)
        case Fault.AFTER_COMMIT:
            wrap(Press, "cut", after=nth.kills)
        case Fault.KEEPS_NO_BASE:
            _delete_bases()
        case Fault.TELLS_NO_GAP:
            _resume_over_gaps()
        case Fault.FORGETS_THE_NEW:
            put(Keep, "lets_go", lambda *_: True)
        case Fault.KEEPS_ANOTHER_STATE:
            _count_more_turns()


def _delete_bases() -> None:
    usual = cuts.cut_off

    def cut_off(connection: sqlite3.Connection, *args: Any) -> int:
        first = usual(connection, *args)
        connection.execute("DELETE FROM base")
        return first

    put(sqlite, "cut_off", cut_off)


def _resume_over_gaps() -> None:
    usual = Lobby._where

    def where(lobby: Lobby, *args: Any) -> tuple[Arrival, int]:
        arrival, after = usual(lobby, *args)
        return (Arrival.RESUMED if arrival is Arrival.GAP else arrival), after

    put(Lobby, "_where", where)


def _count_more_turns() -> None:
    usual = base.encode_base

    def encode_base(room: Any) -> bytes:
        return usual(room).replace(b'"turn_number":', b'"turn_number":1')

    put(retention, "encode_base", encode_base)


def run() -> None:
    """Plant the fault, and be the server."""
    put(wiring, "_HEARTBEAT_MS", _HEARTBEAT_MS)
    put(retention, "_PAUSE_MS", 0)
    plant(Fault(sys.argv[1]), Nth(int(sys.argv[2])))
    sys.argv[:] = ["moothall", *sys.argv[3:]]
    main()


if __name__ == "__main__":
    run()
