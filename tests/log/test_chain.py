"""How entries become rows, and what a damaged row looks like to a reader."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from moothall.errors import Conflict, DataCorrupt
from moothall.log.chain import MAX_ROW_ENTRIES, MILESTONE_ENTRIES, ROW_VALUES, Draft, Tail, checksum, lay_out, new_tail
from moothall.log.reader import open_reader
from moothall.log.room_log import Durability
from moothall.log.sqlite import SqliteLog, open_log
from tests.log.disk import LAB, MAIN, batch_of, run_of, said

FRESH = {MAIN: new_tail(1, MAIN), LAB: new_tail(2, LAB)}
"""Where the chains of rooms without entries end."""


def shape(draft: Draft) -> list[list[int | bytearray]]:
    """Return id, room, first seq, count and row before of each row."""
    return [draft.values[start : start + 5] for start in range(0, len(draft.values), ROW_VALUES)]


def test_what_a_room_has_in_a_batch_is_one_row() -> None:
    """A turn is two or three entries, committed together: one row costs a third of three."""
    draft = lay_out(batch_of([said(1), said(2), said(3), said(1, room=LAB)]).runs, FRESH, 10)

    assert shape(draft) == [[11, 1, 1, 3, 0], [12, 2, 1, 1, 0]]


def test_a_row_names_the_one_before_it() -> None:
    """By that a room is read without an index."""
    tails = lay_out(batch_of([said(1), said(2), said(1, room=LAB)]).runs, FRESH, 10).tails

    draft = lay_out(batch_of([said(2, room=LAB), said(3)]).runs, tails, 12)
    assert shape(draft) == [[13, 2, 2, 1, 12], [14, 1, 3, 1, 11]]


def test_a_long_run_is_cut() -> None:
    """A read fetches whole rows, so none may be a page of its own."""
    draft = lay_out(batch_of(run_of(1, 2 * MAX_ROW_ENTRIES + 1)).runs, FRESH, 10)

    assert draft.values[3::ROW_VALUES] == [MAX_ROW_ENTRIES, MAX_ROW_ENTRIES, 1]


def test_milestones_stand_at_even_distances() -> None:
    """A read starts at the first one behind what it wants, so it walks at most one distance too far."""
    draft = lay_out(batch_of(run_of(1, 5 * MILESTONE_ENTRIES)).runs, FRESH, 0)

    lasts = [last for _, last, _ in draft.milestones]
    assert lasts == [MILESTONE_ENTRIES * n for n in range(1, 6)]


def test_a_checksum_is_the_same_for_ever() -> None:
    """Also of numbers that no log has come to yet: only their lowest bits count."""
    assert checksum(0x89ABCDEF, 2**40 + 3, 2**41 + 5, b"{}") == 1915407902


@pytest.mark.parametrize("before", [0, 2**41 + 5])
def test_a_row_is_laid_out_with_its_checksum(before: int) -> None:
    """The reader reckons it anew."""
    tail = Tail(1, 0x89ABCDEF, before, 7)
    check, body = lay_out(batch_of([said(8)]).runs, {MAIN: tail}, before).values[-2:]

    assert isinstance(body, bytearray)
    assert check == checksum(tail.seed, 8, before, body)


def test_a_conflict_says_which_seq_was_due() -> None:
    """It is a bug of ours, and whoever looks for it needs both numbers."""
    with pytest.raises(Conflict, match="lab has the seq 1, not 4"):
        lay_out(batch_of([said(1), said(4, room=LAB)]).runs, FRESH, 0)


def written(folder: Path) -> SqliteLog:
    """A log of 100 entries, in rows of four."""
    log = open_log(folder, Durability.CRASH)
    assert isinstance(log, SqliteLog)
    for first in range(1, 101, 4):
        log.commit(batch_of([*run_of(first, first + 3), *run_of(first, first + 3, LAB)]))
    return log


def change(folder: Path, statement: str) -> None:
    """Change the file behind the log's back."""
    connection = sqlite3.connect(folder / "moothall.db", isolation_level=None)
    connection.execute(statement)
    connection.close()


DAMAGE = {
    "a letter": "UPDATE entry SET body = CAST(replace(CAST(body AS TEXT), 'Hello', 'Jello') AS BLOB) WHERE id = 5",
    "a seq": "UPDATE entry SET seq = seq + 1 WHERE id = 5",
    "a count": "UPDATE entry SET count = 3 WHERE id = 5",
    "the row before": "UPDATE entry SET before = 1 WHERE id = 5",
    "the checksum": "UPDATE entry SET checksum = checksum + 1 WHERE id = 5",
    "a row that is gone": "DELETE FROM entry WHERE id = 5",
    "rows of two rooms that changed places": "UPDATE entry SET room = 2, body = (SELECT body FROM entry WHERE id = 6),"
    " checksum = (SELECT checksum FROM entry WHERE id = 6) WHERE id = 5",
}


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_found_by_whoever_reads_it(tmp_path: Path, what: str) -> None:
    """The sentence names the room and the seq; the rest of the log is still readable."""
    log = written(tmp_path)
    change(tmp_path, DAMAGE[what])

    with pytest.raises(DataCorrupt, match=r"room main .* seq (5|9|1\d)\."):
        log.read(MAIN, after=0)
    assert log.read(MAIN, after=40) == run_of(41, 100)
    assert log.read(LAB, after=0) == run_of(1, 100, LAB)
    log.close()


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_among_the_newest_rows_is_found_at_the_start(tmp_path: Path, what: str) -> None:
    """They are looked through to find where the chains end: a server must not go on from a wrong end."""
    log = written(tmp_path)
    change(tmp_path, DAMAGE[what])
    log.abandon()

    with pytest.raises(DataCorrupt, match=r"room (main|lab) .* seq"):
        open_log(tmp_path, Durability.CRASH)
    reader = open_reader(tmp_path)
    rooms = [room.room for room in reader.rooms()]
    with pytest.raises(DataCorrupt):
        [reader.read(room, after=0) for room in rooms]
    reader.close()


def test_an_entry_of_a_room_that_is_gone_is_damage(tmp_path: Path) -> None:
    """Somebody has been at the file."""
    log = written(tmp_path)
    change(tmp_path, "DELETE FROM room WHERE name = 'lab'")
    log.abandon()

    with pytest.raises(DataCorrupt, match="does not know"):
        open_log(tmp_path, Durability.CRASH)


def test_a_chain_that_bites_its_tail_ends_all_the_same(tmp_path: Path) -> None:
    """A damaged file may stop a room, never a server."""
    log = written(tmp_path)
    change(tmp_path, "UPDATE entry SET before = 9 WHERE id = 5")

    with pytest.raises(DataCorrupt):
        log.read(MAIN, after=0)
    log.close()


def test_a_newest_row_that_is_gone_is_damage(tmp_path: Path) -> None:
    """The log never shrinks."""
    log = written(tmp_path)
    change(tmp_path, "DELETE FROM entry")

    with pytest.raises(DataCorrupt, match="seq 100"):
        log.read(MAIN, after=97)
    log.close()
