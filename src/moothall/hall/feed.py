"""A room's words, encoded once per dialect that has a reader; readers hold cursors into them.

A window keeps the newest lines of one dialect. Who is behind it is served from the log: resuming, joining late and
being slow are one mechanism.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from moothall.engine.evolve import empty_room, evolve
from moothall.engine.names import Name, RoomName
from moothall.errors import Reason, Rejected
from moothall.hall.bases import replay_start
from moothall.hall.entries import decoded
from moothall.log.room_log import Entry, RoomLog
from moothall.wire.change import Change, Dialect, Own

if TYPE_CHECKING:
    from moothall.hall.visit import Visit

__all__ = ["MAX_PIECE_BYTES", "Cursor", "Feed", "Past", "Riders", "Window", "Writes", "cut"]

MAX_PIECE_BYTES: Final = 32 * 1024
"""What is handed to a connection at once: with 16 KiB the same words cost a third more CPU time."""

_MAX_WINDOW_BYTES: Final = 256 * 1024
_MAX_WINDOW_LINES: Final = 1000
_MIN_LINES: Final = 16
_PAST_ENTRIES: Final = 200
"""How many entries of the log are read back in one go, so that a reader of a long past holds nobody up."""


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
    """The newest lines of one dialect: `lines[0]` is the event after `base`, the last of them is the event `end`.

    `own_lines`: by seq, what somebody reads otherwise than the others.
    """

    __slots__ = (
        "_own_seqs",
        "_rest",
        "_rest_of",
        "_trim_at",
        "base",
        "dialect",
        "end",
        "lines",
        "own_lines",
        "size",
        "visits",
    )

    def __init__(self, dialect: Dialect, seq: int) -> None:
        self.dialect = dialect
        self.base = seq
        self.end = seq
        self.lines: list[bytes] = []
        self.size = 0
        self.visits: list[Visit] = []
        self.own_lines: dict[int, Own] = {}
        self._own_seqs: dict[Name | None, int] = {}  # the last line that each of these reads otherwise
        self._rest: bytes | None = b""
        self._rest_of = seq
        self._trim_at = _MIN_LINES

    def add(self, changes: Sequence[Change]) -> None:
        """Encode changes that follow on the last line, and forget the oldest lines beyond the window's size."""
        encode, tell = self.dialect.encode, self.dialect.own
        lines = [encode(change) for change in changes]
        self.lines += lines
        self.size += sum(map(len, lines))
        if tell is not None:
            for seq, own in enumerate([tell(change) for change in changes], self.end + 1):
                if own is not None:
                    self.own_lines[seq] = own
                    self._own_seqs[own[0]] = seq
        self.end += len(lines)
        self._rest_of = -1
        if len(self.lines) >= self._trim_at or self.size > _MAX_WINDOW_BYTES:
            self._trim()

    def rest(self, seq: int, name: Name | None) -> bytes | None:
        """Return the lines that follow the event `seq`; None where they are not one piece, the same for everybody."""
        if seq < self.base or (self._own_seqs and self._own_seqs.get(name, 0) > seq):
            return None
        if seq != self._rest_of:  # Several readers stand at the same event: they are handed the very same bytes.
            rest = b"".join(self.lines[seq - self.base :])
            self._rest_of, self._rest = seq, rest if len(rest) <= MAX_PIECE_BYTES else None
        return self._rest

    def piece(self, cursor: Cursor, name: Name | None, last: int) -> bytes:
        """Return the next bytes for a reader within the window, up to the event `last`, and move its cursor."""
        return cut((self._line(seq, name) for seq in range(cursor.seq + 1, last + 1)), cursor)

    def ship(self, rider: Visit | None, writes: Writes) -> None:
        """Note what to write to every reader but `rider`; who takes more than one plain write is shipped to at once."""
        for visit in self.visits.copy():
            if visit is not rider:
                visit.ship_with(writes)

    def _line(self, seq: int, name: Name | None) -> bytes:
        own = self.own_lines.get(seq)
        return self.lines[seq - self.base - 1] if own is None or own[0] != name else own[1]

    def _trim(self) -> None:
        # What everybody has read is forgotten but for a few lines: memory that is used again at once stays in the
        # processor's cache. What somebody has not read is kept up to the window's size.
        lines = self.lines
        read = min([visit.cursor.seq for visit in self.visits], default=self.end)
        count = max(min(len(lines) - _MIN_LINES, read - self.base), len(lines) - _MAX_WINDOW_LINES, 0)
        self.size -= sum(map(len, lines[:count]))
        while self.size > _MAX_WINDOW_BYTES:
            self.size -= len(lines[count])
            count += 1
        del lines[:count]
        self.base += count
        self._trim_at = len(lines) + _MIN_LINES
        if self.own_lines:
            self.own_lines = {seq: own for seq, own in self.own_lines.items() if seq > self.base}
            self._own_seqs = {name: seq for name, seq in self._own_seqs.items() if seq > self.base}


class Feed:
    """One room's windows, one per dialect that somebody reads.

    `is_half_full`: one of them holds half of what it may hold.
    """

    __slots__ = ("is_half_full", "windows")

    def __init__(self) -> None:
        self.windows: list[Window] = []
        self.is_half_full = False

    def attach(self, visit: Visit, dialect: Dialect, seq: int) -> Window:
        """Let `visit` read `dialect`; what is later than `seq`, the room's last event, is encoded for it."""
        window = next((window for window in self.windows if window.dialect.name == dialect.name), None)
        if window is None:
            window = Window(dialect, seq)
            self.windows.append(window)
        window.visits.append(visit)
        return window

    def detach(self, visit: Visit, window: Window) -> None:
        """Let `visit` read no more; a dialect that nobody reads is not encoded any more."""
        window.visits.remove(visit)
        if not window.visits:
            self.windows.remove(window)

    def publish(self, changes: Sequence[Change]) -> None:
        """Encode what was committed."""
        self.is_half_full = False
        for window in self.windows:
            window.add(changes)
            if window.size > _MAX_WINDOW_BYTES // 2:
                self.is_half_full = True

    def ship(self, rider: Visit | None, writes: Writes) -> None:
        """Ship what was published to every reader but `rider`, noting what is best written together."""
        for window in self.windows.copy():
            window.ship(rider, writes)

    def visits(self) -> list[Visit]:
        """Return everybody who reads the room."""
        return [visit for window in self.windows for visit in window.visits]


class Past:
    """Reads a room's log for one visit that is behind its window, a few entries at a time.

    A dialect whose lines need the room is folded from the log's beginning; until it has come to the cursor it yields
    nothing.

    Raises:
        Rejected: SLOW, what comes next has been forgotten meanwhile.
    """

    def __init__(self, log: RoomLog, room: RoomName, dialect: Dialect, reader: Name | None, seq: int) -> None:
        self._log = log
        self._name = room
        self._dialect = dialect
        self._reader = reader
        self._room = replay_start(log, room) if dialect.needs_room else empty_room(room)
        self._lines: list[bytes] = []
        self._next = self._room.seq if dialect.needs_room else seq
        self._from = seq
        if self._next > seq:
            raise Rejected(Reason.SLOW)

    def piece(self, cursor: Cursor, last: int) -> bytes | None:
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
        data = cut(self._lines[: max(last - before, 0)], cursor)
        del self._lines[: cursor.seq - before]
        return data

    def _take(self, entry: Entry) -> None:
        self._next = entry.seq
        event, stamp = decoded(entry)
        before = self._room
        if self._dialect.needs_room:
            self._room = evolve(before, event, stamp.at)
        if entry.seq > self._from:
            self._lines.append(self._dialect.line(Change(event, before, self._room, entry.body), self._reader))


def cut(lines: Iterable[bytes], cursor: Cursor) -> bytes:
    """Return at most a piece of the lines after the cursor, and move the cursor."""
    parts: list[bytes] = []
    size = 0
    for line in lines:
        rest = line[cursor.offset :] if cursor.offset else line
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
