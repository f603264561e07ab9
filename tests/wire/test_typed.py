"""What people type: words, commands, and what is neither."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.errors import BadFrame, Reason
from moothall.wire.typed import CHAIR_HELP, HELP, Slash, SlashWord, Words, decode_typed
from tests.wire.samples import DOCS, attempt

WANT_WORDS: Final = (SlashWord.GRANT, SlashWord.TOPIC, SlashWord.SET)
OF_CHAIR: Final = (SlashWord.GRANT, SlashWord.REVOKE, SlashWord.TOPIC, SlashWord.NEXT, SlashWord.SET)


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        (b"Hugging seems great!", Words("Hugging seems great!")),
        (b"  Kari \t", Words("Kari")),
        (b"Kari@group7", Words("Kari@group7")),
        ("blåbær 👩\u200d🚀".encode(), Words("blåbær 👩\u200d🚀")),
        (b"", Words("")),
        (b"   ", Words("")),
        (b"a /pass", Words("a /pass")),
        (b"//pass", Words("/pass")),
        (b"//", Words("/")),
        (b"///x", Words("//x")),
        (b"// x", Words("/ x")),
        (b" /PASS ", Slash(SlashWord.PASS)),
        (b"/Pass", Slash(SlashWord.PASS)),
        (b"/pass now, please", Slash(SlashWord.PASS, "now, please")),
        (b"/Grant  Kari Li ", Slash(SlashWord.GRANT, "Kari Li")),
        (b"/revoke", Slash(SlashWord.REVOKE)),
        (b'/SET until phrase="We Agree"', Slash(SlashWord.SET, 'until phrase="We Agree"')),
        (b"\\x1b \x1b", Words("\\x1b \x1b")),
        *((f"/{word}".encode(), Slash(word)) for word in SlashWord if word not in WANT_WORDS),
    ],
    ids=repr,
)
def test_what_is_typed_is_words_or_a_command(line: bytes, typed: Words | Slash) -> None:
    """A slash begins a command, two begin words with one; what is kept is what was said."""
    assert decode_typed(line) == typed


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"/fly", "/fly is no command. /help lists them."),
        (b"/FLY me to the moon", "/fly is no command. /help lists them."),
        (b"/", "/ is no command. /help lists them."),
        (b"/ pass", "/ is no command. /help lists them."),
        (b"/passing", "/passing is no command. /help lists them."),
        (b"/pass:", "/pass: is no command. /help lists them."),
        (b"/\x1b[2J", "/\\x1b[2j is no command. /help lists them."),
        (b"/" + b"f" * 90_000, f"/{'f' * 20} is no command. /help lists them."),
        (b"\xff", "That is not UTF-8."),
        (b"/pass\xff", "That is not UTF-8."),
        ("Kåre".encode("latin-1"), "That is not UTF-8."),
        (b"\xed\xa0\x80", "That is not UTF-8."),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_cannot_be_read_is_malformed(line: bytes, complaint: str) -> None:
    """With a sentence that is safe to show to whoever typed it."""
    with pytest.raises(BadFrame) as caught:
        decode_typed(line)

    assert (caught.value.reason, str(caught.value)) == (Reason.MALFORMED, complaint)


@given(st.binary(max_size=60) | st.text(max_size=30).map(lambda text: f"/{text}".encode()))
def test_any_bytes_are_typed_or_malformed(line: bytes) -> None:
    """Nothing that a peer sends may raise another error."""
    assert isinstance(attempt(decode_typed, line), Words | Slash) or attempt(decode_typed, line) is Reason.MALFORMED


@pytest.mark.parametrize("word", WANT_WORDS)
def test_a_command_that_wants_words_is_malformed_without_them(word: SlashWord) -> None:
    """It is told how one types it, and the example can be typed."""
    with pytest.raises(BadFrame, match=rf"^/{word} what\? For example: /{word} \w+") as caught:
        decode_typed(f"/{word}".encode())

    typed = decode_typed(str(caught.value).partition("For example: ")[2].encode())
    assert isinstance(typed, Slash)
    assert (typed.word, bool(typed.words)) == (word, True)


BEFORE_JOINING = [SlashWord.HELP, SlashWord.WATCH, SlashWord.WAIT]


def test_every_command_stands_in_the_protocol() -> None:
    """And in the line that /help shows, but for what is typed before joining; the chair's stand in its own."""
    protocol = (DOCS / "text.md").read_text("utf-8")

    assert [word for word in SlashWord if f"\n| `/{word}" not in protocol] == []
    assert [word for word in SlashWord if f"/{word}" not in HELP] == [*BEFORE_JOINING, *OF_CHAIR]
    assert [word for word in SlashWord if f"/{word}" in CHAIR_HELP] == list(OF_CHAIR)
    assert (HELP + CHAIR_HELP).isascii()
    assert (HELP + CHAIR_HELP).isprintable()
