"""Clients who take their turns promptly, close to the deadline, or never, and note when they read and sent what.

`python -m tests.torture.turn_takers PORT JOURNAL SEED PLANS` runs several of them in a process of their own, which can
be frozen. They come back to their seats when the server was gone. Moments are of the machine's monotonic clock, which
all its processes share, in milliseconds.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec

__all__ = ["Lookout", "Note", "Plan", "TurnTaker", "notes_in"]

HERE: Final = "127.0.0.1"
RETRY_SECONDS: Final = 0.05
MAX_LINE_BYTES: Final = 1 << 20


class Plan(msgspec.Struct, frozen=True):
    """Who comes where, through which `door` (json, text), and speaks how: `prompt`, `late` or `never`; or watches."""

    room: str
    name: str
    door: str
    pace: str


class Note(msgspec.Struct, frozen=True):
    """A line that somebody has read, or words that somebody was about to send, and when."""

    room: str
    name: str
    moment: float
    read: str | None = None
    sent: str | None = None


class TurnTaker:
    """One client. It speaks in each of its turns as it has planned to, and stays until it is cancelled."""

    def __init__(self, plan: Plan, port: int, note: Callable[[Note], None], die: Random) -> None:
        self.plan = plan
        self.port = port
        self._note = note
        self._die = die
        self._key: str | None = None
        self._epoch = ""
        self._after: int | None = None
        self._turns = 0

    async def stay(self) -> None:
        """Take part, and come back whenever the line is broken."""
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection(HERE, self.port, limit=MAX_LINE_BYTES)
                try:
                    writer.write(self._hello())
                    async for line in reader:
                        self._note(Note(self.plan.room, self.plan.name, _now(), read=line.decode()))
                        self._take(line, writer)
                finally:
                    writer.close()
            await asyncio.sleep(RETRY_SECONDS)

    def _hello(self) -> bytes:
        plan = self.plan
        if plan.door == "text":
            return f"{plan.name}@{plan.room}\n".encode()
        back = {"epoch": self._epoch, "after": self._after} if self._epoch and self._after is not None else {}
        hello = {"do": "join", "room": plan.room, "name": plan.name, "watch": plan.pace == "watch"}
        return _line(hello | back | ({"key": self._key} if self._key else {}))

    def _take(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        if self.plan.door == "text":
            if line.startswith(b"* Your turn"):
                self._turns += 1
                words = f"{self.plan.name} speaks for the {self._turns}th time"
                self._speak_in(_seconds(line), words, f"{words}\n".encode(), writer)
            elif line.startswith(b"! name_taken"):
                writer.close()
            return
        heard = msgspec.json.decode(line)
        self._after = heard.get("seq", self._after) if "event" in heard else self._after
        match heard:
            case {"reply": "joined" | "resumed" | "gap" | "reset", "epoch": epoch, "after": after}:
                self._epoch, self._after, self._key = epoch, after, heard.get("key", self._key)
                if heard.get("holder") == self.plan.name:
                    self._say(heard["turn"], heard.get("left_ms", 0) / 1000, writer)
            case {"reply": "refused", "do": "join"}:
                self._key, self._after = None, None
                writer.close()
            case {"reply": "ping"}:
                writer.write(_line({"do": "pong"}))
            case {"event": "floor_granted", "name": self.plan.name}:
                self._say(heard["turn"], heard["seconds"], writer)

    def _say(self, turn: int, seconds: float, writer: asyncio.StreamWriter) -> None:
        words = f"{self.plan.name} in turn {turn}"
        line = _line({"do": "say", "turn": turn, "text": words, "cid": f"{self.plan.name}-{turn}"})
        self._speak_in(seconds, words, line, writer)

    def _speak_in(self, seconds: float, words: str, line: bytes, writer: asyncio.StreamWriter) -> None:
        match self.plan.pace:
            case "prompt":
                delay = self._die.uniform(0, 0.05)
            case "late":
                delay = max(seconds + self._die.uniform(-0.1, 0.1), 0)
            case _:
                return

        def speak() -> None:
            if not writer.is_closing():
                self._note(Note(self.plan.room, self.plan.name, _now(), sent=words))
                writer.write(line)

        asyncio.get_running_loop().call_later(delay, speak)


class Lookout:
    """Watches a room from the test itself, which is never frozen. `notes` is what it has read."""

    def __init__(self, room: str, port: int) -> None:
        self.notes: list[Note] = []
        self._watcher = TurnTaker(Plan(room, "", "json", "watch"), port, self._read, Random(0))
        self._waiting: list[tuple[str, str, asyncio.Future[dict[str, Any]]]] = []

    async def stay(self) -> None:
        """Watch until cancelled."""
        await self._watcher.stay()

    async def sees(self, kind: str, name: str = "") -> dict[str, Any]:
        """Wait for the next such event, of this name where one is given."""
        event: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting.append((kind, name, event))
        return await event

    def _read(self, note: Note) -> None:
        self.notes.append(note)
        heard = msgspec.json.decode(note.read or "{}", type=dict[str, Any])
        for wish in self._waiting.copy():
            kind, name, event = wish
            if heard.get("event") == kind and name in ("", heard.get("name")):
                self._waiting.remove(wish)
                if not event.done():
                    event.set_result(heard)


def notes_in(journal: Path) -> list[Note]:
    """Read what a process of clients has noted; its last line may be half written."""
    *lines, _ = journal.read_bytes().split(b"\n")
    return [msgspec.json.decode(line, type=Note) for line in lines]


def _line(frame: dict[str, object]) -> bytes:
    return msgspec.json.encode(frame) + b"\n"


def _seconds(line: bytes) -> float:
    found = line.decode().partition(", ")[2].partition(" s")[0]
    return float(found) if found.replace(".", "").isdigit() else 1.0


def _now() -> float:
    return time.monotonic() * 1000


async def _main(port: int, journal: Path, seed: str, plans: list[Plan]) -> None:
    file = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(noted: Note) -> None:
        os.write(file, msgspec.json.encode(noted) + b"\n")

    async with asyncio.TaskGroup() as group:
        for plan in plans:
            group.create_task(TurnTaker(plan, port, note, Random(f"{seed}/{plan.room}/{plan.name}")).stay())


if __name__ == "__main__":
    asyncio.run(
        _main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], msgspec.json.decode(sys.argv[4], type=list[Plan]))
    )
