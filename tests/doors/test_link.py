"""The link: writing with a limit, being slow, and a close that loses no goodbye."""

from __future__ import annotations

import asyncio
import errno

from moothall.doors.gate import CountedAs, DoorLimits, Gate
from moothall.doors.link import Link
from moothall.errors import Reason
from moothall.hall.timers import Timers
from moothall.testing import FakeClock
from tests.doors.fakes import FakeTransport


class Owner(asyncio.Protocol):
    """A door that only passes on what a link must know."""

    link: Link

    def pause_writing(self) -> None:
        self.link.block()

    def resume_writing(self) -> None:
        self.link.unblock()

    def connection_lost(self, exc: Exception | None) -> None:
        self.link.lost()


class Line:
    """A link with both its ends in sight."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.gate = Gate(DoorLimits())
        owner = Owner()
        self.transport = FakeTransport(self.clock, owner)
        self.link = owner.link = Link(
            self.transport, gate=self.gate, limits=DoorLimits(), clock=self.clock, timers=Timers(self.clock)
        )
        self.link.enter()

    def stall(self) -> None:
        self.transport.is_stalled = True

    def read_on(self) -> None:
        self.transport.is_stalled = False
        self.transport.take(len(self.transport.buffer))


def test_a_link_knows_where_its_peer_is() -> None:
    """For the diagnostics and the log of the server."""
    assert Line().link.address == "127.0.0.1:50000"


def test_a_close_writes_then_ends_then_listens_no_more() -> None:
    """The goodbye goes out, our side ends, and the line is cut when the peer has not closed after 2 s."""
    line = Line()
    line.link.write(b"* Goodbye.\n")
    line.link.finish()
    line.link.write(b"more\n")
    assert (line.transport.received, line.transport.has_ended, line.transport.is_gone) == (b"* Goodbye.\n", True, False)
    gone = []
    for ms in (1_999, 1):
        line.clock.advance(ms)
        gone.append(line.transport.is_gone)

    assert gone == [False, True]
    assert len(line.gate) == 0


def test_a_close_waits_for_what_is_not_sent_yet() -> None:
    """A slow reader gets its goodbye too, if it takes it within 2 s."""
    line = Line()
    line.stall()
    line.link.write(b"* Goodbye.\n")
    line.link.finish()
    assert not line.transport.has_ended
    line.read_on()

    assert (line.transport.received, line.transport.has_ended) == (b"* Goodbye.\n", True)


def test_who_has_ended_its_input_is_closed_as_soon_as_all_is_sent() -> None:
    """Both sides have ended: there is nothing to wait for."""
    line = Line()
    line.link.has_input_ended = True
    line.link.write(b"* Goodbye.\n")
    line.link.finish()
    line.clock.settle()

    assert (line.transport.received, line.transport.is_gone) == (b"* Goodbye.\n", True)


def test_a_peer_that_is_gone_already_does_not_stop_a_close() -> None:
    """The system says so when our side is ended; a server that stops must not stumble over it."""
    line = Line()

    def not_connected() -> None:
        raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")

    line.transport.write_eof = not_connected  # type: ignore[method-assign]
    line.link.finish()
    line.clock.settle()

    assert line.transport.is_gone


def test_closing_twice_is_closing_once() -> None:
    """Whether cleanly or not."""
    line = Line()
    line.link.finish()
    line.link.finish()
    line.link.drop()
    line.clock.settle()
    line.link.finish()

    assert line.transport.is_gone


def test_who_takes_no_byte_for_30_s_is_slow() -> None:
    """One byte is enough to be given another 30 s."""
    line = Line()
    assert not line.link.is_slow(line.clock.now())
    line.stall()
    line.link.write(b"0123456789")
    line.clock.advance(29_999)
    assert not line.link.is_slow(line.clock.now())
    line.transport.take(1)
    assert not line.link.is_slow(line.clock.now())
    line.clock.advance(29_999)
    assert not line.link.is_slow(line.clock.now())
    line.clock.advance(1)

    assert line.link.is_slow(line.clock.now())


def test_answers_that_are_added_are_no_bytes_that_were_taken() -> None:
    """Who asks on and on, and reads nothing, is as slow as who is silent."""
    line = Line()
    line.stall()
    line.link.write(b"0123456789")
    for _ in range(3):
        line.clock.advance(9_999)
        line.link.write(b"more")
        assert not line.link.is_slow(line.clock.now())
    line.clock.advance(3)

    assert line.link.is_slow(line.clock.now())


def test_a_door_that_wants_nothing_is_not_spoken_to_when_the_line_drains() -> None:
    """Its wish is its own; what was held back because answers were not read is another matter."""
    line = Line()
    paused = []
    line.link.deafen()
    line.stall()
    line.link.write(b"x" * 65_537)
    line.read_on()
    paused.append(line.transport.is_reading_paused)
    line.stall()
    line.link.write(b"x" * 65_537)
    line.link.listen()
    paused.append(line.transport.is_reading_paused)
    line.read_on()
    paused.append(line.transport.is_reading_paused)

    assert paused == [True, True, False]


def test_who_reads_no_answers_is_not_listened_to() -> None:
    """More than 64 KiB of them wait; once they are read it is listened to again."""
    line = Line()
    asked_again: list[bool] = []
    line.link.on_room = lambda: asked_again.append(True)
    line.stall()
    paused = []
    for answer in (b"x" * 65_535 + b"\n", b"x\n"):
        line.link.reply(answer)
        paused.append((line.transport.is_reading_paused, line.link.is_overfull))
    line.read_on()
    paused.append((line.transport.is_reading_paused, line.link.is_overfull))

    assert paused == [(False, False), (True, True), (False, False)]
    assert asked_again == [True]


def test_an_answer_waits_for_the_end_of_a_line_that_is_under_way() -> None:
    """Pieces of a long line may be cut anywhere; an answer in between would break both lines."""
    line = Line()
    line.link.write(b'{"event":"sa')
    line.link.reply(b'{"reply":"pong"}\n')
    line.link.write(b'id","text":"')
    assert line.transport.received == b'{"event":"said","text":"'
    line.link.write(b'x"}\n')
    line.link.reply(b'{"reply":"pong"}\n')

    assert line.transport.received == b'{"event":"said","text":"x"}\n{"reply":"pong"}\n{"reply":"pong"}\n'


def test_an_alarm_is_the_doors_until_the_link_closes() -> None:
    """It rings once, at the last moment that was asked for; a closing link rings for nobody."""
    line = Line()
    rung: list[int] = []
    line.link.on_alarm = rung.append
    line.link.wake_at(line.clock.now() + 10)
    line.link.wake_at(line.clock.now() + 20)
    line.clock.advance(100)
    assert rung == [line.link.opened_at + 20]
    line.link.wake_at(line.clock.now() + 10)
    line.link.finish()
    line.link.wake_at(line.clock.now() + 10)
    line.clock.advance(100)

    assert len(rung) == 1


def test_a_link_says_goodbye_in_its_doors_words_once() -> None:
    """One that is closing anyway has said it."""
    line = Line()
    said: list[int | None] = []
    line.link.on_goodbye = said.append
    line.link.say_goodbye(2)
    line.link.finish()
    line.link.say_goodbye()

    assert said == [2]


def test_a_write_that_met_nobody_shows_on_the_socket() -> None:
    """That is how a client that has closed both its sides is told from one that still reads."""
    line = Line()
    assert not line.link.is_broken()
    line.transport.socket.error = errno.ECONNRESET
    assert line.link.is_broken()


def test_a_socket_that_cannot_be_asked_is_broken() -> None:
    """It is closed already."""
    line = Line()

    def bad_file(_level: int, _option: int) -> int:
        raise OSError(errno.EBADF, "Bad file descriptor")

    line.transport.socket.getsockopt = bad_file  # type: ignore[method-assign]

    assert line.link.is_broken()


def test_what_is_sent_is_counted_with_the_answers() -> None:
    """Also what has to wait for the end of a line that is under way."""
    line = Line()
    line.link.count_as(CountedAs.JSON)
    line.link.write(b"half a ")
    line.link.reply(b"answer\n")
    line.link.write(b"line\n")

    assert line.gate.sent_bytes()[CountedAs.JSON] == len(b"half a line\nanswer\n") == len(line.transport.received)


def test_to_become_what_one_is_already_counts_nothing() -> None:
    """A stream may follow on a stream."""
    line = Line()
    for what in (CountedAs.EVENTS, CountedAs.EVENTS):
        line.link.count_as(what)

    assert line.gate.opened == {CountedAs.UNDECIDED: 1, CountedAs.EVENTS: 1}


def test_a_line_within_a_line_is_counted_in_its_place() -> None:
    """There is one connection, whatever is spoken within it."""
    line = Line()
    line.link.count_as(CountedAs.HTTP)
    line.link.hand_on(line.transport, CountedAs.WEBSOCKET)

    assert line.gate.counted() == {CountedAs.WEBSOCKET: 1}
    assert line.gate.opened == {CountedAs.UNDECIDED: 1, CountedAs.HTTP: 1, CountedAs.WEBSOCKET: 1}


def test_refusals_are_counted_by_their_reasons() -> None:
    """Over all connections."""
    line = Line()
    for reason in (Reason.TURN_OVER, Reason.MALFORMED, Reason.TURN_OVER):
        line.link.count_refusal(reason)

    assert line.gate.refusals == {Reason.TURN_OVER: 2, Reason.MALFORMED: 1}


def test_a_line_that_is_broken_off_does_not_end_in_order() -> None:
    """Whoever has read half of something is told so by the line itself."""
    line = Line()
    line.link.write(b"half of ")
    line.link.break_off()

    assert (line.transport.is_gone, line.transport.socket.lingers, line.link.is_closing) == (True, False, True)


def test_a_line_without_a_socket_can_be_broken_off() -> None:
    """As one that is within another."""
    line = Line()
    line.transport.get_extra_info = lambda name, default=None: default  # type: ignore[method-assign]

    line.link.break_off()

    assert line.transport.is_gone
