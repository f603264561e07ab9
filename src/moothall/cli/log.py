"""`moothall log`: all that happened in one room, in the form one likes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import assert_never

import click

from moothall.cli.data import bodies, changes_of, data_option, find_room, opened_data
from moothall.cli.exits import clean_exit
from moothall.cli.output import put_lines
from moothall.cli.paint import painter_for
from moothall.hall.clock import in_words
from moothall.log.reader import LogReader
from moothall.log.room_log import RoomSummary
from moothall.views.html import html_lines
from moothall.views.table import csv_lines
from moothall.views.transcript import markdown_lines, text_lines
from moothall.views.turns import turn_rows

__all__ = ["Form", "log"]


class Form(StrEnum):
    """The forms in which a log is shown."""

    TEXT = "text"
    JSON = "json"
    MD = "md"
    HTML = "html"
    CSV = "csv"


@click.command()
@click.argument("room", default="main")
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in Form]),
    default=Form.TEXT.value,
    show_default=True,
    help="text: as a spectator reads it; md, html: a document; csv: a row a turn; json: the entries as they are kept.",
)
@data_option
def log(room: str, form: str, data: Path | None) -> None:
    """Show all that happened in ROOM (main, if you don't say), from its first sitting to now.

    It reads the data folder, so it works beside a running server, and also without one.

    \b
    Examples:
      moothall log
      moothall log lab --format md > lab.md
    """  # noqa: D301 - \b is click's: keep these lines as they are
    with clean_exit(), opened_data(data) as (reader, rooms):
        lines = _lines(reader, find_room(rooms, room), Form(form))
        put_lines(lines, painter_for(sys.stdout) if form == Form.TEXT else None)


def _lines(reader: LogReader, room: RoomSummary, form: Form) -> Iterator[str]:
    match form:
        case Form.TEXT:
            return text_lines(changes_of(reader, room))
        case Form.JSON:
            return (body.decode() for body in bodies(reader, room))
        case Form.MD:
            return markdown_lines(changes_of(reader, room), in_words)
        case Form.HTML:
            return html_lines(changes_of(reader, room), in_words)
        case Form.CSV:
            return csv_lines(turn_rows(changes_of(reader, room)))
        case _:
            assert_never(form)
