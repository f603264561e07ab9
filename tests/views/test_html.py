"""A document in HTML is one file, for eyes alone: whatever was said in it does nothing."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from moothall.engine.commands import HostSay, Join, QueueTopic, Say
from moothall.engine.rules import Rules
from moothall.views.blocks import Block, Heading, Notice, Utterance
from moothall.views.html import html_block, html_lines
from moothall.wire.safe_text import safe_text
from tests.engine.past import KARI, LARS, NOON
from tests.views.logs import JOINS, SITTING, TWO, Step, changes_of


def after_noon(at: int) -> str:
    return f"{at - NOON} ms after noon"


def document(*steps: Step, rules: Rules = TWO) -> list[str]:
    return list(html_lines(changes_of(*steps, rules=rules), after_noon))


class Reader(HTMLParser):
    """What a browser makes of a document: the elements that it opens, their attributes, and the words between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words += data


def test_a_sitting_has_headings_names_and_notices() -> None:
    """A whole one, as it stands in the file."""
    told = document(*SITTING)

    body = told.index("<body>")
    assert told[body + 1 :] == [
        "<h1>Room main</h1>",
        "<h2>Sitting 1</h2>",
        "<p><i>Opened 0 ms after noon.</i></p>",
        "<p><i>Lars (bot) took seat 1.</i></p>",
        "<p><i>Kari (person: eight lines) took seat 2.</i></p>",
        "<p><i>Sitting 1 begins: Lars, Kari.</i></p>",
        "<h3>Topic: hug</h3>",
        "<p><b><bdi>Host</bdi>:</b> <bdi>Do you want to hug?</bdi></p>",
        "<p><b><bdi>Lars</bdi>:</b> <bdi>Sure!</bdi></p>",
        "<p><b><bdi>Kari</bdi>:</b> <bdi>Why, no.<br>Never.</bdi></p>",
        "<p><b><bdi>Host</bdi>:</b> <bdi>Thank you, Lars and Kari.</bdi></p>",
        "<p><i>Goodbye. 2 answers.</i></p>",
        "</body>",
        "</html>",
    ]


def test_its_head_says_how_it_is_to_be_shown() -> None:
    """In its language and letters, on a screen of any width, in the light or in the dark."""
    assert document(*SITTING)[:9] == [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        "<title>Room main</title>",
        "</head>",
        "<body>",
    ]


def test_a_document_whose_room_was_opened_long_before_has_its_title_too() -> None:
    """What came before may have been forgotten."""
    told = list(html_lines(changes_of(*SITTING)[3:], after_noon))

    assert (told[6], told[9]) == ("<title>Room main</title>", "<h1>Room main</h1>")


def test_a_log_without_entries_is_no_document() -> None:
    """Nobody knows of which room it would be."""
    assert list(html_lines([], after_noon)) == []


def test_words_are_never_more_than_words() -> None:
    """Wherever somebody can write them: in names' places, notices, headings and utterances."""
    evil = "<script>alert('&amp;')</script><img src=x onerror=\"alert(1)\">"
    steps: tuple[Step, ...] = (
        (0, Join(LARS, about=evil)),
        (1, Join(KARI)),
        (2, HostSay(evil)),
        (3, QueueTopic(evil)),
        (4, Say(LARS, evil)),
        (5, Say(KARI, evil)),
    )
    told = "\n".join(document(*steps, rules=replace(TWO, labels={"arm": evil}, question=f"{evil} {{topic}}?")))

    assert told.count("&lt;script&gt;") >= 6
    assert set(Reader(told).tags) <= set("html head meta title body h1 h2 h3 h4 p b i bdi br".split())
    assert {name for name, _ in Reader(told).attributes} == {"lang", "charset", "name", "content"}
    assert Reader(told).words.count(evil) >= 6


def test_what_nobody_can_see_is_shown() -> None:
    """Escapes, and marks that turn the order of letters around."""
    told = document(*JOINS, (2, Say(LARS, "\x1b[2J\u202egone\u2028yes")))

    assert r"<p><b><bdi>Lars</bdi>:</b> <bdi>\x1b[2J\u202egone<br>yes</bdi></p>" in told


WORDS = st.text(st.one_of(st.sampled_from("<>&\"'/\u202e\x1b\r\n\x00 ab"), st.characters()), max_size=60)


@given(WORDS, st.sampled_from([lambda words: Heading(3, words), Notice, lambda words: Utterance("Kari", words)]))
def test_any_words_come_out_as_safe_text(words: str, make: Callable[[str], Block]) -> None:
    """A reader gets them back, but for what is harmful, and no element that they bring along."""
    alone, read = (Reader(html_block(make(said))) for said in ("", words))

    lines = words.splitlines() if isinstance(make(words), Utterance) else [words]
    assert read.words == alone.words + "".join(safe_text(line.strip()) for line in lines if line.strip())
    assert [tag for tag in read.tags if tag != "br"] == alone.tags
    assert "\n" not in html_block(make(words))
