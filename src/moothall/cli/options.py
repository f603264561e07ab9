"""Reads what is typed after the options of `moothall serve` into the values of settings.

Each function raises BadSetting where the words are no such value: one sentence that names the option. How large a
number may be is not said here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from moothall.engine.limits import on_missed_named, policy_named
from moothall.engine.names import fold
from moothall.engine.rules import Number
from moothall.engine.words import OnMissed, PolicyName
from moothall.errors import BadSetting, Rejected
from moothall.settings import Settings, as_option, default_data_folder

__all__ = [
    "folder_of",
    "labels_of",
    "number_of",
    "on_missed_of",
    "policy_of",
    "rounds_of",
    "seat_seconds_of",
    "whole_number",
]

_MEMORY: Final = ":memory:"
_MAX_SHOWN_CHARS: Final = 40


def policy_of(word: str) -> tuple[PolicyName, str]:
    """Return the policy, and the function behind it where `word` is `file.py:function`."""
    if ":" in word or word.endswith(".py"):
        return PolicyName.CUSTOM, word
    try:
        return policy_named(word), ""
    except Rejected as refusal:
        raise as_option(refusal) from None


def rounds_of(rounds: str | None, until: str) -> int:
    """Return the rounds; None: none were given. Beside `until` they would have two meanings."""
    if rounds is None:
        return Settings().rounds
    if until:
        raise BadSetting(f"--rounds cannot stand beside --until: write rounds={_short(rounds)} into --until.")
    return whole_number("--rounds", rounds)


def whole_number(option: str, text: str) -> int:
    """Return a whole number."""
    try:
        return int(text)
    except ValueError:
        raise BadSetting(f"{option} is a whole number, not {_short(text)!r}.") from None


def number_of(unit: str, option: str, text: str) -> Number:
    """Return a number of seconds, or days: 30 and not 30.0, for it stands so in every event."""
    try:
        number = float(text)
    except ValueError:
        raise BadSetting(f"{option} is a number of {unit}, not {_short(text)!r}.") from None
    return int(number) if number.is_integer() else number


def seat_seconds_of(pairs: tuple[str, ...]) -> dict[str, Number]:
    """Return the length of a turn for each name; the last one holds where a name is given twice."""
    lengths: dict[str, tuple[str, Number]] = {}
    for pair in pairs:
        name, equals, seconds = pair.rpartition("=")
        if not equals:
            raise BadSetting(f"--seat-seconds is NAME=SECONDS, as in Kari=60, not {_short(pair)!r}.")
        lengths[fold(name.strip())] = name.strip(), number_of("seconds", "--seat-seconds", seconds)
    return dict(lengths.values())


def on_missed_of(word: str) -> OnMissed:
    """Return what becomes of who has missed too many turns."""
    try:
        return on_missed_named(word)
    except Rejected as refusal:
        raise as_option(refusal) from None


def labels_of(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return the labels of sittings."""
    labels: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise BadSetting(f"--label is KEY=VALUE, as in arm=rotate, not {pair!r}.")
        labels[key.strip()] = value.strip()
    return labels


def folder_of(data: str | None) -> Path | None:
    """Return the data folder; None keeps nothing."""
    if data == _MEMORY:
        return None
    return Path(data) if data else default_data_folder()


def _short(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN_CHARS else f"{text[:_MAX_SHOWN_CHARS]}..."
