"""What the operator may type at the server's console: one line in, one answer out. Knows no terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from moothall.engine.commands import (
    Command,
    Grant,
    HostSay,
    NameChair,
    Next,
    Pause,
    QueueTopic,
    Remove,
    Revoke,
    Skip,
    Unpause,
)
from moothall.engine.names import Name, RoomName
from moothall.errors import Reason, Rejected
from moothall.hall.hall import Hall
from moothall.views.roster import room_line, who_line
from moothall.wire.safe_text import safe_text
from moothall.wire.sentences import sentence
from moothall.wire.set_words import parse_set

__all__ = ["END", "WORDS", "Operator"]

END: Final = "end"
_NOBODY: Final = "nobody"
_WRONG: Final = frozenset({Reason.NOT_ALLOWED, Reason.BAD_VALUE, Reason.BAD_NAME, Reason.TOO_LONG})
"""Refusals of what was typed, which another moment would not change."""


class _Verb(msgspec.Struct, frozen=True):
    """One word of the console: how it is typed, what it does, and the command that it becomes of what follows it."""

    usage: str
    does: str
    command: Callable[[str], Command] | None = None
    wants_words: bool = False


def _chair(words: str) -> NameChair:
    return NameChair(None if words.lower() == _NOBODY else words)


WORDS: Final[dict[str, _Verb]] = {
    "topic": _Verb("topic play chess", "talk about this next", QueueTopic, wants_words=True),
    "next": _Verb("next", "close this topic; the next in the queue opens", lambda _: Next()),
    "skip": _Verb("skip", "take the floor from whoever has it", lambda _: Skip()),
    "grant": _Verb("grant Kari", "give the floor, under the policy chair", Grant, wants_words=True),
    "revoke": _Verb("revoke Kari", "take the floor from one; revoke: from all", lambda words: Revoke(words or None)),
    "chair": _Verb("chair Kari", f"put somebody in the chair; chair {_NOBODY}: empty it", _chair, wants_words=True),
    "set": _Verb(
        "set rounds 3",
        "talk by another rule from the next topic on; set: list them",
        lambda words: parse_set(words, None),
    ),
    "remove": _Verb("remove Kari", "take a seat away", lambda words: Remove(Name(words)), wants_words=True),
    "pause": _Verb("pause", "stop the conversation and its clock", lambda _: Pause()),
    "unpause": _Verb("unpause", "go on with the time that was left", lambda _: Unpause()),
    "say": _Verb("say Welcome!", "speak as the host", HostSay, wants_words=True),
    "rooms": _Verb("rooms", "list the rooms"),
    "who": _Verb("who", "list who is here"),
    "help": _Verb("help", "list these words"),
    END: _Verb("end", "close every sitting and stop the server"),
}


class Operator:
    """Carries the console's lines to a hall. `room` is the one that commands go to."""

    def __init__(self, hall: Hall, room: RoomName) -> None:
        self._hall = hall
        self.room = room

    def run(self, line: str) -> str:
        """Do what a line asks, and return what to answer; `end` and an empty line are the caller's.

        What follows from a command is not answered here: it is an event, which the console shows like all others.
        """
        word, _, words = line.strip().partition(" ")
        words = words.strip()
        verb = WORDS.get(word.lower())
        if verb is None:
            return f"There is no '{safe_text(word)}' here. help lists what there is; end stops the server."
        if verb.wants_words and not words:
            return f"{word} what? For example: {verb.usage}"
        if verb.command is not None:
            return self._ask(verb.command, words)
        match word.lower():
            case "rooms":
                rooms = [clerk.settled for clerk in self._hall.clerks.values() if clerk.settled.seq]
                return "\n".join(room_line(room) for room in rooms) or "No room is open yet."
            case "who":
                return self._who()
            case _:
                return help_text()

    def _ask(self, command: Callable[[str], Command], words: str) -> str:
        try:
            changes = self._hall.command(self.room, command(words))
        except Rejected as refusal:
            if refusal.reason is Reason.NO_SEAT:
                return f"{safe_text(refusal.about)} has no seat in room {self.room}."
            clerk = self._hall.find(self.room)
            told = sentence(refusal, None if clerk is None else clerk.newest)
            return told if refusal.reason in _WRONG else f"Not now: {told}"
        return "" if changes else "That is so already."

    def _who(self) -> str:
        clerk = self._hall.find(self.room)
        return "Nobody is here." if clerk is None else who_line(clerk.settled, self._hall.watching(clerk))


def help_text() -> str:
    """Return what can be typed, a line each."""
    return "\n".join(f"  {verb.usage:<18} {verb.does}" for verb in WORDS.values())
