"""The side door of a running server: a socket in its data folder, for its owner alone.

Where a system has no such sockets it is a port of the loopback, with a token in a file that its owner alone can read.
Knows nothing of what is said through it.
"""

from __future__ import annotations

import errno
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import chdir, contextmanager, suppress
from pathlib import Path
from typing import Final

__all__ = ["OVER_TCP", "SOCKET", "TOKEN", "SideDoor", "knock"]

SOCKET: Final = "moothall.sock"
TOKEN: Final = "moothall.token"  # noqa: S105 - the name of a file

OVER_TCP: Final = os.name == "nt"
_LOOPBACK: Final = "127.0.0.1"
_BACKLOG: Final = 64
_MAX_ADDRESS_BYTES: Final = 100  # Linux has room for 107, macOS for 103


class SideDoor:
    """A socket that listens until `close`. `token`: what callers must show; "" where only the owner can call.

    It is for who holds the folder's lock: what a killed server has left is replaced.

    Raises:
        OSError: it can't be made, or somebody listens there.
    """

    def __init__(self, folder: Path, *, over_tcp: bool = OVER_TCP) -> None:
        self._path = folder / (TOKEN if over_tcp else SOCKET)
        self.token = secrets.token_urlsafe(32) if over_tcp else ""
        self.socket = self._over_tcp() if over_tcp else _bound(self._path)

    def close(self) -> None:
        """Let nobody call any more. Closing again changes nothing."""
        self.socket.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _over_tcp(self) -> socket.socket:
        listening = socket.create_server((_LOOPBACK, 0), backlog=_BACKLOG)
        try:
            self._path.unlink(missing_ok=True)
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(file, "w", encoding="ascii") as note:
                note.write(f"{listening.getsockname()[1]} {self.token}\n")
        except BaseException:
            listening.close()
            raise
        return listening


def knock(folder: Path, seconds: float, *, over_tcp: bool = OVER_TCP) -> tuple[socket.socket, str]:
    """Return a connection to the server that uses a folder, and the token to show it.

    Args:
        seconds: how long anything on it may take.

    Raises:
        FileNotFoundError, ConnectionRefusedError: no server uses it.
        OSError: the server can't be reached otherwise.
    """
    if not over_tcp:
        return _connected(folder / SOCKET, seconds), ""
    port, _, token = (folder / TOKEN).read_text(encoding="ascii", errors="replace").strip().partition(" ")
    if not port.isdecimal() or not token:
        raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
    return socket.create_connection((_LOOPBACK, int(port)), timeout=seconds), token


def _bound(path: Path) -> socket.socket:
    _make_way(path)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(path) as address:
            listening.bind(address)
        path.chmod(0o600)  # before it listens: until then nobody gets in
        listening.listen(_BACKLOG)
    except BaseException:
        listening.close()
        raise
    return listening


def _make_way(path: Path) -> None:
    try:
        _connected(path, 1).close()
    except FileNotFoundError:
        return
    except ConnectionRefusedError:
        if path.is_socket():
            path.unlink()
            return
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE), str(path))


def _connected(path: Path, seconds: float) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(seconds)
        with _short(path) as address:
            connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """Yield an address of `path` that is short enough for a socket: else from its folder, entered for a moment."""
    if len(os.fsencode(path)) <= _MAX_ADDRESS_BYTES:
        yield str(path)
        return
    with chdir(path.parent):
        yield path.name
