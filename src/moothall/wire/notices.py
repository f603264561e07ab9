"""The words of the text door's notices: what happened, as the others read it and as the one whom it is about does.

One event is at most one notice. Notices are ASCII but for names and words in them. Normative: docs/protocol/text.md §4.
"""

from __future__ import annotations

from typing import Final, assert_never

from msgspec.structs import asdict

from moothall.engine.deadlines import HOST
from moothall.engine.events import (
    Benched,
    CameBack,
    ChairNamed,
    Event,
    FillAsked,
    FloorGranted,
    FloorRequested,
    FloorRevoked,
    FloorWithdrawn,
    GatheringReopened,
    HostSaid,
    Left,
    Passed,
    Paused,
    Removed,
    Reopened,
    Returned,
    RoomClosed,
    RoomOpened,
    RoundClosed,
    RoundOpened,
    RulesSet,
    Said,
    Seated,
    SittingClosed,
    SittingOpened,
    SittingStarted,
    TimeCalled,
    TopicClosed,
    TopicOpened,
    TopicQueued,
    TopicReopened,
    Unpaused,
    WentAway,
)
from moothall.engine.names import Name
from moothall.engine.room import Phase, Room, Tally
from moothall.engine.rules import Number
from moothall.engine.words import Afterwards, LeaveReason, PolicyName, SittingEnd, TopicEnd
from moothall.wire.safe_text import safe_text

__all__ = ["POLICY_NOTICES", "count_words", "goodbye", "join_names", "own_words", "shared_words"]

POLICY_NOTICES: Final[dict[PolicyName, str]] = {
    PolicyName.ROTATE: "The floor goes round; each round begins one seat further on.",
    PolicyName.SHUFFLE: "The floor goes round in an order that is drawn anew for each round.",
    PolicyName.PARALLEL: "Everybody has the floor at once, for one turn a round.",
    PolicyName.REQUEST: "The floor goes to whoever asks for it: /ask.",
    PolicyName.ADDRESSED: "The floor goes to whoever is addressed, as in @NAME, once a round.",
    PolicyName.CHAIR: "The chair gives the floor. /ask asks for it.",
    PolicyName.OPEN: "Anyone may speak at any time.",
    PolicyName.CUSTOM: "This server has its own way to say who is next.",
}
"""What follows the host's question, under each policy but `round-robin`, which everybody knows from a table."""

_OWN_BEGINNINGS: Final = ("your turn", "said.", "goodbye")
"""How notices to oneself begin, which clients wait for."""
_MAX_NAMES: Final = 3
"""How many of a queue are named in a notice; `/who` names all."""


def join_names(names: list[Name] | tuple[Name, ...]) -> str:
    """Return names as a sentence lists them: `Lars, Kari and Ola`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def count_words(number: int, word: str) -> str:
    """Return `1 answer`, `2 answers`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def shared_words(event: Event, before: Room, after: Room) -> str | None:  # noqa: PLR0912 - one line an event
    """Return the notice that everyone reads of an event; None where it is none, or somebody's words."""
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
            return _round(event)
        case TopicQueued():
            return f"The next topic: {safe_text(event.topic)}." if before.topic is not None else None
        case TopicClosed():
            return "Nobody is left to speak." if event.reason is TopicEnd.NOBODY_LEFT and before.seats else None
        case Seated():
            return f"{_subject(event.name)} took seat {_seat(event, after)} {_here(after)}"
        case WentAway():
            held = _length(after.rules.away_seconds)
            return f"{_subject(event.name)} lost the connection. The seat is held{held}."
        case CameBack():
            return f"{_subject(event.name)} is back."
        case Removed():
            return f"The {event.by} removed {event.name}{_why(event, before)}.{_here_again(after)}"
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
        case FloorRequested():
            return f"{_subject(event.name)} asks for the floor{_after(before.requests)}."
        case FloorWithdrawn():
            return f"{_subject(event.name)} no longer asks for the floor."
        case Benched():
            return f"{_subject(event.name)} is on the bench: {count_words(event.missed, 'turn')} missed."
        case Returned():
            return f"{_subject(event.name)} is back from the bench."
        case ChairNamed():
            return _chair(event, after)
        case RulesSet():
            return f"From the next topic on: {_changes(event)}."
        case FillAsked():
            seats = "1 seat is" if event.count == 1 else f"{event.count} seats are"
            return f"{seats} empty. House bots are asked to come."
        case SittingStarted():
            return f"The conversation starts with {after.here} of {after.rules.seats}."
        case TopicReopened() | Said() | HostSaid() | TopicOpened() | RoomOpened() | RoundClosed() | SittingOpened():
            return None
        case GatheringReopened():
            return None
        case _:
            assert_never(event)


def own_words(event: Event, before: Room, after: Room) -> tuple[Name, str] | None:  # noqa: PLR0912 - one line an event
    """Return whom an event is about, and the notice that only they read in place of what everyone reads."""
    match event:
        case Said():
            return event.name, "Said."
        case FloorGranted():
            return event.name, f"Your turn{_length(event.seconds)}."
        case Reopened():
            return _holder_of(event, after), f"Your turn goes on{_left(event, after)}."
        case Passed():
            return event.name, "You passed."
        case TimeCalled():
            return event.name, "Time called on you."
        case FloorRevoked():
            return event.name, f"The {event.by} took the floor from you."
        case Seated():
            welcome = f"You are {event.name}, seat {_seat(event, after)} {_here(after)}"
            return event.name, f"{welcome} /help lists what you can type."
        case Removed():
            return event.name, f"Goodbye. The {event.by} removed you{_why(event, before)}."
        case Left():
            return event.name, "Goodbye."
        case FloorRequested():
            others = f", {len(before.requests)} before you" if before.requests else ""
            return event.name, f"You ask for the floor{others}."
        case FloorWithdrawn():
            return event.name, "You no longer ask for the floor."
        case Benched():
            missed = count_words(event.missed, "missed turn")
            return event.name, f"You are on the bench after {missed}. /return gets you turns again."
        case Returned():
            waits = "" if after.round is None else " You wait for the next round."
            return event.name, f"You are back from the bench.{waits}"
        case ChairNamed():
            return _own_chair(event, before, after)
        case _:
            return None


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
    why = {SittingEnd.OPERATOR: " The operator closed the sitting.", SittingEnd.SHORT: " Too few came in time."}
    return f"Goodbye.{why.get(event.reason, '')} {', '.join(parts)}."


def _round(event: RoundOpened) -> str | None:
    if event.of is None:
        return f"Round {event.round}." if event.round > 1 else None
    return f"Round {event.round} of {event.of}." if event.of > 1 else None


def _seat(event: Seated, room: Room) -> str:
    return f"{event.seat}{', in the chair' if event.name == room.seated_chair else ''}."


def _after(queue: tuple[Name, ...]) -> str:
    if not queue:
        return ""
    return f", after {join_names(queue) if len(queue) <= _MAX_NAMES else count_words(len(queue), 'other')}"


def _why(event: Removed, before: Room) -> str:
    # What an operator gives as a reason is for the log; what the rules remove somebody for is always this.
    seat = before.seats.get(event.name)
    return f": {count_words(seat.missed, 'turn')} missed" if event.by == HOST and seat is not None else ""


def _chair(event: ChairNamed, room: Room) -> str:
    if event.name is None:
        return "Nobody is in the chair."
    name = room.seated_chair
    return f"The chair is kept for {event.name}." if name is None else f"{_subject(name)} is in the chair."


def _own_chair(event: ChairNamed, before: Room, after: Room) -> tuple[Name, str] | None:
    name = after.seated_chair
    if name is not None:
        return name, "You are in the chair: /grant NAME, /revoke, /topic WORDS, /next, /set RULE VALUE."
    former = before.seated_chair if event.name is None else None
    return None if former is None else (former, "You are no longer in the chair.")


def _changes(event: RulesSet) -> str:
    # As they are typed after `set`.
    changes = [(field, value) for field, value in asdict(event).items() if value is not None]
    return ", ".join(f"{field} {_value(value)}" for field, value in changes)


def _value(value: object) -> str:
    if isinstance(value, dict):
        value = ", ".join(f"{name}={seconds}" for name, seconds in value.items())
    return safe_text(str(value)) or "none"


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
