"""Forgetting what is old: sittings that are over go as a whole, the oldest first. The sitting that goes on stays whole.

Runs a little at a time between everything else, so that nobody waits for it. It decides nothing about a room: what a
room has come to is kept as its base, and everything after it is untouched.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

from moothall.engine.events import Event, SittingClosed
from moothall.engine.evolve import evolve
from moothall.engine.names import RoomName, Seq
from moothall.engine.room import Room
from moothall.errors import DataCorrupt, StorageError
from moothall.hall.bases import replay_start
from moothall.hall.entries import decoded
from moothall.log.room_log import Base, Cut, RoomLog, RoomSummary
from moothall.wire.base import encode_base
from moothall.wire.json_lines import Stamp

__all__ = ["Keep", "Retention"]

logger = logging.getLogger(__name__)

_DAY_MS: Final = 24 * 3600 * 1000
_STEP_ENTRIES: Final = 500
_STEP_ROOMS: Final = 50
"""How much is looked at in one step: some milliseconds of work."""
_PAUSE_MS: Final = 60_000
"""From the end of one look at all rooms to the beginning of the next."""


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of every room; 0 is no limit.

    A sitting is forgotten that ended `days` ago, or that lies beyond the room's newest `entries`.
    """

    days: float = 0
    entries: int = 0

    def lets_go(self, ended_at: int, entries_since: int, now: int) -> bool:
        """Tell whether a sitting that ended then, before so many entries, is to be forgotten."""
        is_old = bool(self.days) and now - ended_at >= self.days * _DAY_MS
        return is_old or (bool(self.entries) and entries_since >= self.entries)


class Retention:
    """Looks through the rooms of a log for what is to be forgotten, a step at a time.

    Args:
        cut: forgets; tells whether it could be done.
        begins_at: is told with which seq a room begins, as the log says it.
    """

    def __init__(
        self, log: RoomLog, keep: Keep, cut: Callable[[Cut], bool], begins_at: Callable[[RoomName, int], None]
    ) -> None:
        self._log = log
        self._keep = keep
        self._cut = cut
        self._begins_at = begins_at
        self._rooms: deque[RoomSummary] = deque()
        self._next_at = 0
        self._walk: _Walk | None = None

    def step(self, now: int) -> None:
        """Go on with the work, for some milliseconds."""
        if not (self._keep.days or self._keep.entries):
            return
        try:
            if self._walk is None:
                self._begin(now)
            if self._walk is not None:
                self._go_on(self._walk, now)
        except StorageError as error:
            logger.info("old sittings not looked at error=%s", error)
            self._walk = None
        except DataCorrupt as error:
            logger.warning("old sittings of a room are not forgotten error=%s", error)
            self._walk = None

    def _begin(self, now: int) -> None:
        if not self._rooms:
            if now < self._next_at:
                return
            self._rooms.extend(self._log.rooms())
            self._next_at = now + _PAUSE_MS
        for _ in range(min(_STEP_ROOMS, len(self._rooms))):
            room = self._rooms.popleft()
            self._begins_at(room.room, room.first_seq)  # where a cut failed, and was made all the same
            if self._may_let_go(room, now):
                self._walk = _Walk(replay_start(self._log, room.room), room.last_seq)
                return

    def _may_let_go(self, room: RoomSummary, now: int) -> bool:
        if room.last_seq < room.first_seq:
            return False
        oldest = self._log.read(room.room, after=room.first_seq - 1, limit=1)
        if not oldest:
            return False
        _, stamp = decoded(oldest[0])
        return self._keep.lets_go(stamp.at, room.last_seq - room.first_seq, now)

    def _go_on(self, walk: _Walk, now: int) -> None:
        entries = self._log.read(walk.name, after=walk.room.seq, limit=_STEP_ENTRIES)
        is_over = not entries
        end: Room | None = None
        for entry in entries:
            event, stamp = decoded(entry)
            walk.take(event, stamp)
            if isinstance(event, SittingClosed):
                if not self._keep.lets_go(stamp.at, walk.last_seq - stamp.seq, now):
                    is_over = True
                    break
                end = walk.room
        if end is not None:
            is_over |= not self._cut(Cut(walk.name, Base(Seq(end.seq), encode_base(end))))
        if is_over:
            self._walk = None


class _Walk:
    """The way through one room's past, from the first entry that is kept."""

    def __init__(self, room: Room, last_seq: int) -> None:
        self.room = room
        self.last_seq = last_seq

    @property
    def name(self) -> RoomName:
        return self.room.name

    def take(self, event: Event, stamp: Stamp) -> None:
        try:
            self.room = evolve(self.room, event, stamp.at)
        except (KeyError, ValueError):
            raise DataCorrupt(
                f"The log of room {self.name} says what can't have happened, at seq {stamp.seq}."
            ) from None
