"""The near end of one open line: writing with a limit, being slow, and a close that loses no goodbye.

A link belongs to one connection from its first byte to its last, whatever door speaks on it.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final, cast

from moothall.doors.gate import CountedAs, DoorLimits, Gate
from moothall.errors import Reason
from moothall.hall.clock import Clock
from moothall.hall.timers import Alarm, Timers

__all__ = ["Link"]

_MAX_REPLY_BYTES: Final = 64 * 1024
"""Answers that wait to be read: beyond it nothing more is taken from who does not read them."""
_NO_LINGERING: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""Of a socket that is closed nothing more is sent, not even that it was closed in order."""


class Link:
    """A transport with its limits. `on_alarm`, `on_goodbye` and `on_room` (for more answers) are the door's.

    `has_input_ended`: the peer has ended its side and only reads. `is_amid_line`: the last write ended in the middle
    of a line, so that no answer can be said before the next. `is_deaf`: the door wants nothing more for now.
    """

    __slots__ = (
        "_alarm",
        "_blocked_at",
        "_gate",
        "_held",
        "_left_over",
        "_timers",
        "address",
        "clock",
        "counted_as",
        "has_input_ended",
        "is_amid_line",
        "is_blocked",
        "is_closing",
        "is_deaf",
        "is_lost",
        "limits",
        "on_alarm",
        "on_goodbye",
        "on_room",
        "opened_at",
        "sent_bytes",
        "transport",
    )

    def __init__(
        self, transport: asyncio.BaseTransport, *, gate: Gate, limits: DoorLimits, clock: Clock, timers: Timers
    ) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=0)
        self.address = _address(transport)
        self.limits = limits
        self.clock = clock
        self.opened_at = clock.now()
        self.counted_as = CountedAs.UNDECIDED
        self.sent_bytes = 0
        self.is_amid_line = False
        self.is_blocked = False
        self.is_closing = False
        self.is_deaf = False
        self.is_lost = False
        self.has_input_ended = False
        self.on_alarm: Callable[[int], None] = _ignore
        self.on_goodbye: Callable[[int | None], None] = self._drop_silently
        self.on_room: Callable[[], None] = _nothing
        self._gate = gate
        self._timers = timers
        self._alarm = Alarm(self._ring)
        self._blocked_at = 0
        self._left_over = 0
        self._held = b""

    def enter(self) -> bool:
        """Be counted; False where the server is full."""
        return self._gate.enter(self)

    def count_as(self, what: CountedAs) -> None:
        """Be counted as something else from now on."""
        if what is not self.counted_as:
            self._gate.count_as(self, what)

    def count_refusal(self, reason: Reason) -> None:
        """Take note that something was refused here."""
        self._gate.refusals[reason] += 1

    def hand_on(self, transport: asyncio.BaseTransport, what: CountedAs) -> Link:
        """Return the link of a line that was opened within this one, and is counted in its place, as what it is."""
        link = Link(transport, gate=self._gate, limits=self.limits, clock=self.clock, timers=self._timers)
        self._gate.replace(self, link)
        link.count_as(what)
        return link

    def take_back(self, link: Link) -> None:
        """Be counted again, in place of the link of a line within this one that has ended."""
        if not self.is_lost:
            self._gate.replace(link, self)
            self._gate.joined(self)

    def joined(self) -> None:
        """Be counted as one that is in a room."""
        self._gate.joined(self)

    def wake_at(self, moment: int | None) -> None:
        """Have `on_alarm` called at `moment`, in place of any earlier wish."""
        if not self.is_closing:
            self._timers.set(self._alarm, moment)

    def write(self, data: bytes) -> None:
        """Send bytes; `is_blocked` is set at once where not all of them could be sent."""
        if self.is_closing or self.transport.is_closing():
            return
        self.is_amid_line = data[-1:] != b"\n"
        if self._held and not self.is_amid_line:
            data, self._held = data + self._held, b""
            self.clock.soon(self._listen_again)
        self.sent_bytes += len(data)
        self.transport.write(data)

    def reply(self, data: bytes) -> None:
        """Send a whole line in answer, after the line that is under way; who does not read is not listened to."""
        if self.is_amid_line:
            self._held += data
        else:
            self.write(data)
        self.hold_back()

    def hold_back(self) -> None:
        """Listen no more to who does not read the answers; to be asked after each of them."""
        if self.is_overfull and not self.is_closing:
            self.transport.pause_reading()

    def deafen(self) -> None:
        """Take nothing more from the peer until the door listens again."""
        self.is_deaf = True
        if not self.is_closing and not self.transport.is_closing():
            self.transport.pause_reading()

    def listen(self) -> None:
        """Take what comes, as soon as the answers before it are read."""
        self.is_deaf = False
        if not self.is_closing and not self.transport.is_closing() and not self.is_overfull:
            self.transport.resume_reading()

    @property
    def is_overfull(self) -> bool:
        """Whether so many answers wait to be read that no more should be asked for."""
        if not (self.is_blocked or self._held):
            return False
        return self.transport.get_write_buffer_size() + len(self._held) > _MAX_REPLY_BYTES

    def block(self) -> None:
        """Take note that the transport holds bytes that could not be sent."""
        self.is_blocked = True
        self._blocked_at = self.clock.now()
        self._left_over = self.transport.get_write_buffer_size()

    def unblock(self) -> None:
        """Take note that everything was sent."""
        self.is_blocked = False
        self._listen_again()

    def is_slow(self, now: int) -> bool:
        """Tell whether the reader has taken no byte for too long."""
        if not self.is_blocked:
            return False
        size = self.transport.get_write_buffer_size()
        if size < self._left_over:
            self._blocked_at = now
        self._left_over = size  # more than before are answers that were added: nothing was taken
        return now - self._blocked_at >= self.limits.slow_ms

    def is_broken(self) -> bool:
        """Tell whether a write has met a peer that is gone."""
        line = self.transport.get_extra_info("socket")
        try:
            return bool(line is not None and line.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
        except OSError:
            return True

    def finish(self) -> None:
        """Close cleanly: what is written goes out, then our side ends, and what still comes is read and thrown away.

        Closing at once would reset the line under a client that is still talking, and lose the goodbye.
        """
        if self.is_closing:
            return
        self.is_closing = True
        if self.transport.is_closing():
            return
        if self.has_input_ended or not self.transport.can_write_eof():
            self.transport.close()
            return
        self.transport.resume_reading()
        try:
            self.transport.write_eof()
        except OSError:  # The peer is gone, and nobody has told us yet.
            self.transport.abort()
            return
        self._timers.set(self._alarm, self.clock.now() + self.limits.close_ms)

    def drop(self) -> None:
        """Close at once."""
        self.is_closing = True
        self.transport.abort()

    def break_off(self) -> None:
        """Close at once, and let the peer see a line that broke: what it has read is not all that there was to read.

        An end that looks like any other would tell it so where nothing else says how much there is, as in HTTP/1.0.
        """
        line = self.transport.get_extra_info("socket")
        if line is not None:
            with suppress(OSError):
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        self.drop()

    def say_goodbye(self, retry_after: int | None = None) -> None:
        """Say that the server stops, in the door's words; it is back after so many seconds, or None if not."""
        if not self.is_closing:
            self.on_goodbye(retry_after)

    def lost(self) -> None:
        """Take note that the connection is gone."""
        self.is_closing = True
        self.is_lost = True
        self._timers.set(self._alarm, None)
        self._gate.leave(self)
        # The door and its link know each other: let go, so that no collection of garbage is waited for.
        self.on_alarm = _ignore
        self.on_goodbye = _ignore_retry
        self.on_room = _nothing

    def _listen_again(self) -> None:
        if not self.is_closing and not self.is_overfull:
            if not self.is_deaf and not self.has_input_ended:
                self.transport.resume_reading()
            self.on_room()

    def _drop_silently(self, _retry_after: int | None) -> None:
        self.drop()

    def _ring(self) -> None:
        if self.is_closing:
            self.transport.abort()
        else:
            self.on_alarm(self.clock.now())


def _address(transport: asyncio.BaseTransport) -> str:
    peer = transport.get_extra_info("peername")
    return f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else ""


def _ignore(_now: int) -> None:
    pass


def _ignore_retry(_retry_after: int | None) -> None:
    pass


def _nothing() -> None:
    pass
