"""A running server led from other terminals: runs the lines that come through its side door, as its console does.

One line is one connection, which is told what has become of it once that is stored. Whoever sends anything else, or
nothing, is cut off, and holds nobody up.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from secrets import compare_digest
from typing import Final, cast

from moothall.cli.errand import MAX_ERRAND_BYTES, Errand, decode_errand, encode_reply
from moothall.cli.operator import END, WORDS, Answer, Operator, Verdict
from moothall.cli.side_door import OVER_TCP, SideDoor
from moothall.engine.events import TopicQueued
from moothall.engine.names import RoomName
from moothall.errors import BadFrame, Reason, Rejected
from moothall.hall.hall import Hall
from moothall.wire.change import Change
from moothall.wire.safe_text import safe_text
from moothall.wire.sentences import sentence
from moothall.wire.text import lines_for

__all__ = ["Leading"]

logger = logging.getLogger(__name__)

_PATIENCE_SECONDS: Final = 5.0
"""What is asked is answered within milliseconds."""
_GOODBYE_SECONDS: Final = 1.0
_MAX_CALLERS: Final = 64
_MAX_LINES: Final = 20


class Leading:
    """What other terminals have to say to a server.

    Args:
        room: where commands go that name none.
        end: what `end` does.
        patience_seconds: how long a connection may last.
    """

    def __init__(
        self, hall: Hall, room: RoomName, end: Callable[[], None], *, patience_seconds: float = _PATIENCE_SECONDS
    ) -> None:
        self.patience_seconds = patience_seconds
        self._hall = hall
        self._main = room
        self._end = end
        self._door: SideDoor | None = None
        self._server: asyncio.Server | None = None
        self._callers: set[_Caller] = set()
        self._waiting: list[_Caller] = []
        self._everybody_left = asyncio.Event()
        self._everybody_left.set()

    async def open(self, folder: Path, *, over_tcp: bool = OVER_TCP) -> None:
        """Listen at the side door of a data folder that is ours. Where that cannot be, nothing else suffers."""
        loop = asyncio.get_running_loop()
        try:
            self._door = SideDoor(folder, over_tcp=over_tcp)
        except OSError as error:
            logger.warning("no other terminal can lead this server folder=%s error=%s", folder, error)
            return
        listen = loop.create_server if over_tcp else loop.create_unix_server
        self._server = await listen(lambda: _Caller(self), sock=self._door.socket)

    def close(self) -> None:
        """Let nobody lead any more; what was asked is still answered."""
        if self._server is not None:
            self._server.close()
        if self._door is not None:
            self._door.close()
        for caller in list(self._callers):
            if not caller.has_asked:
                caller.tell(Verdict.REFUSED, [_not_now(Reason.CLOSING)])

    async def finish(self, words: str) -> None:
        """Tell those who asked for the end that it is there, and wait until everybody has been told."""
        for caller in self._waiting:
            caller.tell(Verdict.DONE, [words])
        with suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_SECONDS):
                await self._everybody_left.wait()

    def enter(self, caller: _Caller) -> bool:
        """Take note of a connection; tell whether there is room for it."""
        self._callers.add(caller)
        self._everybody_left.clear()
        return len(self._callers) <= _MAX_CALLERS

    def leave(self, caller: _Caller) -> None:
        """Forget a connection."""
        self._callers.discard(caller)
        if not self._callers:
            self._everybody_left.set()

    def run(self, line: bytes, caller: _Caller) -> None:
        """Do what a line asks, and let its caller be told what has become of it."""
        try:
            errand = decode_errand(line)
            self._check(errand)
        except BadFrame as error:
            caller.tell(Verdict.WRONG, [str(error)])
            return
        word = errand.line.strip().partition(" ")[0].lower()
        logger.info("led from another terminal word=%s", word if word in WORDS else "?")
        if errand.line.strip().lower() == END:
            caller.wait()
            self._waiting.append(caller)
            self._end()
            return
        operator = Operator(self._hall, self._main)
        answer = operator.answer(f"go {errand.room}") if errand.room else None
        if answer is None or answer.verdict is Verdict.DONE:
            answer = operator.answer(errand.line)
        self._tell(caller, operator.room, answer)

    def _check(self, errand: Errand) -> None:
        token = self._door.token if self._door is not None else ""
        if not compare_digest(errand.token.encode(), token.encode()):
            raise BadFrame(Reason.NOT_ALLOWED, "This is not the token in the server's data folder.")

    def _tell(self, caller: _Caller, room: RoomName, answer: Answer) -> None:
        lines = [*answer.words.splitlines(), *_shown(answer.changes)]
        clerk = self._hall.find(room)
        if clerk is None or not answer.changes:
            caller.tell(answer.verdict, lines)
            return
        clerk.once_settled(
            lambda: caller.tell(answer.verdict, lines),
            lambda: caller.tell(Verdict.REFUSED, [_not_now(Reason.STORAGE)]),
        )


class _Caller(asyncio.Protocol):
    """One connection: says a line, is told one, and is gone. `has_asked`: its line has come."""

    def __init__(self, leading: Leading) -> None:
        self._leading = leading
        self._transport: asyncio.Transport | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._line = b""
        self.has_asked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by descent
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(self._leading.patience_seconds, self._transport.abort)
        if not self._leading.enter(self):
            self.tell(Verdict.REFUSED, ["Not now: too many others are leading this server."])

    def data_received(self, data: bytes) -> None:
        if self.has_asked:
            return
        self._line += data
        line, newline, _ = self._line.partition(b"\n")
        if len(line) > MAX_ERRAND_BYTES:
            self.tell(Verdict.WRONG, [f"That is too long: at most {MAX_ERRAND_BYTES} bytes."])
        elif newline:
            self.has_asked = True
            self._leading.run(line, self)

    def eof_received(self) -> bool:
        """Stay for the answer, where there is one to come."""
        return self.has_asked

    def connection_lost(self, _error: Exception | None) -> None:
        self._no_patience()
        self._leading.leave(self)

    def wait(self) -> None:
        """Stay for as long as the server needs to end."""
        self._no_patience()

    def tell(self, verdict: Verdict, lines: list[str]) -> None:
        """Answer, and close once it is written."""
        self.has_asked = True
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(encode_reply(verdict, lines))
            self._transport.close()

    def _no_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()


def _shown(changes: Sequence[Change]) -> list[str]:
    """Return what the console shows of changes, as far as it fits on a screen, and at least which topic was queued."""
    lines = [line for change in changes for line in lines_for(change)]
    if len(lines) > _MAX_LINES:
        lines[_MAX_LINES:] = [f"* And {len(lines) - _MAX_LINES} lines more."]
    queued = [change.event.topic for change in changes if isinstance(change.event, TopicQueued)]
    return lines or [f"* The next topic: {safe_text(topic)}." for topic in queued[-1:]]


def _not_now(reason: Reason) -> str:
    return f"Not now: {sentence(Rejected(reason))}"
