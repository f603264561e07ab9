"""The front door: the first bytes of a connection choose its door, and once chosen it never changes.

`{` JSON lines · `METHOD /` HTTP · `NICK x`, `USER x`, `PASS x`, `CAP x` IRC · 0x16 TLS · anything else, or silence,
text. A person called Nick is a person: a word of IRC counts only with a space and more behind it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from moothall.doors.gate import MAX_FIRST_LINE_BYTES, CountedAs, DoorLimits, Gate
from moothall.doors.link import Link
from moothall.hall.clock import Clock
from moothall.hall.timers import Timers

__all__ = ["Door", "DoorKind", "FrontDoor", "SentenceDoor", "choose"]


class DoorKind(StrEnum):
    """What a connection may turn out to speak."""

    TEXT = "text"
    JSON = "json"
    HTTP = "http"
    IRC = "irc"
    TLS = "tls"


Door = Callable[[Link], asyncio.Protocol]
"""Makes the protocol that speaks on a link."""

_COUNTED: Final = {DoorKind.TEXT: CountedAs.TEXT, DoorKind.JSON: CountedAs.JSON, DoorKind.HTTP: CountedAs.HTTP}
"""The doors that are there."""

_METHODS: Final = (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"CONNECT", b"TRACE")
_IRC_WORDS: Final = (b"NICK", b"USER", b"PASS", b"CAP")
_HTTP: Final = re.compile(rb"(?:" + b"|".join(_METHODS) + rb") (?:[/*]|[^ \r\n]+ HTTP/)")
_IRC: Final = re.compile(rb"(?:" + b"|".join(_IRC_WORDS) + rb") [^ \r\n]")
_METHOD: Final = re.compile(rb"(?:" + b"|".join(_METHODS) + rb") [^ \r\n]+(?: (?:H|HT|HTT|HTTP)?)?\Z")
_PREFIXES: Final = tuple(word + b" " for word in (*_METHODS, *_IRC_WORDS))
_TLS_RECORD: Final = 0x16


def choose(first: bytes) -> DoorKind | None:
    """Return the door that the first bytes ask for, or None where more of them are needed.

    However the bytes are split, the same ones choose the same door: what could still become another is waited for.
    """
    if not first:
        return None
    if first[0] == _TLS_RECORD:
        return DoorKind.TLS
    if first.startswith(b"{"):
        return DoorKind.JSON
    first = first[:MAX_FIRST_LINE_BYTES]
    if _HTTP.match(first):
        return DoorKind.HTTP
    if _IRC.match(first):
        return DoorKind.IRC
    return None if _may_become_another(first) else DoorKind.TEXT


def _may_become_another(first: bytes) -> bool:
    # "GE" may become "GET /", and so may "GET "; "GET example.org" may become "GET example.org HTTP/1.1".
    if any(prefix.startswith(first) for prefix in _PREFIXES):
        return True
    return len(first) < MAX_FIRST_LINE_BYTES and _METHOD.match(first) is not None


class FrontDoor(asyncio.Protocol):
    """One connection whose door is not chosen yet."""

    def __init__(
        self, doors: Mapping[DoorKind, Door], *, gate: Gate, limits: DoorLimits, clock: Clock, timers: Timers
    ) -> None:
        self._doors = doors
        self._gate = gate
        self._limits = limits
        self._clock = clock
        self._timers = timers
        self._first = b""
        self._link: Link | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first bytes, or for silence."""
        link = Link(transport, gate=self._gate, limits=self._limits, clock=self._clock, timers=self._timers)
        if not link.enter():
            link.drop()
            return
        self._link = link
        link.on_alarm = self._on_silence
        link.wake_at(link.opened_at + self._limits.silence_ms)

    def data_received(self, data: bytes) -> None:
        """Look at the first bytes."""
        self._first += data
        kind = choose(self._first)
        if kind is not None:
            self._hand_over(kind)

    def eof_received(self) -> bool:
        """Take what came as all there is."""
        if self._first and self._link is not None:
            link = self._link
            self._hand_over(DoorKind.TEXT)
            return bool(link.transport.get_protocol().eof_received())  # type: ignore[attr-defined]
        return False

    def connection_lost(self, _error: Exception | None) -> None:
        """Be gone."""
        if self._link is not None:
            self._link.lost()

    def _on_silence(self, _now: int) -> None:
        self._hand_over(DoorKind.TEXT)

    def _hand_over(self, kind: DoorKind) -> None:
        link, first = self._link, self._first
        if link is None or link.transport.is_closing():
            return
        self._link, self._first = None, b""
        link.wake_at(None)
        link.count_as(_COUNTED.get(kind, CountedAs.UNDECIDED))
        door = self._doors[kind](link)
        link.transport.set_protocol(door)
        door.connection_made(link.transport)
        if first:
            door.data_received(first)


class SentenceDoor(asyncio.Protocol):
    """A door that is not there yet: says one thing, and closes. Nothing that comes in reaches anybody."""

    def __init__(self, link: Link, sentence: bytes) -> None:
        self._link = link
        self._sentence = sentence

    def connection_made(self, _transport: asyncio.BaseTransport) -> None:
        """Say it, and close cleanly."""
        self._link.write(self._sentence)
        self._link.finish()

    def data_received(self, data: bytes) -> None:
        """Throw it away."""

    def eof_received(self) -> bool:
        """Close: both sides have ended."""
        return False

    def connection_lost(self, _error: Exception | None) -> None:
        """Be gone."""
        self._link.lost()
