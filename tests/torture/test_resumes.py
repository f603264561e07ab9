"""Whoever comes back is told exactly one of resumed, gap and reset, and then reads on without a hole: at random.

Most of them come to a hall in memory through the server's own doors, some to a real server over TCP.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

import pytest
from msgspec.structs import replace

from moothall.engine.names import Name, RoomName
from moothall.hall.clerk import Clerk
from moothall.hall.limits import HallLimits
from moothall.hall.lobby import Arrival, Lobby, Wish
from moothall.log.memory import MemoryLog
from moothall.log.room_log import RoomLog
from moothall.log.sqlite import open_log
from moothall.settings import Settings
from moothall.testing import MemoryHall
from moothall.wiring import RunningServer, start_server
from tests.doors.fakes import Desk, Peer
from tests.doors.guests import SkippingClock
from tests.torture.amounts import amount
from tests.torture.resuming import ELSEWHERE, KEEP, Answer, Ask, Town, answer_to, faults_of

SEED: Final = 4
HERE: Final = "127.0.0.1"
CHUNKS: Final = amount(ci=1, torture=6)
IN_MEMORY: Final = amount(ci=540, torture=9_000)
OVER_TCP: Final = amount(ci=60, torture=1_000)
PER_TOWN: Final = 300
ROOMS: Final = tuple(f"room{number}" for number in range(6))
NET_SECONDS: Final = 300
PONG: Final = b'{"reply":"pong"}\n'


def a_desk(log: RoomLog) -> Desk:
    """Return doors before a hall that forgets what is old."""
    desk = Desk()
    desk.house = MemoryHall(desk.hall.rules, log, desk.clock, HallLimits(keep=KEEP))
    desk.hall = desk.house.hall
    return desk


class Comers:
    """Those who come to one town in memory, one after the other."""

    def __init__(self, log: RoomLog, die: Random) -> None:
        self.log = log
        self.desk = a_desk(log)
        self.town = Town(self.desk.hall, die, ROOMS)
        self.town.forget()
        self.faults: list[tuple[Ask, str]] = []
        self.replies: Counter[str] = Counter()
        self._holders: dict[tuple[str, str], Peer] = {}

    def come(self, die: Random) -> None:
        """Make one request, read all of it, and go or stay."""
        ask = self.town.draw(die.choice(ROOMS))
        answer = answer_to(ask, self.town)
        peer = self.desk.connect()
        peer.sends(ask.line())
        fault = faults_of(answer, lines_of(peer), self.town.entries(ask.room))
        self.replies[reply_in(answer)] += 1
        if not fault and answer.start is not None:
            if self.town.goes_on(ask.room):
                self.desk.clock.settle()
                fault = faults_of(answer, lines_of(peer), self.town.entries(ask.room)) and "what came later is missing"
            if not ask.watch:
                fault = fault or self._took_over(ask, peer)
        if fault:
            self.faults.append((ask, fault))
        if peer not in self._holders.values() or die.random() < 0.5:
            self._holders = {seat: other for seat, other in self._holders.items() if other is not peer}
            peer.hangs_up()

    def _took_over(self, ask: Ask, peer: Peer) -> str:
        before = self._holders.get((ask.room, ask.name))
        self._holders[ask.room, ask.name] = peer
        if before is None:
            return ""
        *_, last = lines_of(before)
        return (
            "" if last.startswith(b'{"reply":"goodbye","reason":"taken_over"') else f"the old connection reads {last!r}"
        )


def lines_of(peer: Peer) -> list[bytes]:
    return bytes(peer.transport.taken).split(b"\n")[:-1]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_whoever_comes_back_is_told_exactly_where_they_are(chunk: int, figure: Callable[[str], None]) -> None:
    """Whatever cursor, epoch, key and room a request names, one answer is right, and no event is missing after it."""
    count = len(range(chunk, IN_MEMORY, CHUNKS))
    replies: Counter[str] = Counter()
    for first in range(0, count, PER_TOWN):
        die = Random(f"{SEED}/{chunk}/{first}")
        comers = Comers(MemoryLog() if die.random() < 0.5 else open_log(None), die)
        for _ in range(min(PER_TOWN, count - first)):
            comers.come(die)
        comers.log.close()
        replies += comers.replies

        assert comers.faults == []

    part = f" {chunk + 1}/{CHUNKS}" if CHUNKS > 1 else ""
    figure(f"resumes{part}: {count} requests, seed {SEED}, each with its one right answer and no hole: {told(replies)}")


async def test_whoever_comes_back_over_tcp_is_told_exactly_where_they_are(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """The same through sockets, before a log on a disk, several rooms at a time."""
    replies: Counter[str] = Counter()
    faults: list[tuple[Ask, str]] = []
    for first in range(0, OVER_TCP, PER_TOWN):
        folder = tmp_path / str(first)
        settings = Settings(bind=(HERE,), port=0, data=folder, keep_entries=KEEP.entries, topics=("hug",))
        clock = SkippingClock()
        server = await start_server(settings, clock=clock)
        try:
            town = Town(server.hall, Random(f"{SEED}/tcp/{first}"), ROOMS)
            clock.skip(60_000)  # it has just looked for what is old
            town.forget()
            async with asyncio.timeout(NET_SECONDS), asyncio.TaskGroup() as group:
                for place, room in enumerate(ROOMS):
                    count = len(range(first + place, min(first + PER_TOWN, OVER_TCP), len(ROOMS)))
                    group.create_task(come_over_tcp(server, town, room, count, replies, faults))
        finally:
            await server.stop(close_sittings=False)

    assert faults == []

    figure(f"resumes over TCP: {OVER_TCP} requests, seed {SEED}, likewise: {told(replies)}")


async def come_over_tcp(
    server: RunningServer, town: Town, room: str, count: int, replies: Counter[str], faults: list[tuple[Ask, str]]
) -> None:
    """Make requests about one room, one after the other."""
    for _ in range(count):
        ask = town.draw(room)
        while ask.room not in {room, ELSEWHERE}:  # others come to the other rooms meanwhile
            ask = town.draw(room)
        answer = answer_to(ask, town)
        reader, writer = await asyncio.open_connection(HERE, server.port)
        writer.write(ask.line())
        lines = [await reader.readline()]
        if lines[0].startswith(b'{"reply":"%s"' % str(answer.fields["reply"]).encode()):
            lines += [await reader.readline() for _ in town.missed(answer, ask.room)]
        writer.write(b'{"do":"ping"}\n')
        while (line := await reader.readline()) not in {PONG, b""}:
            lines.append(line)
        fault = faults_of(answer, [line.removesuffix(b"\n") for line in lines], town.entries(ask.room))
        replies[reply_in(answer)] += 1
        if fault:
            faults.append((ask, fault))
        clerk = server.hall.find(RoomName(ask.room))
        assert clerk is not None or answer.start is None
        visit = None if clerk is None or ask.watch else clerk.visits.get(Name(ask.name))
        writer.close()
        await writer.wait_closed()
        if clerk is not None and visit is not None and answer.start is not None:
            # The next request is judged by a room that has noticed; nobody tells when that is.
            while not visit.is_over or clerk.is_dirty:  # noqa: ASYNC110
                await asyncio.sleep(0)


def reply_in(answer: Answer) -> str:
    return " ".join(str(answer.fields[word]) for word in ("reply", "reason") if word in answer.fields)


def told(replies: Counter[str]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in replies.most_common())


# What is planted, and must be found.


def resumed_ahead(lobby: Lobby, clerk: Clerk, wish: Wish) -> tuple[Arrival, int]:
    """Whoever is ahead of the room is told that nothing was missed."""
    arrival, after = _WHERE(lobby, clerk, wish)
    is_ahead = wish.after is not None and wish.after > clerk.settled.seq
    return (Arrival.RESUMED, clerk.settled.seq) if is_ahead else (arrival, after)


def one_skipped(lobby: Lobby, clerk: Clerk, wish: Wish) -> tuple[Arrival, int]:
    """Reading begins one event too late."""
    arrival, after = _WHERE(lobby, clerk, wish)
    return arrival, min(after + 1, clerk.settled.seq)


def epoch_ignored(lobby: Lobby, clerk: Clerk, wish: Wish) -> tuple[Arrival, int]:
    """The seqs of another life of the data are taken for those of this one."""
    return _WHERE(lobby, clerk, replace(wish, epoch=lobby._hall.epoch))


def gap_unsaid(lobby: Lobby, clerk: Clerk, wish: Wish) -> tuple[Arrival, int]:
    """What was forgotten is passed over in silence."""
    arrival, after = _WHERE(lobby, clerk, wish)
    return (Arrival.RESUMED if arrival is Arrival.GAP else arrival), after


_WHERE = Lobby._where


@pytest.mark.parametrize("where", [resumed_ahead, one_skipped, epoch_ignored, gap_unsaid])
def test_a_lobby_with_a_fault_is_caught(
    where: Callable[[Lobby, Clerk, Wish], tuple[Arrival, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them within a few hundred requests."""
    monkeypatch.setattr(Lobby, "_where", where)
    die = Random(f"{SEED}/planted")
    comers = Comers(MemoryLog(), die)
    for _ in range(PER_TOWN):
        comers.come(die)

    assert comers.faults


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        (lambda lines: [*lines[:3], *lines[4:]], "resumed: 3 events, not 4; the first that differs: 2"),
        (lambda lines: [*lines[:3], lines[2], *lines[3:]], "resumed: 5 events, not 4; the first that differs: 2"),
        (lambda lines: [*lines[:1], *lines], '2 replies: [b\'{"reply":"resumed","after":6,"seq":10}\']'),
        (lambda lines: lines, ""),
    ],
)
def test_a_line_too_few_or_too_many_is_caught(plant: Callable[[list[bytes]], list[bytes]], fault: str) -> None:
    """The reader's lines are compared with the log, byte for byte."""
    entries = [(seq, b'{"event":"said","seq":%d}' % seq) for seq in range(1, 11)]
    lines = [b'{"reply":"resumed","after":6,"seq":10}', *(body for _, body in entries[6:])]
    answer = Answer({"reply": "resumed", "after": 6, "seq": 10}, 6)

    assert faults_of(answer, plant(lines), entries) == fault
