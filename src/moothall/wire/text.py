"""The text door's lines: what people and first clients read. Normative: docs/protocol/text.md.

Every line out is one of four: `NAME: words`, `* notice`, `! reason: sentence`, and the welcome, a notice too. No name
holds `:`, so splitting at the first `: ` gives who speaks. What is typed is read in `typed`.
"""

from __future__ import annotations

from typing import Final

from moothall.engine.events import HostSaid, Said, Seated, TopicClosed, TopicOpened
from moothall.engine.names import Name
from moothall.engine.room import Room
from moothall.engine.words import PolicyName, TopicEnd
from moothall.errors import Reason, Rejected
from moothall.wire.change import Change, Dialect, Own
from moothall.wire.notices import POLICY_NOTICES, join_names, own_words, shared_words
from moothall.wire.safe_text import safe_text
from moothall.wire.sentences import sentence

__all__ = ["BARE", "TEXT", "greeting", "lines_for", "notice", "refusal", "refusal_of", "utterance"]

_ASKED_FOR: Final = frozenset({PolicyName.REQUEST, PolicyName.CHAIR})
"""The policies under which one asks for the floor."""


def utterance(name: str, words: str) -> str:
    """Return the line, without its break, in which `name` says `words`."""
    return f"{name}: {safe_text(words)}"


def notice(words: str) -> str:
    """Return a notice line without its break."""
    return f"* {words}"


def refusal(reason: Reason, words: str) -> str:
    """Return a refusal line without its break."""
    return f"! {reason}: {words}"


def refusal_of(error: Rejected, room: Room | None, reader: Name | None = None, *, keeps_words: bool = False) -> str:
    """Return the line for a refusal of what `reader` typed, with what to do now where that is known.

    Args:
        keeps_words: the words wait for the turn that is still to come.
    """
    now = " Your words wait; /drop forgets them." if keeps_words else _way_to_floor(error, room, reader)
    return refusal(error.reason, sentence(error, room, reader) + now)


def greeting(room: str, here: int, seats: int) -> str:
    """Return the line that greets who has not given a name."""
    return notice(f"Moothall, room {room}, {here}/{seats} here. Type your name.")


def lines_for(change: Change, reader: Name | None = None) -> list[str]:
    """Return the lines that `reader` reads of a change, without their breaks; None reads what everyone reads."""
    if reader is not None:
        own = own_words(change.event, change.before, change.after)
        if own is not None and own[0] == reader:
            return [notice(own[1])]
    return _shared(change)


def _encode(change: Change) -> bytes:
    return _bytes(_shared(change))


def _own(change: Change) -> Own | None:
    own = own_words(change.event, change.before, change.after)
    return None if own is None else (own[0], _bytes([notice(own[1])]))


def _encode_bare(change: Change) -> bytes:
    event = change.event
    match event:
        case Said():
            return _bytes([utterance(event.name, event.text)])
        case TopicOpened() | HostSaid():
            return _bytes([utterance(event.host, event.text)])
        case _:
            return b""


def _own_bare(change: Change) -> Own | None:
    event = change.event
    match event:
        case Said():
            return event.name, b""
        case Seated():
            return event.name, _bytes(lines_for(change, event.name))
        case _:
            return None


TEXT: Final = Dialect("text", _encode, needs_room=True, own=_own)
BARE: Final = Dialect("bare", _encode_bare, needs_room=True, own=_own_bare)


def _way_to_floor(error: Rejected, room: Room | None, reader: Name | None) -> str:
    if error.reason is not Reason.NOT_YOUR_TURN or room is None or reader not in room.seats:
        return ""
    if room.seats[reader].is_benched:
        return " You are on the bench; /return gets you turns again."
    return " /ask asks for it." if room.rules.policy in _ASKED_FOR else ""


def _bytes(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _shared(change: Change) -> list[str]:
    event, before = change.event, change.before
    match event:
        case Said():
            return [utterance(event.name, event.text)]
        case HostSaid():
            return [utterance(event.host, event.text)]
        case TopicOpened():
            return _topic_opened(event, before, change.after)
        case TopicClosed() if event.reason is not TopicEnd.NOBODY_LEFT and before.topic is not None:
            return [utterance(before.topic.host, f"Thank you, {join_names(list(before.seats))}.")]
    words = shared_words(event, before, change.after)
    return [notice(words)] if words else []


def _topic_opened(event: TopicOpened, before: Room, after: Room) -> list[str]:
    begins = notice(f"Sitting {after.sitting} begins: {', '.join(after.seats)}.")
    policy = POLICY_NOTICES.get(event.policy)
    return [
        *([] if before.topics_opened else [begins]),
        utterance(event.host, event.text),
        *([] if policy is None else [notice(policy)]),
    ]
