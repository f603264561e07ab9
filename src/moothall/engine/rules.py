"""What a room is opened with: how many it seats, who speaks next, how long, and when a topic is over."""

from __future__ import annotations

import msgspec

from moothall.engine.names import Name, fold
from moothall.engine.words import Afterwards, OnMissed, PolicyName, WhenShort

__all__ = ["Number", "Rules", "has_rounds", "has_turns", "milliseconds", "turn_seconds_of"]

Number = int | float
"""Seconds keep the form in which they were given: 30 stays `30`, so that a replay gives the same bytes."""


class Rules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a room was opened with. A length of time is in seconds; 0 for `turn_seconds` is no deadline.

    `agenda` holds the topics that every sitting talks about, in order. Where it is empty each sitting draws
    one of `topics`, a bag that is shuffled anew whenever it is empty. `question` says a topic as the host does.

    `until` says when a topic is over, in the words of `until`; empty: after `rounds` rounds, or once it is settled.
    `custom_policy` names the function behind the policy `custom`, as in `talk.py:loudest`. `chair`: who is in the chair
    when a sitting opens. `seat_seconds`: the length of a turn for some names, whatever their case. Who misses
    `missed_turns` turns in a row meets `on_missed`.

    A sitting that is not complete `gather_seconds` after its first seat was taken (0: however long it takes) does what
    `when_short` says. `reserve`: names whose seats nobody else can take while the room gathers. `hold_start`: a
    complete room waits for the operator's word.
    """

    seats: int = 4
    host: str = "Host"
    agenda: tuple[str, ...] = ()
    topics: tuple[str, ...] = ("hug", "play", "eat", "shop", "yell", "steal", "fight")
    question: str = "Do you want to {topic}?"
    policy: PolicyName = PolicyName.ROUND_ROBIN
    custom_policy: str = ""
    rounds: int = 1
    until: str = ""
    chair: str = ""
    turn_seconds: Number = 30
    seat_seconds: dict[str, Number] = msgspec.field(default_factory=dict)
    missed_turns: int = 3
    on_missed: OnMissed = OnMissed.BENCH
    away_seconds: Number = 30
    afterwards: Afterwards = Afterwards.DISCONNECT
    max_text_chars: int = 8000
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    gather_seconds: Number = 0
    when_short: WhenShort = WhenShort.WAIT
    reserve: tuple[str, ...] = ()
    hold_start: bool = False


def has_turns(policy: PolicyName) -> bool:
    """Tell whether the policy knows a floor and turns; without them anyone may speak at any time."""
    return policy not in _WITHOUT_TURNS


def has_rounds(policy: PolicyName) -> bool:
    """Tell whether the policy goes round: elsewhere a seat has a turn as often as it asks, or is asked by the chair."""
    return policy not in _WITHOUT_ROUNDS


def turn_seconds_of(rules: Rules, name: Name) -> Number:
    """Return how long a turn of `name` lasts; 0: as long as it likes."""
    for seated, seconds in rules.seat_seconds.items():
        if fold(seated) == fold(name):
            return seconds
    return rules.turn_seconds


def milliseconds(seconds: Number) -> int:
    """Return how long a turn lasts, at least 1: a turn that ended as it began could begin again for ever."""
    return max(1, round(seconds * 1000))


# A set of its own: looking up a member of an enum takes longer than finding it.
_WITHOUT_TURNS = frozenset({PolicyName.OPEN})
_WITHOUT_ROUNDS = frozenset({PolicyName.REQUEST, PolicyName.CHAIR, PolicyName.OPEN})
