"""A visit: what it is written and when, how a slow reader is borne with, and how it ends."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from moothall.engine.commands import HostSay, Next, Remove
from moothall.engine.events import Left, Said, WentAway
from moothall.engine.names import Name
from moothall.engine.words import Afterwards, LeaveReason
from moothall.errors import Reason, Rejected
from moothall.hall.feed import MAX_PIECE_BYTES
from moothall.hall.lobby import Wish
from moothall.testing import FailingLog, MemoryHall, Participant, memory_hall
from moothall.wire.change import Dialect
from moothall.wire.json_lines import JSON_LINES
from moothall.wire.text import BARE, TEXT
from tests.hall.house import SECOND, chat, kinds, log_lines, rules, talking

MEGABYTES = 1_000_000
MAX_STALLED_BYTES = 64 * 1024
dialects = pytest.mark.parametrize("dialect", [JSON_LINES, TEXT], ids=["json", "text"])


def talk(hall: MemoryHall, speaker: Participant, total: int, size: int = 8_000) -> None:
    """Let somebody say `total` bytes, a commit for each utterance."""
    for _ in range(total // size):
        speaker.say("x" * size)
        hall.settle()
    hall.advance(SECOND)


# Being slow.


@dialects
def test_a_reader_stalled_over_ten_megabytes_costs_little(dialect: Dialect) -> None:
    """What is held for it is a piece; the rest stays in the log, where it is anyway."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=chat(2, max_text_chars=100_000))
    slow, quick = (hall.enter("", watch=True, dialect=dialect) for _ in range(2))
    hall.settle()
    slow.stall()
    talk(hall, kari, 10 * MEGABYTES, size=50_000)
    assert len(log_lines(hall)) > 10 * MEGABYTES

    assert slow.most_unread <= MAX_PIECE_BYTES < MAX_STALLED_BYTES
    assert ola.received == log_lines(hall, after=1)
    assert quick.received.count(b"x" * 50_000) == 200

    slow.read_on()
    hall.settle()
    assert slow.received == quick.received
    assert slow.most_unread <= MAX_PIECE_BYTES


@dialects
def test_others_do_not_notice_who_is_slow(dialect: Dialect) -> None:
    """They are written the same bytes in the same writes as in a room without it."""
    written: list[list[bytes]] = []
    for is_slow in (False, True):
        hall, (kari, ola) = talking("Kari", "Ola", rules=chat(2), dialect=dialect)
        watcher = hall.enter("", watch=True, dialect=dialect)
        hall.settle()
        if is_slow:
            watcher.stall()
        talk(hall, kari, MEGABYTES)
        written.append(ola.writes)

    assert written[0] == written[1]


def test_a_slow_reader_takes_pieces_one_after_the_other() -> None:
    """The next is written only when the last was taken, to the byte."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=chat(2))
    ola.stall()
    talk(hall, kari, MEGABYTES)
    ola.writes.clear()

    ola.take(ola.unread - 1)
    assert ola.writes == []
    ola.take(1)
    assert len(ola.writes) == 1
    assert 0 < ola.unread <= MAX_PIECE_BYTES


def test_a_slow_holder_does_not_stop_the_room() -> None:
    """Its turn runs out like any other's."""
    hall, (_, ola) = talking("Kari", "Ola", rules=rules(2))
    ola.stall()
    hall.advance(61 * SECOND)

    assert hall.room().has_sitting is False
    assert hall.room().tally.missed == 2


def test_a_reader_of_a_long_past_does_not_hold_everybody_up() -> None:
    """After some pieces others have their turn: the rest comes later, `soon` after `soon`."""
    hall, (kari, _) = talking("Kari", "Ola", rules=chat(2))
    talk(hall, kari, 4 * MEGABYTES)
    late = hall.admit(Wish(room="main", watch=True, after=0))
    assert 0 < len(late.received) <= 16 * MAX_PIECE_BYTES

    hall.settle()
    assert late.received == log_lines(hall)


@settings(max_examples=40)
@given(
    st.sampled_from((JSON_LINES, TEXT, BARE)),
    st.booleans(),
    st.lists(
        st.one_of(
            st.tuples(st.just("say"), st.sampled_from((1, 100, 8_000, 40_000, 90_000))),
            st.tuples(st.just("burst"), st.integers(1, 60)),
            st.tuples(st.just("settle"), st.just(0)),
            st.tuples(st.just("stall"), st.just(0)),
            st.tuples(st.just("take"), st.sampled_from((1, 100, 30_000, 32 * 1024, 100_000, 500_000))),
            st.tuples(st.just("read on"), st.just(0)),
        ),
        max_size=40,
    ),
)
def test_slow_and_quick_readers_read_the_same(dialect: Dialect, seated: bool, steps: list[tuple[str, int]]) -> None:
    """Whichever way the bytes came, from the window, a batch as a whole or the log: the same, in order, once."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=chat(2), dialect=dialect)
    quick = ola if seated else hall.enter("", watch=True, dialect=dialect)
    slow = hall.admit(Wish(room="main", watch=True, after=quick.visit.cursor.seq if seated else None), dialect=dialect)
    hall.settle()
    already = len(quick.received) if seated else 0
    for what, number in steps:
        match what:
            case "say":
                kari.say("é" * (number // 2 + 1))
            case "burst":
                for index in range(number):
                    kari.say(f"{index} " * 500)
            case "settle":
                hall.settle()
            case "stall":
                slow.stall()
            case "take":
                slow.take(number)
            case "read on":
                slow.read_on()
    slow.read_on()
    hall.advance(SECOND)

    assert slow.received == quick.received[already:]
    assert slow.most_unread <= MAX_PIECE_BYTES


def test_a_past_that_cannot_be_read_ends_the_visit_alone(caplog: pytest.LogCaptureFixture) -> None:
    """The reader is told why and comes again; the room goes on."""
    log = FailingLog()
    hall, (kari, ola) = talking("Kari", "Ola", rules=chat(2), log=log)
    ola.stall()
    talk(hall, kari, MEGABYTES)
    with log.unreadable(), caplog.at_level(logging.WARNING):
        ola.read_on()
    hall.settle()

    assert (ola.refusals, ola.is_finished) == ([Reason.STORAGE], True)
    assert caplog.messages == ["past not readable room=main error=The disk cannot be read, says the test."]
    kari.say("and on")
    hall.advance(SECOND)
    assert hall.events()[-1] == Said(Name("Kari"), None, "and on")
    assert kari.received == log_lines(hall, after=1)


# What is one's own.


def test_in_text_ones_own_line_stands_in_place_of_the_shared_one() -> None:
    """Everybody else reads that Ola has the floor; Ola reads that it is her turn."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2), dialect=TEXT)
    watcher = hall.enter("", watch=True, dialect=TEXT)
    kari.say("Hello")
    hall.advance(SECOND)

    assert kari.lines[-2:] == ["* Said.", "* Ola has the floor, 30 s."]
    assert ola.lines[-2:] == ["Kari: Hello", "* Your turn, 30 s."]
    assert watcher.lines[-2:] == ["Kari: Hello", "* Ola has the floor, 30 s."]


def test_in_json_everybody_reads_the_same() -> None:
    """One's own `said` is the receipt."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2))
    kari.say("Hello", cid="c1")
    hall.advance(SECOND)

    assert kari.received == ola.received
    assert Said(Name("Kari"), 1, "Hello", "c1") in kari.events


# How it ends.


def test_a_visit_ends_with_the_sitting() -> None:
    """Its last line is the goodbye; what the room does afterwards is for others."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2), dialect=TEXT)
    watcher = hall.enter("", watch=True, dialect=TEXT)
    hall.settle()
    kari.say("Hello")
    hall.settle()
    ola.say("Hello")
    hall.settle()
    [hall.enter(name) for name in ("Kari", "Ola")]
    hall.settle()

    for who in (kari, ola, watcher):
        assert who.is_finished
        assert who.lines[-1] == "* Goodbye. 2 answers."


def test_what_follows_the_goodbye_in_the_same_batch_is_not_read() -> None:
    """The last word of one sitting and the first of the next may be committed together."""
    hall, (kari,) = talking("Kari", rules=rules(1))
    kari.say("Hello")
    hall.enter("Ola")
    hall.settle()

    assert kinds(kari.events)[-1] == "sitting_closed"
    assert kinds(hall.events())[-1] == "floor_granted"


def test_where_the_room_stays_so_does_the_visit() -> None:
    """The room rests, and everybody keeps the seat."""
    hall, (kari,) = talking("Kari", rules=rules(1, afterwards=Afterwards.STAY))
    kari.say("Hello")
    hall.advance(SECOND)

    assert not kari.is_finished
    assert kinds(kari.events)[-1] == "topic_closed"


def test_spectators_stay_where_everybody_leaves_and_the_room_stays() -> None:
    """They may see the next sitting."""
    hall, (kari,) = talking("Kari", rules=rules(1, afterwards=Afterwards.STAY))
    watcher = hall.enter("", watch=True)
    hall.settle()
    kari.leave()
    hall.settle()
    assert not watcher.is_finished
    hall.enter("Ola")
    hall.settle()

    assert kinds(watcher.events)[-1] == "floor_granted"


def test_who_leaves_reads_up_to_it() -> None:
    """Their last event is their own `left`."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2))
    kari.leave()
    hall.advance(SECOND)

    assert kari.is_finished
    assert kinds(kari.events)[-1] == "left"
    assert kinds(ola.events)[-2:] == ["left", "floor_granted"]


def test_who_is_removed_reads_up_to_it() -> None:
    """And learns why."""
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2), dialect=TEXT)
    hall.operate(Remove(Name("kari"), "rude"))
    hall.settle()

    assert kari.is_finished
    assert kari.lines[-1] == "* Goodbye. The operator removed you."


def test_a_slow_reader_reads_its_goodbye_in_the_end() -> None:
    """It is finished when the last byte is handed over, not before."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2, max_text_chars=80_000))
    ola.stall()
    kari.say("x" * 80_000)
    hall.settle()
    ola.say("Hello")
    hall.settle()
    told = [ola.is_finished]
    ola.read_on()
    told.append(ola.is_finished)

    assert told == [False, True]
    assert kinds(ola.events)[-1] == "sitting_closed"


def test_after_its_end_a_visit_is_written_nothing_and_asks_for_nothing() -> None:
    """Whatever its door still tries."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2))
    kari.leave()
    hall.advance(SECOND)
    writes = len(kari.writes)
    ola.say("Hello")
    hall.advance(SECOND)
    kari.visit.ship()

    assert len(kari.writes) == writes
    with pytest.raises(Rejected) as caught:
        kari.say("Hello")
    assert caught.value.reason is Reason.NOT_JOINED


# Losing the connection.


def test_a_seat_without_a_key_ends_with_its_connection() -> None:
    """Nobody could come back to it."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2))
    kari.hang_up()
    hall.settle()

    assert Left(Name("Kari"), LeaveReason.LOST) in ola.events
    assert hall.room().holder == "Ola"


def test_a_seat_with_a_key_is_held() -> None:
    """Its owner has until then to come back; the turn's clock goes on."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2), keyed=True)
    kari.hang_up()
    hall.settle()

    assert ola.events[-1] == WentAway(Name("Kari"), until=hall.clock.now() + 30 * SECOND)
    assert hall.room().holder == "Kari"


def test_a_spectator_is_lost_without_a_word() -> None:
    """Spectators are not in the log."""
    hall, _ = talking("Kari", "Ola", rules=rules(2))
    watcher = hall.enter("", watch=True)
    hall.settle()
    before = hall.entries()
    watcher.hang_up()
    hall.settle()

    assert hall.entries() == before
    assert hall.hall.watching(hall.hall.clerks["main"]) == 0


def test_losing_a_connection_twice_changes_nothing() -> None:
    """Doors may say it again."""
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2))
    kari.hang_up()
    hall.settle()
    before = hall.entries()
    kari.hang_up()
    hall.settle()

    assert hall.entries() == before


def test_the_end_of_an_old_connection_does_not_touch_the_next_sitting() -> None:
    """A slow client is still reading its goodbye when somebody of the same name sits down; then it hangs up."""
    hall, (kari,) = talking("Kari", rules=rules(1, max_text_chars=100_000))
    kari.stall()
    kari.say("x" * 100_000)
    hall.settle()
    again = hall.enter("Kari")
    hall.settle()
    kari.hang_up()
    hall.settle()

    assert list(hall.room().seats) == ["Kari"]
    assert not again.is_finished
    again.say("Hello")


def test_the_end_of_an_old_connection_does_not_touch_the_same_name_in_the_same_sitting() -> None:
    """Kari leaves, another Kari comes, all in one turn of the loop; then the first one's line goes dead."""
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2))
    kari.leave()
    again = hall.enter("Kari")
    kari.hang_up()
    hall.settle()

    assert set(hall.room().seats) == {"Ola", "Kari"}
    assert not again.is_finished
    assert kinds(again.events)[-1] == "seated"


# Early words, and nobody to say them.


def pocketed(hall: MemoryHall, who: Participant, words: str) -> None:
    who.visit.keep(words)
    hall.settle()


def test_what_waits_in_the_pocket_is_said_when_the_floor_comes() -> None:
    """The course's bots answer the question at once, not in turn."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2), dialect=TEXT)
    pocketed(hall, ola, "Early")
    kari.say("Hello")
    hall.settle()

    assert ola.lines[-5:] == [
        "Kari: Hello",
        "* Your turn, 30 s.",
        "* Said.",
        "Host: Thank you, Kari and Ola.",
        "* Goodbye. 2 answers.",
    ]
    assert not ola.visit.forget_words()


def test_who_can_say_nothing_any_more_says_what_waited_and_then_passes() -> None:
    """The end of its input takes back nothing, and the room does not wait for it."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2, rounds=2), dialect=TEXT)
    pocketed(hall, ola, "Early")
    ola.visit.mute()
    for _ in range(2):
        kari.say("Hello")
        hall.settle()

    said = [event for event in kinds(hall.events()) if event in {"said", "passed"}]
    assert said == ["said", "said", "said", "passed"]


def test_words_for_a_topic_that_is_over_are_not_said_on_the_next() -> None:
    """They answered another question."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=replace(rules(2), agenda=("sing", "dance")))
    pocketed(hall, ola, "Early")
    hall.operate(Next())
    kari.say("Hello")
    hall.settle()

    assert hall.room().holder == "Ola"
    assert hall.room().tally.said == 1
    assert not ola.visit.forget_words()


def test_pocketed_words_that_cannot_be_said_are_refused_and_gone() -> None:
    """The turn is still open: other words may be said."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2, max_text_chars=10))
    pocketed(hall, ola, "x" * 11)
    kari.say("Hello")
    hall.settle()

    assert ola.refusals == [Reason.TOO_LONG]
    assert hall.room().holder == "Ola"
    assert not ola.visit.forget_words()
    ola.say("shorter")


def test_an_empty_pocket_says_nothing() -> None:
    """The usual case."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2))
    kari.say("Hello")
    hall.settle()

    assert hall.room().holder == "Ola"
    assert ola.refusals == []


def test_who_can_say_nothing_any_more_passes() -> None:
    """Its input has ended, and it reads on: nobody need wait for its deadline."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2))
    ola.visit.mute()
    kari.say("Hello")
    hall.settle()

    assert (hall.room().tally.said, hall.room().tally.passed) == (1, 1)
    assert ola.is_finished


def test_words_that_were_left_are_said_before_passing() -> None:
    """`printf 'Kari\\nhello\\n' | nc -N` says hello in its turn."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2))
    ola.visit.mute()
    pocketed(hall, ola, "hello")
    kari.say("Hello")
    hall.settle()

    assert hall.room().tally.said == 2


def test_a_host_that_speaks_in_ones_turn_does_not_empty_the_pocket_twice() -> None:
    """Whatever is committed while one has the floor."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2))
    kari.say("Hello")
    hall.settle()
    hall.operate(HostSay("Well?"))
    hall.settle()

    assert hall.room().holder == "Ola"
    assert ola.refusals == []


def test_where_reading_starts_a_welcome_comes_first() -> None:
    """The door's own words go out with the first that the visit is sent."""
    hall = memory_hall(rules(2))
    kari = hall.admit(Wish(room="main", name="Kari"), lead=b"welcome\n")
    hall.settle()

    assert len(kari.writes) == 1
    assert kari.lines[0] == "welcome"
    assert kinds(kari.events) == ["sitting_opened", "seated"]


def test_a_welcome_comes_alone_where_there_is_nothing_to_read() -> None:
    """A spectator of a room that has never been opened."""
    hall = memory_hall(rules(2))
    watcher = hall.admit(Wish(room="main", watch=True), lead=b"welcome\n")
    hall.settle()

    assert watcher.writes == [b"welcome\n"]
