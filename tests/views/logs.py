"""The log of a room, in a line: what a test of a view begins with. It is made by the rules, as a server makes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from moothall.engine.commands import Command, Join, Say
from moothall.engine.decide import decide
from moothall.engine.events import Event, RoomOpened
from moothall.engine.evolve import evolve, open_room
from moothall.engine.names import RoomName
from moothall.engine.rules import Rules
from moothall.engine.words import Kind
from moothall.views.timeline import changes
from moothall.wire.change import Change
from moothall.wire.json_lines import encode_event
from tests.engine.past import HUG, KARI, LARS, NOON

TWO: Final = replace(HUG, seats=2)
"""Two seats, one topic, one round: four commands make a whole sitting."""

Step = tuple[int, Command]
"""When, in milliseconds after noon, and what was asked."""

JOINS: Final[tuple[Step, ...]] = ((0, Join(LARS, keyed=True)), (1, Join(KARI, Kind.PERSON, "eight lines", keyed=True)))
SITTING: Final[tuple[Step, ...]] = (*JOINS, (1_001, Say(LARS, "Sure!")), (3_001, Say(KARI, "Why, no.\nNever.")))
"""A whole sitting of `TWO`."""


def bodies_of(*steps: Step, rules: Rules = TWO, name: str = "main") -> list[bytes]:
    """Return the bodies of a room's log, in which these things were asked."""
    return list(_bodies(RoomOpened(RoomName(name), rules, "seed"), steps))


def changes_of(*steps: Step, rules: Rules = TWO, name: str = "main") -> list[Change]:
    """Return the changes that a room's log tells of, in which these things were asked."""
    return list(changes(bodies_of(*steps, rules=rules, name=name)))


def _bodies(opened: RoomOpened, steps: tuple[Step, ...]) -> Iterator[bytes]:
    room = open_room(opened, NOON)
    yield encode_event(opened, room.seq, NOON)
    for after_noon, command in steps:
        at = NOON + after_noon
        events: list[Event] = decide(room, command, at)
        for event in events:
            room = evolve(room, event, at)
            yield encode_event(event, room.seq, at)
