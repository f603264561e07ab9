"""Real servers with real bugs: the judge finds each, and a server without one is found right."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from moothall.errors import DataCorrupt
from moothall.log import chain
from moothall.log.folder import DATABASE
from tests.torture.bugs import Bug
from tests.torture.failing_server import failing
from tests.torture.journals import Journal, judge, read_rooms
from tests.torture.talkers import Crowd, fixed_port, talk_options
from tests.torture.victims import a_victim

EVERY = 20
"""Of what the bug can spoil, one of so many is."""
HANG_UPS = 8
UTTERANCES = 40  # between two of them
NET_SECONDS = 60
CORRUPT = 4
"""The exit code of a server whose data is not what was written."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")


@pytest.mark.parametrize(
    ("bug", "kinds"),
    [
        (Bug.NONE, set()),
        (Bug.SHOWS_BEFORE_COMMIT, {"lost", "shown_not_stored"}),
        (Bug.DROPS_FOR_READERS, {"gaps"}),
        (Bug.STORES_TWICE, {"doubled"}),
        (Bug.FORGETS_CIDS, {"doubled"}),
        (Bug.SWAPS_FOR_READERS, {"reordered"}),
        (Bug.SWAPS_IN_LOG, {"reordered"}),
    ],
)
async def test_a_planted_bug_is_found_and_no_other(
    bug: Bug, kinds: set[str], tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """Who shows before the commit is found out by a kill; who forgets a cid, by what is sent again after a reset."""
    crowd = await a_talk(tmp_path / "data", bug)
    verdict = judge(crowd.journals, read_rooms(tmp_path / "data"))

    assert set(verdict.faults()) == kinds
    found = ", ".join(f"{len(getattr(verdict, kind))} {kind.replace('_', ' ')}" for kind in sorted(kinds))
    figure(f"planted: {bug}: {found or 'nothing found'}, in {verdict.sent} sent and {verdict.read} lines read")


async def test_an_event_dropped_on_its_way_into_the_log_is_found_by_the_log_itself(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """Each row says where it begins and which was before it: nobody reads over a hole, and no server starts on it."""
    await a_talk(tmp_path / "data", Bug.DROPS_FROM_LOG)

    with pytest.raises(DataCorrupt):
        read_rooms(tmp_path / "data")
    assert await start(tmp_path / "data", Bug.NONE) == CORRUPT
    figure(f"planted: {Bug.DROPS_FROM_LOG}: the log cannot be read, and a server ends with exit code {CORRUPT}")


async def test_a_changed_letter_is_found_by_the_log_and_without_checksums_by_the_judge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figure: Callable[[str], None]
) -> None:
    """A right server ends and says why. One that looks at no checksum starts, and has other words than were said."""
    data = tmp_path / "data"
    crowd = await a_talk(data, Bug.NONE)
    flip_a_letter(data / DATABASE, crowd.journals[0])

    with pytest.raises(DataCorrupt):
        read_rooms(data)
    assert await start(data, Bug.NONE) == CORRUPT
    monkeypatch.setattr(chain, "verify", lambda *_: None)
    assert await start(data, Bug.SKIPS_CHECKSUM) is None
    verdict = judge(crowd.journals, read_rooms(data))
    assert set(verdict.faults()) == {"lost", "shown_not_stored"}
    figure(
        f"planted: {Bug.SKIPS_CHECKSUM}: {len(verdict.lost)} lost, {len(verdict.shown_not_stored)} shown not stored, "
        f"of one letter changed on the disk; with the checksum a server ends with exit code {CORRUPT}"
    )


async def a_talk(data: Path, bug: Bug) -> Crowd:
    """Let a crowd talk to a server with a bug until it ends; return the crowd, dispersed."""
    port = fixed_port()
    server_of = a_victim(data, port, *talk_options(), command=failing(bug, EVERY))
    talkers = Crowd(port, clients=8, rooms=2, pause_seconds=0.01)
    async with asyncio.timeout(NET_SECONDS), talkers as crowd, server_of as server:
        await server.outlives(crowd.gathered())
        for _ in range(HANG_UPS):
            await server.outlives(crowd.talked(UTTERANCES))
            if bug in {Bug.NONE, Bug.FORGETS_CIDS}:
                for talker in crowd.talkers:
                    talker.hang_up()
        await server.outlives(crowd.talked(UTTERANCES))
        if bug is Bug.SHOWS_BEFORE_COMMIT:
            await server.kill()
        else:
            await server.terminate()
    return crowd


async def start(data: Path, bug: Bug) -> int | None:
    """Start a server on the data; return the code with which it ends by itself, None where it serves."""
    port = fixed_port()
    async with asyncio.timeout(NET_SECONDS), a_victim(data, port, command=failing(bug, EVERY)) as server:
        serves, ends = asyncio.create_task(Crowd(port).connect()), asyncio.create_task(server.ended())
        await asyncio.wait((serves, ends), return_when=asyncio.FIRST_COMPLETED)
        if ends.done():
            serves.cancel()
            return ends.result()
        ends.cancel()
        serves.result()[1].close()
        return None


def flip_a_letter(file: Path, journal: Journal) -> None:
    """Flip a bit in a letter of what somebody was told is stored, wherever in the file it stands."""
    cid = next(iter(journal.receipts))
    words = f'"text":"{journal.attempts[cid]}"'.encode()
    data = file.read_bytes()
    assert words in data
    file.write_bytes(data.replace(words, words.replace(b"says", b"sayr")))
