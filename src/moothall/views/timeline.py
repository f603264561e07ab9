"""A room's log as changes: each event with the room before and after it, which is what every other view folds.

Reads the bodies of entries and nothing else; a log that does not add up is an error of the data, never of its reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from moothall.engine.events import Event, RoomOpened
from moothall.engine.evolve import empty_room, evolve
from moothall.engine.room import Room
from moothall.errors import BadFrame, DataCorrupt, DataTooNew
from moothall.wire.change import Change
from moothall.wire.json_lines import Stamp, decode_event

__all__ = ["Timeline", "changes", "replay_bodies"]


def changes(bodies: Iterable[bytes], start: Room | None = None) -> Iterator[Change]:
    """Yield what each entry of one room's log has changed, from its first on, holding one room at a time.

    Before the first entry there is the empty room, or `start` where the room's beginning was forgotten. Seq and time of
    an entry are those of the room after it.

    Raises:
        DataTooNew: an entry is of a kind that this version doesn't know.
        DataCorrupt: the entries are not the log of a room, one after another.
    """
    timeline = Timeline(start)
    for body in bodies:
        yield timeline.take(body)


class Timeline:
    """One room's log as it goes by, from the first entry that is kept on; `start` as for `changes`."""

    def __init__(self, start: Room | None = None) -> None:
        self._room = start

    def take(self, body: bytes) -> Change:
        """Return what the next entry has changed. Raises as `changes` does."""
        event, stamp = _decoded(body, self._room)
        before = self._room or _before(event)
        self._room = _after(before, event, stamp)
        return Change(event, before, self._room, body)


def replay_bodies(bodies: Iterable[bytes], start: Room | None = None) -> Room:
    """Return the room that its whole log adds up to. Raises as `changes` does; no entry at all is no log."""
    room = start
    for change in changes(bodies, start):
        room = change.after
    if room is None:
        raise DataCorrupt("The log of a room has no entry.")
    return room


def _decoded(body: bytes, room: Room | None) -> tuple[Event, Stamp]:
    try:
        return decode_event(body)
    except BadFrame:
        where = f"{_log_of(room)}, after seq {room.seq if room else 0}"
        raise DataTooNew(f"{where}, has an entry of a kind that this version of Moothall does not know.") from None


def _before(first: Event) -> Room:
    if not isinstance(first, RoomOpened):
        raise DataCorrupt("The log of a room does not begin with its opening.")
    return empty_room(first.room)


def _after(room: Room, event: Event, stamp: Stamp) -> Room:
    if stamp.seq != room.seq + 1:
        raise DataCorrupt(f"{_log_of(room)} has a gap before seq {stamp.seq}.")
    try:
        return evolve(room, event, stamp.at)
    except (KeyError, ValueError):
        raise DataCorrupt(f"{_log_of(room)} says what can't have happened, at seq {stamp.seq}.") from None


def _log_of(room: Room | None) -> str:
    return f"The log of room {room.name}" if room else "The log of a room"
