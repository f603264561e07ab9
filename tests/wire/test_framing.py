"""Bytes to lines: the limits to the byte, the quiet rule, telnet, and no difference made by packets."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moothall.wire.framing import LineFramer, LineTooLong

LIMIT = 4  # bytes; small, so that the edges are easy to read
TOO_LONG = LineTooLong(LIMIT)
IAC, WILL, WONT, DO, DONT, SB, SE = (bytes([code]) for code in (255, 251, 252, 253, 254, 250, 240))


def read(*packets: bytes, limit: int = LIMIT, telnet: bool = False) -> list[bytes | LineTooLong]:
    """Feed every packet to a new framer."""
    framer = LineFramer(limit, telnet=telnet)
    return [line for packet in packets for line in framer.feed(packet)]


# Lines and their ends


def test_a_line_comes_without_its_newline() -> None:
    """The hot path: one packet, one line."""
    assert read(b"hug\n") == [b"hug"]


def test_a_line_may_end_as_on_windows() -> None:
    """Windows' terminals and telnet send both characters."""
    assert read(b"hug\r\n") == [b"hug"]


def test_only_one_return_belongs_to_the_end() -> None:
    """A return elsewhere is a character like others: what is shown to people escapes it."""
    assert read(b"\rh\r\r\n") == [b"\rh\r"]


def test_an_empty_line_is_a_line() -> None:
    """Whether it means anything is for the door to say."""
    assert read(b"\n\r\n") == [b"", b""]


def test_nothing_fed_is_no_line() -> None:
    """A packet may hold telnet's commands alone, which leaves nothing."""
    assert read(b"", b"a", b"", b"\n") == [b"a"]


def test_lines_that_come_in_one_packet_are_told_apart_in_order() -> None:
    """The packets mean nothing: two messages may arrive as one."""
    assert read(b"hug\nplay\r\neat\n") == [b"hug", b"play", b"eat"]


def test_a_line_that_comes_in_pieces_is_put_together() -> None:
    """One message may arrive as several packets, and a packet may end one line and begin the next."""
    framer = LineFramer(LIMIT)

    assert framer.feed(b"p") == []
    assert framer.feed(b"la") == []
    assert framer.feed(b"y\nea") == [b"play"]
    assert framer.feed(b"t\n") == [b"eat"]


def test_a_windows_end_may_be_cut_in_two() -> None:
    """The return waits for its newline."""
    assert read(b"play\r", b"\n", b"eat\n") == [b"play", b"eat"]


def test_bytes_that_are_no_text_pass_untouched() -> None:
    """Decoding is the codec's work; without telnet even 255 is a byte like others."""
    assert read(b"\xff\xfb\x00\n") == [b"\xff\xfb\x00"]


# A line that comes alone


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_line_that_comes_alone_is_given_as_it_is(end: bytes) -> None:
    """Nearly every packet is one line, and need not be looked through twice."""
    framer = LineFramer(LIMIT)

    assert framer.only_line(b"hug" + end) == b"hug"
    assert not framer.is_waiting_for_quiet


@pytest.mark.parametrize("packet", [b"", b"hug", b"hug\nplay\n", b"\nhug", b"x" * (LIMIT + 1) + b"\n"])
def test_of_anything_else_nothing_is_taken(packet: bytes) -> None:
    """It is fed instead, and gives what it would have given."""
    framer = LineFramer(LIMIT)

    assert framer.only_line(packet) is None
    assert framer.feed(packet) == read(packet)


@pytest.mark.parametrize("begun", [b"h", b"x" * (LIMIT + 1)])
def test_the_end_of_a_line_that_was_begun_does_not_come_alone(begun: bytes) -> None:
    """Neither where it waits, nor where it is thrown away."""
    framer = LineFramer(LIMIT)
    framer.feed(begun)

    assert framer.only_line(b"ug\n") is None
    assert framer.feed(b"ug\n") == ([b"hug"] if begun == b"h" else [])


def test_telnet_is_stripped_from_a_line_that_comes_alone() -> None:
    """So it is not given as it is; nor is what follows half a command."""
    framer = LineFramer(LIMIT, telnet=True)
    assert framer.only_line(IAC + WILL + b"xhug\n") is None
    assert framer.only_line(b"hug\n") == b"hug"
    framer.feed(IAC)

    assert framer.only_line(b"hug\n") is None


# Limits


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_the_limit_is_to_the_byte_and_does_not_count_the_end(end: bytes) -> None:
    """A client that counts its own characters must not be refused for how its lines end."""
    assert read(b"abcd" + end) == [b"abcd"]
    assert read(b"abcde" + end) == [TOO_LONG]


def test_a_line_at_the_limit_may_come_in_pieces() -> None:
    """The limit is on the line, whatever the packets do."""
    assert read(b"abc", b"d", b"\n") == [b"abcd"]
    assert read(b"abc", b"de\n") == [TOO_LONG]


def test_an_over_long_line_is_told_at_once_and_once() -> None:
    """Who never ends a line must hear of it too, and nobody wants to hear of it for every packet."""
    framer = LineFramer(LIMIT)

    assert framer.feed(b"abcd") == []
    assert framer.feed(b"e") == [TOO_LONG]
    assert framer.feed(b"fghijklm") == []
    assert framer.feed(b"n\n") == []


def test_after_an_over_long_line_the_connection_lives() -> None:
    """One mistake costs one line."""
    assert read(b"abcde", b"fg\nhug\n") == [TOO_LONG, b"hug"]
    assert read(b"abcdefg\nhug\n") == [TOO_LONG, b"hug"]


def test_every_over_long_line_is_told() -> None:
    """Once per line, not once per connection."""
    assert read(b"abcde", b"\nabcde", b"\nabcde\n") == [TOO_LONG, TOO_LONG, TOO_LONG]


def test_a_return_at_the_limit_is_not_counted_before_the_next_byte() -> None:
    """It may be half of the line's end, or a character too many."""
    framer = LineFramer(LIMIT)

    assert framer.feed(b"abcd\r") == []
    assert framer.feed(b"\r") == [TOO_LONG]
    assert framer.feed(b"\nhug\n") == [b"hug"]


def test_the_limit_may_be_raised() -> None:
    """It is small for strangers and grows for those who have joined, in the middle of whatever they are sending."""
    framer = LineFramer(LIMIT)
    framer.feed(b"abc")

    framer.max_line_bytes = 6

    assert framer.feed(b"def\n") == [b"abcdef"]
    assert framer.feed(b"abcdefg\n") == [LineTooLong(6)]


def test_a_line_that_was_thrown_away_is_not_kept() -> None:
    """A flood without a newline must not cost memory: nothing of it comes back at the end."""
    framer = LineFramer(LIMIT)

    assert framer.feed(b"a" * 1000) == [TOO_LONG]
    assert framer.feed(b"a") == []
    assert framer.last_line() is None


# Silence


def test_silence_ends_a_line_of_two_bytes() -> None:
    """A beginner's client sends its name without a newline."""
    framer = LineFramer(LIMIT)
    framer.feed(b"Bo")

    assert framer.is_waiting_for_quiet
    assert framer.quiet_line() == b"Bo"


def test_silence_does_not_end_a_line_of_one_byte() -> None:
    """One byte may be the first key on a terminal that sends each key at once."""
    framer = LineFramer(LIMIT)
    framer.feed(b"B")

    assert not framer.is_waiting_for_quiet
    assert framer.quiet_line() is None
    assert framer.feed(b"o\n") == [b"Bo"]


def test_silence_alone_is_no_line() -> None:
    """Nothing waits on a new connection."""
    framer = LineFramer(LIMIT)

    assert framer.is_waiting_for_quiet is False
    assert framer.quiet_line() is None


def test_a_quiet_line_is_given_once_and_turns_nothing_off() -> None:
    """Such a client sends all its lines so."""
    framer = LineFramer(LIMIT)
    framer.feed(b"Bo")
    framer.quiet_line()

    assert framer.quiet_line() is None
    assert framer.feed(b"hug") == []
    assert framer.is_waiting_for_quiet
    assert framer.quiet_line() == b"hug"


def test_a_quiet_line_drops_a_return_at_its_end() -> None:
    """Some terminals send a return alone for the enter key."""
    framer = LineFramer(LIMIT)
    framer.feed(b"Bo\r")

    assert framer.quiet_line() == b"Bo"


def test_the_first_newline_turns_the_quiet_rule_off_for_good() -> None:
    """From a client that ends its lines a silence is a stall of the network, and must not cut a sentence in two."""
    framer = LineFramer(LIMIT)
    framer.feed(b"\nhu")

    assert not framer.is_waiting_for_quiet
    assert framer.quiet_line() is None
    assert framer.feed(b"g\n") == [b"hug"]


def test_a_newline_after_a_quiet_line_is_an_empty_line_and_turns_it_off() -> None:
    """A person may type the name, wait, and only then end the line."""
    framer = LineFramer(LIMIT)
    framer.feed(b"Bo")
    framer.quiet_line()

    assert framer.feed(b"\n") == [b""]
    framer.feed(b"hug")
    assert framer.quiet_line() is None


def test_silence_ends_an_over_long_line_too() -> None:
    """A client that never sends a newline would otherwise never be heard again."""
    framer = LineFramer(LIMIT)
    framer.feed(b"abcdef")

    assert framer.is_waiting_for_quiet
    assert framer.quiet_line() is None
    assert framer.feed(b"hug\n") == [b"hug"]


def test_silence_ends_an_over_long_line_once() -> None:
    """Its owner stops asking as soon as there is nothing to end."""
    framer = LineFramer(LIMIT)
    framer.feed(b"abcdef")
    framer.quiet_line()

    assert framer.is_waiting_for_quiet is False


def test_silence_does_not_end_an_over_long_line_after_a_newline() -> None:
    """The rest of that line would be taken for words."""
    framer = LineFramer(LIMIT)
    framer.feed(b"\nabcdef")

    assert not framer.is_waiting_for_quiet
    assert framer.quiet_line() is None
    assert framer.feed(b"ghi\nhug\n") == [b"hug"]


def test_the_newline_of_an_over_long_line_turns_the_quiet_rule_off() -> None:
    """It is a newline like others."""
    framer = LineFramer(LIMIT)
    framer.feed(b"abcdef")
    framer.feed(b"\nhug")

    assert not framer.is_waiting_for_quiet


# End of file


def test_what_waits_at_end_of_file_is_a_line() -> None:
    """`printf 'Kari\\nhello' | nc -N` says hello."""
    framer = LineFramer(LIMIT)
    framer.feed(b"Bo\nhi")

    assert framer.last_line() == b"hi"
    assert framer.last_line() is None


def test_one_byte_at_end_of_file_is_a_line() -> None:
    """No more will come, so there is nothing to wait for."""
    framer = LineFramer(LIMIT)
    framer.feed(b"B")

    assert framer.last_line() == b"B"


def test_a_last_line_drops_a_return_at_its_end() -> None:
    """Its newline is the byte that never came."""
    framer = LineFramer(LIMIT)
    framer.feed(b"abcd\r")

    assert framer.last_line() == b"abcd"


def test_nothing_waits_after_a_whole_line() -> None:
    """An empty line that nobody sent would be answered."""
    framer = LineFramer(LIMIT)
    framer.feed(b"Bo\n")

    assert framer.last_line() is None


# Telnet


@pytest.mark.parametrize("command", [WILL, WONT, DO, DONT])
def test_an_offer_and_its_option_are_stripped(command: bytes) -> None:
    """RFC 854: three bytes, the last one any at all."""
    for option in (b"\x01", b"\n", b"a", SB, SE, WILL):
        assert read(b"h" + IAC + command + option + b"ug\n", telnet=True) == [b"hug"]


@pytest.mark.parametrize("code", [b"\xef", SE, b"\xf1", b"\xf9", b"a", b"\n"])
def test_any_other_command_is_two_bytes(code: bytes) -> None:
    """Are You There and its like have no option; nor have codes that no document knows."""
    assert read(b"h" + IAC + code + b"ug\n", telnet=True) == [b"hug"]


def test_an_option_may_be_numbered_255() -> None:
    """RFC 861 is that option."""
    assert read(b"h" + IAC + DO + IAC + b"ug\n", telnet=True) == [b"hug"]


def test_an_escaped_255_is_dropped() -> None:
    """It cannot be part of UTF-8, and what follows it is text."""
    assert read(b"h" + IAC + IAC + b"ug\n", telnet=True) == [b"hug"]
    assert read(b"h" + IAC + IAC + WILL + b"g\n", telnet=True) == [b"h" + WILL + b"g"]


def test_a_parameter_is_stripped_to_its_end() -> None:
    """RFC 855: a terminal may tell its size or its name, with any bytes, SE and newlines among them."""
    assert read(b"h" + IAC + SB + b"\x1f\n" + SE + b"\x18" + IAC + SE + b"ug\n", telnet=True) == [b"hug"]


def test_an_escaped_255_does_not_end_a_parameter() -> None:
    """IAC IAC SE holds no IAC SE."""
    assert read(b"h" + IAC + SB + b"\x1f" + IAC + IAC + SE + b"x" + IAC + SE + b"ug\n", telnet=True) == [b"hug"]


def test_another_command_does_not_end_a_parameter() -> None:
    """Only IAC SE does."""
    for code in (WILL, SB, b"\xef", b"\xf1"):
        assert read(b"h" + IAC + SB + b"\x1f" + IAC + code + SE + IAC + SE + b"ug\n", telnet=True) == [b"hug"]


def test_commands_may_follow_each_other() -> None:
    """A telnet client begins with a handful of offers, in one packet."""
    offers = IAC + WILL + b"\x18" + IAC + DO + b"\x03" + IAC + SB + b"\x18" + IAC + SE + IAC + WONT + b"\x01"

    assert read(offers + b"Bo\n" + offers + b"hug\n", telnet=True) == [b"Bo", b"hug"]


def test_telnet_leaves_plain_text_alone() -> None:
    """Who isn't a telnet client must not notice; codes mean nothing without IAC."""
    assert read(b"\xf0\xfb\xfa\n", b"hug\n", telnet=True) == [b"\xf0\xfb\xfa", b"hug"]


def test_telnet_commands_do_not_count() -> None:
    """Neither against the limit nor as a line that silence could end."""
    framer = LineFramer(LIMIT, telnet=True)
    framer.feed(b"B" + (IAC + WILL + b"\x01") * 10)

    assert not framer.is_waiting_for_quiet
    assert framer.feed(b"old\n") == [b"Bold"]


# Whatever the packets do


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """Cut `data` at some places."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


# Bytes that mean something stand close together; the rest stand for all others.
streams = st.lists(st.sampled_from([b"\n", b"\r", b"a", b"bcd", IAC, WILL, SB, SE]), max_size=30).map(b"".join)


@given(data=streams, places=st.lists(st.integers(min_value=0), max_size=30), telnet=st.booleans())
@example(data=b"abcd\r\nabcde\r\n\n", places=[5, 11], telnet=False)
def test_packets_make_no_difference(data: bytes, places: list[int], telnet: bool) -> None:
    """TCP promises the bytes and nothing about where they are cut."""
    whole = LineFramer(LIMIT, telnet=telnet)
    pieces = LineFramer(LIMIT, telnet=telnet)
    lines = whole.feed(data)

    assert [line for packet in cut(data, places) for line in pieces.feed(packet)] == lines
    assert pieces.last_line() == whole.last_line()
    assert read(*(bytes([byte]) for byte in data), telnet=telnet) == lines


@given(lines=st.lists(st.binary().filter(lambda line: b"\n" not in line and not line.endswith(b"\r"))))
def test_lines_come_out_as_they_went_in(lines: list[bytes]) -> None:
    """Each is one line: itself, or told to be too long."""
    expected = [line if len(line) <= LIMIT else TOO_LONG for line in lines]

    assert read(b"".join(line + b"\n" for line in lines)) == expected
    assert read(b"".join(line + b"\r\n" for line in lines)) == expected
