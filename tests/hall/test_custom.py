"""A policy of one's own decides, and nothing that it does wrong stops a room."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from collections.abc import Callable

import pytest

from moothall.engine.events import FloorGranted, SittingClosed
from moothall.engine.names import Name
from moothall.engine.room import Room
from moothall.engine.rules import Rules
from moothall.engine.words import PolicyName
from moothall.hall.custom import guarded
from moothall.testing import memory_hall

OLA_BY_MISTAKE = Name("ola")
KARI, LARS, OLA = Name("Kari"), Name("Lars"), Name("Ola")
CUSTOM = Rules(seats=3, policy=PolicyName.CUSTOM, custom_policy="mine.py:mine", agenda=("hug",), rounds=2)


def last_first(room: Room) -> list[str]:
    """Grant in the order of joining, from its end."""
    waiting = [] if room.round is None or room.turns else [name for name in room.seats if name not in room.round.done]
    return [str(name) for name in waiting[-1:]]


def grants(policy: Callable[[Room], object], *, rooms: tuple[str, ...] = ("main",)) -> list[str]:
    """Return who had the floor, one after another, in the first of some rooms in which three talk twice each."""
    hall = memory_hall(CUSTOM, custom=guarded(policy))
    for room in rooms:
        for name in (KARI, LARS, OLA):
            hall.enter(name, room, answers=["One", "Two"])
        hall.settle()
    events = hall.events(rooms[0])
    assert any(isinstance(event, SittingClosed) for event in events)
    return [event.name for event in events if isinstance(event, FloorGranted)]


def test_its_names_are_granted() -> None:
    """A list does as well as a tuple."""
    assert grants(last_first) == ["Ola", "Lars", "Kari", "Ola", "Lars", "Kari"]
    assert grants(lambda room: tuple(last_first(room))) == ["Ola", "Lars", "Kari", "Ola", "Lars", "Kari"]


def test_none_lets_round_robin_decide_and_is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    """A policy that cares for some turns only need not know how the others go."""
    assert grants(lambda _room: None) == ["Kari", "Lars", "Ola"] * 2
    assert caplog.messages == []


def one_that_fails(_room: Room) -> object:
    raise ValueError("broken\x1b[2J")


def one_that_ends_the_process(_room: Room) -> object:
    sys.exit(3)


async def one_that_waits(_room: Room) -> object:
    await asyncio.sleep(0)
    return ()


@pytest.mark.parametrize(
    ("policy", "fault"),
    [
        (one_that_fails, "ValueError: broken\\x1b[2J (test_custom.py, line N)"),
        (one_that_ends_the_process, "SystemExit: 3 (test_custom.py, line N)"),
        (lambda room: room.seats[OLA_BY_MISTAKE], "KeyError: 'ola' (test_custom.py, line N)"),
        (lambda: (), "TypeError: <lambda>() takes 0 positional arguments but 1 was given"),
        (lambda _room: "Kari", "str returned: a tuple or list of names is wanted"),
        (lambda _room: 7, "int returned: a tuple or list of names is wanted"),
        (lambda _room: [7], "list returned: a tuple or list of names is wanted"),
        (lambda room: (*room.seats, "Eve"), "Kari, Lars, Ola, Eve returned: who has a turn to come is wanted"),
        (lambda room: room.round.done, "frozenset returned: a tuple or list of names is wanted"),
        (lambda _room: ("kari",), "kari returned: who has a turn to come is wanted"),
    ],
)
def test_what_it_does_wrong_is_said_and_round_robin_decides(
    policy: Callable[[Room], object], fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever wrote it learns what was wrong, once; those who talk do not notice."""
    assert grants(policy) == ["Kari", "Lars", "Ola"] * 2
    told = [(name, level, re.sub(r"line \d+", "line N", text)) for name, level, text in caplog.record_tuples]
    assert told == [("moothall.hall.custom", logging.WARNING, f"policy fell back room=main fault={fault}")]


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
def test_one_that_waits_is_no_policy(caplog: pytest.LogCaptureFixture) -> None:
    """Where the wiring could not see it, as behind a partial."""
    assert grants(one_that_waits) == ["Kari", "Lars", "Ola"] * 2
    assert caplog.messages == [
        "policy fell back room=main fault=coroutine returned: a tuple or list of names is wanted"
    ]


def test_each_room_is_told_of_once_for_each_kind_of_fault(caplog: pytest.LogCaptureFixture) -> None:
    """A bug that is met at every turn must not fill a disk."""

    def changeable(room: Room) -> object:
        if room.turns:
            return ()
        if room.round is not None and room.round.done:
            raise ValueError
        return ("Eve",)

    grants(changeable, rooms=("main", "lab"))

    assert [message.split(" fault=")[0] for message in caplog.messages] == [
        "policy fell back room=main",
        "policy fell back room=main",
        "policy fell back room=lab",
        "policy fell back room=lab",
    ]


def test_one_that_grants_nobody_stops_no_round(caplog: pytest.LogCaptureFixture) -> None:
    """Somebody is first in each round; that nobody follows is the policy's own affair."""
    assert grants(lambda _room: ()) == ["Kari", "Kari"]
    assert caplog.messages == [
        "policy fell back room=main fault=nobody has the floor in the whole round: who is first is wanted"
    ]


def test_a_server_that_starts_again_without_the_function_goes_round() -> None:
    """A sitting outlives the server that was given it."""
    hall = memory_hall(CUSTOM, custom=guarded(last_first))
    crowd = [hall.enter(name, answers=["One", "Two"], keyed=True) for name in (KARI, LARS)]
    hall.enter(OLA, keyed=True)
    hall.settle()
    assert hall.room().holder == OLA
    again = hall.restart()
    again.custom = None
    again = again.restart()
    for participant in crowd:
        again.come_back(participant)
    again.advance(60_000)

    assert [event.name for event in again.events() if isinstance(event, FloorGranted)][:2] == ["Ola", "Kari"]


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


def one_that_cannot_say_what_is_wrong(_room: Room) -> object:
    raise Unspeakable


def one_that_empties_the_room(room: Room) -> object:
    names = last_first(room)
    room.seats.clear()
    return names


def test_an_error_without_words_is_one_like_any_other(caplog: pytest.LogCaptureFixture) -> None:
    """What the error says of itself is somebody else's code too."""
    assert grants(one_that_cannot_say_what_is_wrong) == ["Kari", "Lars", "Ola"] * 2
    assert len(caplog.messages) == 1
    assert "fault=Unspeakable (test_custom.py" in caplog.messages[0]


def test_what_it_does_to_the_seats_it_does_to_a_copy() -> None:
    """Only an event may change a room."""
    assert grants(one_that_empties_the_room) == ["Ola", "Lars", "Kari"] * 2
