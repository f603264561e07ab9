"""Bugs that the product hasn't, to be planted in a server: what the judge must find."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, Final

from moothall.engine import floor
from moothall.engine.events import Event, Said
from moothall.engine.receipts import Receipt
from moothall.engine.room import Room
from moothall.hall.feed import Feed, Window
from moothall.log import chain, sqlite
from moothall.log.room_log import Batch
from moothall.log.sqlite import SqliteLog
from moothall.wire.change import Change
from tests.torture.planting import Nth, put

__all__ = ["Bug", "plant"]

_LATE_SECONDS: Final = 0.05


class Bug(StrEnum):
    """What the process does wrong."""

    NONE = "none"
    SHOWS_BEFORE_COMMIT = "shows-before-commit"
    DROPS_FROM_LOG = "drops-from-log"
    DROPS_FOR_READERS = "drops-for-readers"
    STORES_TWICE = "stores-twice"
    FORGETS_CIDS = "forgets-cids"
    SWAPS_IN_LOG = "swaps-in-log"
    SWAPS_FOR_READERS = "swaps-for-readers"
    SKIPS_CHECKSUM = "skips-checksum"


def plant(bug: Bug, nth: Nth) -> None:
    """Plant a bug in this process, which shows itself at every n-th occasion."""
    match bug:
        case Bug.NONE:
            pass
        case Bug.SHOWS_BEFORE_COMMIT:
            _commit_late()
        case Bug.DROPS_FROM_LOG:
            _lay_out_with_holes(nth)
        case Bug.DROPS_FOR_READERS:
            _encode_nothing(nth)
        case Bug.STORES_TWICE:
            _say_twice(nth)
        case Bug.FORGETS_CIDS:
            put(floor, "find_receipt", _finds_no_receipt)
        case Bug.SWAPS_IN_LOG:
            _commit_swapped(nth)
        case Bug.SWAPS_FOR_READERS:
            _publish_swapped(nth)
        case Bug.SKIPS_CHECKSUM:
            put(chain, "verify", _believe)


def _commit_late() -> None:
    usual = SqliteLog.commit

    def commit(log: SqliteLog, batch: Batch) -> None:
        asyncio.get_running_loop().call_later(_LATE_SECONDS, usual, log, batch)

    put(SqliteLog, "commit", commit)


def _lay_out_with_holes(nth: Nth) -> None:
    """Leave an entry out of a batch, and go on counting as if it were there."""
    usual = chain.lay_out

    def lay_out(*args: Any) -> chain.Draft:
        draft = usual(*args)
        for start in range(0, len(draft.values), chain.ROW_VALUES):
            row: list[Any] = draft.values[start : start + chain.ROW_VALUES]
            row_id, room_id, first, count, before, _, body = row
            if count > 1 and nth.comes():
                seed = next(tail.seed for tail in draft.tails.values() if tail.room_id == room_id)
                shorter = body[: body.rindex(b"\n")]
                check = chain.checksum(seed, first, before, shorter)
                laid_out = [row_id, room_id, first, count - 1, before, check, shorter]
                draft.values[start : start + chain.ROW_VALUES] = laid_out
        return draft

    put(sqlite, "lay_out", lay_out)


def _encode_nothing(nth: Nth) -> None:
    usual, usual_encode = Window.add, Window.encode

    def add(window: Window, parts: Sequence[bytes], ends: Sequence[int]) -> None:
        usual(window, [b"".join(line for line in _lines(part) if not is_hidden(line)) for part in parts], ends)

    def is_hidden(line: bytes) -> bool:
        return line.startswith(b'{"event":"said"') and nth.comes()

    def encode(window: Window, changes: Sequence[Change], words_of: Callable[[Change], bytes]) -> None:
        def words_or_none(change: Change) -> bytes:
            return b"" if isinstance(change.event, Said) and nth.comes() else words_of(change)

        usual_encode(window, changes, words_or_none)

    put(Window, "add", add)
    put(Window, "encode", encode)


def _lines(part: bytes) -> list[bytes]:
    return part.splitlines(keepends=True)


def _say_twice(nth: Nth) -> None:
    usual = floor.say

    def say(room: Room, command: Any) -> list[Event]:
        events = usual(room, command)
        return events * 2 if events and nth.comes() else events

    put(floor, "say", say)


def _finds_no_receipt(_receipts: bytes, _cid: str) -> Receipt | None:
    return None


def _commit_swapped(nth: Nth) -> None:
    """Store two neighbours of a batch each in the other's place."""
    usual = SqliteLog.commit

    def commit(log: SqliteLog, batch: Batch) -> None:
        for run in batch.runs.values():
            bodies = run.body.split(b"\n")
            for number in range(len(bodies) - 1):
                if nth.comes():
                    bodies[number : number + 2] = bodies[number + 1], bodies[number]
            run.body[:] = b"\n".join(bodies)
        usual(log, batch)

    put(SqliteLog, "commit", commit)


def _publish_swapped(nth: Nth) -> None:
    usual = Feed.publish

    def publish(feed: Feed, parts: Sequence[bytes], ends: Sequence[int], changes: Sequence[Change]) -> None:
        if len(parts) > 1 and nth.comes():
            parts = [*parts[:-2], *reversed(parts[-2:])]
            changes = [*changes[:-2], *reversed(changes[-2:])]
        usual(feed, parts, ends, changes)

    put(Feed, "publish", publish)


def _believe(*_args: Any) -> None:
    pass
