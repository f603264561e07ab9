"""The JSON lines door's words: what is written, what is read, and that no bytes at all can do more than be refused."""

from __future__ import annotations

import json
import sys
import time
from typing import Final, get_args

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moothall.engine.events import (
    Event,
    FloorGranted,
    Passed,
    Paused,
    RoomOpened,
    Said,
    Unpaused,
)
from moothall.engine.rules import Rules
from moothall.engine.words import Kind
from moothall.errors import BadFrame, Reason
from moothall.wire.frames import OPERATORS_WORDS, Frame, JoinFrame, PassFrame, PingFrame, SayFrame
from moothall.wire.json_lines import (
    JSON_LINES,
    MAX_DEPTH,
    PROTOCOL_VERSION,
    Stamp,
    decode_event,
    decode_frame,
    decode_line,
    encode_event,
    encode_line,
    refused_word,
    seq_of,
)
from moothall.wire.replies import Pong, Reply
from tests.engine.past import KARI, NOON, a_room
from tests.wire.samples import FRAMES, MAIN, REPLIES, a_change, any_of, attempt

MAX_COUNT: Final = 2**63 - 1
DEEPEST: Final = b'{"do":"ping","x":' + b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1) + b"}"
TOO_DEEP: Final = b'{"do":"ping","x":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}"
BROKEN: Final[dict[str, bytes]] = {
    "an empty line": b"",
    "white space": b" \t",
    "a word": b"hello",
    "half an object": b'{"do":"ping"',
    "something after the object": b'{"do":"ping"} {"do":"ping"}',
    "an array": b'["do","ping"]',
    "null": b"null",
    "a number": b"42",
    "an empty object": b"{}",
    "no do": b'{"text":"hi"}',
    "an unknown do": b'{"do":"fly"}',
    "an operator's do": b'{"do":"remove","name":"Lars"}',
    "grant without a name": b'{"do":"grant"}',
    "topic without a topic": b'{"do":"topic"}',
    "rounds over the bound": b'{"do":"set","rounds":%d}' % (MAX_COUNT + 1),
    "rounds under the bound": b'{"do":"set","rounds":%d}' % (-MAX_COUNT - 2),
    "rounds that are a fraction": b'{"do":"set","rounds":1.0}',
    "seconds over the bound": b'{"do":"set","turn_seconds":%d}' % (MAX_COUNT + 1),
    "seconds of 400 digits": b'{"do":"set","turn_seconds":' + b"9" * 400 + b"}",
    "seconds beyond every float": b'{"do":"set","turn_seconds":1e999}',
    "seconds in words": b'{"do":"set","turn_seconds":"20"}',
    "seconds of a seat that are none": b'{"do":"set","seat_seconds":{"Lars":null}}',
    "a policy that is no word": b'{"do":"set","policy":1}',
    "a do of another type": b'{"do":5}',
    "two dos": b'{"do":"ping","do":"say","text":"hi"}',
    "say without text": b'{"do":"say"}',
    "text of another type": b'{"do":"say","text":5}',
    "text that is null": b'{"do":"say","text":null}',
    "a turn below 0": b'{"do":"say","text":"hi","turn":-1}',
    "a turn that is a fraction": b'{"do":"say","text":"hi","turn":1.5}',
    "a turn over the bound": b'{"do":"pass","turn":%d}' % (MAX_COUNT + 1),
    "a turn of 5,000 digits": b'{"do":"pass","turn":' + b"9" * 5_000 + b"}",
    "a turn beyond every float": b'{"do":"pass","turn":1e999}',
    "a turn in quotes": b'{"do":"pass","turn":"1"}',
    "NaN": b'{"do":"ping","x":NaN}',
    "Infinity": b'{"do":"pass","turn":Infinity}',
    "after is no whole number": b'{"do":"join","name":"Kari","after":1.5}',
    "an unknown kind": b'{"do":"join","name":"Kari","kind":"cat"}',
    "an empty cid": b'{"do":"say","text":"hi","cid":""}',
    "a cid of 65 characters": b'{"do":"say","text":"hi","cid":"%b"}' % (b"c" * 65),
    "bytes that are not UTF-8": b'{"do":"say","text":"\xff"}',
    "not UTF-8 in a field that is not known": b'{"do":"ping","x":"\xff"}',
    "not UTF-8 in the name of a field": b'{"do":"ping","\xff":1}',
    "a surrogate in UTF-8": b'{"do":"say","text":"\xed\xa0\x80"}',
    "the first half of a pair": b'{"do":"say","text":"\\ud800"}',
    "the first half of a pair, and words": b'{"do":"say","text":"\\ud800 and words"}',
    "the second half of a pair": b'{"do":"say","text":"\\udc00"}',
    "half a pair in a field that is not known": b'{"do":"ping","x":"\\ud800"}',
    "a control character": b'{"do":"say","text":"\x01"}',
    "a byte order mark": b'\xef\xbb\xbf{"do":"ping"}',
    "17 deep": TOO_DEEP,
    "17 deep in objects": b'{"do":"ping","x":' + b'{"x":' * MAX_DEPTH + b"1" + b"}" * (MAX_DEPTH + 1),
    "17 deep after a string": b'{"do":"ping","y":"]","x":' + TOO_DEEP[17:],
    "17 deep after a string that ends in a backslash": b'{"do":"ping","y":"\\\\","x":' + TOO_DEEP[17:],
    "100,000 deep": b"[" * 100_000,
    "100,000 objects deep": b'{"do":"ping","x":' + b'{"x":' * 100_000,
}


def complaint(line: bytes) -> str:
    """Return what is said about a line that is no frame."""
    with pytest.raises(BadFrame) as caught:
        decode_frame(line)
    assert caught.value.reason is Reason.MALFORMED
    return str(caught.value)


# Frames


@pytest.mark.parametrize(("frame", "line"), FRAMES, ids=[line for _, line in FRAMES])
def test_a_frame_is_read_and_written(frame: Frame, line: str) -> None:
    """The SDK writes what the server reads; nothing absent is written as null."""
    assert decode_frame(line.encode()) == frame
    assert encode_line(frame) == line.encode() + b"\n"


def test_every_frame_has_its_line() -> None:
    """Who adds a frame shows it."""
    assert {type(frame) for frame, _ in FRAMES} == set(get_args(Frame))


@given(any_of(Frame))
def test_any_frame_comes_back_as_it_was(frame: Frame) -> None:
    """A codec that loses something loses it in silence."""
    line = encode_line(frame)

    assert line.index(b"\n") == len(line) - 1
    assert decode_frame(line) == frame


def test_a_frame_says_little_by_default() -> None:
    """A bot in ten lines sends a name and nothing else; the room is where the door leads, and it is a bot."""
    assert decode_frame(b'{"do":"join","name":"Kari"}') == JoinFrame(
        room=None, name="Kari", kind=Kind.BOT, about="", watch=False, key=None, epoch=None, after=None
    )


@given(event=any_of(Event), seq=st.integers(1, 2**63 - 1))
@example(event=Said(KARI, 2, '"seq":7,'), seq=42)
def test_the_seq_of_an_entry_can_be_read_alone(event: Event, seq: int) -> None:
    """Also where somebody's words look like one."""
    assert seq_of(encode_event(event, seq, NOON)) == seq


def test_fields_may_come_in_any_order_and_null_is_absent() -> None:
    """Other languages keep no order, and write null for what they don't have."""
    assert decode_frame(b' { "cid": null, "turn": null, "text": "hi", "do": "say" } ') == SayFrame(text="hi")


@pytest.mark.parametrize("value", [b"1", b"1e999", b"9" * 5_000, b"null", b'"x"', b"{}", b'[{"do":"say"}]'])
def test_fields_that_are_not_known_are_ignored(value: bytes) -> None:
    """A newer client may say more than an older server knows."""
    assert decode_frame(b'{"new":%b,"do":"ping","do2":%b}' % (value, value)) == PingFrame()


def test_a_windows_return_is_white_space() -> None:
    """The framer takes it away; but a codec that leans on that would be brittle."""
    assert decode_frame(b'{"do":"ping"}\r') == PingFrame()


@pytest.mark.parametrize("turn", [0, 1, MAX_COUNT])
def test_a_turn_may_be_any_number_that_a_log_can_hold(turn: int) -> None:
    """Bounded by type, so that no rule meets a number that a database cannot keep."""
    assert decode_frame(b'{"do":"pass","turn":%d}' % turn) == PassFrame(turn=turn)
    assert decode_frame(b'{"do":"join","after":%d}' % turn) == JoinFrame(after=turn)


@pytest.mark.parametrize("cid", ["c", "c" * 64, "å" * 64, "👩" * 64])
def test_a_cid_is_counted_in_characters(cid: str) -> None:
    """64 of them, in whatever script."""
    assert decode_frame(encode_line(SayFrame(text="hi", cid=cid))) == SayFrame(text="hi", cid=cid)


def test_text_may_hold_anything() -> None:
    """Line breaks, escapes, emoji, NUL: what is harmful is escaped where it is shown, not where it is read."""
    assert decode_frame(rb'{"do":"say","text":"a\nb\u0000\u001b\ud83d\ude00 \"[{"}') == SayFrame(
        text='a\nb\x00\x1b😀 "[{'
    )


# Broken lines


@pytest.mark.parametrize("line", BROKEN.values(), ids=BROKEN)
def test_a_broken_line_is_malformed(line: bytes) -> None:
    """It costs its sender a sentence, and never the connection."""
    assert complaint(line).endswith(".")


@given(st.binary(max_size=200))
@example(b'{"do":"say","text":"' + b"\\" * 3)
def test_any_bytes_are_a_frame_or_malformed(line: bytes) -> None:
    """Nothing that a peer sends may raise another error."""
    assert isinstance(attempt(decode_frame, line), Frame) or attempt(decode_frame, line) is Reason.MALFORMED


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["do", "text", "turn", "cid", "x"]), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["do", "text", "turn", "cid", "after", "name"]), JSON), st.sampled_from(FRAMES))
def test_any_fields_make_a_frame_or_are_malformed(fields: dict[str, object], sample: tuple[Frame, str]) -> None:
    """Right in form and wrong in content: closer to a frame than any bytes are."""
    line = _json({**fields, "do": _json_tag(sample[1])})

    read = attempt(decode_frame, line)

    assert type(read) is type(sample[0]) or read is Reason.MALFORMED


def _json(value: object) -> bytes:
    # As other people's clients do it: NaN, half pairs and all.
    return json.dumps(value).encode()


def _json_tag(line: str) -> str:
    return str(msgspec.json.decode(line)["do"])


def test_a_complaint_says_what_is_wrong() -> None:
    """A student reads it; one sentence, with the place."""
    assert complaint(b'{"do":"fly"}') == "This is not a frame: Invalid value 'fly' - at `$.do`."
    assert complaint(b'{"do":"say"}') == "This is not a frame: Object missing required field `text`."
    assert complaint(b"") == "This is not a frame: Input data was truncated."
    assert complaint(b"[" * 17) == "A frame nests at most 16 deep."


def test_a_complaint_is_short() -> None:
    """Whoever sends a long word does not get all of it back."""
    words = "This is not a frame: Invalid value '"

    assert complaint(b'{"do":"%b"}' % (b"f" * 90_000)) == words + "f" * (200 - len("Invalid value '")) + "."


def test_a_complaint_is_one_line() -> None:
    """It may go to a terminal or into a diagnostic line."""
    assert complaint(b'{"do":"a\\nb"}') == "This is not a frame: Invalid value 'a."


# Depth


def test_sixteen_deep_is_deep_enough() -> None:
    """The frame itself is the first."""
    assert decode_frame(DEEPEST) == PingFrame()


def test_depth_is_not_breadth() -> None:
    """Many brackets beside each other are flat, whatever kind they are."""
    assert decode_frame(b'{"do":"ping","x":[' + b"[]," * 50 + b"{}]}") == PingFrame()
    assert decode_frame(b'{"do":"ping","x":[' + b"{}," * 50 + b"{}]}") == PingFrame()


@pytest.mark.parametrize("words", ["[" * 100, "{" * 100, '"' + "[" * 100, "\\" + "[{" * 50, "]" * 20 + "[" * 40])
def test_brackets_inside_strings_do_not_count(words: str) -> None:
    """People say them."""
    assert decode_frame(encode_line(SayFrame(text=words))) == SayFrame(text=words)
    assert decode_frame(b'{"x":' + msgspec.json.encode(words) + b"," + DEEPEST[1:]) == PingFrame()


def test_brackets_that_close_inside_strings_hide_no_depth() -> None:
    """Else a string full of them would let any depth through."""
    nest = b'["]]]",' * MAX_DEPTH + b"1" + b"]" * MAX_DEPTH

    assert complaint(b'{"do":"ping","x":' + nest + b"}") == "A frame nests at most 16 deep."


@pytest.mark.parametrize("tail", [b'\\"', b'"', b"\\", b'\\\\"', b"\\\n", b"["], ids=repr)
def test_a_hostile_line_takes_no_longer_than_a_kind_one(tail: bytes) -> None:
    """A string that never ends was once searched from each of its quotes: 25 s of everybody's time for one line."""
    line = b'{"do":"say","text":"' + tail * (90_000 // len(tail)) + b"[" * 20
    began = time.process_time()

    complaint(line)

    assert time.process_time() - began < 1


# What others may ask


@pytest.mark.parametrize("word", sorted(OPERATORS_WORDS))
def test_the_operators_words_are_no_frames_but_can_be_told(word: str) -> None:
    """Who asks for one is told `not_allowed`, and not that the line is broken."""
    line = b'{"do":"%b","topic":[{}]}' % word.encode()

    complaint(line)
    assert refused_word(line) == word


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (b'{"do":"say"}', "say"),
        (b'{"x":[1],"do":"say","turn":-1}', "say"),
        (b'{"do":"' + b"f" * 64 + b'"}', "f" * 64),
        (b'{"do":"' + b"f" * 65 + b'"}', None),
        (b'{"do":5}', None),
        (b'{"do":null}', None),
        (b'{"do":"\xff"}', None),
        (b'{"text":"hi"}', None),
        (b'["do"]', None),
        (b'{"do":"say"', None),
        (b"", None),
        (b"\xff", None),
        (b"[" * 100_000, None),
        (b'{"do":' + b"[" * 100_000, None),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_a_broken_line_asks_is_told_where_it_says_so(line: bytes, word: str | None) -> None:
    """The refusal carries it, so that a client knows which of its frames was meant."""
    assert refused_word(line) == word


@given(st.binary(max_size=100))
def test_asking_what_any_bytes_ask_raises_nothing(line: bytes) -> None:
    """It is asked of lines that are known to be broken."""
    word = refused_word(line)

    assert word is None or len(word) <= 64


# Replies


@pytest.mark.parametrize(("reply", "line"), REPLIES, ids=[line[:40] for _, line in REPLIES])
def test_a_reply_is_written_and_read(reply: Reply, line: str) -> None:
    """Clients in other languages read these bytes: the tag first, what is absent left out."""
    assert encode_line(reply) == line.encode() + b"\n"
    assert decode_line(line.encode()) == reply


def test_every_reply_has_its_line() -> None:
    """Who adds a reply shows it."""
    assert {type(reply) for reply, _ in REPLIES} == set(get_args(Reply))


@given(any_of(Reply))
def test_any_reply_comes_back_as_it_was(reply: Reply) -> None:
    """As with frames; and a reply is never taken for an event."""
    assert decode_line(encode_line(reply)) == reply


def test_a_reply_of_a_newer_server_may_say_more() -> None:
    """Unknown fields are ignored by both sides."""
    assert decode_line(b'{"reply":"pong","new":[1]}') == Pong()


@pytest.mark.parametrize("line", [b"", b'{"reply":"new"}', b'{"do":"ping"}', b"\xff", b"[" * 100_000, b'{"reply":'])
def test_a_line_that_is_no_answer_is_malformed(line: bytes) -> None:
    """A client may talk to something that is no Moothall."""
    with pytest.raises(BadFrame, match=r"^This is not an answer: .*[^.]\.$") as caught:
        decode_line(line)
    assert caught.value.reason is Reason.MALFORMED


def test_a_moothall_speaks_version_one() -> None:
    """The number stands in the protocol; a change of it is a break."""
    assert PROTOCOL_VERSION == 1


# Events


@given(any_of(Event), st.integers(1, MAX_COUNT), st.integers(0, MAX_COUNT))
def test_any_event_comes_back_as_it_was(event: Event, seq: int, at: int) -> None:
    """A room is its log, so an entry must lose nothing, and be written again as the same bytes."""
    body = encode_event(event, seq, at)

    assert b"\n" not in body
    assert decode_event(body) == (event, Stamp(seq=seq, at=at))
    assert decode_line(body + b"\n") == (event, Stamp(seq=seq, at=at))
    assert encode_event(*_again(body)) == body


def _again(body: bytes) -> tuple[Event, int, int]:
    event, stamp = decode_event(body)
    return event, stamp.seq, stamp.at


@given(any_of(Event), st.integers(1, MAX_COUNT), st.integers(0, MAX_COUNT))
def test_seq_and_time_come_right_after_the_tag(event: Event, seq: int, at: int) -> None:
    """The order is part of the bytes that a checksum covers; the other fields keep theirs."""
    fields = list(msgspec.json.decode(encode_event(event, seq, at)).items())

    assert fields[:3] == [("event", event.__struct_config__.tag), ("seq", seq), ("at", at)]
    assert fields[3:] == list(msgspec.json.decode(msgspec.json.encode(event)).items())[1:]


@pytest.mark.parametrize(
    ("event", "body"),
    [
        (
            Said(KARI, 2, "Hugging seems great!", "c2"),
            '{"event":"said","seq":51,"at":9,"name":"Kari","turn":2,"text":"Hugging seems great!","cid":"c2"}',
        ),
        (Said(KARI, None, "æ"), '{"event":"said","seq":51,"at":9,"name":"Kari","turn":null,"text":"æ"}'),
        (Paused(), '{"event":"paused","seq":51,"at":9}'),
        (
            FloorGranted(KARI, 2, 39, 0.5),
            '{"event":"floor_granted","seq":51,"at":9,"name":"Kari","turn":2,"deadline":39,"seconds":0.5}',
        ),
        (FloorGranted(KARI, 2), '{"event":"floor_granted","seq":51,"at":9,"name":"Kari","turn":2}'),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_entry_is_the_line_of_the_protocol(event: Event, body: str) -> None:
    """To the byte; nothing but the turn of words in an open room is ever null."""
    assert encode_event(event, 51, 9) == body.encode()


@given(any_of(Event))
def test_nothing_but_an_open_rooms_turn_is_null(event: Event) -> None:
    """What is absent is left out, so that there is one way to say nothing."""
    fields = msgspec.json.decode(encode_event(event, 1, 0))
    may_be_null = {"turn"} if isinstance(event, Said) else set()

    assert {field for field, value in fields.items() if value is None} <= may_be_null


def test_a_rooms_first_event_tells_all_its_rules() -> None:
    """Defaults may change with a version, and an old room must not change with them."""
    fields = msgspec.json.decode(encode_event(RoomOpened(MAIN, Rules(), "s"), 1, NOON))

    assert set(fields["rules"]) == set(Rules.__struct_fields__)


def test_an_event_of_a_newer_server_may_say_more() -> None:
    """Unknown fields are ignored by both sides."""
    assert decode_event(b'{"event":"passed","seq":1,"at":2,"name":"Kari","turn":3,"new":{}}') == (
        Passed(KARI, 3),
        Stamp(seq=1, at=2),
    )


@pytest.mark.parametrize(
    "body",
    [
        b'{"event":"new","seq":1,"at":2}',
        b'{"event":"paused"}',
        b'{"event":"paused","seq":1}',
        b'{"event":"paused","seq":"1","at":2}',
        b'{"event":"passed","seq":1,"at":2,"name":"Kari"}',
        b'{"event":"said","seq":1,"at":2,"name":"\xff","turn":1,"text":"hi"}',
        b'{"event":"paused","x":' + b"[" * 100_000,
        b'{"event"',
    ],
    ids=lambda body: repr(body)[:60],
)
def test_what_is_no_event_is_malformed(body: bytes) -> None:
    """A newer event, a broken log, a broken server: one error, and never Python's own."""
    for decode in (decode_event, decode_line):
        with pytest.raises(BadFrame, match=r"^This is not an event: .*[^.]\.$") as caught:
            decode(body)
        assert caught.value.reason is Reason.MALFORMED


@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda rest: b'{"event"' + rest))
def test_any_bytes_are_a_line_of_a_server_or_malformed(line: bytes) -> None:
    """A client must not die of what it reads either."""
    read = attempt(decode_line, line)

    assert isinstance(read, tuple | Reply) or read is Reason.MALFORMED


def test_everybody_reads_the_entry_itself() -> None:
    """Encoded once, for the log and for all readers, one's own event included: it is the receipt."""
    change = a_change(a_room(), Unpaused(), body=b'{"event":"unpaused"}')

    assert JSON_LINES.line(change, None) == JSON_LINES.line(change, KARI) == b'{"event":"unpaused"}\n'
    assert (JSON_LINES.name, JSON_LINES.needs_room) == ("json", False)


def test_the_depth_that_is_let_through_is_far_below_pythons() -> None:
    """Else a line could meet the interpreter's own limit first."""
    assert sys.getrecursionlimit() > 4 * MAX_DEPTH
