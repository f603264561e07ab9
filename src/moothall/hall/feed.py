"""A room's words, encoded once per dialect that has a reader; readers hold cursors into them.

A window keeps the newest words of one dialect. Who is behind it is served from the log: resuming, joining late and
being slow are one mechanism.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
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
_MAX_WINDOW_PARTS: Final = 1000
_MIN_PARTS: Final = 16
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
    """The newest words of one dialect: `parts[0]` follows the event `base`, the last ends with the event `end`.

    A part is what was decided in one go: a line for each of its events, or all that there is to say of one event.
    `ends`: the event before the first part, and then the last event of each part.
    `own_lines`: by seq, what somebody reads otherwise than the others.
    """

    __slots__ = (
        "_own_seqs",
        "_rest",
        "_rest_of",
        "_trim_at",
        "dialect",
        "end",
        "ends",
        "own_lines",
        "parts",
        "size",
        "visits",
    )

    def __init__(self, dialect: Dialect, seq: int) -> None:
        self.dialect = dialect
        self.end = seq
        self.ends: list[int] = [seq]
        self.parts: list[bytes] = []
        self.size = 0
        self.visits: list[Visit] = []
        self.own_lines: dict[int, Own] = {}
        self._own_seqs: dict[Name | None, int] = {}  # the last line that each of these reads otherwise
        self._rest: bytes | None = b""
        self._rest_of = seq
        self._trim_at = _MIN_PARTS

    @property
    def base(self) -> int:
        """The event after which the window begins."""
        return self.ends[0]

    def add(self, parts: Sequence[bytes], ends: Sequence[int]) -> None:
        """Take parts that follow, and the last event of each; forget the oldest beyond the window's size."""
        self.parts += parts
        self.ends += ends
        self.end = ends[-1]
        for part in parts:  # one, most often: a loop takes half as long as a sum
            self.size += len(part)
        self._rest_of = -1
        if len(self.parts) >= self._trim_at or self.size > _MAX_WINDOW_BYTES:
            self._trim()

    def encode(self, changes: Sequence[Change], encode: Callable[[Change], bytes]) -> None:
        """Take changes that follow on the last part, in the dialect's own words."""
        seqs = range(self.end + 1, self.end + 1 + len(changes))
        if self.dialect.own is not None:
            for seq, own in zip(seqs, map(self.dialect.own, changes), strict=True):
                if own is not None:
                    self.own_lines[seq] = own
                    self._own_seqs[own[0]] = seq
        self.add([encode(change) for change in changes], seqs)

    def rest(self, seq: int, name: Name | None) -> bytes | None:
        """Return the words that follow the event `seq`; None where they are not one piece, the same for everybody."""
        if self._own_seqs and self._own_seqs.get(name, 0) > seq:
            return None
        if seq != self._rest_of:  # Several readers stand at the same event: they are handed the very same bytes.
            first = bisect_left(self.ends, seq)
            if self.ends[first] != seq:
                return None
            rest = b"".join(self.parts[first:])
            self._rest_of, self._rest = seq, rest if len(rest) <= MAX_PIECE_BYTES else None
        return self._rest

    def piece(self, cursor: Cursor, name: Name | None, last: int) -> bytes:
        """Return the next bytes for a reader within the window, up to the event `last`, and move its cursor."""
        return cut(self._lines(cursor.seq, name, last), cursor)

    def ship(self, rider: Visit | None, writes: Writes) -> None:
        """Note what to write to every reader but `rider`; who takes more than one plain write is shipped to at once."""
        for visit in self.visits.copy():
            if visit is not rider:
                visit.ship_with(writes)

    def _lines(self, after: int, name: Name | None, last: int) -> Iterator[bytes]:
        first = bisect_right(self.ends, after) - 1
        for part, (begin, end) in zip(self.parts[first:], pairwise(self.ends[first:]), strict=True):
            lines = [part] if end == begin + 1 else part.splitlines(keepends=True)
            for seq, line in enumerate(lines, begin + 1):
                if after < seq <= last:
                    own = self.own_lines.get(seq)
                    yield line if own is None or own[0] != name else own[1]

    def _trim(self) -> None:
        # What everybody has read is forgotten but for a few parts: memory that is used again at once stays in the
        # processor's cache. What somebody has not read is kept up to the window's size.
        parts = self.parts
        read = min([visit.cursor.seq for visit in self.visits], default=self.end)
        read_parts = bisect_right(self.ends, read) - 1
        count = max(min(len(parts) - _MIN_PARTS, read_parts), len(parts) - _MAX_WINDOW_PARTS, 0)
        self.size -= sum(map(len, parts[:count]))
        while self.size > _MAX_WINDOW_BYTES:
            self.size -= len(parts[count])
            count += 1
        del parts[:count], self.ends[:count]
        self._trim_at = len(parts) + _MIN_PARTS
        if self.own_lines:
            base = self.base
            self.own_lines = {seq: own for seq, own in self.own_lines.items() if seq > base}
            self._own_seqs = {name: seq for name, seq in self._own_seqs.items() if seq > base}


class Feed:
    """One room's windows, one per dialect that somebody reads.

    `is_half_full`: one of them holds half of what it may hold. `wants_changes`: somebody reads other words than the
    entries as they are.
    """

    __slots__ = ("is_half_full", "wants_changes", "windows")

    def __init__(self) -> None:
        self.windows: list[Window] = []
        self.is_half_full = False
        self.wants_changes = False

    def attach(self, visit: Visit, dialect: Dialect, seq: int) -> Window:
        """Let `visit` read `dialect`; what is later than `seq`, the room's last event, is encoded for it."""
        window = next((window for window in self.windows if window.dialect.name == dialect.name), None)
        if window is None:
            window = Window(dialect, seq)
            self.windows.append(window)
            self._look_at_dialects()
        window.visits.append(visit)
        return window

    def detach(self, visit: Visit, window: Window) -> None:
        """Let `visit` read no more; a dialect that nobody reads is not encoded any more."""
        window.visits.remove(visit)
        if not window.visits:
            self.windows.remove(window)
            self._look_at_dialects()

    def publish(self, parts: Sequence[bytes], ends: Sequence[int], changes: Sequence[Change]) -> None:
        """Let readers have what was committed: entries in parts, and what they changed where somebody wants that."""
        self.is_half_full = False
        for window in self.windows:
            encode = window.dialect.encode
            if encode is None:
                window.add(parts, ends)
            else:
                window.encode(changes, encode)
            if window.size > _MAX_WINDOW_BYTES // 2:
                self.is_half_full = True

    def ship(self, rider: Visit | None, writes: Writes) -> None:
        """Ship what was published to every reader but `rider`, noting what is best written together."""
        for window in self.windows.copy():
            window.ship(rider, writes)

    def visits(self) -> list[Visit]:
        """Return everybody who reads the room."""
        return [visit for window in self.windows for visit in window.visits]

    def _look_at_dialects(self) -> None:
        self.wants_changes = any(window.dialect.encode is not None for window in self.windows)


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
