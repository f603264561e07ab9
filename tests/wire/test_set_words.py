"""The words after `set`: which rule, and what it shall be from the next topic on."""

from __future__ import annotations

from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.engine.commands import SetRules
from moothall.engine.events import RulesSet
from moothall.errors import Reason, Rejected
from moothall.wire.set_words import SET_USAGE, parse_set
from tests.engine.past import KARI

ALL: Final = "policy, rounds, until, turn_seconds, seat_seconds, missed_turns, on_missed"


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("policy rotate", SetRules(policy="rotate")),
        ("  Policy   ROTATE ", SetRules(policy="rotate")),
        ("rounds 3", SetRules(rounds=3)),
        ("rounds -1", SetRules(rounds=-1)),
        ("until rounds=3 or phrase=agreed", SetRules(until="rounds=3 or phrase=agreed")),
        ('until phrase="We Agree"', SetRules(until='phrase="We Agree"')),
        ("until none", SetRules(until="")),
        ("turn_seconds 20", SetRules(turn_seconds=20)),
        ("turn_seconds 0.5", SetRules(turn_seconds=0.5)),
        ("turn-seconds 0", SetRules(turn_seconds=0)),
        ("seat_seconds Kari=60", SetRules(seat_seconds={"Kari": 60})),
        ("seat_seconds Kari Li = 60, Ola=2.5", SetRules(seat_seconds={"Kari Li": 60, "Ola": 2.5})),
        ("seat_seconds none", SetRules(seat_seconds={})),
        ("missed_turns 2", SetRules(missed_turns=2)),
        ("on_missed REMOVE", SetRules(on_missed="remove")),
    ],
)
def test_a_rule_and_its_value_are_a_command(words: str, command: SetRules) -> None:
    """What a value means is said once; how large it may be is for the rules, which know the range."""
    assert parse_set(words, None) == command


def test_the_chair_asks_in_its_own_name() -> None:
    """The rules must know who asks; the operator is nobody."""
    assert parse_set("rounds 3", KARI) == SetRules(rounds=3, by=KARI)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", f"set knows the rules {ALL}, not ''"),
        ("seats 9", f"set knows the rules {ALL}, not 'seats'"),
        ("turn_seconds=20", f"set knows the rules {ALL}, not 'turn_seconds=20'"),
        ("rounds", "rounds is a whole number, as in 3"),
        ("rounds x", "rounds is a whole number, not 'x'"),
        ("rounds 2.5", "rounds is a whole number, not '2.5'"),
        ("rounds ٣", "rounds is a whole number, not '٣'"),
        ("missed_turns two", "missed_turns is a whole number, not 'two'"),
        ("turn_seconds nan", "turn_seconds is a number of seconds, not 'nan'"),
        ("turn_seconds 1e9", "turn_seconds is a number of seconds, not '1e9'"),
        ("turn_seconds 1.2345", "turn_seconds is a number of seconds, not '1.2345'"),
        (
            "seat_seconds Kari",
            "seat_seconds is NAME=SECONDS, more of them after commas, or none, not 'Kari'",
        ),
        (
            "seat_seconds =60",
            "seat_seconds is NAME=SECONDS, more of them after commas, or none, not '=60'",
        ),
        ("until", "until is an ending, or none, as in rounds=3 or phrase=agreed"),
        ("policy", "policy is the name of a policy, as in rotate"),
        ("on_missed", "on_missed is bench, remove or none, as in bench"),
        (f"rounds {'9' * 50}", f"rounds is a whole number, not '{'9' * 40}...'"),
    ],
)
def test_what_is_no_value_is_refused_with_what_it_may_be(words: str, sentence: str) -> None:
    """One sentence that names the rule, what it may be and how that is typed."""
    with pytest.raises(Rejected) as refused:
        parse_set(words, None)

    assert (refused.value.reason, refused.value.about) == (Reason.BAD_VALUE, sentence)


def test_every_rule_that_can_be_set_can_be_typed() -> None:
    """Who adds a rule to the event adds its words here."""
    assert list(RulesSet.__struct_fields__) == ALL.split(", ")
    assert SET_USAGE.startswith("set ")


@given(st.text() | st.sampled_from(ALL.split(", ")).flatmap(lambda rule: st.text().map(lambda text: f"{rule} {text}")))
def test_whatever_is_typed_sets_one_rule_or_is_refused_in_one_short_sentence(words: str) -> None:
    """Nothing that anyone types can break the parser, change a second rule, or fill a screen."""
    values = attempt(words)

    assert len(values) == 1
    assert isinstance(values[0], SetRules) or len(values[0]) < 300


def attempt(words: str) -> list[SetRules | str]:
    """Return the command as often as it sets a rule, or the sentence of the refusal."""
    try:
        command = parse_set(words, None)
    except Rejected as refusal:
        return [refusal.about]
    return [command for value in msgspec.structs.astuple(command) if value is not None]
