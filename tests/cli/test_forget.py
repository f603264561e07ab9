"""`moothall forget` deletes a room for good: its words are nowhere in the data folder afterwards."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from moothall.engine.names import Name, RoomName, Seq
from moothall.hall.clerk import key_digest
from moothall.log.folder import DATABASE
from moothall.log.lock_file import LockFile
from moothall.log.reader import open_reader
from moothall.log.room_log import Base, Batch, Cut, KeyChange
from moothall.log.sqlite import open_log
from moothall.wire.base import encode_base
from tests.cli.folders import a_folder, a_server, add, run
from tests.cli.spoiling import NEWER, change, change_bytes, two_rooms
from tests.e2e.processes import MOOTHALL, a_guest, a_terminal, needs_terminals, program
from tests.e2e.processes import a_server as a_running_server
from tests.log.old_logs import EPOCH, KEYS, a_released_folder, entries_of
from tests.views.logs import SITTING, bodies_of, changes_of

MAIN, LAB = RoomName("main"), RoomName("lab")
WORDS = b"Why, no."
"""Said in `main`, and nowhere else."""


def holding(folder: Path, words: bytes) -> list[str]:
    """Return the names of the files in which these words are."""
    return sorted(path.name for path in folder.iterdir() if words in path.read_bytes())


def test_a_room_is_gone_with_its_words(tmp_path: Path) -> None:
    """From all files, and not only from what is listed."""
    folder = two_rooms(tmp_path)
    before = holding(folder, WORDS)

    result = run("forget", "main", "--yes", data=folder)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "Room main is deleted, with its 13 entries.\n"
    assert (before, holding(folder, WORDS)) == ([DATABASE], [])


def test_the_other_rooms_are_untouched(tmp_path: Path) -> None:
    """Byte for byte, and sound; also where the rows of both lie between one another."""
    server = a_server(tmp_path)
    main, lab = bodies_of(*SITTING), bodies_of(*SITTING, name="lab")
    for seq, bodies in enumerate(zip(main, lab, strict=True)):
        for room, body in zip(("main", "lab"), bodies, strict=True):
            add(server, room, [body], after=seq)
    server.close()

    run("forget", "main", "--yes", data=tmp_path)

    assert entries_of(tmp_path) == {LAB: lab}
    assert run("doctor", data=tmp_path).exit_code == 0


def test_the_words_of_a_long_room_are_gone_too(tmp_path: Path) -> None:
    """They lie on pages of their own, between those of others."""
    server = a_server(tmp_path)
    for seq in range(200):
        for room in ("main", "lab"):
            add(server, room, [f"<{room} {seq:03}>".encode() * (1 + seq % 5 * 300)], after=seq)
    server.close()

    run("forget", "main", "--yes", data=tmp_path)

    assert holding(tmp_path, b"<main ") == []
    assert [f"<lab {seq:03}>".encode() in (tmp_path / DATABASE).read_bytes() for seq in range(200)] == [True] * 200


def test_the_words_are_gone_where_a_server_was_killed(tmp_path: Path) -> None:
    """Then they are not in the file yet, but in the WAL beside it."""
    server = a_server(tmp_path / "alive", main=bodies_of(*SITTING), lab=bodies_of(*SITTING, name="lab"))
    shutil.copytree(tmp_path / "alive", tmp_path / "killed")
    server.close()
    before = holding(tmp_path / "killed", WORDS)
    for room in ("main", "lab"):
        run("forget", room, "--yes", data=tmp_path / "killed")

    assert (before, holding(tmp_path / "killed", WORDS)) == ([f"{DATABASE}-wal"], [])


def test_the_words_are_gone_also_while_somebody_has_the_log_open(tmp_path: Path) -> None:
    """`moothall log | less` in another window keeps no word alive."""
    folder = two_rooms(tmp_path)
    with closing(open_reader(folder)) as reader:
        reader.rooms()
        run("forget", "main", "--yes", data=folder)
        left = holding(folder, WORDS)

    assert left == []


def test_what_was_kept_of_a_forgotten_beginning_is_gone_too(tmp_path: Path) -> None:
    """And the keys of its seats."""
    server = a_server(tmp_path, main=bodies_of(*SITTING), lab=bodies_of(*SITTING, name="lab"))
    room = changes_of(*SITTING)[7].after
    digest = key_digest("k_kari")
    kari = next(iter(room.seats))
    server.commit(Batch(keys=[KeyChange(MAIN, kari, digest), KeyChange(LAB, kari, key_digest("k_lab"))]))
    server.commit(Batch(cuts=[Cut(MAIN, Base(Seq(8), encode_base(room)))]))
    server.close()
    before = holding(tmp_path, digest)

    result = run("forget", "main", "--yes", data=tmp_path)

    log = open_log(tmp_path)
    held = log.held(LAB).keys
    log.close()
    assert result.stdout == "Room main is deleted, with its 5 entries.\n"
    assert (before, holding(tmp_path, digest)) == ([DATABASE], [])
    assert held == {kari: key_digest("k_lab")}


def test_a_damaged_room_can_be_forgotten(tmp_path: Path) -> None:
    """So that the others go on, where there is no backup."""
    folder = two_rooms(tmp_path)
    change_bytes(folder, WORDS, b"Why, no!")

    assert run("forget", "main", "--yes", data=folder).exit_code == 0
    assert run("doctor", data=folder).exit_code == 0
    assert list(entries_of(folder)) == [LAB]


def test_the_name_is_free_again(tmp_path: Path) -> None:
    """A room of that name begins at seq 1, like one that never was."""
    folder = two_rooms(tmp_path)
    run("forget", "main", "--yes", data=folder)

    a_server(folder, main=[b"{}"]).close()

    assert entries_of(folder)[MAIN] == [b"{}"]


def test_the_next_server_has_a_new_epoch(tmp_path: Path) -> None:
    """Whoever has read up to seq 13 must not go on at the seq 14 of other words."""
    folder = two_rooms(tmp_path)
    before = open_log(folder)
    before.close()

    run("forget", "main", "--yes", data=folder)

    epochs = []
    for _ in range(2):
        log = open_log(folder)
        epochs.append(log.epoch)
        log.close()
    assert epochs[0] == epochs[1] != before.epoch


def test_the_last_room_can_be_forgotten(tmp_path: Path) -> None:
    """Then there is no conversation any more, and a server can begin."""
    folder = a_folder(tmp_path, main=bodies_of(*SITTING))

    assert run("forget", "main", "--yes", data=folder).exit_code == 0
    assert run("rooms", data=folder).stderr.startswith(f"There is no conversation in {folder} yet.")
    assert holding(folder, WORDS) == []


def test_copies_in_the_folder_are_named(tmp_path: Path) -> None:
    """They are the operator's; but the words are in them."""
    folder = a_released_folder(tmp_path)
    for name in ("monday.db", "moothall.db.old", "notes.txt"):
        shutil.copyfile(folder / DATABASE, folder / name)

    result = run("forget", "main", "--yes", data=folder)

    assert result.stdout.splitlines() == [
        "Room main is deleted, with its 23 entries.",
        *(
            f"An older copy of the data is not touched: {folder / name}"
            for name in ("monday.db", "moothall-schema-1.db", "moothall.db.old")
        ),
    ]
    assert "Åse".encode() not in (folder / DATABASE).read_bytes()


def test_the_keys_of_other_rooms_still_open(tmp_path: Path) -> None:
    """Also in the data of an older version, which is brought up to date by it."""
    folder = a_released_folder(tmp_path)
    run("forget", "main", "--yes", data=folder)

    log = open_log(folder)
    held = {(room, name): log.held(room).keys.get(name) for room, name in KEYS}
    log.close()

    assert {room: digest is not None for (room, _), digest in held.items()} == {MAIN: False, LAB: True}
    assert all(digest in {None, key_digest(KEYS[seat])} for seat, digest in held.items())


async def test_a_room_that_was_forgotten_gathers_afresh(tmp_path: Path) -> None:
    """And who comes back to it with a key is told that nobody knows it."""
    folder = a_released_folder(tmp_path)
    run("forget", "main", "--yes", data=folder)
    async with a_running_server(folder, "--seats", "2") as server, a_guest(server.port) as ola:
        ola.ask(do="join", name="Ola", key=KEYS[MAIN, Name("Ola")], epoch=EPOCH, after=23)
        answer = await ola.frame()
        ola.ask(do="join", name="Ola")
        joined = await ola.until_frame(reply="joined")

    assert answer["reason"] == "key_unknown"
    assert (joined["seat"], joined["after"]) == (1, 1)  # seq 1 is the opening of the room


async def test_who_comes_back_to_another_room_reads_anew_and_keeps_the_seat(tmp_path: Path) -> None:
    """The sitting there goes on in the same turn; only cursors are not trusted any more."""
    folder = a_released_folder(tmp_path)
    run("forget", "main", "--yes", data=folder)
    async with a_running_server(folder) as server, a_guest(server.port) as lars:
        lars.ask(do="join", room="lab", name="Lars", key=KEYS[LAB, Name("Lars")], epoch=EPOCH, after=13)
        answer = await lars.frame()
        reopened = await lars.until_frame(event="reopened")

    assert (answer["reply"], answer["seat"]) == ("reset", 1)
    assert answer["epoch"] != EPOCH
    assert reopened["turn"] == 3


# What is asked, and refused.


async def test_a_running_server_keeps_its_rooms(tmp_path: Path) -> None:
    """It holds them in memory, too; nothing is asked before that is said."""
    async with (
        a_running_server(tmp_path, "--seats", "1", "--topic", "hug") as server,
        a_guest(server.port, "Kari") as kari,
    ):
        await kari.until("* Your turn")
        async with program(*MOOTHALL, "forget", "main", "--yes", "--data", tmp_path) as forgetting:
            code, told = await forgetting.ends()
        pid = server.pid

    assert code == 3
    assert told == [f"Another server (process {pid}) already uses the data in {tmp_path}."]
    assert MAIN in entries_of(tmp_path)


def test_it_is_not_done_unasked(tmp_path: Path) -> None:
    """In a pipe nobody can be asked, so a script must say that it means it; it is told how."""
    folder = two_rooms(tmp_path)
    before = entries_of(folder)

    result = run("forget", "main", data=folder)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Nothing was deleted. To delete it without being asked: moothall forget main --yes\n"
    assert entries_of(folder) == before


def test_how_to_do_it_unasked_can_be_pasted(tmp_path: Path) -> None:
    """Names may hold spaces."""
    folder = a_folder(tmp_path, **{"the lab": bodies_of(*SITTING, name="the lab")})

    assert run("forget", "the lab", data=folder).stderr.endswith(": moothall forget 'the lab' --yes\n")


@needs_terminals
@pytest.mark.parametrize("answer", ["y", "YES"])
async def test_at_a_terminal_it_asks(tmp_path: Path, answer: str) -> None:
    """With what would be gone, by the name that the room has."""
    folder = two_rooms(tmp_path)
    with a_terminal(*MOOTHALL, "forget", "MAIN", "--data", folder) as terminal:
        await terminal.reads("Delete room main with its 13 entries for good? [y/N]: ")
        terminal.type(answer)

        assert await terminal.ends() == 0
    assert "Room main is deleted, with its 13 entries." in terminal.shown
    assert list(entries_of(folder)) == [LAB]


@needs_terminals
@pytest.mark.parametrize("answer", ["", "n", "no", "main"])
async def test_any_other_answer_is_no(tmp_path: Path, answer: str) -> None:
    """Return alone, above all."""
    folder = two_rooms(tmp_path)
    with a_terminal(*MOOTHALL, "forget", "main", "--data", folder) as terminal:
        await terminal.reads("[y/N]: ")
        terminal.type(answer)

        assert await terminal.ends() == 1
    assert terminal.shown.endswith("Nothing was deleted.\r\n")
    assert list(entries_of(folder)) == [MAIN, LAB]


@needs_terminals
@pytest.mark.parametrize(("letter", "code"), [("c", 130), ("d", 1)])
async def test_whoever_does_not_answer_deletes_nothing(tmp_path: Path, letter: str, code: int) -> None:
    """Ctrl-C and Ctrl-D end it, as anywhere."""
    folder = two_rooms(tmp_path)
    with a_terminal(*MOOTHALL, "forget", "main", "--data", folder) as terminal:
        await terminal.reads("[y/N]: ")
        terminal.press(letter)

        assert await terminal.ends() == code
    assert list(entries_of(folder)) == [MAIN, LAB]
    LockFile(folder).close()  # and a server can start


def test_a_room_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """With those that are."""
    result = run("forget", "attic", "--yes", data=two_rooms(tmp_path))

    assert (result.exit_code, result.stderr) == (1, "There is no room attic, only main, lab.\n")


def test_data_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    """This one does not know where else words may be in it."""
    folder = two_rooms(tmp_path)
    change(folder, NEWER)
    before = (folder / DATABASE).read_bytes()

    assert run("forget", "main", "--yes", data=folder).exit_code == 5
    assert (folder / DATABASE).read_bytes() == before


def test_where_no_data_is_nothing_is_made(tmp_path: Path) -> None:
    """Not even a lock file."""
    result = run("forget", "main", "--yes", data=tmp_path)

    assert result.exit_code == 1
    assert list(tmp_path.iterdir()) == []
