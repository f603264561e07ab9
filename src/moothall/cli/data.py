"""The data folder as the verbs that only read see it, beside a server that may be writing in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

import click

from moothall.engine.names import fold
from moothall.engine.room import Room
from moothall.errors import MoothallError
from moothall.hall.bases import room_at
from moothall.log.folder import DATABASE
from moothall.log.reader import LogReader, open_reader
from moothall.log.room_log import PAGE_ENTRIES, RoomSummary
from moothall.views.timeline import changes, replay_bodies
from moothall.wire.change import Change

__all__ = [
    "JustForgotten",
    "bodies",
    "changes_of",
    "data_option",
    "find_room",
    "opened_data",
    "room_of",
    "usual_folder",
]

MAX_ROOMS_NAMED: Final = 20
"""Of a long list of rooms, an error names as many as fit on a screen."""


class JustForgotten(MoothallError):
    """What was to be read went meanwhile: who looks again finds another beginning."""

    def __init__(self, room: RoomSummary) -> None:
        super().__init__(f"The server has just forgotten the beginning of room {room.room}. Please try again.")


_Command = TypeVar("_Command", bound=Callable[..., object])


def data_option(command: _Command) -> _Command:
    """Add `--data DIR` to a verb, as the parameter `data`; None is the default folder.

    The environment names it as it does for `serve`.
    """
    option = click.option(
        "--data",
        metavar="DIR",
        envvar="MOOTHALL_DATA",
        type=click.Path(path_type=Path),
        help="The server's data folder, if not the usual one.",
    )
    return option(command)


@contextmanager
def opened_data(folder: Path | None) -> Iterator[tuple[LogReader, list[RoomSummary]]]:
    """Open the log in a data folder for reading, with the rooms that are in it now.

    Raises:
        MoothallError: there is nothing in it, or it can't be read.
    """
    folder = folder or usual_folder()
    if not (folder / DATABASE).is_file():
        raise _nothing_in(folder)
    reader = open_reader(folder)
    try:
        rooms = [room for room in reader.rooms() if room.last_seq]
        if not rooms:
            raise _nothing_in(folder)
        yield reader, rooms
    finally:
        reader.close()


def find_room(rooms: list[RoomSummary], name: str) -> RoomSummary:
    """Return the room of that name; where none is spelled just so, one that differs in case alone.

    Raises:
        MoothallError: there is none; the sentence names those that there are.
    """
    alike = [room for room in rooms if fold(room.room) == fold(name)]
    for room in alike:
        if room.room == name:
            return room
    if alike:
        return alike[0]
    known = [room.room for room in rooms[:MAX_ROOMS_NAMED]]
    more = f" and {len(rooms) - MAX_ROOMS_NAMED} more" if len(rooms) > MAX_ROOMS_NAMED else ""
    raise MoothallError(f"There is no room {name}, only {', '.join(known)}{more}.")


def bodies(reader: LogReader, room: RoomSummary) -> Iterator[bytes]:
    """Yield the entries of a room up to the last that `room` knows of, a page at a time.

    What a live server adds meanwhile is left out, so this ends however busy the room is.

    Raises:
        JustForgotten: the server has forgotten what was to be read.
    """
    seq = room.first_seq - 1
    while seq < room.last_seq:
        page = reader.read(room.room, after=seq, limit=min(PAGE_ENTRIES, room.last_seq - seq))
        if not page or page[0].seq != seq + 1:
            raise JustForgotten(room)
        yield from (entry.body for entry in page)
        seq = page[-1].seq


def changes_of(reader: LogReader, room: RoomSummary) -> Iterator[Change]:
    """Yield what each entry of a room has changed, from the first that is kept on."""
    return changes(bodies(reader, room), _start_of(reader, room))


def room_of(reader: LogReader, room: RoomSummary) -> Room:
    """Return what a room has come to."""
    return replay_bodies(bodies(reader, room), _start_of(reader, room))


def _start_of(reader: LogReader, room: RoomSummary) -> Room | None:
    base = reader.base(room.room)
    if (base.seq if base else 0) != room.first_seq - 1:
        raise JustForgotten(room)
    return None if base is None else room_at(base, room.room)


def usual_folder() -> Path:
    """Return where a server keeps its data unless told otherwise."""
    from moothall.settings import default_data_folder  # only a verb without --data needs to know it

    return default_data_folder()


def _nothing_in(folder: Path) -> MoothallError:
    return MoothallError(f"There is no conversation in {folder} yet. `moothall serve` or `moothall demo` starts one.")
