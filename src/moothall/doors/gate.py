"""Every connection of a server: how many there may be, who has been undecided for longest, and what they were sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from moothall.errors import Reason

__all__ = ["MAX_FIRST_LINE_BYTES", "CountedAs", "DoorLimits", "Gate", "Guest"]


class DoorLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much one server lets in, and how long it waits; lengths of time in milliseconds.

    `max_connections`: all together. `max_unjoined`: of them, those that are in no room yet; the oldest goes first.
    `silence_ms`: who says nothing for so long speaks plain text. `join_ms`: in all, from connecting to joining.
    `quiet_ms`: bytes without a newline that nobody follows up for so long are a line, in the text door.
    `ping_ms`, `gone_ms`: silence after which a connection is asked, and given up. `slow_ms`: how long a reader may take
    no byte. `close_ms`: how long a closing connection is still read. `bare_gap_ms`: between two lines to a bare client.
    """

    max_connections: int = 10_000
    max_unjoined: int = 512
    silence_ms: int = 400
    join_ms: int = 30_000
    quiet_ms: int = 300
    ping_ms: int = 30_000
    gone_ms: int = 90_000
    slow_ms: int = 30_000
    close_ms: int = 2_000
    bare_gap_ms: int = 200


MAX_FIRST_LINE_BYTES: Final = 1024
"""A line before joining: a name, or a join."""


class CountedAs(StrEnum):
    """What a connection is counted as: one that has chosen no door, or none that is there, is undecided."""

    UNDECIDED = "undecided"
    TEXT = "text"
    JSON = "json"
    HTTP = "http"
    WEBSOCKET = "websocket"
    EVENTS = "events"


class Guest(Protocol):
    """A connection, as the gate sees it. `sent_bytes`: since it is counted as what it is."""

    counted_as: CountedAs
    sent_bytes: int

    def drop(self) -> None:
        """Close at once."""

    def say_goodbye(self, retry_after: int | None = None) -> None:
        """Say that the server stops, and close cleanly; it is back after so many seconds, or None if not."""


class Gate:
    """Counts connections in and out.

    `opened`: how many there ever were, each under all that it was counted as. `refusals`: what was refused, how often.
    """

    def __init__(self, limits: DoorLimits) -> None:
        self._limits = limits
        self._guests: dict[Guest, None] = {}
        self._unjoined: dict[Guest, None] = {}
        self._on_empty: Callable[[], None] = _nothing
        self.opened: Counter[CountedAs] = Counter()
        self.refusals: Counter[Reason] = Counter()
        self._sent: Counter[CountedAs] = Counter()  # what no open connection says of itself any more

    def __len__(self) -> int:
        return len(self._guests)

    def enter(self, guest: Guest) -> bool:
        """Let a connection in; False where the server is full. The oldest that has not joined makes room for it."""
        if len(self._guests) >= self._limits.max_connections:
            return False
        if len(self._unjoined) >= self._limits.max_unjoined:
            oldest = next(iter(self._unjoined))
            self.leave(oldest)
            oldest.drop()
        self._guests[guest] = None
        self._unjoined[guest] = None
        self.opened[guest.counted_as] += 1
        return True

    def joined(self, guest: Guest) -> None:
        """Note that a connection is in a room."""
        self._unjoined.pop(guest, None)

    def count_as(self, guest: Guest, what: CountedAs) -> None:
        """Count a connection as something else from now on."""
        self._note_sent(guest)
        guest.counted_as = what
        self.opened[what] += 1

    def counted(self) -> Counter[CountedAs]:
        """Return how many connections are open."""
        return Counter([guest.counted_as for guest in self._guests])

    def sent_bytes(self) -> Counter[CountedAs]:
        """Return how many bytes were ever sent."""
        sent = self._sent.copy()
        for guest in self._guests:
            sent[guest.counted_as] += guest.sent_bytes
        return sent

    def replace(self, guest: Guest, by: Guest) -> None:
        """Count one connection in place of another that is the same line, as one that is in no room yet."""
        self._guests[by] = None
        self._unjoined[by] = None
        self.leave(guest)

    def leave(self, guest: Guest) -> None:
        """Note that a connection is gone."""
        if guest in self._guests:
            del self._guests[guest]
            self._note_sent(guest)
        self._unjoined.pop(guest, None)
        if not self._guests:
            self._on_empty()

    def say_goodbye(self, on_empty: Callable[[], None], retry_after: int | None = None) -> None:
        """Close every connection cleanly, and call back once the last is gone.

        Args:
            retry_after: seconds after which the server should be there again; None where it ends for good.
        """
        self._on_empty = on_empty
        if not self._guests:
            on_empty()
        for guest in list(self._guests):
            guest.say_goodbye(retry_after)

    def drop_all(self) -> None:
        """Close at once whatever is still open: it has been said goodbye to, and does not take it."""
        for guest in list(self._guests):
            guest.drop()

    def _note_sent(self, guest: Guest) -> None:
        self._sent[guest.counted_as] += guest.sent_bytes
        guest.sent_bytes = 0


def _nothing() -> None:
    pass
