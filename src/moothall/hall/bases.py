"""Where the replay of a room begins: before its first event, or at what the room was when its past was forgotten."""

from __future__ import annotations

from moothall.engine.evolve import empty_room
from moothall.engine.names import RoomName
from moothall.engine.room import Room
from moothall.errors import BadFrame, DataCorrupt
from moothall.log.room_log import Base, RoomLog
from moothall.wire.base import decode_base

__all__ = ["replay_start", "room_at"]


def replay_start(log: RoomLog, name: RoomName) -> Room:
    """Return the room before the first entry that the log keeps.

    Raises:
        DataCorrupt: what the log holds of it is not what was written.
        StorageError: it can't be read now.
    """
    base = log.held(name).base
    return empty_room(name) if base is None else room_at(base, name)


def room_at(base: Base, name: RoomName) -> Room:
    """Return the room that a base holds.

    Raises:
        DataCorrupt: it holds none, or another one.
    """
    try:
        room = decode_base(base.body)
    except BadFrame as error:
        raise DataCorrupt(f"The beginning of what is kept of room {name} cannot be read. {error}") from None
    if (room.name, room.seq) != (name, base.seq):
        raise DataCorrupt(f"What is kept of room {name} begins with another room, or elsewhere.")
    return room
