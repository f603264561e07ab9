"""What the operator may type at the server's console: one line in, one answer out. Knows no terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from enum import StrEnum
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
    Start,
    Unpause,
)
from moothall.engine.names import Name, RoomName, fold
from moothall.errors import Reason, Rejected
from moothall.hall.hall import Hall
from moothall.views.roster import room_line, who_line
from moothall.wire.change import Change
from moothall.wire.notices import join_names
from moothall.wire.safe_text import safe_text
from moothall.wire.sentences import sentence
from moothall.wire.set_words import parse_set

__all__ = ["END", "NOBODY", "WORDS", "Answer", "Operator", "Verdict", "room_names"]

END: Final = "end"
NOBODY: Final = "nobody"
_WIDE_COLUMNS: Final = 72
"""From so many columns on an example and what it does stand in one line of the help."""
_MEANT: Final = {
    "?": "help",
    "commands": "help",
    "kick": "remove",
    "ban": "remove",
    "quit": END,
    "exit": END,
    "stop": END,
    "shutdown": END,
    "continue": "unpause",
    "resume": "unpause",
    "join": "go",
    "room": "go",
    "cd": "go",
    "list": "rooms",
    "ls": "rooms",
    "users": "who",
    "names": "who",
    "speak": "say",
    "policy": "set",
    "rounds": "set",
}
"""What other programs call our words."""
_WRONG: Final = frozenset({Reason.NOT_ALLOWED, Reason.BAD_VALUE, Reason.BAD_NAME, Reason.TOO_LONG})
"""Refusals of what was typed, which another moment would not change."""


class Verdict(StrEnum):
    """What became of a line: done, or so already; refused, for now; or wrong, whenever it is typed."""

    DONE = "done"
    REFUSED = "refused"
    WRONG = "wrong"


class Answer(msgspec.Struct, frozen=True):
    """What the operator is told about a line, and what has followed from it, which is not committed yet."""

    words: str
    verdict: Verdict = Verdict.DONE
    changes: Sequence[Change] = ()


class _Verb(msgspec.Struct, frozen=True):
    """One word of the console: how it is typed, what it does, and the command that it becomes of what follows it."""

    usage: str
    does: str
    command: Callable[[str], Command] | None = None
    wants_words: bool = False
    may_have_words: bool = False

    @property
    def takes_words(self) -> bool:
        """Whether something may follow it."""
        return self.wants_words or self.may_have_words


def _chair(words: str) -> NameChair:
    return NameChair(None if words.lower() == NOBODY else words)


WORDS: Final[dict[str, _Verb]] = {
    "topic": _Verb("topic play chess", "talk about this next", QueueTopic, wants_words=True),
    "start": _Verb("start", "begin with those who are here", lambda _: Start()),
    "next": _Verb("next", "close this topic; the next in the queue opens", lambda _: Next()),
    "skip": _Verb("skip", "take the floor from whoever has it", lambda _: Skip()),
    "grant": _Verb("grant Kari", "give the floor, under the policy chair", Grant, wants_words=True),
    "revoke": _Verb(
        "revoke Kari",
        "take the floor from one; revoke: from all",
        lambda words: Revoke(words or None),
        may_have_words=True,
    ),
    "chair": _Verb("chair Kari", f"put somebody in the chair; chair {NOBODY}: empty it", _chair, wants_words=True),
    "set": _Verb(
        "set rounds 3",
        "talk by another rule from the next topic on; set: list them",
        lambda words: parse_set(words, None),
        may_have_words=True,
    ),
    "remove": _Verb("remove Kari", "take a seat away", lambda words: Remove(Name(words)), wants_words=True),
    "pause": _Verb("pause", "stop the conversation and its clock", lambda _: Pause()),
    "unpause": _Verb("unpause", "go on with the time that was left", lambda _: Unpause()),
    "say": _Verb("say Welcome!", "speak as the host", HostSay, wants_words=True),
    "rooms": _Verb("rooms", "list the rooms; > marks the one that commands go to"),
    "go": _Verb("go lab", "let commands go to another room from now on", wants_words=True),
    "who": _Verb("who", "list who is here"),
    "help": _Verb("help", "list these words; help set: what one is for", may_have_words=True),
    END: _Verb("end", "close every sitting and stop the server"),
}


class Operator:
    """Carries an operator's lines to a hall, from its console or from elsewhere.

    `room`: the one that commands go to.

    Args:
        columns: how wide the operator's terminal is, asked anew whenever it matters.
    """

    def __init__(self, hall: Hall, room: RoomName, *, columns: Callable[[], int] = lambda: _WIDE_COLUMNS) -> None:
        self._hall = hall
        self._columns = columns
        self.room = room

    def run(self, line: str) -> str:
        """Do what a line asks, and return what to answer; `end` and an empty line are the caller's.

        What follows from a command is not answered here: it is an event, which the console shows like all others.
        """
        return self.answer(line).words

    def answer(self, line: str) -> Answer:
        """Do what a line asks, and return what to answer, what has become of it, and what has followed from it."""
        word, _, words = line.strip().partition(" ")
        words = words.strip()
        verb = WORDS.get(word.lower())
        if verb is None:
            return Answer(f"There is no '{safe_text(word)}' here. {_meant(word)}", Verdict.WRONG)
        if verb.wants_words and not words:
            return Answer(f"{word} what? For example: {verb.usage}", Verdict.WRONG)
        if words and not verb.takes_words:
            return Answer(f"Nothing follows {word.lower()}: type {verb.usage}.", Verdict.WRONG)
        if verb.command is not None:
            return self._ask(verb.command, words)
        match word.lower():
            case "rooms":
                return Answer("\n".join(map(self._room_line, room_names(self._hall))) or "No room is open yet.")
            case "go":
                return self._go(words)
            case "who":
                return Answer(self._who())
            case _:
                return self._help(words.lower())

    def _ask(self, command: Callable[[str], Command], words: str) -> Answer:
        try:
            changes = self._hall.command(self.room, command(words))
        except Rejected as refusal:
            if refusal.reason is Reason.NO_SEAT:
                told = f"{safe_text(refusal.about)} has no seat in room {self.room}.{self._seated(refusal.about)}"
                return Answer(told, Verdict.REFUSED)
            clerk = self._hall.find(self.room)
            told = sentence(refusal, None if clerk is None else clerk.newest)
            if refusal.reason in _WRONG:
                return Answer(told, Verdict.WRONG)
            return Answer(f"Not now: {told}", Verdict.REFUSED)
        return Answer("" if changes else "That is so already.", changes=changes)

    def _go(self, words: str) -> Answer:
        rooms = {fold(name): name for name in (self.room, *room_names(self._hall))}
        name = rooms.get(fold(words))
        if name is None:
            there = f"There {'is' if len(rooms) == 1 else 'are'}: {', '.join(rooms.values())}."
            return Answer(
                f"There is no room {safe_text(words)}. {_close(words, rooms.values()) or there}", Verdict.WRONG
            )
        if name == self.room:
            return Answer("That is so already.")
        self.room = name
        return Answer(f"From now on commands go to {self._room_line(name).removeprefix('> ')}.")

    def _room_line(self, name: RoomName) -> str:
        clerk = self._hall.find(name)
        here, seats = self._hall.count(name)
        is_open = clerk is not None and clerk.settled.seq
        mark = ">" if fold(name) == fold(self.room) else " "
        return f"{mark} {room_line(clerk.settled) if clerk and is_open else f'{name}: {here}/{seats} here, gathering'}"

    def _seated(self, name: str) -> str:
        clerk = self._hall.find(self.room)
        seats = () if clerk is None else clerk.newest.seats
        if not seats:
            return " Nobody is seated."
        return f" {_close(name, seats) or f'Seated: {join_names(tuple(seats))}.'}"

    def _help(self, word: str) -> Answer:
        if not word:
            return Answer(help_text(self._columns()))
        verb = WORDS.get(word)
        if verb is None:
            return Answer(f"There is no '{safe_text(word)}' here. {_meant(word)}", Verdict.WRONG)
        return Answer(_line_of_help(verb, self._columns()))

    def _who(self) -> str:
        clerk = self._hall.find(self.room)
        return "Nobody is here." if clerk is None else who_line(clerk.settled, self._hall.watching(clerk))


def room_names(hall: Hall) -> list[RoomName]:
    """Return the rooms that there are: those that a server was started with, and those that are open."""
    names = [RoomName(name) for name in hall.limits.rooms]
    known = {fold(name) for name in names}
    return [*names, *(clerk.name for key, clerk in hall.clerks.items() if clerk.settled.seq and key not in known)]


def help_text(columns: int = _WIDE_COLUMNS) -> str:
    """Return what can be typed, with an example and what it does, for a terminal of so many columns."""
    return "\n".join(_line_of_help(verb, columns) for verb in WORDS.values())


def _line_of_help(verb: _Verb, columns: int) -> str:
    if columns >= _WIDE_COLUMNS:
        return f"  {verb.usage:<17} {verb.does}"
    indent = "    "
    return "\n".join(
        [verb.usage, *textwrap.wrap(verb.does, max(columns, 20), initial_indent=indent, subsequent_indent=indent)]
    )


def _meant(word: str) -> str:
    word = word.lower().lstrip("/")
    found = _MEANT.get(word) or next(iter(get_close_matches(word, WORDS, n=1)), None)
    if found is None:
        return f"help lists what there is; {END} stops the server."
    return f"Did you mean {WORDS[found].usage} ({WORDS[found].does})?"


def _close(typed: str, names: Iterable[str]) -> str:
    """Return a question whether one of these was meant; "" where none is like it."""
    spelled = {fold(name): name for name in names}
    found = get_close_matches(fold(typed), spelled, n=1)
    return f"Did you mean {spelled[found[0]]}?" if found else ""
