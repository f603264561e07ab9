"""Where a replay begins."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from moothall.engine.evolve import empty_room
from moothall.engine.names import RoomName, Seq
from moothall.errors import DataCorrupt
from moothall.hall.bases import replay_start, room_at
from moothall.log.memory import MemoryLog
from moothall.log.room_log import Base, Batch, Cut, Entry
from moothall.wire.base import encode_base
from tests.log.disk import batch_of

MAIN = RoomName("main")
ROOM = replace(empty_room(MAIN), seq=2, sitting=7)


def test_a_room_whose_past_is_kept_begins_empty() -> None:
    """So does one that nobody knows."""
    assert replay_start(MemoryLog(), MAIN) == empty_room(MAIN)


def test_a_room_whose_past_was_cut_begins_with_what_it_was() -> None:
    """Its numbers go on."""
    log = MemoryLog()
    log.commit(batch_of([Entry(MAIN, Seq(seq), b"{}") for seq in (1, 2, 3)]))
    log.commit(Batch(cuts=[Cut(MAIN, Base(Seq(2), encode_base(ROOM)))]))

    assert replay_start(log, MAIN) == ROOM


@pytest.mark.parametrize(
    "base",
    [
        Base(Seq(2), b"{}"),
        Base(Seq(3), encode_base(ROOM)),
        Base(Seq(2), encode_base(replace(ROOM, name=RoomName("lab")))),
    ],
    ids=["no room", "another seq", "another room"],
)
def test_a_base_that_is_not_this_rooms_is_damage(base: Base) -> None:
    """What followed would be told wrongly."""
    with pytest.raises(DataCorrupt, match="main"):
        room_at(base, MAIN)
