"""The side door: only the owner comes in, what a killed server left is replaced, and what is somebody else's is not."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from moothall.cli.side_door import SOCKET, TOKEN, SideDoor, knock

has_unix_sockets = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such sockets")
BOTH_WAYS = pytest.mark.parametrize(
    "over_tcp", [pytest.param(False, marks=has_unix_sockets, id="socket"), pytest.param(True, id="token")]
)
SECONDS = 10


def hears(door: SideDoor, folder: Path, *, over_tcp: bool) -> bytes:
    """Return what comes in at the door when somebody calls and says hello, with the token."""
    connection, token = knock(folder, SECONDS, over_tcp=over_tcp)
    with connection, door.socket.accept()[0] as caller:
        connection.sendall(f"hello {token}".encode())
        return caller.recv(100)


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


@BOTH_WAYS
def test_whoever_knocks_is_heard(over_tcp: bool, tmp_path: Path) -> None:
    """Over TCP with the token that stands in the folder, else without one."""
    door = SideDoor(tmp_path, over_tcp=over_tcp)
    heard = hears(door, tmp_path, over_tcp=over_tcp)
    door.close()

    assert heard == f"hello {door.token}".encode()
    assert (len(door.token) > 40) == over_tcp


@BOTH_WAYS
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_the_owner_alone_may_use_it(over_tcp: bool, tmp_path: Path) -> None:
    """Whatever the folder allows, and whatever the process does usually."""
    tmp_path.chmod(0o777)
    before = os.umask(0)
    try:
        door = SideDoor(tmp_path, over_tcp=over_tcp)
    finally:
        os.umask(before)
    modes = {path.name: mode_of(path) for path in tmp_path.iterdir()}
    door.close()

    assert modes == {TOKEN if over_tcp else SOCKET: 0o600}


@BOTH_WAYS
def test_nothing_is_left_of_it(over_tcp: bool, tmp_path: Path) -> None:
    """Closing it again changes nothing."""
    door = SideDoor(tmp_path, over_tcp=over_tcp)
    door.close()
    door.close()

    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        knock(tmp_path, SECONDS, over_tcp=over_tcp)


@BOTH_WAYS
def test_what_a_killed_server_left_is_refused_and_replaced(over_tcp: bool, tmp_path: Path) -> None:
    """Nobody listens there any more; the next server does."""
    left = SideDoor(tmp_path, over_tcp=over_tcp)
    left.socket.close()
    with pytest.raises(ConnectionRefusedError):
        knock(tmp_path, SECONDS, over_tcp=over_tcp)

    door = SideDoor(tmp_path, over_tcp=over_tcp)

    assert hears(door, tmp_path, over_tcp=over_tcp).startswith(b"hello")
    door.close()


@has_unix_sockets
def test_a_door_at_which_somebody_listens_is_left_alone(tmp_path: Path) -> None:
    """Where a lock does not hold, as on some network disks, nobody is shut out of their own server."""
    living = SideDoor(tmp_path, over_tcp=False)

    with pytest.raises(OSError, match=r"in use.*moothall\.sock"):
        SideDoor(tmp_path, over_tcp=False)

    living.socket.accept()[0].close()  # of who looked whether somebody lives there
    assert hears(living, tmp_path, over_tcp=False) == b"hello "
    living.close()


@has_unix_sockets
def test_a_file_of_that_name_is_not_deleted(tmp_path: Path) -> None:
    """It is no server's."""
    (tmp_path / SOCKET).write_text("mine")

    with pytest.raises(OSError, match=r"moothall\.sock"):
        SideDoor(tmp_path, over_tcp=False)

    assert (tmp_path / SOCKET).read_text() == "mine"


@has_unix_sockets
def test_a_folder_may_be_deeper_than_an_address_is_long(tmp_path: Path) -> None:
    """A socket's address has room for about a hundred bytes. Where we are does not change."""
    folder = tmp_path / ("long" * 20) / ("longer" * 20)
    folder.mkdir(parents=True)
    before = Path.cwd()
    door = SideDoor(folder, over_tcp=False)

    assert hears(door, folder, over_tcp=False) == b"hello "
    assert (mode_of(folder / SOCKET), Path.cwd()) == (0o600, before)
    door.close()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("note", ["", "4242", "x y", "4242 "])
def test_a_note_that_says_nothing_is_nobody(note: str, tmp_path: Path) -> None:
    """It may be half written."""
    (tmp_path / TOKEN).write_text(note)

    with pytest.raises(ConnectionRefusedError):
        knock(tmp_path, SECONDS, over_tcp=True)


def test_the_token_cannot_be_written_and_nothing_listens(tmp_path: Path) -> None:
    """A folder that is not there has no door."""
    with pytest.raises(FileNotFoundError):
        SideDoor(tmp_path / "nowhere", over_tcp=True)


@has_unix_sockets
def test_a_folder_that_is_not_there_has_no_door(tmp_path: Path) -> None:
    """Nor is one made."""
    with pytest.raises(FileNotFoundError):
        SideDoor(tmp_path / "nowhere", over_tcp=False)

    assert list(tmp_path.iterdir()) == []


def test_over_tcp_other_machines_cannot_call(tmp_path: Path) -> None:
    """It is a port of the loopback."""
    door = SideDoor(tmp_path, over_tcp=True)

    assert door.socket.family is socket.AF_INET
    assert door.socket.getsockname()[0] == "127.0.0.1"
    door.close()
