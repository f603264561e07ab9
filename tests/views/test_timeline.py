"""A log is read as what each of its entries changed; one that does not add up is told as it is."""

from __future__ import annotations

from itertools import pairwise

import pytest

from moothall.engine.commands import Join, Say
from moothall.engine.events import CameBack, HostSaid, RoomOpened
from moothall.errors import DataCorrupt, DataTooNew
from moothall.views.timeline import changes, replay_bodies
from moothall.wire.json_lines import encode_event
from tests.engine.past import KARI, LARS, NOON, OLA, play, talking
from tests.views.logs import JOINS, SITTING, TWO, bodies_of


def test_each_change_begins_where_the_one_before_it_ended() -> None:
    """So that a view may compare the two rooms and miss nothing."""
    told = list(changes(bodies_of(*SITTING)))

    assert all(before.after is after.before for before, after in pairwise(told))


def test_before_the_opening_there_is_an_empty_room() -> None:
    """So that even the first change can be read like any other."""
    opening = next(changes(bodies_of()))

    assert isinstance(opening.event, RoomOpened)
    assert (opening.before.name, opening.before.seq, opening.after.rules) == ("main", 0, TWO)


def test_a_change_carries_its_entry() -> None:
    """Whoever shows entries as they are kept need not write them again; seq and time are those of the room."""
    bodies = bodies_of(*SITTING)

    last = list(changes(bodies))[-1]

    assert (last.body, last.after.seq, last.after.at) == (bodies[-1], len(bodies), NOON + 3_001)


def test_the_last_room_is_the_live_one() -> None:
    """A replay gives what the server had."""
    room = talking(LARS, KARI)

    assert replay_bodies(bodies_of((0, Join(LARS)), (0, Join(KARI)), rules=TWO)) == room


def test_a_log_goes_on_from_its_room() -> None:
    """Nothing of the state is lost on the way through the bytes."""
    room = replay_bodies(bodies_of(*JOINS))

    assert play(room, Say(LARS, "Sure!")).holder == KARI


def test_nothing_is_no_log() -> None:
    """Even a room in which nothing happened has been opened."""
    with pytest.raises(DataCorrupt, match="has no entry"):
        replay_bodies([])


def test_an_entry_of_a_later_version_is_told() -> None:
    """It is no event that we know, and guessing would show a wrong room."""
    later = b'{"event":"floor_denied","seq":2,"at":0,"name":"Kari"}'

    with pytest.raises(DataTooNew, match="The log of room main, after seq 1, has an entry of a kind"):
        list(changes([*bodies_of(), later]))


def test_a_first_entry_of_a_later_version_is_told() -> None:
    """There the room has no name yet."""
    with pytest.raises(DataTooNew, match="The log of a room, after seq 0, has"):
        list(changes([b"{}"]))


def test_a_log_begins_with_its_opening() -> None:
    """Without its rules a room means nothing."""
    with pytest.raises(DataCorrupt, match="does not begin with its opening"):
        list(changes([encode_event(HostSaid("Host", "Hello."), 1, NOON)]))


def test_a_gap_is_told() -> None:
    """Seqs run from 1 without gaps; a missing entry is never passed over in silence."""
    opened, _, *others = bodies_of(*JOINS)

    with pytest.raises(DataCorrupt, match="The log of room main has a gap before seq 3"):
        list(changes([opened, *others]))


def test_what_cannot_have_happened_is_told() -> None:
    """Nobody comes back to a seat that they never had."""
    with pytest.raises(DataCorrupt, match="says what can't have happened, at seq 2"):
        list(changes([*bodies_of(), encode_event(CameBack(OLA), 2, NOON)]))
