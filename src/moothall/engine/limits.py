"""What a rule's value may be: one sentence for each that cannot, the same for the command line and every door.

A sentence begins with the rule's name as it stands on the wire.
"""

from __future__ import annotations

from typing import Final, NoReturn

from moothall.engine.names import RESERVED_NAMES, fold, parse_name
from moothall.engine.rules import Number, Rules
from moothall.engine.until import parse_until
from moothall.engine.words import OnMissed, PolicyName, WhenShort
from moothall.errors import Reason, Rejected

__all__ = [
    "MAX_QUEUED",
    "MAX_SECONDS",
    "MAX_TOPIC_CHARS",
    "chair_named",
    "check_rules",
    "on_missed_named",
    "policy_named",
    "when_short_named",
]

MAX_SEATS: Final = 200
MAX_ROUNDS: Final = 1_000_000
MAX_SECONDS: Final = 7 * 24 * 3600
MAX_MISSED: Final = 1_000_000
MAX_TEXT_CHARS: Final = 1_000_000
MAX_TOPIC_CHARS: Final = 200
MAX_LABELS: Final = 32
MAX_QUEUED: Final = 100


def check_rules(rules: Rules) -> None:
    """Check every rule.

    Raises:
        Rejected: BAD_VALUE, with the first that cannot be and what it may be.
    """
    _whole("seats", rules.seats, 1, MAX_SEATS)
    _whole("rounds", rules.rounds, 1, MAX_ROUNDS)
    _seconds("turn_seconds", rules.turn_seconds)
    _seconds("away_seconds", rules.away_seconds)
    _whole("missed_turns", rules.missed_turns, 1, MAX_MISSED)
    _whole("max_text_chars", rules.max_text_chars, 1, MAX_TEXT_CHARS)
    if len(rules.seat_seconds) > MAX_SEATS:
        _refuse(f"seat_seconds holds {MAX_SEATS} names at most")
    for name, seconds in rules.seat_seconds.items():
        _name("seat_seconds", name)
        _seconds("seat_seconds", seconds)
    if rules.until:
        parse_until(rules.until)
    for topic in (*rules.agenda, *rules.topics):
        if not 1 <= len(topic.strip()) <= MAX_TOPIC_CHARS:
            _refuse(f"topic is 1 to {MAX_TOPIC_CHARS} characters")
    if not rules.topics:
        _refuse("topics holds at least one")
    if "{topic}" not in rules.question:
        _refuse("question holds {topic} where the topic goes")
    if len(rules.labels) > MAX_LABELS:
        _refuse(f"label can be given {MAX_LABELS} times at most")
    _gathering(rules)
    _name("host", rules.host)
    if rules.chair:
        _name("chair", rules.chair)
        chair_named(rules, rules.chair)


def _gathering(rules: Rules) -> None:
    _seconds("gather_seconds", rules.gather_seconds)
    if rules.gather_seconds and rules.when_short is WhenShort.WAIT:
        _refuse("gather_seconds wants when_short to be start, fill or close: a room that waits does so for ever")
    if rules.when_short is not WhenShort.WAIT and not rules.gather_seconds:
        _refuse(f"when_short {rules.when_short} wants gather_seconds: how long a room gathers before it is short")
    if rules.hold_start and rules.gather_seconds:
        _refuse("hold_start cannot stand beside gather_seconds: a start that is held waits for the operator")
    for name in rules.reserve:
        _name("reserve", name)
        if fold(name) in RESERVED_NAMES | {fold(rules.host)}:
            _refuse(f"reserve is for names of participants, which {name} cannot be")
    if len({fold(name) for name in rules.reserve}) != len(rules.reserve):
        _refuse("reserve holds a name twice")
    if len(rules.reserve) > rules.seats:
        _refuse(f"reserve holds {len(rules.reserve)} names, and there are {rules.seats} seats")


def chair_named(rules: Rules, name: str) -> str:
    """Return the name of who is to be in the chair.

    Raises:
        Rejected: BAD_VALUE, nobody can take a seat under this name.
    """
    if fold(name) in RESERVED_NAMES | {fold(rules.host)}:
        _refuse(f"chair is the name of a participant, which {name} cannot be")
    return name


def policy_named(word: str) -> PolicyName:
    """Return the policy of this name.

    Raises:
        Rejected: BAD_VALUE, with all there are.
    """
    try:
        return PolicyName(word)
    except ValueError:
        _refuse(f"policy is one of {', '.join(PolicyName)} (file.py:function), not {word!r}")


def when_short_named(word: str) -> WhenShort:
    """Return what this word means for a room that is short.

    Raises:
        Rejected: BAD_VALUE, with all there are.
    """
    try:
        return WhenShort(word)
    except ValueError:
        _refuse(f"when_short is one of {', '.join(WhenShort)}, not {word!r}")


def on_missed_named(word: str) -> OnMissed:
    """Return what this word means for who has missed too many turns.

    Raises:
        Rejected: BAD_VALUE, with all there are.
    """
    try:
        return OnMissed(word)
    except ValueError:
        _refuse(f"on_missed is one of {', '.join(OnMissed)}, not {word!r}")


def _whole(rule: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        _refuse(f"{rule} is a whole number from {least} to {most}, not {value}")


def _seconds(rule: str, value: Number) -> None:
    if not 0 <= value <= MAX_SECONDS:
        _refuse(f"{rule} is a number of seconds from 0 (none) to {MAX_SECONDS}, not {value:.15g}")


def _name(rule: str, name: str) -> None:
    try:
        is_plain = parse_name(name) == name
    except Rejected:
        is_plain = False
    if not is_plain:
        _refuse(f"{rule} has no name {name!r}: 1 to 32 letters, digits, -_.' and single spaces")


def _refuse(sentence: str) -> NoReturn:
    raise Rejected(Reason.BAD_VALUE, sentence)
