"""What the operator asks of a room through the web door: one frozen type per frame, and the command that it becomes.

Where the chair may ask the same, the frame is the same. Normative: docs/protocol/web.md §6.
"""

from __future__ import annotations

from typing import Annotated, assert_never

import msgspec

from moothall.engine.commands import (
    CloseSitting,
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
from moothall.engine.names import Name
from moothall.wire.frames import Do, GrantFrame, NextFrame, RevokeFrame, SetFrame, TopicFrame, set_command

__all__ = ["OPERATOR_FRAMES", "OperatorFrame", "operator_command"]


class StartFrame(Do, frozen=True, kw_only=True, tag="start"):
    """Begin to talk with those who are here."""


class SkipFrame(Do, frozen=True, kw_only=True, tag="skip"):
    """Take the floor from whoever has it."""


class ChairFrame(Do, frozen=True, kw_only=True, tag="chair"):
    """Put somebody in the chair, who need not be seated yet; without a name: nobody."""

    name: str | None = None


class RemoveFrame(Do, frozen=True, kw_only=True, tag="remove"):
    """Take somebody's seat away, and say why."""

    name: str
    why: Annotated[str, msgspec.Meta(max_length=200)] = ""


class PauseFrame(Do, frozen=True, kw_only=True, tag="pause"):
    """Stop the clock and the floor."""


class UnpauseFrame(Do, frozen=True, kw_only=True, tag="unpause"):
    """Go on with the time that was left."""


class HostSayFrame(Do, frozen=True, kw_only=True, tag="say"):
    """Let the host say something."""

    text: str


class EndFrame(Do, frozen=True, kw_only=True, tag="end"):
    """Close the sitting; the room gathers again."""


OperatorFrame = (
    StartFrame
    | TopicFrame
    | NextFrame
    | SkipFrame
    | GrantFrame
    | RevokeFrame
    | ChairFrame
    | SetFrame
    | RemoveFrame
    | PauseFrame
    | UnpauseFrame
    | HostSayFrame
    | EndFrame
)

OPERATOR_FRAMES: msgspec.json.Decoder[OperatorFrame] = msgspec.json.Decoder(OperatorFrame)


def operator_command(frame: OperatorFrame) -> Command:
    """Return what a frame asks of the room in the operator's name."""
    match frame:
        case StartFrame():
            return Start()
        case TopicFrame(topic=topic):
            return QueueTopic(topic)
        case NextFrame():
            return Next()
        case SkipFrame():
            return Skip()
        case GrantFrame(name=name):
            return Grant(name)
        case RevokeFrame(name=holder):
            return Revoke(holder)
        case ChairFrame(name=chair):
            return NameChair(chair)
        case SetFrame():
            return set_command(frame, by=None)
        case RemoveFrame(name=name, why=why):
            return Remove(Name(name), why)
        case PauseFrame():
            return Pause()
        case UnpauseFrame():
            return Unpause()
        case HostSayFrame(text=text):
            return HostSay(text)
        case EndFrame():
            return CloseSitting()
        case _:
            assert_never(frame)
