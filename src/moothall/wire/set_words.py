"""The words after `set`, which change a rule from the next topic on: typed at the console, or by whoever is the chair.

Says here what is no value at all; how large one may be is for the rules of the room to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NoReturn

import msgspec

from moothall.engine.commands import SetRules
from moothall.engine.names import Name
from moothall.engine.rules import Number
from moothall.errors import Reason, Rejected

__all__ = ["SET_USAGE", "parse_set"]

SET_USAGE: Final = "set RULE VALUE, as in set turn_seconds 20"
"""How it is typed, for those who list commands."""

_NONE: Final = "none"
"""What is typed for no ending of one's own, or for no seats with seconds of their own."""
_MAX_SHOWN_CHARS: Final = 40


class _Rule(msgspec.Struct, frozen=True):
    """One rule: what it may be, an example, and the command that a value becomes; None where it is no value."""

    what: str
    example: str
    read: Callable[[str], SetRules | None]


def parse_set(words: str, by: Name | None) -> SetRules:
    """Read `RULE VALUE`, as in `until rounds=3 or phrase=agreed` or `seat_seconds Kari=60, Ola=20`.

    Args:
        by: who asks from the chair; None is the operator.

    Raises:
        Rejected: BAD_VALUE, with the rules that there are, or the rule and what it may be.
    """
    name, _, value = words.strip().partition(" ")
    name, value = name.lower().replace("-", "_"), value.strip()
    rule = _RULES.get(name)
    if rule is None:
        _refuse(f"set knows the rules {', '.join(_RULES)}, not {_shown(name)}")
    command = rule.read(value) if value else None
    if command is None:
        _refuse(
            f"{name} is {rule.what}, not {_shown(value)}" if value else f"{name} is {rule.what}, as in {rule.example}"
        )
    return msgspec.structs.replace(command, by=by)


def _rounds(value: str) -> SetRules | None:
    number = _whole(value)
    return None if number is None else SetRules(rounds=number)


def _turn_seconds(value: str) -> SetRules | None:
    number = _number(value)
    return None if number is None else SetRules(turn_seconds=number)


def _missed_turns(value: str) -> SetRules | None:
    number = _whole(value)
    return None if number is None else SetRules(missed_turns=number)


def _seat_seconds(value: str) -> SetRules | None:
    if value.lower() == _NONE:
        return SetRules(seat_seconds={})
    lengths: dict[str, Number] = {}
    for pair in value.split(","):
        name, _, seconds = pair.partition("=")
        number = _number(seconds.strip())
        if number is None or not name.strip():
            return None
        lengths[name.strip()] = number
    return SetRules(seat_seconds=lengths)


def _whole(value: str) -> int | None:
    return int(value) if re.fullmatch(r"-?[0-9]{1,15}", value) else None


def _number(value: str) -> Number | None:
    # 30 and not 30.0: the number stands so in every event.
    whole = _whole(value)
    if whole is not None:
        return whole
    return float(value) if re.fullmatch(r"-?[0-9]{1,15}\.[0-9]{1,3}", value) else None


def _shown(value: str) -> str:
    return repr(value if len(value) <= _MAX_SHOWN_CHARS else f"{value[:_MAX_SHOWN_CHARS]}...")


def _refuse(sentence: str) -> NoReturn:
    raise Rejected(Reason.BAD_VALUE, sentence)


_RULES: Final[dict[str, _Rule]] = {
    "policy": _Rule("the name of a policy", "rotate", lambda value: SetRules(policy=value.lower())),
    "rounds": _Rule("a whole number", "3", _rounds),
    "until": _Rule(
        f"an ending, or {_NONE}",
        "rounds=3 or phrase=agreed",
        lambda value: SetRules(until="" if value.lower() == _NONE else value),
    ),
    "turn_seconds": _Rule("a number of seconds", "20", _turn_seconds),
    "seat_seconds": _Rule(f"NAME=SECONDS, more of them after commas, or {_NONE}", "Kari=60", _seat_seconds),
    "missed_turns": _Rule("a whole number", "3", _missed_turns),
    "on_missed": _Rule("bench, remove or none", "bench", lambda value: SetRules(on_missed=value.lower())),
}
