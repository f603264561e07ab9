"""Reading a whole log: of each room, and of the file, whether it is what was written."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from moothall.cli.examine import Finding, counted, examine, size_of
from moothall.engine.names import RoomName, Seq
from moothall.log.reader import open_reader
from moothall.log.room_log import Base, Batch, Cut, RoomMark
from moothall.wire.base import encode_base
from tests.cli.folders import a_folder, a_server, add
from tests.cli.spoiling import change, change_bytes, spoil_free_pages, two_rooms
from tests.log.old_logs import a_released_folder
from tests.views.logs import SITTING, bodies_of, changes_of

WHOLE = bodies_of(*SITTING)
MAIN, LAB = Finding("main", 13, 1), Finding("lab", 7, 0)
"""What is found of a whole sitting, and of one that goes on."""


def found(folder: Path, noted_row: int = 0) -> list[Finding]:
    with closing(open_reader(folder)) as reader:
        return list(examine(reader, noted_row))


def test_of_sound_data_each_room_is_a_finding(tmp_path: Path) -> None:
    """How much there is, and how many sittings are over: what a user can compare with what they remember."""
    assert found(two_rooms(tmp_path)) == [MAIN, LAB]


def test_data_of_an_older_version_is_as_good(tmp_path: Path) -> None:
    """Whoever upgrades may look first."""
    assert found(a_released_folder(tmp_path)) == [Finding("main", 23, 1), Finding("lab", 13, 0)]


def test_a_log_without_rooms_has_nothing_to_find(tmp_path: Path) -> None:
    """A server that nobody came to."""
    assert found(a_folder(tmp_path)) == []


def test_what_comes_while_it_looks_is_left_out(tmp_path: Path) -> None:
    """A server that goes on is not taken for one whose data is damaged."""
    server = a_server(tmp_path, lab=bodies_of(*SITTING, name="lab"), main=WHOLE[:2])
    server.commit(Batch(marks=[RoomMark(RoomName("main"), open=True)]))
    with closing(open_reader(tmp_path)) as reader:
        looking = examine(reader)
        first = next(looking)
        add(server, "main", WHOLE[2:], after=2)
        server.commit(Batch(marks=[RoomMark(RoomName("main"), open=False)]))
        rest = list(looking)
    server.close()

    assert [first, *rest] == [Finding("lab", 13, 1), Finding("main", 2, 0)]


@pytest.mark.parametrize("kept", [8, 13])
def test_of_a_room_whose_past_was_forgotten_the_rest_is_looked_at(tmp_path: Path, kept: int) -> None:
    """From what the room was then; where all of it is forgotten there is nothing more to look at."""
    server = a_server(tmp_path, main=WHOLE)
    room = changes_of(*SITTING)[kept - 1].after
    server.commit(Batch(cuts=[Cut(RoomName("main"), Base(Seq(kept), encode_base(room)))]))
    server.close()

    assert found(tmp_path) == [Finding("main", 13 - kept, int(kept < 13))]


def test_a_changed_entry_is_found_and_the_other_rooms_are_sound(tmp_path: Path) -> None:
    """What was read before it counts; what the damage is says where it is."""
    folder = two_rooms(tmp_path)
    change_bytes(folder, b"Why, no.", b"Why, yo.")

    damaged, sound = found(folder)

    assert damaged.damage == "The log of room main is not what was written, at seq 1."
    assert sound == LAB


@pytest.mark.parametrize(
    ("statement", "damage"),
    [
        ("UPDATE room SET open = 1 WHERE name = 'main'", "Whether room main has a sitting is noted wrongly."),
        ("UPDATE entry SET body = 7 WHERE id = 1", "The log of room main is not what was written."),
        ("DELETE FROM entry WHERE id = 1", "The log of room main is not what was written, at seq 10."),
        ("UPDATE room SET last_seq = 3 WHERE name = 'main'", "The log of room main is not what was written, at seq 3."),
        ("UPDATE entry SET body = 7 WHERE id = 3", "The log of room main is not what was written."),
    ],
)
def test_what_does_not_fit_together_is_found(tmp_path: Path, statement: str, damage: str) -> None:
    """Each row may be right, and the whole of them not."""
    folder = two_rooms(tmp_path)
    change(folder, statement)

    assert [finding.damage for finding in found(folder) if finding.damage] == [damage]


def test_a_log_that_makes_no_sense_is_found(tmp_path: Path) -> None:
    """Checksums say that it is what was written, and not that it is a conversation."""
    (nonsense,) = found(a_folder(tmp_path, main=WHOLE[:3] + WHOLE[4:]))

    assert nonsense.damage
    assert nonsense.entries == 3


def test_an_event_of_a_newer_version_is_found(tmp_path: Path) -> None:
    """It is not damaged, and yet no reader of this version gets past it."""
    (newer,) = found(a_folder(tmp_path, main=[*WHOLE[:5], b'{"event":"sung","seq":6,"at":1}']))

    assert newer == replace(newer, what="main", entries=5)
    assert "does not know" in newer.damage


def test_what_is_wrong_with_the_file_itself_is_found(tmp_path: Path) -> None:
    """Also where every word of it can still be read."""
    folder = two_rooms(tmp_path)
    spoil_free_pages(folder)

    damaged, *rooms = found(folder)

    assert damaged.what == "the file"
    assert damaged.damage.startswith("The file is damaged: ")
    assert rooms == [MAIN, LAB]


@pytest.mark.parametrize(("more", "damage"), [(1, "The newest 1 row that"), (3, "The newest 3 rows that")])
def test_rows_that_a_server_had_stored_and_that_are_gone_are_found(tmp_path: Path, more: int, damage: str) -> None:
    """The file alone looks whole: it only ends too early."""
    folder = two_rooms(tmp_path)  # of three rows

    missing, *rooms = found(folder, noted_row=3 + more)

    assert (missing.what, missing.damage) == ("the end", f"{damage} a server had stored are missing.")
    assert rooms == [MAIN, LAB]
    assert found(folder, noted_row=3) == [MAIN, LAB]


def test_where_no_room_can_be_found_that_is_all(tmp_path: Path) -> None:
    """One sentence instead of none."""
    folder = two_rooms(tmp_path)
    change(folder, "UPDATE room SET last_row = -1")

    (damaged,) = found(folder)

    assert (damaged.what, bool(damaged.damage)) == ("the rooms", True)


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, ("0 rooms", "0 entries")), (1, ("1 room", "1 entry")), (1204, ("1,204 rooms", "1,204 entries"))],
)
def test_a_number_of_things_is_said_as_people_do(number: int, words: tuple[str, str]) -> None:
    """One is one."""
    assert (counted(number, "room"), counted(number, "entry", "entries")) == words


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (36_864, "36.9 KB"),
        (4_000_000, "4 MB"),
        (7.5e9, "7.5 GB"),
        (2e12, "2e+03 GB"),
    ],
)
def test_a_size_is_said_as_people_do(size: float, said: str) -> None:
    """Three digits are enough."""
    assert size_of(size) == said
