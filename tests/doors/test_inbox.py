"""The inbox: lines are cut when they can be taken, and not before."""

from __future__ import annotations

import asyncio

from moothall.doors.gate import DoorLimits, Gate
from moothall.doors.inbox import Inbox
from moothall.doors.link import Link
from moothall.hall.timers import Timers
from moothall.testing import FakeClock
from moothall.wire.framing import LineFramer, LineTooLong
from tests.doors.fakes import FakeTransport


class Taker:
    """Takes lines, as many as it likes."""

    def __init__(self, max_line_bytes: int = 10) -> None:
        clock, limits = FakeClock(), DoorLimits()
        transport = FakeTransport(clock, asyncio.Protocol())
        self.link = Link(transport, gate=Gate(limits), limits=limits, clock=clock, timers=Timers(clock))
        self.taken: list[bytes | LineTooLong] = []
        self.inbox = Inbox(LineFramer(max_line_bytes), self.link, take=self._take)
        self.takes_up_to = 1_000

    @property
    def takes_up_to(self) -> int:
        return self._takes_up_to

    @takes_up_to.setter
    def takes_up_to(self, count: int) -> None:
        self._takes_up_to = count
        self.inbox.is_shut = len(self.taken) >= count

    def _take(self, line: bytes | LineTooLong) -> None:
        self.taken.append(line)
        self.inbox.is_shut = len(self.taken) >= self._takes_up_to


def test_lines_are_taken_as_they_come() -> None:
    """One, several, and none."""
    taker = Taker()
    taker.inbox.feed(b"one\ntwo\nthr")
    assert taker.taken == [b"one", b"two"]
    taker.inbox.feed(b"ee\n")

    assert taker.taken == [b"one", b"two", b"three"]


def test_what_cannot_be_taken_waits_in_its_order() -> None:
    """A frame behind a join is taken when the join is answered, and what comes later comes after it."""
    taker = Taker()
    taker.takes_up_to = 1
    taker.inbox.feed(b"one\ntwo\n")
    taker.inbox.feed(b"three\n")
    assert taker.taken == [b"one"]
    taker.takes_up_to = 3
    taker.inbox.go_on()

    assert taker.taken == [b"one", b"two", b"three"]


def test_what_waits_is_cut_by_the_limit_that_holds_when_it_is_taken() -> None:
    """A long line in the packet of a join has the limit of those who have joined."""
    taker = Taker()
    taker.takes_up_to = 1
    taker.inbox.feed(b"join\n" + b"x" * 15 + b"\n")
    taker.inbox.framer.max_line_bytes = 20
    taker.takes_up_to = 2
    taker.inbox.go_on()

    assert taker.taken == [b"join", b"x" * 15]


def test_the_rest_is_a_line_when_nothing_follows() -> None:
    """As soon as it can be taken."""
    taker = Taker()
    taker.takes_up_to = 1
    taker.inbox.feed(b"one\ntwo\nthree")
    taker.inbox.end()
    assert taker.taken == [b"one"]
    taker.takes_up_to = 3
    taker.inbox.go_on()
    taker.inbox.go_on()

    assert taker.taken == [b"one", b"two", b"three"]


def test_nothing_is_left_of_a_connection_that_is_over() -> None:
    """Whatever waited was for nobody."""
    taker = Taker()
    taker.takes_up_to = 0
    taker.inbox.feed(b"one\ntwo")
    taker.inbox.end()
    taker.inbox.clear()
    taker.takes_up_to = 9
    taker.inbox.go_on()

    assert taker.taken == []


def test_a_line_that_is_too_long_is_told_of_once() -> None:
    """Wherever it ends."""
    taker = Taker()
    taker.inbox.feed(b"x" * 11)
    taker.inbox.feed(b"x" * 11 + b"\nok\n")

    assert taker.taken == [LineTooLong(10), b"ok"]


def test_from_who_reads_no_answers_nothing_is_taken() -> None:
    """Be they half sent, or behind a line that is: else who never reads would have them pile up without end."""
    taker = Taker()
    taker.link.write(b"half a")
    taker.link.reply(b"x" * 70_000 + b"\n")
    taker.inbox.feed(b"one\n")
    assert taker.taken == []
    taker.link.write(b" line\n")
    taker.inbox.go_on()

    assert taker.taken == [b"one"]


def test_a_few_answers_may_wait() -> None:
    """Who reads slowly is listened to all the same."""
    taker = Taker()
    taker.link.write(b"half a")
    taker.link.reply(b"an answer\n")
    taker.inbox.feed(b"one\n")

    assert taker.taken == [b"one"]


def test_of_a_connection_that_closes_nothing_more_is_taken() -> None:
    """It may go on sending for as long as it is read, and all of that is thrown away."""
    taker = Taker()
    taker.inbox.feed(b"one\n")
    taker.link.finish()
    taker.inbox.feed(b"two\n")

    assert taker.taken == [b"one"]
