"""The steps from a decision to its last reader, at each of which a server can be made to kill itself."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any, Final

from moothall import wiring
from moothall.doors.link import Link
from moothall.hall.clerk import Clerk
from moothall.hall.courier import Courier
from moothall.log import copies, migrate, sqlite
from moothall.log.folder import DATABASE
from tests.torture.planting import Nth, put, wrap

__all__ = ["Step", "die_at"]

_CHECKPOINT_PAGES: Final = 40
"""Instead of 1,000, so that checkpoints come often."""


class Step(StrEnum):
    """Where the process kills itself."""

    BEFORE_BEGIN = "before-begin"
    AFTER_BEGIN = "after-begin"
    BEFORE_INSERT = "before-insert"
    BETWEEN_INSERTS = "between-inserts"
    AFTER_INSERT = "after-insert"
    BEFORE_COMMIT = "before-commit"
    AFTER_COMMIT = "after-commit"
    BEFORE_PUBLISH = "before-publish"
    AMID_PUBLISH = "amid-publish"
    AMID_FAN_OUT = "amid-fan-out"
    AFTER_PUBLISH = "after-publish"
    AMID_CHECKPOINT = "amid-checkpoint"
    AMID_MIGRATION = "amid-migration"


def die_at(step: Step, nth: Nth) -> None:
    """Let this process kill itself the n-th time that it meets the step."""
    match step:
        case Step.BEFORE_PUBLISH:
            wrap(Courier, "ship", before=nth.kills)
        case Step.AFTER_PUBLISH:
            wrap(Courier, "ship", after=nth.kills)
        case Step.AMID_PUBLISH:
            _die_amid_publish(nth)
        case Step.AMID_FAN_OUT:
            _die_amid_fan_out(nth)
        case Step.AMID_CHECKPOINT:
            _connect_with(_dies_in_checkpoints(nth))
        case Step.AMID_MIGRATION:
            _die_amid_migration(nth)
        case _:
            _connect_with(_dies_at_statement(step, nth))


def _dies_at_statement(step: Step, nth: Nth) -> Callable[..., sqlite3.Connection]:
    when, _, word = step.partition("-")
    adds = "INSERT OR FAIL INTO entry"
    begins = {"begin": "BEGIN", "commit": "COMMIT", "insert": adds, "inserts": adds}[word]
    if when == "between":
        put(sqlite, "ROWS_AT_ONCE", 1)
    added = 0

    class Connection(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            nonlocal added
            is_met = sql.startswith(begins)
            if is_met and (when == "before" or (when == "between" and added == 1)):  # one is in, and there is another
                nth.kills()
            cursor = super().execute(sql, *values)
            added = added + 1 if is_met else 0
            if is_met and when == "after":
                nth.kills()
            return cursor

    return partial(sqlite3.connect, factory=Connection)


def _dies_in_checkpoints(nth: Nth) -> Callable[..., sqlite3.Connection]:
    # In WAL mode the database's own file is written by checkpoints alone.
    from tests.torture.platter import Kind
    from tests.torture.sim_disk import How, SimDisk

    class Disk(SimDisk):
        def meet(self, kind: Kind, file: str) -> How | None:
            if kind is Kind.WRITE and file == DATABASE:
                nth.kills()
            self.operations.clear()
            return None

    def connect(*args: Any, **options: Any) -> sqlite3.Connection:
        connection = disk.connect(*args, **options)
        usual = connection.execute

        def execute(sql: str, *values: Any) -> Any:
            return usual(sql.replace("wal_autocheckpoint = 1000", f"wal_autocheckpoint = {_CHECKPOINT_PAGES}"), *values)

        connection.execute = execute  # type: ignore[method-assign]
        return connection

    disk = Disk()
    return connect


def _connect_with(connect: Callable[..., sqlite3.Connection]) -> None:
    put(wiring, "open_log", partial(sqlite.open_log, connect=connect))


def _die_amid_publish(nth: Nth) -> None:
    """Die when one room of several is settled, and its readers are noted."""
    usual, settled = Courier.ship, 0

    def ship(courier: Courier, clerks: list[Clerk]) -> None:
        nonlocal settled
        settled = 1 - len(clerks)  # 0 once there is one left
        usual(courier, clerks)

    def after_ship() -> None:
        nonlocal settled
        settled += 1
        if settled == 0:
            nth.kills()

    put(Courier, "ship", ship)
    wrap(Clerk, "ship_to_holders", after=after_ship)


def _die_amid_fan_out(nth: Nth) -> None:
    """Die after some of the writes of a publication, each of which has left when the next is begun."""
    sys.modules["uvloop"] = None  # type: ignore[assignment]  # it gathers them and sends later
    usual, writes = Courier._ship_to_others, 0

    def ship_to_others(courier: Courier, clerks: list[Clerk]) -> None:
        nonlocal writes
        writes = 1
        usual(courier, clerks)
        writes = 0

    def before_write() -> None:
        nonlocal writes
        if writes:
            writes += 1
        if writes > 2:
            nth.kills()

    put(Courier, "_ship_to_others", ship_to_others)
    wrap(Link, "write", before=before_write)


def _die_amid_migration(nth: Nth) -> None:
    """Die at a statement of the bringing up to date, or at a step of the copy before it."""
    is_under_way = False

    def meet() -> None:
        if is_under_way:
            nth.kills()

    class Connection(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            meet()
            cursor = super().execute(sql, *values)
            meet()
            return cursor

        def executemany(self, sql: str, *values: Any) -> sqlite3.Cursor:
            meet()
            return super().executemany(sql, *values)

        def backup(self, *args: Any, **options: Any) -> None:
            super().backup(*args, **{**options, "progress": lambda *_: meet()})

    def begin() -> None:
        nonlocal is_under_way
        is_under_way = True

    def end() -> None:
        nonlocal is_under_way
        is_under_way = False

    wrap(migrate, "copy_to", before=meet, after=meet)
    wrap(copies, "put_on_disk", before=meet, after=meet)
    wrap(sqlite, "bring_up_to_date", before=begin, after=end)
    _connect_with(partial(sqlite3.connect, factory=Connection))
