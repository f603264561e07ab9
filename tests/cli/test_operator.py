"""The words of the console: each becomes a command, or an answer."""

from __future__ import annotations

import pytest

from moothall.cli.operator import WORDS, Operator
from moothall.engine.events import (
    FloorRevoked,
    HostSaid,
    Paused,
    Removed,
    SittingOpened,
    TopicClosed,
    TopicOpened,
    TopicQueued,
    Unpaused,
)
from moothall.engine.names import RoomName
from moothall.engine.rules import Rules
from moothall.testing.hall import MemoryHall, memory_hall

TWO = Rules(seats=2, agenda=("hug",))


def an_operator(*names: str) -> tuple[MemoryHall, Operator]:
    """Return a hall in which these have come to the main room, and its operator."""
    hall = memory_hall(TWO)
    for name in names:
        hall.enter(name)
        hall.settle()
    return hall, Operator(hall.hall, RoomName("main"))


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("topic  play chess ", TopicQueued("play chess")),
        ("TOPIC eat", TopicQueued("eat")),
        ("say Welcome, all!", HostSaid("Host", "Welcome, all!")),
    ],
)
def test_a_word_becomes_what_happens(line: str, event: object) -> None:
    """It is not answered: the event is seen by everybody, the operator too."""
    hall, operator = an_operator("Lars", "Kari")
    answer = operator.run(line)
    hall.settle()

    assert (answer, event in hall.events()) == ("", True)


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (["next"], TopicClosed),
        (["skip"], FloorRevoked),
        (["remove lars"], Removed),
        (["pause"], Paused),
        (["pause", "unpause"], Unpaused),
    ],
)
def test_the_operator_steers_the_conversation(lines: list[str], kind: type) -> None:
    """Each word that needs a conversation does its own thing to it."""
    hall, operator = an_operator("Lars", "Kari")
    answers = [operator.run(line) for line in lines]
    hall.settle()

    assert answers == [""] * len(lines)
    assert any(isinstance(event, kind) for event in hall.events())


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("next", "Not now: The conversation starts at 2/2."),
        ("skip", "Not now: The conversation starts at 2/2."),
        ("remove Ola", "Ola has no seat in room main."),
    ],
)
def test_what_cannot_be_now_is_said(line: str, answer: str) -> None:
    """In a sentence that begins alike for all."""
    _, operator = an_operator("Lars")

    assert operator.run(line) == answer


def test_a_topic_may_be_given_before_anybody_is_here() -> None:
    """The room is opened for it, and the first sitting begins with it."""
    hall, operator = an_operator()
    operator.run("topic dance")
    hall.enter("Lars")
    hall.enter("Kari")
    hall.settle()

    assert [event for event in hall.events() if isinstance(event, SittingOpened)]
    assert any(isinstance(event, TopicOpened) and event.topic == "dance" for event in hall.events())


@pytest.mark.parametrize("word", ["topic", "remove", "say"])
def test_a_word_that_lacks_its_words_shows_an_example(word: str) -> None:
    """Which is the quickest way to learn it."""
    _, operator = an_operator("Lars")

    assert operator.run(word) == f"{word} what? For example: {WORDS[word].usage}"


def test_unknown_words_are_answered_with_help() -> None:
    """In the first system they ended the server; here they cannot even harm the terminal."""
    _, operator = an_operator()

    assert operator.run("stop\x1b[2J now") == (
        "There is no 'stop\\x1b[2J' here. help lists what there is; end stops the server."
    )


def test_help_lists_every_word() -> None:
    """A line each, with an example."""
    _, operator = an_operator()

    assert len(operator.run("help").splitlines()) == len(WORDS)
    assert all(verb.usage in operator.run("help") for verb in WORDS.values())


def test_rooms_and_who_say_who_is_where() -> None:
    """Before anybody came, and after; spectators are counted."""
    hall, operator = an_operator()
    before = [operator.run("rooms"), operator.run("who")]
    hall.enter("Lars")
    hall.enter("Ada", room="lab")
    hall.enter("Eve", watch=True)
    hall.settle()

    assert before == ["No room is open yet.", "Nobody is here."]
    assert operator.run("rooms").splitlines() == ["main: 1/2 here, gathering", "lab: 1/2 here, gathering"]
    assert operator.run("who") == "Here: Lars (seat 1). 1 watches."
