"""Batches to commit, drawn from a seed, and what a log must hold after each of them."""

from __future__ import annotations

from random import Random
from typing import Final, Protocol

from msgspec import Struct

from moothall.engine.names import Name, RoomName, Seq
from moothall.log.room_log import Batch, Entry, Held, KeyChange, RoomMark, RoomSummary

__all__ = ["Batches", "Holding", "held_by"]

ROOMS: Final = tuple(RoomName(f"room{number}") for number in range(5))
NAMES: Final = tuple(Name(name) for name in ("Ada", "Ben", "Cora"))

Holding = tuple[dict[RoomName, list[bytes]], dict[tuple[RoomName, Name], bytes], dict[RoomName, bool]]
"""Every room's entries, its seats' keys, and whether it is to be loaded at a start."""


class _Readable(Protocol):
    def read(self, room: RoomName, *, after: int) -> list[Entry]: ...
    def rooms(self) -> list[RoomSummary]: ...
    def held(self, room: RoomName) -> Held: ...


class _State(Struct, frozen=True):
    seqs: dict[RoomName, int]
    keys: dict[tuple[RoomName, Name], bytes]
    marks: dict[RoomName, bool]


class Batches:
    """Draws one batch after the other. Each has entries, in a few of five rooms; some have keys and marks as well.

    `after(n)` is what a log holds that has committed n of them. `count_of` tells n by the number of entries.
    """

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._bodies: dict[RoomName, list[bytes]] = {}
        self._states = [_State({}, {}, {})]
        self._counts = {0: 0}

    @property
    def drawn(self) -> int:
        """How many there are by now."""
        return len(self._states) - 1

    def next(self, *, large: bool = False) -> Batch:
        """Draw the next one; a large one has nearly a megabyte."""
        if large:
            entries = [self._entry(ROOMS[0], 30_000) for _ in range(30)]
            self._remember([], [])
            return Batch(entries)
        rooms = self._chance.sample(ROOMS, self._chance.choice((1, 1, 1, 2, 5)))
        # Most are a line or two; now and then there is more in a batch than fits in one page, or one row.
        lines = self._chance.choice((1, 1, 1, 2, 3, 40)) if self._chance.random() < 0.2 else 1
        entries = [self._entry(room) for room in rooms for _ in range(lines)]
        keys, marks = [], []
        if self._chance.random() < 0.2:
            digest = self._chance.choice((None, self._chance.randbytes(32)))
            keys.append(KeyChange(rooms[0], self._chance.choice(NAMES), digest))
        if self._chance.random() < 0.2:
            marks.append(RoomMark(rooms[0], open=self._chance.random() < 0.5))
        self._remember(keys, marks)
        return Batch(entries, keys, marks)

    def take_back(self) -> None:
        """Forget the last one: it was refused. The next one has the same seqs, and other words."""
        del self._counts[sum(self._states.pop().seqs.values())]
        for room, bodies in self._bodies.items():
            del bodies[self._states[-1].seqs.get(room, 0) :]

    def after(self, count: int) -> Holding:
        """Return what a log holds after so many batches."""
        state = self._states[count]
        return {room: self._bodies[room][:last] for room, last in state.seqs.items()}, state.keys, state.marks

    def count_of(self, holding: Holding) -> int:
        """Return how many batches make as many entries as these; −1 where no number of them does."""
        return self._counts.get(sum(map(len, holding[0].values())), -1)

    def lines_after(self, count: int) -> int:
        """Return how many entries there are in so many batches."""
        return sum(self._states[count].seqs.values())

    def _entry(self, room: RoomName, size: int = 0) -> Entry:
        bodies = self._bodies.setdefault(room, [])
        size = size or self._chance.choice(
            (20, 50, 100, 300, 300, 3_000, 30_000 if self._chance.random() < 0.1 else 50)
        )
        words = self._chance.randbytes(size // 2).hex()
        body = f'{{"event":"said","seq":{len(bodies) + 1},"room":"{room}","text":"{words}"}}'.encode()
        bodies.append(body)
        return Entry(room, Seq(len(bodies)), body)

    def _remember(self, keys: list[KeyChange], marks: list[RoomMark]) -> None:
        seqs = {room: len(bodies) for room, bodies in self._bodies.items() if bodies}
        before = self._states[-1]
        kept = dict(before.keys)
        for key in keys:
            kept.pop((key.room, key.name), None)
            if key.digest is not None:
                kept[key.room, key.name] = key.digest
        opened = {**dict.fromkeys(seqs, False), **before.marks, **{mark.room: mark.open for mark in marks}}
        self._states.append(_State(seqs, kept, opened))
        self._counts[sum(seqs.values())] = len(self._states) - 1


def held_by(log: _Readable) -> Holding:
    """Read all that a log holds, page by page; a seq that is not the next one fails."""
    rooms = log.rooms()
    entries: dict[RoomName, list[bytes]] = {}
    for room in rooms:
        bodies = entries[room.room] = []
        while page := log.read(room.room, after=len(bodies)):
            assert [entry.seq for entry in page] == [*range(len(bodies) + 1, len(bodies) + len(page) + 1)]
            bodies += [entry.body for entry in page]
        assert len(bodies) == room.last_seq
    keys = {(room.room, name): digest for room in rooms for name, digest in log.held(room.room).keys.items()}
    return entries, keys, {room.room: room.open for room in rooms}
