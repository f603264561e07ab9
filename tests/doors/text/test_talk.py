"""What somebody types once they are in a room: words, early words, refusals and commands."""

from __future__ import annotations

from msgspec.structs import replace

from moothall.doors.text.manners import TextManners
from moothall.engine.commands import Next
from moothall.engine.names import RoomName
from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards, OnMissed, PolicyName
from moothall.wire.typed import CHAIR_HELP
from tests.doors.fakes import Desk, Peer
from tests.doors.text.test_door import HELP

ASKING = Rules(seats=3, agenda=("hug",), policy=PolicyName.REQUEST)
LED = Rules(seats=3, agenda=("hug",), policy=PolicyName.CHAIR, chair="lars", rounds=2)


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


def test_who_asks_for_the_floor_is_queued_and_everybody_reads_it() -> None:
    """One's own line says how many are before; whose turn it is speaks as ever."""
    desk = Desk(rules=ASKING)
    lars, kari, ola = three(desk)
    lars.types("/ask")
    kari.types("/ask")
    ola.types("/ask", "/ask", "/withdraw")
    desk.clock.advance(20)

    assert lars.reads() == [
        "* You ask for the floor.",
        "* Your turn, 30 s.",
        "* Kari asks for the floor.",
        "* Ola asks for the floor, after Kari.",
        "* Ola no longer asks for the floor.",
    ]
    assert ola.reads()[-4:] == [
        "* Kari asks for the floor.",
        "* You ask for the floor, 1 before you.",
        "* That is so already.",
        "* You no longer ask for the floor.",
    ]
    lars.types("Me first.")
    assert kari.reads()[-2:] == ["Lars: Me first.", "* Your turn, 30 s."]


def test_words_wait_for_the_turn_that_one_has_asked_for() -> None:
    """Without a request no turn is to come: they are refused, with what to do, and gone."""
    desk = Desk(rules=ASKING)
    lars, kari, ola = three(desk)
    lars.types("/ask")
    kari.types("/ask", "Me too.")
    ola.types("And me?")
    kari.reads()
    lars.types("Me first.")
    desk.clock.advance(20)

    assert kari.reads() == ["Lars: Me first.", "* Your turn, 30 s.", "* Said."]
    assert "! not_your_turn: Lars has the floor. /ask asks for it." in ola.reads()


def test_who_withdraws_takes_back_the_words_that_waited() -> None:
    """They were for the turn that was asked for, and would be said in another, much later."""
    desk = Desk(rules=ASKING)
    lars, kari, _ = three(desk)
    lars.types("/ask")
    kari.types("/ask", "Me too.", "/withdraw", "/ask", "/drop")

    assert kari.reads()[-1] == "* Nothing waits."


def test_words_that_waited_in_a_topic_that_closed_are_not_said_in_the_next() -> None:
    """The request was over with its topic, and a new one is for new words."""
    desk = Desk(rules=replace(ASKING, agenda=("hug", "play")))
    lars, kari, _ = three(desk)
    lars.types("/ask")
    kari.types("/ask", "I like hugs.")
    desk.hall.command(RoomName("main"), Next())
    kari.types("/ask")
    desk.clock.advance(20)

    assert kari.reads()[-3:] == [
        "* The floor goes to whoever asks for it: /ask.",
        "* You ask for the floor.",
        "* Your turn, 30 s.",
    ]


def test_nobody_asks_for_the_floor_where_it_goes_round() -> None:
    """It comes by itself; a spectator has none to ask for."""
    desk = Desk(seats=2)
    lars, kari = desk.guest("Lars"), desk.guest("Kari")
    watcher = desk.guest("/watch")
    kari.reads()
    kari.types("/ask")
    watcher.types("/ask")

    assert kari.reads() == ["! not_allowed: Not allowed: nobody asks for the floor under the policy round-robin."]
    assert watcher.reads()[-1] == "! no_seat: You have no seat in this room."
    assert lars.reads()[-1] == "* Your turn, 30 s."


def test_on_the_bench_words_are_refused_with_the_way_back() -> None:
    """Nothing is kept there, for no turn is to come; `/return` is told to everybody."""
    desk = Desk(rules=Rules(seats=2, agenda=("hug",), rounds=3, missed_turns=1))
    lars, kari = desk.guest("Lars"), desk.guest("Kari")
    lars.types("/return")
    lars.reads()
    desk.clock.advance(30_000)
    lars.types("Wait!")
    lars.types("/who")
    lars.types("/return")
    desk.clock.advance(20)

    assert lars.reads() == [
        "* Time called on you.",
        "* You are on the bench after 1 missed turn. /return gets you turns again.",
        "* Kari has the floor, 30 s.",
        "! not_your_turn: Kari has the floor. You are on the bench; /return gets you turns again.",
        "* Here: Lars (seat 1, you, on the bench), Kari (seat 2, has the floor).",
        "* You are back from the bench. You wait for the next round.",
    ]
    kari.types("Lovely.")
    assert lars.reads() == ["Kari: Lovely.", "* Round 2 of 3.", "* Your turn, 30 s."]
    assert "* Lars is back from the bench." in kari.reads()


def test_who_misses_too_many_turns_may_be_removed() -> None:
    """They read why, and so do the others."""
    desk = Desk(rules=Rules(seats=2, agenda=("hug",), missed_turns=1, on_missed=OnMissed.REMOVE))
    lars, kari = desk.guest("Lars"), desk.guest("Kari")
    desk.clock.advance(30_000)

    assert lars.reads()[-2:] == ["* Time called on you.", "* Goodbye. The host removed you: 1 turn missed."]
    assert lars.has_been_let_go
    assert "* The host removed Lars: 1 turn missed." in kari.reads()


def test_who_is_in_the_chair_gives_the_floor() -> None:
    """And takes it away; a name is found whatever its case, and one that is not here is told."""
    desk = Desk(rules=LED)
    lars, kari, _ = three(desk)
    lars.types("/grant kari", "/grant Nobody", "/revoke", "/grant Ola", "/grant ola", "/revoke Ola")
    desk.clock.advance(20)

    assert lars.reads() == [
        "* Kari has the floor, 30 s.",
        "! no_seat: Nobody has no seat here.",
        "* The chair took the floor from Kari.",
        "* Ola has the floor, 30 s.",
        "* That is so already.",
        "* The chair took the floor from Ola.",
    ]
    assert kari.reads()[-4:-2] == ["* Your turn, 30 s.", "* The chair took the floor from you."]


def test_who_is_in_the_chair_says_what_to_talk_about_and_how() -> None:
    """The topic, its end, and the rules of the next one; a value that cannot be is told with what it may be."""
    desk = Desk(rules=LED)
    lars, kari, _ = three(desk)
    lars.types("/topic play chess", "/set policy rotate", "/set rounds x", "/set colour red", "/next")
    desk.clock.advance(20)

    assert lars.reads() == [
        "* The next topic: play chess.",
        "* From the next topic on: policy rotate.",
        "! bad_value: rounds is a whole number, not 'x'.",
        "! bad_value: set knows the rules policy, rounds, until, turn_seconds, seat_seconds, missed_turns, on_missed, "
        "not 'colour'.",
        "Host: Thank you, Lars, Kari and Ola.",
        "Host: Do you want to play chess?",
        "* The floor goes round; each round begins one seat further on.",
        "* Round 1 of 2.",
        "* Your turn, 30 s.",
    ]
    assert "* From the next topic on: policy rotate." in kari.reads()


def test_only_who_is_in_the_chair_may_and_is_told_how() -> None:
    """Anybody else is refused each of these; the chair reads of them in `/help`."""
    desk = Desk(rules=LED)
    lars, kari, _ = three(desk)
    kari.types("/grant Kari", "/revoke", "/topic play", "/next", "/set rounds 3", "/help")
    lars.types("/help", "/grant")

    assert kari.reads() == [
        *(
            f"! not_allowed: Not allowed: only the operator or the chair may ask for {word}."
            for word in ("grant", "revoke", "topic", "next", "set")
        ),
        HELP,
    ]
    assert lars.reads() == [f"{HELP} {CHAIR_HELP}", "! malformed: /grant what? For example: /grant Kari"]


def test_a_bare_client_reads_nothing_of_the_new_rules() -> None:
    """Neither the policy's notice nor the queue, nor why it is refused."""
    desk = Desk(rules=ASKING, manners=TextManners(is_bare=True))
    lars, kari = desk.guest("Lars"), desk.guest("Kari")
    desk.guest("Ola")
    desk.clock.advance(1_000)
    kari.types("/ask", "/ask", "/grant Kari", "Hello.")
    desk.clock.advance(1_000)

    assert lars.reads()[1:] == ["Host: Do you want to hug?", "Kari: Hello."]
    assert kari.reads()[1:] == ["Host: Do you want to hug?"]
