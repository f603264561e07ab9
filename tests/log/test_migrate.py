"""An older version's data is brought up to date: whole or not at all, a copy beside it, no word said differently."""

from __future__ import annotations

from pathlib import Path

import pytest

from moothall.engine.names import Name, RoomName, Seq
from moothall.engine.words import OnMissed
from moothall.errors import StorageError
from moothall.hall.clerk import key_digest
from moothall.log.folder import DATABASE
from moothall.log.migrate import copy_before
from moothall.log.reader import open_reader
from moothall.log.room_log import Durability, Entry
from moothall.log.schema import SCHEMA
from moothall.log.sqlite import open_log
from moothall.views.timeline import replay_bodies
from tests.e2e.processes import MOOTHALL, a_guest, program
from tests.log.disk import MAIN, Disk, batch_of
from tests.log.old_logs import EPOCH, KEYS, STOPPED_AT, a_released_folder, entries_of, tables_of

COPY = "moothall-schema-1.db"
"""What the copy of 0.1.0's data is called."""


def schema_in(folder: Path) -> int:
    reader = open_reader(folder)
    try:
        return reader.schema
    finally:
        reader.close()


def test_every_entry_is_the_same_byte_for_byte(tmp_path: Path) -> None:
    """With its row and its checksum: what was said is not written anew."""
    folder = a_released_folder(tmp_path)
    before, rows = entries_of(folder), tables_of(folder / DATABASE)

    open_log(folder, noted_row=0).close()

    after = tables_of(folder / DATABASE)
    assert (schema_in(folder), entries_of(folder)) == (SCHEMA, before)
    assert {room: len(bodies) for room, bodies in before.items()} == {"main": 23, "lab": 13}
    assert {name: after[name] for name in rows if name != "meta"} == {
        name: rows[name] for name in rows if name != "meta"
    }


def test_what_it_was_stands_beside_it(tmp_path: Path) -> None:
    """Whoever wants to go back to the older version has the data that it knows."""
    folder = a_released_folder(tmp_path)
    before = tables_of(folder / DATABASE)

    open_log(folder).close()

    assert copy_before(folder / DATABASE, 1) == folder / COPY
    assert tables_of(folder / COPY) == before
    assert sorted(path.name for path in folder.glob("*.db*")) == [COPY, DATABASE]


def test_it_is_said_that_the_data_is_brought_up_to_date(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With where the copy is: it is for the operator to delete."""
    open_log(a_released_folder(tmp_path)).close()

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert f"schema=1 to={SCHEMA} copy={tmp_path / COPY}" in caplog.text


def test_it_is_done_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The next start finds it done, and leaves the copy alone, or where it was put."""
    folder = a_released_folder(tmp_path)
    open_log(folder).close()
    (folder / COPY).unlink()
    before = tables_of(folder / DATABASE)
    caplog.clear()

    open_log(folder).close()

    assert tables_of(folder / DATABASE) == before
    assert (caplog.records, (folder / COPY).exists()) == ([], False)


def test_the_keys_still_open_their_seats(tmp_path: Path) -> None:
    """An upgrade is a restart: nobody loses their seat by it."""
    log = open_log(a_released_folder(tmp_path), noted_row=0)

    held = {(room, name): log.held(room).keys.get(name) for room, name in KEYS}
    log.close()

    assert held == {seat: key_digest(key) for seat, key in KEYS.items()}


def test_cursors_of_before_hold_on(tmp_path: Path) -> None:
    """Nothing is gone, so the epoch is the same."""
    log = open_log(a_released_folder(tmp_path), noted_row=0)
    log.close()

    assert log.epoch == EPOCH


def test_the_log_goes_on_where_it_ended(tmp_path: Path) -> None:
    """New rows follow the old ones in their chain."""
    folder = a_released_folder(tmp_path)
    before = entries_of(folder)[MAIN]
    log = open_log(folder)
    log.commit(batch_of([Entry(MAIN, Seq(seq), b"{}") for seq in (24, 25)]))
    log.close()

    assert entries_of(folder)[MAIN] == [*before, b"{}", b"{}"]


WHOLE_BEFORE = ("BEGIN", "CREATE", "INSERT", "COMMIT")
"""Statements of the step: while one of them fails, the data is the old one."""


@pytest.mark.parametrize("is_killed", [False, True], ids=["fails", "killed"])
@pytest.mark.parametrize(
    ("before", "after"),
    [*(({word}, set()) for word in WHOLE_BEFORE), (set(), {"BEGIN"}), (set(), {"CREATE"}), (set(), {"COMMIT"})],
    ids=lambda words: "+".join(words) or "-",
)
def test_cut_short_it_is_done_at_the_next_start(
    tmp_path: Path, before: set[str], after: set[str], is_killed: bool
) -> None:
    """The data is the old one as a whole, or the new one; the old one is in the copy besides."""
    folder = a_released_folder(tmp_path)
    rows, entries = tables_of(folder / DATABASE), entries_of(folder)
    disk = Disk()
    disk.fails_before, disk.fails_after = before, after

    with pytest.raises(StorageError):
        open_log(folder, connect=disk.connect)
    if is_killed:
        disk.cut()
    cut_short = tables_of(folder / DATABASE)
    schema = schema_in(folder)
    open_log(folder).close()

    # A COMMIT whose answer alone is lost has been done.
    assert schema == (SCHEMA if after == {"COMMIT"} else 1)
    assert schema == SCHEMA or cut_short == rows
    assert (schema_in(folder), entries_of(folder)) == (SCHEMA, entries)
    assert tables_of(folder / COPY) == rows


def test_without_its_copy_nothing_is_touched(tmp_path: Path) -> None:
    """A disk without space for the copy has none for mishaps either."""
    folder = a_released_folder(tmp_path)
    (folder / COPY).mkdir()
    before = (folder / DATABASE).read_bytes()

    with pytest.raises(StorageError, match=rf"{COPY} can't be written"):
        open_log(folder)

    assert (folder / DATABASE).read_bytes() == before
    assert list(folder.glob("*.part")) == []


def test_a_copy_that_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    """The process may end in the middle of it."""
    folder = a_released_folder(tmp_path)
    rows = tables_of(folder / DATABASE)
    (folder / f"{COPY}.x1.part").write_bytes(b"SQLite format 3\0 and no more")

    open_log(folder).close()

    assert tables_of(folder / COPY) == rows
    assert list(folder.glob("*.part")) == []


def test_who_only_reads_leaves_older_data_as_it_is(tmp_path: Path) -> None:
    """`moothall log` of the new version beside data that is still to be served by the old one."""
    folder = a_released_folder(tmp_path)
    before = (folder / DATABASE).read_bytes()

    reader = open_reader(folder)
    rooms = {room.room: (room.first_seq, room.last_seq, room.open) for room in reader.rooms()}
    bases = [reader.base(room) for room in rooms]
    reader.close()

    assert rooms == {"main": (1, 23, True), "lab": (1, 13, True)}
    assert bases == [None, None]
    assert (folder / DATABASE).read_bytes() == before
    assert not (folder / COPY).exists()


def test_a_log_in_memory_has_no_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is always new."""
    monkeypatch.chdir(tmp_path)

    open_log(None, Durability.NONE).close()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("room", ["main", "lab"])
def test_a_room_of_the_first_version_keeps_its_rules(tmp_path: Path, room: str) -> None:
    """It knew no bench: a sitting that was opened without one goes on without one."""
    folder = a_released_folder(tmp_path)
    open_log(folder).close()

    rules = replay_bodies(entries_of(folder)[RoomName(room)]).rules

    assert (rules.on_missed, rules.until, rules.rounds) == (OnMissed.NONE, "rounds=2", 2)


async def test_a_server_goes_on_in_the_turn_in_which_the_older_one_stopped(tmp_path: Path) -> None:
    """Ola comes back to her seat with the key of the older version, and the sitting ends as it would have."""
    folder = a_released_folder(tmp_path)
    key = KEYS[MAIN, Name("Ola")]
    async with program(*MOOTHALL, "serve", "--port", "0", "--data", folder) as server:
        *told, opening = await server.until("Moothall is open")
        async with a_guest(int(opening.partition("on port ")[2].partition(".")[0])) as ola:
            ola.ask(do="join", name="Ola", key=key, epoch=EPOCH, after=23)
            resumed = await ola.until_frame(reply="resumed")
            reopened = await ola.until_frame(event="reopened")
            ola.ask(do="say", text="second", turn=4, cid="c1")
            await ola.until_frame(event="said", cid="c1", turn=4)
            await ola.until_frame(event="floor_granted", name="Kari")
            server.type("skip")  # she does not come back
            again = await ola.until_frame(event="floor_granted", name="Ola")
            ola.ask(do="say", text="third", turn=again["turn"], cid="c2")
            closed = await ola.until_frame(event="sitting_closed")

    assert [line.partition(" schema=")[0] for line in told] == [
        "WARNING moothall.log.migrate: log is brought up to date"
    ]
    assert (resumed["holder"], resumed["turn"], resumed["seat"]) == ("Ola", 4, 2)
    # The turn had an hour, and time without a server does not count.
    assert (reopened["turn"], reopened["deadline"] - reopened["at"]) == (4, 1795387625665 - STOPPED_AT)
    assert (again["turn"], closed["reason"]) == (6, "done")
