"""What may be asked of a room: imperative, and never kept. `decide` turns a command into events, or rejects it.

A participant's command names who asks; that name comes from its visit, never from its own words. Some commands may
be asked by the operator (`by` is None) or by whoever is in the chair.
"""

from __future__ import annotations

from typing import final

import msgspec

from moothall.engine.names import Name
from moothall.engine.rules import Number, Rules
from moothall.engine.words import Kind, LeaveReason

__all__ = [
    "CallTime",
    "CloseRoom",
    "CloseSitting",
    "ComeBack",
    "Command",
    "GoAway",
    "Grant",
    "HostSay",
    "Join",
    "Leave",
    "NameChair",
    "Next",
    "OpenRoom",
    "Pass",
    "Pause",
    "QueueTopic",
    "Remove",
    "Reopen",
    "RequestFloor",
    "Return",
    "Revoke",
    "Say",
    "SetRules",
    "Skip",
    "Start",
    "Unpause",
    "Withdraw",
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


@final
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


class RequestFloor(_Command, frozen=True, gc=False):
    """Ask for the floor; asking again changes nothing."""

    name: Name


class Withdraw(_Command, frozen=True, gc=False):
    """Ask for the floor no longer."""

    name: Name


class Return(_Command, frozen=True, gc=False):
    """Come back from the bench, to get turns again."""

    name: Name


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


# The operator's, or the chair's.


class Grant(_Command, frozen=True, gc=False):
    """Give the floor to somebody, under the policy `chair`."""

    name: str
    by: Name | None = None


class Revoke(_Command, frozen=True, gc=False):
    """Take the floor from somebody; without a name, from whoever has it."""

    name: str | None = None
    by: Name | None = None


class QueueTopic(_Command, frozen=True, gc=False):
    """Talk about this next; a room that rests begins at once."""

    topic: str
    by: Name | None = None


class Next(_Command, frozen=True, gc=False):
    """Close the topic; in a room that rests, open another."""

    by: Name | None = None


class SetRules(_Command, frozen=True, gc=False, kw_only=True):
    """Talk by other rules from the next topic on. What is None stays as it is; the words are checked by the rules."""

    policy: str | None = None
    rounds: int | None = None
    until: str | None = None
    turn_seconds: Number | None = None
    seat_seconds: dict[str, Number] | None = None
    missed_turns: int | None = None
    on_missed: str | None = None
    by: Name | None = None


# The operator's.


class OpenRoom(_Command, frozen=True, gc=False):
    """Open the room, or give it other rules for its next sittings."""

    rules: Rules
    seed: str


class Start(_Command, frozen=True, gc=False):
    """Begin to talk with those who are here."""


class Skip(_Command, frozen=True, gc=False):
    """Take the floor from whoever has it."""


class NameChair(_Command, frozen=True, gc=False):
    """Put somebody in the chair, who need not be seated yet; None: nobody."""

    name: str | None


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
    | RequestFloor
    | Withdraw
    | Return
    | Grant
    | Revoke
    | QueueTopic
    | Next
    | SetRules
    | NameChair
    | Start
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
