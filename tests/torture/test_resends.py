"""Said once: a connection is reset between the words and their receipt, and the words are sent again, and again.

Under the same cid, over new connections, and across restarts of the server, killed or told to terminate.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from tests.torture.amounts import amount
from tests.torture.journals import Journal, Stretch, judge, read_rooms
from tests.torture.talkers import HERE, fixed_port, reset, talk_options
from tests.torture.victims import a_victim

SEED: Final = 4
SENDS: Final = amount(ci=300, torture=10_000)
CHUNKS: Final = amount(ci=1, torture=4)
SENDERS: Final = 10
SENDS_PER_RESTART: Final = 60
REMEMBERED: Final = 64
"""How many cids of a seat the server remembers: docs/protocol/json.md §6."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")


class Sender:
    """A seat whose connections are reset as soon as it has said something, until at last it waits for the receipt."""

    def __init__(self, port: int, room: str, name: str, chance: Random) -> None:
        self.journal = Journal(room, name, "json")
        self.is_talking = asyncio.Event()
        self.resets = 0
        self.reused = 0
        self.known = 0  # answers that it was said before
        self._port = port
        self._chance = chance
        self._key = ""
        self._epoch = ""
        self._stretch = Stretch("none")
        self._answers: Counter[str] = Counter()
        self._seqs: dict[str, int] = {}  # by cid, as last told
        self._refused: list[tuple[str | None, str]] = []
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    @property
    def counts(self) -> tuple[int, int, int]:
        return self.resets, self.reused, self.known

    async def talk(self, sends: int, on_said: Callable[[], None]) -> None:
        """Say so many things, each under a cid of its own and sent two to six times."""
        for number in range(sends):
            cid, words = f"c{number}", f"{self.journal.name} says {number}"
            self.journal.attempts[cid] = words
            more = self._chance.randint(1, 5)
            self.journal.resent += more
            while more:
                copies = self._chance.randint(1, more)
                more -= copies
                await self._say_and_reset(cid, words, copies)
            await self.say(cid, words)
            if self._chance.random() < 0.1:
                await self._say_otherwise(cid)
            on_said()

    async def say(self, cid: str, words: str) -> int:
        """Say something and wait for the receipt, over as many connections as it takes; return its seq."""
        answered = self._answers[cid]
        while True:
            with suppress(OSError):
                await self._send(cid, words)
                while self._answers[cid] == answered:
                    await self._read()
                return self._seqs[cid]
            self.hang_up()

    async def say_new(self, number: int) -> int:
        """Say what that number stands for, and return the seq that the answer tells."""
        cid = f"c{number}"
        self.journal.attempts[cid] = words = f"{self.journal.name} says {number}"
        return await self.say(cid, words)

    async def come(self) -> None:
        """Be connected, and in the room."""
        while self._line is None:
            with suppress(OSError):
                self._line = await asyncio.open_connection(HERE, self._port, limit=1 << 20)
                await self._join()
                return
            self.hang_up()
            await asyncio.sleep(0.01)  # nobody tells when the server is back

    async def read_on(self) -> None:
        """Read until the room talks."""
        await self.come()
        while not self.is_talking.is_set():
            await self._read()

    async def say_otherwise(self, cid: str, words: str) -> str:
        """Say something that is refused, and return the reason."""
        before = len(self._refused)
        while True:
            with suppress(OSError):
                await self._send(cid, words)
                while len(self._refused) == before:
                    await self._read()
                assert self._refused[-1][0] == cid
                return self._refused[-1][1]
            self.hang_up()

    def hang_up(self) -> None:
        """Reset the connection."""
        if self._line is not None:
            reset(self._line[1])
        self._line = None

    async def _join(self) -> None:
        back = {"key": self._key, "epoch": self._epoch, "after": self.journal.last_read()} if self._key else {}
        self._write({"do": "join", "room": self.journal.room, "name": self.journal.name, **back})
        stretches = len(self.journal.stretches)
        while len(self.journal.stretches) == stretches:
            await self._read()

    async def _say_and_reset(self, cid: str, words: str, copies: int) -> None:
        with suppress(OSError):
            for _ in range(copies):
                await self._send(cid, words)
            with suppress(TimeoutError):
                # From before the words have arrived until after the receipt has been written.
                async with asyncio.timeout(self._chance.choice((0, 0.0005, 0.001, 0.002, 0.005))):
                    while cid not in self.journal.receipts:
                        await self._read()
        self.resets += 1
        self.hang_up()

    async def _say_otherwise(self, cid: str) -> None:
        assert await self.say_otherwise(cid, "Something else") == "cid_reused"
        self.reused += 1

    async def _send(self, cid: str, words: str) -> None:
        await self.come()
        self._write({"do": "say", "text": words, "cid": cid})

    def _write(self, frame: dict[str, Any]) -> None:
        assert self._line is not None
        self._line[1].write(json.dumps(frame).encode() + b"\n")

    async def _read(self) -> None:
        if self._line is None:
            raise ConnectionResetError
        line = await self._line[0].readline()
        if not line.endswith(b"\n"):
            raise ConnectionResetError
        self._take(line[:-1], json.loads(line))

    def _take(self, line: bytes, told: dict[str, Any]) -> None:
        match told:
            case {"event": event}:
                self._stretch.read.append(line)
                if event == "topic_opened":
                    self.is_talking.set()
                if event == "said" and told["name"] == self.journal.name:
                    self._acknowledge(told["cid"], told["seq"])
            case {"reply": "said"}:
                self.known += 1
                self._acknowledge(told["cid"], told["seq"])
            case {"reply": "joined" | "resumed" | "reset" | "gap"}:
                self._key = told.get("key", self._key)
                self._epoch = told["epoch"]
                self._stretch = Stretch(told["reply"], told["after"], told.get("first", 0), told["seq"], told["epoch"])
                self.journal.stretches.append(self._stretch)
            case {"reply": "refused", "do": "say"}:
                self._refused.append((told.get("cid"), told["reason"]))
            case {"reply": "refused" | "goodbye"}:
                raise ConnectionResetError

    def _acknowledge(self, cid: str, seq: int) -> None:
        self._answers[cid] += 1
        self._seqs[cid] = seq
        self.journal.acknowledge(cid, seq)


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_what_is_sent_again_is_stored_once(chunk: int, tmp_path: Path, figure: Callable[[str], None]) -> None:
    """As many are stored as were sent, in each seat's order, whatever became of the connections and of the server."""
    chance = Random(f"{SEED}/resends/{chunk}")
    port, data, sends = fixed_port(), tmp_path / "data", SENDS // CHUNKS // SENDERS * SENDERS
    options = talk_options(seats=2)
    senders = [
        Sender(port, f"room{number // 2}", f"N{number}", Random(f"{SEED}/{chunk}/{number}"))
        for number in range(SENDERS)
    ]
    said, restarts, is_due = 0, 0, asyncio.Event()

    def on_said() -> None:
        nonlocal said
        said += 1
        if said % SENDS_PER_RESTART == 0:
            is_due.set()

    async with asyncio.timeout(900):
        async with a_victim(data, port, *options) as server:
            await server.outlives(all_of(sender.read_on() for sender in senders))
            talking = asyncio.create_task(all_of(sender.talk(sends // SENDERS, on_said) for sender in senders))
            await is_due.wait()
            await server.kill()
        while not talking.done():
            is_due.clear()
            restarts += 1
            async with a_victim(data, port, *options) as server:
                due = asyncio.create_task(is_due.wait())
                await server.outlives(first_of(due, talking))
                due.cancel()
                if chance.random() < 0.5 and not talking.done():
                    await server.kill()
                else:
                    assert await server.terminate() == 0, server.said()
        await talking
    for sender in senders:
        sender.hang_up()
    journals, log = [sender.journal for sender in senders], read_rooms(data)
    verdict = judge(journals, log)
    stored = sum(body.startswith(b'{"event":"said"') for bodies in log.values() for body in bodies)

    assert verdict.faults() == {}
    assert stored == verdict.sent == verdict.acknowledged == sends
    resets, reused, known = (sum(counts) for counts in zip(*(sender.counts for sender in senders), strict=True))
    figure(
        f"resends: {sends} sent, {stored} stored, each once and in its seat's order; {verdict.resent} resends over "
        f"{resets} resets and {restarts} restarts, {known} answered that it was said, {reused} in other words, "
        f"refused; seed {SEED}/resends/{chunk}"
    )


async def all_of(talks: Iterable[Coroutine[Any, Any, None]]) -> None:
    async with asyncio.TaskGroup() as group:
        for talk in talks:
            group.create_task(talk)


async def first_of(*tasks: asyncio.Task[Any]) -> None:
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)


async def test_the_last_64_cids_are_remembered_across_a_kill_and_none_before(tmp_path: Path) -> None:
    """Words under the 65th last cid are new ones: a client leaves at most 64 without a receipt."""
    port, data, options = fixed_port(), tmp_path / "data", talk_options(seats=1)
    ada = Sender(port, "main", "Ada", Random(SEED))
    async with asyncio.timeout(60):
        async with a_victim(data, port, *options) as server:
            await ada.read_on()
            first = {number: await ada.say_new(number) for number in range(REMEMBERED + 1)}
            await server.kill()
        async with a_victim(data, port, *options):
            remembered = [await ada.say_new(number) for number in range(1, REMEMBERED + 1)]
            otherwise = [await ada.say_otherwise(f"c{number}", "Something else") for number in (1, REMEMBERED)]
            anew = await ada.say_new(0)
            ada.hang_up()
    said = [json.loads(body)["seq"] for body in read_rooms(data)["main"] if body.startswith(b'{"event":"said"')]

    assert remembered == list(first.values())[1:]
    assert otherwise == ["cid_reused"] * 2
    assert anew > max(remembered)
    assert said == [*first.values(), anew]
