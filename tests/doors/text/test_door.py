"""The text door, with the network left out: coming in, silence, ends of input, slow readers, bare clients."""

from __future__ import annotations

import errno

import pytest

from moothall.doors.gate import DoorLimits
from moothall.doors.text.manners import TextManners
from moothall.engine.commands import CloseRoom, HostSay
from moothall.engine.names import RoomName
from moothall.engine.rules import Rules
from moothall.engine.words import PolicyName
from moothall.testing import FailingLog
from tests.doors.fakes import Desk, Peer

HUG = "Host: Do you want to hug?"
HELP = (
    "* Type words to say them in your turn. /pass gives the turn up, /ask asks for the floor, /withdraw no longer "
    "does, /return leaves the bench, /drop forgets words that wait, /who lists who is here, /rooms lists the rooms, "
    "/leave leaves, //word says /word."
)


def welcome(name: str, seat: int, here: str) -> str:
    return f"* You are {name}, seat {seat}. {here} here. /help lists what you can type."


def four(desk: Desk) -> list[Peer]:
    """Fill a room of four; what they have read so far is read."""
    peers = [desk.guest(name) for name in ("Lars", "Kari", "Ola", "Nina")]
    for peer in peers:
        peer.reads()
    return peers


# Coming in.


def test_who_sends_the_name_first_is_not_greeted() -> None:
    """Nor later: the greeting is for people who don't know what to type."""
    desk = Desk()
    kari = desk.guest("Kari")
    desk.clock.advance(60_000)

    assert kari.reads() == [welcome("Kari", 1, "1/2")]


def test_a_name_may_say_which_room() -> None:
    """And opens it."""
    desk = Desk(seats=1)
    kari = desk.guest("Kari@group7", "Lovely.")
    lars = desk.guest("Lars@ group7 ")

    assert kari.reads()[0] == welcome("Kari", 1, "1/1")
    assert lars.reads()[0] == welcome("Lars", 1, "1/1")
    assert list(desk.hall.clerks) == ["group7"]


def test_only_the_named_rooms_are_there_where_they_are_named() -> None:
    """`--rooms main,lab`."""
    desk = Desk(rooms=("main", "lab"))
    kari = desk.guest("Kari@cellar", "Kari@lab")

    assert kari.reads() == ["! no_such_room: There is no room cellar.", welcome("Kari", 1, "1/2")]


def test_a_room_that_was_closed_lets_nobody_in() -> None:
    """Everybody in it has read goodbye."""
    desk = Desk()
    kari = desk.guest("Kari")
    desk.hall.command(RoomName("main"), CloseRoom())
    desk.clock.settle()
    assert kari.has_been_let_go


def test_a_full_room_says_what_else_there_is() -> None:
    """Watching it, or another room; /watch then means the room that was full."""
    desk = Desk(rules=Rules(seats=1, agenda=("hug",), turn_seconds=0))
    desk.guest("Lars@lab")
    kari = desk.guest("Kari@lab", "/watch")

    assert kari.reads()[:2] == [
        "! room_full: Every seat in lab is taken. You can watch. /watch does, /wait waits for a seat, "
        "NAME@ROOM takes one in another room.",
        "* You watch room lab, 1/1 here. /leave leaves.",
    ]


def test_who_waits_for_a_seat_is_let_in_when_one_is_free() -> None:
    """In the order in which they came; who leaves the line is not waited for."""
    desk = Desk(rules=Rules(seats=1, agenda=("hug",), turn_seconds=0))
    lars = desk.guest("Lars")
    kari, ola, nina = desk.guest("Kari", "/wait"), desk.guest("Ola", "/wait"), desk.guest("Nina", "/wait")
    waiting = [guest.reads()[-1] for guest in (kari, ola, nina)]
    ola.types("/leave")
    lars.types("/leave")

    assert waiting == [
        f"* You wait for a seat in room main, as number {number}. /leave leaves." for number in (1, 2, 3)
    ]
    assert kari.reads()[0] == "* You are Kari, seat 1. 1/1 here. /help lists what you can type."
    assert nina.reads() == []
    assert ola.reads()[-1] == "* Goodbye."


def test_nobody_waits_who_has_not_been_turned_away() -> None:
    """There is no wish to wait with."""
    desk = Desk()

    assert desk.guest("/wait").reads() == ["! not_joined: Join a room first."]


def test_before_joining_some_commands_help_and_the_others_say_why_not() -> None:
    """Nobody is told that `/who` is a bad name."""
    desk = Desk()
    lars = desk.guest("Lars")
    kari = desk.guest("/help", "/rooms", "/who", "/pass", "/drop")

    assert kari.reads() == [
        "* Type your name to take a seat, /watch to watch, /rooms or /leave.",
        "* main: 1/2 here, gathering",
        *["! not_joined: Join a room first."] * 3,
    ]
    kari.types("/leave")
    assert (kari.reads(), kari.has_been_let_go) == (["* Goodbye."], True)
    assert lars.reads() == [welcome("Lars", 1, "1/2")]


def test_a_server_without_rooms_says_how_to_open_one() -> None:
    """The list is never an empty line."""
    assert Desk().guest("/rooms").reads() == ["* No room is open yet. NAME@ROOM opens one."]


def test_who_has_not_joined_after_30_s_is_told_and_let_go() -> None:
    """In all, not since the last byte: one byte a second holds no place."""
    desk = Desk()
    kari = desk.connect()
    for _ in range(29):
        desk.clock.advance(1_000)
        kari.sends(b"-")
    kari.reads()
    desk.clock.advance(999)
    assert kari.reads() == []
    desk.clock.advance(1)

    assert kari.reads() == ["! not_joined: Join a room first.", "* Goodbye."]
    assert kari.has_been_let_go


def test_a_name_and_words_in_one_packet_are_both_taken() -> None:
    """However the packets are cut, words come after the welcome, and in their order."""
    desk = Desk(seats=1)
    kari = desk.connect()
    kari.sends(b"Kari\nLovely.\n")

    assert kari.reads() == [
        welcome("Kari", 1, "1/1"),
        "* Sitting 1 begins: Kari.",
        HUG,
        "* Your turn, 30 s.",
        "* Said.",
        "Host: Thank you, Kari.",
        "* Goodbye. 1 answer.",
    ]


def test_many_lines_in_one_packet_are_all_taken() -> None:
    """None is thrown away because the name was not committed yet."""
    desk = Desk()
    kari = desk.connect()
    kari.sends(b"Kari\n" + b"/help\n" * 100)

    assert kari.reads() == [welcome("Kari", 1, "1/2"), *[HELP] * 100]


def test_a_name_that_could_not_be_stored_is_refused_and_can_be_sent_again() -> None:
    """Nobody has a seat that a restart would not know of."""
    log = FailingLog()
    desk = Desk(log=log)
    kari = desk.connect()
    with log.failing():
        kari.sends(b"Kari\n")
        assert kari.reads() == ["! storage: The server cannot store anything now. Try again."]
    desk.clock.advance(1_000)
    kari.types("Kari")

    assert kari.reads() == [welcome("Kari", 1, "1/2")]


def test_words_that_could_not_be_stored_are_refused_and_the_turn_goes_on() -> None:
    """They were shown to nobody."""
    log = FailingLog()
    desk = Desk(log=log)
    kari, lars = desk.guest("Kari"), desk.guest("Lars")
    kari.reads()
    lars.reads()
    with log.failing():
        kari.types("Lovely.")
        assert kari.reads() == ["! storage: The server cannot store anything now. Try again."]
    desk.clock.advance(1_000)
    kari.types("Lovely.")
    desk.clock.advance(20)

    assert kari.reads() == ["* Your turn goes on, 30 s.", "* Said.", "* Lars has the floor, 30 s."]
    assert lars.reads() == ["* Kari's turn goes on, 30 s.", "Kari: Lovely.", "* Your turn, 30 s."]


def test_a_connection_that_is_lost_before_its_welcome_leaves_no_seat() -> None:
    """It was seated, and left in the same moment."""
    desk = Desk()
    kari = desk.connect()
    kari.transport.get_protocol().data_received(b"Kari\n")
    kari.transport.vanish()
    desk.clock.settle()

    assert desk.house.room().seats == {}


# Silence.


def test_silence_ends_a_line_of_who_has_never_sent_a_newline() -> None:
    """After 300 ms without a byte more; and so it goes on, for as long as no newline comes."""
    desk = Desk(seats=1)
    kari = desk.connect()
    kari.sends(b"Ka")
    desk.clock.advance(299)
    kari.sends(b"ri")
    desk.clock.advance(299)
    assert kari.reads() == []
    desk.clock.advance(1)
    assert kari.reads()[0] == welcome("Kari", 1, "1/1")
    kari.sends(b"Lovely.")
    desk.clock.advance(300)

    assert kari.reads()[0] == "* Said."


def test_one_byte_alone_is_never_ended_by_silence() -> None:
    """It may be the first key of a terminal that sends each by itself."""
    desk = Desk()
    kari = desk.connect()
    kari.sends(b"K")
    desk.clock.advance(20_000)
    assert kari.reads() == []
    kari.sends(b"ari\n")

    assert kari.reads() == [welcome("Kari", 1, "1/2")]


def test_the_first_newline_turns_silence_off_for_good() -> None:
    """No stall of the network cuts a sentence in two."""
    desk = Desk(seats=1)
    kari = desk.guest("Kari")
    kari.reads()
    kari.sends(b"Hugging seems")
    desk.clock.advance(10_000)
    assert kari.reads() == []
    kari.sends(b" great!\n")

    assert kari.reads()[0] == "* Said."


# The end of input.


def half_closed(desk: Desk, *lines: str) -> Peer:
    peer = desk.connect()
    peer.sends("\n".join(lines).encode())
    peer.ends_input()
    return peer


def test_who_has_ended_its_input_reads_on_and_its_turn_is_passed() -> None:
    """An unfinished line before the end is a line."""
    desk = Desk()
    kari = half_closed(desk, "Kari")
    assert kari.reads() == [
        welcome("Kari", 1, "1/2"),
        "* Your input has ended: you read on, and your turns are passed.",
    ]
    desk.clock.advance(60_000)
    lars = desk.guest("Lars")

    assert kari.reads()[-2:] == ["* You passed.", "* Lars has the floor, 30 s."]
    lars.types("Lovely.")
    assert kari.reads() == ["Lars: Lovely.", "Host: Thank you, Kari and Lars.", "* Goodbye. 1 answer, 1 passed."]
    assert kari.transport.is_gone


def test_words_that_wait_are_said_after_the_end_of_input() -> None:
    """That is all that `printf` had to say."""
    desk = Desk()
    lars = desk.guest("Lars")
    kari = half_closed(desk, "Kari", "Me too")
    desk.clock.advance(1_000)
    lars.types("Lovely.")

    assert "Kari: Me too" in lars.reads()
    assert "* Said." in kari.reads()


def test_a_turn_is_passed_only_when_it_is_known_that_somebody_reads_on() -> None:
    """100 ms after the end: whoever has closed both sides leaves, and has not passed."""
    desk = Desk()
    kari, lars = desk.guest("Kari"), desk.guest("Lars")
    lars.reads()
    kari.transport.socket.error = errno.ECONNRESET
    kari.ends_input()
    assert lars.reads() == []
    desk.clock.advance(100)

    assert kari.transport.is_gone
    assert lars.reads() == ["* Kari left.", "* Your turn, 30 s."]


def test_who_reads_on_passes_the_turn_that_it_has() -> None:
    """100 ms after the end of its input."""
    desk = Desk()
    kari, lars = desk.guest("Kari"), desk.guest("Lars")
    lars.reads()
    kari.ends_input()
    desk.clock.advance(100)

    assert lars.reads() == ["* Kari passed.", "* Your turn, 30 s."]


def test_who_ends_its_input_without_having_joined_is_let_go() -> None:
    """There is nothing to read on."""
    desk = Desk()
    nobody = half_closed(desk, "-not a name-")

    assert nobody.reads()[0].startswith("! bad_name: ")
    assert nobody.transport.is_gone


def test_a_spectator_that_leaves_has_read_all_that_was_said() -> None:
    """Though a server with more to do had put off writing it; the goodbye is the last line all the same."""
    desk = Desk(seats=2)
    kari, _ = desk.guest("Kari"), desk.guest("Ola")
    watcher = desk.guest("/watch")
    watcher.reads()
    # In the turn of the loop after the words are committed, before anybody but the next holder is written to.
    desk.clock.soon(lambda: desk.clock.soon(lambda: watcher.types("/leave")))
    kari.types("Lovely.")

    read = watcher.reads()
    assert "Kari: Lovely." in read
    assert read[-1].startswith("* Goodbye")


def test_a_spectator_may_end_its_input() -> None:
    """`echo /watch | nc -N` shows the whole conversation."""
    desk = Desk(seats=1)
    watcher = half_closed(desk, "/watch")
    desk.clock.advance(1_000)
    desk.guest("Kari", "Lovely.")

    assert "Kari: Lovely." in watcher.reads()


# Slow readers, and who reads no answers.


def test_a_reader_that_stalls_holds_nobody_up_and_costs_little() -> None:
    """10 MB are said; one write is under way, and the rest stays where it is."""
    desk = Desk(rules=Rules(seats=2, agenda=("hug",), policy=PolicyName.OPEN))
    kari, lars = desk.guest("Kari"), desk.guest("Lars")
    kari.reads()
    kari.stalls()
    lars.reads()
    words = "x" * 7_990
    for _ in range(1_300):
        lars.types(words)

    assert len(kari.transport.buffer) <= 32 * 1024
    assert kari.transport.most_buffered <= 64 * 1024
    desk.clock.advance(20)
    assert lars.reads() == ["* Said."] * 1_300
    kari.reads_on()
    assert kari.reads() == [f"Lars: {words}"] * 1_300


def test_who_takes_no_byte_for_30_s_is_told_and_closed() -> None:
    """Where it can be told: its last line was sent whole."""
    desk = Desk(rules=Rules(seats=2, agenda=("hug",), policy=PolicyName.OPEN))
    kari, lars = desk.guest("Kari"), desk.guest("Lars")
    kari.reads()
    kari.stalls()
    lars.types("Lovely.")
    desk.clock.advance(30_000)
    lars.reads()
    kari.reads_on()

    assert kari.reads() == ["Lars: Lovely.", "! slow: You read too slowly.", "* Goodbye."]
    kari.hangs_up()
    assert lars.reads() == ["* Kari left."]


def test_who_stalls_in_the_middle_of_a_line_is_just_closed() -> None:
    """The rest of the line is behind what nobody reads."""
    desk = Desk(rules=Rules(seats=2, agenda=("hug",), policy=PolicyName.OPEN))
    kari, lars = desk.guest("Kari"), desk.guest("Lars")
    kari.stalls()
    for _ in range(9):
        lars.types("x" * 8_000)
    kari.takes(8_007)
    desk.clock.advance(30_000)

    assert kari.transport.is_gone
    assert lars.reads()[-1] == "* Kari left."


def test_answers_that_nobody_reads_are_bounded() -> None:
    """A client that asks for help for ever, and never reads: it is not listened to, and nothing it asked is lost."""
    desk = Desk()
    kari = desk.guest("Kari")
    kari.reads()
    kari.stalls()
    kari.sends(b"/help\n" * 10_000)

    assert kari.transport.is_reading_paused
    assert kari.transport.most_buffered <= 64 * 1024 + len(HELP) + 1
    kari.reads_on()
    assert kari.reads() == [HELP] * 10_000
    assert not kari.transport.is_reading_paused


def test_one_batch_is_one_write_to_each_and_the_holder_is_first() -> None:
    """A write costs more than all the rest."""
    desk = Desk(seats=4)
    peers = four(desk)
    before = [len(peer.transport.writes) for peer in peers]
    order: list[int] = []
    for number, peer in enumerate(peers):
        written = peer.transport.write

        def write(data: bytes | bytearray | memoryview, number: int = number, written=written) -> None:  # type: ignore[no-untyped-def]
            order.append(number)
            written(data)

        peer.transport.write = write  # type: ignore[method-assign]
    peers[0].types("Lovely.")
    desk.clock.advance(20)

    assert [len(peer.transport.writes) - count for peer, count in zip(peers, before, strict=True)] == [1] * 4
    assert (order[0], order[-1]) == (1, 0)
    assert peers[1].reads() == ["Lars: Lovely.", "* Your turn, 30 s."]


# The server stops.


def test_a_server_that_stops_says_so_to_everybody() -> None:
    """In a room or not: a reason, then the last line."""
    desk = Desk()
    kari, nobody = desk.guest("Kari"), desk.guest("/help")
    desk.hall.stop(close_sittings=False)
    desk.gate.say_goodbye(lambda: None)

    for peer in (kari, nobody):
        assert peer.reads()[-2:] == ["! closing: The server is stopping.", "* Goodbye."]
        assert peer.has_been_let_go


def test_nobody_comes_in_while_the_server_stops() -> None:
    """A name is refused."""
    desk = Desk()
    kari = desk.connect()
    desk.hall.is_stopping = True
    kari.types("Kari")

    assert kari.reads() == ["! closing: The server is stopping."]


def test_what_comes_in_after_the_goodbye_is_thrown_away() -> None:
    """Whoever is still talking draws nothing more, and is nobody's business any more."""
    desk = Desk(seats=1)
    kari = desk.guest("Kari", "Lovely.")
    kari.reads()
    kari.sends(b"And\n" * 100)
    kari.ends_input()

    assert (kari.reads(), kari.transport.is_gone) == ([], True)


# Bare.


def bare(**options: object) -> Desk:
    return Desk(seats=2, manners=TextManners(is_bare=True), **options)  # type: ignore[arg-type]


def test_a_bare_client_reads_what_was_said_and_nothing_else() -> None:
    """No notices, no refusals, no answers, none of its own words, no goodbye."""
    desk = bare()
    kari, lars = desk.guest("Kari"), desk.guest("Lars")
    lars.types("too early", "/help", "/who", "/rooms", "/drop", "/watch", "/fly")
    kari.types("Lovely.")
    desk.clock.advance(1_000)
    lars.types("Me too.", "And more")
    desk.clock.advance(1_000)

    assert kari.reads() == [welcome("Kari", 1, "1/2"), HUG, "Lars: Me too."]
    assert lars.reads() == [welcome("Lars", 2, "2/2"), HUG, "Kari: Lovely."]
    assert kari.has_been_let_go


def test_a_bare_client_gets_one_line_in_each_200_ms() -> None:
    """It reads 500 bytes at a time, and takes them for one message."""
    desk = bare()
    kari = desk.guest("Kari")
    for words in ("One.", "Two."):
        desk.hall.command(RoomName("main"), HostSay(words))
    desk.clock.settle()
    came = [kari.reads()]
    for _ in range(4):
        desk.clock.advance(199)
        assert kari.reads() == []
        desk.clock.advance(1)
        came.append(kari.reads())

    assert came == [[welcome("Kari", 1, "1/2")], ["Host: One."], ["Host: Two."], [], []]
    assert all(write.count(b"\n") == 1 for write in kari.transport.writes)


def test_a_bare_client_is_told_what_is_wrong_with_its_name() -> None:
    """Without a welcome there is no conversation to keep clean."""
    kari = bare().guest("Host", "-")

    assert [line.partition(":")[0] for line in kari.reads()] == ["! name_taken", "! bad_name"]


def test_a_bare_client_that_ends_its_input_leaves() -> None:
    """The clients of the first system never do but by hanging up."""
    desk = bare()
    kari = desk.guest("Kari")
    kari.ends_input()

    assert kari.transport.is_gone
    assert desk.house.room().seats == {}


def test_a_bare_client_that_hangs_up_is_sent_nothing_more() -> None:
    """Not even what waited for its pause to end."""
    desk = bare()
    kari = desk.guest("Kari")
    desk.guest("Lars")
    kari.hangs_up()
    count = len(kari.transport.writes)
    desk.clock.advance(1_000)

    assert len(kari.transport.writes) == count


def test_a_slow_bare_client_gets_everything_in_the_end() -> None:
    """Its connection is full for a while."""
    desk = bare()
    kari, lars = desk.guest("Kari"), desk.guest("Lars")
    kari.stalls()
    kari.types("Lovely.")
    desk.clock.advance(1_000)
    lars.types("Me too.")
    desk.clock.advance(1_000)
    kari.reads_on()
    desk.clock.advance(1_000)

    assert kari.reads() == [welcome("Kari", 1, "1/2"), HUG, "Lars: Me too."]


@pytest.mark.parametrize("is_bare", [False, True])
def test_a_server_that_stops_lets_everybody_go(is_bare: bool) -> None:
    """A bare client without a word."""
    desk = Desk(manners=TextManners(is_bare=is_bare))
    kari = desk.guest("Kari")
    kari.reads()
    desk.gate.say_goodbye(lambda: None)

    assert (kari.reads() == []) is is_bare
    assert kari.has_been_let_go


def test_telnets_own_bytes_are_no_part_of_a_line() -> None:
    """A telnet client offers what it can do before anything else."""
    desk = Desk()
    kari = desk.connect()
    kari.sends(b"\xff\xfd\x03\xff\xfb\x18Ka\xff\xf1ri\r\n")

    assert kari.reads() == [welcome("Kari", 1, "1/2")]


def test_limits_can_be_other_ones() -> None:
    """Tests and teachers may want a shorter silence."""
    desk = Desk(limits=DoorLimits(silence_ms=10, quiet_ms=20))
    kari = desk.connect()
    desk.clock.advance(10)
    assert len(kari.reads()) == 1
    kari.sends(b"Kari")
    desk.clock.advance(20)

    assert kari.reads() == [welcome("Kari", 1, "1/2")]


def test_a_past_that_cannot_be_read_ends_the_connection_with_a_reason() -> None:
    """The disk gives nothing back: a refusal says so, and the goodbye is the last line."""
    log = FailingLog()
    desk = Desk(log=log)
    desk.bot("Lars")
    with log.unreadable():
        watcher = desk.guest("/watch")

    assert watcher.reads()[-2:] == ["! storage: The server cannot store anything now. Try again.", "* Goodbye."]
    assert watcher.has_been_let_go
