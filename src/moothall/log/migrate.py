"""Bringing a file that an older version wrote up to date: a copy beside it first, then all of it in one transaction.

A step per version of the schema; what an event of an older version means is for `wire` to say, the log keeps its
bytes as they are. A newer version's file has been refused before this is asked.
"""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import Final

from moothall.log.copies import copy_to
from moothall.log.schema import SCHEMA, SINCE_SCHEMA_2, TABLES, for_sure, note, schema_of

__all__ = ["bring_up_to_date", "copy_before"]

logger = logging.getLogger(__name__)

_STEPS: Final = {1: SINCE_SCHEMA_2}
"""The statements that make of each version the next."""


def bring_up_to_date(connection: sqlite3.Connection, path: Path | None) -> None:
    """Make the tables where there are none, and those that an older version did not know.

    A copy of the file as it was stands beside it afterwards. Cut short, it is done from the beginning at the next
    start: the file is either the old one or the new one.

    Raises:
        StorageError: the copy can't be written; the file is as it was.
        sqlite3.Error: the file can't be.
    """
    if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        with for_sure(connection):
            for table in TABLES:
                connection.execute(table)
            note(connection, schema=str(SCHEMA), settled="0")
        return
    found = schema_of(connection)
    assert found is not None, "it was looked at before"
    if found == SCHEMA:
        return
    if path is not None:
        copy = copy_before(path, found)
        logger.warning("log is brought up to date schema=%d to=%d copy=%s", found, SCHEMA, copy)
        copy_to(connection, copy, is_new=False)
    with for_sure(connection):
        for version in range(found, SCHEMA):
            for statement in _STEPS[version]:
                connection.execute(statement)
        note(connection, schema=str(SCHEMA))


def copy_before(path: Path, schema: int) -> Path:
    """Return where the copy of a file of that schema stands."""
    return path.with_name(f"{path.stem}-schema-{schema}{path.suffix}")
