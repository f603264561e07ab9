"""The gate: counts connections in and out, and knows the oldest that has not joined."""

from __future__ import annotations

from moothall.doors.gate import CountedAs, DoorLimits, Gate


class Somebody:
    """A guest that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.counted_as = CountedAs.UNDECIDED
        self.sent_bytes = 0

    def drop(self) -> None:
        self.told.append("drop")

    def say_goodbye(self, retry_after: int | None = None) -> None:
        self.told.append("goodbye" if retry_after is None else f"goodbye for {retry_after} s")


def test_no_more_come_in_than_the_limit() -> None:
    """One that leaves makes room for another."""
    gate = Gate(DoorLimits(max_connections=2))
    first, second, third = Somebody(), Somebody(), Somebody()

    assert [gate.enter(guest) for guest in (first, second, third)] == [True, True, False]
    gate.leave(first)
    assert gate.enter(third)
    assert len(gate) == 2


def test_the_oldest_that_has_not_joined_is_dropped() -> None:
    """Neither one that has joined, nor a younger one."""
    gate = Gate(DoorLimits(max_unjoined=2))
    joined, oldest, younger, newest = (Somebody() for _ in range(4))
    gate.enter(joined)
    gate.joined(joined)
    for guest in (oldest, younger, newest):
        gate.enter(guest)

    assert [guest.told for guest in (joined, oldest, younger, newest)] == [[], ["drop"], [], []]
    assert len(gate) == 3


def test_leaving_twice_counts_once() -> None:
    """Who is dropped is told of by its transport later, once more."""
    gate = Gate(DoorLimits())
    kari, lars = Somebody(), Somebody()
    gate.enter(kari)
    gate.enter(lars)
    gate.leave(kari)
    gate.leave(kari)

    assert len(gate) == 1


def test_the_goodbye_is_over_when_the_last_is_gone() -> None:
    """And not before: what is written must be read."""
    gate = Gate(DoorLimits())
    done: list[bool] = []
    kari, lars = Somebody(), Somebody()
    gate.enter(kari)
    gate.enter(lars)
    gate.say_goodbye(lambda: done.append(True))
    gate.leave(kari)
    assert (kari.told, lars.told, done) == (["goodbye"], ["goodbye"], [])

    gate.leave(lars)

    assert done == [True]


def test_an_empty_gate_has_said_goodbye_at_once() -> None:
    """A server without guests stops without waiting."""
    done: list[bool] = []
    Gate(DoorLimits()).say_goodbye(lambda: done.append(True))

    assert done == [True]


def test_a_connection_counts_as_what_it_has_become() -> None:
    """Open as one thing at a time; of those that there were, as each that it has been."""
    gate = Gate(DoorLimits())
    kari, lars = Somebody(), Somebody()
    for guest in (kari, lars):
        gate.enter(guest)
    gate.count_as(kari, CountedAs.TEXT)
    assert gate.counted() == {CountedAs.TEXT: 1, CountedAs.UNDECIDED: 1}

    gate.leave(kari)
    gate.leave(kari)

    assert gate.counted() == {CountedAs.UNDECIDED: 1}
    assert gate.opened == {CountedAs.TEXT: 1, CountedAs.UNDECIDED: 2}


def test_who_is_turned_away_is_not_counted() -> None:
    """There never was such a connection."""
    gate = Gate(DoorLimits(max_connections=0))
    gate.enter(Somebody())

    assert (gate.opened, gate.counted()) == ({}, {})


def test_bytes_stay_counted_whatever_becomes_of_who_was_sent_them() -> None:
    """Under what the connection was counted as then; and once, however often it is told of as gone."""
    gate = Gate(DoorLimits())
    kari, lars = Somebody(), Somebody()
    for guest in (kari, lars):
        gate.enter(guest)
        gate.count_as(guest, CountedAs.HTTP)
        guest.sent_bytes += 10
    gate.count_as(kari, CountedAs.EVENTS)
    kari.sent_bytes += 3
    assert gate.sent_bytes() == {CountedAs.UNDECIDED: 0, CountedAs.HTTP: 20, CountedAs.EVENTS: 3}

    gate.leave(kari)
    gate.leave(kari)

    assert gate.sent_bytes() == {CountedAs.UNDECIDED: 0, CountedAs.HTTP: 20, CountedAs.EVENTS: 3}


def test_who_does_not_take_the_goodbye_is_dropped() -> None:
    """And nobody else is left by then."""
    gate = Gate(DoorLimits())
    gone, stalled = Somebody(), Somebody()
    for guest in (gone, stalled):
        gate.enter(guest)
    gate.say_goodbye(lambda: None)
    gate.leave(gone)

    gate.drop_all()

    assert (gone.told, stalled.told) == (["goodbye"], ["goodbye", "drop"])


def test_the_limits_are_those_of_the_protocol() -> None:
    """docs/protocol/text.md and json.md name them."""
    limits = DoorLimits()

    assert (limits.max_connections, limits.max_unjoined) == (10_000, 512)
    assert (limits.silence_ms, limits.quiet_ms, limits.bare_gap_ms) == (400, 300, 200)
    assert (limits.join_ms, limits.close_ms, limits.slow_ms) == (30_000, 2_000, 30_000)
    assert (limits.ping_ms, limits.gone_ms) == (30_000, 90_000)
