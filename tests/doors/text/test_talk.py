"""What somebody types once they are in a room: words, early words, refusals and commands."""

from __future__ import annotations

from moothall.doors.text.manners import TextManners
from moothall.engine.rules import Afterwards, PolicyName, Rules
from tests.doors.fakes import Desk, Peer
from tests.doors.text.test_door import HELP


def three(desk: Desk) -> list[Peer]:
    """Fill a room of three; what they have read so far is read."""
    peers = [desk.guest(name) for name in ("Lars", "Kari", "Ola")]
    for peer in peers:
        peer.reads()
    return peers


def test_early_words_wait_for_their_turn() -> None:
    """The latest of them; and they are said at once when the floor comes."""
    desk = Desk(seats=3)
    lars, kari, ola = three(desk)
    kari.types("First", "Second")
    assert kari.reads() == ["! not_your_turn: Lars has the floor. Your words wait; /drop forgets them."]
    assert ola.reads() == []
    lars.types("Lovely.")
    desk.clock.advance(20)

    assert ola.reads() == ["Lars: Lovely.", "* Kari has the floor, 30 s.", "Kari: Second", "* Your turn, 30 s."]
    assert kari.reads() == ["Lars: Lovely.", "* Your turn, 30 s.", "* Said.", "* Ola has the floor, 30 s."]


def test_early_words_can_be_dropped() -> None:
    """Then the turn comes as if nothing had been typed."""
    desk = Desk(seats=3)
    lars, kari, _ = three(desk)
    kari.types("First", "/drop", "/drop")
    lars.types("Lovely.")

    assert kari.reads()[1:] == ["* Dropped.", "* Nothing waits.", "Lars: Lovely.", "* Your turn, 30 s."]


def test_early_words_are_not_kept_where_they_are_to_be_refused() -> None:
    """`--early refuse`."""
    desk = Desk(seats=3, manners=TextManners(keeps_early=False))
    lars, kari, _ = three(desk)
    kari.types("First")
    lars.types("Lovely.")

    assert kari.reads() == ["! not_your_turn: Lars has the floor.", "Lars: Lovely.", "* Your turn, 30 s."]


def test_words_after_the_turn_are_refused_and_never_kept() -> None:
    """Not for the next round either."""
    desk = Desk(rules=Rules(seats=2, agenda=("hug",), rounds=2))
    lars, kari = desk.guest("Lars"), desk.guest("Kari")
    lars.types("Lovely.")
    desk.clock.advance(20)
    lars.reads()
    lars.types("And another thing", "And another")
    kari.types("Me too.")
    desk.clock.advance(20)

    assert lars.reads() == [
        "! turn_over: You have had your turn in this round.",
        "Kari: Me too.",
        "* Round 2 of 2.",
        "* Your turn, 30 s.",
    ]


def test_early_words_that_cannot_be_said_leave_the_turn_open() -> None:
    """They were too long, and there is time to say something else."""
    desk = Desk(rules=Rules(seats=2, agenda=("hug",), max_text_chars=10))
    lars, kari = desk.guest("Lars"), desk.guest("Kari")
    kari.reads()
    kari.types("Far too long for this room")
    lars.types("Lovely.")

    assert kari.reads() == [
        "! too_long: That is too long: at most 10 characters.",
        "Lars: Lovely.",
        "* Your turn, 30 s.",
    ]


def test_a_refusal_is_told_once_in_each_turn_of_the_room() -> None:
    """Whoever answers refusals is not answered again; the next turn is another matter."""
    desk = Desk(seats=3, manners=TextManners(keeps_early=False))
    lars, _, ola = three(desk)
    ola.types(*["Me!"] * 100)
    lars.types("Lovely.")
    ola.types(*["Me!"] * 100)

    assert [line for line in ola.reads() if line.startswith("!")] == [
        "! not_your_turn: Lars has the floor.",
        "! not_your_turn: Kari has the floor.",
    ]


def test_words_before_the_conversation_are_refused_and_lost() -> None:
    """Nothing of them is said when it begins."""
    desk = Desk()
    kari = desk.guest("Kari")
    kari.reads()
    kari.types("hello?", "hello??")
    desk.guest("Lars")

    assert kari.reads() == [
        "! not_talking: The conversation starts at 2/2.",
        "* Lars took seat 2. 2/2 here.",
        "* Sitting 1 begins: Kari, Lars.",
        "Host: Do you want to hug?",
        "* Your turn, 30 s.",
    ]


def test_words_in_a_room_that_rests_are_refused() -> None:
    """The next topic is the operator's to give."""
    desk = Desk(rules=Rules(seats=1, agenda=("hug",), afterwards=Afterwards.STAY))
    kari = desk.guest("Kari", "Lovely.")
    desk.clock.advance(20)
    kari.reads()
    kari.types("And now?")

    assert kari.reads() == ["! not_talking: The room rests until the next topic."]


def test_a_turn_can_be_passed() -> None:
    """And out of turn there is nothing to pass, however often one asks."""
    desk = Desk()
    lars, kari = desk.guest("Lars"), desk.guest("Kari")
    kari.reads()
    kari.types("/pass", "/pass")
    lars.types("/PASS")

    assert kari.reads() == [*["! not_your_turn: Lars has the floor."] * 2, "* Lars passed.", "* Your turn, 30 s."]


def test_commands_are_answered_and_nobody_else_hears_of_them() -> None:
    """In one line each."""
    desk = Desk(rules=Rules(seats=2, agenda=("hug",), turn_seconds=0))
    lars, kari = desk.guest("Lars"), desk.guest("Kari")
    desk.guest("/watch")
    lars.reads()
    kari.reads()
    kari.types("/who", "/rooms", "/help", "/watch", "/fly away", "", "   ")

    assert kari.reads() == [
        "* Here: Lars (seat 1, has the floor), Kari (seat 2, you). 1 watches.",
        "* main: 2/2 here, talking about hug",
        HELP,
        "* You are in a room already. /leave leaves it.",
        "! malformed: /fly is no command. /help lists them.",
    ]
    assert lars.reads() == []


def test_two_slashes_say_one() -> None:
    """A path, or a command to talk about."""
    desk = Desk(seats=2)
    lars, kari = desk.guest("Lars"), desk.guest("Kari")
    lars.types("//who are you")

    assert "Lars: /who are you" in kari.reads()


def test_control_characters_are_shown_and_not_obeyed() -> None:
    """Nothing that anyone types moves another's cursor; the log holds what was said."""
    desk = Desk(seats=2)
    lars, kari = desk.guest("Lars"), desk.guest("Kari")
    lars.types("\x1b[2J\x07 \u202eabc\u2028 \x9b1m\ttab")

    assert r"Lars: \x1b[2J\x07 \u202eabc\u2028 \x9b1m" + "\ttab" in kari.reads()
    assert b"\\u001b[2J" in next(entry.body for entry in desk.house.entries() if b'"said"' in entry.body)


def test_who_leaves_reads_goodbye_and_the_seat_is_free() -> None:
    """The others read who, and how many are here."""
    desk = Desk(seats=3)
    lars, kari = desk.guest("Lars"), desk.guest("Kari")
    lars.reads()
    kari.reads()
    kari.types("/leave")

    assert (kari.reads(), kari.has_been_let_go) == (["* Goodbye."], True)
    assert lars.reads() == ["* Kari left. 1/3 here."]
    assert desk.guest("Kari").reads()[0].startswith("* You are Kari, seat 2.")


def test_a_spectator_reads_all_and_says_nothing() -> None:
    """It has no seat to speak from, to pass from, or to leave."""
    desk = Desk(seats=1)
    watcher = desk.guest("/watch")
    watcher.types("Me!", "Me!", "/pass", "/who")
    assert watcher.reads() == [
        "* You watch room main, 0/1 here. /leave leaves.",
        "! no_seat: You have no seat in this room.",
        "! no_seat: You have no seat in this room.",
        "* Nobody is here. 1 watches.",
    ]
    desk.guest("Kari", "Lovely.")

    assert watcher.reads() == [
        "* Kari took seat 1. 1/1 here.",
        "* Sitting 1 begins: Kari.",
        "Host: Do you want to hug?",
        "* Kari has the floor, 30 s.",
        "Kari: Lovely.",
        "Host: Thank you, Kari.",
        "* Goodbye. 1 answer.",
    ]
    assert watcher.has_been_let_go


def test_a_spectator_may_leave() -> None:
    """Nobody else is told."""
    desk = Desk()
    kari, watcher = desk.guest("Kari"), desk.guest("/watch")
    kari.reads()
    watcher.reads()
    watcher.types("/leave")

    assert (watcher.reads(), watcher.has_been_let_go) == (["* Goodbye."], True)
    assert kari.reads() == []


def test_where_everybody_may_speak_at_any_time_nobody_waits() -> None:
    """The policy `open`: a plain chat room."""
    desk = Desk(rules=Rules(seats=2, agenda=("hug",), policy=PolicyName.OPEN))
    lars, kari = desk.guest("Lars"), desk.guest("Kari")
    kari.reads()
    lars.types("One.", "Two.")
    kari.types("Three.")
    desk.clock.advance(20)

    assert kari.reads() == ["Lars: One.", "Lars: Two.", "* Said."]
