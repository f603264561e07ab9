"""The text door: people with netcat, and a student's first client. Normative: docs/protocol/text.md.

Moves lines and decides nothing: a line becomes a command, an entry becomes lines. The rules of conversation are the
room's; what is the door's own is its patience with beginners: the quiet rule, early words, and refusals that
cannot loop.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

from moothall.doors.gate import MAX_FIRST_LINE_BYTES
from moothall.doors.link import Link
from moothall.engine.commands import Command, Leave, Pass, Say
from moothall.engine.events import Kind
from moothall.engine.names import Name
from moothall.errors import BadFrame, Reason, Rejected
from moothall.hall.hall import Hall
from moothall.hall.lobby import Welcome, Wish
from moothall.hall.visit import Visit
from moothall.views.roster import room_line, who_line
from moothall.wire import text as codec
from moothall.wire.framing import LineFramer, LineTooLong
from moothall.wire.sentences import sentence
from moothall.wire.text import BARE, TEXT, Slash, SlashWord, Words

__all__ = ["TextDoor", "TextManners"]

_MAX_WAITING_LINES: Final = 20
_PROBE_MS: Final = 100
"""After the end of its input a client is either reading on or gone; a write and this pause tell which."""


class TextManners(msgspec.Struct, frozen=True, kw_only=True):
    """How the text door treats its guests. `room`: where a name without a room goes.

    `is_bare`: nothing but `Name: words` after the welcome. `keeps_early`: words that come before their turn wait for
    it. `max_line_bytes`: of a line after joining.
    """

    room: str = "main"
    is_bare: bool = False
    keeps_early: bool = True
    max_line_bytes: int = 97_024


class TextDoor(asyncio.Protocol):
    """One connection that speaks plain lines."""

    def __init__(self, link: Link, hall: Hall, manners: TextManners) -> None:
        self._link = link
        self._hall = hall
        self._manners = manners
        self._framer = LineFramer(MAX_FIRST_LINE_BYTES, telnet=True)
        self._visit: Visit | None = None
        self._room = manners.room
        self._is_entering = False
        self._waiting: list[bytes | LineTooLong] = []
        self._has_heard = False
        self._quiet_at: int | None = None
        self._probe_at: int | None = None
        self._told_turn = -1
        self._told: set[Reason] = set()
        self._unsent: deque[bytes] = deque()
        self._finishes = False

    # What the transport calls.

    def connection_made(self, _transport: asyncio.BaseTransport) -> None:
        """Greet who says nothing; who sends a name first needs no greeting."""
        self._link.on_alarm = self._on_alarm
        self._link.on_goodbye = self._say_goodbye
        self._link.clock.soon(self._greet)
        self._arm()

    def data_received(self, data: bytes) -> None:
        """Take lines, or the beginning of one."""
        if self._link.is_closing:
            return
        self._has_heard = True
        for line in self._framer.feed(data):
            self._take(line)
        if self._framer.is_waiting_for_quiet:
            self._quiet_at = self._link.clock.now() + self._link.limits.quiet_ms
            self._arm()

    def eof_received(self) -> bool:
        """Read on for who has only ended its own side; its turns are passed."""
        if self._link.is_closing:
            return False
        rest = self._framer.last_line()
        if rest is not None:
            self._take(rest)
        if self._manners.is_bare or not (self._visit or self._is_entering):
            return False
        self._link.has_input_ended = True
        if self._visit is not None:
            self._mute(self._visit)
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
        if self._visit is not None and not self._unsent:
            self._visit.is_blocked = False
            self._visit.ship()

    def connection_lost(self, _error: Exception | None) -> None:
        """Give the seat up: a text seat ends with its connection."""
        self._link.lost()
        self._unsent.clear()
        if self._visit is not None:
            self._visit.lose()

    # What the visit calls.

    def write(self, data: bytes) -> None:
        """Send lines; to a bare client one at a time, with a pause between, for it knows no framing."""
        if not self._manners.is_bare:
            self._link.write(data)
            return
        self._unsent += data.splitlines(keepends=True)
        if self._visit is not None and not self._visit.is_blocked:
            self._visit.is_blocked = True
            self._send_next()

    def refuse(self, refusal: Rejected, _command: Command | None) -> None:
        """Say why words that were taken could not be said after all."""
        self._refuse(refusal)

    def finish(self) -> None:
        """Close after the goodbye."""
        if self._unsent:
            self._finishes = True
        else:
            self._link.finish()

    # Coming in.

    def _greet(self) -> None:
        if self._has_heard or self._link.is_closing:
            return
        here, seats = self._hall.count(self._manners.room)
        self._say(codec.greeting(self._manners.room, here, seats))

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
            typed = codec.decode_typed(line)
        except BadFrame as error:
            self._tell_refusal(error.reason, str(error))
            return
        if self._visit is None:
            self._take_name(typed)
        else:
            self._take_words(typed, self._visit)

    def _take_name(self, typed: Words | Slash) -> None:
        match typed:
            case Words(text):
                name, _, room = text.rpartition("@") if "@" in text else (text, "", self._manners.room)
                self._room = room
                self._enter(
                    Wish(room=room, name=name, kind=Kind.PERSON, from_own_seat=True, address=self._link.address)
                )
            case Slash(SlashWord.WATCH):
                self._enter(Wish(room=self._room, watch=True, address=self._link.address))
            case Slash(SlashWord.HELP):
                self._say(codec.notice("Type your name to take a seat, /watch to watch, /rooms or /leave."))
            case Slash(SlashWord.ROOMS):
                self._say_rooms()
            case Slash(SlashWord.LEAVE):
                self._say_goodbye()
            case Slash():
                self._refuse(Rejected(Reason.NOT_JOINED))

    def _enter(self, wish: Wish) -> None:
        self._is_entering = True
        dialect = BARE if self._manners.is_bare else TEXT
        try:
            self._hall.lobby.enter(wish, self, dialect, self._on_welcome, self._on_not_entered)
        except Rejected as refusal:
            self._is_entering = False
            hint = {
                Reason.NAME_TAKEN: " Type another name.",
                Reason.BAD_NAME: " Type another name.",
                Reason.ROOM_FULL: " /watch does; NAME@ROOM takes a seat in another room.",
            }.get(refusal.reason, "")
            self._tell_refusal(refusal.reason, sentence(refusal) + hint)

    def _on_welcome(self, welcome: Welcome) -> bytes:
        visit = self._visit = welcome.visit
        self._is_entering = False
        self._framer.max_line_bytes = self._manners.max_line_bytes
        self._link.joined()
        self._link.clock.soon(self._take_waiting)
        visit.is_blocked = self._link.is_blocked
        if visit.name is not None:
            return b""
        room = welcome.room
        return _line(codec.notice(f"You watch room {room.name}, {room.here}/{room.rules.seats} here. /leave leaves."))

    def _on_not_entered(self) -> None:
        self._is_entering = False
        self._refuse(Rejected(Reason.STORAGE))

    def _take_waiting(self) -> None:
        visit, waiting = self._visit, self._waiting
        self._waiting = []
        if visit is None:
            return
        if self._link.is_lost:
            visit.lose()
            return
        for line in waiting:
            self._take(line)
        if self._link.has_input_ended:
            self._mute(visit)
        self._arm()

    # Taking part.

    def _take_words(self, typed: Words | Slash, visit: Visit) -> None:
        match typed:
            case Words(""):
                pass
            case Words(text):
                self._talk(visit, text)
            case Slash(SlashWord.PASS):
                self._ask(visit, Pass)
            case Slash(SlashWord.LEAVE):
                self._leave(visit)
            case Slash(SlashWord.DROP):
                dropped, visit.pocket = visit.pocket is not None, None
                self._say(codec.notice("Dropped." if dropped else "Nothing waits."))
            case Slash(SlashWord.WHO):
                who = who_line(visit.clerk.settled, self._hall.watching(visit.clerk), visit.name)
                self._say(codec.notice(who))
            case Slash(SlashWord.ROOMS):
                self._say_rooms()
            case Slash(SlashWord.HELP):
                self._say(codec.notice(codec.HELP))
            case Slash(SlashWord.WATCH):
                self._say(codec.notice("You are in a room already. /leave leaves it."))

    def _talk(self, visit: Visit, text: str) -> None:
        try:
            visit.submit(Say(_name_of(visit), text))
        except Rejected as refusal:
            self._turn_down(visit, refusal, text)

    def _turn_down(self, visit: Visit, refusal: Rejected, text: str) -> None:
        room = visit.clerk.newest
        waits = (
            self._manners.keeps_early
            and not self._manners.is_bare
            and refusal.reason is Reason.NOT_YOUR_TURN
            and visit.name is not None
            and room.awaits_turn(visit.name)
        )
        if waits:
            visit.pocket = text
        if self._tells_once(refusal.reason, room.turn_number):
            self._say(codec.refusal_of(refusal, room, keeps_words=waits))

    def _tells_once(self, reason: Reason, turn: int) -> bool:
        # A client that answers every line would draw a refusal with every refusal.
        if turn != self._told_turn:
            self._told_turn, self._told = turn, set()
        is_news = reason not in self._told
        self._told.add(reason)
        return is_news and not self._manners.is_bare

    def _ask(self, visit: Visit, command: Callable[[Name], Command]) -> None:
        try:
            visit.submit(command(_name_of(visit)))
        except Rejected as refusal:
            self._refuse(refusal)

    def _leave(self, visit: Visit) -> None:
        if visit.name is None or visit.name not in visit.clerk.newest.seats:
            visit.end()
            self._say_goodbye()
        else:
            self._ask(visit, Leave)

    def _mute(self, visit: Visit) -> None:
        self._say(codec.notice("Your input has ended: you read on, and your turns are passed."))
        self._probe_at = self._link.clock.now() + _PROBE_MS
        self._arm()
        visit.is_mute = True
        if visit.name is not None and visit.clerk.settled.turn_of(visit.name):
            visit.take_floor()

    # Saying things.

    def _say(self, line: str) -> None:
        self._link.reply(_line(line))

    def _say_rooms(self) -> None:
        rooms = "; ".join(room_line(clerk.settled) for clerk in self._hall.clerks.values() if clerk.settled.seq)
        self._say(codec.notice(rooms or "No room is open yet. NAME@ROOM opens one."))

    def _refuse(self, refusal: Rejected) -> None:
        room = None if self._visit is None else self._visit.clerk.newest
        if not (self._manners.is_bare and self._visit is not None):
            self._say(codec.refusal_of(refusal, room))

    def _tell_refusal(self, reason: Reason, words: str) -> None:
        if not (self._manners.is_bare and self._visit is not None):
            self._say(codec.refusal(reason, words))

    def _say_goodbye(self) -> None:
        if not (self._manners.is_bare and self._visit is not None):
            why = " The server is stopping." if self._hall.is_stopping else ""
            self._say(codec.notice(f"Goodbye.{why}"))
        self._link.finish()

    def _send_next(self) -> None:
        visit = self._visit
        if visit is None or self._link.transport.is_closing():
            return
        if self._unsent:
            self._link.write(self._unsent.popleft())
            self._link.clock.at(self._link.clock.now() + self._link.limits.bare_gap_ms, self._send_next)
        elif self._finishes:
            self._link.finish()
        elif not self._link.is_blocked:
            visit.is_blocked = False
            visit.ship()

    # The clock.

    def _arm(self) -> None:
        moments = [moment for moment in (self._quiet_at, self._probe_at) if moment is not None]
        if self._visit is None:
            moments.append(self._link.opened_at + self._link.limits.join_ms)
        if self._link.is_blocked:
            moments.append(self._link.clock.now() + self._link.limits.slow_ms)
        self._link.wake_at(min(moments, default=None))

    def _on_alarm(self, now: int) -> None:
        if self._visit is None and now >= self._link.opened_at + self._link.limits.join_ms and not self._is_entering:
            self._say(codec.notice("Goodbye. Nobody has typed a name."))
            self._link.finish()
            return
        if self._link.is_slow(now):
            self._tell_refusal(Reason.SLOW, sentence(Rejected(Reason.SLOW)))
            self._link.drop()
            return
        if self._probe_at is not None and now >= self._probe_at:
            self._probe_at = None
            if _is_broken(self._link.transport):
                self._link.drop()
                return
        if self._quiet_at is not None and now >= self._quiet_at:
            self._quiet_at = None
            line = self._framer.quiet_line()
            if line is not None:
                self._take(line)
        self._arm()


def _name_of(visit: Visit) -> Name:
    """Return who speaks; a spectator has no seat to speak from."""
    if visit.name is None:
        raise Rejected(Reason.NO_SEAT)
    return visit.name


def _line(words: str) -> bytes:
    return f"{words}\n".encode("utf-8", "replace")


def _is_broken(transport: asyncio.BaseTransport) -> bool:
    """Tell whether a write has met a peer that is gone."""
    line = transport.get_extra_info("socket")
    try:
        return bool(line is not None and line.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
    except OSError:
        return True
