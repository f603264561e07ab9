"""What a room's log is: entries in one unbroken sequence per room, appended in batches, never changed.

A log keeps bytes and decides nothing: it knows no event, no rule and no clock. What it stores besides the entries
(keys of seats, rooms with an open sitting) is committed in the same transaction as the entries that cause it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final, Protocol

from msgspec import Struct

from moothall.engine.names import Name, RoomName, Seq

__all__ = [
    "PAGE_BYTES",
    "PAGE_ENTRIES",
    "Base",
    "Batch",
    "Cut",
    "Durability",
    "Entry",
    "Held",
    "KeyChange",
    "RoomLog",
    "RoomMark",
    "RoomSummary",
    "Run",
    "entries_of",
    "page",
]

PAGE_ENTRIES: Final = 1000
PAGE_BYTES: Final = 256 * 1024
"""What one read returns at most unless told otherwise: as much as a feed holds."""


class Durability(StrEnum):
    """What a commit that has returned survives. Every choice survives the end of the process but NONE."""

    POWER = "power"
    """A power cut: each commit waits for the disk."""
    CRASH = "crash"
    """A crash of the server; a power cut may take the last seconds."""
    NONE = "none"
    """Nothing yet: entries are shown first and written within a second."""


class Entry(Struct, frozen=True, gc=False):
    """An event with its room, seq and time."""

    room: RoomName
    seq: Seq  # from 1, without gaps
    body: bytes  # the JSON line of the wire without its line break, encoded once; it holds seq and time as well


class Run(Struct, frozen=True, gc=False):
    """Entries of one room that follow each other: their bodies, joined by line breaks.

    One buffer, and no list of bodies: one for each room would set the garbage collector off again and again.
    """

    first_seq: int
    count: int
    body: bytearray


class KeyChange(Struct, frozen=True, gc=False):
    """The key of a seat, as its hash; None when the key went with its seat."""

    room: RoomName
    name: Name
    digest: bytes | None


class RoomMark(Struct, frozen=True, gc=False):
    """Whether a room has a sitting that a start has to load."""

    room: RoomName
    open: bool


class Base(Struct, frozen=True, gc=False):
    """What a room was after its entry `seq`, the last that is not kept any more: where a replay begins."""

    seq: Seq
    body: bytes  # as the wire writes the state of a room


class Cut(Struct, frozen=True, gc=False):
    """Forget the entries of a room up to its base. The words are gone for good, the seqs go on."""

    room: RoomName
    base: Base


class Batch(Struct, frozen=True):
    """What is committed together: all of it or nothing. Later changes of the same key or mark win.

    A cut reaches only what an earlier batch has committed, and one that reaches no further than the last changes
    nothing.
    """

    runs: Mapping[RoomName, Run] = {}
    keys: Sequence[KeyChange] = ()
    marks: Sequence[RoomMark] = ()
    cuts: Sequence[Cut] = ()


class Held(Struct, frozen=True):
    """What is kept of a room beside its entries: the hashes of its seats' keys; its base, if its past was cut."""

    keys: dict[Name, bytes] = {}
    base: Base | None = None


class RoomSummary(Struct, frozen=True, gc=False):
    """A room that the log knows. A room without entries has the last seq 0.

    `first_seq`: the first entry that is kept, or will be where none is.
    """

    room: RoomName
    open: bool
    last_seq: Seq
    first_seq: Seq = Seq(1)


class RoomLog(Protocol):
    """Where the entries of all rooms are kept. One thread uses it; nothing in it waits for anything but the disk."""

    @property
    def epoch(self) -> str:
        """A random word that changes whenever the cursors handed out under it can't be trusted any more."""

    def commit(self, batch: Batch) -> None:
        """Append a batch in one transaction.

        Raises:
            Conflict: a run does not begin with the next seq of its room.
            DataCorrupt: the file is damaged: no further commit can be trusted.
            StorageError: it can't be written now. Either way nothing of it is kept, and the next commit may succeed.
        """

    def read(
        self, room: RoomName, *, after: int, limit: int = PAGE_ENTRIES, max_bytes: int = PAGE_BYTES
    ) -> list[Entry]:
        """Return the entries that follow the seq `after`, in order.

        At most `limit` of them, and none more once their bodies hold `max_bytes`; but at least one, if there is one.
        A room that the log doesn't know has none; of one whose past was cut, the first is the first that is kept.

        Raises:
            DataCorrupt: an entry is not what was written.
            StorageError: it can't be read now.
        """

    def rooms(self) -> list[RoomSummary]:
        """Return every room that was ever named in a batch, in the order in which they came."""

    def held(self, room: RoomName) -> Held:
        """Return what is kept of a room beside its entries.

        Raises:
            DataCorrupt: it is not what was written.
            StorageError: it can't be read now.
        """

    def close(self) -> None:
        """Write what is unwritten and let go of the file. Closing again changes nothing."""


def entries_of(room: RoomName, first_seq: int, body: bytes | bytearray) -> Iterator[Entry]:
    """Return the entries of a room, from a seq on, whose bodies are joined in `body`."""
    return (Entry(room, Seq(seq), line) for seq, line in enumerate(bytes(body).split(b"\n"), first_seq))


def page(entries: Iterable[Entry], *, limit: int, max_bytes: int) -> list[Entry]:
    """Take entries until there are `limit` of them or their bodies hold `max_bytes`; at least one, if there is one."""
    taken: list[Entry] = []
    size = 0
    for entry in entries:
        if len(taken) >= limit or (taken and size >= max_bytes):
            break
        taken.append(entry)
        size += len(entry.body)
    return taken
