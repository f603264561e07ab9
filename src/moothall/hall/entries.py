"""Entries of the log as the events that they are."""

from __future__ import annotations

from moothall.engine.events import Event
from moothall.errors import BadFrame, DataCorrupt
from moothall.log.room_log import Entry
from moothall.wire.json_lines import Stamp, decode_event

__all__ = ["decoded"]


def decoded(entry: Entry) -> tuple[Event, Stamp]:
    """Read an entry.

    Raises:
        DataCorrupt: it is no event, or says that it stands elsewhere in the log.
    """
    try:
        event, stamp = decode_event(entry.body)
    except BadFrame as error:
        raise DataCorrupt(f"Entry {entry.seq} of room {entry.room} cannot be read. {error}") from None
    if stamp.seq != entry.seq:
        raise DataCorrupt(f"Entry {entry.seq} of room {entry.room} says that it is {stamp.seq}.")
    return event, stamp
