"""The tabulator offers what may stand next: words, names, rooms, rules and their values."""

from __future__ import annotations

import pytest

from moothall.cli.completing import guest_lines, operator_lines
from moothall.cli.operator import WORDS
from moothall.engine.commands import SetRules
from moothall.engine.names import Name
from moothall.engine.room import Room
from moothall.engine.rules import Rules
from moothall.engine.words import PolicyName
from moothall.testing.hall import memory_hall
from moothall.wire.set_words import parse_set
from moothall.wire.typed import SlashWord

ROOMS = ["main", "lab", "Room 12"]


def a_room(*, chair: str = "") -> Room:
    """Return a room in which two talk, of whom Lars has the floor."""
    hall = memory_hall(Rules(seats=2, chair=chair))
    for name in ("Lars", "Kari Nordmann"):
        hall.enter(name)
    hall.settle()
    return hall.room()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("rem", ["remove "]),
        ("PAU", ["pause"]),
        ("un", ["unpause"]),
        ("remove ", ["remove Lars", "remove Kari Nordmann"]),
        ("remove kari n", ["remove Kari Nordmann"]),
        ("grant l", ["grant Lars"]),
        ("revoke ", ["revoke Lars"]),
        ("chair ", ["chair Lars", "chair Kari Nordmann", "chair nobody"]),
        ("go r", ["go Room 12"]),
        ("help un", ["help unpause"]),
        ("topic p", ["topic play"]),
        ("set p", ["set policy "]),
        ("set policy ro", ["set policy round-robin", "set policy rotate"]),
        ("set policy cu", []),
        ("set on_missed ", ["set on_missed bench", "set on_missed remove", "set on_missed none"]),
        ("set seat_seconds K", ["set seat_seconds Kari Nordmann="]),
        ("set rounds ", []),
        ("say ", []),
        ("xyzzy ", []),
    ],
)
def test_the_operator_is_offered_what_may_stand_next(typed: str, offered: list[str]) -> None:
    """In whatever case it was begun, and as a whole line: names hold spaces."""
    assert operator_lines(typed, a_room(), ROOMS) == offered


def test_at_first_every_word_is_offered() -> None:
    """One that something follows, with the space."""
    assert [line.strip() for line in operator_lines("", None, [])] == list(WORDS)


@pytest.mark.parametrize("typed", ["remove ", "revoke ", "topic ", "set seat_seconds K"])
def test_of_a_room_where_nobody_was_yet_no_name_is_offered(typed: str) -> None:
    """There is none."""
    assert operator_lines(typed, None, ROOMS) == []


def test_every_rule_and_policy_that_is_offered_can_be_set() -> None:
    """Lists grow old quietly."""
    rules = [line.removeprefix("set ").strip() for line in operator_lines("set ", a_room(), [])]
    policies = operator_lines("set policy ", a_room(), [])

    assert rules == [field for field in SetRules.__struct_fields__ if field != "by"]
    assert [parse_set(line.removeprefix("set "), None).policy for line in policies] == [
        policy for policy in PolicyName if policy is not PolicyName.CUSTOM
    ]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("/pa", ["/pass"]),
        ("/W", ["/who", "/withdraw"]),
        ("/g", []),
        ("//w", []),
        ("hello", []),
        ("Ask @k", ["Ask @Kari Nordmann"]),
        ("Ask @", ["Ask @Kari Nordmann"]),
    ],
)
def test_who_has_a_seat_is_offered_commands_and_whom_to_address(typed: str, offered: list[str]) -> None:
    """Words of one's own are nobody else's to complete."""
    assert sorted(guest_lines(typed, a_room(), Name("Lars"))) == sorted(offered)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("/g", ["/grant "]),
        ("/grant k", ["/grant Kari Nordmann"]),
        ("/revoke ", ["/revoke Lars"]),
        ("/set policy s", ["/set policy shuffle"]),
    ],
)
def test_who_is_in_the_chair_is_offered_what_leads(typed: str, offered: list[str]) -> None:
    """And nobody else is: it would be refused."""
    assert guest_lines(typed, a_room(chair="Lars"), Name("Lars")) == offered


def test_what_means_nothing_here_is_not_offered() -> None:
    """No words wait at a terminal, and one is in a room already."""
    offered = {line.strip("/ ") for line in guest_lines("/", a_room(chair="Lars"), Name("Lars"))}

    assert set(SlashWord) - offered == {SlashWord.DROP, SlashWord.ROOMS, SlashWord.WAIT, SlashWord.WATCH}
