"""`moothall export`: every turn of every room as one table, for pandas, R or a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import chain
from pathlib import Path

import click
import msgspec

from moothall.cli.data import changes_of, data_option, find_room, opened_data
from moothall.cli.exits import clean_exit
from moothall.cli.output import put_lines
from moothall.views.table import csv_lines
from moothall.views.turns import TurnRow, turn_rows

__all__ = ["Table", "export"]


class Table(StrEnum):
    """The forms of a table."""

    CSV = "csv"
    JSONL = "jsonl"


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice([table.value for table in Table]),
    default=Table.CSV.value,
    show_default=True,
    help="csv, or jsonl: one JSON object a line.",
)
@click.option("--room", metavar="ROOM", help="This room alone.")
@data_option
def export(form: str, room: str | None, data: Path | None) -> None:
    """Write a table of all turns, one row each, over all rooms and sittings.

    A turn has its row as soon as it has ended. Times are milliseconds: asked_at since 1970 (UTC), took_ms since then.
    Words are written as they were said; a spreadsheet may take words that begin with =, +, - or @ for a formula, so
    import that column as text.

    \b
    Examples:
      moothall export > turns.csv
      python -c "import pandas; print(pandas.read_csv('turns.csv').groupby('outcome').took_ms.median())"
    """  # noqa: D301 - \b is click's: keep these lines as they are
    with clean_exit(), opened_data(data) as (reader, rooms):
        chosen = [find_room(rooms, room)] if room is not None else rooms
        rows = chain.from_iterable(turn_rows(changes_of(reader, one)) for one in chosen)
        put_lines(csv_lines(rows) if form == Table.CSV else _json_lines(rows))


def _json_lines(rows: Iterable[TurnRow]) -> Iterator[str]:
    return (msgspec.json.encode(row).decode() for row in rows)
