"""The text door's words: what people and first clients read and type. Normative: docs/protocol/text.md.

Every line out is one of four: `NAME: words`, `* notice`, `! reason: sentence`, and the welcome, a notice too. No name
holds `:`, so splitting at the first `: ` gives who speaks. Notices are ASCII but for names and words in them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, assert_never

import msgspec

from moothall.engine.events import (
    CameBack,
    Event,
    FloorGranted,
    FloorRevoked,
    HostSaid,
    LeaveReason,
    Left,
    Passed,
    Paused,
    Removed,
    Reopened,
    RoomClosed,
    RoomOpened,
    RoundClosed,
    RoundOpened,
    Said,
    Seated,
    SittingClosed,
    SittingEnd,
    SittingOpened,
    TimeCalled,
    TopicClosed,
    TopicEnd,
    TopicOpened,
    TopicQueued,
    Unpaused,
    WentAway,
)
from moothall.engine.names import Name
from moothall.engine.room import Phase, Room, Tally
from moothall.engine.rules import Afterwards, Number
from moothall.errors import BadFrame, Reason, Rejected
from moothall.wire.change import Change, Dialect, Line
from moothall.wire.safe_text import safe_text
from moothall.wire.sentences import sentence

__all__ = [
    "BARE",
    "HELP",
    "TEXT",
    "Slash",
    "SlashWord",
    "Words",
    "count_words",
    "decode_typed",
    "greeting",
    "join_names",
    "lines_for",
    "notice",
    "refusal",
    "refusal_of",
    "utterance",
]

HELP: Final = (
    "Type words to say them in your turn. /pass gives the turn up, /drop forgets words that wait, /who lists who "
    "is here, /rooms lists the rooms, /leave leaves, //word says /word."
)


_OWN_BEGINNINGS: Final = ("your turn", "said.", "goodbye")
"""How notices to oneself begin, which clients wait for."""


class SlashWord(StrEnum):
    """What a person may type after a slash."""

    PASS = "pass"  # noqa: S105 - no password
    DROP = "drop"
    WHO = "who"
    ROOMS = "rooms"
    HELP = "help"
    LEAVE = "leave"
    WATCH = "watch"


class Words(msgspec.Struct, frozen=True):
    """Words to say; before joining, a name."""

    text: str


class Slash(msgspec.Struct, frozen=True):
    """A slash command."""

    word: SlashWord


def decode_typed(line: bytes) -> Words | Slash:
    """Read one line that somebody typed. `//x` says `/x`.

    Raises:
        BadFrame: `malformed`, not UTF-8 or an unknown command.
    """
    try:
        text = line.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise BadFrame(Reason.MALFORMED, "That is not UTF-8.") from None
    if text.startswith("//"):
        return Words(text[1:])
    if not text.startswith("/"):
        return Words(text)
    word = text[1:].partition(" ")[0].lower()
    try:
        return Slash(SlashWord(word))
    except ValueError:
        raise BadFrame(Reason.MALFORMED, f"/{safe_text(word[:20])} is no command. /help lists them.") from None


def utterance(name: str, words: str) -> str:
    """Return the line, without its break, in which `name` says `words`."""
    return f"{name}: {safe_text(words)}"


def notice(words: str) -> str:
    """Return a notice line without its break."""
    return f"* {words}"


def refusal(reason: Reason, words: str) -> str:
    """Return a refusal line without its break."""
    return f"! {reason}: {words}"


def refusal_of(error: Rejected, room: Room | None, *, keeps_words: bool = False) -> str:
    """Return the line for a refusal; `keeps_words`: the words wait for the turn that is still to come."""
    words = sentence(error, room)
    if keeps_words:
        words += " Your words wait; /drop forgets them."
    return refusal(error.reason, words)


def greeting(room: str, here: int, seats: int) -> str:
    """Return the line that greets who has not given a name."""
    return notice(f"Moothall, room {room}, {here}/{seats} here. Type your name.")


def join_names(names: list[Name] | tuple[Name, ...]) -> str:
    """Return names as a sentence lists them: `Lars, Kari and Ola`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def count_words(number: int, word: str) -> str:
    """Return `1 answer`, `2 answers`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def lines_for(change: Change, reader: Name | None = None) -> list[str]:
    """Return the lines that `reader` reads of a change, without their breaks; None reads what everyone reads."""
    name, own = _own(change)
    if reader is not None and reader == name and own is not None:
        return own
    return _shared(change)


def _encode(change: Change) -> Line:
    name, own = _own(change)
    shared = _bytes(_shared(change))
    return Line(shared) if own is None else Line(shared, name, _bytes(own))


def _encode_bare(change: Change) -> Line:
    event = change.event
    match event:
        case Said():
            return Line(_bytes([utterance(event.name, event.text)]), event.name)
        case TopicOpened() | HostSaid():
            return Line(_bytes([utterance(event.host, event.text)]))
        case Seated():
            return Line(b"", event.name, _bytes(_own(change)[1] or []))
        case _:
            return Line(b"")


TEXT: Final = Dialect("text", _encode, needs_room=True)
BARE: Final = Dialect("bare", _encode_bare, needs_room=True)


def _bytes(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def _shared(change: Change) -> list[str]:
    event, before, after = change.event, change.before, change.after
    match event:
        case Said():
            return [utterance(event.name, event.text)]
        case HostSaid():
            return [utterance(event.host, event.text)]
        case TopicOpened():
            begins = notice(f"Sitting {after.sitting} begins: {', '.join(after.seats)}.")
            return [*([] if before.topics_opened else [begins]), utterance(event.host, event.text)]
        case TopicClosed():
            return _topic_closed(event, before)
    words = _notice_words(event, before, after)
    return [notice(words)] if words else []


def _topic_closed(event: TopicClosed, before: Room) -> list[str]:
    if event.reason is TopicEnd.NOBODY_LEFT or before.topic is None:
        return []
    return [utterance(before.topic.host, f"Thank you, {join_names(list(before.seats))}.")]


def _notice_words(event: Event, before: Room, after: Room) -> str | None:  # noqa: PLR0912 - one line an event
    match event:
        case FloorGranted():
            return f"{_subject(event.name)} has the floor{_length(event.seconds)}."
        case Reopened():
            return f"{_subject(_holder_of(event, after))}'s turn goes on{_left(event, after)}."
        case Passed():
            return f"{_subject(event.name)} passed."
        case TimeCalled():
            return f"Time called on {event.name}."
        case FloorRevoked():
            return f"The {event.by} took the floor from {event.name}."
        case RoundOpened():
            return f"Round {event.round} of {event.of}." if event.of > 1 else None
        case TopicQueued():
            return f"The next topic: {safe_text(event.topic)}." if before.topic is not None else None
        case Seated():
            return f"{_subject(event.name)} took seat {event.seat}. {_here(after)}"
        case WentAway():
            held = _length(after.rules.away_seconds)
            return f"{_subject(event.name)} lost the connection. The seat is held{held}."
        case CameBack():
            return f"{_subject(event.name)} is back."
        case Removed():
            return f"The {event.by} removed {event.name}.{_here_again(after)}"
        case Left():
            restart = ": the server was restarted" if event.reason is LeaveReason.RESTART else ""
            return f"{_subject(event.name)} left{restart}.{_here_again(after)}"
        case SittingClosed():
            return goodbye(event, before.tally)
        case Paused():
            return "The operator paused the conversation."
        case Unpaused():
            return "The conversation goes on."
        case RoomClosed():
            return "The room is closed."
        case Said() | HostSaid() | TopicOpened() | TopicClosed() | RoomOpened() | RoundClosed() | SittingOpened():
            return None
        case _:
            assert_never(event)


def _own(change: Change) -> tuple[Name | None, list[str] | None]:
    """Return whom the event is about, and the line that only they read in place of the shared one."""
    event, after = change.event, change.after
    match event:
        case Said():
            return event.name, [notice("Said.")]
        case FloorGranted():
            return event.name, [notice(f"Your turn{_length(event.seconds)}.")]
        case Reopened():
            return _holder_of(event, after), [notice(f"Your turn goes on{_left(event, after)}.")]
        case Passed():
            return event.name, [notice("You passed.")]
        case TimeCalled():
            return event.name, [notice("Time called on you.")]
        case FloorRevoked():
            return event.name, [notice(f"The {event.by} took the floor from you.")]
        case Seated():
            words = f"You are {event.name}, seat {event.seat}. {_here(after)} /help lists what you can type."
            return event.name, [notice(words)]
        case Removed():
            return event.name, [notice(f"Goodbye. The {event.by} removed you.")]
        case Left():
            return event.name, [notice("Goodbye.")]
        case _:
            return None, None


def goodbye(event: SittingClosed, tally: Tally) -> str:
    """Return the last notice of a sitting: what became of its turns."""
    parts = [
        count_words(tally.said, "answer"),
        *(
            f"{number} {word}"
            for number, word in ((tally.passed, "passed"), (tally.missed, "missed"), (tally.left, "left"))
            if number
        ),
    ]
    if event.reason is SittingEnd.NOBODY_LEFT and event.afterwards is Afterwards.STAY:
        return f"The sitting is over: {', '.join(parts)}."  # spectators alone read this, and stay
    why = " The operator closed the sitting." if event.reason is SittingEnd.OPERATOR else ""
    return f"Goodbye.{why} {', '.join(parts)}."


def _subject(name: Name) -> str:
    # A participant called Your turn must not make others believe that it is theirs.
    return f'"{name}"' if name.casefold().startswith(_OWN_BEGINNINGS) else name


def _here(room: Room) -> str:
    return f"{room.here}/{room.rules.seats} here."


def _here_again(room: Room) -> str:
    return f" {_here(room)}" if room.phase is Phase.GATHERING and room.seats else ""


def _length(seconds: Number) -> str:
    return f", {seconds:.15g} s" if seconds else ""


def _holder_of(event: Reopened, room: Room) -> Name:
    return next((turn.name for turn in room.turns if turn.number == event.turn), Name("Somebody"))


def _left(event: Reopened, room: Room) -> str:
    return f", {max(round((event.deadline - room.at) / 1000), 0)} s"
