"""What the verbs that read the data folder have in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from moothall.cli.data import bodies, find_room, opened_data
from moothall.engine.names import RoomName, Seq
from moothall.errors import MoothallError
from moothall.log.room_log import RoomSummary
from tests.cli.folders import a_server, add
from tests.views.logs import JOINS, bodies_of


def test_what_comes_while_it_is_read_is_left_out(tmp_path: Path) -> None:
    """A busy server can't keep a reader reading for ever."""
    told = bodies_of(*JOINS)
    server = a_server(tmp_path, main=told[:3])

    with opened_data(tmp_path) as (reader, (room,)):
        add(server, "main", told[3:], after=3)
        read = list(bodies(reader, room))

    assert read == told[:3]
    server.close()


def test_of_many_rooms_an_error_names_some() -> None:
    """Ten thousand names help nobody."""
    rooms = [RoomSummary(RoomName(f"r{number}"), False, Seq(1)) for number in range(23)]

    with pytest.raises(MoothallError, match=r"^There is no room lab, only r0, r1, .*, r19 and 3 more\.$"):
        find_room(rooms, "lab")
