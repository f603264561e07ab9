"""The floor: who may speak now, who has asked to, and how a turn ends: said, passed, called, revoked or left, once.

One rule per function. A rule reads the room and returns the events that follow; it never waits, reads a clock or
changes its arguments. Terms: RFC 4376 §3.
"""

from __future__ import annotations

from moothall.engine.commands import Pass, RequestFloor, Say, Withdraw
from moothall.engine.events import Event, FloorRequested, FloorWithdrawn, Passed, Returned, Said
from moothall.engine.names import Name
from moothall.engine.policies import has_characters
from moothall.engine.receipts import digest, find_receipt
from moothall.engine.room import Room, Turn
from moothall.engine.rules import has_turns
from moothall.engine.seats import require
from moothall.engine.words import PolicyName
from moothall.errors import Reason, Rejected

__all__ = ["check_text", "own_turn", "pass_turn", "request_floor", "say", "withdraw"]


def say(room: Room, command: Say) -> list[Event]:
    """Say something with the floor, which ends the turn; under the policy `open` anyone may at any time.

    What is already said under the same cid changes nothing: the sender asks because it has lost the receipt.

    Raises:
        Rejected: NO_SEAT, CID_REUSED, BAD_VALUE, TOO_LONG, NOT_TALKING, NOT_YOUR_TURN, TURN_OVER.
    """
    name, text, cid = command.name, command.text, command.cid
    seat = room.seats.get(name)
    if seat is None:
        raise Rejected(Reason.NO_SEAT, name)
    if cid is not None and (known := find_receipt(seat.receipts, cid)):
        if known.digest != digest(text):
            raise Rejected(Reason.CID_REUSED, cid)
        return []
    check_text(room, text)
    if has_turns(room.rules.policy):
        return [Said(name, own_turn(room, name, command.turn).number, text, cid)]
    if room.paused_at is not None:
        raise Rejected(Reason.NOT_TALKING, "paused")
    if room.topic is not None and not has_characters(room, seat):
        raise Rejected(Reason.NOT_ALLOWED, "all your characters of this topic are used")
    return [Said(name, None, text, cid)]


def pass_turn(room: Room, command: Pass) -> list[Event]:
    """Give the turn up without speaking."""
    name = require(room, command.name)
    return [Passed(name, own_turn(room, name, command.turn).number)]


def request_floor(room: Room, command: RequestFloor) -> list[Event]:
    """Queue for the floor, under a policy where one asks; who asks from the bench comes back from it.

    Asking again changes nothing, and neither does asking with the floor.

    Raises:
        Rejected: NO_SEAT; NOT_TALKING, about the phase; NOT_ALLOWED, nobody asks here, or all characters are used.
    """
    name = require(room, command.name)
    if room.topic is None:
        raise Rejected(Reason.NOT_TALKING, room.phase)
    if room.rules.policy not in _POLICIES_OF_REQUESTS:
        raise Rejected(Reason.NOT_ALLOWED, f"nobody asks for the floor under the policy {room.rules.policy}")
    if name in room.requests or room.turn_of(name) is not None:
        return []
    is_benched = room.seats[name].is_benched
    if not has_characters(room, room.seats[name]):
        raise Rejected(Reason.NOT_ALLOWED, "all your characters of this topic are used")
    back: list[Event] = [Returned(name)] if is_benched else []
    return [*back, FloorRequested(name)]


def withdraw(room: Room, command: Withdraw) -> list[Event]:
    """Queue for the floor no longer; who does not queue changes nothing."""
    name = require(room, command.name)
    return [FloorWithdrawn(name)] if name in room.requests else []


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
    if turn is not None and (number is None or number == turn.number):
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
        raise Rejected(Reason.BAD_VALUE, "text is at least one character")
    if len(text) > room.rules.max_text_chars:
        raise Rejected(Reason.TOO_LONG, str(room.rules.max_text_chars))


def _waits(room: Room, name: Name) -> bool:
    # Who came after the round had opened waits for the next one; who is on the bench, for a turn after it.
    return room.round is None or name not in room.round.done or room.seats[name].is_benched


_POLICIES_OF_REQUESTS = frozenset({PolicyName.REQUEST, PolicyName.CHAIR})
