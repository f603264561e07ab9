"""The press: nothing is shown before it is committed, a failed commit never happened, and writes are few.

Every test plays in a whole hall in memory: what is committed and who is written to is seen from outside.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from moothall.engine.commands import HostSay, OpenRoom, Pause, QueueTopic
from moothall.engine.events import (
    HostSaid,
    Left,
    Reopened,
    Said,
    Seated,
    WentAway,
)
from moothall.engine.evolve import empty_room
from moothall.engine.names import Name, RoomName, Seq
from moothall.engine.words import LeaveReason
from moothall.errors import DataCorrupt, Reason, Rejected
from moothall.hall.clerk import Clerk
from moothall.hall.courier import RIDE_MS
from moothall.hall.press import MAX_BATCH_BYTES, RETRY_MS, Press
from moothall.hall.timers import Timers
from moothall.log.memory import MemoryLog
from moothall.log.room_log import Base, Batch, Cut
from moothall.testing import NOON, FailingLog, FakeClock, MemoryHall, Participant, memory_hall
from moothall.wire.json_lines import decode_event, encode_event, encode_steps
from tests.hall.house import SECOND, chat, kinds, log_lines, rules, talking


class CountingClock(FakeClock):
    """Counts how often it was asked to call back soon."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def soon(self, callback: Callable[[], None]) -> None:
        self.asked += 1
        super().soon(callback)


class WatchedLog(FailingLog):
    """Notes at every commit how many writes there had been."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[Participant] | None = None
        self.written_at_commit: list[int] = []

    def commit(self, batch: Batch) -> None:
        if self.writes is not None:
            self.written_at_commit.append(len(self.writes))
        super().commit(batch)


def refused(participant: Participant, words: str = "Hello") -> Reason | None:
    """Return why these words are turned down at once, or None."""
    try:
        participant.say(words)
    except Rejected as refusal:
        return refusal.reason
    return None


def seqs(hall: MemoryHall, room: str = "main") -> list[int]:
    return [decode_event(entry.body)[1].seq for entry in hall.entries(room)]


# Commit, then publish.


def test_nothing_is_written_to_anybody_before_it_is_committed() -> None:
    """What was shown cannot be taken back; so at every commit nobody has been written anything of it."""
    log = WatchedLog()
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2), log=log)
    log.writes = hall.writes
    kari.say("Hello")
    hall.settle()

    assert log.written_at_commit == [0]
    assert b"Hello" in ola.writes[0]


def test_all_that_is_decided_in_one_turn_of_the_loop_is_one_commit() -> None:
    """A commit is the dearest thing there is; rooms share it."""
    log = FailingLog()
    hall = memory_hall(rules(2), log=log)
    for room in ("main", "lab", "attic"):
        hall.enter("Kari", room)
        hall.enter("Ola", room)
    assert log.commits == 0

    hall.settle()

    assert log.commits == 1
    assert set(log.batches[0].runs) == {"main", "lab", "attic"}
    assert [summary.open for summary in log.rooms()] == [True] * 3
    assert all(len(hall.room(room).seats) == 2 for room in ("main", "lab", "attic"))


def test_what_a_room_decides_in_one_turn_of_the_loop_is_one_run() -> None:
    """Even where others decide in between: each run is a row in the database."""
    log = FailingLog()
    hall = memory_hall(chat(2), log=log)
    for name in ("Kari", "Ola"):
        for room in ("main", "lab"):
            hall.enter(name, room)
    hall.settle()

    (batch,) = log.batches
    for room, run in batch.runs.items():
        assert run.body == b"\n".join(entry.body for entry in hall.entries(room))
    assert list(batch.runs) == ["main", "lab"]


def test_the_keys_of_one_batch_are_all_kept() -> None:
    """Whoever sits down in the same turn of the loop can come back as well."""
    log = FailingLog()
    hall = memory_hall(rules(3), log=log)
    for name in ("Kari", "Ola", "Nina"):
        hall.enter(name, keyed=True)
    hall.settle()

    assert set(log.held(RoomName("main")).keys) == {"Kari", "Ola", "Nina"}


def test_a_turn_of_the_loop_in_which_nothing_is_decided_commits_nothing() -> None:
    """A refused command leaves no trace."""
    log = FailingLog()
    hall, (_, ola) = talking("Kari", "Ola", rules=rules(2), log=log)
    before = log.commits

    assert refused(ola) is Reason.NOT_YOUR_TURN
    hall.settle()

    assert log.commits == before


def test_one_write_per_visit_and_batch() -> None:
    """Three commands of one turn of the loop are one write to each reader: writes cost more than all the rest."""
    hall, (kari, ola, nina) = talking("Kari", "Ola", "Nina", rules=chat(3))

    kari.say("one")
    ola.say("two")
    kari.say("three")
    hall.settle()

    for participant in (kari, ola, nina):
        assert len(participant.writes) == 1
        assert [event.text for event in participant.events if isinstance(event, Said)] == ["one", "two", "three"]


def test_one_write_per_visit_when_the_floor_moves_on() -> None:
    """`said` and `floor_granted` come together."""
    hall, (kari, ola, nina) = talking("Kari", "Ola", "Nina", rules=rules(3))

    kari.say("Hello")
    hall.settle()

    assert (len(ola.writes), len(nina.writes)) == (1, 1)
    assert kinds(ola.events)[-2:] == ["said", "floor_granted"]


def test_a_welcome_rides_with_the_first_events() -> None:
    """Who comes in is written once, not twice."""
    hall = memory_hall(rules(1))
    from_hall = hall.enter("Kari")
    hall.settle()

    assert len(from_hall.writes) == 1


def test_a_batch_is_published_once() -> None:
    """An empty turn of the loop after it writes nothing again."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=chat(2))
    kari.say("Hello")
    hall.settle()
    hall.settle()
    hall.advance(SECOND)

    assert (len(kari.writes), len(ola.writes)) == (1, 1)


# A burst.


def test_a_burst_is_committed_before_the_turn_of_the_loop_ends() -> None:
    """One room that talks in megabytes makes the others wait for 256 KiB of it at most."""
    log = FailingLog()
    hall, (kari, ola) = talking("Kari", "Ola", rules=chat(2), log=log)
    before = log.commits
    words = "x" * (MAX_BATCH_BYTES // 8)

    for _ in range(8):
        kari.say(words)
        assert log.commits == before
    kari.say("and")
    assert log.commits == before + 1
    assert len(ola.writes) > 0
    hall.advance(RIDE_MS)

    assert log.commits == before + 2
    assert ola.received == kari.received == log_lines(hall, after=1)


def test_a_batch_just_below_the_limit_waits_for_the_end_of_the_turn() -> None:
    """And what was counted starts anew with every batch."""
    log = FailingLog()
    hall, (kari, _) = talking("Kari", "Ola", rules=chat(2), log=log)
    before = log.commits

    for batch in range(1, 4):
        for _ in range(7):
            kari.say("x" * (MAX_BATCH_BYTES // 8))
        assert log.commits == before + batch - 1
        hall.settle()
        assert log.commits == before + batch


def filled(clerk: Clerk, size: int) -> None:
    """Let the host of a room say what makes `size` bytes of entries."""
    while size:
        empty = len(encode_event(HostSaid("Host", ""), clerk.newest.seq + 1, NOON) + b"\n")
        piece = size if size <= 90_000 else 80_000
        clerk.submit(HostSay("x" * (piece - empty)))
        size -= piece


@pytest.mark.parametrize(("missing", "commits"), [(1, 0), (0, 1)])
def test_a_batch_is_full_at_exactly_the_limit(missing: int, commits: int) -> None:
    """It is counted in bytes of entries, each a line, and from the press's first batch on."""
    clock, log = FakeClock(), FailingLog()
    timers = Timers(clock)
    clerk = Clerk(empty_room(RoomName("main")), {}, press=Press(log, clock, timers), timers=timers)
    opened = clerk.submit(OpenRoom(chat(2), "seed"))
    filled(clerk, MAX_BATCH_BYTES - missing - len(encode_steps(opened)))
    assert log.commits == 0

    clerk.submit(HostSay("and"))
    assert log.commits == commits
    clock.settle()
    assert log.commits == commits + 1


def test_the_press_looks_once_at_the_end_of_a_turn_however_much_was_decided() -> None:
    """A thousand commands are one call of the event loop."""
    clock = CountingClock()
    hall = memory_hall(chat(2), clock=clock)
    hall.enter("Kari")
    hall.settle()
    for _ in range(3):
        clock.asked = 0
        for _ in range(10):
            hall.operate(HostSay("Hello"))
        assert clock.asked == 1
        hall.settle()


def test_pocketed_words_of_many_rooms_are_one_batch_of_their_own() -> None:
    """They are decided while the batch before them is being published, which nothing may interrupt."""
    log = FailingLog()
    hall = memory_hall(rules(2, max_text_chars=100_000), log=log)
    crowds = [[hall.enter(name, f"room {number}") for name in ("Kari", "Ola")] for number in range(5)]
    hall.settle()
    before = log.commits
    for kari, ola in crowds:
        ola.visit.keep("x" * 90_000)
        kari.say("Hello")
    hall.settle()

    assert log.commits == before + 2
    assert all(who.is_finished for crowd in crowds for who in crowd)


# A log that fails.


def test_nobody_sees_anything_of_a_commit_that_failed() -> None:
    """Not a byte, to nobody, in no room; its senders are told `storage`, and nobody else."""
    log = FailingLog()
    hall = memory_hall(rules(2), log=log)
    rooms = {room: [hall.enter(name, room) for name in ("Kari", "Ola")] for room in ("main", "lab")}
    idle = [hall.enter(name, "attic") for name in ("Kari", "Ola")]
    hall.settle()
    hall.writes.clear()
    before = {room: hall.entries(room) for room in rooms}

    with log.failing():
        for kari, _ in rooms.values():
            kari.say("Hello")
        hall.settle()

    assert hall.writes == []
    assert [[who.refusals for who in crowd] for crowd in rooms.values()] == [[[Reason.STORAGE], []]] * 2
    assert [who.refusals for who in idle] == [[], []]
    assert {room: hall.entries(room) for room in rooms} == before
    assert all(hall.room(room).holder == "Kari" for room in rooms)


def test_while_the_log_fails_everything_is_refused_at_once() -> None:
    """In every room, also in one whose commit has not failed; nothing is tried before the next attempt is due."""
    log = FailingLog()
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2), log=log)
    other = hall.enter("Ida", "lab")
    hall.settle()
    with log.failing():
        kari.say("Hello")
        hall.settle()
    tried = log.commits

    assert refused(kari) is Reason.STORAGE
    assert refused(other) is Reason.STORAGE
    with pytest.raises(Rejected) as caught:
        hall.enter("Per", "lab")
    assert caught.value.reason is Reason.STORAGE
    hall.settle()

    assert log.commits == tried
    assert ola.refusals == []


def test_the_hall_goes_on_a_second_later_and_the_seqs_are_used_again() -> None:
    """The turn is reopened with the time that was left, and the conversation has no gap."""
    log = FailingLog()
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2, turn_seconds=30), log=log)
    hall.advance(10 * SECOND)
    last = hall.room().seq
    with log.failing():
        kari.say("Hello")
        hall.settle()
    failed_at = hall.clock.now()

    hall.advance(RETRY_MS - 1)
    assert refused(kari) is Reason.STORAGE
    hall.advance(1)
    reopened = hall.events()[-1]

    assert reopened == Reopened(turn=1, deadline=failed_at + RETRY_MS + 20 * SECOND)
    assert seqs(hall) == list(range(1, last + 2))
    assert refused(kari, "Hello again") is None
    hall.settle()
    assert [event.text for event in ola.events if isinstance(event, Said)] == ["Hello again"]
    assert seqs(hall) == list(range(1, len(seqs(hall)) + 1))


def test_every_second_is_tried_again() -> None:
    """However long it fails; time has stood still since the first failure."""
    log = FailingLog()
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2, turn_seconds=30), log=log)
    with log.failing():
        kari.say("Hello")
        hall.settle()
        tried = log.commits
        hall.advance(60 * SECOND)
        assert log.commits == tried + 60
    hall.advance(SECOND)

    assert log.commits == tried + 61
    assert hall.events()[-1] == Reopened(turn=1, deadline=hall.clock.now() + 30 * SECOND)
    assert hall.room().tally.missed == 0
    hall.advance(29 * SECOND)
    assert log.commits == tried + 61


def test_no_deadline_is_called_while_the_log_fails() -> None:
    """A turn that has less than the pause left has it still when time goes on: five seconds at the least."""
    log = FailingLog()
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2, turn_seconds=2), log=log)
    with log.failing():
        kari.say("Hello")
        hall.advance(90 * SECOND)
    hall.advance(SECOND)

    assert hall.room().tally.missed == 0
    assert hall.events()[-1] == Reopened(turn=1, deadline=hall.clock.now() + 5 * SECOND)
    hall.advance(5 * SECOND)
    assert hall.room().tally.missed == 1
    assert hall.room().holder == "Ola"
    assert ola.refusals == []


def test_a_deadline_whose_commit_fails_is_not_missed() -> None:
    """Time is called by the clock, so there is no sender to tell; the turn goes on."""
    log = FailingLog()
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2, turn_seconds=30), log=log)
    with log.failing():
        hall.advance(30 * SECOND)
    assert hall.room().tally.missed == 0
    hall.advance(SECOND)

    assert hall.events()[-1] == Reopened(turn=1, deadline=hall.clock.now() + 5 * SECOND)
    assert refused(kari) is None


def test_connections_that_live_keep_their_seats() -> None:
    """Nobody is `left` or `went_away` who is still there."""
    log = FailingLog()
    hall, _ = talking("Kari", "Ola", "Nina", rules=rules(3), log=log)
    before = kinds(hall.events())
    hall.operate(HostSay("Hello"))
    with log.failing():
        hall.advance(5 * SECOND)
    hall.advance(SECOND)

    assert kinds(hall.events()) == [*before, "reopened"]
    assert set(hall.room().seats) == {"Kari", "Ola", "Nina"}


@pytest.mark.parametrize("keyed", [False, True])
def test_who_was_lost_while_the_log_failed_is_found_missing(keyed: bool) -> None:
    """Their connection's end could not be stored; it is when the hall goes on."""
    log = FailingLog()
    hall, (kari, ola, _) = talking("Kari", "Ola", "Nina", rules=rules(3), log=log, keyed=keyed)
    with log.failing():
        kari.say("Hello")
        hall.settle()
        ola.hang_up()
        hall.settle()
    before = len(hall.events())
    hall.advance(SECOND)

    name, now = Name("Ola"), hall.clock.now()
    missing = WentAway(name, until=now + 30 * SECOND) if keyed else Left(name, LeaveReason.RESTART)
    assert hall.events()[before] == missing
    assert kinds(hall.events())[before + 1 :] == ["reopened"]


def test_who_was_to_come_in_with_a_failed_commit_is_turned_away() -> None:
    """And may come in later under the same name: it was never taken."""
    log = FailingLog()
    hall = memory_hall(rules(2), log=log)
    with log.failing():
        kari = hall.enter("Kari")
        hall.settle()
    assert kari.is_refused
    assert kari.welcome is None
    hall.advance(SECOND)

    again = hall.enter("Kari")
    hall.settle()
    assert not again.is_refused
    assert [event.seat for event in hall.events() if isinstance(event, Seated)] == [1]
    assert seqs(hall) == [1, 2, 3]


def test_what_the_operator_asked_is_taken_back_with_the_rest() -> None:
    """A batch is all or nothing, whoever is in it."""
    log = FailingLog()
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2), log=log)
    with log.failing():
        hall.operate(QueueTopic("eat"))
        kari.say("Hello")
        hall.operate(Pause())
        hall.settle()

    room = hall.room()
    assert (room.queue, room.holder, room.paused_at) == ((), "Kari", None)
    assert hall.hall.clerks["main"].newest == room


def test_the_retry_may_be_what_fails() -> None:
    """Reopening is a commit like any other."""
    log = FailingLog()
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2), log=log)
    first = log.commits + 1
    log.fails_at = {first, first + 1, first + 2}
    kari.say("Hello")
    hall.advance(3 * SECOND)

    assert log.commits == first + 3
    assert kinds(hall.events())[-1] == "reopened"
    assert refused(kari) is None


def test_a_server_that_has_stopped_does_not_try_again() -> None:
    """The log is closed by then."""
    log = FailingLog()
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2), log=log)
    with log.failing():
        kari.say("Hello")
        hall.settle()
        hall.hall.stop(close_sittings=False)
        tried = log.commits
        hall.advance(5 * RETRY_MS)

    assert log.commits == tried


def test_where_nothing_is_open_the_next_command_tries_the_log() -> None:
    """Without a sitting there is nothing to reopen, and nobody must wait for ever."""
    log = FailingLog()
    hall = memory_hall(rules(2), log=log)
    with log.failing():
        hall.enter("Kari")
        hall.settle()
    tried = log.commits
    hall.advance(SECOND)
    assert log.commits == tried

    hall.enter("Kari")
    hall.settle()
    assert log.commits == tried + 1
    assert list(hall.room().seats) == ["Kari"]
    hall.advance(10 * SECOND)
    assert log.commits == tried + 1


def test_a_failed_burst_refuses_what_comes_after_it() -> None:
    """The command that finds the batch full and the disk too was not decided: it is refused at once."""
    log = FailingLog()
    hall, (kari, ola) = talking("Kari", "Ola", rules=chat(2), log=log)
    for _ in range(8):
        kari.say("x" * (MAX_BATCH_BYTES // 8))
    with log.failing():
        assert refused(ola) is Reason.STORAGE
    hall.settle()

    assert kari.refusals == [Reason.STORAGE] * 8
    assert ola.refusals == []
    assert hall.writes == []


def test_a_join_that_fills_a_batch_waits_for_its_commit_like_any_other() -> None:
    """Nobody is told that they are in before it is stored, however full the batch is."""
    log = FailingLog()
    hall, (kari, _) = talking("Kari", "Ola", rules=chat(4), log=log)
    for _ in range(8):
        kari.say("x" * (MAX_BATCH_BYTES // 8 - 100))
    joined = [hall.enter(name) for name in ("Nina", "Per")]
    with log.failing():
        hall.settle()

    assert [who.is_refused for who in joined] == [True, True]
    assert set(hall.room().seats) == {"Kari", "Ola"}


def test_a_failure_is_told_to_whoever_runs_the_server(caplog: pytest.LogCaptureFixture) -> None:
    """It is something to act on, so it is a warning, and says how many rooms it was."""
    log = FailingLog()
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2), log=log)
    with log.failing(), caplog.at_level(logging.WARNING):
        kari.say("Hello")
        hall.settle()

    assert caplog.messages == ["commit failed rooms=1 error=The disk is full, says the test."]


def test_it_refuses_only_while_the_log_fails() -> None:
    """`failed_since` is the moment of the first failure, and gone when the log works again."""
    log = FailingLog()
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2), log=log)
    press = hall.hall.press
    assert (press.refuses, press.failed_since, press.is_stopped) == (False, None, False)
    with log.failing():
        kari.say("Hello")
        hall.settle()
        failed_at = hall.clock.now()
        hall.advance(5 * SECOND)
        assert (press.refuses, press.failed_since) == (True, failed_at)
    hall.advance(SECOND)

    assert (press.refuses, press.failed_since) == (False, None)


def test_a_press_alone_takes_its_time_back_quietly() -> None:
    """Before a hall has told it how to reopen rooms, a retry has nothing to do."""
    clock = FakeClock()
    press = Press(MemoryLog(), clock, Timers(clock))
    press.on_retry(0)
    press.flush()

    assert press.failed_since is None


# A damaged log.


def test_a_damaged_log_takes_nothing_any_more() -> None:
    """What was decided is refused and was shown to nobody; who goes on writing could make it worse."""
    log = FailingLog()
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2), log=log)
    told: list[str] = []
    hall.hall.press.on_damage = lambda error: told.append(str(error))
    with log.damaged():
        kari.say("Hello")
        hall.settle()
    tried = log.commits
    hall.advance(90 * SECOND)

    assert kari.refusals == [Reason.STORAGE]
    assert not any(isinstance(event, Said) for event in ola.events)
    assert told == ["The file is damaged, says the test."]
    assert refused(ola) is Reason.CLOSING
    assert log.commits == tried


def test_damage_is_told_once() -> None:
    """However it is met again."""
    hall = memory_hall(rules(2))
    told: list[DataCorrupt] = []
    hall.hall.press.on_damage = told.append
    error = DataCorrupt("The file is damaged.")
    hall.hall.press.give_up(error)
    hall.hall.press.give_up(error)

    assert told == [error]


def test_a_past_is_cut_only_while_the_log_works() -> None:
    """Nobody waits for it: where it can't be done it is tried again another time."""
    log = FailingLog()
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2), log=log)
    press, cut = hall.hall.press, Cut(RoomName("main"), Base(Seq(1), b"{}"))
    with log.failing():
        assert not press.cut(cut)
        kari.say("Hello")
        hall.settle()
        tried = log.commits
        assert not press.cut(cut)
        assert log.commits == tried
    hall.advance(SECOND)
    assert press.cut(cut)
    with log.damaged():
        assert not press.cut(Cut(RoomName("main"), Base(Seq(2), b"{}")))

    assert press.is_stopped
