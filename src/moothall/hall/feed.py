"""A room's words, encoded once per dialect that has a reader; readers hold cursors into them.

A window keeps the newest lines of one dialect. Who is behind it is served from the log: resuming, joining late and
being slow are one mechanism.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from moothall.engine.evolve import empty_room, evolve
from moothall.engine.names import Name, RoomName
from moothall.errors import Reason, Rejected
from moothall.hall.bases import replay_start
from moothall.hall.entries import decoded
from moothall.log.room_log import Entry, RoomLog
from moothall.wire.change import Change, Dialect, Line

if TYPE_CHECKING:
    from moothall.hall.visit import Visit

__all__ = ["MAX_PIECE_BYTES", "Cursor", "Feed", "Past", "Riders", "Window", "Writes", "cut"]

MAX_PIECE_BYTES: Final = 32 * 1024
"""What is handed to a connection at once: with 16 KiB the same words cost a third more CPU time."""

_MAX_WINDOW_BYTES: Final = 256 * 1024
_MAX_WINDOW_LINES: Final = 1000
_MIN_LINES: Final = 32
_MAX_BATCHES: Final = 4
_PAST_ENTRIES: Final = 200
"""How many entries of the log are read back in one go, so that a reader of a long past holds nobody up."""


_Batch = tuple[int, bytes, list[Name]]
"""The event after which a publication begins, its shared lines, and who reads others."""


_Joined = tuple[bytes | None, list[Name]]
"""The shared lines that follow an event, None where they are more than a piece; and who reads others."""

Writes = list[tuple[Callable[[bytes], None], bytes]]
"""Writes of many rooms, to be done in one go: each wakes a reader, and who is awake already need not be woken."""

Riders = list[tuple["Visit", int]]
"""Who has just spoken, and up to which event they have still to be written to."""


class Cursor:
    """How far a reader has come: every line up to `seq`, and `offset` bytes of the one after it."""

    __slots__ = ("offset", "seq")

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self.offset = 0


class Window:
    """The newest lines of one dialect: `lines[0]` is the event `first`, the last of them is the event `end`.

    The last publications are kept as a whole too, for the readers who are up to date with all but them.
    """

    __slots__ = ("_batches", "_joined", "_trim_at", "dialect", "end", "first", "lines", "size", "visits")

    def __init__(self, dialect: Dialect, seq: int) -> None:
        self.dialect = dialect
        self.first = seq + 1
        self.end = seq
        self.lines: list[Line] = []
        self.size = 0
        self.visits: list[Visit] = []
        self._trim_at = _MIN_LINES
        self._batches: deque[_Batch] = deque(maxlen=_MAX_BATCHES)
        self._joined: dict[int, _Joined] = {}

    def add(self, changes: Sequence[Change]) -> None:
        """Encode changes that follow on the last line, and forget the oldest lines beyond the window's size."""
        encode, after = self.dialect.encode, self.end
        lines: list[Line] = []
        data = b""
        names: list[Name] = []
        for change in changes:
            line = encode(change)
            lines.append(line)
            data += line.shared
            if line.own_name is not None:
                names.append(line.own_name)
        self._batches.append((after, data, names))
        self._joined = {after: (data if len(data) <= MAX_PIECE_BYTES else None, names)}
        self.lines += lines
        self.end = after + len(lines)
        self.size += len(data)
        if len(self.lines) >= self._trim_at or self.size > _MAX_WINDOW_BYTES:
            self._trim()

    def ship(self, rider: Visit | None, writes: Writes) -> None:
        """Note what to write to every reader but `rider`; who takes more than one plain write is shipped to at once."""
        end, joined = self.end, self._joined
        for visit in self.visits.copy():
            if visit is rider:
                continue
            cursor = visit.cursor
            # Nearly everybody is up to date, or has read all but what was published last.
            if visit.last_seq is None and not (visit.is_blocked or visit.lead or visit.past or cursor.offset):
                seq = cursor.seq
                if seq == end:
                    continue
                data, names = joined.get(seq) or self._join(seq)
                if data is not None and visit.name not in names:
                    cursor.seq = end
                    if data:
                        writes.append((visit.connection.write, data))
                    continue
            visit.ship_in_pieces()

    def joined(self, seq: int) -> _Joined:
        """Return the shared lines that follow the event `seq`, if they are one piece, and who reads others."""
        return self._joined.get(seq) or self._join(seq)

    def _join(self, seq: int) -> _Joined:
        # Several readers stand at the same event, so it is done once for all of them.
        data = b""
        names: list[Name] = []
        for after, batch, others in reversed(self._batches):
            data = batch + data
            names += others
            if after <= seq:
                is_piece = after == seq and len(data) <= MAX_PIECE_BYTES
                joined = self._joined[seq] = (data if is_piece else None), names
                return joined
        return None, names

    def piece(self, cursor: Cursor, name: Name | None, last: int) -> bytes:
        """Return the next bytes for a reader within the window, up to the event `last`, and move its cursor."""
        index = cursor.seq + 1 - self.first
        return cut(self.lines[index : last + 1 - self.first], cursor, name)

    def _trim(self) -> None:
        # What everybody has read is forgotten but for a few lines: memory that is used again at once stays in the
        # processor's cache. What somebody has not read is kept up to the window's size.
        read = min([visit.cursor.seq for visit in self.visits], default=self.end)
        count = min(len(self.lines) - _MIN_LINES, read + 1 - self.first)
        count = max(count, len(self.lines) - _MAX_WINDOW_LINES, 0)
        size = self.size - sum([len(line.shared) for line in self.lines[:count]])
        while size > _MAX_WINDOW_BYTES and count < len(self.lines):
            size -= len(self.lines[count].shared)
            count += 1
        del self.lines[:count]
        self.first += count
        self.size = size
        self._trim_at = len(self.lines) + _MIN_LINES


class Feed:
    """One room's windows, one per dialect that somebody reads."""

    __slots__ = ("_windows",)

    def __init__(self) -> None:
        self._windows: dict[str, Window] = {}

    def attach(self, visit: Visit, dialect: Dialect, seq: int) -> Window:
        """Let `visit` read `dialect`; what is later than `seq`, the room's last event, is encoded for it."""
        window = self._windows.get(dialect.name)
        if window is None:
            window = self._windows[dialect.name] = Window(dialect, seq)
        window.visits.append(visit)
        return window

    def detach(self, visit: Visit, window: Window) -> None:
        """Let `visit` read no more; a dialect that nobody reads is not encoded any more."""
        window.visits.remove(visit)
        if not window.visits:
            self._windows.pop(window.dialect.name, None)

    def publish(self, changes: Sequence[Change]) -> None:
        """Encode what was committed."""
        for window in self._windows.values():
            window.add(changes)

    def ship(self, rider: Visit | None, writes: Writes) -> None:
        """Ship what was published to every reader but `rider`, noting what is best written together."""
        for window in list(self._windows.values()):
            window.ship(rider, writes)

    def visits(self) -> list[Visit]:
        """Return everybody who reads the room."""
        return [visit for window in self._windows.values() for visit in window.visits]


class Past:
    """Reads a room's log for one visit that is behind its window, a few entries at a time.

    A dialect whose lines need the room is folded from the log's beginning; until it has come to the cursor it yields
    nothing.

    Raises:
        Rejected: SLOW, what comes next has been forgotten meanwhile.
    """

    def __init__(self, log: RoomLog, room: RoomName, dialect: Dialect, seq: int) -> None:
        self._log = log
        self._name = room
        self._dialect = dialect
        self._room = replay_start(log, room) if dialect.needs_room else empty_room(room)
        self._lines: list[Line] = []
        self._next = self._room.seq if dialect.needs_room else seq
        self._from = seq
        if self._next > seq:
            raise Rejected(Reason.SLOW)

    def piece(self, cursor: Cursor, name: Name | None, last: int) -> bytes | None:
        """Return the next bytes, empty while the fold is under way, or None where the log holds no more.

        Raises:
            Rejected: SLOW, what comes next has been forgotten meanwhile.
        """
        if not self._lines:
            entries = self._log.read(self._name, after=self._next, limit=_PAST_ENTRIES, max_bytes=MAX_PIECE_BYTES)
            if not entries and self._next >= last:
                return None
            if not entries or entries[0].seq != self._next + 1:
                raise Rejected(Reason.SLOW)
            for entry in entries:
                self._take(entry)
        before = cursor.seq
        data = cut(self._lines[: max(last - before, 0)], cursor, name)
        del self._lines[: cursor.seq - before]
        return data

    def _take(self, entry: Entry) -> None:
        self._next = entry.seq
        event, stamp = decoded(entry)
        before = self._room
        if self._dialect.needs_room:
            self._room = evolve(before, event, stamp.at)
        if entry.seq > self._from:
            self._lines.append(self._dialect.encode(Change(event, before, self._room, entry.body)))


def cut(lines: Sequence[Line], cursor: Cursor, name: Name | None) -> bytes:
    """Return at most a piece of the bytes that `name` reads of the lines after the cursor, and move the cursor."""
    parts: list[bytes] = []
    size = 0
    for line in lines:
        data = line.own if name is not None and name == line.own_name else line.shared
        rest = data[cursor.offset :] if cursor.offset else data
        room_left = MAX_PIECE_BYTES - size
        if len(rest) > room_left:
            parts.append(rest[:room_left])
            cursor.offset += room_left
            break
        parts.append(rest)
        size += len(rest)
        cursor.seq += 1
        cursor.offset = 0
    return b"".join(parts)
