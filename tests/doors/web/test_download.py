"""A log that is sent has an end only where all of it was read, and costs little while nobody takes it."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from moothall.engine.names import RoomName
from moothall.errors import DataCorrupt, MoothallError, StorageError
from moothall.log.room_log import Entry, RoomLog
from tests.cli.folders import a_folder
from tests.doors.guests import Guest, House, house
from tests.doors.web.callers import ask
from tests.views.logs import SITTING, Step, bodies_of

LONG: tuple[Step, ...] = tuple((at + 10_000 * number, command) for number in range(40) for at, command in SITTING)
BODIES = bodies_of(*LONG)


class Breaking:
    """A log that cannot be read beyond a seq."""

    def __init__(self, log: RoomLog, last_seq: int, error: MoothallError) -> None:
        self._log = log
        self._last_seq = last_seq
        self._error = error

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)

    def read(self, room: RoomName, *, after: int, limit: int, max_bytes: int) -> list[Entry]:
        if after >= self._last_seq:
            raise self._error
        return self._log.read(room, after=after, limit=limit, max_bytes=max_bytes)


def breaks(running: House, after: int, error: MoothallError) -> None:
    """Let the log of `main` be read no further than that."""
    clerk = running.server.hall.look(RoomName("main"))
    clerk.log = Breaking(clerk.log, after, error)  # type: ignore[assignment]


async def get(running: House, target: str, version: str = "1.1") -> Guest:
    guest = await running.guest()
    guest.send(f"GET {target} HTTP/{version}\r\nHost: localhost\r\n\r\n".encode())
    return guest


@pytest.mark.parametrize("error", [DataCorrupt("Row 7 is damaged."), StorageError("The disk is gone.")])
@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "text"])
@pytest.mark.parametrize("version", ["1.1", "1.0"])
async def test_a_log_that_is_found_damaged_has_no_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, error: MoothallError, form: str, version: str
) -> None:
    """The line is broken: no client takes half of a log for the whole, not even one of HTTP/1.0."""
    async with house(data=a_folder(tmp_path, main=BODIES)) as running:
        breaks(running, 300, error)
        guest = await get(running, f"/api/rooms/main/log?format={form}&limit=10000", version)

        assert b"200" in await guest.reader.readline()
        with pytest.raises(ConnectionResetError):
            await guest.reader.read()

        assert (await ask(running, "GET", "/health")).status == 200
    assert [record.levelno for record in caplog.records if record.levelno >= logging.WARNING] == [logging.WARNING]


@pytest.mark.parametrize("error", [DataCorrupt("Row 7 is damaged."), StorageError("The disk is gone.")])
async def test_what_cannot_be_read_from_the_beginning_is_refused(tmp_path: Path, error: MoothallError) -> None:
    """Nothing was sent yet, so there is an answer."""
    async with house(data=a_folder(tmp_path, main=BODIES)) as running:
        breaks(running, 0, error)

        for path in ("log", "log?format=csv", "sittings"):
            assert (await ask(running, "GET", f"/api/rooms/main/{path}")).refusal[:2] == (503, "storage")


async def test_a_server_that_stops_ends_no_log_as_if_it_were_whole(tmp_path: Path) -> None:
    """Who reads at that moment must ask again."""
    async with house(data=a_folder(tmp_path, main=BODIES)) as running:
        clerk = running.server.hall.look(RoomName("main"))
        pages = 0
        read = clerk.log.read

        class Stopping:
            def read(self, room: RoomName, *, after: int, limit: int, max_bytes: int) -> list[Entry]:
                nonlocal pages
                pages += 1
                running.server.hall.is_stopping = pages == 3
                return read(room, after=after, limit=limit, max_bytes=max_bytes)

            def __getattr__(self, name: str) -> object:
                return getattr(running.server.log, name)

        clerk.log = Stopping()  # type: ignore[assignment]
        guest = await get(running, "/api/rooms/main/log?format=jsonl")
        with pytest.raises(ConnectionResetError):
            await guest.reader.read()
        running.server.hall.is_stopping = False

    assert pages == 3


async def test_who_goes_away_meanwhile_is_read_for_no_longer(tmp_path: Path) -> None:
    """The rest of the log stays unread."""
    async with house(data=a_folder(tmp_path, main=BODIES)) as running:
        clerk = running.server.hall.look(RoomName("main"))
        read, is_gone, seqs = clerk.log.read, asyncio.Event(), list[int]()

        class Watched:
            def read(self, room: RoomName, *, after: int, limit: int, max_bytes: int) -> list[Entry]:
                seqs.append(after)
                if len(seqs) == 2:
                    guest.writer.transport.abort()
                    running.server.gate.say_goodbye(is_gone.set)
                return read(room, after=after, limit=limit, max_bytes=max_bytes)

            def __getattr__(self, name: str) -> object:
                return getattr(running.server.log, name)

        clerk.log = Watched()  # type: ignore[assignment]
        guest = await get(running, "/api/rooms/main/log?format=jsonl")
        await is_gone.wait()

    assert len(seqs) < len(BODIES) / 100
