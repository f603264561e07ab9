"""Names are checked once, where they are made: nothing behind this gate looks at their letters again."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.engine.names import RESERVED_NAMES, fold, parse_name, parse_room_name
from moothall.errors import Reason, Rejected


def refused(text: str) -> tuple[Reason, str]:
    """Return why a participant may not be called this."""
    with pytest.raises(Rejected) as caught:
        parse_name(text)
    return caught.value.reason, caught.value.about


@pytest.mark.parametrize(
    "name",
    ["K", "Kari", "kari nord", "R2-D2", "7 of 9", "o'Neill", "Dr. No", "snake_case", "Åse", "李小龙", "٣", "K" * 32],
)
def test_letters_and_digits_of_any_script_make_a_name(name: str) -> None:
    """The first users are Norwegian, the next are from anywhere."""
    assert parse_name(name) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\t",
        " - ",
        "-Kari",
        ".Kari",
        "'Kari",
        "_Kari",
        "Kari: hi",
        "Kari@main",
        "Kari  Nordmann",
        "Kari\tNordmann",
        "Kari\n",
        "Kari\x1b[31m",
        "Ka\u202eri",
        "Ka\u200bri",
        "Ka\u00a0ri",
        "½",
        "Kari½",
        "😀",
        "Kari/",
        "K" * 33,
    ],
    ids=repr,
)
def test_anything_else_is_no_name(text: str) -> None:
    """A name never holds what ends a name on some wire, harms a terminal, or cannot be seen."""
    assert refused(text) == (Reason.BAD_NAME, text)


def test_white_space_around_a_name_is_not_part_of_it() -> None:
    """A person's line may end in a blank, and nobody could see the difference."""
    assert parse_name(" \tKari Nordmann\t ") == "Kari Nordmann"


def test_a_name_has_one_spelling() -> None:
    """Å may arrive as one character or as two: both are the same name, and 32 of them are 32."""
    decomposed = unicodedata.normalize("NFD", "Å")

    assert (parse_name(decomposed * 32), len(decomposed)) == ("Å" * 32, 2)


def test_a_rooms_name_may_be_longer() -> None:
    """Up to 64 characters: groups, courses and dates go into it."""
    assert parse_room_name(" " + "r" * 64) == "r" * 64


@pytest.mark.parametrize("text", ["", "r" * 65, "-", "a:b", "a  b"])
def test_a_rooms_name_keeps_the_rules_of_names(text: str) -> None:
    """It stands in the same lines as names do."""
    with pytest.raises(Rejected, match="bad_name") as caught:
        parse_room_name(text)

    assert (caught.value.reason, caught.value.about) == (Reason.BAD_NAME, text)


@pytest.mark.parametrize(("one", "other"), [("Kari", "KARI"), ("Åse", "åSE"), ("Straße", "STRASSE"), ("Σας", "ΣΑΣ")])
def test_names_that_differ_only_in_case_fold_into_one(one: str, other: str) -> None:
    """Nobody shall sit beside somebody who looks the same; the letters say what case is, not English alone."""
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("Kari", "Kåri"), ("Kari N", "KariN"), ("O'Neill", "ONeill")])
def test_other_names_stay_apart(one: str, other: str) -> None:
    """Case is all that folds away."""
    assert fold(one) != fold(other)


def test_words_that_already_mean_somebody_are_reserved() -> None:
    """`you` and `all` are addressed to, `operator` is named in events."""
    assert frozenset({"you", "all", "operator"}) == RESERVED_NAMES


@given(st.text(max_size=40))
def test_what_is_parsed_once_is_parsed_to_itself(text: str) -> None:
    """A name that comes back in (resuming, a log) is the same name, holds no colon, and folds to a fixed point."""
    try:
        name = parse_name(text)
    except Rejected:
        return

    assert (parse_name(name), fold(fold(name)), ":" in name) == (name, fold(name), False)
