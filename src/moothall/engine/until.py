"""The grammar of `until`, which says when a topic is over: `rounds=3 or (seconds=600 and phrase="we agree")`.

    until = all { "or" all }      all = one { "and" one }      one = "(" until ")" | word | word "=" value

`and` binds more tightly than `or`. A value with a space in it stands in double quotes. See docs/howto/policies.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NoReturn

import msgspec

from moothall.engine.rules import Number
from moothall.engine.words import TopicEnd
from moothall.errors import Reason, Rejected

__all__ = ["AllOf", "AnyOf", "Ending", "Leaf", "leaves", "parse_until", "phrases_in", "seat_budget"]

MAX_UNTIL_CHARS: Final = 500
_MAX_NUMBER: Final = 1_000_000_000
_MAX_DEPTH: Final = 10
_EXAMPLE: Final = 'as in rounds=3 or phrase="we agree"'

_NUMBERED: Final = (
    TopicEnd.ROUNDS,
    TopicEnd.TURNS,
    TopicEnd.SECONDS,
    TopicEnd.UTTERANCES,
    TopicEnd.CHARACTERS,
    TopicEnd.SEAT_CHARACTERS,
)
_PLAIN: Final = (TopicEnd.SETTLED, TopicEnd.CHAIR, TopicEnd.OPERATOR)
_TOKEN: Final = re.compile(r'\s*(?:([()])|((?:[^\s()="]+)(?:=(?:"[^"]*"|[^\s()"]*))?))')


class Leaf(msgspec.Struct, frozen=True, gc=False):
    """One thing that may be so: a number that is reached, a phrase that is said, or a plain word."""

    word: TopicEnd
    number: Number = 0
    phrase: str = ""


class AnyOf(msgspec.Struct, frozen=True):
    """Holds when one of its parts does."""

    parts: tuple[Ending, ...]


class AllOf(msgspec.Struct, frozen=True):
    """Holds when all of its parts do."""

    parts: tuple[Ending, ...]


Ending = Leaf | AnyOf | AllOf


@lru_cache(maxsize=256)
def parse_until(text: str) -> Ending:
    """Read an ending.

    Raises:
        Rejected: BAD_VALUE, with what is wrong and what there is.
    """
    if len(text) > MAX_UNTIL_CHARS:
        _refuse(f"is at most {MAX_UNTIL_CHARS} characters")
    return _Parser(_tokens(text)).read()


def leaves(ending: Ending) -> Iterator[Leaf]:
    """Return everything that an ending asks about, in the order in which it is written."""
    if isinstance(ending, Leaf):
        yield ending
    else:
        for part in ending.parts:
            yield from leaves(part)


def phrases_in(text: str, until: str) -> frozenset[str]:
    """Return the phrases of an ending that are said in `text`: as whole words, whatever their case and spacing."""
    patterns = _phrases(until)
    if not patterns:
        return frozenset()
    words = " ".join(text.casefold().split())
    return frozenset(phrase for phrase, pattern in patterns if pattern.search(words))


@lru_cache(maxsize=256)
def seat_budget(until: str) -> Number | None:
    """Return how many characters a seat may say in a topic before it gets no more turns; None: there is no limit."""
    if not until:
        return None
    budgets = [leaf.number for leaf in leaves(parse_until(until)) if leaf.word is TopicEnd.SEAT_CHARACTERS]
    return min(budgets, default=None)


@lru_cache(maxsize=256)
def _phrases(until: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    phrases = {leaf.phrase for leaf in leaves(parse_until(until)) if leaf.word is TopicEnd.PHRASE}
    return tuple((phrase, re.compile(rf"(?<!\w){re.escape(phrase)}(?!\w)")) for phrase in sorted(phrases))


class _Parser:
    """Reads one expression, by recursive descent."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def read(self) -> Ending:
        ending = self._any(0)
        if self._at < len(self._tokens):
            _refuse(f"does not go on with {self._tokens[self._at]!r}: join endings with and, or")
        return ending

    def _any(self, depth: int) -> Ending:
        parts = [self._all(depth)]
        while self._takes("or"):
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _all(self, depth: int) -> Ending:
        parts = [self._one(depth)]
        while self._takes("and"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _one(self, depth: int) -> Ending:
        if self._at == len(self._tokens):
            _refuse(f"wants an ending here: {' '.join(self._tokens) or '(nothing)'} ..., {_EXAMPLE}")
        word = self._tokens[self._at]
        if word != "(":
            self._at += 1
            return _leaf(word)
        if depth == _MAX_DEPTH:
            _refuse(f"nests at most {_MAX_DEPTH} deep")
        self._at += 1
        ending = self._any(depth + 1)
        if not self._takes(")"):
            _refuse("has a ( that is not closed")
        return ending

    def _takes(self, word: str) -> bool:
        is_next = self._at < len(self._tokens) and self._tokens[self._at].lower() == word
        self._at += is_next
        return is_next


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            _refuse(f"is not understood from {text[at:].strip()[:20]!r} on, {_EXAMPLE}")
        tokens.append(found.group(1) or found.group(2))
        at = found.end()
    return tokens


def _leaf(token: str) -> Leaf:
    name, equals, value = token.partition("=")
    try:
        word = TopicEnd(name.lower())
    except ValueError:
        word = TopicEnd.NOBODY_LEFT
    if word in _PLAIN and not equals:
        return Leaf(word)
    if word in _NUMBERED:
        return Leaf(word, _number(word, value))
    if word is TopicEnd.PHRASE:
        phrase = " ".join(value.strip('"').casefold().split())
        return Leaf(word, phrase=phrase) if phrase else _refuse("wants words after phrase=, as in phrase=agreed")
    numbered = ", ".join(f"{kind}=N" for kind in _NUMBERED)
    return _refuse(f"has no ending {token!r}: there are {numbered}, phrase=WORDS, {', '.join(_PLAIN)}")


def _number(word: TopicEnd, value: str) -> Number:
    if re.fullmatch(r"[0-9]{1,10}", value) and 1 <= int(value) <= _MAX_NUMBER:
        return int(value)
    if word is TopicEnd.SECONDS and re.fullmatch(r"[0-9]{1,9}\.[0-9]{1,3}", value) and float(value) > 0:
        return float(value)
    least = "0.001" if word is TopicEnd.SECONDS else "1"
    return _refuse(f"takes {word} from {least} to {_MAX_NUMBER}, not {value!r}")


def _refuse(words: str) -> NoReturn:
    raise Rejected(Reason.BAD_VALUE, f"until {words}")
