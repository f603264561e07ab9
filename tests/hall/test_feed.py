"""A feed's lines, whichever way they are read: within the window, from the log, in pieces of any size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moothall.engine.commands import HostSay
from moothall.engine.events import Paused
from moothall.engine.names import RoomName
from moothall.hall.courier import RIDE_MS
from moothall.hall.feed import MAX_PIECE_BYTES, Cursor, Feed, cut
from moothall.hall.lobby import Wish
from moothall.testing import MAIN, memory_hall
from moothall.wire.change import Change, Dialect
from moothall.wire.text import BARE, TEXT
from tests.hall.house import chat, log_lines, rules, talking

sizes = st.sampled_from((0, 1, 7, 1_000, MAX_PIECE_BYTES - 1, MAX_PIECE_BYTES, MAX_PIECE_BYTES + 1, 70_000))


@given(st.lists(st.builds(lambda size, byte: byte * size, sizes, st.sampled_from((b"a", b"b", b"c"))), max_size=12))
def test_pieces_add_up_to_what_there_is(lines: list[bytes]) -> None:
    """Each byte once, in order; and no piece is larger than a piece."""
    cursor = Cursor(0)
    pieces: list[bytes] = []
    while cursor.seq < len(lines):
        pieces.append(cut(lines[cursor.seq :], cursor))
        assert len(pieces[-1]) <= MAX_PIECE_BYTES

    assert b"".join(pieces) == b"".join(lines)
    assert cursor.offset == 0
    assert all(len(piece) == MAX_PIECE_BYTES for piece in pieces[:-1])


def test_a_dialect_is_encoded_once_for_all_its_readers() -> None:
    """A thousand readers are one encoding; and a dialect that nobody reads is none."""
    encoded: list[int] = []

    def encode(change: Change) -> bytes:
        encoded.append(change.after.seq)
        return b"%d\n" % change.after.seq

    counting = Dialect("counting", encode, needs_room=False)
    hall, _ = talking("Kari", "Ola", rules=chat(2))
    readers = [hall.enter("", watch=True, dialect=counting) for _ in range(10)]
    hall.settle()
    encoded.clear()
    hall.operate(HostSay("Hello"))
    hall.settle()
    assert encoded == [hall.room().seq]
    assert all(reader.lines[-1] == str(hall.room().seq) for reader in readers)

    for reader in readers:
        reader.hang_up()
    hall.operate(HostSay("Hello"))
    hall.settle()
    assert encoded == [hall.room().seq - 1]


def test_a_dialect_that_was_let_go_of_can_be_taken_up_again() -> None:
    """Its window begins anew where the room then is; what is older comes from the log."""
    hall, _ = talking("Kari", "Ola", rules=chat(2))
    first = hall.enter("", watch=True, dialect=TEXT)
    hall.settle()
    first.hang_up()
    hall.operate(HostSay("one"))
    hall.settle()
    second = hall.enter("", watch=True, dialect=TEXT)
    hall.settle()
    hall.operate(HostSay("two"))
    hall.settle()

    assert second.lines[-2:] == ["Host: one", "Host: two"]
    assert second.lines[: len(first.lines)] == first.lines


def test_the_first_reader_of_a_dialect_may_come_in_the_middle_of_a_batch() -> None:
    """What was decided before somebody wanted it in these words is theirs to read, too."""
    hall, (kari, _) = talking("Kari", "Ola", rules=chat(4))
    kari.say("one")
    reader = hall.enter("", watch=True, dialect=TEXT)
    kari.say("two")
    nina = hall.admit(Wish(room="main", name="Nina", from_own_seat=True), dialect=BARE)
    kari.say("three")
    hall.settle()

    assert reader.lines[-4:] == ["Kari: one", "Kari: two", "* Nina took seat 3. 3/4 here.", "Kari: three"]
    assert nina.lines[-1] == "Kari: three"


def test_everybody_of_one_dialect_is_handed_the_very_same_bytes() -> None:
    """The batch is joined once, not once a reader."""
    hall, (kari, ola, nina) = talking("Kari", "Ola", "Nina", rules=chat(3))
    kari.say("one")
    ola.say("two")
    hall.settle()

    assert kari.writes[0] is ola.writes[0] is nina.writes[0]


def test_what_is_older_than_the_window_is_read_from_the_log() -> None:
    """The window keeps 1 000 entries or 256 KiB; a reader who is behind it misses nothing all the same."""
    hall, (kari, _) = talking("Kari", "Ola", rules=chat(2))
    for words in ("x", "x" * 10_000):
        for _ in range(1_500 if words == "x" else 100):
            hall.operate(HostSay(words[:8000]))
            hall.settle()
    reader = hall.enter("", watch=True)
    hall.settle()

    assert reader.received == kari.received == log_lines(hall, after=1)


def test_a_batch_larger_than_a_piece_comes_in_pieces() -> None:
    """Even to those who keep up."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=chat(2))
    for _ in range(5):
        kari.say("x" * 20_000)
    hall.settle()

    assert max(map(len, ola.writes)) == MAX_PIECE_BYTES
    assert ola.received == log_lines(hall, after=1)


def test_the_text_of_a_past_is_the_text_of_the_present() -> None:
    """A notice says what the room was like then, so the fold starts at the log's beginning."""
    hall = memory_hall(rules(2, rounds=2))
    early = hall.enter("", watch=True, dialect=TEXT)
    crowd = [hall.enter(name, answers=["one", None]) for name in ("Kari", "Ola")]
    hall.settle()
    late = hall.enter("", watch=True, dialect=TEXT)
    hall.settle()
    assert late.lines == []
    assert early.lines[-1] == "* Goodbye. 2 answers, 2 passed."
    assert all(who.is_finished for who in crowd)

    [hall.enter(name) for name in ("Kari", "Ola")]
    hall.settle()
    everything = hall.admit(Wish(room="main", watch=True, after=0), dialect=TEXT)
    hall.settle()
    assert everything.lines[: len(early.lines)] == early.lines


def test_long_words_that_somebody_has_not_read_yet_do_not_grow_out_of_the_window() -> None:
    """Each of those who are behind would have to read the log, and a server with much to do would have more."""
    feed, read = Feed(), Cursor(0)
    hall, (kari, _) = talking("Kari", "Ola", rules=chat(2))
    window = feed.attach(kari.visit, Dialect("long", lambda _change: b"x" * 60_000, needs_room=False), 0)
    change = Change(Paused(), hall.room(), hall.room(), b"")

    full = []
    for _ in range(4):
        feed.publish([], [], [change])
        full.append(feed.is_half_full)
    assert full == [False, False, True, True]
    feed.publish([], [], [change])
    assert (window.base, window.end) == (1, 5)
    assert read.seq < window.base  # who has not read it by now reads it from the log


def test_a_window_forgets_own_words_with_the_lines_that_they_stand_for() -> None:
    """What everybody has read is not kept, in whatever words it was."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2, rounds=1_000), dialect=TEXT)
    (window,) = hall.hall.room(RoomName(MAIN)).feed.windows
    for number in range(200):
        (kari, ola)[number % 2].say(str(number))
        hall.advance(RIDE_MS)

    assert window.end - window.base == len(window.parts) < 100
    assert len(window.own_lines) <= len(window.parts)
    assert kari.lines[-3:] == ["Ola: 199", "* Round 101 of 1000.", "* Your turn, 30 s."]
    assert ola.lines[-3:] == ["* Said.", "* Round 101 of 1000.", "* Kari has the floor, 30 s."]
