"""The text door: people with netcat, and a student's first client. Normative: docs/protocol/text.md.

Moves lines and decides nothing: names come in here, what participants type is done in `talk`, and what they read is
said by the codec. What is the door's own is its patience with beginners: the quiet rule, and ends of input.
"""

from __future__ import annotations

import asyncio
from typing import Final

from msgspec.structs import replace

from moothall.doors.gate import MAX_FIRST_LINE_BYTES
from moothall.doors.inbox import Inbox
from moothall.doors.link import Link
from moothall.doors.text.gaps import GapWriter
from moothall.doors.text.manners import TextManners
from moothall.doors.text.talk import Talk, rooms_notice
from moothall.engine.commands import Command
from moothall.engine.words import Kind
from moothall.errors import BadFrame, Reason, Rejected
from moothall.hall.hall import Hall
from moothall.hall.lobby import Place, Welcome, Wish
from moothall.hall.visit import Visit
from moothall.wire import text as codec
from moothall.wire.framing import LineFramer, LineTooLong
from moothall.wire.sentences import sentence
from moothall.wire.text import BARE, TEXT
from moothall.wire.typed import Slash, SlashWord, Words, decode_typed

__all__ = ["TextDoor"]

_PROBE_MS: Final = 100
"""After the end of its input a client is either reading on or gone; a write and this pause tell which."""

_WAYS_OUT: Final = {Reason.ROOM_FULL: " /watch does, /wait waits for a seat, NAME@ROOM takes one in another room."}
"""What to type instead, where a name was turned down."""


class TextDoor(asyncio.Protocol):
    """One connection that speaks plain lines."""

    def __init__(self, link: Link, hall: Hall, manners: TextManners) -> None:
        self._link = link
        self._hall = hall
        self._manners = manners
        self._inbox = Inbox(LineFramer(MAX_FIRST_LINE_BYTES, telnet=True), link, take=self._take)
        self._gaps = GapWriter(link, self._go_on) if manners.is_bare else None
        self._visit: Visit | None = None
        self._talk: Talk | None = None
        self._room = manners.room
        self._is_waiting = False
        self._full: Wish | None = None  # what a full room was asked for
        self._has_heard = False
        self._quiet_at: int | None = None
        self._probe_at: int | None = None

    # What the transport calls.

    def connection_made(self, _transport: asyncio.BaseTransport) -> None:
        """Greet who says nothing; who sends a name first needs no greeting."""
        self._link.on_alarm = self._on_alarm
        self._link.on_goodbye = self._say_closing
        self._link.on_room = self._on_room
        self._link.clock.soon(self._greet)
        self._arm()

    def data_received(self, data: bytes) -> None:
        """Take lines, or the beginning of one."""
        self._has_heard = True
        self._inbox.feed(data)
        if self._inbox.framer.is_waiting_for_quiet:
            self._quiet_at = self._link.clock.now() + self._link.limits.quiet_ms
            self._arm()

    def eof_received(self) -> bool:
        """Read on for who has only ended its own side; its turns are passed."""
        if self._link.is_closing:
            return False
        self._inbox.end()
        if self._manners.is_bare or not (self._visit or self._inbox.is_shut or self._is_waiting):
            return False
        self._link.has_input_ended = True
        if self._visit is not None:
            self._ask_who_reads()
        return True

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
        """Give the seat up: a text seat ends with its connection."""
        self._link.lost()
        self._inbox.clear()
        self._hall.lobby.stop_waiting(self)
        if self._visit is not None:
            self._visit.lose()

    # What the visit calls.

    def write(self, data: bytes) -> None:
        """Send lines; to a bare client one at a time."""
        if self._gaps is None:
            self._link.write(data)
            return
        if self._visit is not None:
            self._visit.is_blocked = True
        self._gaps.write(data)

    def refuse(self, refusal: Rejected, command: Command | None) -> None:
        """Say why words that were taken could not be said after all, or why the visit ends."""
        if command is None:
            self._close_for(refusal.reason)
        else:
            self._refuse(refusal)

    def finish(self) -> None:
        """Close after the goodbye."""
        if self._gaps is not None:
            self._gaps.finish()
        else:
            self._link.finish()

    # Coming in.

    def _greet(self) -> None:
        if not self._has_heard:
            here, seats = self._hall.count(self._manners.room)
            self._say(codec.greeting(self._manners.room, here, seats))

    def _take(self, line: bytes | LineTooLong) -> None:
        try:
            if isinstance(line, LineTooLong):
                raise BadFrame(Reason.TOO_LONG, f"A line has at most {line.limit} bytes here.")
            typed = decode_typed(line)
        except BadFrame as error:
            self._complain(error)
            return
        if self._talk is None:
            self._take_name(typed)
        else:
            self._talk.take(typed)

    def _take_name(self, typed: Words | Slash) -> None:
        match typed:
            case Words() if self._is_waiting:
                self._say(codec.notice("You wait for a seat. /leave leaves."))
            case Words(text):
                name, _, room = text.rpartition("@") if "@" in text else (text, "", self._manners.room)
                self._room = room
                self._enter(
                    Wish(room=room, name=name, kind=Kind.PERSON, from_own_seat=True, address=self._link.address)
                )
            case Slash(SlashWord.WAIT) if self._full is not None:
                self._enter(replace(self._full, wait=True))
            case Slash(SlashWord.WATCH):
                self._enter(Wish(room=self._room, watch=True, address=self._link.address))
            case Slash(SlashWord.HELP):
                self._say(codec.notice("Type your name to take a seat, /watch to watch, /rooms or /leave."))
            case Slash(SlashWord.ROOMS):
                self._say(rooms_notice(self._hall))
            case Slash(SlashWord.LEAVE):
                self._hall.lobby.stop_waiting(self)
                self._say_goodbye()
            case Slash():
                self._refuse(Rejected(Reason.NOT_JOINED))

    def _enter(self, wish: Wish) -> None:
        self._inbox.is_shut = True
        dialect = BARE if self._manners.is_bare else TEXT
        try:
            place = self._hall.lobby.enter(wish, self, dialect, self._on_welcome, self._on_not_entered)
            if place is not None:
                self._wait(place)
        except Rejected as refusal:
            self._not_in()
            self._link.count_refusal(refusal.reason)
            self._full = wish if refusal.reason is Reason.ROOM_FULL and not wish.watch else None
            self._say(codec.refusal(refusal.reason, sentence(refusal) + _WAYS_OUT.get(refusal.reason, "")))

    def _wait(self, place: Place) -> None:
        self._inbox.is_shut, self._is_waiting = False, True
        self._link.joined()
        self._say(codec.notice(f"You wait for a seat in room {place.room}, as number {place.number}. /leave leaves."))
        self._arm()

    def _on_welcome(self, welcome: Welcome) -> bytes:
        visit = self._visit = welcome.visit
        self._is_waiting = False
        self._talk = Talk(
            visit,
            self._hall,
            self._manners,
            tell=self._tell,
            say_goodbye=self._say_goodbye,
            count_refusal=self._link.count_refusal,
        )
        self._inbox.is_shut = False
        self._inbox.framer.max_line_bytes = self._manners.max_line_bytes
        self._link.joined()
        self._link.clock.soon(self._once_in)
        visit.is_blocked = self._link.is_blocked
        if visit.name is not None:
            return b""
        here, seats = self._hall.count(welcome.room.name)
        return _line(codec.notice(f"You watch room {welcome.room.name}, {here}/{seats} here. /leave leaves."))

    def _not_in(self) -> None:
        self._inbox.is_shut = False
        if self._is_waiting:
            self._is_waiting, self._link.opened_at = False, self._link.clock.now()
            self._arm()

    def _on_not_entered(self, refusal: Rejected) -> None:
        self._not_in()
        self._refuse(refusal)
        self._link.clock.soon(self._inbox.go_on)  # It is told within a settle, in which nothing may be asked.

    def _once_in(self) -> None:
        if self._visit is not None and self._link.is_lost:
            self._visit.lose()
            return
        self._inbox.go_on()
        if self._link.has_input_ended:
            self._ask_who_reads()
        self._arm()

    # The end of its input.

    def _ask_who_reads(self) -> None:
        # Whoever has closed both sides cannot say so; a write to it comes back as an error.
        self._tell(codec.notice("Your input has ended: you read on, and your turns are passed."))
        self._probe_at = self._link.clock.now() + _PROBE_MS
        self._arm()

    def _mute(self, visit: Visit) -> None:
        visit.mute()
        if visit.name is not None and visit.clerk.settled.turn_of(visit.name):
            visit.take_floor()

    # Saying things.

    def _say(self, line: str) -> None:
        self._link.reply(_line(line))

    def _tell(self, line: str) -> None:
        # A bare client that is in a room reads what was said, and nothing else.
        if self._visit is None or not self._manners.is_bare:
            self._say(line)

    def _refuse(self, refusal: Rejected) -> None:
        self._link.count_refusal(refusal.reason)
        self._tell_why(refusal)

    def _tell_why(self, refusal: Rejected) -> None:
        visit = self._visit
        room, name = (None, None) if visit is None else (visit.clerk.newest, visit.name)
        self._tell(codec.refusal_of(refusal, room, name))

    def _complain(self, error: BadFrame) -> None:
        self._link.count_refusal(error.reason)
        self._tell(codec.refusal(error.reason, str(error)))

    def _say_goodbye(self) -> None:
        self._tell(codec.notice("Goodbye."))
        self._link.finish()

    def _say_closing(self, _retry_after: int | None) -> None:
        self._close_for(Reason.CLOSING)

    def _close_for(self, reason: Reason) -> None:
        if self._link.is_amid_line:
            self._link.drop()  # The rest of the line is behind what nobody reads.
            return
        self._tell_why(Rejected(reason))
        self._say_goodbye()

    def _on_room(self) -> None:
        self._go_on()
        self._inbox.go_on()

    def _go_on(self) -> None:
        visit = self._visit
        if visit is not None and not self._link.is_blocked and not (self._gaps and self._gaps.is_busy):
            visit.is_blocked = False
            visit.ship()

    # The clock.

    def _arm(self) -> None:
        moments = [moment for moment in (self._quiet_at, self._probe_at) if moment is not None]
        if not (self._visit or self._is_waiting):
            moments.append(self._link.opened_at + self._link.limits.join_ms)
        if self._link.is_blocked:
            moments.append(self._link.clock.now() + self._link.limits.slow_ms)
        self._link.wake_at(min(moments, default=None))

    def _on_alarm(self, now: int) -> None:
        if self._link.is_slow(now):
            self._close_for(Reason.SLOW)
        elif not (self._visit or self._is_waiting) and now >= self._link.opened_at + self._link.limits.join_ms:
            self._close_for(Reason.NOT_JOINED)
        else:
            self._look_at_input(now)
            self._arm()

    def _look_at_input(self, now: int) -> None:
        if self._probe_at is not None and now >= self._probe_at:
            self._probe_at = None
            if self._link.is_broken():
                self._link.drop()
            elif self._visit is not None:
                self._mute(self._visit)
        if self._quiet_at is not None and now >= self._quiet_at:
            self._quiet_at = None
            line = self._inbox.framer.quiet_line() if self._inbox.is_open else None
            if line is not None:
                self._take(line)


def _line(words: str) -> bytes:
    return f"{words}\n".encode("utf-8", "replace")
