"""A room's entries as messages of a stream: one line of data each, and an id to come back with."""

from __future__ import annotations

import h11
import pytest

from moothall.engine.events import Said
from moothall.engine.evolve import empty_room
from moothall.engine.names import Name, RoomName
from moothall.wire.change import Change
from moothall.wire.event_stream import COMMENT, RETRY, chunk, encode_reply, event_stream, read_id
from moothall.wire.json_lines import encode_event
from moothall.wire.replies import Pong

ROOM = RoomName("main")


def said(text: str) -> Change:
    """An entry as it is read back from the log, for a dialect that needs no room."""
    event, nowhere = Said(Name("Kari"), 2, text), empty_room(ROOM)
    return Change(event, nowhere, nowhere, encode_event(event, 42, 9))


@pytest.mark.parametrize("text", ["Hi", "two\nlines", "a\r\rb", "\u2028 \u2029", "data: x\n\nid: 7"])
def test_an_entry_is_one_message_whatever_was_said(text: str) -> None:
    """JSON has no line breaks of its own, so nobody's words can end the line."""
    change = said(text)
    line = event_stream("e_51").line(change, None)

    assert line == b"id: e_51.42\ndata: " + change.body + b"\n\n"
    assert line == event_stream("e_51").line(change, Name("Kari"))
    assert not any(byte in b"\r\n" for byte in change.body)


def test_a_reply_has_no_id() -> None:
    """A browser that comes back goes on after the last event, not after an answer."""
    assert encode_reply(Pong()) == b'data: {"reply":"pong"}\n\n'


def test_what_is_no_message_is_ignored_by_every_reader() -> None:
    """WHATWG HTML section 9.2.6: a line that begins with a colon; a field and nothing to dispatch."""
    assert COMMENT.startswith(b":")
    assert RETRY == b"retry: 1000\n"


def test_an_id_says_where_in_which_log() -> None:
    """It comes back as it was sent."""
    assert read_id("e_51.42") == ("e_51", 42)
    assert read_id(" e_5.1.42 ") == ("e_5.1", 42)


@pytest.mark.parametrize("text", ["", "42", "e_51", "e_51.", "e_51.-1", "e_51.x", "e_51.\u0663", f"e.{'9' * 20}", "."])
def test_what_is_no_id_is_of_no_epoch(text: str) -> None:
    """Its reader is told that reading starts anew, and misses nothing unknowingly."""
    assert read_id(text)[0] == ""


@pytest.mark.parametrize("size", [1, 15, 16, 40_000])
def test_a_chunk_says_how_long_it_is(size: int) -> None:
    """As h11 frames the same data."""
    peer = h11.Connection(h11.CLIENT)
    peer.send(h11.Request(method="GET", target="/", headers=[("Host", "localhost")]))
    peer.send(h11.EndOfMessage())
    peer.receive_data(b"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(b"x" * size) + chunk(b"Hei"))
    assert isinstance(peer.next_event(), h11.Response)

    parts = [peer.next_event() for _ in range(2)]
    assert [bytes(part.data) for part in parts if isinstance(part, h11.Data)] == [b"x" * size, b"Hei"]
