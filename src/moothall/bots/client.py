"""A participant's, or a spectator's, line to a server over its JSON door: it waits, comes back, and goes on.

What happens in the room is read by iterating, every event once and in order, whatever becomes of the connection; what
is said is kept until the room has it, and said once. Nothing runs in the background: the server's questions whether
anybody is there are answered while somebody iterates. Normative: docs/protocol/json.md.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Final, Self, Unpack

from msgspec.structs import replace

from moothall.bots.asks import RuleChanges
from moothall.bots.connection import Connection, Notice, Patience
from moothall.bots.entrance import Entrance, come_in
from moothall.bots.fold import ends_connections, fold
from moothall.bots.sender import Sender
from moothall.engine.events import (
    Event,
    Left,
    Removed,
    RoomClosed,
    SittingClosed,
)
from moothall.engine.evolve import empty_room
from moothall.engine.names import Name, RoomName
from moothall.engine.room import Phase, Room
from moothall.engine.words import Kind, LeaveReason
from moothall.errors import BadFrame, Reason, Rejected
from moothall.wire.change import Change
from moothall.wire.frames import (
    Frame,
    GrantFrame,
    JoinFrame,
    LeaveFrame,
    NextFrame,
    PongFrame,
    RequestFrame,
    ReturnFrame,
    RevokeFrame,
    SetFrame,
    TopicFrame,
    WhoFrame,
    WithdrawFrame,
)
from moothall.wire.json_lines import Stamp, decode_line, encode_line
from moothall.wire.replies import Gap, Goodbye, Joined, Ping, Refused, Reply, Reset, Resumed, SaidBefore, WhoReply

__all__ = ["Client"]

logger = logging.getLogger(__name__)

_LONGEST_PAUSE_SECONDS: Final = 60
_SILENCE_SECONDS: Final = 100.0
"""The server asks after 30 s of our silence and hears us, so we hear it too; who is silent for so long is gone."""


class Client:
    """One place in one room, for one sitting: a block that is left gives the seat up.

    `name`, `seat`: as the server seated it. `room`: what the events read so far add up to; a room's rules are
    told to its seats only in part, so `room.rules` holds the number of seats and the labels, and defaults. `change`:
    the last event, with the room before and after it. Iterating ends when the sitting is closed, the seat given up,
    or the participant removed.

    Args:
        wait: where the room is full, wait for a seat. The room `any` is whichever has the next free seat.
        rename: where the name is taken, take `Kari-2`, `Kari-3` and so on.
        after: read from the event after this seq on; None, from the opening of the sitting.
        give_up_seconds: how long to wait for a server that isn't there; None is for ever.
        on_notice: is told of waiting, coming back and renaming, in a sentence.
        on_refused: is told what the server refused to do after joining.
        on_who: is told who is here, when `who` has asked.

    Raises:
        Rejected: on entering, the server does not let it in. While iterating: the seat was given up for being away
            too long, or lost with the server's data (`key_unknown`), or another connection has taken it (`taken_over`).
        Unreachable: no server came back in time, or what answers is none.
    """

    def __init__(  # noqa: PLR0913 - an option each
        self,
        host: str = "localhost",
        port: int = 4242,
        *,
        room: str = "main",
        name: str = "",
        kind: Kind = Kind.BOT,
        about: str = "",
        watch: bool = False,
        wait: bool = False,
        rename: bool = False,
        after: int | None = None,
        give_up_seconds: float | None = None,
        on_notice: Notice | None = None,
        on_refused: Callable[[Refused], None] | None = None,
        on_who: Callable[[WhoReply], None] | None = None,
    ) -> None:
        self.room: Room = empty_room(RoomName(room))
        self.change: Change | None = None
        self._host = host
        self._port = port
        self._give_up_seconds = give_up_seconds
        self._on_notice = on_notice or _to_log
        self.on_refused = on_refused or _refused_to_log
        self._on_who = on_who
        wish = JoinFrame(room=room, name=name, kind=kind, about=about, watch=watch, wait=wait, after=after)
        self._entrance = Entrance(wish, may_rename=rename, on_notice=self._on_notice)
        self._connection: Connection | None = None
        self._sender = Sender(self._send)
        self._seq_at_entry = 0
        self._seated_seq = 0
        self._is_over = False
        self._retry_after_seconds = 0
        self._end: Rejected | None = None

    async def __aenter__(self) -> Self:
        await self._come_in()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._sender.stop()
        connection, self._connection = self._connection, None
        if connection is None:
            return
        has_seat = self._entrance.key is not None and not self._is_over
        await connection.close(encode_line(LeaveFrame()) if has_seat else b"")

    def __aiter__(self) -> AsyncIterator[tuple[Event, Stamp]]:
        return self

    async def __anext__(self) -> tuple[Event, Stamp]:
        while not self._is_over:
            if self._connection is None:
                await self._come_in()
                continue
            line = await self._connection.read_line(_SILENCE_SECONDS)
            if line is None:
                await self._lose()
            elif (entry := self._take(line)) is not None:
                return entry
        if self._end is not None:
            raise self._end
        raise StopAsyncIteration

    @property
    def name(self) -> str:
        """The name that it has in the room; before it is in, the one that it asks for."""
        return self._entrance.name

    @property
    def seat(self) -> int | None:
        """The number of its seat; None for a spectator."""
        return self._entrance.seat

    @property
    def turn(self) -> int | None:
        """The number of the turn that is its own now; None while it does not have the floor."""
        turn = self.room.turn_of(Name(self.name))
        return None if turn is None else turn.number

    @property
    def is_caught_up(self) -> bool:
        """Whether all that happened before coming in, for the first time or again, has been read."""
        return self.room.seq >= self._seq_at_entry

    # What a participant does.

    async def say(self, text: str, turn: int | None = None) -> str:
        """Say something, in the turn that is its own now unless `turn` says which; the same words are never said twice.

        Returns the cid, with which the own `said` event or a refusal comes. The connection may be away meanwhile.

        Raises:
            Rejected: `too_fast`, 64 utterances have not been acknowledged yet.
        """
        words = text.encode("utf-8", "replace").decode()  # a lone surrogate is no Unicode
        cid = self._sender.outbox.say(words, turn if turn is not None else self.turn)
        await self._drain()
        return cid

    async def pass_turn(self, turn: int | None = None) -> None:
        """Give the turn up without speaking."""
        self._sender.outbox.pass_turn(turn if turn is not None else self.turn)
        await self._drain()

    async def leave(self) -> None:
        """Give the seat up; iterating goes on to the own `left` and ends."""
        self._sender.leave()
        await self._drain()

    async def request_floor(self) -> None:
        """Ask for the floor, under a policy where one asks; asking again changes nothing."""
        await self._ask(RequestFrame())

    async def withdraw(self) -> None:
        """Ask for the floor no longer."""
        await self._ask(WithdrawFrame())

    async def come_off_bench(self) -> None:
        """Come back from the bench, to get turns again."""
        await self._ask(ReturnFrame())

    async def who(self) -> bool:
        """Ask who is here, and how many watch: `on_who` is told. False: the connection is away, nobody was asked."""
        self._send(WhoFrame())
        await self._drain()
        return self._connection is not None

    # What the chair does. Each is asked once more after a lost connection only where it is seen not to have happened.

    async def grant(self, name: str) -> None:
        """Give the floor, which is free, to somebody."""
        await self._ask(GrantFrame(name=name))

    async def revoke(self, name: str | None = None) -> None:
        """Take the floor from somebody; without a name, from whoever has it."""
        await self._ask(RevokeFrame(name=name))

    async def queue_topic(self, topic: str) -> None:
        """Put a topic at the end of the queue. Never asked again, for it could be queued twice."""
        await self._ask(TopicFrame(topic=topic))

    async def next_topic(self) -> None:
        """Close the topic; in a room that rests, open another."""
        await self._ask(NextFrame())

    async def set_rules(self, **changes: Unpack[RuleChanges]) -> None:
        """Talk by other rules from the next topic on: `set_rules(policy="rotate", rounds=2)`. Never asked again."""
        await self._ask(SetFrame(**changes))

    # Coming in, and back.

    async def _come_in(self) -> None:
        is_back = self._entrance.epoch is not None
        pause, self._retry_after_seconds = self._retry_after_seconds, 0
        await asyncio.sleep(min(pause, _LONGEST_PAUSE_SECONDS))
        self._connection, welcome = await come_in(
            self._entrance,
            self._host,
            self._port,
            Patience(self._give_up_seconds, self._on_notice),
            after=self.room.seq,
            may_start_anew=lambda: self.room.phase is Phase.GATHERING and not self._sender.is_leaving,
        )
        self._seq_at_entry = welcome.seq
        if self._entrance.is_seat_gone:
            self._sender.clear()
            if not isinstance(welcome, Resumed) or self.is_caught_up:
                self._finish(_gone())
        elif not isinstance(welcome, Resumed):
            self._start_reading(welcome)
        if is_back and not self._is_over:
            self._on_notice("The connection is back.")
        self._sender.come_back()
        if self.is_caught_up:
            self._sender.catch_up()

    def _start_reading(self, welcome: Joined | Gap | Reset) -> None:
        after = welcome.first - 1 if isinstance(welcome, Gap) else welcome.after
        self.room = replace(empty_room(welcome.room), seq=after)
        self._seated_seq = welcome.seq
        if isinstance(welcome, Joined):
            self._sender.clear()  # what an earlier seat said was lost with it

    async def _lose(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
        if self._sender.is_leaving or (self.change is not None and ends_connections(self.change.event)):
            self._is_over = True
        else:
            self._on_notice(f"The connection to {self._host}, port {self._port}, is lost.")

    # What the server says.

    def _take(self, line: bytes) -> tuple[Event, Stamp] | None:
        try:
            answer = decode_line(line)
        except BadFrame as error:
            # A newer server may say more than we know.
            logger.warning("line not understood error=%s", error)
            return None
        if not isinstance(answer, tuple):
            self._take_reply(answer)
            return None
        event, stamp = answer
        if stamp.seq <= self.room.seq:
            return None
        was_caught_up = self.is_caught_up
        before, self.room = self.room, fold(self.room, event, stamp)
        self.change = Change(event, before, self.room, line)
        self._sender.take(event, self.room, self.name)
        if self.is_caught_up and not was_caught_up:
            self._sender.catch_up()
        self._look_for_end(event)
        return answer

    def _take_reply(self, reply: Reply) -> None:
        match reply:
            case Ping():
                self._send(PongFrame())
            case WhoReply() if self._on_who is not None:
                self._on_who(reply)
            case SaidBefore(cid=cid):
                self._sender.outbox.acknowledge(cid)
            case Goodbye(reason=Reason.TAKEN_OVER) | Refused(reason=Reason.TAKEN_OVER):
                self._finish(Rejected(Reason.TAKEN_OVER, reply.text))
            case Refused():
                if self._sender.take_refusal(reply, self.turn):
                    self.on_refused(reply)
            case Goodbye(reason=Reason.CLOSING):
                # A server that stops in mid-sitting goes on with it when it is started again.
                self._is_over = self._is_over or not self.room.has_sitting
                self._retry_after_seconds = reply.retry_after or 0
            case _:
                pass

    def _look_for_end(self, event: Event) -> None:
        is_own_time = self.seat is not None and self.room.seq > self._seated_seq
        match event:
            case Left(name, reason) if is_own_time and name == self.name:
                self._finish(None if reason is LeaveReason.ASKED else _gone())
            case Removed(name) if is_own_time and name == self.name:
                self._finish(None)
            case SittingClosed() | RoomClosed() if is_own_time:
                self._finish(None)
            case _ if self._entrance.is_seat_gone and self.is_caught_up:
                self._finish(_gone())
            case _:
                pass

    def _finish(self, end: Rejected | None) -> None:
        self._is_over = True
        self._end = end
        self._sender.stop()

    # What is sent.

    def _send(self, frame: Frame) -> None:
        if self._connection is not None:
            self._connection.send(encode_line(frame))

    async def _ask(self, frame: Frame) -> None:
        self._sender.asks.ask(frame, self.room, self.name)
        await self._drain()

    async def _drain(self) -> None:
        if self._connection is not None:
            await self._connection.drain()


def _gone() -> Rejected:
    return Rejected(Reason.KEY_UNKNOWN, "the seat is gone")


def _to_log(words: str) -> None:
    logger.warning("%s", words)


def _refused_to_log(refused: Refused) -> None:
    logger.info("refused do=%s reason=%s", refused.do, refused.reason)
