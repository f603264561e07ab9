"""What a client of the JSON lines door asks: one frozen type per frame, and the command that it asks for.

Normative: docs/protocol/json.md §2. Whole numbers are bounded by type: no rule meets one that a log cannot hold.
"""

from __future__ import annotations

from typing import Annotated, Final, assert_never, final

import msgspec

from moothall.engine.commands import (
    Command,
    Grant,
    Next,
    Pass,
    QueueTopic,
    RequestFloor,
    Return,
    Revoke,
    SetRules,
    Withdraw,
)
from moothall.engine.names import Name
from moothall.engine.words import Kind

__all__ = [
    "OPERATORS_WORDS",
    "Cid",
    "Do",
    "Frame",
    "GrantFrame",
    "JoinFrame",
    "LeaveFrame",
    "NextFrame",
    "PassFrame",
    "PingFrame",
    "PongFrame",
    "RequestFrame",
    "ReturnFrame",
    "RevokeFrame",
    "RoomFrame",
    "SayFrame",
    "SetFrame",
    "TopicFrame",
    "WhoFrame",
    "WithdrawFrame",
    "command_of",
    "set_command",
    "word_of",
]

OPERATORS_WORDS: Final = frozenset({"skip", "remove", "pause", "unpause", "close", "end", "chair"})
"""What only the operator may ask: from the server's own console, or with the token through the web door."""

Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""Below 0 too: the rules say what a value may be, and say it better than a decoder."""
Cid = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Do(msgspec.Struct, frozen=True, tag_field="do", omit_defaults=True, kw_only=True):
    """How every frame of a client is tagged."""


class JoinFrame(Do, frozen=True, kw_only=True, tag="join"):
    """Take a seat, watch, or come back: with a `key`, or a spectator's `epoch`, and the last seq that was read.

    `room`: None is the one to which the door leads. `wait`: where the room is full, wait for a seat.

    `after` is any integer: who comes back with one that no event has is told `reset`.
    """

    room: str | None = None
    name: str = ""
    kind: Kind = Kind.BOT
    about: str = ""
    watch: bool = False
    wait: bool = False
    key: str | None = None
    epoch: str | None = None
    after: int | None = None


@final
class SayFrame(Do, frozen=True, kw_only=True, tag="say"):
    """Say `text`, in `turn` where it is given; the receipt is the own `said` event with the `cid`."""

    text: str
    turn: Count | None = None
    cid: Cid | None = None


class PassFrame(Do, frozen=True, kw_only=True, tag="pass"):
    turn: Count | None = None


class LeaveFrame(Do, frozen=True, kw_only=True, tag="leave"):
    pass


class RequestFrame(Do, frozen=True, kw_only=True, tag="request"):
    """Queue for the floor; asking again changes nothing."""


class WithdrawFrame(Do, frozen=True, kw_only=True, tag="withdraw"):
    """Queue for the floor no longer."""


class ReturnFrame(Do, frozen=True, kw_only=True, tag="return"):
    """Come back from the bench."""


class GrantFrame(Do, frozen=True, kw_only=True, tag="grant"):
    """The chair's: give the floor to somebody."""

    name: str


class RevokeFrame(Do, frozen=True, kw_only=True, tag="revoke"):
    """The chair's: take the floor from somebody; without a name, from whoever has it."""

    name: str | None = None


class TopicFrame(Do, frozen=True, kw_only=True, tag="topic"):
    """The chair's: talk about this next."""

    topic: str


class NextFrame(Do, frozen=True, kw_only=True, tag="next"):
    """The chair's: close the topic; in a room that rests, open another."""


class SetFrame(Do, frozen=True, kw_only=True, tag="set"):
    """The chair's: talk by other rules from the next topic on. What is absent stays as it is.

    `policy` and `on_missed` are any words: it is the rules that say which there are.
    """

    policy: str | None = None
    rounds: Whole | None = None
    until: str | None = None
    turn_seconds: Whole | float | None = None
    seat_seconds: dict[str, Whole | float] | None = None
    missed_turns: Whole | None = None
    on_missed: str | None = None


class WhoFrame(Do, frozen=True, kw_only=True, tag="who"):
    pass


class PingFrame(Do, frozen=True, kw_only=True, tag="ping"):
    pass


class PongFrame(Do, frozen=True, kw_only=True, tag="pong"):
    """The answer to the server's ping; any other line would do."""


RoomFrame = (
    PassFrame
    | RequestFrame
    | WithdrawFrame
    | ReturnFrame
    | GrantFrame
    | RevokeFrame
    | TopicFrame
    | NextFrame
    | SetFrame
)
"""What becomes a command as it is."""

Frame = RoomFrame | SayFrame | JoinFrame | LeaveFrame | WhoFrame | PingFrame | PongFrame


def command_of(frame: RoomFrame, name: Name) -> Command:
    """Return what a frame asks of the room in the name of its sender."""
    match frame:
        case PassFrame(turn=turn):
            return Pass(name, turn)
        case RequestFrame():
            return RequestFloor(name)
        case WithdrawFrame():
            return Withdraw(name)
        case ReturnFrame():
            return Return(name)
        case GrantFrame(name=to):
            return Grant(to, by=name)
        case RevokeFrame(name=holder):
            return Revoke(holder, by=name)
        case TopicFrame(topic=topic):
            return QueueTopic(topic, by=name)
        case NextFrame():
            return Next(by=name)
        case SetFrame():
            return set_command(frame, by=name)
        case _:
            assert_never(frame)


def set_command(frame: SetFrame, *, by: Name | None) -> SetRules:
    """Return the change of rules that a frame asks for; `by` None: in the operator's name."""
    return SetRules(
        policy=frame.policy,
        rounds=frame.rounds,
        until=frame.until,
        turn_seconds=frame.turn_seconds,
        seat_seconds=frame.seat_seconds,
        missed_turns=frame.missed_turns,
        on_missed=frame.on_missed,
        by=by,
    )


def word_of(command: Command) -> str:
    """Return what a client calls what it asked for with a frame that became this command."""
    return _WORDS.get(type(command)) or type(command).__name__.lower()


_WORDS: Final[dict[type[Command], str]] = {RequestFloor: "request", QueueTopic: "topic", SetRules: "set"}
