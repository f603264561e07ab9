"""`moothall rooms`: the rooms of the data folder, a line each."""

from __future__ import annotations

from pathlib import Path

import click

from moothall.cli.data import data_option, opened_data, room_of
from moothall.cli.exits import clean_exit
from moothall.cli.output import put_lines
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
        put_lines(room_line(room_of(reader, summary)) for summary in summaries)
