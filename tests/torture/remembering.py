"""Remembering what a server forgets: spectators who stay away, and a keeper of all that ever stood in the log.

The keeper looks into the data again and again, also while a server writes it, and adds what is new there. What a cut
leaves must be what the room had come to by all that the keeper has seen.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

from moothall.engine.evolve import empty_room, evolve
from moothall.engine.names import RoomName
from moothall.engine.room import Room
from moothall.errors import DataCorrupt, StorageError
from moothall.log.reader import LogReader, open_reader
from moothall.log.room_log import Base, RoomSummary
from moothall.wire.base import encode_base
from moothall.wire.json_lines import decode_event
from tests.torture.journals import Journal, seq_of
from tests.torture.talkers import JsonTalker

__all__ = ["Absentee", "Keeper", "gaps_told"]

_STAY_SECONDS: Final = 0.1
_AWAY_SECONDS: Final = 0.8
_PAUSE_SECONDS: Final = 0.03
_CLOSED: Final = b'{"event":"sitting_closed"'


class Absentee(JsonTalker):
    """A spectator who looks in for a moment, and comes back much later to where they had read."""

    async def live(self) -> None:
        while True:
            reader, self._writer = await self.crowd.connect()
            stay = None if self.crowd.is_quiet else self._chance.uniform(0, _STAY_SECONDS)
            try:
                self._hello()
                with suppress(OSError, TimeoutError):
                    async with asyncio.timeout(stay):
                        await self._listen(reader)
            finally:
                self._leave()
            await asyncio.sleep(self._chance.uniform(0, _AWAY_SECONDS))

    def _hello(self) -> None:
        wish: dict[str, Any] = {"do": "join", "room": self.journal.room, "watch": True, "after": self._after()}
        self._send(json.dumps(wish | ({"epoch": self._epoch} if self._epoch else {})).encode() + b"\n")

    def _soon(self, _seconds: float | None = None) -> None:
        pass


class Keeper:
    """Keeps every entry that was ever seen in a folder's log. `wrong` are the sentences of what is not as it must be.

    Args:
        newest: so many entries of a room are kept at least, and the whole sitting in which they begin.
    """

    def __init__(self, folder: Path, newest: int) -> None:
        self.entries: dict[str, list[bytes]] = {}
        self.firsts: dict[str, int] = {}
        self.cuts = 0
        self.wrong: list[str] = []
        self._folder = folder
        self._newest = newest
        self._rooms: dict[str, Room] = {}

    async def keep_looking(self) -> None:
        """Look, beside a server that writes, for as long as nobody calls it off."""
        while True:
            await asyncio.sleep(_PAUSE_SECONDS)
            with suppress(StorageError):  # there may be no file yet
                self.look(is_live=True)

    def look(self, *, is_live: bool = False) -> None:
        """Look into the folder, and compare. `is_live`: more may be forgotten while we look."""
        with closing(open_reader(self._folder)) as reader:
            for summary in reader.rooms():
                try:
                    self._look_at(reader, summary, is_live=is_live)
                except DataCorrupt as error:
                    self.wrong.append(str(error))

    def _look_at(self, reader: LogReader, summary: RoomSummary, *, is_live: bool) -> None:
        room, before = summary.room, self.firsts.get(summary.room, 1)
        bodies = self.entries.setdefault(room, [])
        base = reader.base(room)
        seq = base.seq if base else 0
        if is_live and seq >= summary.first_seq:
            return
        if seq + 1 < before or seq + 1 != summary.first_seq:
            self.wrong.append(f"{room} begins at {summary.first_seq}, after {before}, with the base {base}")
        if seq > len(bodies):
            self.wrong.append(f"{room}: {len(bodies) + 1} to {seq} came and went unseen")
            return
        if base is not None and summary.first_seq > before:
            self.cuts += 1
            self._check_cut(summary, base)
        self.firsts[room] = summary.first_seq
        while page := reader.read(room, after=seq):
            if is_live and page[0].seq > seq + 1:
                return
            for entry in page:
                seq += 1
                if entry.seq != seq or bodies[seq - 1 : seq] not in ([], [entry.body]):
                    self.wrong.append(f"{room}: {entry} in the place of {bodies[seq - 1 : seq]}")
                if seq > len(bodies):
                    bodies.append(entry.body)
        if seq < len(bodies):
            self.wrong.append(f"{room} ends at {seq}, before {len(bodies)}")

    def _check_cut(self, summary: RoomSummary, base: Base) -> None:
        room, bodies = summary.room, self.entries[summary.room]
        if not bodies[base.seq - 1].startswith(_CLOSED) or summary.last_seq - base.seq < self._newest:
            self.wrong.append(f"{room} was cut at {base.seq} of {summary.last_seq}, after {bodies[base.seq - 1]!r}")
        if base.body != encode_base(self._room_after(room, base.seq)):
            self.wrong.append(f"{room}: the base of {base.seq} is {base.body!r}")

    def _room_after(self, name: RoomName, seq: int) -> Room:
        room = self._rooms.get(name) or empty_room(name)
        for body in self.entries[name][room.seq : seq]:
            event, stamp = decode_event(body)
            room = evolve(room, event, stamp.at)
        self._rooms[name] = room
        return room


def gaps_told(journals: Iterable[Journal], keeper: Keeper) -> tuple[int, list[str]]:
    """Return how often `gap` was told, and what is wrong with it: each is one, and is the end of a cut."""
    count, wrong = 0, []
    for journal in journals:
        last = 0
        for stretch in journal.stretches:
            if stretch.word == "gap":
                count += 1
                before = keeper.entries[journal.room][stretch.first - 2 : stretch.first - 1]
                is_end = any(body.startswith(_CLOSED) for body in before)
                if not (last == stretch.after < stretch.first - 1 < keeper.firsts[journal.room] and is_end):
                    wrong.append(f"{journal.name} in {journal.room}, who had read {last}: gap to {stretch.first}")
            last = seq_of(stretch.read[-1]) if stretch.read else max(stretch.after, stretch.first - 1)
    return count, wrong
