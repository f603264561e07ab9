"""Rooms to begin a test with: how many seats, who sits there, and that they know what they talk about."""

from __future__ import annotations

from typing import Final

from moothall.engine.events import Event
from moothall.engine.rules import Number, Rules
from moothall.engine.words import Afterwards, PolicyName
from moothall.log.room_log import RoomLog
from moothall.testing import MemoryHall, Participant, memory_hall
from moothall.wire.change import Dialect
from moothall.wire.json_lines import JSON_LINES

__all__ = ["SECOND", "chat", "kinds", "log_lines", "rules", "talking"]

SECOND: Final = 1_000


def rules(
    seats: int = 2,
    *,
    rounds: int = 1,
    afterwards: Afterwards = Afterwards.DISCONNECT,
    turn_seconds: Number = 30,
    max_text_chars: int = 8000,
) -> Rules:
    """Return rules of a room that goes round, and hugs."""
    return Rules(
        seats=seats,
        rounds=rounds,
        afterwards=afterwards,
        turn_seconds=turn_seconds,
        topics=("hug",),
        max_text_chars=max_text_chars,
    )


def chat(seats: int = 2, *, max_text_chars: int = 100_000) -> Rules:
    """Return rules of a room in which anybody may speak at any time, and much."""
    return Rules(seats=seats, policy=PolicyName.OPEN, topics=("hug",), max_text_chars=max_text_chars)


def talking(
    *names: str, rules: Rules, log: RoomLog | None = None, keyed: bool = False, dialect: Dialect = JSON_LINES
) -> tuple[MemoryHall, list[Participant]]:
    """Return a hall in whose main room these have sat down, in this order, and all that was written has been read."""
    hall = memory_hall(rules, log=log)
    crowd = [hall.enter(name, keyed=keyed, dialect=dialect) for name in names]
    hall.settle()
    hall.writes.clear()
    for participant in crowd:
        participant.writes.clear()
    return hall, crowd


def kinds(events: list[Event]) -> list[str]:
    """Return what the events are called on the wire."""
    return [str(event.__struct_config__.tag) for event in events]


def log_lines(hall: MemoryHall, room: str = "main", *, after: int = 0) -> bytes:
    """Return what a reader of JSON lines reads of a whole log, or of what follows the seq `after`."""
    return b"".join(entry.body + b"\n" for entry in hall.entries(room)[after:])
