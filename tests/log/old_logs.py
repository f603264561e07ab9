"""The data of released versions, as their servers have left it, and what stands in it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from moothall.engine.names import Name, RoomName
from moothall.log.folder import DATABASE, LOCK
from moothall.log.reader import LogReader, open_reader
from moothall.log.room_log import RoomSummary

__all__ = ["EPOCH", "KEYS", "STOPPED_AT", "a_released_folder", "entries_of", "tables_of"]

RELEASED: Final = Path(__file__).parent / "released"

KEYS: Final[dict[tuple[RoomName, Name], str]] = {
    (RoomName(where.partition("/")[0]), Name(where.partition("/")[2])): key
    for where, key in json.loads((RELEASED / "0.1.0.keys.json").read_text(encoding="utf-8")).items()
}
"""The keys that were handed out; the data holds their hashes."""
EPOCH: Final = "e_0f77ef501a5ecb65"
STOPPED_AT: Final = 1795384025700
"""A moment after the last entry, in milliseconds."""


def a_released_folder(folder: Path) -> Path:
    """Fill a folder as version 0.1.0 leaves it: two sittings are open, in `main` in turn 4 and in `lab` in turn 3."""
    folder.mkdir(exist_ok=True)
    shutil.copyfile(RELEASED / "0.1.0.db", folder / DATABASE)
    (folder / LOCK).write_bytes(b"%020d %020d\n" % (4242, STOPPED_AT))
    return folder


def entries_of(folder: Path) -> dict[RoomName, list[bytes]]:
    """Return the bodies of all entries that are kept, by their rooms."""
    reader = open_reader(folder)
    try:
        return {room.room: list(_bodies(reader, room)) for room in reader.rooms()}
    finally:
        reader.close()


def _bodies(reader: LogReader, room: RoomSummary) -> Iterator[bytes]:
    after = room.first_seq - 1
    while page := reader.read(room.room, after=after):
        yield from (entry.body for entry in page)
        after = page[-1].seq


def tables_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all that stands in a file, but for its epoch: no copy has one."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: list(connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2")) for name in names}
    rows["meta"] = [row for row in rows["meta"] if row[0] != "epoch"]
    return rows
