"""What people are told about a refusal: one whole sentence, in every door the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.engine.commands import (
    CloseSitting,
    Command,
    Grant,
    Next,
    Pause,
    QueueTopic,
    RequestFloor,
    Say,
    SetRules,
    Skip,
)
from moothall.engine.room import Room
from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards, PolicyName
from moothall.errors import Reason, Rejected
from moothall.wire.sentences import sentence
from tests.engine.past import KARI, LARS, NINA, OLA, a_room, gathering, play, refusal, talking
from tests.wire.samples import DOCS


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_sentence(reason: Reason) -> None:
    """With or without something that it is about, and with nothing left to fill in."""
    assert sentence(Rejected(reason, "Lars"))[0].isupper()
    for about in ("", "Lars"):
        words = sentence(Rejected(reason, about))

        assert words.endswith(".")
        assert not set("{}\n") & set(words)


@pytest.mark.parametrize("reason", Reason)
def test_every_sentence_stands_in_the_protocol(reason: Reason) -> None:
    """Beside its reason, with dots for what it is about."""
    rows = [row for row in (DOCS / "text.md").read_text("utf-8").splitlines() if row.startswith(f"| `{reason}` | ")]

    assert [sentence(Rejected(reason, "…")) in row for row in rows] == [True]


def test_a_sentence_names_what_it_is_about() -> None:
    """A name, a room, a limit, a field, a cid, a word."""
    about = {
        Reason.NOT_YOUR_TURN: "Lars has the floor.",
        Reason.ROOM_FULL: "Every seat in Lars is taken. You can watch.",
        Reason.NAME_TAKEN: "Lars is already here. Type another name.",
        Reason.BAD_VALUE: "Lars.",
        Reason.NO_SUCH_ROOM: "There is no room Lars.",
        Reason.TOO_LONG: "That is too long: at most Lars characters.",
        Reason.CID_REUSED: "You have said something else under the cid Lars.",
        Reason.NOT_ALLOWED: "Not allowed: Lars.",
        Reason.MALFORMED: "This is not understood: Lars.",
    }

    assert {reason for reason in Reason if "Lars" in sentence(Rejected(reason, "Lars"))} == set(about)
    assert {reason: sentence(Rejected(reason, "Lars")) for reason in about} == about


def test_the_others_are_the_same_whatever_it_is_about() -> None:
    """They speak to the reader of the reader."""
    assert sentence(Rejected(Reason.TURN_OVER, "Lars")) == "You have had your turn in this round."


def test_where_there_are_no_rounds_a_turn_is_over_all_the_same() -> None:
    """Under `request` and `chair`."""
    room = talking(LARS, KARI, rules=Rules(policy=PolicyName.REQUEST))

    assert sentence(Rejected(Reason.TURN_OVER, ""), room) == "That turn is over."
    assert sentence(Rejected(Reason.NOT_JOINED)) == "Join a room first."
    assert sentence(Rejected(Reason.NO_SEAT, "Lars")) == "You have no seat in this room."
    assert sentence(Rejected(Reason.KEY_UNKNOWN)) == "This key opens no seat any more. Join without it."
    assert sentence(Rejected(Reason.TAKEN_OVER)) == "Your seat was taken over by another connection with its key."
    assert sentence(Rejected(Reason.SLOW)) == "You read too slowly."
    assert sentence(Rejected(Reason.STORAGE)) == "The server cannot store anything now. Try again."
    assert sentence(Rejected(Reason.BANNED)) == "You may not come in here."
    assert sentence(Rejected(Reason.TOO_FAST)) == "Not so fast."
    assert sentence(Rejected(Reason.CLOSING)) == "The server is stopping."


def test_nobody_need_have_the_floor() -> None:
    """Between two events of one moment, or in a round that has just opened."""
    assert sentence(Rejected(Reason.NOT_YOUR_TURN)) == "It is not your turn."
    assert sentence(Rejected(Reason.NOT_YOUR_TURN), a_room()) == "It is not your turn."


def test_where_the_floor_must_be_asked_for_one_is_told_so() -> None:
    """It is free, but nobody has it by speaking."""
    asking, chaired = (
        talking(LARS, KARI, rules=Rules(policy=policy, chair="Lars"))
        for policy in (PolicyName.REQUEST, PolicyName.CHAIR)
    )

    assert told(asking, Say(KARI, "Me!")) == "Ask for the floor first."
    assert told(chaired, Say(KARI, "Me!")) == "The chair gives the floor."
    assert told(play(asking, RequestFloor(LARS)), Say(KARI, "Me!")) == "Lars has the floor."
    assert told(play(chaired, Grant("Lars", LARS)), Say(KARI, "Me!")) == "Lars has the floor."


def test_whose_seat_is_missing_is_told_where_the_reader_is_known() -> None:
    """One's own, or that of whom the chair means."""
    room = talking(LARS, KARI, rules=Rules(policy=PolicyName.CHAIR, chair="Lars"))
    reason, about = refusal(room, Grant("Nina", LARS))

    assert sentence(Rejected(reason, about), room, LARS) == "Nina has no seat here."
    assert sentence(Rejected(Reason.NO_SEAT, "Lars"), room, LARS) == "You have no seat in this room."
    assert sentence(Rejected(Reason.NO_SEAT), room, LARS) == "You have no seat in this room."
    assert sentence(Rejected(reason, about), room) == "You have no seat in this room."


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (RequestFloor(KARI), "Not allowed: nobody asks for the floor under the policy round-robin."),
        (Grant("Kari", LARS), "Not allowed: the policy round-robin gives the floor, not the chair."),
        (Next(KARI), "Not allowed: only the operator or the chair may ask for next."),
        (SetRules(rounds=0, by=LARS), "rounds is a whole number from 1 to 1000000, not 0."),
        (QueueTopic(" ", LARS), "topic is 1 to 200 characters."),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Command) else "",
)
def test_what_the_rules_say_makes_a_sentence(command: Command, words: str) -> None:
    """They give a clause, or a sentence that begins with the name of a rule as it stands on the wire."""
    assert told(talking(LARS, KARI, rules=Rules(chair="Lars")), command) == words


def told(room: Room, command: Command) -> str:
    """Return what is said about a command that the room rejects."""
    return sentence(Rejected(*refusal(room, command)), room)


def test_nobody_gets_more_of_their_own_words_back_than_fit_on_a_page() -> None:
    """A value that is refused may be as long as a line."""
    assert sentence(Rejected(Reason.BAD_VALUE, "x" * 90_000)) == "x" * 1_000 + "."


def test_who_waits_for_the_others_is_told_how_many_it_takes() -> None:
    """The room says how many seats there are; a door that doesn't know the room says less."""
    room = gathering(KARI, rules=Rules(seats=12))
    reason, about = refusal(room, Say(KARI, "hello?"))

    assert sentence(Rejected(reason, about), room) == "The conversation starts at 12/12."
    assert sentence(Rejected(reason, about)) == "Nobody has the floor."


def test_who_speaks_in_a_room_that_rests_is_told_so() -> None:
    """The next topic may be long in coming."""
    room = play(
        talking(LARS, KARI, rules=Rules(afterwards=Afterwards.STAY)), Say(LARS, "Lovely."), Say(KARI, "Lovely.")
    )
    reason, about = refusal(room, Say(KARI, "And now?"))

    assert sentence(Rejected(reason, about), room) == "The room rests until the next topic."


def test_who_speaks_in_a_pause_is_told_so() -> None:
    """Whoever has the floor too."""
    room = play(talking(LARS, KARI), Pause())
    reason, about = refusal(room, Say(LARS, "Still there?"))

    assert sentence(Rejected(reason, about), room) == "The conversation is paused."


def test_an_operator_in_an_empty_room_is_told_that_nobody_has_the_floor() -> None:
    """Nothing to skip and nothing to close, with the phase or without."""
    assert refusal(talking(LARS, KARI, OLA, NINA), Say(KARI, "Me!")) == (Reason.NOT_YOUR_TURN, "Lars")
    reason, about = refusal(play(a_room()), Skip())
    assert sentence(Rejected(reason, about), a_room()) == "Nobody is here yet."
    assert refusal(a_room(), CloseSitting()) == (reason, about)
    assert sentence(Rejected(Reason.NOT_TALKING, "talking"), a_room()) == "Nobody has the floor."


def test_who_waits_for_the_operator_is_told_so() -> None:
    """Everybody is here, and it does not start."""
    room = gathering(LARS, KARI, rules=Rules(seats=2, hold_start=True))

    assert sentence(Rejected(Reason.NOT_TALKING, "gathering"), room) == "The operator starts the conversation."


@given(st.sampled_from(Reason), st.text(st.characters(), min_size=1))
def test_no_words_of_others_break_a_sentence(reason: Reason, about: str) -> None:
    """A refused name comes back to whoever typed it, and may hold anything: braces, line breaks, escapes."""
    words = sentence(Rejected(reason, about))

    assert len(words.splitlines()) == 1
    assert "\x1b" not in words


def test_what_it_is_about_is_shown_as_it_is_typed() -> None:
    """Braces mean nothing in it, and what is harmful is escaped."""
    assert sentence(Rejected(Reason.NO_SUCH_ROOM, "{about}\x1b{0}")) == r"There is no room {about}\x1b{0}."
