"""What a room is opened with: how many it seats, who speaks next, how long, and when a topic is over."""

from __future__ import annotations

from enum import StrEnum

import msgspec

__all__ = ["Afterwards", "Number", "PolicyName", "Rules"]

Number = int | float
"""Seconds keep the form in which they were given: 30 stays `30`, so that a replay gives the same bytes."""


class PolicyName(StrEnum):
    """Who is next; each is a function in `policies`."""

    ROUND_ROBIN = "round-robin"
    OPEN = "open"


class Afterwards(StrEnum):
    """What follows the last topic."""

    DISCONNECT = "disconnect"
    STAY = "stay"


class Rules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a room was opened with. A length of time is in seconds; 0 for `turn_seconds` is no deadline.

    `agenda` holds the topics that every sitting talks about, in order. Where it is empty each sitting draws
    one of `topics`, a bag that is shuffled anew whenever it is empty. `question` says a topic as the host does.
    """

    seats: int = 4
    host: str = "Host"
    agenda: tuple[str, ...] = ()
    topics: tuple[str, ...] = ("hug", "play", "eat", "shop", "yell", "steal", "fight")
    question: str = "Do you want to {topic}?"
    policy: PolicyName = PolicyName.ROUND_ROBIN
    rounds: int = 1
    turn_seconds: Number = 30
    away_seconds: Number = 30
    afterwards: Afterwards = Afterwards.DISCONNECT
    max_text_chars: int = 8000
    labels: dict[str, str] = msgspec.field(default_factory=dict)
