"""Entries of the log as the events that they are."""

from __future__ import annotations

import pytest

from moothall.engine.events import HostSaid
from moothall.engine.names import RoomName, Seq
from moothall.errors import DataCorrupt
from moothall.hall.entries import decoded
from moothall.log.room_log import Entry
from moothall.wire.json_lines import Stamp, encode_event

MAIN = RoomName("main")
HELLO = HostSaid("Host", "Hello.")


def test_an_entry_is_its_event_with_its_seq_and_time() -> None:
    """As it was written."""
    assert decoded(Entry(MAIN, Seq(3), encode_event(HELLO, 3, 7))) == (HELLO, Stamp(3, 7))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{}", "Entry 3 of room main cannot be read"),
        (encode_event(HELLO, 4, 7), "Entry 3 of room main says that it is 4"),
    ],
)
def test_what_is_no_entry_of_its_place_is_damage(body: bytes, words: str) -> None:
    """Rather no room than a wrong one."""
    with pytest.raises(DataCorrupt, match=words):
        decoded(Entry(MAIN, Seq(3), body))
