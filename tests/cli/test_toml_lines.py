"""The scanner: in which line each value stands, and what is no TOML, all of it."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.cli.toml_lines import read_toml

TEXT = '''# seats = 1
seats = 4
topic = [ # [ [ rooms = 2
  "hug]", 'play # [',
  """
  rooms = 3
  """, "x"
]
"turn-seconds" = 3  # host = 4
question = """
seats = 3
[rooms.no]
say \\""" {topic}?"""
rooms.lab.seats = 3
label = { arm = "x=}", b = <>
host = 5
<> }
[rooms.main]
  until = 'settled'
[rooms . "Group 7".'seat_seconds']  # ]
Kari = 1
'''.replace("<>", "'''")


def test_every_value_has_the_line_in_which_it_begins() -> None:
    """Whatever stands in strings, lists and comments counts for nothing."""
    toml = read_toml(TEXT)

    assert toml.mistakes == ()
    assert toml.values == tomllib.loads(TEXT)
    assert toml.lines == {
        ("seats",): 2,
        ("topic",): 3,
        ("turn-seconds",): 9,
        ("question",): 10,
        ("rooms",): 14,
        ("rooms", "lab"): 14,
        ("rooms", "lab", "seats"): 14,
        ("label",): 15,
        ("rooms", "main"): 18,
        ("rooms", "main", "until"): 19,
        ("rooms", "Group 7"): 20,
        ("rooms", "Group 7", "seat_seconds"): 20,
        ("rooms", "Group 7", "seat_seconds", "Kari"): 21,
    }


def test_what_has_no_line_of_its_own_has_that_of_what_it_is_in() -> None:
    """A key of an inline table, for one; and what is not there has none."""
    toml = read_toml(TEXT.replace("\n", "\r\n"))

    assert [toml.line_of(keys) for keys in (("label", "arm"), ("rooms", "main", "x"), ("nothing",), ())] == [
        15,
        18,
        0,
        0,
    ]


@pytest.mark.parametrize(
    ("text", "told", "values"),
    [
        ("a = 1\nb = rotate\nc = 2", (2, 'invalid value (column 5); text stands in quotes, as in "main"'), "ac"),
        ("a = 1\nb\nc = 2\n", (2, "expected '=' after a key in a key/value pair (column 2)"), "ac"),
        ("a = 1\na = 2\nc = 2\n", (2, "cannot overwrite a value (column 6); it has a value already"), "ac"),
        ('a = 1\nb = "x\nc = 2\n', (2, "illegal character '\\n' (column 7)"), "ac"),
        ('a = 1\nb = ["x",\n  "y"\nc = 2\n', (2, "unclosed array"), "ac"),
        ('a = 1\nb = ["x"\n  "y"]\nc = 2\n', (3, "unclosed array (column 3)"), "ac"),
        ('a = 1\nc = 2\nb = """x\n', (3, "unterminated string"), "ac"),
        ("a = 1\nc = 2\nb = [1,\n", (3, 'invalid value; text stands in quotes, as in "main"'), "ac"),
        ("a = 1\nc = 2\nb", (3, "expected '=' after a key in a key/value pair"), "ac"),
        ("a = 1\nc = 2\n[b\nd = 1", (3, "expected ']' at the end of a table declaration (column 3)"), "ac"),
        ("c=1\n[a]\n[b]\n[a]\nd = 1", (4, "cannot declare ('a',) twice (column 3)"), "abc"),
        ("a = 1\nb = '\0'\nc = 2", (2, "found invalid character '\\x00' (column 6)"), "ac"),
    ],
)
def test_what_is_no_toml_is_told_and_the_rest_is_read(text: str, told: tuple[int, str], values: str) -> None:
    """The most likely mistake is text without its quotes; it should not hide all others."""
    line, words = told
    toml = read_toml(text)

    assert toml.mistakes == ((line, f"this is no TOML: {words}."),)
    assert "".join(sorted(toml.values)) == values


def test_all_of_it_is_told() -> None:
    """One after the other, and what stands under a broken header is not taken for a part of another table."""
    toml = read_toml("a = x\nb = y\n[[c\nd = 1\ne = z\n[f]\ng = 1")

    assert [line for line, _ in toml.mistakes] == [1, 2, 3, 5]
    assert toml.values == {"f": {"g": 1}}


def test_a_number_too_long_and_a_list_too_deep_are_sentences() -> None:
    """Python raises other errors for them."""
    long, deep = read_toml(f"a = 1\nb = {'9' * 5_000}\n"), read_toml("a = " + "[" * 100_000)

    assert (long.values, long.mistakes) == ({"a": 1}, ((2, "this number is too long."),))
    assert (deep.values, deep.mistakes) == ({}, ((1, "this is no TOML: it is nested too deep."),))


@given(st.lists(st.sampled_from([*list("ab =[]{}\"'#\\\n.1,"), '"""', "'''", "a = 1\n", "[x]\n"]), max_size=30))
def test_whatever_is_written_has_an_answer(pieces: list[str]) -> None:
    """What is TOML is read as it is; of what isn't, something is told; and no line is beyond the text."""
    text = "".join(pieces)
    toml = read_toml(text)

    try:
        assert (toml.values, toml.mistakes) == (tomllib.loads(text), ())
    except tomllib.TOMLDecodeError:
        assert toml.mistakes
    assert all(
        1 <= line <= text.count("\n") + 1 for line in [*toml.lines.values(), *(line for line, _ in toml.mistakes)]
    )
