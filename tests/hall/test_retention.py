"""Forgetting what is old: whole sittings, the oldest first, never the one that goes on."""

from __future__ import annotations

import logging

import pytest

from moothall.engine.commands import CloseSitting, HostSay
from moothall.engine.events import CameBack, SittingClosed, SittingOpened
from moothall.engine.names import Name, RoomName, Seq
from moothall.errors import Reason
from moothall.hall.lobby import Arrival, Wish
from moothall.hall.retention import Keep
from moothall.log.memory import MemoryLog
from moothall.log.room_log import Entry
from moothall.testing import FailingLog, MemoryHall, Participant, memory_hall
from moothall.wire.change import Dialect
from moothall.wire.json_lines import JSON_LINES, decode_event, encode_event
from moothall.wire.text import TEXT
from tests.hall.house import SECOND, chat, rules
from tests.log.disk import batch_of

DAY = 24 * 3600 * SECOND


def hold_sitting(hall: MemoryHall, room: str = "main") -> None:
    """Hold one from the first to arrive to goodbye."""
    for name in ("Kari", "Ola"):
        hall.enter(name, room, answers=lambda _turn: "Yes.")
    hall.settle()
    assert not hall.room(room).has_sitting


def house(keep: Keep, *, sittings: int = 0, log: FailingLog | None = None) -> MemoryHall:
    """Return a hall in whose room so many sittings were held, one a day."""
    hall = memory_hall(rules(2), keep=keep, log=log)
    for _ in range(sittings):
        hold_sitting(hall)
        hall.advance(DAY)
    return hall


def tidy(hall: MemoryHall) -> None:
    """Let a server's seconds go by until nothing is left to do."""
    for _ in range(130):
        hall.hall.tidy(hall.clock.now())
        hall.advance(SECOND)


def arrival(who: Participant) -> tuple[Arrival, int, int | None]:
    assert who.welcome is not None
    return who.welcome.arrival, who.welcome.after, who.welcome.asked


def sittings(hall: MemoryHall, room: str = "main") -> list[int]:
    """Return the numbers of those whose opening is kept."""
    return [event.sitting for event in hall.events(room) if isinstance(event, SittingOpened)]


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        (Keep(), [1, 2, 3, 4]),
        (Keep(days=2.5), [3, 4]),
        (Keep(days=0.5), []),
        (Keep(days=100), [1, 2, 3, 4]),
        (Keep(entries=1_000), [1, 2, 3, 4]),
        (Keep(entries=1), [4]),
        (Keep(days=100, entries=1), [4]),
        (Keep(days=0.5, entries=1_000), []),
    ],
)
def test_sittings_are_forgotten_by_age_and_by_number(keep: Keep, kept: list[int]) -> None:
    """Either rule is enough; without one all is kept."""
    hall = house(keep, sittings=4)
    tidy(hall)

    assert sittings(hall) == kept


def test_the_newest_entries_are_kept_to_the_whole_sitting() -> None:
    """A sitting that reaches into them stays."""
    hall = house(Keep(entries=1_000), sittings=3)
    closed = [seq for seq, event in enumerate(hall.events(), 1) if isinstance(event, SittingClosed)]
    for entries, kept in ((closed[2] - closed[1] + 1, [2, 3]), (closed[2] - closed[1], [3])):
        again = memory_hall(rules(2), keep=Keep(entries=entries), log=hall.log)
        tidy(again)
        assert sittings(again) == kept


def test_the_sitting_that_goes_on_is_kept_whole() -> None:
    """However long it lasts: who joins late reads it from its opening."""
    past = house(Keep(), sittings=2)
    hall = memory_hall(rules(2, turn_seconds=0), keep=Keep(days=1, entries=10), log=past.log, clock=past.clock)
    for name in ("Kari", "Ola"):
        hall.enter(name)
    hall.settle()
    for _ in range(50):
        hall.operate(HostSay("x"))
    tidy(hall)

    assert sittings(hall) == [3]
    assert hall.room().has_sitting


def test_what_comes_after_is_as_if_nothing_had_been_forgotten() -> None:
    """The same numbers, topics and seqs: a room is what its base and the rest add up to."""
    forgetful, mindful = house(Keep(entries=1), sittings=3), house(Keep(), sittings=3)
    tidy(forgetful)
    tidy(mindful)
    for hall in (forgetful, mindful):
        hold_sitting(hall)

    assert forgetful.room() == mindful.room()
    assert forgetful.entries() == mindful.entries()[-len(forgetful.entries()) :]


def test_a_room_that_was_cut_is_loaded_as_it_was() -> None:
    """By the next server."""
    hall = house(Keep(entries=1), sittings=3)
    tidy(hall)
    for name in ("Kari", "Ola"):
        hall.enter(name, keyed=True)
    hall.settle()
    again = hall.restart()

    assert again.room().sitting == 4
    assert again.room().seats.keys() == {"Kari", "Ola"}


def test_who_comes_back_to_what_is_forgotten_is_told_of_the_gap() -> None:
    """And reads everything from the first event that is kept."""
    hall = house(Keep(entries=1), sittings=3)
    tidy(hall)
    first = decode_event(hall.entries()[0].body)[1].seq
    late = hall.admit(Wish(room="main", watch=True, epoch=hall.hall.epoch, after=2))
    in_time = hall.admit(Wish(room="main", watch=True, epoch=hall.hall.epoch, after=first - 1))
    new = hall.admit(Wish(room="main", watch=True, after=0))
    hall.settle()

    assert [arrival(who) for who in (late, in_time, new)] == [
        (Arrival.GAP, first - 1, 2),
        (Arrival.RESUMED, first - 1, first - 1),
        (Arrival.JOINED, first - 1, 0),
    ]
    assert late.received == in_time.received == new.received == b"".join(e.body + b"\n" for e in hall.entries())


def test_a_past_that_needs_the_room_is_told_from_the_base_on() -> None:
    """The text door's lines are folded from the beginning of what there is."""
    hall = house(Keep(entries=1), sittings=3)
    tidy(hall)
    reader = hall.admit(Wish(room="main", watch=True, after=0), dialect=TEXT)
    hall.settle()

    assert b"Sitting 3 begins: Kari, Ola." in reader.received
    assert b"Sitting 2" not in reader.received


@pytest.mark.parametrize("dialect", [JSON_LINES, TEXT], ids=["json", "text"])
def test_a_reader_who_is_overtaken_by_forgetting_is_told_slow(dialect: Dialect) -> None:
    """What it would read next is gone: never a silent hole."""
    hall = house(Keep(entries=1), sittings=40)
    slow = Participant(hall, "slow", dialect, None, None, b"")
    slow.stall()
    wish = Wish(room="main", watch=True, after=0)
    hall.hall.lobby.enter(wish, slow, dialect, slow.let_in, slow.turn_away)
    hall.settle()
    tidy(hall)
    slow.read_on()
    hall.settle()

    assert slow.refusals == [Reason.SLOW]
    assert slow.is_finished


@pytest.mark.parametrize("dialect", [JSON_LINES, TEXT], ids=["json", "text"])
@pytest.mark.parametrize("goes_on", [True, False])
def test_who_has_not_begun_to_read_the_past_is_overtaken_too(dialect: Dialect, goes_on: bool) -> None:
    """Behind the window, and stalled from the start; whether or not anything comes after what is gone."""
    hall = memory_hall(chat(2), keep=Keep(entries=1, days=0 if goes_on else 0.001))
    slow, quick = hall.enter("Slow", dialect=dialect), hall.enter("Quick")
    slow.stall()
    hall.settle()
    for _ in range(60):
        quick.say("x" * 8_000)
        hall.settle()
    hall.operate(CloseSitting())
    hall.settle()
    if goes_on:
        for name in ("Kari", "Ola"):
            hall.enter(name, answers=lambda _turn: "SECRET")
        hall.settle()
    hall.advance(DAY)
    tidy(hall)
    slow.read_on()
    hall.settle()

    assert slow.refusals == [Reason.SLOW]
    assert slow.is_finished
    assert b"SECRET" not in slow.received


def test_a_log_that_cannot_have_happened_is_left_alone() -> None:
    """And holds nobody up."""
    log = MemoryLog()
    bad = RoomName("bad")
    opening = house(Keep(), sittings=1).entries()
    ghost = encode_event(CameBack(Name("Ghost")), len(opening) + 1, 1)
    log.commit(
        batch_of([*(Entry(bad, entry.seq, entry.body) for entry in opening), Entry(bad, Seq(len(opening) + 1), ghost)])
    )
    hall = memory_hall(rules(2), keep=Keep(entries=1), log=log)
    tidy(hall)

    assert len(log.read(bad, after=0)) in (1, len(opening) + 1)


def test_several_rooms_are_gone_through() -> None:
    """Each by its own past."""
    hall = memory_hall(rules(2), keep=Keep(entries=1))
    for room in ("main", "lab", "attic"):
        for _ in range(2):
            hold_sitting(hall, room)
    tidy(hall)

    assert [sittings(hall, room) for room in ("main", "lab", "attic")] == [[2], [2], [2]]


def test_a_long_past_is_forgotten_bit_by_bit() -> None:
    """No step looks at more than it can in some milliseconds."""
    hall = house(Keep(entries=1), sittings=60)
    before = len(hall.entries())
    hall.hall.tidy(hall.clock.now())

    assert 0 < before - len(hall.entries()) < before
    tidy(hall)
    assert sittings(hall) == [60]


def test_a_log_that_fails_is_tried_again_later() -> None:
    """Nobody waits for forgetting."""
    log = FailingLog()
    hall = house(Keep(entries=1), sittings=3, log=log)
    with log.failing():
        tidy(hall)
    with log.unreadable():
        tidy(hall)
    assert sittings(hall) == [1, 2, 3]
    tidy(hall)

    assert sittings(hall) == [3]


def test_a_room_that_cannot_be_read_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    """It is damaged: nothing is repaired by deletion, and other rooms are not held up."""
    log = MemoryLog()
    log.commit(batch_of([Entry(RoomName("bad"), Seq(1), b"{}")]))
    hall = memory_hall(rules(2), keep=Keep(entries=1), log=log)
    for _ in range(3):
        hold_sitting(hall)
    with caplog.at_level(logging.WARNING):
        tidy(hall)

    assert sittings(hall) == [3]
    assert len(log.read(RoomName("bad"), after=0)) == 1
