"""The grammar of `until`: what it reads, what it refuses and in which sentence, and the phrases that it looks for."""

from __future__ import annotations

import pytest

from moothall.engine.until import AllOf, AnyOf, Ending, Leaf, leaves, parse_until, phrases_in, seat_budget
from moothall.engine.words import TopicEnd
from moothall.errors import Reason, Rejected

THREE_ROUNDS = Leaf(TopicEnd.ROUNDS, 3)
TEN_SECONDS = Leaf(TopicEnd.SECONDS, 10)
AGREED = Leaf(TopicEnd.PHRASE, phrase="agreed")
SETTLED = Leaf(TopicEnd.SETTLED)


def complaint(text: str) -> str:
    """Return the sentence that refuses an ending."""
    with pytest.raises(Rejected) as caught:
        parse_until(text)
    assert caught.value.reason is Reason.BAD_VALUE
    return caught.value.about


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("rounds=3", THREE_ROUNDS),
        ("turns=1", Leaf(TopicEnd.TURNS, 1)),
        ("seconds=10", TEN_SECONDS),
        ("seconds=0.5", Leaf(TopicEnd.SECONDS, 0.5)),
        ("seconds=0.001", Leaf(TopicEnd.SECONDS, 0.001)),
        ("seconds=999999999.999", Leaf(TopicEnd.SECONDS, 999_999_999.999)),
        ("utterances=7", Leaf(TopicEnd.UTTERANCES, 7)),
        ("characters=1000000000", Leaf(TopicEnd.CHARACTERS, 1_000_000_000)),
        ("seat_characters=0000000280", Leaf(TopicEnd.SEAT_CHARACTERS, 280)),
        ("phrase=agreed", AGREED),
        ('phrase="agreed"', AGREED),
        ('phrase="  We \t agree "', Leaf(TopicEnd.PHRASE, phrase="we agree")),
        ('phrase="(or) and="', Leaf(TopicEnd.PHRASE, phrase="(or) and=")),
        ("phrase=a=b", Leaf(TopicEnd.PHRASE, phrase="a=b")),
        ("phrase=STRASSE", Leaf(TopicEnd.PHRASE, phrase="strasse")),
        ("phrase=Straße", Leaf(TopicEnd.PHRASE, phrase="strasse")),
        ("phrase=\x00\ud800", Leaf(TopicEnd.PHRASE, phrase="\x00\ud800")),
        ("settled", SETTLED),
        ("chair", Leaf(TopicEnd.CHAIR)),
        ("operator", Leaf(TopicEnd.OPERATOR)),
    ],
)
def test_one_ending(text: str, ending: Ending) -> None:
    """A word, a number or a phrase."""
    assert parse_until(text) == ending


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("rounds=3 or settled", AnyOf((THREE_ROUNDS, SETTLED))),
        ("rounds=3 and settled", AllOf((THREE_ROUNDS, SETTLED))),
        ("settled or rounds=3 or phrase=agreed", AnyOf((SETTLED, THREE_ROUNDS, AGREED))),
        ("settled and rounds=3 and phrase=agreed", AllOf((SETTLED, THREE_ROUNDS, AGREED))),
        ("rounds=3 or seconds=10 and settled", AnyOf((THREE_ROUNDS, AllOf((TEN_SECONDS, SETTLED))))),
        ("rounds=3 and seconds=10 or settled", AnyOf((AllOf((THREE_ROUNDS, TEN_SECONDS)), SETTLED))),
        ("(rounds=3 or seconds=10) and settled", AllOf((AnyOf((THREE_ROUNDS, TEN_SECONDS)), SETTLED))),
        ("settled and (rounds=3 or seconds=10)", AllOf((SETTLED, AnyOf((THREE_ROUNDS, TEN_SECONDS))))),
        ("(settled)", SETTLED),
        ("((rounds=3)or(settled))", AnyOf((THREE_ROUNDS, SETTLED))),
        ("  ROUNDS=3\n\tOR  Settled  ", AnyOf((THREE_ROUNDS, SETTLED))),
        ('phrase="agreed"or settled', AnyOf((AGREED, SETTLED))),
        ("(" * 10 + "settled" + ")" * 10, SETTLED),
        ("(((rounds=3))) or (((settled)))", AnyOf((THREE_ROUNDS, SETTLED))),
    ],
)
def test_endings_are_joined(text: str, ending: Ending) -> None:
    """`and` binds more tightly than `or`; brackets, white space and capitals are as one likes."""
    assert parse_until(text) == ending


EXAMPLE = 'as in rounds=3 or phrase="we agree"'
ALL = (
    "there are rounds=N, turns=N, seconds=N, utterances=N, characters=N, seat_characters=N, phrase=WORDS, "
    "settled, chair, operator"
)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", f"until wants an ending here: (nothing) ..., {EXAMPLE}"),
        (" \n ", f"until wants an ending here: (nothing) ..., {EXAMPLE}"),
        ("rounds=3 or", f"until wants an ending here: rounds=3 or ..., {EXAMPLE}"),
        ("rounds=3 and", f"until wants an ending here: rounds=3 and ..., {EXAMPLE}"),
        ("(", f"until wants an ending here: ( ..., {EXAMPLE}"),
        ("(rounds=3 or settled", "until has a ( that is not closed"),
        ("(rounds=3 settled)", "until has a ( that is not closed"),
        ("rounds=3 settled", "until does not go on with 'settled': join endings with and, or"),
        ("rounds=3, settled", "until takes rounds from 1 to 1000000000, not '3,'"),
        ("settled)", "until does not go on with ')': join endings with and, or"),
        ("settled (chair)", "until does not go on with '(': join endings with and, or"),
        ("or settled", f"until has no ending 'or': {ALL}"),
        ("()", f"until has no ending ')': {ALL}"),
        ("round=3", f"until has no ending 'round=3': {ALL}"),
        ("agreed", f"until has no ending 'agreed': {ALL}"),
        ("nobody_left", f"until has no ending 'nobody_left': {ALL}"),
        ("settled=1", f"until has no ending 'settled=1': {ALL}"),
        ("settled=", f"until has no ending 'settled=': {ALL}"),
        ("\ud800", f"until has no ending '\\ud800': {ALL}"),
        ("\x00\x1b[31m", f"until has no ending '\\x00\\x1b[31m': {ALL}"),
        ("rounds", "until takes rounds from 1 to 1000000000, not ''"),
        ("turns=", "until takes turns from 1 to 1000000000, not ''"),
        ("rounds=0", "until takes rounds from 1 to 1000000000, not '0'"),
        ("rounds=-1", "until takes rounds from 1 to 1000000000, not '-1'"),
        ("utterances=1.5", "until takes utterances from 1 to 1000000000, not '1.5'"),
        ("turns=1e3", "until takes turns from 1 to 1000000000, not '1e3'"),
        ("turns=1_0", "until takes turns from 1 to 1000000000, not '1_0'"),
        ("turns=٣", "until takes turns from 1 to 1000000000, not '٣'"),
        ("rounds=3=4", "until takes rounds from 1 to 1000000000, not '3=4'"),
        ('rounds="3"', "until takes rounds from 1 to 1000000000, not '\"3\"'"),
        ("characters=1000000001", "until takes characters from 1 to 1000000000, not '1000000001'"),
        ("seat_characters=10000000000", "until takes seat_characters from 1 to 1000000000, not '10000000000'"),
        ("seconds=0", "until takes seconds from 0.001 to 1000000000, not '0'"),
        ("seconds=0.0", "until takes seconds from 0.001 to 1000000000, not '0.0'"),
        ("seconds=0.0001", "until takes seconds from 0.001 to 1000000000, not '0.0001'"),
        ("seconds=nan", "until takes seconds from 0.001 to 1000000000, not 'nan'"),
        ("seconds=1000000000.0", "until takes seconds from 0.001 to 1000000000, not '1000000000.0'"),
        ("phrase", "until wants words after phrase=, as in phrase=agreed"),
        ("phrase=", "until wants words after phrase=, as in phrase=agreed"),
        ('phrase=" "', "until wants words after phrase=, as in phrase=agreed"),
        ('phrase="we agree', f"until is not understood from '\"we agree' on, {EXAMPLE}"),
        (
            'settled or "a very long thing in quotes"',
            f"until is not understood from '\"a very long thing i' on, {EXAMPLE}",
        ),
        ("=3", f"until is not understood from '=3' on, {EXAMPLE}"),
        ("(" * 11 + "settled" + ")" * 11, "until nests at most 10 deep"),
        ("(" * 400, "until nests at most 10 deep"),
        ("settled" + " " * 494, "until is at most 500 characters"),
    ],
)
def test_what_is_no_ending_is_told_in_one_sentence(text: str, sentence: str) -> None:
    """It names the rule, what is wrong, and what there is."""
    assert complaint(text) == sentence


def test_an_ending_is_at_most_500_characters() -> None:
    """At the limit it is read."""
    assert parse_until("settled" + " " * 493) == SETTLED


def test_the_leaves_are_in_the_order_in_which_they_are_written() -> None:
    """However they are nested."""
    ending = parse_until("(rounds=3 and phrase=agreed) or seconds=10 or (settled and rounds=3)")

    assert [*leaves(ending)] == [THREE_ROUNDS, AGREED, TEN_SECONDS, SETTLED, THREE_ROUNDS]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("we agree", {"we agree"}),
        ("So WE\n  Agree!", {"we agree"}),
        ("(we agree)", {"we agree"}),
        ("we agreed", set()),
        ("owe agree", set()),
        ("we, agree", set()),
        ("we disagree", set()),
        ("no", {"no"}),
        ("No. We agree.", {"no", "we agree"}),
        ("not", set()),
        ("_no_", set()),
        ("", set()),
    ],
)
def test_a_phrase_is_said_as_whole_words(text: str, found: set[str]) -> None:
    """Whatever the case and the white space between the words."""
    assert phrases_in(text, 'phrase="we agree" or (rounds=3 and phrase=no)') == found


@pytest.mark.parametrize(("text", "found"), [("a.c", {"a.c"}), ("abc", set()), ("STRASSE", set())])
def test_a_phrase_is_no_pattern(text: str, found: set[str]) -> None:
    """Its signs mean themselves."""
    assert phrases_in(text, "phrase=a.c") == found


def test_where_no_phrase_is_asked_about_none_is_found() -> None:
    """Nor where the ending is nothing else but one of the words that are said."""
    assert phrases_in("settled rounds=3", "settled or rounds=3") == frozenset()


@pytest.mark.parametrize(
    ("until", "budget"),
    [
        ("", None),
        ("characters=5 or rounds=2", None),
        ("seat_characters=5", 5),
        ("rounds=3 or (seat_characters=9 and seat_characters=5) or seat_characters=7", 5),
    ],
)
def test_the_budget_of_a_seat_is_the_smallest_that_is_written(until: str, budget: int | None) -> None:
    """A seat that has used it gets no more turns."""
    assert seat_budget(until) == budget
