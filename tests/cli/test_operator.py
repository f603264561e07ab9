"""The words of the console: each becomes a command, or an answer."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from moothall.cli.operator import WORDS, Operator
from moothall.engine.commands import Remove
from moothall.engine.events import (
    ChairNamed,
    Event,
    FloorGranted,
    FloorRevoked,
    HostSaid,
    Paused,
    Removed,
    RulesSet,
    SittingOpened,
    TopicClosed,
    TopicOpened,
    TopicQueued,
    Unpaused,
)
from moothall.engine.names import Name, RoomName
from moothall.engine.rules import Rules
from moothall.engine.words import PolicyName
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
        ("remove Ola", "Ola has no seat in room main. Seated: Lars."),
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


CHAIRED = Rules(seats=3, agenda=("hug",), policy=PolicyName.CHAIR)


def a_chaired_room() -> tuple[MemoryHall, Operator]:
    """Return a hall in whose main room Kari is in the chair, and Lars and Ola wait for the floor."""
    hall = memory_hall(CHAIRED)
    for name in ("Kari", "Lars", "Ola"):
        hall.enter(name)
    hall.settle()
    operator = Operator(hall.hall, RoomName("main"))
    assert operator.run("chair kari") == ""
    assert operator.run("revoke") == ""  # of who had it while there was no chair
    hall.settle()
    return hall, operator


@pytest.mark.parametrize(
    ("lines", "event"),
    [
        (["grant ola"], FloorGranted(Name("Ola"), 2, 1_795_348_830_000, 30)),
        (["grant ola", "revoke"], FloorRevoked(Name("Ola"), 2, "operator")),
        (["grant Ola", "revoke ola"], FloorRevoked(Name("Ola"), 2, "operator")),
        (["chair Nina"], ChairNamed("Nina")),
        (["chair Nobody"], ChairNamed(None)),
        (["set rounds 3"], RulesSet(rounds=3)),
        (["SET until phrase=agreed"], RulesSet(until="phrase=agreed")),
    ],
)
def test_the_operator_leads_the_floor(lines: list[str], event: object) -> None:
    """As whoever is in the chair does, whom only the operator names."""
    hall, operator = a_chaired_room()
    answers = [operator.run(line) for line in lines]
    hall.settle()

    assert answers == [""] * len(lines)
    assert event in [moved(event) for event in hall.events()]


def moved(event: Event) -> Event:
    """Return the event with a deadline that the test knows."""
    return replace(event, deadline=1_795_348_830_000) if isinstance(event, FloorGranted) else event


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("grant Eve", "Eve has no seat in room main. Seated: Kari, Lars and Ola."),
        ("grant Karo", "Karo has no seat in room main. Did you mean Kari?"),
        ("grant", "grant what? For example: grant Kari"),
        ("chair", "chair what? For example: chair Kari"),
        ("chair a:b", "A name is 1 to 32 letters, digits, single spaces and -_.' and begins with a letter or a digit."),
        ("revoke", "Not now: Nobody has the floor."),
        ("revoke Eve", "Eve has no seat in room main. Seated: Kari, Lars and Ola."),
    ],
)
def test_what_cannot_be_led_is_answered_with_what_can(line: str, answer: str) -> None:
    """No answer is only a no."""
    _, operator = a_chaired_room()

    assert operator.run(line) == answer


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("set", ["policy", "rounds", "until", "turn_seconds", "seat_seconds", "missed_turns", "on_missed"]),
        ("set rounds", ["ounds is a whole number"]),
        ("set rounds many", ["ounds is a whole number", "'many'"]),
        ("set policy dance", ["olicy is one of", "rotate", "'dance'"]),
        ("set turn_seconds -1", ["urn_seconds is a number of seconds from 0 (none) to 604800, not -1."]),
        ("set policy custom", ["--policy file.py:function"]),
    ],
)
def test_a_rule_that_cannot_be_is_answered_with_what_it_may_be(line: str, words: list[str]) -> None:
    """In the words of the command line; another moment would not change it, so it is not `Not now`."""
    _, operator = a_chaired_room()
    answer = operator.run(line)

    assert [word for word in words if word not in answer] == []
    assert not answer.startswith("Not now")


@pytest.mark.parametrize("line", ["grant Ola", "chair Kari", "set policy chair", "pause"])
def test_what_is_so_already_is_said(line: str) -> None:
    """Nothing is shown that would tell, for nothing happens."""
    _, operator = a_chaired_room()
    operator.run(line)

    assert operator.run(line) == "That is so already."


def test_a_grant_where_no_chair_grants_says_who_does() -> None:
    """Else one would type it again."""
    _, operator = an_operator("Lars", "Kari")

    assert operator.run("grant Kari").endswith("the policy round-robin gives the floor, not the chair.")


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


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("topics", "Did you mean topic play chess (talk about this next)?"),
        ("/who", "Did you mean who (list who is here)?"),
        ("kick Lars", "Did you mean remove Kari (take a seat away)?"),
        ("QUIT", "Did you mean end (close every sitting and stop the server)?"),
        ("xyzzy", "help lists what there is; end stops the server."),
        ("help paws", "Did you mean pause (stop the conversation and its clock)?"),
    ],
)
def test_what_was_nearly_right_is_answered_with_what_would_be(line: str, words: str) -> None:
    """A slip of the finger, and what other programs call it."""
    _, operator = an_operator()

    assert operator.run(line).endswith(words)


def test_words_that_nothing_comes_of_are_not_dropped_in_silence() -> None:
    """`skip Kari` would take the floor from whoever has it."""
    hall, operator = an_operator("Lars", "Kari")
    answers = [operator.run(line) for line in ("skip Kari", "pause now", "end it")]
    hall.settle()

    assert answers == [f"Nothing follows {word}: type {word}." for word in ("skip", "pause", "end")]
    assert not any(isinstance(event, FloorRevoked | Paused) for event in hall.events())


def test_there_is_nobody_to_name_in_an_empty_room() -> None:
    """Which is said."""
    hall, operator = an_operator("Lars")
    hall.operate(Remove(Name("Lars")))
    hall.settle()

    assert operator.run("remove Lars") == "Lars has no seat in room main. Nobody is seated."


def test_commands_go_to_the_room_that_one_goes_to() -> None:
    """Spelled in any case; the list of rooms marks it."""
    hall, operator = an_operator("Lars")
    hall.enter("Ada", room="lab")
    hall.settle()
    answers = [operator.run(line) for line in ("go LAB", "go lab", "remove Ada", "rooms", "go main")]

    assert answers == [
        "From now on commands go to lab: 1/2 here, gathering.",
        "That is so already.",
        "",
        "  main: 1/2 here, gathering\n> lab: 1/2 here, gathering",
        "From now on commands go to main: 1/2 here, gathering.",
    ]


@pytest.mark.parametrize(
    ("rooms", "line", "answer"),
    [
        (("main", "lab"), "go labb", "There is no room labb. Did you mean lab?"),
        (("main", "lab"), "go group7", "There is no room group7. There are: main, lab."),
        ((), "go group7", "There is no room group7. There is: main."),
        (("main", "lab"), "go lab", "From now on commands go to lab: 0/2 here, gathering."),
    ],
)
def test_a_room_that_is_not_there_is_answered_with_those_that_are(
    rooms: tuple[str, ...], line: str, answer: str
) -> None:
    """A room that the server was started with is there before anybody has come."""
    operator = Operator(memory_hall(TWO, rooms=rooms).hall, RoomName("main"))

    assert operator.run(line) == answer


def test_rooms_that_the_server_was_started_with_are_listed_before_anybody_has_come() -> None:
    """A teacher sees all thirty from the start."""
    hall = memory_hall(TWO, rooms=("main", "lab"))
    hall.enter("Ada", room="lab")
    hall.settle()

    assert Operator(hall.hall, RoomName("main")).run("rooms").splitlines() == [
        "> main: 0/2 here, gathering",
        "  lab: 1/2 here, gathering",
    ]


def test_help_fits_a_narrow_terminal() -> None:
    """What a word does stands below its example, in rows that are not broken amid a word."""
    operator = Operator(memory_hall(TWO).hall, RoomName("main"), columns=lambda: 40)
    lines = operator.run("help").splitlines()

    assert max(map(len, lines)) <= 40
    assert lines[:2] == ["topic play chess", "    talk about this next"]
    assert all(verb.usage in lines for verb in WORDS.values())


def test_help_says_what_one_word_is_for() -> None:
    """With an example, as the whole list does."""
    _, operator = an_operator()

    assert operator.run("help remove") == "  remove Kari       take a seat away"


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
    assert operator.run("rooms").splitlines() == ["> main: 1/2 here, gathering", "  lab: 1/2 here, gathering"]
    assert operator.run("who") == "Here: Lars (seat 1). 1 watches."
