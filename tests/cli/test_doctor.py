"""`moothall doctor` says whether the data is what was written, and changes nothing of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from moothall.cli.doctor import doctor
from moothall.cli.examine import size_of
from moothall.log.folder import DATABASE
from moothall.log.lock_file import LockFile
from tests.cli.folders import a_folder, a_server, run
from tests.cli.spoiling import NEWER, change, change_bytes, spoil_free_pages, two_rooms
from tests.e2e.processes import MOOTHALL, a_guest, program
from tests.e2e.processes import a_server as a_running_server
from tests.log.old_logs import a_released_folder
from tests.views.logs import SITTING, bodies_of

WHOLE = bodies_of(*SITTING)


def heading(folder: Path, *, schema: int = 2, user: str = "no server uses it") -> str:
    """What it says first: which file it is, and who has it."""
    return f"{folder / DATABASE}: {size_of((folder / DATABASE).stat().st_size)}, schema {schema}, {user}."


def test_sound_data_is_said_to_be_sound(tmp_path: Path) -> None:
    """Room by room, so that one sees that it was looked at."""
    folder = two_rooms(tmp_path)

    result = run("doctor", data=folder)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        heading(folder),
        "main: 13 entries, 1 sitting closed, as written.",
        "lab: 7 entries, 0 sittings closed, as written.",
        "All is as it was written: 2 rooms, 20 entries.",
    ]


def test_data_of_the_first_version_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    """Whoever upgrades looks first; it is the server that brings the data up to date."""
    folder = a_released_folder(tmp_path)
    before = (folder / DATABASE).read_bytes()

    result = run("doctor", data=folder)

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        heading(folder, schema=1),
        "main: 23 entries, 1 sitting closed, as written.",
        "lab: 13 entries, 0 sittings closed, as written.",
        "All is as it was written: 2 rooms, 36 entries.",
    ]
    assert (folder / DATABASE).read_bytes() == before
    assert not list(folder.glob("*-schema-*"))


def test_data_without_rooms_is_sound(tmp_path: Path) -> None:
    """A server that nobody came to."""
    result = run("doctor", data=a_folder(tmp_path))

    assert (result.exit_code, result.stdout.splitlines()[1:]) == (0, ["All is as it was written: 0 rooms, 0 entries."])


def test_what_a_server_has_not_yet_written_into_the_file_is_looked_at_too(tmp_path: Path) -> None:
    """It is in the WAL beside it."""
    server = a_server(tmp_path, main=WHOLE)

    assert "main: 13 entries, 1 sitting closed" in run("doctor", data=tmp_path).stdout
    server.close()


async def test_it_looks_beside_a_running_server(tmp_path: Path) -> None:
    """Says which process has the data, and holds up neither that one nor who talks there."""
    async with (
        a_running_server(tmp_path, "--seats", "2", "--topic", "hug") as server,
        a_guest(server.port, "Kari") as kari,
        a_guest(server.port, "Lars") as lars,
    ):
        await kari.until("* Your turn")
        async with program(*MOOTHALL, "doctor", "--data", tmp_path) as looking:
            code, said = await looking.ends()
        kari.type("Sure!")
        await lars.until("Kari: Sure!")

    assert code == 0
    assert said[0].endswith(f", schema 2, the server with process {server.pid} uses it.")
    assert said[1:] == [
        "main: 8 entries, 0 sittings closed, as written.",
        "All is as it was written: 1 room, 8 entries.",
    ]


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    """In which room, and where; that the others are sound is as good to know."""
    folder = two_rooms(tmp_path)
    change_bytes(folder, b"Why, no.", b"Why, no!")
    before = (folder / DATABASE).read_bytes()

    result = run("doctor", data=folder)

    assert result.exit_code == 4
    assert result.stdout.splitlines()[1:] == [
        "! The log of room main is not what was written, at seq 1.",
        "lab: 7 entries, 0 sittings closed, as written.",
    ]
    assert result.stderr == (
        "1 thing is not what was written. Nothing was changed. Put a backup in place of the data, or keep what can "
        "still be read: moothall log ROOM.\n"
    )
    assert (folder / DATABASE).read_bytes() == before


def test_a_damaged_file_is_found_where_all_can_still_be_read(tmp_path: Path) -> None:
    """It is the next write that would suffer."""
    folder = two_rooms(tmp_path)
    spoil_free_pages(folder)

    result = run("doctor", data=folder)

    _, damage, *rest = result.stdout.splitlines()
    assert result.exit_code == 4
    assert damage.startswith("! The file is damaged: ")
    assert [line.endswith("as written.") for line in rest] == [True, True]


def test_half_a_file_is_found(tmp_path: Path) -> None:
    """In words, whatever SQLite makes of it."""
    folder = two_rooms(tmp_path)
    data = (folder / DATABASE).read_bytes()
    (folder / DATABASE).write_bytes(data[: len(data) // 2])

    result = run("doctor", data=folder)

    assert result.exit_code == 4
    assert "damaged" in result.stdout + result.stderr
    assert "All is as it was written" not in result.stdout


def test_a_file_that_is_something_else_is_one_sentence(tmp_path: Path) -> None:
    """There is nothing to look through."""
    (tmp_path / DATABASE).write_bytes(b"This is no database.\n" * 300)

    result = run("doctor", data=tmp_path)

    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr.startswith("The file of the log is damaged: ")


def test_newest_rows_that_are_missing_are_found(tmp_path: Path) -> None:
    """So it is where somebody put an older file in place: all of it is right, but there was more."""
    folder = two_rooms(tmp_path)
    lock = LockFile(folder)
    lock.note_row(3 + 3)
    lock.close()

    result = run("doctor", data=folder)

    assert result.exit_code == 4
    assert result.stdout.splitlines()[1] == "! The newest 3 rows that a server had stored are missing."


def test_all_that_is_damaged_is_counted(tmp_path: Path) -> None:
    """Each has its line."""
    folder = two_rooms(tmp_path)
    change(folder, "UPDATE room SET open = NOT open")

    result = run("doctor", data=folder)

    assert [line for line in result.stdout.splitlines() if line.startswith("! ")] == [
        "! Whether room main has a sitting is noted wrongly.",
        "! Whether room lab has a sitting is noted wrongly.",
    ]
    assert result.stderr.startswith("2 things are not what was written. ")


def test_where_no_data_is_there_is_one_sentence(tmp_path: Path) -> None:
    """And no file is made by looking for some."""
    result = run("doctor", data=tmp_path)

    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"There is no data in {tmp_path}.\n")
    assert list(tmp_path.iterdir()) == []


def test_data_of_a_newer_version_is_not_judged(tmp_path: Path) -> None:
    """It may be sound: what it says is for the newer version to read."""
    folder = two_rooms(tmp_path)
    change(folder, NEWER)

    result = run("doctor", data=folder)

    assert (result.exit_code, result.stdout) == (5, "")
    assert "was written by a newer Moothall" in result.stderr


@pytest.mark.parametrize("arguments", [["main"], ["--repair"]])
def test_it_takes_no_room_and_repairs_nothing(tmp_path: Path, arguments: list[str]) -> None:
    """There is one thing that it does."""
    assert CliRunner().invoke(doctor, [*arguments, "--data", str(tmp_path)]).exit_code == 2
