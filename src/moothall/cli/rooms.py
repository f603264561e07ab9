"""`moothall rooms`: the rooms of the data folder, a line each."""

from __future__ import annotations

from pathlib import Path

import click

from moothall.cli.data import data_option, opened_data, room_of
from moothall.cli.exits import clean_exit
from moothall.cli.output import put_lines
from moothall.errors import DataCorrupt
from moothall.log.reader import LogReader
from moothall.log.room_log import RoomSummary
from moothall.views.roster import room_line

__all__ = ["rooms"]


@click.command()
@data_option
def rooms(data: Path | None) -> None:
    """List the rooms, who is in them and what they talk about.

    It reads the data folder, so it works beside a running server, and also without one: then it shows how each room
    was left.

    \b
    Example:
      moothall rooms
      main: 3/4 here, talking about hug
    """  # noqa: D301 - \b is click's: keep these lines as they are
    with clean_exit(), opened_data(data) as (reader, summaries):
        damaged: list[DataCorrupt] = []
        put_lines(_line(reader, summary, damaged) for summary in summaries)
        if damaged:
            raise damaged[0]


def _line(reader: LogReader, room: RoomSummary, damaged: list[DataCorrupt]) -> str:
    try:
        return room_line(room_of(reader, room))
    except DataCorrupt as error:
        damaged.append(error)
        return f"{room.room}: damaged; moothall doctor says more"
