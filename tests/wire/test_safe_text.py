"""Nothing that anyone types can harm or mislead another's terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.wire.safe_text import safe_text

ORDINARY = ["", "Hugging seems great!", "blåbærsyltetøy", "\tone\ttwo", "👩\u200d🚀 \u00a0 日本語"]

# Every one of them but the line breaks, and what stands just outside the ranges.
HARMFUL = [
    *range(0x09),
    *(0x0B, 0x0C),
    *range(0x0E, 0x20),
    *range(0x7F, 0xA0),
    *(0x061C, 0x200E, 0x200F),
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
    *(0xD800, 0xDABC, 0xDFFF),
]
HARMLESS = [0x09, 0x20, 0x7E, 0xA0, 0x061B, 0x061D, 0x200D, 0x2010, 0x2027, 0x202F, 0x2065, 0x206A, 0xD7FF, 0xE000]


@pytest.mark.parametrize("words", ORDINARY)
def test_ordinary_words_are_shown_as_they_are(words: str) -> None:
    """Nobody's language, emoji or tab is a danger."""
    assert safe_text(words) == words


@pytest.mark.parametrize("code", HARMFUL, ids=hex)
def test_a_harmful_character_is_shown_by_its_number(code: int) -> None:
    """It must be seen that something was there, and what."""
    number = f"x{code:02x}" if code < 0x100 else f"u{code:04x}"

    assert safe_text(f"a{chr(code)}b") == f"a\\{number}b"


@pytest.mark.parametrize("code", HARMLESS, ids=hex)
def test_its_neighbours_are_left_alone(code: int) -> None:
    """The ranges end where they should, also beside something harmful."""
    assert safe_text(f"{chr(code)}\x1b{chr(code)}") == f"{chr(code)}\\x1b{chr(code)}"


def test_the_escapes_read_as_in_the_protocol() -> None:
    """The same two digits or four, always; a clear screen, a reversed name, an old control character."""
    assert safe_text("\x1b[2J") == r"\x1b[2J"
    assert safe_text("\u202enul") == r"\u202enul"
    assert safe_text("\x07\x9b\x85") == r"\x07\x9b\x85"
    assert safe_text("\u061c") == r"\u061c"


def test_a_line_break_is_shown_and_breaks_no_line() -> None:
    """One event is at most one line; otherwise anyone could forge a line of another's."""
    assert safe_text("one\nHost: two\n\n") == r"one\nHost: two\n\n"


def test_a_windows_line_break_is_one_line_break() -> None:
    """How a client ends its lines is nothing for people to see."""
    assert safe_text("one\r\ntwo\r\n") == r"one\ntwo\n"


def test_a_return_alone_is_no_line_break() -> None:
    """On a terminal it goes back and writes over what stands there."""
    assert safe_text("one\rtwo\r\r\n") == r"one\rtwo\r\n"


def test_a_backslash_stays_as_it_is() -> None:
    """People write paths and code; what is shown is for eyes only."""
    assert safe_text("C:\\n\\x1b") == "C:\\n\\x1b"
    assert safe_text("\\\x1b") == "\\\\x1b"


@given(st.text(st.characters(), max_size=40))
def test_whatever_is_typed_is_one_line_without_control_characters(words: str) -> None:
    """The promise itself, said in Unicode's own terms."""
    shown = safe_text(words)

    assert len(shown.splitlines()) <= 1
    assert {unicodedata.category(letter) for letter in shown.replace("\t", "")}.isdisjoint({"Cc", "Zl", "Zp", "Cs"})
    assert {unicodedata.bidirectional(letter) for letter in shown}.isdisjoint(
        {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    )
    assert safe_text(shown) == shown
