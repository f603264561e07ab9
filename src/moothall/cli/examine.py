"""Reading a whole log to see whether it is what was written: the file, every entry, and what each room adds up to."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from moothall.cli.data import JustForgotten, changes_of
from moothall.engine.events import SittingClosed
from moothall.errors import DataCorrupt, DataTooNew
from moothall.log.reader import LogReader
from moothall.log.room_log import RoomSummary

__all__ = ["Finding", "counted", "examine", "size_of"]


class Finding(msgspec.Struct, frozen=True):
    """What was found of one room, or of the file. `damage`: a sentence; "" where all is as it was written."""

    what: str
    entries: int = 0
    sittings: int = 0
    damage: str = ""


def examine(reader: LogReader, noted_row: int = 0) -> Iterator[Finding]:
    """Look at the file, then at its rooms, one after the other. Nothing is changed.

    Args:
        noted_row: a row that a server is known to have stored.

    Raises:
        StorageError: it can't be read now.
    """
    try:
        for complaint in reader.complaints():
            yield Finding("the file", damage=f"The file is damaged: {complaint.rstrip('.')}.")
    except DataCorrupt as error:
        yield Finding("the file", damage=str(error))
    try:
        rooms = reader.rooms()
        missing = noted_row - reader.last_row
        if missing > 0:
            yield Finding(
                "the end", damage=f"The newest {counted(missing, 'row')} that a server had stored are missing."
            )
    except DataCorrupt as error:
        yield Finding("the rooms", damage=str(error))
        return
    for room in rooms:
        yield _examined(reader, room)


def _examined(reader: LogReader, room: RoomSummary) -> Finding:
    entries = sittings = 0
    last = None
    try:
        for change in changes_of(reader, room):
            entries += 1
            sittings += isinstance(change.event, SittingClosed)
            last = change.after
    except (DataCorrupt, DataTooNew) as error:
        return Finding(room.room, entries, sittings, str(error))
    except JustForgotten:
        # Never the same beginning twice, so this comes to an end.
        return _examined(reader, next(again for again in reader.rooms() if again.room == room.room))
    if last is not None and last.has_sitting is not room.open:
        return Finding(room.room, entries, sittings, f"Whether room {room.room} has a sitting is noted wrongly.")
    return Finding(room.room, entries, sittings)


def counted(number: int, one: str, more: str = "") -> str:
    """Say a number of things: `1 room`, `1,204 rooms`."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def size_of(size: float) -> str:
    """Say a number of bytes as people do: `36.9 KB`."""
    for unit in ("bytes", "KB", "MB"):
        if size < 999.5:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB"
