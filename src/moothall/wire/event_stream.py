"""The web door's stream of events: entries and replies as messages of `text/event-stream`.

Normative: docs/protocol/web.md §8; WHATWG HTML §9.2 says what a message is. An entry is one line of JSON, so a message
has one line of data.
"""

from __future__ import annotations

from typing import Final

from moothall.wire.change import Change, Dialect
from moothall.wire.json_lines import encode_line, seq_of
from moothall.wire.replies import Reply

__all__ = ["COMMENT", "RETRY", "chunk", "encode_reply", "event_stream", "read_id"]

RETRY: Final = b"retry: 1000\n"
"""Milliseconds after which a browser that has lost the stream asks for it again."""

COMMENT: Final = b":\n\n"


def event_stream(epoch: str) -> Dialect:
    """Return the dialect of a log with this epoch: each message's id says where in which log it stands."""
    opening = f"id: {epoch}.".encode()

    def encode(change: Change) -> bytes:
        return b"%b%d\ndata: %b\n\n" % (opening, seq_of(change.body), change.body)

    return Dialect("events", encode, needs_room=False)


def encode_reply(reply: Reply) -> bytes:
    """Write a reply as a message. It has no id: a browser that comes back goes on after the last event."""
    return b"data: %b\n" % encode_line(reply)


def chunk(data: bytes) -> bytes:
    """Frame a part of an answer whose length is not known beforehand (RFC 9112 §7.1); empty data would end it."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def read_id(text: str) -> tuple[str, int]:
    """Return the epoch and the seq of a message's id. What is no id is of no epoch, and so of none that is known."""
    epoch, _, seq = text.strip().rpartition(".")
    return (epoch, int(seq)) if seq.isascii() and seq.isdecimal() and len(seq) < 20 else ("", 0)
