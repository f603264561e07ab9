"""What a rule's value may be, and the one sentence for each that cannot."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from moothall.engine.limits import check_rules, on_missed_named, policy_named
from moothall.engine.rules import Rules
from moothall.engine.words import OnMissed, PolicyName
from moothall.errors import Reason, Rejected

WEEK = 7 * 24 * 3600
NAMELESS = "1 to 32 letters, digits, -_.' and single spaces"


def complaint(**changes: Any) -> str:
    """Return the sentence that refuses the default rules with these changes."""
    with pytest.raises(Rejected) as caught:
        check_rules(replace(Rules(), **changes))
    assert caught.value.reason is Reason.BAD_VALUE
    return caught.value.about


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"seats": 1},
        {"seats": 200},
        {"rounds": 1},
        {"rounds": 1_000_000},
        {"turn_seconds": 0},
        {"turn_seconds": 0.25},
        {"turn_seconds": WEEK},
        {"away_seconds": 0},
        {"away_seconds": WEEK},
        {"missed_turns": 1},
        {"missed_turns": 1_000_000},
        {"max_text_chars": 1},
        {"max_text_chars": 1_000_000},
        {"seat_seconds": {"Kari": 0, "ola nordmann": WEEK}},
        {"seat_seconds": {f"n{number}": 5 for number in range(200)}},
        {"until": "rounds=3 or settled"},
        {"agenda": ("x", "x" * 200)},
        {"topics": ("x",)},
        {"question": "{topic}"},
        {"labels": {str(number): "" for number in range(32)}},
        {"host": "x" * 32},
        {"chair": "Kari"},
    ],
    ids=lambda changes: repr(changes)[:60],
)
def test_what_a_rule_may_be(changes: dict[str, Any]) -> None:
    """Up to each limit."""
    check_rules(replace(Rules(), **changes))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"seats": 0}, "seats is a whole number from 1 to 200, not 0"),
        ({"seats": -1}, "seats is a whole number from 1 to 200, not -1"),
        ({"seats": 201}, "seats is a whole number from 1 to 200, not 201"),
        ({"rounds": 0}, "rounds is a whole number from 1 to 1000000, not 0"),
        ({"rounds": 10**18}, f"rounds is a whole number from 1 to 1000000, not {10**18}"),
        ({"rounds": 1_000_001}, "rounds is a whole number from 1 to 1000000, not 1000001"),
        ({"turn_seconds": -1}, "turn_seconds is a number of seconds from 0 (none) to 604800, not -1"),
        ({"turn_seconds": -0.5}, "turn_seconds is a number of seconds from 0 (none) to 604800, not -0.5"),
        ({"turn_seconds": WEEK + 1}, "turn_seconds is a number of seconds from 0 (none) to 604800, not 604801"),
        ({"turn_seconds": 1e300}, "turn_seconds is a number of seconds from 0 (none) to 604800, not 1e+300"),
        ({"turn_seconds": float("nan")}, "turn_seconds is a number of seconds from 0 (none) to 604800, not nan"),
        ({"turn_seconds": float("inf")}, "turn_seconds is a number of seconds from 0 (none) to 604800, not inf"),
        ({"away_seconds": -1}, "away_seconds is a number of seconds from 0 (none) to 604800, not -1"),
        ({"away_seconds": 604800.5}, "away_seconds is a number of seconds from 0 (none) to 604800, not 604800.5"),
        ({"missed_turns": 0}, "missed_turns is a whole number from 1 to 1000000, not 0"),
        ({"missed_turns": 1_000_001}, "missed_turns is a whole number from 1 to 1000000, not 1000001"),
        ({"max_text_chars": 0}, "max_text_chars is a whole number from 1 to 1000000, not 0"),
        ({"max_text_chars": 1_000_001}, "max_text_chars is a whole number from 1 to 1000000, not 1000001"),
        ({"seat_seconds": {f"n{number}": 5 for number in range(201)}}, "seat_seconds holds 200 names at most"),
        ({"seat_seconds": {"": 5}}, f"seat_seconds has no name '': {NAMELESS}"),
        ({"seat_seconds": {"Kari": 5, "a:b": 5}}, f"seat_seconds has no name 'a:b': {NAMELESS}"),
        ({"seat_seconds": {"Kari": -1}}, "seat_seconds is a number of seconds from 0 (none) to 604800, not -1"),
        (
            {"until": "round=3"},
            "until has no ending 'round=3': there are rounds=N, turns=N, seconds=N, utterances=N, characters=N, "
            "seat_characters=N, phrase=WORDS, settled, chair, operator",
        ),
        ({"until": " "}, 'until wants an ending here: (nothing) ..., as in rounds=3 or phrase="we agree"'),
        ({"agenda": ("eat", "")}, "topic is 1 to 200 characters"),
        ({"agenda": (" \n",)}, "topic is 1 to 200 characters"),
        ({"agenda": ("x" * 201,)}, "topic is 1 to 200 characters"),
        ({"topics": ("eat", "x" * 201)}, "topic is 1 to 200 characters"),
        ({"topics": ()}, "topics holds at least one"),
        ({"question": "Do you?"}, "question holds {topic} where the topic goes"),
        ({"labels": {str(number): "" for number in range(33)}}, "label can be given 32 times at most"),
        ({"host": ""}, f"host has no name '': {NAMELESS}"),
        ({"host": "x" * 33}, f"host has no name '{'x' * 33}': {NAMELESS}"),
        ({"chair": " Kari  Nordmann"}, f"chair has no name ' Kari  Nordmann': {NAMELESS}"),
    ],
    ids=lambda value: repr(value)[:60] if isinstance(value, dict) else "",
)
def test_what_a_rule_may_not_be_is_told_in_one_sentence(changes: dict[str, Any], sentence: str) -> None:
    """It begins with the rule's name, and says what it may be."""
    assert complaint(**changes) == sentence


def test_of_several_bad_rules_the_first_is_told() -> None:
    """One sentence at a time."""
    assert complaint(seats=0, rounds=0).startswith("seats is ")


@pytest.mark.parametrize("policy", PolicyName)
def test_a_policy_is_known_by_its_name(policy: PolicyName) -> None:
    """As it stands on the wire."""
    assert policy_named(str(policy)) is policy


@pytest.mark.parametrize("word", ["roundrobin", "OPEN", "", "round robin", "\x1b"])
def test_an_unknown_policy_is_told_which_there_are(word: str) -> None:
    """All of them, and what it was that is none."""
    with pytest.raises(Rejected) as caught:
        policy_named(word)

    assert (caught.value.reason, caught.value.about) == (
        Reason.BAD_VALUE,
        "policy is one of round-robin, rotate, shuffle, parallel, request, addressed, chair, open, custom "
        "(file.py:function), "
        f"not {word!r}",
    )


@pytest.mark.parametrize("on_missed", OnMissed)
def test_what_missing_costs_is_known_by_its_name(on_missed: OnMissed) -> None:
    """As it stands on the wire."""
    assert on_missed_named(str(on_missed)) is on_missed


def test_an_unknown_cost_is_told_which_there_are() -> None:
    """All of them, and what it was that is none."""
    with pytest.raises(Rejected) as caught:
        on_missed_named("kick")

    assert (caught.value.reason, caught.value.about) == (
        Reason.BAD_VALUE,
        "on_missed is one of bench, remove, none, not 'kick'",
    )
