"""Clients that talk as fast as they may, keep journals, and survive the server's end: they come back and send again.

They run in the test's process and speak to a server over TCP, over both doors. Nothing in here is the product's.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from random import Random
from types import TracebackType
from typing import Any, Final

from tests.torture.journals import Journal, Stretch, seq_of

__all__ = ["HERE", "Crowd", "JsonTalker", "Talker", "TextTalker", "fixed_port", "talk_options"]

HERE: Final = "127.0.0.1"

_LINE_LIMIT: Final = 1 << 20
_RETRY_SECONDS: Final = 0.01
_REFUSED_SECONDS: Final = 0.05
_SILENT_SECONDS: Final = 5.0
"""The text door refuses for one reason but once in a turn: who hears nothing for so long hangs up and comes again."""
_MAX_TAIL_CHARS: Final = 40


def talk_options(*, seats: int = 4) -> tuple[str, ...]:
    """Return the options of a server in which a crowd talks without end, and has its seats held for ten minutes."""
    return ("--policy", "open", "--seats", str(seats), "--topic", "hug", "--away-seconds", "600")


def fixed_port(chance: Random | None = None) -> int:
    """Return a free port to which a server can come back, again and again.

    It lies below those that the system gives to clients: one of these could take it, or connect to itself, while no
    server is there.
    """
    chance = chance or Random()
    while True:
        port = chance.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HERE, port))
            return port


class Crowd:
    """Clients over both doors, by turns, spread over rooms.

    A client whose first welcome is lost has lost its key: let `gathered` return before anything is killed.

    Args:
        pause_seconds: the longest that somebody thinks before they say more.
        window: how many utterances a client of the JSON door leaves without a receipt.
        has_floor: the rooms' policy gives the floor (round-robin without end), and one waits for it; else it is `open`.
    """

    def __init__(
        self,
        port: int,
        *,
        clients: int = 20,
        rooms: int = 5,
        seed: str = "4",
        pause_seconds: float = 0.03,
        window: int = 4,
        has_floor: bool = False,
    ) -> None:
        self.port = port
        self.pause_seconds = pause_seconds
        self.window = 1 if has_floor else window
        self.has_floor = has_floor
        self.is_quiet = False
        self.welcomed_at = 0.0  # by time.perf_counter, of the latest welcome
        self.changed = asyncio.Event()
        kinds: tuple[type[Talker], ...] = (JsonTalker, TextTalker)
        self.talkers = [
            kinds[number // rooms % 2](self, f"room{number % rooms}", f"N{number:02}", Random(f"{seed}/{number}"))
            for number in range(clients)
        ]
        self._tasks: list[asyncio.Task[None]] = []
        self._door = asyncio.Lock()

    @property
    def journals(self) -> list[Journal]:
        return [talker.journal for talker in self.talkers]

    async def __aenter__(self) -> Crowd:
        self._tasks = [asyncio.create_task(talker.live()) for talker in self.talkers]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        done = await asyncio.gather(*self._tasks, return_exceptions=True)
        for outcome in done:
            if error is None and not isinstance(outcome, asyncio.CancelledError):
                assert isinstance(outcome, BaseException)
                raise outcome

    async def gathered(self) -> None:
        """Wait until everybody has a seat and a connection."""
        await self.until(lambda: all(talker.is_in for talker in self.talkers))

    async def welcomed(self) -> float:
        """Return when somebody is next welcomed, by `time.perf_counter`."""
        before = self.welcomed_at
        await self.until(lambda: self.welcomed_at != before)
        return self.welcomed_at

    async def talked(self, utterances: int) -> None:
        """Wait until so many more have been acknowledged to somebody."""
        wanted = utterances + self.acknowledged
        await self.until(lambda: self.acknowledged >= wanted)

    @property
    def acknowledged(self) -> int:
        return sum(len(talker.journal.receipts) for talker in self.talkers)

    async def settled(self) -> None:
        """Say nothing new, and wait until everybody is back and nothing is without an answer."""
        self.is_quiet = True
        await self.until(lambda: all(talker.is_in and not talker.outstanding for talker in self.talkers))

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds that a talker has to do with."""
        while not holds():
            for task in self._tasks:
                if task.done():
                    task.result()
            self.changed.clear()
            await self.changed.wait()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect as soon as there is a server; one of the crowd knocks, the others wait for it."""
        async with self._door:
            while True:
                with suppress(OSError):
                    return await asyncio.open_connection(HERE, self.port, limit=_LINE_LIMIT)
                await asyncio.sleep(_RETRY_SECONDS)


class Talker:
    """One client. `outstanding` are the cids, oldest first, that have been sent and not answered."""

    door: Any = ""

    def __init__(self, crowd: Crowd, room: str, name: str, chance: Random) -> None:
        self.crowd = crowd
        self.journal = Journal(room, name, self.door)
        self.outstanding: list[str] = []
        self.is_in = False
        self._chance = chance
        self._said = 0
        self._stretch = Stretch("none")
        self._writer: asyncio.StreamWriter | None = None
        self._due = 0

    async def live(self) -> None:
        """Be there for as long as the crowd is."""
        try:
            while True:
                reader, self._writer = await self.crowd.connect()
                try:
                    self._hello()
                    with suppress(OSError):
                        await self._listen(reader)
                finally:
                    self._leave()
        except Exception:
            self.crowd.changed.set()
            raise

    def hang_up(self) -> None:
        """Reset the connection, in the middle of whatever it is."""
        if self._writer is not None:
            reset(self._writer)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        async for line in reader:
            if not line.endswith(b"\n"):
                return  # the server ended amid a line
            self._take(line[:-1])
            self.crowd.changed.set()

    def _leave(self) -> None:
        self.is_in = False
        self._stretch.unknown = tuple(self.outstanding)
        if self._writer is not None:
            self._writer.close()
        self._writer = None
        self._due = 0
        self.crowd.changed.set()

    def _come_in(self, stretch: Stretch) -> None:
        self._stretch = stretch
        self.journal.stretches.append(stretch)
        self.is_in = True
        self.crowd.welcomed_at = time.perf_counter()

    def _soon(self, seconds: float | None = None) -> None:
        """Say one more thing after a while, on this connection or not at all."""
        writer = self._writer
        self._due += 1
        delay = self._chance.uniform(0, self.crowd.pause_seconds) if seconds is None else seconds
        asyncio.get_running_loop().call_later(delay, self._speak, writer)

    def _speak(self, writer: asyncio.StreamWriter | None) -> None:
        if writer is None or writer is not self._writer:
            return
        self._due -= 1
        if self.crowd.is_quiet:
            return
        self._said += 1
        cid = f"c{self._said}"
        words = f"{self.journal.name} says {self._said}{'!' * self._chance.randrange(_MAX_TAIL_CHARS)}"
        self.journal.attempts[cid] = words
        self.outstanding.append(cid)
        self._send_words(cid)

    def _send(self, line: bytes) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(line)

    def _hello_again(self, writer: asyncio.StreamWriter | None) -> None:
        if writer is self._writer and not self.is_in:
            self._hello()

    def _hello(self) -> None:
        raise NotImplementedError

    def _take(self, line: bytes) -> None:
        raise NotImplementedError

    def _send_words(self, cid: str) -> None:
        raise NotImplementedError


class JsonTalker(Talker):
    """A client with a key: it comes back to its seat, and sends again under the same cid what had no answer."""

    door = "json"

    def __init__(self, crowd: Crowd, room: str, name: str, chance: Random) -> None:
        super().__init__(crowd, room, name, chance)
        self._key = ""
        self._epoch = ""
        self._sent_again: set[str] = set()

    def _hello(self) -> None:
        frame: dict[str, Any] = {"do": "join", "room": self.journal.room, "name": self.journal.name}
        if self._key:
            frame |= {"key": self._key, "epoch": self._epoch, "after": self._after()}
        else:
            frame |= {"after": 0}
        self._send(_line(frame))

    def _after(self) -> int:
        # After a `gap` or a `reset` of which nothing was read yet, reading goes on where that said.
        last = self._stretch
        if last.read:
            return seq_of(last.read[-1])
        return last.first - 1 if last.word == "gap" else last.after

    def _take(self, line: bytes) -> None:
        if line.startswith(b'{"event":'):
            self._stretch.read.append(line)
            self._take_event(line)
            return
        reply = json.loads(line)
        match reply["reply"]:
            case "joined" | "resumed" | "gap" | "reset":
                self._take_welcome(reply)
            case "said":
                self._acknowledge(reply["cid"], reply["seq"])
            case "refused":
                self._take_refusal(reply)
            case "ping":
                self._send(b'{"do":"pong"}\n')

    def _take_welcome(self, reply: dict[str, Any]) -> None:
        self._key = reply.get("key", self._key)
        self._epoch = reply["epoch"]
        told = {name: reply[name] for name in ("after", "first", "seq", "epoch") if name in reply}
        self._come_in(Stretch(reply["reply"], **told))
        for cid in self.outstanding:
            self.journal.resent += 1
            self._sent_again.add(cid)
            self._send_words(cid)
        if self.crowd.has_floor and reply.get("holder") != self.journal.name:
            return
        for _ in range(self.crowd.window - len(self.outstanding)):
            self._soon()

    def _take_event(self, line: bytes) -> None:
        if b'"name":"%s"' % self.journal.name.encode() not in line:
            return
        event = json.loads(line)
        if event["event"] == "said" and event.get("name") == self.journal.name and "cid" in event:
            self._acknowledge(event["cid"], event["seq"])
        elif event["event"] == "floor_granted" and self.crowd.has_floor and event["seq"] > self._stretch.seq:
            self._soon()

    def _acknowledge(self, cid: str, seq: int) -> None:
        self.journal.acknowledge(cid, seq)
        if cid in self.outstanding:
            self.outstanding.remove(cid)
            if not self.crowd.has_floor:
                self._soon()

    def _take_refusal(self, reply: dict[str, Any]) -> None:
        cid = reply.get("cid")
        if cid is not None:
            # A seat that is gone meanwhile has taken along what was said under its cids before.
            if reply["reason"] != "no_seat" or cid not in self._sent_again:
                self.journal.refused[cid] = reply["reason"]
            if cid in self.outstanding:
                self.outstanding.remove(cid)
            if not self.crowd.has_floor:
                self._soon(_REFUSED_SECONDS)
            return
        if reply.get("do") == "join":
            if reply["reason"] == "key_unknown":
                self._key = ""  # the sitting that it was for is over
                if self.crowd.has_floor:
                    self.outstanding.clear()  # and its words with it: whether they were said is read, not asked
            asyncio.get_running_loop().call_later(_REFUSED_SECONDS, self._hello_again, self._writer)

    def _send_words(self, cid: str) -> None:
        self._send(_line({"do": "say", "text": self.journal.attempts[cid], "cid": cid}))


class TextTalker(Talker):
    """A client without a key: it takes a new seat under its name, and never knows of what had no answer."""

    door = "text"

    def __init__(self, crowd: Crowd, room: str, name: str, chance: Random) -> None:
        super().__init__(crowd, room, name, chance)
        self._last = ""  # what was acknowledged last
        self._refused = ""  # what the line before refused

    def _hello(self) -> None:
        # What had no answer stays unknown: to say it again could say it twice.
        self.outstanding.clear()
        self._send(f"{self.journal.name}@{self.journal.room}\n".encode())

    def _take(self, line: bytes) -> None:
        words = line.decode()
        refused, self._refused = self._refused, ""
        if words == "* Said.":
            self._take_receipt()
        elif words.startswith("* Goodbye"):
            if refused:  # the reason was that of the end, not an answer to what was said
                del self.journal.refused[refused]
                self.outstanding.append(refused)
        elif words.startswith(f"* You are {self.journal.name}, seat") and not self.is_in:
            self._come_in(Stretch("seated"))
            if not self.crowd.has_floor:
                self._soon()
        elif words.startswith("* Your turn"):
            self._soon()
        elif words.startswith("! "):
            self._take_refusal(words)
        elif not words.startswith("* "):
            speaker, _, said = words.partition(": ")
            if speaker != "Host":
                self._stretch.heard.append((speaker, said))
            # The room talks: who was told that it doesn't, and would not be told again, tries again.
            if not (self._due or self.outstanding or self.crowd.has_floor):
                self._soon()

    def _take_refusal(self, words: str) -> None:
        reason = words[2:].partition(":")[0]
        if not self.is_in:  # the seat of the connection before is not free yet
            asyncio.get_running_loop().call_later(_REFUSED_SECONDS, self._hello_again, self._writer)
        elif self.outstanding:
            self._refused = self.outstanding.pop(0)
            self.journal.refused[self._refused] = reason
            if reason == "storage" and not self.crowd.has_floor:
                self._soon(_REFUSED_SECONDS)

    def _take_receipt(self) -> None:
        if self.outstanding:
            self._last = self.outstanding.pop(0)
            self.journal.acknowledge(self._last, None)
            if not self.crowd.has_floor:
                self._soon()
        # A receipt for nothing is one that comes again.
        self._stretch.heard.append((self.journal.name, self.journal.attempts[self._last]))

    def _send_words(self, cid: str) -> None:
        self._send(self.journal.attempts[cid].encode() + b"\n")
        asyncio.get_running_loop().call_later(_SILENT_SECONDS, self._give_up, self._writer, cid)

    def _give_up(self, writer: asyncio.StreamWriter | None, cid: str) -> None:
        if writer is self._writer and cid in self.outstanding:
            self.hang_up()


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with a reset: what the other side has sent, and is sending, is thrown away."""
    line = writer.get_extra_info("socket")
    if line is not None and not writer.is_closing():
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _line(frame: dict[str, Any]) -> bytes:
    return json.dumps(frame, separators=(",", ":")).encode() + b"\n"
