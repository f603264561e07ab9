"""Turns: a room's log as a table for pandas or R, one row a turn. The columns are those of `moothall export`.

A row is written when its turn has ended, so a turn that is still open at the end of the log has no row yet. Under the
policy `open` each utterance is a row without `round` and `turn`; under `request` and `chair`, which know no rounds, a
turn is a row without `round`. What the host says is no turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

import msgspec

from moothall.engine.events import (
    Event,
    FloorGranted,
    Left,
    Passed,
    Reopened,
    Said,
    SittingOpened,
    TimeCalled,
    Unpaused,
)
from moothall.engine.names import Name, RoomName
from moothall.engine.room import Turn
from moothall.engine.words import Kind
from moothall.wire.change import Change

__all__ = ["COLUMNS", "Outcome", "TurnRow", "Turns", "cells", "turn_rows"]


class Outcome(StrEnum):
    """How a turn ended."""

    SAID = "said"
    PASSED = "passed"
    DEADLINE = "deadline"
    REVOKED = "revoked"
    LEFT = "left"


class TurnRow(msgspec.Struct, frozen=True):
    """One turn. What a row doesn't have is None, and an empty cell in CSV."""

    room: RoomName
    sitting: int
    labels: dict[str, str]  # those of the sitting
    topic: str  # empty where somebody spoke before there was one
    round: int | None
    turn: int | None
    seq: int  # of the event that ended the turn
    asked_at: int  # when the floor was granted, milliseconds since the epoch; without turns, when it was said
    took_ms: int | None  # how long the turn's clock ran, see `_Clocks`
    name: Name
    kind: Kind
    about: str
    outcome: Outcome
    text: str  # as it was said, line breaks and all


COLUMNS: Final = TurnRow.__struct_fields__


def turn_rows(changes: Iterable[Change]) -> Iterator[TurnRow]:
    """Yield a row for each turn of one room's log that has ended, in the order in which they ended."""
    turns = Turns()
    for change in changes:
        yield from turns.take(change)


class Turns:
    """The turns of one room, as its log goes by from the first entry that is kept on."""

    def __init__(self) -> None:
        self._clocks = _Clocks()
        self._labels: dict[str, str] = {}

    def take(self, change: Change) -> list[TurnRow]:
        """Note a change, and return the rows of the turns that it has ended."""
        event, rows = change.event, []
        if isinstance(event, SittingOpened):
            self._labels = event.labels
        elif isinstance(event, Said) and event.turn is None:
            rows.append(_row(change, self._labels, event.name))
        for turn in _ended(change):
            clock = self._clocks.stop(turn, change)
            rows.append(_row(change, self._labels, turn.name, turn=turn.number, clock=clock))
        self._clocks.take(change)
        return rows


def cells(row: TurnRow) -> list[str]:
    """Return a row as the cells of a table of text: nothing for None, labels as compact JSON."""
    return [_cell(getattr(row, column)) for column in COLUMNS]


class _Clocks:
    """How long each open turn's clock has run: since the grant, but for pauses and restarts.

    A pause is known exactly. A restart is known by how far it moved the deadline: a turn without a deadline counts
    the restart in, and one that had less than five seconds left loses up to five seconds of what it took.
    """

    def __init__(self) -> None:
        self._granted_at: dict[int, int] = {}
        self._stopped_ms: dict[int, int] = {}
        self._unpaused_at: int | None = None

    def take(self, change: Change) -> None:
        """Note what a change does to the clocks."""
        event, before, at = change.event, change.before, change.after.at
        match event:
            case FloorGranted():
                self._granted_at[event.turn] = at
                self._stopped_ms[event.turn] = 0
            case Unpaused() if before.paused_at is not None:
                self._unpaused_at = at
                for turn in before.turns:
                    self._stopped_ms[turn.number] += at - before.paused_at
            case Reopened() if self._unpaused_at != at:
                for turn in before.turns:
                    if turn.number == event.turn and turn.deadline is not None:
                        self._stopped_ms[turn.number] += event.deadline - turn.deadline

    def stop(self, turn: Turn, change: Change) -> tuple[int, int]:
        """Return when the turn was granted, and for how many milliseconds its clock ran until this change."""
        granted_at, stopped_ms = self._granted_at.pop(turn.number), self._stopped_ms.pop(turn.number)
        end = change.after.at if change.before.paused_at is None else change.before.paused_at
        return granted_at, max(end - granted_at - stopped_ms, 0)


def _ended(change: Change) -> list[Turn]:
    # An event may end a turn without naming it, as `left` does: what counts is which turns are open after it.
    before, after = change.before.turns, change.after.turns
    if before is after:
        return []
    still_open = {turn.number for turn in after}
    return [turn for turn in before if turn.number not in still_open]


def _row(
    change: Change,
    labels: dict[str, str],
    name: Name,
    *,
    turn: int | None = None,
    clock: tuple[int, int | None] | None = None,
) -> TurnRow:
    event, room = change.event, change.before
    asked_at, took_ms = clock or (change.after.at, None)
    seat = room.seats[name]
    return TurnRow(
        room=room.name,
        sitting=room.sitting,
        labels=labels,
        topic=room.topic.topic if room.topic else "",
        round=room.round.number if room.round else None,
        turn=turn,
        seq=change.after.seq,
        asked_at=asked_at,
        took_ms=took_ms,
        name=name,
        kind=seat.kind,
        about=seat.about,
        outcome=_outcome(event),
        text=event.text if isinstance(event, Said) else "",
    )


def _outcome(event: Event) -> Outcome:
    match event:
        case Said():
            return Outcome.SAID
        case Passed():
            return Outcome.PASSED
        case TimeCalled():
            return Outcome.DEADLINE
        case Left():
            return Outcome.LEFT
        case _:  # whatever else took the floor away did so in somebody's name
            return Outcome.REVOKED


def _cell(value: object) -> str:
    if value is None:
        return ""
    return msgspec.json.encode(value).decode() if isinstance(value, dict) else str(value)
