"""The past of a room, in a line: what a test of the rules begins with. The room's times are all `NOON` unless said."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

import pytest
from msgspec.structs import replace

from moothall.engine.commands import Command, Join, OpenRoom
from moothall.engine.decide import decide
from moothall.engine.events import Event
from moothall.engine.evolve import empty_room, evolve
from moothall.engine.names import Name, RoomName
from moothall.engine.room import Room
from moothall.engine.rules import Rules
from moothall.errors import Reason, Rejected

NOON: Final = 1_795_348_800_000
SECOND: Final = 1_000
LARS, KARI, OLA, NINA, IDA = map(Name, ("Lars", "Kari", "Ola", "Nina", "Ida"))
HUG: Final = Rules(topics=("hug",))
"""The default rules, but it is known what the room talks about."""


def a_room(rules: Rules = HUG) -> Room:
    """Return a room that has just been opened."""
    return play(empty_room(RoomName("main")), OpenRoom(rules, "seed"))


def gathering(*names: Name, rules: Rules = HUG, keyed: Collection[Name] = ()) -> Room:
    """Return a room that these have joined, in this order."""
    return play(a_room(rules), *(Join(name, keyed=name in keyed) for name in names))


def talking(*names: Name, rules: Rules = HUG, keyed: Collection[Name] = ()) -> Room:
    """Return a room with a seat for each of these, who have joined, so that the first has the floor."""
    return gathering(*names, rules=replace(rules, seats=len(names)), keyed=keyed)


def play(room: Room, *commands: Command, at: int = NOON) -> Room:
    """Return the room after these commands, one after another at the same moment."""
    for command in commands:
        room = take(room, decide(room, command, at), at=at)
    return room


def take(room: Room, events: Iterable[Event], at: int = NOON) -> Room:
    """Return the room after these events."""
    for event in events:
        room = evolve(room, event, at)
    return room


def refusal(room: Room, command: Command, at: int = NOON) -> tuple[Reason, str]:
    """Return why the command is rejected, and what about."""
    with pytest.raises(Rejected) as caught:
        decide(room, command, at)
    return caught.value.reason, caught.value.about
