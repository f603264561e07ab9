"""One connection that speaks HTTP: carries bytes between its link and uvicorn's protocols, and decides nothing.

What uvicorn makes of the bytes, it asks of the application; nothing that comes in here can reach another door. One
that brings no whole request, or takes no byte of an answer, for too long is let go. See docs/protocol/web.md §1.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, cast

from moothall.doors.link import Link

__all__ = ["Speak", "Stay", "WebConnection", "WebProtocol"]


class WebProtocol(Protocol):
    """What uvicorn's protocols are to a connection: an asyncio protocol that can be told to end after its answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin."""

    def data_received(self, data: bytes) -> None:
        """Take bytes."""

    def pause_writing(self) -> None:
        """Write no more for now."""

    def resume_writing(self) -> None:
        """Write on."""

    def connection_lost(self, error: Exception | None) -> None:
        """Be gone."""


class Stay(Protocol):
    """An answer that goes on for as long as the connection does: a stream of events, or a WebSocket."""

    def resume(self) -> None:
        """Write on: all that was written has been taken."""

    def ring(self, now: int) -> None:
        """Take note of the time, milliseconds since the epoch; asked for with `WebConnection.wake_at`."""

    def say_goodbye(self, retry_after: int | None) -> None:
        """Say that the server stops; it is back after so many seconds, or None if not."""

    def lose(self) -> None:
        """Take note that the connection is gone."""


Speak = Callable[["WebConnection"], WebProtocol]
"""Makes the protocol that speaks HTTP on a connection."""


class WebConnection(asyncio.Protocol):
    """One connection from its first request to its last, and whatever it is upgraded to.

    `stay` is the answer that is under way, where it has no end of its own.
    """

    def __init__(self, link: Link, speak: Speak) -> None:
        self.link = link
        self.stay: Stay | None = None
        self._protocol: WebProtocol | None = None
        self._speak = speak
        self._requests = 0
        self._is_leaving = False
        self._due: int | None = None

    # What the transport calls.

    def connection_made(self, _transport: asyncio.BaseTransport) -> None:
        """Wait for a request."""
        self.link.on_alarm = self._on_alarm
        self.link.on_goodbye = self._say_goodbye
        self._await_request()
        self._protocol = self._speak(self)
        self._protocol.connection_made(_Line(self))

    def data_received(self, data: bytes) -> None:
        """Take bytes, unless nothing is wanted any more."""
        if self._protocol is not None and not self.link.is_closing:
            self._protocol.data_received(data)

    def eof_received(self) -> bool:
        """Close: who has ended its side is gone."""
        return False

    def pause_writing(self) -> None:
        """Wait: the reader is behind."""
        self.link.block()
        if self._protocol is not None:
            self._protocol.pause_writing()
        self._arm()

    def resume_writing(self) -> None:
        """Go on: the reader has taken everything."""
        self.link.unblock()
        if self._protocol is not None:
            self._protocol.resume_writing()
        if self.stay is not None:
            self.stay.resume()

    def connection_lost(self, error: Exception | None) -> None:
        """Be gone, and let whoever answers know it."""
        self.link.lost()
        protocol, self._protocol = self._protocol, None
        if protocol is not None:
            protocol.connection_lost(error)
        if self.stay is not None:
            self.stay.lose()

    # What the application calls.

    def begin(self) -> None:
        """Take note that a whole request has come, and is being answered."""
        self.link.joined()
        self._requests += 1
        self._due = None
        self._arm()

    def end(self) -> None:
        """Take note that a request is answered."""
        self._requests -= 1
        if not self._requests:
            self._await_request()
            if self._is_leaving:
                self.link.finish()

    def wake_at(self, moment: int) -> None:
        """Have `stay.ring` called at `moment`, in place of any earlier wish."""
        self._due = moment
        self._arm()

    # What uvicorn calls through its transport.

    def speak(self, protocol: WebProtocol) -> None:
        """Let another protocol speak from now on: a WebSocket's."""
        self._protocol = protocol

    # The end, and the clock.

    def _say_goodbye(self, retry_after: int | None) -> None:
        self._is_leaving = True
        if self.stay is not None:
            self.stay.say_goodbye(retry_after)
        elif not self._requests:
            self.link.finish()

    def _await_request(self) -> None:
        self._due = self.link.clock.now() + self.link.limits.join_ms
        self._arm()

    def _arm(self) -> None:
        slow = self.link.clock.now() + self.link.limits.slow_ms if self.link.is_blocked else None
        self.link.wake_at(min((moment for moment in (slow, self._due) if moment is not None), default=None))

    def _on_alarm(self, now: int) -> None:
        if self.link.is_slow(now):
            self.link.drop()
        elif self._due is None or now < self._due:
            self._arm()
        elif self.stay is not None:
            self._due = None
            self.stay.ring(now)
            self._arm()
        else:
            self.link.finish()  # no whole request has come


class _Line(asyncio.Transport):
    """The connection as uvicorn's protocols see it: a transport that closes cleanly, and that no one else can take."""

    def __init__(self, connection: WebConnection) -> None:
        super().__init__()
        self._connection = connection
        self._link = connection.link

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._link.transport.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self._link.write(bytes(data))
        self._link.hold_back()  # also who lets pings be answered, and reads none of it

    def is_closing(self) -> bool:
        return self._link.is_closing or self._link.transport.is_closing()

    def close(self) -> None:
        self._link.finish()

    def abort(self) -> None:
        self._link.drop()

    def pause_reading(self) -> None:
        self._link.deafen()

    def resume_reading(self) -> None:
        self._link.listen()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._connection.speak(cast("WebProtocol", protocol))
