"""The courier: who is waited for is written first, the others when nothing is urgent, and nobody long after.

Every test plays in a whole hall in memory: who is written to, and when, is seen from outside.
"""

from __future__ import annotations

import logging

import pytest

from moothall.engine.commands import HostSay
from moothall.engine.events import Said
from moothall.engine.names import RoomName
from moothall.engine.rules import Rules
from moothall.hall.clerk import Clerk
from moothall.hall.courier import LATE_MS, MAX_BEHIND_EVENTS, RIDE_MS
from moothall.hall.feed import Writes
from moothall.hall.limits import OwnRules
from moothall.hall.visit import Visit
from moothall.testing import MAIN, FailingLog, FakeClock, MemoryHall, Participant, memory_hall
from moothall.wire.change import Change, Dialect
from moothall.wire.json_lines import decode_event
from tests.hall.house import SECOND, chat, kinds, log_lines, rules, talking


class TurningClock(FakeClock):
    """A clock whose event loop turns one turn at a time, each as long as a test wants it to be."""

    def turn(self, ms: int = 0) -> None:
        """Do what is to be done in this turn of the loop; what is asked for meanwhile belongs to the next."""
        for _ in range(self.waiting):
            self._soon.popleft()()
        self._now += ms

    @property
    def waiting(self) -> int:
        """How much was asked for that belongs to the next turn."""
        return len(self._soon)


def busy(
    *names: str, rules: Rules, log: FailingLog | None = None
) -> tuple[TurningClock, MemoryHall, list[Participant]]:
    """Return what `talking` does, and the clock with which a test can keep the loop from being idle."""
    clock = TurningClock()
    hall = memory_hall(rules, log=log, clock=clock)
    crowd = [hall.enter(name) for name in names]
    hall.settle()
    hall.writes.clear()
    for participant in crowd:
        participant.writes.clear()
    return clock, hall, crowd


def texts(participant: Participant) -> list[str]:
    """Return what was said, as far as it was written to somebody."""
    return [event.text for event in participant.events if isinstance(event, Said)]


# Holder first.


def test_the_next_holder_is_written_first() -> None:
    """The room waits for them, and for nobody else."""
    hall, (kari, ola, nina) = talking("Kari", "Ola", "Nina", rules=rules(3))
    spectator = hall.enter("Per", watch=True)
    hall.settle()
    hall.writes.clear()

    kari.say("Hello")
    hall.settle()
    assert hall.writes[0] is ola

    hall.writes.clear()
    ola.say("Hello")
    hall.settle()
    assert hall.writes[0] is nina
    assert set(hall.writes) == {kari, nina, spectator}


def test_the_holders_of_all_rooms_come_before_everybody_else() -> None:
    """One room's readers do not make another room wait."""
    hall = memory_hall(rules(2))
    rooms = [[hall.enter(name, room) for name in ("Kari", "Ola")] for room in ("main", "lab")]
    spectators = [hall.enter("Per", room, watch=True) for room in ("main", "lab")]
    hall.settle()
    hall.writes.clear()

    for kari, _ in rooms:
        kari.say("Hello")
    hall.settle()

    assert hall.writes == [rooms[0][1], rooms[1][1], *spectators]


def test_the_holders_come_before_those_who_may_be_waited_for() -> None:
    """Where nobody has the floor everybody is written to at once, but after those who have it elsewhere."""
    hall = memory_hall(rules(3), own={"open": OwnRules(chat(3))})
    chatting, talking_ = [[hall.enter(name, room) for name in ("Kari", "Ola", "Nina")] for room in ("open", "main")]
    hall.settle()
    hall.writes.clear()

    chatting[0].say("Hello")
    talking_[0].say("Hello")
    hall.settle()

    assert hall.writes == [talking_[1], chatting[1], chatting[2], talking_[2]]


# One's own words.


def test_ones_own_words_ride_with_the_next_write() -> None:
    """A receipt as a write of its own would cost a fifth more in strict turns."""
    hall, (kari, ola, nina) = talking("Kari", "Ola", "Nina", rules=rules(3))

    kari.say("Hello")
    hall.settle()
    assert kari.writes == []
    ola.say("Hi")
    hall.settle()

    assert len(kari.writes) == 1
    assert kinds(kari.events)[-4:] == ["said", "floor_granted", "said", "floor_granted"]
    assert len(nina.writes) == 2


def test_ones_own_words_come_after_twenty_milliseconds_at_the_latest() -> None:
    """Where nobody else says anything the receipt comes alone; and not a millisecond earlier."""
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2))
    kari.say("Hello")

    hall.advance(RIDE_MS - 1)
    assert kari.writes == []
    hall.advance(1)
    assert len(kari.writes) == 1
    assert kinds(kari.events)[-2:] == ["said", "floor_granted"]


def test_riders_of_one_moment_share_a_timer_and_each_is_written_once() -> None:
    """Two rooms, two receipts, one wake-up."""
    hall = memory_hall(rules(2))
    karis = [hall.enter("Kari", room) for room in ("main", "lab")]
    for room in ("main", "lab"):
        hall.enter("Ola", room)
    hall.settle()
    hall.writes.clear()
    for kari in karis:
        kari.say("Hello")
    hall.settle()
    hall.writes.clear()

    hall.advance(RIDE_MS)
    assert hall.writes == karis
    hall.writes.clear()
    hall.advance(10 * RIDE_MS)
    assert hall.writes == []


def test_a_later_rider_has_a_timer_again() -> None:
    """After the first timer has rung there is another for whoever speaks next."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=chat(2))
    kari.say("one")
    hall.advance(RIDE_MS)
    hall.advance(SECOND)
    hall.writes.clear()

    ola.say("two")
    hall.advance(RIDE_MS - 1)
    assert hall.writes == [kari]
    hall.advance(1)
    assert hall.writes == [kari, ola]


def test_riders_of_different_moments_leave_each_at_their_own() -> None:
    """Whoever has spoken later waits until then, though there was a timer already."""
    hall = memory_hall(rules(2))
    main, lab = [[hall.enter(name, room) for name in ("Kari", "Ola")] for room in ("main", "lab")]
    hall.settle()
    main[0].say("Hello")
    hall.advance(RIDE_MS // 2)
    lab[0].say("Hello")
    hall.settle()
    hall.writes.clear()

    hall.advance(RIDE_MS - RIDE_MS // 2)
    assert hall.writes == [main[0]]
    hall.advance(RIDE_MS // 2 - 1)
    assert hall.writes == [main[0]]
    hall.advance(1)
    assert hall.writes == [main[0], lab[0]]


def test_what_one_asks_for_without_words_does_not_ride() -> None:
    """Who passes reads it at once: nothing else is about to be written."""
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2))
    kari.pass_turn()
    hall.settle()

    assert kinds(kari.events)[-2:] == ["passed", "floor_granted"]


def test_a_bug_in_one_rider_keeps_nobody_elses_words(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Those who ride with it, and those who ride later, are written to all the same."""

    def broken(_data: bytes) -> None:
        raise RuntimeError("planted")

    hall = memory_hall(rules(2))
    main, lab = [[hall.enter(name, room) for name in ("Kari", "Ola")] for room in ("main", "lab")]
    hall.settle()
    main[0].say("Hello")
    hall.settle()
    monkeypatch.setattr(main[0], "write", broken)
    hall.advance(1)
    lab[0].say("Hello")
    with caplog.at_level(logging.ERROR):
        hall.advance(RIDE_MS)

    assert [record.message.partition(" bytes")[0] for record in caplog.records] == ["write failed"]
    assert texts(lab[0]) == ["Hello"]


def test_who_has_spoken_and_is_over_is_not_kept_waiting() -> None:
    """The last words of a sitting and its goodbye leave at once."""
    hall, (kari,) = talking("Kari", rules=rules(1))
    kari.say("Hello")
    hall.settle()

    assert kari.is_finished
    assert kinds(kari.events)[-1] == "sitting_closed"


def test_whose_words_could_not_be_stored_does_not_ride_with_the_next() -> None:
    """They are not on their way to anybody, so there is nothing to wait for."""
    log = FailingLog()
    hall, (kari, _) = talking("Kari", "Ola", rules=chat(2), log=log)
    with log.failing():
        kari.say("Hello")
        hall.settle()
    hall.advance(2 * SECOND)
    kari.writes.clear()
    hall.operate(HostSay("Well?"))
    hall.settle()

    assert b"".join(kari.writes) == log_lines(hall, after=hall.room().seq - 1)


def test_who_speaks_twice_in_a_row_has_the_floor_at_once() -> None:
    """The speaker may be the next holder: then nothing rides."""
    hall, (kari,) = talking("Kari", rules=rules(1, rounds=2))
    kari.say("Hello")
    hall.settle()

    assert kinds(kari.events)[-1] == "floor_granted"


# Those who are not next.


def test_while_there_is_more_to_do_those_who_are_not_next_are_behind() -> None:
    """They are written to once for all that was said meanwhile, when the loop finds nothing to do."""
    clock, hall, (kari, ola, nina, lars) = busy("Kari", "Ola", "Nina", "Lars", rules=rules(4))

    kari.say("one")
    clock.turn()
    ola.say("two")
    clock.turn()
    assert hall.writes == [ola, nina]

    clock.turn()
    assert hall.writes == [ola, nina, kari, lars]
    assert [texts(who) for who in (kari, lars)] == [["one", "two"]] * 2
    hall.advance(RIDE_MS)
    assert texts(ola) == ["one", "two"]
    assert len(hall.writes) == 5


def test_whose_turn_comes_reads_all_that_was_missed_with_it() -> None:
    """One write, and in it everything up to one's own turn."""
    clock, hall, (kari, ola, nina) = busy("Kari", "Ola", "Nina", rules=rules(3, rounds=2))
    for number, speaker in enumerate((kari, ola, nina)):
        speaker.say(str(number))
        clock.turn()

    assert hall.writes == [ola, nina, kari]
    assert texts(kari) == ["0", "1", "2"]
    assert kinds(kari.events)[-1] == "floor_granted"


def test_who_has_not_been_written_to_for_a_while_is_late() -> None:
    """However much there is to do."""
    clock, hall, (kari, ola, nina) = busy("Kari", "Ola", "Nina", rules=rules(3, rounds=2))
    spectator = hall.enter("Per", watch=True)
    hall.settle()
    spectator.writes.clear()

    kari.say("one")
    clock.turn(LATE_MS - 1)
    ola.say("two")
    clock.turn(1)
    assert spectator.writes == []
    nina.say("three")
    clock.turn()
    assert texts(spectator) == ["one", "two"]


def test_nobody_is_behind_for_longer_than_a_tenth_of_a_second() -> None:
    """Who is written to right after one look is late at the second after it."""
    turn_ms = 10
    clock, hall, crowd = busy("Kari", "Ola", "Nina", rules=rules(3, rounds=100))
    spectator = hall.enter("Per", watch=True)
    hall.settle()
    longest = 0
    for number in range(200):
        crowd[number % 3].say(str(number))
        clock.turn(turn_ms)
        for who in (*crowd, spectator):
            for entry in hall.entries()[who.visit.cursor.seq :][:1]:
                longest = max(longest, hall.clock.now() - decode_event(entry.body)[1].at)

    assert LATE_MS < longest <= 2 * LATE_MS + turn_ms
    assert len(spectator.writes) < 200 * turn_ms / LATE_MS


def test_who_was_written_to_since_the_last_look_is_not_late() -> None:
    """Where everybody gets the floor often enough, each write but that to the next holder is saved."""
    clock, hall, crowd = busy("Kari", "Ola", "Nina", rules=rules(3, rounds=10))
    for number in range(24):
        crowd[number % 3].say(str(number))
        clock.turn(LATE_MS // 3)

    assert hall.writes == [crowd[(number + 1) % 3] for number in range(24)]


def test_one_room_is_late_and_another_is_not() -> None:
    """Each has a time of its own from when it is behind."""
    clock = TurningClock()
    hall = memory_hall(rules(3, rounds=2), clock=clock)
    main, lab = [[hall.enter(name, room) for name in ("Kari", "Ola", "Nina")] for room in ("main", "lab")]
    hall.settle()
    main[0].say("one")
    clock.turn(LATE_MS // 2)
    lab[0].say("one")
    clock.turn(LATE_MS // 2)
    hall.writes.clear()

    main[1].say("two")
    clock.turn()

    assert hall.writes == [main[0], main[2], main[2]]  # at last those who are late, then the next holder


def test_who_has_read_everything_is_not_looked_at_again() -> None:
    """However long the loop goes on to be busy with another room."""
    clock = TurningClock()
    hall = memory_hall(rules(3, rounds=100), clock=clock)
    main, lab = [[hall.enter(name, room) for name in ("Kari", "Ola", "Nina")] for room in ("main", "lab")]
    hall.settle()
    main[0].say("Hello")
    clock.turn(LATE_MS)
    looked: list[str] = []
    usual = Clerk.ship_to_late

    def ship_to_late(clerk: Clerk, since: int, writes: Writes) -> None:
        looked.append(clerk.name)
        usual(clerk, since, writes)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Clerk, "ship_to_late", ship_to_late)
        for number in range(9):
            lab[number % 3].say(str(number))
            clock.turn(LATE_MS)

    assert looked.count("main") == 1
    assert looked.count("lab") > 1
    assert texts(main[2]) == ["Hello"]


def test_the_loop_is_asked_once_a_turn_whether_there_is_more_to_do() -> None:
    """However long it is busy: one look in each of its turns, and none once nobody is behind."""
    clock, hall, crowd = busy("Kari", "Ola", "Nina", rules=rules(3, rounds=10))
    for number in range(12):
        crowd[number % 3].say(str(number))
        clock.turn()
        assert clock.waiting == 1
    hall.settle()

    assert clock.waiting == 0


def test_nobody_is_behind_by_more_than_a_few_dozen_events() -> None:
    """What is not read yet must not grow out of the feed's window."""
    clock, hall, (kari, ola) = busy("Kari", "Ola", rules=rules(2, rounds=1000))
    spectator = hall.enter("Per", watch=True)
    hall.settle()
    spectator.events.clear()
    for number in range(10 * MAX_BEHIND_EVENTS):
        (kari, ola)[number % 2].say(str(number))
        clock.turn()
        assert hall.hall.room(RoomName(MAIN)).settled.seq - spectator.visit.cursor.seq < MAX_BEHIND_EVENTS + 4

    assert len(spectator.writes) < 40


def test_where_nobody_has_the_floor_nobody_is_behind() -> None:
    """Anybody may be the one who is waited for, so none of them waits, whatever there is to do."""
    clock, _, (kari, ola, nina) = busy("Kari", "Ola", "Nina", rules=chat(3))
    for number in range(3):
        kari.say(str(number))
        clock.turn()

    assert [len(ola.writes), len(nina.writes)] == [3, 3]
    assert kari.writes == []


def test_a_room_is_behind_for_the_rooms_that_have_something_to_do() -> None:
    """It is the loop that is busy, not the room."""
    clock = TurningClock()
    hall = memory_hall(rules(3), clock=clock)
    main, lab = [[hall.enter(name, room) for name in ("Kari", "Ola", "Nina")] for room in ("main", "lab")]
    hall.settle()
    hall.writes.clear()

    main[0].say("Hello")
    clock.turn()
    lab[0].say("Hello")
    clock.turn()
    assert hall.writes == [main[1], lab[1]]
    clock.turn()
    assert hall.writes == [main[1], lab[1], main[2], lab[2]]


def test_who_is_behind_when_the_log_fails_is_written_to_all_the_same() -> None:
    """What was committed before is true, and is shown."""
    log = FailingLog()
    clock, _, (kari, ola, nina) = busy("Kari", "Ola", "Nina", rules=rules(3), log=log)
    kari.say("one")
    clock.turn()
    with log.failing():
        ola.say("two")
        clock.turn()
        assert nina.writes == []
        clock.turn()

    assert texts(nina) == ["one"]


# Bugs.


def test_a_bug_in_what_one_room_says_keeps_nobody_elses_words(caplog: pytest.LogCaptureFixture) -> None:
    """Everything that was committed is shown, but for the one room that broke."""

    def broken(_change: Change) -> bytes:
        raise ZeroDivisionError("planted")

    hall = memory_hall(rules(2))
    main = [hall.enter(name) for name in ("Kari", "Ola")]
    lab = [hall.enter(name, "lab") for name in ("Kari", "Ola")]
    hall.settle()
    Visit(
        hall.hall.room(RoomName(MAIN)),
        main[0],
        name=None,
        dialect=Dialect("broken", broken, needs_room=False),
        after=99,
    )
    with caplog.at_level(logging.ERROR):
        main[0].say("Hello")
        lab[0].say("Hello")
        hall.settle()

    assert [record.message for record in caplog.records] == ["room broken off room=main"]
    assert any('"Hello"' in line for line in lab[1].lines)
    assert [who.is_finished for who in (*main, *lab)] == [True, True, False, False]


@pytest.mark.parametrize("is_busy", [False, True])
def test_a_bug_in_what_a_room_is_behind_with_keeps_nobody_elses_words(
    is_busy: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor does one that is met later, when the loop is idle, or when somebody is late."""

    ship = Visit.ship_with

    def ship_with(visit: Visit, writes: Writes) -> None:
        if visit is main[2].visit:
            raise ZeroDivisionError("planted")
        ship(visit, writes)

    clock = TurningClock()
    hall = memory_hall(rules(3, rounds=2), clock=clock)
    main, lab = [[hall.enter(name, room) for name in ("Kari", "Ola", "Nina")] for room in ("main", "lab")]
    hall.settle()
    main[0].say("Hello")
    lab[0].say("Hello")
    clock.turn(LATE_MS)
    monkeypatch.setattr(Visit, "ship_with", ship_with)
    with caplog.at_level(logging.ERROR):
        if is_busy:
            lab[1].say("Hello")
        clock.turn()

    assert [record.message for record in caplog.records] == ["room broken off room=main"]
    assert main[2].is_finished
    assert texts(lab[2])[:1] == ["Hello"]


def test_a_bug_in_one_connection_keeps_nobody_elses_words(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The others are written all the same."""

    def broken(_data: bytes) -> None:
        raise RuntimeError("planted")

    hall = memory_hall(rules(3))
    kari, ola, nina = [hall.enter(name) for name in ("Kari", "Ola", "Nina")]
    hall.settle()
    monkeypatch.setattr(ola, "write", broken)
    with caplog.at_level(logging.ERROR):
        kari.say("Hello")
        hall.settle()

    assert [record.message.partition(" bytes")[0] for record in caplog.records] == ["write failed"]
    assert any('"Hello"' in line for line in nina.lines)


# The end.


def test_ones_own_words_do_not_ride_past_the_end() -> None:
    """A server that stops has said what became of everybody's words before it says goodbye."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=chat())
    kari.say("Hello")
    hall.settle()
    assert kari.received != ola.received

    hall.hall.stop(close_sittings=False)

    assert kari.received[-50:] == ola.received[-50:]


def test_who_is_behind_is_not_behind_at_the_end() -> None:
    """A server that stops has written everything to everybody."""
    clock, hall, (kari, ola, nina) = busy("Kari", "Ola", "Nina", rules=rules(3))
    kari.say("Hello")
    clock.turn()
    assert texts(nina) == texts(kari) == []

    hall.hall.stop(close_sittings=False)

    assert texts(nina) == texts(kari) == texts(ola) == ["Hello"]
