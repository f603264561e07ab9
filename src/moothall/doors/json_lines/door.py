"""The JSON lines door: the SDK's, and that of any program. Normative: docs/protocol/json.md.

Moves frames and decides nothing: a frame becomes a command, an entry is a line as it is. A seat taken here has a key,
and outlives its connection.
"""

from __future__ import annotations

import asyncio

from moothall.doors.gate import MAX_FIRST_LINE_BYTES
from moothall.doors.inbox import Inbox
from moothall.doors.link import Link
from moothall.doors.welcome import welcome_reply
from moothall.engine.commands import Command, Leave, Say
from moothall.engine.names import Name
from moothall.errors import BadFrame, Reason, Rejected
from moothall.hall.clerk import Clerk
from moothall.hall.hall import Hall
from moothall.hall.lobby import Place, Welcome, Wish
from moothall.hall.visit import Visit
from moothall.views.roster import who_reply
from moothall.wire.frames import (
    OPERATORS_WORDS,
    Frame,
    JoinFrame,
    LeaveFrame,
    PingFrame,
    PongFrame,
    SayFrame,
    WhoFrame,
    command_of,
    word_of,
)
from moothall.wire.framing import LineFramer, LineTooLong
from moothall.wire.json_lines import JSON_LINES, decode_frame, encode_line, refused_word
from moothall.wire.replies import Goodbye, Ping, Pong, Refused, Reply, SaidBefore, Waiting
from moothall.wire.sentences import sentence

__all__ = ["JsonDoor"]


class JsonDoor(asyncio.Protocol):
    """One connection that speaks JSON lines.

    Args:
        room: where a `join` leads that names none.
    """

    __slots__ = (
        "_hall",
        "_has_pinged",
        "_heard_ns",
        "_inbox",
        "_is_waiting",
        "_link",
        "_max_line_bytes",
        "_room",
        "_ticks_ns",
        "_visit",
        "write",
    )

    def __init__(self, link: Link, hall: Hall, max_line_bytes: int, room: str) -> None:
        self.write = link.write
        self._link = link
        self._hall = hall
        self._max_line_bytes = max_line_bytes
        self._room = room
        self._inbox = Inbox(LineFramer(MAX_FIRST_LINE_BYTES), link, take=self._take)
        self._visit: Visit | None = None
        self._is_waiting = False
        self._ticks_ns = link.clock.ticks_ns
        self._heard_ns = self._ticks_ns()
        self._has_pinged = False

    # What the transport calls.

    def connection_made(self, _transport: asyncio.BaseTransport) -> None:
        """Wait for a join."""
        self._link.on_alarm = self._on_alarm
        self._link.on_goodbye = self._say_closing
        self._link.on_room = self._on_room
        self._arm()

    def data_received(self, data: bytes) -> None:
        """Take frames."""
        self._heard_ns = self._ticks_ns()
        self._has_pinged = False
        self._inbox.feed(data)

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

    def connection_lost(self, _error: Exception | None) -> None:
        """Hold the seat for a while."""
        self._link.lost()
        self._inbox.clear()
        self._hall.lobby.stop_waiting(self)
        if self._visit is not None:
            self._visit.lose()

    # What the visit calls.

    def refuse(self, refusal: Rejected, command: Command | None) -> None:
        """Say why what was taken was refused after all, or why the visit ends."""
        if command is None:
            self._close_for(refusal.reason)
        else:
            self._refuse(refusal, word_of(command), command.cid if isinstance(command, Say) else None)

    def finish(self) -> None:
        """Close after the last event."""
        self._link.finish()

    # Frames.

    def _take(self, line: bytes | LineTooLong) -> None:
        try:
            if type(line) is LineTooLong:
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
        # What comes at every turn is found by its class: a match would look for its fields.
        if type(frame) is SayFrame:
            visit, name = self._seated()
            if not visit.submit(Say(name, frame.text, frame.turn, frame.cid)) and frame.cid is not None:
                self._say_before(visit.clerk, name, frame.cid)
            return
        match frame:
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
                visit, name = self._seated()
                visit.submit(command_of(frame, name))

    def _say_before(self, clerk: Clerk, name: Name, cid: str) -> None:
        before = clerk.newest.receipt(name, cid)
        if before is not None:
            # The words are in the log, or about to be: the receipt leaves when they are.
            receipt, refusal = SaidBefore(cid=cid, seq=before.seq), Rejected(Reason.STORAGE)
            clerk.once_settled(lambda: self._reply(receipt), lambda: self._refuse(refusal, "say", cid))

    def _enter(self, frame: JoinFrame) -> None:
        if self._visit is not None:
            raise Rejected(Reason.BAD_VALUE, "join is asked once; you are in a room already")
        wish = Wish(
            room=self._room if frame.room is None else frame.room,
            name=frame.name,
            kind=frame.kind,
            about=frame.about,
            watch=frame.watch,
            wait=frame.wait,
            keyed=True,
            key=frame.key,
            epoch=frame.epoch,
            after=frame.after,
            address=self._link.address,
        )
        self._inbox.is_shut = True
        try:
            place = self._hall.lobby.enter(wish, self, JSON_LINES, self._on_welcome, self._on_not_entered)
        except Rejected:
            self._not_in()
            raise
        if place is not None:
            self._wait(place)
        self._ship_welcome()

    def _wait(self, place: Place) -> None:
        self._inbox.is_shut, self._is_waiting = False, True
        self._link.joined()
        self._reply(Waiting(room=place.room, place=place.number))
        self._arm()

    def _on_welcome(self, welcome: Welcome) -> bytes:
        visit = self._visit = welcome.visit
        self._inbox.is_shut = self._is_waiting = False
        self._inbox.framer.max_line_bytes = self._max_line_bytes
        self._link.joined()
        self._link.clock.soon(self._once_in)
        visit.is_blocked = self._link.is_blocked
        return encode_line(welcome_reply(welcome, self._link.clock.now()))

    def _ship_welcome(self) -> None:
        # Before the answer to whatever else stands in the same packet.
        if self._visit is not None:
            self._visit.ship()

    def _not_in(self) -> None:
        self._inbox.is_shut = False
        if self._is_waiting:
            self._is_waiting, self._link.opened_at = False, self._link.clock.now()
            self._arm()

    def _on_not_entered(self, refusal: Rejected) -> None:
        self._not_in()
        self._refuse(refusal, "join", None)
        self._link.clock.soon(self._inbox.go_on)  # It is told within a settle, in which nothing may be asked.

    def _once_in(self) -> None:
        if self._visit is not None and self._link.is_lost:
            self._visit.lose()
            return
        self._inbox.go_on()
        self._arm()

    def _leave(self) -> None:
        if self._hall.lobby.stop_waiting(self):
            self._link.finish()
            return
        visit = self._joined()
        if visit.name is not None and visit.name in visit.clerk.newest.seats:
            visit.submit(Leave(visit.name))
        else:
            visit.ship()  # what it is behind with
            visit.end()
            self._link.finish()

    def _joined(self) -> Visit:
        if self._visit is None:
            raise Rejected(Reason.NOT_JOINED)
        return self._visit

    def _seated(self) -> tuple[Visit, Name]:
        visit = self._visit
        if visit is None or visit.name is None:
            raise Rejected(Reason.NOT_JOINED if visit is None else Reason.NO_SEAT)
        return visit, visit.name

    # Answers.

    def _reply(self, reply: Reply) -> None:
        self._link.reply(encode_line(reply))

    def _refuse(self, refusal: Rejected, do: str | None, cid: str | None) -> None:
        visit = self._visit
        self._link.count_refusal(refusal.reason)
        text = sentence(refusal) if visit is None else sentence(refusal, visit.clerk.newest, visit.name)
        self._reply(Refused(do=do, reason=refusal.reason, cid=cid, text=text))

    def _complain(self, line: bytes | LineTooLong, error: BadFrame) -> None:
        word = None if isinstance(line, LineTooLong) else refused_word(line)
        if word in OPERATORS_WORDS:
            self._refuse(Rejected(Reason.NOT_ALLOWED, f"only the operator may ask for {word}"), word, None)
        else:
            self._link.count_refusal(error.reason)
            self._reply(Refused(do=word, reason=error.reason, text=str(error)))

    def _say_closing(self, retry_after: int | None) -> None:
        self._close_for(Reason.CLOSING, retry_after)

    def _close_for(self, reason: Reason, retry_after: int | None = None) -> None:
        if self._link.is_amid_line:
            self._link.drop()  # The rest of the line is behind what nobody reads.
            return
        self._reply(Goodbye(reason=reason, text=sentence(Rejected(reason)), retry_after=retry_after))
        self._link.finish()

    def _on_room(self) -> None:
        if self._visit is not None and not self._link.is_blocked:
            self._visit.is_blocked = False
            self._visit.ship()
        self._inbox.go_on()

    # The clock.

    def _arm(self) -> None:
        limits = self._link.limits
        if not (self._visit or self._is_waiting):
            moment = self._link.opened_at + limits.join_ms
        else:
            patience_ms = limits.gone_ms if self._has_pinged else limits.ping_ms
            moment = self._link.clock.now() + patience_ms - self._silent_ms()
        if self._link.is_blocked:
            moment = min(moment, self._link.clock.now() + limits.slow_ms)
        self._link.wake_at(moment)

    def _silent_ms(self) -> int:
        return (self._ticks_ns() - self._heard_ns) // 1_000_000

    def _on_alarm(self, now: int) -> None:
        limits = self._link.limits
        if self._link.is_slow(now):
            self._close_for(Reason.SLOW)
        elif not (self._visit or self._is_waiting) and now >= self._link.opened_at + limits.join_ms:
            self._close_for(Reason.NOT_JOINED)
        elif (self._visit or self._is_waiting) and self._silent_ms() >= limits.gone_ms:
            self._link.drop()
        else:
            if (self._visit or self._is_waiting) and self._silent_ms() >= limits.ping_ms and not self._has_pinged:
                self._has_pinged = True
                self._reply(Ping())
            self._arm()
