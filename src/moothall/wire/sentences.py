"""What each reason of refusal says to people: one English sentence, with what it is about. Used by every door."""

from __future__ import annotations

from typing import Final

from moothall.engine.names import Name
from moothall.engine.room import Room
from moothall.engine.words import PolicyName
from moothall.errors import Reason, Rejected
from moothall.wire.safe_text import safe_text

__all__ = ["sentence"]

_SENTENCES: Final[dict[Reason, str]] = {
    Reason.NOT_YOUR_TURN: "{about} has the floor.",
    Reason.TURN_OVER: "You have had your turn in this round.",
    Reason.NOT_TALKING: "Nobody has the floor.",
    Reason.NOT_JOINED: "Join a room first.",
    Reason.ROOM_FULL: "Every seat in {about} is taken. You can watch.",
    Reason.NAME_TAKEN: "{about} is already here. Type another name.",
    Reason.BAD_NAME: "A name is 1 to 32 letters, digits, single spaces and -_.' and begins with a letter or a digit.",
    Reason.BAD_VALUE: "{about}.",
    Reason.NO_SUCH_ROOM: "There is no room {about}.",
    Reason.NO_SEAT: "You have no seat in this room.",
    Reason.KEY_UNKNOWN: "This key opens no seat any more. Join without it.",
    Reason.TAKEN_OVER: "Your seat was taken over by another connection with its key.",
    Reason.TOO_LONG: "That is too long: at most {about} characters.",
    Reason.CID_REUSED: "You have said something else under the cid {about}.",
    Reason.SLOW: "You read too slowly.",
    Reason.STORAGE: "The server cannot store anything now. Try again.",
    Reason.NOT_ALLOWED: "Not allowed: {about}.",
    Reason.BANNED: "You may not come in here.",
    Reason.MALFORMED: "This is not understood: {about}.",
    Reason.TOO_FAST: "Not so fast.",
    Reason.CLOSING: "The server is stopping.",
}

# An `about` may be somebody's own words, and nobody gets more of them back than this.
_MAX_ABOUT_CHARS: Final = 1_000


def sentence(refusal: Rejected, room: Room | None = None, reader: Name | None = None) -> str:
    """Return what to tell people about a refusal; the room and its reader, where known, make it more exact."""
    about = safe_text(refusal.about[:_MAX_ABOUT_CHARS])
    if refusal.reason is Reason.NOT_TALKING:
        return _not_talking(refusal, room)
    if refusal.reason is Reason.NOT_YOUR_TURN and not about:
        return _not_your_turn(room)
    if refusal.reason is Reason.NO_SEAT and reader is not None and about not in ("", reader):
        return f"{about} has no seat here."
    if refusal.reason is Reason.TURN_OVER and room is not None and room.topic is not None and room.round is None:
        return "That turn is over."
    return _SENTENCES[refusal.reason].format(about=about)


def _not_your_turn(room: Room | None) -> str:
    match None if room is None else room.rules.policy:
        case PolicyName.REQUEST:
            return "Ask for the floor first."
        case PolicyName.CHAIR:
            return "The chair gives the floor."
        case _:
            return "It is not your turn."


def _not_talking(refusal: Rejected, room: Room | None) -> str:
    if refusal.about == "paused":
        return "The conversation is paused."
    if refusal.about == "resting":
        return "The room rests until the next topic."
    if refusal.about == "gathering" and room is not None:
        seats = room.rules.seats
        if not room.here:
            return "Nobody is here yet."
        if room.rules.hold_start:
            return "The operator starts the conversation."
        return f"The conversation starts at {seats}/{seats}."
    return _SENTENCES[Reason.NOT_TALKING]
