"""The settings: their defaults, and one sentence for each value that cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards, OnMissed, PolicyName, WhenShort
from moothall.errors import BadSetting, Reason, Rejected
from moothall.log.room_log import Durability
from moothall.settings import (
    DEFAULT_PORT,
    MAX_TOPICS,
    Settings,
    as_option,
    cannot_be,
    check,
    default_data_folder,
    is_loopback,
    rules_of,
)


def test_the_defaults_can_be() -> None:
    """They work without any question asked: this machine alone, four seats, 30 seconds, safe from a power cut."""
    settings = Settings()
    check(settings)

    assert (settings.bind, settings.port, DEFAULT_PORT) == (("127.0.0.1", "::1"), 4242, 4242)
    assert (settings.seats, settings.rounds, settings.turn_seconds, settings.away_seconds) == (4, 1, 30, 30)
    assert (settings.policy, settings.until, settings.chair) == (PolicyName.ROUND_ROBIN, "", "")
    assert (settings.seat_seconds, settings.missed_turns, settings.on_missed) == ({}, 3, OnMissed.BENCH)
    assert (settings.durability, settings.data, settings.insecure) == (Durability.POWER, None, False)
    assert (settings.bare, settings.early, settings.stay) == (False, True, False)
    assert (settings.max_text_chars, settings.max_connections, settings.max_unjoined) == (8_000, 10_000, 512)
    assert (settings.max_rooms, settings.max_spectators) == (10_000, 10_000)


def test_the_rules_of_rooms_come_from_the_settings() -> None:
    """And by themselves they are the engine's own."""
    settings = Settings(
        seats=3,
        host="Batman",
        topics=("hug", "play"),
        topic_list=("eat",),
        gather_seconds=20,
        when_short=WhenShort.START,
        reserve=("Kari",),
        hold_start=True,
        question="{topic}?",
        policy=PolicyName.CUSTOM,
        custom_policy="mine.py:mine",
        rounds=2,
        until="phrase=agreed",
        chair="Ola",
        turn_seconds=1.5,
        seat_seconds={"Kari": 60},
        missed_turns=1,
        on_missed=OnMissed.REMOVE,
        away_seconds=0,
        stay=True,
        max_text_chars=80,
        labels={"arm": "a"},
    )

    assert rules_of(Settings()) == Rules()
    assert rules_of(settings) == Rules(
        seats=3,
        host="Batman",
        agenda=("hug", "play"),
        topics=("eat",),
        gather_seconds=20,
        when_short=WhenShort.START,
        reserve=("Kari",),
        hold_start=True,
        question="{topic}?",
        policy=PolicyName.CUSTOM,
        custom_policy="mine.py:mine",
        rounds=2,
        until="phrase=agreed",
        chair="Ola",
        turn_seconds=1.5,
        seat_seconds={"Kari": 60},
        missed_turns=1,
        on_missed=OnMissed.REMOVE,
        away_seconds=0,
        afterwards=Afterwards.STAY,
        max_text_chars=80,
        labels={"arm": "a"},
    )


def test_a_room_may_have_rules_of_its_own() -> None:
    """Under its name, however that is spelled; all others have the general ones."""
    settings = Settings(seats=3, room_rules={"Lab": Rules(seats=2)})

    assert [rules_of(settings, room).seats for room in ("lab", "LAB", "main", "")] == [2, 2, 3, 3]


def test_an_error_knows_the_option_that_it_is_about() -> None:
    """So that a file of settings can tell the line."""
    with pytest.raises(BadSetting) as told:
        check(Settings(keep_days=-1))

    assert (told.value.setting, cannot_be("--turn-seconds", "is odd.").setting) == ("keep_days", "turn_seconds")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"port": -1}, "--port is a whole number from 0 to 65535, not -1."),
        ({"port": 65_536}, "--port is a whole number from 0 to 65535, not 65536."),
        ({"seats": 0}, "--seats is a whole number from 1 to 200, not 0."),
        ({"seats": 201}, "--seats is a whole number from 1 to 200, not 201."),
        ({"rounds": 0}, "--rounds is a whole number from 1 to 1000000, not 0."),
        ({"turn_seconds": -1}, "--turn-seconds is a number of seconds from 0 (none) to 604800, not -1."),
        ({"turn_seconds": 1e9}, "--turn-seconds is a number of seconds from 0 (none) to 604800, not 1000000000."),
        ({"turn_seconds": float("nan")}, "--turn-seconds is a number of seconds from 0 (none) to 604800, not nan."),
        ({"away_seconds": -0.5}, "--away-seconds is a number of seconds from 0 (none) to 604800, not -0.5."),
        ({"max_text_chars": 0}, "--max-text-chars is a whole number from 1 to 1000000, not 0."),
        ({"topics": ("hug", " ")}, "--topic is 1 to 200 characters."),
        ({"topics": ("x" * 201,)}, "--topic is 1 to 200 characters."),
        ({"question": "Well?"}, "--question holds {topic} where the topic goes."),
        ({"labels": {str(n): "" for n in range(33)}}, "--label can be given 32 times at most."),
        ({"missed_turns": 0}, "--missed-turns is a whole number from 1 to 1000000, not 0."),
        ({"seat_seconds": {"Kari": -1}}, "--seat-seconds is a number of seconds from 0 (none) to 604800, not -1."),
        (
            {"seat_seconds": {"a:b": 1}},
            "--seat-seconds has no name 'a:b': 1 to 32 letters, digits, -_.' and single spaces.",
        ),
        ({"until": "rounds=0"}, "--until takes rounds from 1 to 1000000000, not '0'."),
        ({"policy": PolicyName.CUSTOM}, "--policy custom wants a function: write --policy file.py:function."),
        ({"chair": "@Kari"}, "--chair has no name '@Kari': 1 to 32 letters, digits, -_.' and single spaces."),
        ({"host": "Bat:man"}, "--host has no name 'Bat:man': 1 to 32 letters, digits, -_.' and single spaces."),
        ({"topic_list": ("hug",) * 1_001}, "--topics holds 1000 topics at most, not 1001."),
        ({"topic_list": ("hug", "")}, "--topic is 1 to 200 characters."),
        ({"max_connections": 0}, "--max-connections is a whole number from 1 to 1000000, not 0."),
        ({"max_unjoined": 0}, "--max-unjoined is a whole number from 1 to 1000000, not 0."),
        ({"max_rooms": 1_000_001}, "--max-rooms is a whole number from 1 to 1000000, not 1000001."),
        ({"max_spectators": 0}, "--max-spectators is a whole number from 1 to 1000000, not 0."),
        ({"room_rules": {"lab": Rules(seats=0)}}, "--seats is a whole number from 1 to 200, not 0."),
        (
            {"room_rules": {"lab": Rules(policy=PolicyName.CUSTOM)}},
            "--policy custom wants a function: write --policy file.py:function.",
        ),
        ({"room_rules": {"": Rules()}}, "--rooms has no name '': 1 to 64 letters, digits, -_.' and single spaces."),
        ({"max_rooms": 1, "rooms": ("a", "b")}, "--rooms names 2 rooms, and there can be 1."),
        ({"reserve": ("Host",)}, "--reserve is for names of participants, which Host cannot be."),
        ({"rooms": ("main", "")}, "--rooms has no name '': 1 to 64 letters, digits, -_.' and single spaces."),
        (
            {"bind": ("127.0.0.1", "0.0.0.0")},
            "--bind 0.0.0.0 would let other machines in, unprotected. Add --insecure to do so all the same.",
        ),
        (
            {"bind": ("example.org",)},
            "--bind example.org would let other machines in, unprotected. Add --insecure to do so all the same.",
        ),
    ],
)
def test_a_value_that_cannot_be_is_told_in_one_sentence(values: dict[str, Any], words: str) -> None:
    """With the name that one types, and with what it may be."""
    with pytest.raises(BadSetting) as told:
        check(Settings(**values))

    assert str(told.value) == words
    assert told.value.exit_code == 2


@pytest.mark.parametrize(
    "values",
    [
        {"port": 0},
        {"seats": 200},
        {"turn_seconds": 0, "away_seconds": 0},
        {"topics": ("x" * 200,)},
        {"bind": ("0.0.0.0", "example.org"), "insecure": True},
        {"rooms": ("main", "Group 7")},
        {"policy": PolicyName.CUSTOM, "custom_policy": "mine.py:mine"},
        {"until": 'rounds=1000000000 or phrase="we agree"', "chair": "Kari Nordmann", "seat_seconds": {"Ola": 0}},
        {"missed_turns": 1_000_000},
        {"topic_list": ("hug",) * MAX_TOPICS},
        {"max_connections": 1, "max_unjoined": 1_000_000, "max_rooms": 2, "rooms": ("a", "b")},
    ],
)
def test_the_outermost_values_can_be(values: dict[str, Any]) -> None:
    """A limit is one of the values that it allows."""
    check(Settings(**values))


def test_the_rules_and_the_command_line_say_the_same_words() -> None:
    """But for the name of the rule, which is typed with dashes."""
    refusal = Rejected(Reason.BAD_VALUE, "turn_seconds is no good: turn_seconds")

    assert str(as_option(refusal)) == "--turn-seconds is no good: turn_seconds."


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.7", False),
        ("example.org", False),
        ("", False),
    ],
)
def test_only_this_machine_reaches_a_loopback_address(address: str, is_one: bool) -> None:
    """An empty address, like a name that has to be looked up, may mean any machine."""
    assert is_loopback(address) is is_one


def test_the_data_has_a_folder_of_its_own() -> None:
    """In the place that the platform has for such things."""
    folder = default_data_folder()

    assert isinstance(folder, Path)
    assert folder.is_absolute()
    assert folder.name == "moothall"
