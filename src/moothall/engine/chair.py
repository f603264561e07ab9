"""The chair, and the operator: who gives the floor, takes it away, and says by which rules the talk goes on.

The chair is a participant whom the rules or the operator name. The chair is in charge only while it has a seat.
"""

from __future__ import annotations

from typing import Final

from moothall.engine.commands import Grant, NameChair, Remove, Revoke, SetRules
from moothall.engine.deadlines import grant
from moothall.engine.events import ChairNamed, Event, FloorRevoked, Removed, RulesSet
from moothall.engine.evolve import rules_with
from moothall.engine.limits import chair_named, check_rules, on_missed_named, policy_named
from moothall.engine.names import Name, fold, parse_name
from moothall.engine.policies import is_candidate
from moothall.engine.room import Room
from moothall.engine.words import PolicyName
from moothall.errors import Reason, Rejected

__all__ = ["CHAIR", "OPERATOR", "authority", "grant_floor", "name_chair", "remove", "revoke", "revoke_all", "set_rules"]

OPERATOR: Final = "operator"
"""How an event names the person who runs the server."""
CHAIR: Final = "chair"
"""How an event names whoever is in the chair."""


def authority(room: Room, by: Name | None, word: str) -> str:
    """Return in which capacity `by` may ask for what is called `word`: as the operator, who is None, or in the chair.

    Raises:
        Rejected: NOT_ALLOWED.
    """
    if by is None:
        return OPERATOR
    if by == room.seated_chair:
        return CHAIR
    raise Rejected(Reason.NOT_ALLOWED, f"only the operator or the chair may ask for {word}")


def grant_floor(room: Room, command: Grant, at: int) -> list[Event]:
    """Give the floor to somebody, as often as the chair likes; to who has it already, this changes nothing.

    Raises:
        Rejected: NOT_ALLOWED, another policy or the floor is not free; NOT_TALKING; NO_SEAT, about the name.
    """
    authority(room, command.by, "grant")
    if room.rules.policy is not PolicyName.CHAIR:
        raise Rejected(Reason.NOT_ALLOWED, f"the policy {room.rules.policy} gives the floor, not the chair")
    if room.topic is None or room.paused_at is not None:
        raise Rejected(Reason.NOT_TALKING, "paused" if room.paused_at is not None else room.phase)
    name = _seated(room, command.name)
    if room.turn_of(name) is not None:
        return []
    if room.turns:
        raise Rejected(Reason.NOT_ALLOWED, f"{room.holder} has the floor")
    if not is_candidate(room, name):
        raise Rejected(Reason.NOT_ALLOWED, f"{name} gets no turns now")
    return [grant(room, name, at)]


def revoke(room: Room, command: Revoke) -> list[Event]:
    """Take the floor from one, or from everyone who has it.

    Raises:
        Rejected: NOT_ALLOWED; NOT_TALKING, nobody has it; NO_SEAT, about the name.
    """
    by = authority(room, command.by, "revoke")
    turns = room.turns
    if command.name is not None:
        name = _seated(room, command.name)
        if turns and room.turn_of(name) is None:
            raise Rejected(Reason.NOT_ALLOWED, f"{name} does not have the floor")
        turns = tuple(turn for turn in turns if turn.name == name)
    if not turns:
        raise Rejected(Reason.NOT_TALKING, room.phase)
    return [FloorRevoked(turn.name, turn.number, by) for turn in turns]


def revoke_all(room: Room, by: str) -> list[Event]:
    """End every open turn."""
    return [FloorRevoked(turn.name, turn.number, by) for turn in room.turns]


def remove(room: Room, command: Remove) -> list[Event]:
    """Take a seat away, and first the floor where its owner has it.

    Raises:
        Rejected: NO_SEAT, about the name.
    """
    name = _seated(room, command.name)
    turn = room.turn_of(name)
    revoked: list[Event] = [FloorRevoked(name, turn.number, by=OPERATOR)] if turn else []
    return [*revoked, Removed(name, by=OPERATOR, reason=command.reason)]


def name_chair(room: Room, command: NameChair) -> list[Event]:
    """Put somebody in the chair for this sitting, or nobody.

    Raises:
        Rejected: NOT_TALKING, there is no sitting; BAD_NAME; BAD_VALUE, nobody can be called so.
    """
    if not room.has_sitting:
        raise Rejected(Reason.NOT_TALKING, room.phase)
    name = None if command.name is None else chair_named(room.rules, parse_name(command.name))
    if name is not None:
        name = room.seated_as(name) or name
    is_so = fold(name or "") == fold(room.chair or "")
    return [] if is_so else [ChairNamed(name)]


def set_rules(room: Room, command: SetRules) -> list[Event]:
    """Talk by other rules from the next topic on, as long as the sitting lasts; `rounds` alone takes `until` back.

    Raises:
        Rejected: NOT_ALLOWED; NOT_TALKING, there is no sitting; BAD_VALUE, about the rule and what it may be.
    """
    authority(room, command.by, "set")
    if not room.has_sitting:
        raise Rejected(Reason.NOT_TALKING, room.phase)
    before = room.next_rules or room.rules
    event = RulesSet(
        policy=None if command.policy is None else policy_named(command.policy),
        rounds=command.rounds,
        until="" if command.rounds is not None and command.until is None and before.until else command.until,
        turn_seconds=command.turn_seconds,
        seat_seconds=command.seat_seconds,
        missed_turns=command.missed_turns,
        on_missed=None if command.on_missed is None else on_missed_named(command.on_missed),
    )
    if event.policy is PolicyName.CUSTOM and not room.rules.custom_policy:
        raise Rejected(Reason.BAD_VALUE, "policy custom wants a server that was started with --policy file.py:function")
    after = rules_with(before, event)
    check_rules(after)
    return [] if after == before else [event]


def _seated(room: Room, name: str) -> Name:
    seated = room.seated_as(name)
    if seated is None:
        raise Rejected(Reason.NO_SEAT, name)
    return seated
