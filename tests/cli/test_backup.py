"""`moothall backup` writes one file with all of the data, beside a server and without one."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from moothall.cli.examine import size_of
from moothall.engine.names import Name, RoomName
from moothall.log.folder import DATABASE
from moothall.log.reader import open_reader
from moothall.log.sqlite import open_log
from tests.cli.folders import a_folder, a_server, add, run
from tests.cli.spoiling import NEWER, change, change_bytes, two_rooms
from tests.e2e.processes import MOOTHALL, ROOT, a_guest, a_terminal, needs_terminals, program
from tests.e2e.processes import a_server as a_running_server
from tests.log.disk import batch_of, said
from tests.log.old_logs import a_released_folder, entries_of
from tests.views.logs import SITTING, bodies_of


def restored(copy: Path, folder: Path) -> Path:
    """Put a copy into a data folder, as the help says."""
    folder.mkdir()
    shutil.copyfile(copy, folder / DATABASE)
    return folder


def test_a_backup_is_said_to_be_good_when_it_was_read(tmp_path: Path) -> None:
    """With what is in it."""
    folder, copy = two_rooms(tmp_path / "data"), tmp_path / "monday.db"

    result = run("backup", copy, data=folder)

    size = size_of(copy.stat().st_size)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"Wrote {copy}: 2 rooms, 20 entries, {size}, all as it was written.\n"
    assert [path.name for path in tmp_path.iterdir() if path != folder] == ["monday.db"]


def test_what_is_put_back_is_what_was_copied(tmp_path: Path) -> None:
    """Every verb reads it, and doctor finds nothing."""
    folder, copy = two_rooms(tmp_path / "data"), tmp_path / "monday.db"
    run("backup", copy, data=folder)

    back = restored(copy, tmp_path / "back")

    assert entries_of(back) == entries_of(folder)
    assert run("rooms", data=back).stdout == run("rooms", data=folder).stdout
    assert run("doctor", data=back).stdout.splitlines()[1:] == run("doctor", data=folder).stdout.splitlines()[1:]


async def test_it_copies_beside_a_running_server(tmp_path: Path) -> None:
    """Which goes on meanwhile; the copy is what was stored when it began."""
    folder, copy = tmp_path / "data", tmp_path / "monday.db"
    async with (
        a_running_server(folder, "--seats", "2", "--topic", "hug") as server,
        a_guest(server.port, "Kari") as kari,
        a_guest(server.port, "Lars") as lars,
    ):
        await kari.until("* Your turn")
        async with program(*MOOTHALL, "backup", copy, "--data", folder) as copying:
            code, told = await copying.ends()
        kari.type("Sure!")
        await lars.until("Kari: Sure!")

    copied = entries_of(restored(copy, tmp_path / "back"))[RoomName("main")]
    now = entries_of(folder)[RoomName("main")]
    assert (code, told[0].startswith(f"Wrote {copy}: 1 room, 8 entries, ")) == (0, True)
    assert copied == now[:8]
    assert any(b"Sure!" in body for body in now[8:])


def test_what_a_server_has_not_yet_written_into_its_file_is_copied_too(tmp_path: Path) -> None:
    """So a copy made by hand, of the one file, would not have it."""
    server = a_server(tmp_path / "data", main=bodies_of(*SITTING))

    result = run("backup", tmp_path / "monday.db", data=tmp_path / "data")

    assert result.exit_code == 0
    assert b"Why, no." not in (tmp_path / "data" / DATABASE).read_bytes()
    assert b"Why, no." in (tmp_path / "monday.db").read_bytes()
    server.close()


def test_a_server_on_a_backup_has_an_epoch_of_its_own_and_keeps_it(tmp_path: Path) -> None:
    """Nobody goes on from words that the copy does not have; after a plain restart everybody does."""
    folder, copy = two_rooms(tmp_path / "data"), tmp_path / "monday.db"
    first = open_log(folder)
    run("backup", copy, data=folder)
    first.close()
    back = restored(copy, tmp_path / "back")
    epochs = []
    for where in (folder, back, back):
        log = open_log(where)
        epochs.append(log.epoch)
        log.close()

    assert epochs[0] == first.epoch != epochs[1]
    assert epochs[1] == epochs[2]


def test_going_back_in_place_gives_a_new_epoch(tmp_path: Path) -> None:
    """Beside the lock file of the server whose data it was: that one had stored more."""
    server = a_server(tmp_path / "data", main=bodies_of(*SITTING)[:8])
    run("backup", tmp_path / "monday.db", data=tmp_path / "data")
    add(server, "main", bodies_of(*SITTING)[8:], after=8)
    server.close()
    shutil.copyfile(tmp_path / "monday.db", tmp_path / "data" / DATABASE)

    log = open_log(tmp_path / "data", noted_row=2)
    log.close()

    assert log.epoch != server.epoch
    assert len(entries_of(tmp_path / "data")[RoomName("main")]) == 8


def test_data_of_the_first_version_is_copied_as_it_is(tmp_path: Path) -> None:
    """Before an upgrade, by the new version."""
    folder, copy = a_released_folder(tmp_path / "data"), tmp_path / "monday.db"

    result = run("backup", copy, data=folder)

    with closing(open_reader(restored(copy, tmp_path / "back"))) as reader:
        schema = reader.schema
    assert (result.exit_code, schema) == (0, 1)
    assert entries_of(tmp_path / "back") == entries_of(folder)


def test_the_keys_of_seats_are_in_it(tmp_path: Path) -> None:
    """Whoever had a seat has it after going back; their epoch is another, and they are told so."""
    folder, copy = a_released_folder(tmp_path / "data"), tmp_path / "monday.db"
    run("backup", copy, data=folder)

    log = open_log(restored(copy, tmp_path / "back"))
    keys = log.held(RoomName("main")).keys
    log.close()

    assert set(keys) == {Name("Kari"), Name("Ola")}


# What cannot be is one sentence, and leaves nothing behind.


def test_a_file_is_not_written_over(tmp_path: Path) -> None:
    """It may be the last good backup."""
    folder, copy = two_rooms(tmp_path / "data"), tmp_path / "monday.db"
    copy.write_bytes(b"last week")

    result = run("backup", copy, data=folder)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"{copy} is there already, and is not written over.\n"
    assert copy.read_bytes() == b"last week"


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [(lambda _: None, "No such file or directory"), (Path.touch, "Not a directory")],
    ids=["nothing there", "a file there"],
)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows says it in other words")
def test_a_folder_that_is_none(tmp_path: Path, prepare: Callable[[Path], None], reason: str) -> None:
    """No folder is made: the name may be mistyped."""
    folder, copy = two_rooms(tmp_path / "data"), tmp_path / "backups" / "monday.db"
    prepare(tmp_path / "backups")

    result = run("backup", copy, data=folder)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"{copy} can't be written: {reason}.\n"
    assert not copy.parent.is_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of a file's size")
def test_a_disk_without_space(tmp_path: Path, needs_tool: Callable[[str], str]) -> None:
    """Here a limit of 200 KB to a file; half a copy must not be taken for one."""
    server = a_server(tmp_path / "data")
    server.commit(batch_of([said(1, "x" * 1_000_000)]))
    (tmp_path / "copies").mkdir()
    # The limit is in units of 512 bytes.
    command = 'ulimit -f 400 && exec "$@"'
    copy = tmp_path / "copies" / "monday.db"

    ended = subprocess.run(
        [needs_tool("sh"), "-c", command, "sh", *MOOTHALL, "backup", copy, "--data", tmp_path / "data"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        cwd=ROOT,
    )
    server.close()

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"{copy} can't be written: ")
    assert ended.stderr.count("\n") == 1
    assert list(copy.parent.iterdir()) == []


def test_where_no_data_is_there_is_no_backup(tmp_path: Path) -> None:
    """An empty file would look like one."""
    for folder in (tmp_path / "nothing", a_folder(tmp_path / "empty")):
        result = run("backup", tmp_path / "monday.db", data=folder)

        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith(f"There is no conversation in {folder} yet.")
    assert not (tmp_path / "monday.db").exists()


def test_data_of_a_newer_version_is_left_to_that(tmp_path: Path) -> None:
    """What else belongs to it, this one cannot know."""
    folder = two_rooms(tmp_path / "data")
    change(folder, NEWER)

    result = run("backup", tmp_path / "monday.db", data=folder)

    assert (result.exit_code, result.stdout) == (5, "")
    assert not (tmp_path / "monday.db").exists()


def test_of_damaged_data_the_copy_is_kept_and_said_to_be_damaged(tmp_path: Path) -> None:
    """It may be the best that there is, and nobody should find out when they need it."""
    folder, copy = two_rooms(tmp_path / "data"), tmp_path / "monday.db"
    change_bytes(folder, b"Why, no.", b"Why, no!")

    result = run("backup", copy, data=folder)

    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr == (
        f"{copy} is written, but the data is damaged: The log of room main is not what was written, at seq 1. "
        "moothall doctor says more.\n"
    )
    assert copy.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    """It holds what was said."""
    run("backup", tmp_path / "monday.db", data=two_rooms(tmp_path / "data"))

    assert stat.S_IMODE((tmp_path / "monday.db").stat().st_mode) == 0o600


@needs_terminals
async def test_at_a_terminal_one_sees_how_far_it_is(tmp_path: Path) -> None:
    """In a pipe there is only what has come of it."""
    folder, copy = two_rooms(tmp_path / "data"), tmp_path / "monday.db"
    with a_terminal(*MOOTHALL, "backup", copy, "--data", folder) as terminal:
        await terminal.reads("Copied 100 %", "Wrote ")

        assert await terminal.ends() == 0
