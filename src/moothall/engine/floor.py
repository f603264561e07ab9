"""The floor: who may speak now, and how a turn ends: said, passed, time called, revoked or left, exactly once.

One rule per function. A rule reads the room and returns the events that follow; it never waits, reads a clock or
changes its arguments. Terms: RFC 4376 §3.
"""

from __future__ import annotations

from typing import Final

from moothall.engine.commands import Pass, Say
from moothall.engine.events import (
    Event,
    FloorGranted,
    FloorRevoked,
    LeaveReason,
    Left,
    Passed,
    Reopened,
    Said,
    TimeCalled,
)
from moothall.engine.names import Name
from moothall.engine.policies import has_rounds
from moothall.engine.receipts import digest
from moothall.engine.room import Room, Turn
from moothall.engine.seats import OPERATOR, require
from moothall.errors import Reason, Rejected

__all__ = ["MIN_REOPENED_MS", "due", "grant", "pass_turn", "reopen_turns", "revoke", "say", "skip"]

MIN_REOPENED_MS: Final = 5_000
"""What a turn has left, at the least, after time stood still: enough to come back in and answer."""


def say(room: Room, command: Say) -> list[Event]:
    """Say something with the floor, which ends the turn; under the policy `open` anyone may at any time.

    What is already said under the same cid changes nothing: the sender asks because it has lost the receipt.

    Raises:
        Rejected: NO_SEAT, CID_REUSED, BAD_VALUE, TOO_LONG, NOT_TALKING, NOT_YOUR_TURN, TURN_OVER.
    """
    name = require(room, command.name)
    if command.cid is not None and (known := room.receipt(name, command.cid)):
        if known.digest != digest(command.text):
            raise Rejected(Reason.CID_REUSED, command.cid)
        return []
    check_text(room, command.text)
    if has_rounds(room.rules.policy):
        return [Said(name, own_turn(room, name, command.turn).number, command.text, command.cid)]
    if room.paused_at is not None:
        raise Rejected(Reason.NOT_TALKING, "paused")
    return [Said(name, None, command.text, command.cid)]


def pass_turn(room: Room, command: Pass) -> list[Event]:
    """Give the turn up without speaking."""
    name = require(room, command.name)
    return [Passed(name, own_turn(room, name, command.turn).number)]


def skip(room: Room) -> list[Event]:
    """Take the floor from everyone who has it, for the operator.

    Raises:
        Rejected: NOT_TALKING, nobody has it.
    """
    if not room.turns:
        raise Rejected(Reason.NOT_TALKING, room.phase)
    return revoke(room)


def revoke(room: Room) -> list[Event]:
    """End every open turn in the operator's name."""
    return [FloorRevoked(turn.name, turn.number, by=OPERATOR) for turn in room.turns]


def grant(room: Room, name: Name, at: int) -> FloorGranted:
    """Give the floor to `name` for one turn."""
    seconds = room.rules.turn_seconds
    deadline = at + round(seconds * 1000) if seconds else None
    return FloorGranted(name, room.turn_number + 1, deadline, seconds)


def due(room: Room, at: int) -> Event | None:
    """Return what follows from the earliest deadline that `at` has reached: a turn's, or a held seat's."""
    moments: list[tuple[int, int, Event]] = []
    if room.paused_at is None:
        for turn in room.turns:
            if turn.deadline is not None:
                missed = room.seats[turn.name].missed + 1
                moments.append((turn.deadline, 0, TimeCalled(turn.name, turn.number, missed)))
    for name, seat in room.seats.items():
        if seat.away_until is not None:
            moments.append((seat.away_until, 1, Left(name, LeaveReason.AWAY)))
    first = min(moments, key=lambda moment: moment[:2], default=None)
    return first[2] if first and first[0] <= at else None


def reopen_turns(room: Room, since: int, at: int) -> list[Event]:
    """Give every open turn the time that it had left at `since`, and never less than five seconds."""
    return [
        Reopened(turn.number, deadline=at + max(turn.deadline - since, MIN_REOPENED_MS))
        for turn in room.turns
        if turn.deadline is not None
    ]


def own_turn(room: Room, name: Name, number: int | None) -> Turn:
    """Return the open turn of `name`; `number`, where given, must be its number.

    Raises:
        Rejected: NOT_TALKING, about the phase; TURN_OVER; NOT_YOUR_TURN, about the holder.
    """
    if room.paused_at is not None:
        raise Rejected(Reason.NOT_TALKING, "paused")
    if room.topic is None:
        raise Rejected(Reason.NOT_TALKING, room.phase)
    turn = room.turn_of(name)
    if turn is not None and number in (None, turn.number):
        return turn
    if turn is not None or number is not None or not _waits(room, name):
        raise Rejected(Reason.TURN_OVER, room.holder or "")
    raise Rejected(Reason.NOT_YOUR_TURN, room.holder or "")


def check_text(room: Room, text: str) -> None:
    """Check that `text` can be said.

    Raises:
        Rejected: BAD_VALUE, about `text`, where there is nothing in it; TOO_LONG, about the limit.
    """
    if not text.strip():
        raise Rejected(Reason.BAD_VALUE, "text, at least one character")
    if len(text) > room.rules.max_text_chars:
        raise Rejected(Reason.TOO_LONG, str(room.rules.max_text_chars))


def _waits(room: Room, name: Name) -> bool:
    # Who came after the round had opened waits for the next one.
    return room.round is None or name not in room.round.done
