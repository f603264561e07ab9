"""`moothall forget`: deletes a room and its words for good."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Final

import click

from moothall.cli.ask import read_line
from moothall.cli.data import data_option, find_room, opened_data, usual_folder
from moothall.cli.examine import counted
from moothall.cli.exits import clean_exit
from moothall.errors import MoothallError
from moothall.log.folder import DATABASE
from moothall.log.lock_file import LockFile
from moothall.log.room_log import Durability
from moothall.log.sqlite import SqliteLog, open_log

__all__ = ["forget"]

_IN_USE: Final = {DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"}


@click.command()
@click.argument("room")
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_option
def forget(room: str, yes: bool, data: Path | None) -> None:
    """Delete ROOM with everything that was said in it, for good. Stop the server first.

    The words are overwritten in the data folder. What was copied out of it, with backup or export, is yours to delete.

    \b
    Example:
      moothall forget lab
    """  # noqa: D301 - \b is click's: keep these lines as they are
    with clean_exit():
        folder = data or usual_folder()
        with opened_data(folder) as (_, rooms):
            found = find_room(rooms, room)
        entries = counted(found.last_seq + 1 - found.first_seq, "entry", "entries")
        lock = LockFile(folder)
        try:
            if not yes:
                _make_sure(found.room, entries)
            log = open_log(folder, Durability.POWER, noted_row=lock.noted_row(), on_stored=lock.note_row, damaged={})
            assert isinstance(log, SqliteLog), "only a server keeps words back"
            if log.missing_rows:
                print(
                    "! The data ends earlier than a server had stored, as after a backup was put back.", file=sys.stderr
                )
            try:
                log.forget(found.room)
            finally:
                log.close()
        finally:
            lock.close()
        print(f"Room {found.room} is deleted, with its {entries}.")
        for copy in sorted(folder.glob("*.db*")):
            if copy.name not in _IN_USE:
                print(f"An older copy of the data is not touched: {copy}")


def _make_sure(room: str, entries: str) -> None:
    if not sys.stdin.isatty():
        again = f"moothall forget {shlex.quote(room)} --yes"
        raise MoothallError(f"Nothing was deleted. To delete it without being asked: {again}")
    print(f"Delete room {room} with its {entries} for good? [y/N]: ", end="", flush=True)
    answer = read_line()
    if answer is None:
        print()
    if (answer or "").strip().lower() not in {"y", "yes"}:
        raise MoothallError("Nothing was deleted.")
