"""What may be asked of a room: imperative, and never kept. `decide` turns a command into events, or rejects it.

A participant's command names who asks; that name comes from its visit, never from its own words.
"""

from __future__ import annotations

import msgspec

from moothall.engine.events import Kind, LeaveReason
from moothall.engine.names import Name
from moothall.engine.rules import Rules

__all__ = [
    "CallTime",
    "CloseRoom",
    "CloseSitting",
    "ComeBack",
    "Command",
    "GoAway",
    "HostSay",
    "Join",
    "Leave",
    "Next",
    "OpenRoom",
    "Pass",
    "Pause",
    "QueueTopic",
    "Remove",
    "Reopen",
    "Say",
    "Skip",
    "Unpause",
]


class _Command(msgspec.Struct, frozen=True, gc=False):
    """How every command is made: immutable."""


# A participant's.


class Join(_Command, frozen=True, gc=False):
    """Take the lowest free seat. `keyed`: its door gives a key with which to come back."""

    name: Name
    kind: Kind = Kind.BOT
    about: str = ""
    keyed: bool = False


class Say(_Command, frozen=True, gc=False):
    """Say something with the floor. `turn`, where given, must be the turn that is open.

    `cid` is the sender's own word for this utterance: the same again under the same cid is said once.
    """

    name: Name
    text: str
    turn: int | None = None
    cid: str | None = None


class Pass(_Command, frozen=True, gc=False):
    """Give one's turn up without speaking."""

    name: Name
    turn: int | None = None


class Leave(_Command, frozen=True, gc=False):
    """Give the seat up for good."""

    name: Name
    reason: LeaveReason = LeaveReason.ASKED


class GoAway(_Command, frozen=True, gc=False):
    """The connection of a keyed seat is lost: hold the seat for a while."""

    name: Name


class ComeBack(_Command, frozen=True, gc=False):
    """The connection of a keyed seat is there again."""

    name: Name


# The operator's.


class OpenRoom(_Command, frozen=True, gc=False):
    """Open the room, or give it other rules for its next sittings."""

    rules: Rules
    seed: str


class QueueTopic(_Command, frozen=True, gc=False):
    """Talk about this next; a room that rests begins at once."""

    topic: str


class Next(_Command, frozen=True, gc=False):
    """Close the topic; in a room that rests, open another."""


class Skip(_Command, frozen=True, gc=False):
    """Take the floor from whoever has it."""


class Remove(_Command, frozen=True, gc=False):
    """Take somebody's seat away."""

    name: Name
    reason: str = ""


class Pause(_Command, frozen=True, gc=False):
    """Stop the clock and the floor."""


class Unpause(_Command, frozen=True, gc=False):
    """Go on with the time that was left."""


class HostSay(_Command, frozen=True, gc=False):
    """Let the host say something."""

    text: str


class CloseSitting(_Command, frozen=True, gc=False):
    """End the sitting, in the middle of whatever it is."""


class CloseRoom(_Command, frozen=True, gc=False):
    """End the sitting, where there is one, and the room for good."""


# The clock's.


class CallTime(_Command, frozen=True, gc=False):
    """Some deadline of the room has come."""


class Reopen(_Command, frozen=True, gc=False):
    """Time stood still since `since` (milliseconds since the epoch): the server, or its log, was down.

    `here` names the seats whose connections outlived it.
    """

    since: int
    here: frozenset[Name] = frozenset()


Command = (
    Say
    | Pass
    | CallTime
    | Join
    | Leave
    | GoAway
    | ComeBack
    | QueueTopic
    | Next
    | Skip
    | Remove
    | Pause
    | Unpause
    | HostSay
    | CloseSitting
    | CloseRoom
    | Reopen
    | OpenRoom
)
"""Any command: closed, so that a `match` over it can end in `assert_never`."""
