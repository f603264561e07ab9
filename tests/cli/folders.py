"""A data folder, in a line: what a test of a verb that reads one begins with."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from moothall.cli.backup import backup
from moothall.cli.doctor import doctor
from moothall.cli.export import export
from moothall.cli.forget import forget
from moothall.cli.log import log
from moothall.cli.rooms import rooms
from moothall.engine.names import RoomName, Seq
from moothall.log.room_log import Durability, Entry
from moothall.log.sqlite import SqliteLog, open_log
from tests.log.disk import batch_of

VERBS = {"rooms": rooms, "log": log, "export": export, "doctor": doctor, "backup": backup, "forget": forget}


def a_server(folder: Path, **rooms: list[bytes]) -> SqliteLog:
    """Return the log of a server that is running, with the bodies of the entries of these rooms in it."""
    kept = open_log(folder, Durability.CRASH)
    assert isinstance(kept, SqliteLog)
    for room, bodies in rooms.items():
        add(kept, room, bodies)
    return kept


def add(kept: SqliteLog, room: str, bodies: list[bytes], *, after: int = 0) -> None:
    """Commit entries whose seqs follow `after`."""
    kept.commit(batch_of([Entry(RoomName(room), Seq(seq), body) for seq, body in enumerate(bodies, after + 1)]))


def a_folder(folder: Path, **rooms: list[bytes]) -> Path:
    """Return the data folder that a server has left."""
    a_server(folder, **rooms).close()
    return folder


def run(verb: str, *arguments: str | Path, data: Path) -> Result:
    """Return what a verb answers in a pipe."""
    return CliRunner().invoke(VERBS[verb], [*map(str, arguments), "--data", str(data)], catch_exceptions=False)
