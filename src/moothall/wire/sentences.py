"""What each reason of refusal says to people: one English sentence, with what it is about. Used by every door."""

from __future__ import annotations

from typing import Final

from moothall.engine.room import Room
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
    Reason.BAD_VALUE: "This cannot be: {about}.",
    Reason.NO_SUCH_ROOM: "There is no room {about}.",
    Reason.NO_SEAT: "You have no seat in this room.",
    Reason.KEY_UNKNOWN: "This key opens no seat any more. Join without it.",
    Reason.TAKEN_OVER: "Your seat was taken over by another connection with its key.",
    Reason.TOO_LONG: "That is too long: at most {about} characters.",
    Reason.CID_REUSED: "You have said something else under the cid {about}.",
    Reason.SLOW: "You read too slowly.",
    Reason.STORAGE: "The server cannot store anything now. Try again.",
    Reason.NOT_ALLOWED: "Only the operator may ask for {about}.",
    Reason.BANNED: "You may not come in here.",
    Reason.MALFORMED: "This is not understood: {about}.",
    Reason.TOO_FAST: "Not so fast.",
    Reason.CLOSING: "The server is stopping.",
}


def sentence(refusal: Rejected, room: Room | None = None) -> str:
    """Return what to tell people about a refusal; the room, where known, makes it more exact."""
    if refusal.reason is Reason.NOT_TALKING:
        return _not_talking(refusal, room)
    if refusal.reason is Reason.NOT_YOUR_TURN and not refusal.about:
        return "It is not your turn."
    return _SENTENCES[refusal.reason].format(about=safe_text(refusal.about))


def _not_talking(refusal: Rejected, room: Room | None) -> str:
    if refusal.about == "paused":
        return "The conversation is paused."
    if refusal.about == "resting":
        return "The room rests until the next topic."
    if refusal.about == "gathering" and room is not None:
        seats = room.rules.seats
        return f"The conversation starts at {seats}/{seats}."
    return _SENTENCES[Reason.NOT_TALKING]
