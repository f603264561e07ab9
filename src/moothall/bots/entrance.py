"""How a client gets into a room: it joins, under another name where it may; it comes back with its key.

Knows who the client is to the server (name, seat, key, epoch), not what happens in the room.
Normative: docs/protocol/json.md.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from moothall.bots.connection import Connection, Notice, Patience, connect
from moothall.engine.names import MAX_NAME_CHARS
from moothall.errors import BadFrame, Reason, Rejected, Unreachable
from moothall.wire.frames import JoinFrame, LeaveFrame, PongFrame
from moothall.wire.json_lines import decode_line, encode_line
from moothall.wire.replies import Gap, Goodbye, Joined, Ping, Refused, Reply, Reset, Resumed, Waiting

__all__ = ["Entrance", "NotNowError", "Welcome", "come_in", "next_name"]

logger = logging.getLogger(__name__)

Welcome = Joined | Resumed | Gap | Reset

_ANSWER_SECONDS: Final = 30.0
_SILENCE_SECONDS: Final = 100.0
"""The server asks every 30 s whether who waits is there: who hears nothing for so long waits for nobody."""
_MOST_NAMES: Final = 200
"""As many as a room can have seats."""
_TRY_LATER: Final = (Reason.CLOSING, Reason.STORAGE, Reason.TOO_FAST)


class NotNowError(OSError):
    """The server answers, and lets nobody in for now."""


class Entrance:
    """Who the client is to the server. `key` and `epoch` are None until it has been in.

    `is_seat_gone`: the key opens nothing any more, and what is left is to read, as a spectator, how it went on.
    """

    def __init__(self, wish: JoinFrame, *, may_rename: bool, on_notice: Notice) -> None:
        self.name = wish.name
        self.seat: int | None = None
        self.key: str | None = None
        self.epoch: str | None = None
        self.is_seat_gone = False
        self._wish = wish
        self._may_rename = may_rename
        self._names_tried = 1
        self._on_notice = on_notice

    async def enter(self, connection: Connection, after: int, *, may_start_anew: bool) -> Welcome:
        """Join, or come back and read on after the seq `after`.

        Args:
            may_start_anew: where the seat is gone, take another.

        Raises:
            OSError: the connection broke, or the server lets nobody in for now.
            Rejected: the server says no.
            Unreachable: what answers is no Moothall server.
        """
        while True:
            connection.send(encode_line(self._frame(after)))
            reply = await self._answer_in_time(connection)
            match reply:
                case Refused(reason=Reason.KEY_UNKNOWN) if self.key is not None:
                    self._lose_seat(may_start_anew=may_start_anew)
                case Refused(reason=Reason.NAME_TAKEN) if self._may_rename and self._names_tried < _MOST_NAMES:
                    self._take_next_name(reply.text)
                case Refused(reason=reason, text=text) if reason in _TRY_LATER:
                    raise NotNowError(text)
                case Refused(reason=reason, text=text):
                    raise Rejected(reason, text)
                case Goodbye(text=text):
                    raise NotNowError(text)
                case Joined() | Resumed() | Gap() | Reset():
                    self._take(reply)
                    return reply
                case _:
                    raise Unreachable(_NO_MOOTHALL)

    async def _answer_in_time(self, connection: Connection) -> Reply:
        # Who waits for a seat has been answered, and may have to wait for hours.
        reply = await _answer(connection, _ANSWER_SECONDS)
        if isinstance(reply, Waiting):
            self._on_notice(f"Every seat in {reply.room} is taken: number {reply.place} waits for one.")
            while isinstance(reply, Waiting | Ping):
                connection.send(encode_line(PongFrame()))
                reply = await _answer(connection, _SILENCE_SECONDS)
        return reply

    def _frame(self, after: int) -> JoinFrame:
        if self.epoch is None:
            return replace(self._wish, name=self.name)
        frame = replace(self._wish, name=self.name, epoch=self.epoch, after=after)
        return replace(frame, watch=True) if self.key is None else replace(frame, key=self.key)

    def _take(self, welcome: Welcome) -> None:
        if self.is_seat_gone:
            return
        self.epoch = welcome.epoch
        self._wish = replace(self._wish, room=welcome.room)  # which, of any
        if isinstance(welcome, Joined):
            self.key = welcome.key
        if welcome.name is not None:
            self.name, self.seat = welcome.name, welcome.seat

    def _lose_seat(self, *, may_start_anew: bool) -> None:
        self.key = None
        if may_start_anew:
            self.epoch = self.seat = None
        else:
            self.is_seat_gone = True

    def _take_next_name(self, why: str) -> None:
        self._names_tried += 1
        self.name = next_name(self._wish.name, self._names_tried)
        self._on_notice(f"{why.partition('. ')[0].rstrip('.')}. Trying the name {self.name}.")


async def come_in(
    entrance: Entrance, host: str, port: int, patience: Patience, *, after: int, may_start_anew: Callable[[], bool]
) -> tuple[Connection, Welcome]:
    """Connect and enter, as often as it takes; return the connection, which is the caller's, and the welcome.

    Raises:
        Rejected: the server says no.
        Unreachable: `patience` is at its end, or what answers is no Moothall server.
    """
    while True:
        why = f"No server at {host}, port {port}, yet."
        try:
            connection = await connect(host, port)
            return connection, await _enter(entrance, connection, after, may_start_anew=may_start_anew())
        except NotNowError as error:
            why = f"The server at {host}, port {port}, lets nobody in now. {error}"
        except OSError as error:
            logger.debug("not entered error=%s", error)
        await patience.wait(why)


def next_name(name: str, number: int) -> str:
    """Return the `number`-th name to try where `name` is taken: `Kari-2`."""
    ending = f"-{number}"
    return name[: MAX_NAME_CHARS - len(ending)].rstrip() + ending


async def _enter(entrance: Entrance, connection: Connection, after: int, *, may_start_anew: bool) -> Welcome:
    try:
        return await entrance.enter(connection, after, may_start_anew=may_start_anew)
    except asyncio.CancelledError:
        # It may be seated by now without knowing it.
        await connection.close(encode_line(LeaveFrame()))
        raise
    except BaseException:
        await connection.close()
        raise


_NO_MOOTHALL: Final = "What answers there is no Moothall server."


async def _answer(connection: Connection, seconds: float) -> Reply:
    line = await connection.read_line(seconds)
    if line is None:
        raise ConnectionResetError("It closed the connection.")
    try:
        answer = decode_line(line)
    except BadFrame:
        raise Unreachable(_NO_MOOTHALL) from None
    return Ping() if isinstance(answer, tuple) else answer
