"""Judges turns and deadlines: by the log, and by what clients have noted by a clock that the server has no hand in.

The machine's monotonic clock is the same in all its processes, and never jumps. Words that were sent at a moment are
in the log with a later one: that bounds how far the server's clock is ahead of ours. A line that was read at a moment
says what happened before it. From both follows, without any tolerance, whether a turn whose time was called has lasted
long enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from moothall.engine.deadlines import MIN_REOPENED_MS
from moothall.engine.events import Event, FloorGranted, Left, Reopened, Said, TimeCalled
from moothall.engine.evolve import empty_room, evolve
from moothall.engine.names import RoomName
from moothall.engine.words import LeaveReason
from moothall.log.reader import open_reader
from moothall.wire.json_lines import decode_event
from tests.engine import checks
from tests.engine.histories import Life
from tests.torture.turn_takers import Note

__all__ = ["Findings", "Lived", "judge", "last_seqs", "lived"]

_CHECKS: Final = (
    checks.floors_are_single,
    checks.grants_are_fair,
    checks.turns_end_once,
    checks.rounds_are_fair,
    checks.seqs_have_no_gap,
)


class Lived(NamedTuple):
    """What is known of a room: its log, the last seq of each server before the last one, and everybody's notes."""

    life: Life
    ends: Sequence[int]
    notes: Sequence[Note]


class Findings(NamedTuple):
    """What was wrong in a room, a word for each fault, and figures.

    `measured` of the `called` turns were timed by the clients; `spare_ms`: how much longer than due, at the least.
    """

    faults: list[str]
    turns: int
    called: int
    measured: int
    spare_ms: float
    late_ms: list[int]


def last_seqs(data: Path) -> dict[str, int]:
    """Return how far each room's log goes, with no server running."""
    reader = open_reader(data)
    try:
        return {str(room.room): room.last_seq for room in reader.rooms()}
    finally:
        reader.close()


def lived(data: Path, room: str, ends: Sequence[Mapping[str, int]], notes: Iterable[Note]) -> Lived:
    """Read a room's log from the disk, and put it beside the notes on it.

    Args:
        ends: what `last_seqs` said after each server but the last.
    """
    reader = open_reader(data)
    log: list[tuple[Event, int]] = []
    rooms = [empty_room(RoomName(room))]
    while page := reader.read(RoomName(room), after=len(log)):
        for entry in page:
            event, stamp = decode_event(entry.body)
            log.append((event, stamp.at))
            rooms.append(evolve(rooms[-1], event, stamp.at))
    reader.close()
    here = [note for note in notes if note.room == room]
    return Lived(Life(rooms, log, [], []), [end.get(room, 0) for end in ends], here)


def judge(room: Lived) -> Findings:
    """Say what is wrong, and measure."""
    faults = [*_broken_rules(room.life), *_time_goes_back(room.life), *_costs_of_restarts(room)]
    spares = list(_spares(room))
    faults += [f"early: turn {turn}, {-spare:.0f} ms before its time" for turn, spare in spares if spare < 0]
    log = room.life.log
    due = {event.turn: event.deadline for event, _ in log if isinstance(event, FloorGranted | Reopened)}
    late_ms = [at - (due[event.turn] or 0) for event, at in log if isinstance(event, TimeCalled)]
    return Findings(
        faults,
        turns=sum(isinstance(event, FloorGranted) for event, _ in log),
        called=len(late_ms),
        measured=len(spares),
        spare_ms=min((spare for _, spare in spares), default=0.0),
        late_ms=late_ms,
    )


def _broken_rules(life: Life) -> Iterator[str]:
    for check in _CHECKS:
        try:
            check(life)
        except AssertionError:
            yield check.__name__


def _time_goes_back(life: Life) -> Iterator[str]:
    for (_, before), (event, at) in pairwise(life.log):
        if at < before:
            yield f"time_goes_back: {before - at} ms at {type(event).__name__}"


def _costs_of_restarts(room: Lived) -> Iterator[str]:
    """Time without a server costs nobody a turn or a seat: who has the floor has it for five seconds more at least."""
    for end in room.ends:
        held = {turn.number for turn in room.life.rooms[end].turns}
        for event, at in room.life.log[end:]:
            if isinstance(event, Reopened) and event.turn in held:
                held.discard(event.turn)
                if event.deadline - at < MIN_REOPENED_MS:
                    yield f"restart_costs_time: turn {event.turn}"
            elif isinstance(event, Left):
                held -= {turn.number for turn in room.life.rooms[end].turns if turn.name == event.name}
            elif isinstance(event, TimeCalled) and event.turn in held:
                yield f"restart_costs_turn: turn {event.turn}"
    for event, _ in room.life.log:
        if isinstance(event, Left) and event.reason is LeaveReason.AWAY:
            yield f"restart_costs_seat: {event.name}"


def _spares(room: Lived) -> Iterator[tuple[int, float]]:
    """Yield each turn that was called, and how many milliseconds more than its length it lasted, by our clock."""
    sent: dict[str, float] = {}
    read: dict[int, float] = {}
    for note in room.notes:
        if note.sent is not None:
            sent.setdefault(note.sent, note.moment)
        elif note.read is not None and note.read.startswith('{"event"'):
            seq = msgspec.json.decode(note.read, type=dict[str, Any])["seq"]
            read[seq] = min(note.moment, read.get(seq, note.moment))
    started: dict[int, tuple[float, float]] = {}  # the turn's earliest beginning by our clock, and its length
    bounds = [0, *room.ends, len(room.life.log)]
    for first, end in pairwise(bounds):
        entries = room.life.log[first:end]
        # A server's clock is this far ahead of ours, at most: words are never older than when they were sent.
        said = [(event.text, at) for event, at in entries if isinstance(event, Said) and event.text in sent]
        ahead = min((at + 1 - sent[words] for words, at in said), default=None)
        for seq, (event, at) in enumerate(entries, first + 1):
            if isinstance(event, FloorGranted | Reopened) and event.deadline is not None:
                started.pop(event.turn, None)
                length = event.deadline - at if isinstance(event, Reopened) else 1000 * (event.seconds or 0)
                if ahead is not None:
                    started[event.turn] = at - ahead, length
            elif isinstance(event, TimeCalled) and event.turn in started and seq in read:
                start, length = started[event.turn]
                yield event.turn, read[seq] - start - length
