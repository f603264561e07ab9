"""A crowd that notes the last line which each of its connections has read, and looks whether the door is open then."""

from __future__ import annotations

import asyncio
import signal
import time
from random import Random
from typing import Any, Final, NamedTuple

import msgspec

from tests.torture.talkers import HERE, Crowd, JsonTalker, TextTalker
from tests.torture.victims import Victim

__all__ = ["Ending", "LeavingCrowd", "shut_down"]

CLOSING: Final = "closing"


class Ending(NamedTuple):
    """How a server has ended: its code, how long that took, how many were told, and a word for each fault."""

    code: int
    seconds: float
    told: int
    faults: list[str]


class _Leaving:
    """What a talker notes until its connection ends, and not of those that follow."""

    last_line: bytes = b""
    has_left = False

    def look_out(self) -> None:
        self.last_line, self.has_left = b"", False

    def note(self, line: bytes) -> None:
        if not self.has_left:
            self.last_line = line


class LeavingJson(JsonTalker, _Leaving):
    """A client of the JSON door."""

    def _take(self, line: bytes) -> None:
        self.note(line)
        super()._take(line)

    def _leave(self) -> None:
        self.has_left = True
        super()._leave()

    def is_told(self) -> bool:
        """Tell whether the last line was a goodbye that says when to come back."""
        reply = msgspec.json.decode(self.last_line or b"{}", type=dict[str, Any])
        after = reply.get("retry_after")
        return (reply.get("reply"), reply.get("reason")) == ("goodbye", CLOSING) and isinstance(after, int | float)


class LeavingText(TextTalker, _Leaving):
    """A client of the text door."""

    def _take(self, line: bytes) -> None:
        self.note(line)
        super()._take(line)

    def _leave(self) -> None:
        self.has_left = True
        super()._leave()

    def is_told(self) -> bool:
        """Tell whether the last line was a goodbye."""
        return self.last_line.startswith(b"* Goodbye")


class LeavingCrowd(Crowd):
    """Twenty who talk over both doors in five rooms."""

    async def __aenter__(self) -> LeavingCrowd:
        await super().__aenter__()
        return self

    def __init__(self, port: int, *, seed: str = "4") -> None:
        super().__init__(port, seed=seed)
        self.leaving: list[LeavingJson | LeavingText] = [
            (LeavingJson if talker.journal.door == "json" else LeavingText)(
                self, talker.journal.room, talker.journal.name, Random(f"{seed}/{talker.journal.name}")
            )
            for talker in self.talkers
        ]
        self.talkers = [*self.leaving]


async def shut_down(server: Victim, crowd: LeavingCrowd, *, patience_seconds: float) -> Ending:
    """Tell a server to terminate while the crowd talks, and say what those who were in it have seen of its end."""
    here = [talker for talker in crowd.leaving if talker.is_in]
    for talker in here:
        talker.look_out()
    start = time.perf_counter()
    server.send_signal(signal.SIGTERM)
    ended = asyncio.create_task(server.ended())
    knocking = asyncio.create_task(_knock(crowd, here))
    try:
        async with asyncio.timeout(patience_seconds):
            code = await asyncio.shield(ended)
    except TimeoutError:
        knocking.cancel()
        return Ending(0, patience_seconds, 0, ["hangs"])
    seconds = time.perf_counter() - start
    await crowd.until(lambda: all(talker.has_left for talker in here))
    faults = [] if code == 0 else [f"code: {code}"]
    faults += [] if not await knocking else ["door: open after a goodbye"]
    faults += [
        f"goodbye: {talker.journal.name} ({talker.journal.door}) read at last {talker.last_line!r}"
        for talker in here
        if not talker.is_told()
    ]
    said = server.said()
    faults += [f"said: {said}"] if "Traceback" in said or "ERROR" in said else []
    return Ending(code, seconds, sum(talker.is_told() for talker in here), faults)


async def _knock(crowd: Crowd, here: list[LeavingJson | LeavingText]) -> bool:
    """Tell whether the server lets anybody in after the first goodbye was read."""
    if not here:
        return False
    await crowd.until(lambda: any(talker.has_left or talker.is_told() for talker in here))
    try:
        _, writer = await asyncio.open_connection(HERE, crowd.port)
    except OSError:
        return False
    writer.close()
    return True
