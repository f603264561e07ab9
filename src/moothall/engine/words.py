"""The closed sets of words inside events and rules: part of the format, for clients compare with them."""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "Afterwards",
    "Kind",
    "LeaveReason",
    "OnMissed",
    "PolicyName",
    "SittingEnd",
    "StartReason",
    "TopicEnd",
    "WhenShort",
]


class Kind(StrEnum):
    """What a participant says that it is."""

    BOT = "bot"
    PERSON = "person"


class PolicyName(StrEnum):
    """Who is next; each is a function in `policies`."""

    ROUND_ROBIN = "round-robin"
    ROTATE = "rotate"
    SHUFFLE = "shuffle"
    PARALLEL = "parallel"
    REQUEST = "request"
    ADDRESSED = "addressed"
    CHAIR = "chair"
    OPEN = "open"
    CUSTOM = "custom"


class OnMissed(StrEnum):
    """What becomes of a seat that has missed too many turns in a row."""

    BENCH = "bench"
    REMOVE = "remove"
    NONE = "none"


class Afterwards(StrEnum):
    """What follows the last topic."""

    DISCONNECT = "disconnect"
    STAY = "stay"


class WhenShort(StrEnum):
    """What follows where a room has gathered for long enough, and seats are still empty."""

    WAIT = "wait"
    START = "start"
    FILL = "fill"
    CLOSE = "close"


class StartReason(StrEnum):
    """Why a sitting began to talk otherwise than by being complete: the operator wanted it, or it was short."""

    OPERATOR = "operator"
    SHORT = "short"


class TopicEnd(StrEnum):
    """Why a topic closed: an ending held, somebody asked for it, or nobody was left who could be given the floor."""

    ROUNDS = "rounds"
    TURNS = "turns"
    SECONDS = "seconds"
    UTTERANCES = "utterances"
    CHARACTERS = "characters"
    SEAT_CHARACTERS = "seat_characters"
    PHRASE = "phrase"
    SETTLED = "settled"
    CHAIR = "chair"
    OPERATOR = "operator"
    NOBODY_LEFT = "nobody_left"


class SittingEnd(StrEnum):
    """Why a sitting closed: its topics done, by the operator, nobody seated any more, or too few in time."""

    DONE = "done"
    OPERATOR = "operator"
    NOBODY_LEFT = "nobody_left"
    SHORT = "short"


class LeaveReason(StrEnum):
    """Why a seat was given up: asked for, connection lost, away for too long, or the server restarted."""

    ASKED = "asked"
    LOST = "lost"
    AWAY = "away"
    RESTART = "restart"
