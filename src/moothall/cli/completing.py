"""What the tabulator offers: the words that may stand first, and what may follow each of them.

Offers whole lines in place of what is typed so far, for names hold spaces.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from moothall.cli.operator import NOBODY, WORDS
from moothall.engine.commands import SetRules
from moothall.engine.names import Name, fold
from moothall.engine.room import Room
from moothall.engine.words import OnMissed, PolicyName
from moothall.wire.typed import SlashWord

__all__ = ["guest_lines", "operator_lines"]

_RULES: Final = tuple(field for field in SetRules.__struct_fields__ if field != "by")
_ELSEWHERE: Final = frozenset({SlashWord.DROP, SlashWord.ROOMS, SlashWord.WAIT, SlashWord.WATCH})
"""What means nothing in a room that one has joined from a terminal: no words wait, and one is in a room already."""
_CHAIRS: Final = frozenset({SlashWord.GRANT, SlashWord.REVOKE, SlashWord.TOPIC, SlashWord.NEXT, SlashWord.SET})


def operator_lines(typed: str, room: Room | None, rooms: Iterable[str]) -> list[str]:
    """Return what the operator may have begun to type.

    Args:
        room: the one that commands go to; None, and nobody was there yet.
        rooms: all that there are.
    """
    word, space, rest = typed.lstrip().partition(" ")
    if not space:
        return _offers("", word, [f"{word} " if verb.takes_words else word for word, verb in WORDS.items()])
    word = word.lower()
    match word:
        case "go":
            return _offers("go ", rest, rooms)
        case "help":
            return _offers("help ", rest, WORDS)
        case "chair":
            return _offers("chair ", rest, [*_seated(room), NOBODY])
        case _:
            return _after(word, f"{word} ", rest, room)


def guest_lines(typed: str, room: Room, name: Name) -> list[str]:
    """Return what `name`, who has a seat in the room, may have begun to type: slash commands, and an @name."""
    word, space, rest = typed.lstrip().partition(" ")
    if word.startswith("/") and not word.startswith("//"):
        is_chair = room.seated_chair == name
        words = [word for word in SlashWord if word not in _ELSEWHERE and (is_chair or word not in _CHAIRS)]
        if not space:
            return _offers("/", word[1:], [f"{word} " if word in _WITH_WORDS else word for word in words])
        return _after(word[1:].lower(), f"{word.lower()} ", rest, room)
    head, at, begun = typed.rpartition("@")
    return _offers(head + at, begun, [other for other in room.seats if other != name]) if at else []


def _after(word: str, head: str, rest: str, room: Room | None) -> list[str]:
    match word:
        case "remove" | "grant":
            return _offers(head, rest, _seated(room))
        case "revoke":
            return _offers(head, rest, [] if room is None else [turn.name for turn in room.turns])
        case "topic":
            return _offers(head, rest, [] if room is None else room.rules.topics)
        case "set":
            return _after_set(head, rest, room)
        case _:
            return []


def _after_set(head: str, rest: str, room: Room | None) -> list[str]:
    rule, space, value = rest.lstrip().partition(" ")
    if not space:
        return _offers(head, rule, [f"{rule} " for rule in _RULES])
    has_own = room is not None and bool(room.rules.custom_policy)
    values: dict[str, Iterable[str]] = {
        "policy": [policy for policy in PolicyName if has_own or policy is not PolicyName.CUSTOM],
        "on_missed": list(OnMissed),
        "until": ["none"],
        "seat_seconds": ["none", *(f"{name}=" for name in _seated(room))],
    }
    return _offers(f"{head}{rule.lower()} ", value, values.get(rule.lower(), []))


def _seated(room: Room | None) -> list[Name]:
    return [] if room is None else list(room.seats)


def _offers(head: str, begun: str, words: Iterable[str]) -> list[str]:
    return [head + word for word in words if fold(word).startswith(fold(begun.lstrip()))]


_WITH_WORDS: Final = frozenset({SlashWord.GRANT, SlashWord.REVOKE, SlashWord.TOPIC, SlashWord.SET})
