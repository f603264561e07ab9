"""One line at a time, with a pause before the next."""

from __future__ import annotations

import asyncio

from moothall.doors.gate import DoorLimits, Gate
from moothall.doors.link import Link
from moothall.doors.text.gaps import GapWriter
from moothall.hall.timers import Timers
from moothall.testing import FakeClock
from tests.doors.fakes import FakeTransport


class Gaps:
    """A writer with 200 ms between its lines, and what comes of it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.transport = FakeTransport(self.clock, asyncio.Protocol())
        self.link = Link(
            self.transport,
            gate=Gate(DoorLimits()),
            limits=DoorLimits(),
            clock=self.clock,
            timers=Timers(self.clock),
        )
        self.idle = 0
        self.writer = GapWriter(self.link, self.on_idle)

    def on_idle(self) -> None:
        self.idle += 1


def test_the_first_line_goes_at_once_and_each_other_200_ms_later() -> None:
    """And only when the last pause is over is there nothing to do."""
    gaps = Gaps()
    gaps.writer.write(b"one\ntwo\n")
    gaps.writer.write(b"three\n")
    seen = []
    for _ in range(4):
        seen.append((gaps.transport.writes.copy(), gaps.writer.is_busy, gaps.idle))
        gaps.clock.advance(200)

    assert seen == [
        ([b"one\n"], True, 0),
        ([b"one\n", b"two\n"], True, 0),
        ([b"one\n", b"two\n", b"three\n"], True, 0),
        ([b"one\n", b"two\n", b"three\n"], False, 1),
    ]


def test_it_closes_after_the_last_line() -> None:
    """At once, for the end is no message."""
    gaps = Gaps()
    gaps.writer.write(b"one\ntwo\n")
    gaps.writer.finish()
    ended = [gaps.transport.has_ended]
    gaps.clock.advance(200)
    ended.append(gaps.transport.has_ended)

    assert ended == [False, True]
    assert gaps.transport.writes == [b"one\n", b"two\n"]


def test_with_nothing_left_to_send_it_closes_at_once() -> None:
    """Even in the pause after the last line."""
    gaps = Gaps()
    gaps.writer.write(b"one\n")
    gaps.writer.finish()

    assert gaps.transport.has_ended


def test_a_closing_link_is_sent_nothing_more() -> None:
    """Whatever still waited."""
    gaps = Gaps()
    gaps.writer.write(b"one\ntwo\n")
    gaps.link.finish()
    gaps.clock.advance(1_000)

    assert (gaps.transport.writes, gaps.idle) == ([b"one\n"], 0)
