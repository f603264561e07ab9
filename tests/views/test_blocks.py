"""A document's blocks hold what its readers look for, in the words that were said."""

from __future__ import annotations

from msgspec.structs import replace

from moothall.engine.commands import HostSay, Leave, Say
from moothall.engine.names import RoomName
from moothall.engine.rules import Rules
from moothall.views.blocks import Block, Heading, Notice, Utterance, blocks_of, title
from tests.engine.past import KARI, LARS, NOON
from tests.views.logs import JOINS, SITTING, TWO, Step, changes_of


def after_noon(at: int) -> str:
    return f"{at - NOON} ms after noon"


def blocks(*steps: Step, rules: Rules = TWO) -> list[Block]:
    return [block for change in changes_of(*steps, rules=rules) for block in blocks_of(change, after_noon)]


def test_a_sitting_is_headings_notices_and_utterances() -> None:
    """Every writer of documents finds the same in a log."""
    assert blocks(*SITTING) == [
        Heading(2, "Sitting 1"),
        Notice("Opened 0 ms after noon."),
        Notice("Lars (bot) took seat 1."),
        Notice("Kari (person: eight lines) took seat 2."),
        Notice("Sitting 1 begins: Lars, Kari."),
        Heading(3, "Topic: hug"),
        Utterance("Host", "Do you want to hug?"),
        Utterance("Lars", "Sure!"),
        Utterance("Kari", "Why, no.\nNever."),
        Utterance("Host", "Thank you, Lars and Kari."),
        Notice("Goodbye. 2 answers."),
    ]


def test_the_title_is_the_rooms_name() -> None:
    """It stands above whatever part of a log is shown."""
    assert title(RoomName("book club")) == Heading(1, "Room book club")


def test_words_are_not_escaped_yet() -> None:
    """How that is done is the matter of whoever writes the document."""
    said = "<b>*Yes.*</b>\x1b[2J"

    assert blocks(*JOINS, (2, Say(LARS, said)), (3, HostSay(said)))[-2:] == [
        Utterance("Lars", said),
        Utterance("Host", said),
    ]


def test_rounds_have_headings_where_there_are_several() -> None:
    """A topic's only round needs none."""
    found = blocks(*SITTING, rules=replace(TWO, rounds=2))

    assert [block for block in found if isinstance(block, Heading) and block.level == 4] == [
        Heading(4, "Round 1"),
        Heading(4, "Round 2"),
    ]


def test_a_topic_that_nobody_was_left_for_ends_with_a_notice() -> None:
    """Nobody is thanked, so it is nobody's utterance."""
    assert all(isinstance(block, Notice) for block in blocks(*JOINS, (2, Leave(LARS)), (3, Leave(KARI)))[-3:])
