"""The state of a room, written down where its beginning was forgotten."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given

from moothall.engine.commands import GoAway
from moothall.errors import BadFrame, Reason
from moothall.wire.base import decode_base, encode_base
from tests.engine.histories import Life, lives
from tests.engine.past import KARI, OLA, gathering, play, talking


@given(lives())
def test_a_room_is_read_as_it_was_written(life: Life) -> None:
    """Whatever it has come to: a replay goes on from it."""
    for room in life.rooms:
        body = encode_base(room)
        assert decode_base(body) == room
        assert b"\n" not in body


def test_an_older_state_tells_who_is_away_by_the_seats_alone() -> None:
    """Since then it is also written down until when the first of them is held."""
    room = play(talking(KARI, OLA, keyed=[KARI, OLA]), GoAway(KARI), GoAway(OLA))
    fields = msgspec.json.decode(encode_base(room))
    assert fields["room"].pop("held_until") == room.held_until is not None

    assert decode_base(msgspec.json.encode(fields)) == room


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"\xff", b'{"version":1}', b'{"version":1,"room":{}}', b"[" * 100_000]
)
def test_what_is_no_state_of_a_room_is_malformed(body: bytes) -> None:
    """It comes from a file, and files get damaged."""
    with pytest.raises(BadFrame) as caught:
        decode_base(body)

    assert caught.value.reason is Reason.MALFORMED


def test_a_state_of_a_newer_version_is_not_guessed_at() -> None:
    """Its fields may mean something else."""
    with pytest.raises(BadFrame, match="version 2"):
        decode_base(encode_base(gathering()).replace(b'"version":1', b'"version":2', 1))
