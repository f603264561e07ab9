"""What a server's end leaves behind, and what the next start makes of it."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from moothall import Turn
from moothall.bots.run import play
from moothall.engine.events import Event, Reopened, Said, SittingClosed, SittingOpened
from moothall.engine.names import RoomName
from moothall.log.folder import LOCK
from moothall.log.reader import open_reader
from moothall.wire.json_lines import Stamp, decode_event
from tests.e2e.processes import Server, a_guest, a_server

FOUR = ("Alice", "Bob", "Chuck", "Dora")
KILLS = 5
MAIN = RoomName("main")

E = TypeVar("E", bound=Event)

kills = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")


def the_log(data: Path) -> list[tuple[Event, Stamp]]:
    """Return all that happened in the room, read from the disk."""
    reader = open_reader(data)
    entries: list[tuple[Event, Stamp]] = []
    while page := reader.read(MAIN, after=len(entries)):
        entries += [decode_event(entry.body) for entry in page]
    reader.close()
    return entries


def only(kind: type[E], entries: list[tuple[Event, Stamp]]) -> list[E]:
    return [event for event, _ in entries if isinstance(event, kind)]


class Killer:
    """Kills a server at a random instant around the third turn of a sitting of four."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.third_turn = asyncio.Event()

    def bot(self, name: str) -> Callable[[Turn], Awaitable[str]]:
        """Return a bot that thinks for some milliseconds, and tells when the third turn begins."""

        async def answer(turn: Turn) -> str:
            if turn.number % 4 == 3:
                self.third_turn.set()
            await asyncio.sleep(self.chance.uniform(0, 0.01))  # so that the kill comes before, in, or after the turn
            return f"{name} in turn {turn.number}"

        return answer

    async def kill_in_third_turn(self, server: Server) -> None:
        await self.third_turn.wait()
        self.third_turn.clear()
        await asyncio.sleep(self.chance.uniform(0, 0.01))
        await server.kill()


@kills
@pytest.mark.parametrize("seed", range(4))
async def test_a_killed_server_goes_on_in_the_same_turn(seed: int, tmp_path: Path) -> None:
    """Killed in one sitting after the other, each is finished, everything is said once, and no seq is missing."""
    killer = Killer(random.Random(seed))
    port = 0
    for _ in range(KILLS):
        async with a_server(tmp_path, "--topic", "hug", port=port) as server:
            port = server.port
            bots = [asyncio.create_task(play(killer.bot(name), name, port=port)) for name in FOUR]
            await killer.kill_in_third_turn(server)
        async with a_server(tmp_path, "--topic", "hug", port=port):
            await asyncio.gather(*bots)

    entries = the_log(tmp_path)
    said = [event.text for event in only(Said, entries)]
    assert len(only(SittingOpened, entries)) == len(only(SittingClosed, entries)) == KILLS
    assert sorted(int(words.rpartition(" ")[2]) for words in said) == list(range(1, 4 * KILLS + 1))
    assert [stamp.seq for _, stamp in entries] == list(range(1, len(entries) + 1))


async def heartbeat(data: Path, after: int) -> int:
    """Wait until the server has reported that it was alive after a moment; return when that was."""
    while True:
        words = (data / LOCK).read_bytes().split()
        if int(words[1]) > after:
            return int(words[1])
        await asyncio.sleep(0.01)  # nobody tells: it is for the next server to read


@kills
@pytest.mark.parametrize("turn_seconds", [20, 5])
async def test_a_turn_goes_on_with_the_time_that_was_left(turn_seconds: int, tmp_path: Path) -> None:
    """Time without a server does not count, and five seconds are the least; a seat without a key is gone."""
    options = ("--seats", "2", "--topic", "hug", "--turn-seconds", str(turn_seconds))
    async with a_server(tmp_path, *options) as server, a_guest(server.port) as kari:
        kari.ask(do="join", name="Kari")
        joined = await kari.frame()
        async with a_guest(server.port, "Lars"):
            granted = await kari.until_frame(event="floor_granted", name="Kari")
            alive = await heartbeat(tmp_path, after=granted["at"])
            await server.kill()
    async with a_server(tmp_path, *options, port=server.port), a_guest(server.port) as kari:
        kari.ask(do="join", name="Kari", key=joined["key"], epoch=joined["epoch"], after=granted["seq"])
        resumed = await kari.frame()
        kari.ask(do="say", text="Here I am.", turn=granted["turn"], cid="c1")
        left = await kari.until_frame(event="left")
        reopened = await kari.until_frame(event="reopened")
        said = await kari.until_frame(event="said")

    time_left = reopened["deadline"] - reopened["at"]
    assert (resumed["reply"], resumed["holder"]) == ("resumed", "Kari")
    assert (left["name"], left["reason"]) == ("Lars", "restart")
    assert time_left == max(granted["deadline"] - alive, 5_000)
    assert (turn_seconds - 1.1) * 1000 < time_left < turn_seconds * 1000 or time_left == 5_000
    assert reopened["turn"] == said["turn"] == granted["turn"]


@kills
async def test_ctrl_c_closes_the_sitting_and_the_next_start_gathers_afresh(tmp_path: Path) -> None:
    """Whoever stops a server at its terminal means it."""
    options = ("--seats", "2", "--topic", "hug")
    async with a_server(tmp_path, *options) as server, a_guest(server.port, "Lars") as lars:
        async with a_guest(server.port, "Kari") as kari:
            await lars.until("* Your turn")
            server.send_signal(signal.SIGINT)
            goodbyes = [(await guest.rest())[-1] for guest in (lars, kari)]
        code, said = await server.ends()
    async with a_server(tmp_path, *options) as server:
        opening = server.opening

    assert goodbyes == ["* Goodbye. The operator closed the sitting. 0 answers."] * 2
    assert (code, said[-1]) == (0, "The server has ended. Goodbye!")
    assert opening[0].endswith("Waiting for clients: 0/2 here.")


@kills
async def test_a_server_that_is_told_to_terminate_goes_on_with_its_sitting(tmp_path: Path) -> None:
    """A machine that restarts ends no conversation: the first speaker still has the same turn."""
    options = ("--seats", "2", "--topic", "hug")
    has_floor, is_back = asyncio.Event(), asyncio.Event()

    async def slow(turn: Turn) -> str:
        has_floor.set()
        await is_back.wait()
        return f"Turn {turn.number}"

    async with a_server(tmp_path, *options) as server:
        bots = [asyncio.create_task(play(slow, name, port=server.port)) for name in ("Lars", "Kari")]
        await has_floor.wait()
        server.send_signal(signal.SIGTERM)
        code, said = await server.ends()
    async with a_server(tmp_path, *options, port=server.port):
        is_back.set()
        await asyncio.gather(*bots)

    entries = the_log(tmp_path)
    assert (code, said[-1]) == (0, "The server has stopped; its sittings go on at the next start.")
    assert [event.text for event in only(Said, entries)] == ["Turn 1", "Turn 2"]
    assert len(only(SittingOpened, entries)) == len(only(Reopened, entries)) == 1
