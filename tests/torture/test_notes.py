"""The note of when a server was last alive, with another digit: no clock runs wild, nothing is forgotten for it.

The lock file has no checksum: every digit of its line may be taken for what was written. So a wrong one must be
harmless, whichever it is. Here the servers have the machine's own clock, as elsewhere none has.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Final

import pytest

from moothall.engine.commands import CloseSitting
from moothall.engine.names import RoomName
from moothall.hall.hall import Hall
from moothall.hall.lobby import Wish
from moothall.log.folder import LOCK
from moothall.settings import Settings
from moothall.wiring import RunningServer, start_server
from tests.torture.amounts import amount
from tests.torture.worlds import HERE, Guest

SEED: Final = 4
NOTES: Final = amount(ci=40, torture=180)
DIGITS: Final = slice(21, 41)
TURN_SECONDS: Final = 30
SLACK_MS: Final = 2_000
MOST_AHEAD_MS: Final = 10 * 365 * 24 * 3600 * 1000
"""What a server believes of a clock that was ahead of the machine's."""
BEATS: Final = 5


def settings_of(data: Path) -> Settings:
    return Settings(
        bind=(HERE,), port=0, data=data, seats=2, turn_seconds=TURN_SECONDS, topics=("hug",), keep_days=1, rounds=100
    )


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data of a server that was ended in a turn, with some sittings that were over."""
    folder = tmp_path_factory.mktemp("notes")
    asyncio.run(leave_behind(folder))
    return folder / "left"


async def leave_behind(folder: Path) -> None:
    server = await start_server(settings_of(folder / "data"))
    for _ in range(2):
        for name in ("Kari", "Lars"):
            Guest("main", name).enter(server.hall, Wish(room="main", name=name, keyed=True))
        await asyncio.sleep(0.01)
        server.hall.command(RoomName("main"), CloseSitting())
        await asyncio.sleep(0.01)
    for name in ("Kari", "Lars"):
        Guest("main", name).enter(server.hall, Wish(room="main", name=name, keyed=True))
    await asyncio.sleep(0.01)
    shutil.copytree(folder / "data", folder / "left")  # as a kill leaves it
    await server.stop(close_sittings=False)


def other_digits(line: bytes) -> list[bytes]:
    """Return the line with each digit of the moment replaced by each other one."""
    return [
        line[:at] + b"%d" % digit + line[at + 1 :]
        for at in range(DIGITS.start, DIGITS.stop)
        for digit in range(10)
        if line[at : at + 1] != b"%d" % digit
    ]


async def complaints(left: Path, home: Path, lines: Iterable[bytes]) -> list[str]:
    """Start a server with each of these notes, and return what is wrong with it."""
    found = []
    for line in lines:
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(left, home)
        (home / LOCK).write_bytes(line)
        server = await start_server(settings_of(home))
        try:
            found += [f"{line!r}: {trouble}" for trouble in troubles(server)]
        finally:
            await server.stop(close_sittings=False)
    return found


def troubles(server: RunningServer) -> list[str]:
    found = []
    machine = int(time.time() * 1000)
    ahead = server.clock.now() - machine
    if not -SLACK_MS < ahead < MOST_AHEAD_MS + SLACK_MS:
        found.append(f"the clock is {ahead} ms ahead of the machine's")
    for _ in range(BEATS):
        server._beat()
    (summary,) = server.log.rooms()
    if summary.first_seq != 1:
        found.append(f"forgotten up to {summary.first_seq - 1}")
    turns = server.hall.room(RoomName("main")).newest.turns
    left_ms = [turn.deadline - server.clock.now() for turn in turns if turn.deadline is not None]
    if not left_ms or not all(0 < left <= TURN_SECONDS * 1000 + SLACK_MS for left in left_ms):
        found.append(f"turns end in {left_ms} ms")
    return found


async def test_another_digit_moves_no_clock_and_forgets_nothing(
    left: Path, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """The clock is at most as far ahead as a clock may have been, and whoever has the floor has it for one turn."""
    lines = other_digits((left / LOCK).read_bytes())
    tried = Random(f"{SEED}/notes").sample(lines, min(NOTES, len(lines)))

    found = await complaints(left, tmp_path / "data", tried)

    assert found == []
    figure(
        f"notes: {len(tried)} of {len(lines)} wrong digits in when a server was last alive: no clock, turn or "
        f"sitting is touched; seed {SEED}"
    )


async def test_the_right_note_is_found_right(left: Path, tmp_path: Path) -> None:
    """A server that goes on right after a kill has the time, and the turn what it had left."""
    assert await complaints(left, tmp_path / "data", [(left / LOCK).read_bytes()]) == []


def believe_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is old is told by the server's clock, not by the machine's."""
    monkeypatch.setattr(Hall, "tidy", lambda hall, _now: hall._retention.step(hall.press.clock.now()))


def believe_the_note(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any moment is believed, however far ahead."""
    monkeypatch.setattr("moothall.wiring._MOST_AHEAD_SECONDS", 1 << 60)


@pytest.mark.parametrize(
    ("plant", "said"), [(believe_the_clock, "forgotten up to"), (believe_the_note, "ahead of the machine's")]
)
async def test_a_server_that_believes_too_much_is_found(
    plant: Callable[[pytest.MonkeyPatch], None],
    said: str,
    left: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Planted bugs."""
    plant(monkeypatch)
    line = (left / LOCK).read_bytes()
    ahead = [line[:at] + b"9" + line[at + 1 :] for at in range(28, 31)]  # by 800, 80 or 8 years, and less

    assert any(said in found for found in await complaints(left, tmp_path / "data", ahead))
