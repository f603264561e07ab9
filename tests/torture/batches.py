"""Batches to commit, drawn from a seed, and what a log must hold after each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Final, Protocol

from msgspec import Struct

from moothall.engine.names import Name, RoomName, Seq
from moothall.log.room_log import Base, Batch, Cut, Entry, Held, KeyChange, RoomMark, RoomSummary
from tests.log.disk import batch_of

__all__ = ["Batches", "Holding", "held_by"]

ROOMS: Final = tuple(RoomName(f"room{number}") for number in range(5))
_CUTS_SHARE: Final = 0.15
_LONE_CUTS_SHARE: Final = 0.7
NAMES: Final = tuple(Name(name) for name in ("Ada", "Ben", "Cora"))


class Holding(Struct, frozen=True):
    """What a log holds: every room's entries, its base, its seats' keys, and whether it is to be loaded at a start."""

    entries: dict[RoomName, list[bytes]]
    bases: dict[RoomName, Base]
    keys: dict[tuple[RoomName, Name], bytes]
    marks: dict[RoomName, bool]


class _Readable(Protocol):
    def read(self, room: RoomName, *, after: int) -> list[Entry]: ...
    def rooms(self) -> list[RoomSummary]: ...
    def held(self, room: RoomName) -> Held: ...


class _State(Struct, frozen=True):
    seqs: dict[RoomName, int]
    bases: dict[RoomName, Base]
    keys: dict[tuple[RoomName, Name], bytes]
    marks: dict[RoomName, bool]


class Batches:
    """Draws one batch after the other, with entries in a few of five rooms; some have keys and marks as well.

    Now and then one cuts a room: somewhere, all of it, or in the middle of entries that came together. Most cuts are
    batches of their own. `after(n)` is what a log holds that has committed n batches, and `count_of` tells n.
    """

    def __init__(self, chance: Random, *, cuts_share: float = _CUTS_SHARE) -> None:
        self._chance = chance
        self._cuts_share = cuts_share
        self._bodies: dict[RoomName, list[bytes]] = {}  # all that there ever were
        self._together: dict[RoomName, tuple[int, int]] = {}  # first and last seq of the newest that came together
        self._states = [_State({}, {}, {}, {})]
        self._counts = {(0, 0): 0}
        self._doubtful: list[Cut] = []
        self.cuts: Counter[str] = Counter()  # how many of each kind were drawn

    @property
    def drawn(self) -> int:
        """How many there are by now."""
        return len(self._states) - 1

    def next(self, *, large: bool = False) -> Batch:
        """Draw the next one; a large one has nearly a megabyte."""
        if large:
            entries = [self._entry(ROOMS[0], 30_000) for _ in range(30)]
            self._remember()
            return batch_of(entries)
        cuts = self._cuts() if self._chance.random() < self._cuts_share else []
        if cuts and self._chance.random() < _LONE_CUTS_SHARE:
            self._remember(cuts=cuts)
            return Batch(cuts=cuts)
        rooms = self._chance.sample(ROOMS, self._chance.choice((1, 1, 1, 2, 5)))
        # Most are a line or two; now and then there is more in a batch than fits in one page, or one row.
        lines = self._chance.choice((1, 1, 1, 2, 3, 40)) if self._chance.random() < 0.2 else 1
        entries = [self._entry(room) for room in rooms for _ in range(lines)]
        if lines > 1:
            self._together |= {room: (len(self._bodies[room]) - lines + 1, len(self._bodies[room])) for room in rooms}
        keys, marks = [], []
        if self._chance.random() < 0.2:
            digest = self._chance.choice((None, self._chance.randbytes(32)))
            keys.append(KeyChange(rooms[0], self._chance.choice(NAMES), digest))
        if self._chance.random() < 0.2:
            marks.append(RoomMark(rooms[0], open=self._chance.random() < 0.5))
        self._remember(keys, marks, cuts)
        return batch_of(entries, keys, marks, cuts)

    def next_cut(self) -> Batch:
        """Draw one that cuts the longest room in two, and does nothing else."""
        room = max(self._bodies, key=lambda room: len(self._bodies[room]))
        cut = Cut(room, Base(Seq(len(self._bodies[room]) // 2), self._base_body()))
        self._remember(cuts=[cut])
        return Batch(cuts=[cut])

    def take_back(self, batch: Batch) -> None:
        """Forget the last one: it was refused. The next one has the same seqs, and other words.

        Whether it cut is not known: what is gone for good cannot be taken back.
        """
        del self._counts[_key_of(self._states.pop())]
        self._doubtful += batch.cuts
        for room, bodies in self._bodies.items():
            del bodies[self._states[-1].seqs.get(room, 0) :]
        self._together = {
            room: (first, last) for room, (first, last) in self._together.items() if last <= len(self._bodies[room])
        }

    def after(self, count: int) -> Holding:
        """Return what a log holds after so many batches."""
        state = self._states[count]
        return self._holding(state, state.bases)

    def can_be(self, holding: Holding, count: int) -> bool:
        """Tell whether a log holds this after so many batches: each refused cut is wholly there, or wholly gone."""
        state = self._states[count]
        doubtful = {(cut.room, cut.base) for cut in self._doubtful}
        made = {
            room: base
            for room, base in holding.bases.items()
            if (room, base) in doubtful and base.seq > _base_seq(state, room)
        }
        return holding == self._holding(state, state.bases | made)

    def can_be_read(self, room: RoomName, read: list[Entry], refused: Batch) -> bool:
        """Tell whether this may be read of a room, while the last batch has been refused and not yet taken back."""
        state = self._states[-2]
        doubtful = {cut.base.seq for cut in (*self._doubtful, *refused.cuts) if cut.room == room}
        at_least, last = _base_seq(state, room), state.seqs[room]
        return any(
            read == [Entry(room, Seq(seq), self._bodies[room][seq - 1]) for seq in range(base + 1, last + 1)]
            for base in (at_least, *doubtful)
            if at_least <= base <= last
        )

    def count_of(self, holding: Holding) -> int:
        """Return how many batches make as many entries, kept and cut off, as these; −1 where no number of them does."""
        cut_off = sum(base.seq for base in holding.bases.values())
        return self._counts.get((cut_off + sum(map(len, holding.entries.values())), cut_off), -1)

    def lines_after(self, count: int) -> int:
        """Return how many entries there were in so many batches."""
        return sum(self._states[count].seqs.values())

    def cut_off_after(self, count: int) -> int:
        """Return how many of them the cuts in so many batches have taken away."""
        return sum(base.seq for base in self._states[count].bases.values())

    def _holding(self, state: _State, bases: dict[RoomName, Base]) -> Holding:
        entries = {
            room: self._bodies[room][bases[room].seq if room in bases else 0 : last]
            for room, last in state.seqs.items()
        }
        return Holding(entries, bases, state.keys, state.marks)

    def _cuts(self) -> list[Cut]:
        state = self._states[-1]
        kept = [room for room, last in state.seqs.items() if last > _base_seq(state, room)]
        rooms = self._chance.sample(kept, min(len(kept), self._chance.choice((1, 1, 1, 2))))
        return [Cut(room, Base(Seq(self._cut_at(state, room)), self._base_body())) for room in rooms]

    def _cut_at(self, state: _State, room: RoomName) -> int:
        first, last = _base_seq(state, room) + 1, state.seqs[room]
        together, its_last = self._together.get(room, (0, 0))
        kinds = ["all", "little", "half"]
        if first <= together < its_last <= last:
            kinds += ["amid", "amid"]
        kind = self._chance.choice(kinds)
        self.cuts[kind] += 1
        match kind:
            case "all":
                return last
            case "little":
                return min(first + self._chance.randrange(3), last)
            case "half":
                return self._chance.randint(first, (first + last) // 2)
            case _:
                return self._chance.randrange(together, its_last)

    def _base_body(self) -> bytes:
        # Some are longer than a page.
        return (
            b'{"version":1,"room":"%s"}' % self._chance.randbytes(self._chance.choice((100, 400, 3_000))).hex().encode()
        )

    def _entry(self, room: RoomName, size: int = 0) -> Entry:
        bodies = self._bodies.setdefault(room, [])
        size = size or self._chance.choice(
            (20, 50, 100, 300, 300, 3_000, 30_000 if self._chance.random() < 0.1 else 50)
        )
        words = self._chance.randbytes(size // 2).hex()
        body = f'{{"event":"said","seq":{len(bodies) + 1},"room":"{room}","text":"{words}"}}'.encode()
        bodies.append(body)
        return Entry(room, Seq(len(bodies)), body)

    def _remember(
        self, keys: Sequence[KeyChange] = (), marks: Sequence[RoomMark] = (), cuts: Sequence[Cut] = ()
    ) -> None:
        seqs = {room: len(bodies) for room, bodies in self._bodies.items() if bodies}
        before = self._states[-1]
        kept = dict(before.keys)
        for key in keys:
            kept.pop((key.room, key.name), None)
            if key.digest is not None:
                kept[key.room, key.name] = key.digest
        opened = {**dict.fromkeys(seqs, False), **before.marks, **{mark.room: mark.open for mark in marks}}
        bases = before.bases | {cut.room: cut.base for cut in cuts}
        self._states.append(_State(seqs, bases, kept, opened))
        self._counts[_key_of(self._states[-1])] = len(self._states) - 1


def _base_seq(state: _State, room: RoomName) -> int:
    return state.bases[room].seq if room in state.bases else 0


def _key_of(state: _State) -> tuple[int, int]:
    # Each batch makes one of the two greater.
    return sum(state.seqs.values()), sum(base.seq for base in state.bases.values())


def held_by(log: _Readable) -> Holding:
    """Read all that a log holds, page by page; a seq that is not the next one fails."""
    rooms = log.rooms()
    entries: dict[RoomName, list[bytes]] = {}
    bases: dict[RoomName, Base] = {}
    keys: dict[tuple[RoomName, Name], bytes] = {}
    for room in rooms:
        held = log.held(room.room)
        keys |= {(room.room, name): digest for name, digest in held.keys.items()}
        if held.base is not None:
            bases[room.room] = held.base
        last = held.base.seq if held.base is not None else 0
        assert room.first_seq == last + 1
        bodies = entries[room.room] = []
        # Whoever asks for what is gone is given what is kept.
        after = 0
        while page := log.read(room.room, after=after):
            assert [entry.seq for entry in page] == [*range(last + 1, last + len(page) + 1)]
            bodies += [entry.body for entry in page]
            after = last = page[-1].seq
        assert last == room.last_seq
    return Holding(entries, bases, keys, {room.room: room.open for room in rooms})
