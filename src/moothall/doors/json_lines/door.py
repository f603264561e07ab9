"""The JSON lines door: the SDK's, and that of any program. Normative: docs/protocol/json.md.

Moves frames and decides nothing: a frame becomes a command, an entry is a line as it is. A seat taken here has a key,
and outlives its connection.
"""

from __future__ import annotations

import asyncio
from typing import Final, assert_never

from moothall.doors.gate import MAX_FIRST_LINE_BYTES
from moothall.doors.link import Link
from moothall.engine.commands import Command, Leave, Pass, Say
from moothall.engine.names import Name
from moothall.errors import BadFrame, Reason, Rejected
from moothall.hall.hall import Hall
from moothall.hall.lobby import Arrival, Welcome, Wish
from moothall.hall.visit import Visit
from moothall.views.roster import who_reply
from moothall.wire.framing import LineFramer, LineTooLong
from moothall.wire.json_lines import (
    JSON_LINES,
    OPERATORS_WORDS,
    PROTOCOL_VERSION,
    Frame,
    Goodbye,
    Joined,
    JoinFrame,
    LeaveFrame,
    PassFrame,
    Ping,
    PingFrame,
    Pong,
    PongFrame,
    Refused,
    Reply,
    Reset,
    Resumed,
    SaidBefore,
    SayFrame,
    WhoFrame,
    decode_frame,
    encode_line,
    refused_word,
)
from moothall.wire.sentences import sentence

__all__ = ["JsonDoor"]

_MAX_WAITING_LINES: Final = 64
"""A client may send a join and what it has to say in one go."""


class JsonDoor(asyncio.Protocol):
    """One connection that speaks JSON lines."""

    def __init__(self, link: Link, hall: Hall, max_line_bytes: int) -> None:
        self._link = link
        self._hall = hall
        self._max_line_bytes = max_line_bytes
        self._framer = LineFramer(MAX_FIRST_LINE_BYTES)
        self._visit: Visit | None = None
        self._is_entering = False
        self._waiting: list[bytes | LineTooLong] = []
        self._heard_at = link.opened_at
        self._has_pinged = False

    # What the transport calls.

    def connection_made(self, _transport: asyncio.BaseTransport) -> None:
        """Wait for a join."""
        self._link.on_alarm = self._on_alarm
        self._link.on_goodbye = self._say_goodbye
        self._arm()

    def data_received(self, data: bytes) -> None:
        """Take frames."""
        if self._link.is_closing:
            return
        self._heard_at = self._link.clock.now()
        self._has_pinged = False
        for line in self._framer.feed(data):
            self._take(line)

    def eof_received(self) -> bool:
        """Close: who has ended its side is gone."""
        return False

    def pause_writing(self) -> None:
        """Wait: the reader is behind."""
        self._link.block()
        if self._visit is not None:
            self._visit.is_blocked = True
        self._arm()

    def resume_writing(self) -> None:
        """Go on: the reader has taken everything."""
        self._link.unblock()
        if self._visit is not None:
            self._visit.is_blocked = False
            self._visit.ship()

    def connection_lost(self, _error: Exception | None) -> None:
        """Hold the seat for a while."""
        self._link.lost()
        if self._visit is not None:
            self._visit.lose()

    # What the visit calls.

    def write(self, data: bytes) -> None:
        """Send lines."""
        self._link.write(data)

    def refuse(self, refusal: Rejected, command: Command | None) -> None:
        """Say why what was taken was refused after all."""
        cid = command.cid if isinstance(command, Say) else None
        do = type(command).__name__.lower() if command is not None else None
        self._refuse(refusal, do, cid)

    def finish(self) -> None:
        """Close after the last event."""
        self._link.finish()

    # Frames.

    def _take(self, line: bytes | LineTooLong) -> None:
        if self._link.is_closing:
            return
        if self._is_entering:
            if len(self._waiting) < _MAX_WAITING_LINES:
                self._waiting.append(line)
            return
        try:
            if isinstance(line, LineTooLong):
                raise BadFrame(Reason.TOO_LONG, f"A line has at most {line.limit} bytes here.")
            frame = decode_frame(line)
        except BadFrame as error:
            self._complain(line, error)
            return
        try:
            self._do(frame)
        except Rejected as refusal:
            cid = frame.cid if isinstance(frame, SayFrame) else None
            self._refuse(refusal, str(frame.__struct_config__.tag), cid)

    def _do(self, frame: Frame) -> None:
        match frame:
            case SayFrame():
                self._say(frame)
            case PassFrame(turn=turn):
                visit, name = self._seated()
                visit.submit(Pass(name, turn))
            case JoinFrame():
                self._enter(frame)
            case LeaveFrame():
                self._leave()
            case WhoFrame():
                visit = self._joined()
                self._reply(who_reply(visit.clerk.settled, self._hall.watching(visit.clerk)))
            case PingFrame():
                self._reply(Pong())
            case PongFrame():
                pass
            case _:
                assert_never(frame)

    def _say(self, frame: SayFrame) -> None:
        visit, name = self._seated()
        if frame.cid is not None and name in visit.clerk.newest.seats:
            before = visit.clerk.newest.receipt(name, frame.cid)
        else:
            before = None
        visit.submit(Say(name, frame.text, frame.turn, frame.cid))
        if before is not None:
            # The words are in the log, or about to be: the receipt leaves when they are.
            receipt = SaidBefore(cid=before.cid, seq=before.seq)
            visit.clerk.once_settled(lambda: self._reply(receipt), _nothing)

    def _enter(self, frame: JoinFrame) -> None:
        if self._visit is not None:
            raise Rejected(Reason.BAD_VALUE, "a second join; you are in a room already")
        wish = Wish(
            room=frame.room,
            name=frame.name,
            kind=frame.kind,
            about=frame.about,
            watch=frame.watch,
            keyed=True,
            key=frame.key,
            epoch=frame.epoch,
            after=frame.after,
            address=self._link.address,
        )
        self._is_entering = True
        try:
            self._hall.lobby.enter(wish, self, JSON_LINES, self._on_welcome, self._on_not_entered)
        except Rejected:
            self._is_entering = False
            raise

    def _on_welcome(self, welcome: Welcome) -> bytes:
        visit = self._visit = welcome.visit
        self._is_entering = False
        self._framer.max_line_bytes = self._max_line_bytes
        self._link.joined()
        self._link.clock.soon(self._take_waiting)
        visit.is_blocked = self._link.is_blocked
        return encode_line(_welcome_reply(welcome, self._link.clock.now()))

    def _on_not_entered(self) -> None:
        self._is_entering = False
        self._refuse(Rejected(Reason.STORAGE), "join", None)

    def _take_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        if self._visit is not None and self._link.is_lost:
            self._visit.lose()
            return
        for line in waiting:
            self._take(line)
        self._arm()

    def _leave(self) -> None:
        visit = self._joined()
        if visit.name is not None and visit.name in visit.clerk.newest.seats:
            visit.submit(Leave(visit.name))
        else:
            visit.end()
            self._link.finish()

    def _joined(self) -> Visit:
        if self._visit is None:
            raise Rejected(Reason.NOT_JOINED)
        return self._visit

    def _seated(self) -> tuple[Visit, Name]:
        visit = self._joined()
        if visit.name is None:
            raise Rejected(Reason.NO_SEAT)
        return visit, visit.name

    # Answers.

    def _reply(self, reply: Reply) -> None:
        self._link.reply(encode_line(reply))

    def _refuse(self, refusal: Rejected, do: str | None, cid: str | None) -> None:
        room = None if self._visit is None else self._visit.clerk.newest
        self._reply(Refused(do=do, reason=refusal.reason, cid=cid, text=sentence(refusal, room)))

    def _complain(self, line: bytes | LineTooLong, error: BadFrame) -> None:
        word = None if isinstance(line, LineTooLong) else refused_word(line)
        if word in OPERATORS_WORDS:
            self._refuse(Rejected(Reason.NOT_ALLOWED, word), word, None)
        else:
            self._reply(Refused(do=word, reason=error.reason, text=str(error)))

    def _say_goodbye(self) -> None:
        self._reply(Goodbye(reason=Reason.CLOSING, text=sentence(Rejected(Reason.CLOSING))))
        self._link.finish()

    # The clock.

    def _arm(self) -> None:
        limits = self._link.limits
        if self._visit is None:
            moment = self._link.opened_at + limits.join_ms
        else:
            moment = self._heard_at + (limits.gone_ms if self._has_pinged else limits.ping_ms)
        if self._link.is_blocked:
            moment = min(moment, self._link.clock.now() + limits.slow_ms)
        self._link.wake_at(moment)

    def _on_alarm(self, now: int) -> None:
        limits = self._link.limits
        if self._visit is None and now >= self._link.opened_at + limits.join_ms and not self._is_entering:
            self._reply(Goodbye(reason=Reason.NOT_JOINED, text=sentence(Rejected(Reason.NOT_JOINED))))
            self._link.finish()
            return
        if self._link.is_slow(now):
            self._refuse(Rejected(Reason.SLOW), None, None)
            self._link.drop()
            return
        if self._visit is not None:
            if now >= self._heard_at + limits.gone_ms:
                self._link.drop()
                return
            if now >= self._heard_at + limits.ping_ms and not self._has_pinged:
                self._has_pinged = True
                self._reply(Ping())
        self._arm()


def _welcome_reply(welcome: Welcome, now: int) -> Reply:
    visit, room, epoch, after = welcome.visit, welcome.room, welcome.epoch, welcome.after
    seat = None if visit.name is None else room.seats[visit.name].number
    match welcome.arrival:
        case Arrival.JOINED:
            return Joined(
                room=room.name,
                name=visit.name,
                seat=seat,
                key=welcome.key,
                epoch=epoch,
                after=after,
                seq=room.seq,
                version=PROTOCOL_VERSION,
            )
        case Arrival.RESET:
            return Reset(room=room.name, name=visit.name, seat=seat, epoch=epoch, after=after, seq=room.seq)
        case Arrival.RESUMED:
            turn = room.turns[0] if room.turns else None
            return Resumed(
                room=room.name,
                name=visit.name,
                seat=seat,
                epoch=epoch,
                after=after,
                seq=room.seq,
                holder=room.holder,
                turn=None if turn is None else turn.number,
                left_ms=None if turn is None or turn.deadline is None else max(turn.deadline - now, 0),
            )
        case _:
            assert_never(welcome.arrival)


def _nothing() -> None:
    pass
