"""The hall: its rooms, what it does after a crash, and how it stops."""

from __future__ import annotations

import msgspec
import pytest

from moothall.engine.commands import CloseSitting, HostSay, OpenRoom, Pause, QueueTopic
from moothall.engine.events import (
    CameBack,
    HostSaid,
    Left,
    Reopened,
    RoomOpened,
    Said,
    SittingClosed,
    WentAway,
)
from moothall.engine.names import Name, RoomName, Seq
from moothall.engine.words import LeaveReason
from moothall.errors import BadFrame, DataCorrupt, Reason, Rejected
from moothall.hall.clerk import Clerk
from moothall.hall.limits import OwnRules
from moothall.log.memory import MemoryLog
from moothall.log.room_log import Batch, Entry, RoomMark
from moothall.testing import FailingLog, FakeClock, MemoryHall, memory_hall
from moothall.wire.json_lines import decode_event
from tests.hall.house import SECOND, chat, kinds, log_lines, rules, talking
from tests.log.disk import batch_of

KARI, OLA = Name("Kari"), Name("Ola")


def why_not(hall: MemoryHall, name: str, room: str) -> Reason | None:
    try:
        hall.enter(name, room)
    except Rejected as refusal:
        return refusal.reason
    return None


def seqs(hall: MemoryHall) -> list[int]:
    return [decode_event(entry.body)[1].seq for entry in hall.entries()]


# Rooms.


def test_whoever_joins_a_room_opens_it() -> None:
    """Its first event says by which rules."""
    hall = memory_hall(rules(2))
    hall.enter("Kari", "lab")
    hall.settle()

    assert kinds(hall.events("lab"))[0] == "room_opened"
    assert hall.room("lab").seed == "seed"
    assert hall.events() == []


def test_where_the_rooms_are_named_there_are_no_others() -> None:
    """However they are spelled."""
    hall = memory_hall(rules(2), rooms=("main", "Lab"))

    assert why_not(hall, "Kari", "LAB") is None
    assert why_not(hall, "Kari", "attic") is Reason.NO_SUCH_ROOM
    with pytest.raises(Rejected) as caught:
        hall.operate(HostSay("Hello"), "attic")
    assert (caught.value.reason, caught.value.about) == (Reason.NO_SUCH_ROOM, "attic")


def test_a_room_may_have_rules_of_its_own() -> None:
    """From the first event on, also after a restart, however its name is spelled; all others have the hall's."""
    hall = memory_hall(rules(2), own={"lab": OwnRules(rules(3))})
    before = hall.hall.count("Lab"), hall.hall.count("main"), hall.hall.rules_of("LAB").seats
    hall.enter("Kari", "Lab")
    hall.enter("Kari")
    hall.settle()
    hall = hall.restart()

    assert before == ((0, 3), (0, 2), 3)
    assert [hall.room(room).rules.seats for room in ("Lab", "main")] == [3, 2]
    opening = hall.hall.opening(hall.room("Lab"))
    assert opening is not None
    assert opening.rules == rules(3)


def test_there_is_a_limit_to_rooms() -> None:
    """Nobody can open rooms until the memory is full; those that are open go on."""
    hall = memory_hall(rules(2), max_rooms=2)

    assert [why_not(hall, "Kari", room) for room in ("a", "b", "c")] == [None, None, Reason.NO_SUCH_ROOM]
    assert why_not(hall, "Ola", "b") is None


def test_a_room_that_is_stored_is_loaded_when_somebody_comes() -> None:
    """Its seqs go on, whoever spells its name how."""
    hall, (kari,) = talking("Kari", rules=rules(1))
    kari.say("Hello")
    hall.settle()
    before = len(hall.events())
    again = hall.restart()
    assert again.hall.clerks == {}
    again.enter("Ola", "MAIN")
    again.settle()

    assert seqs(again) == list(range(1, len(again.events()) + 1))
    assert kinds(again.events())[before : before + 2] == ["sitting_opened", "seated"]
    assert again.room().sitting == 2


def test_whoever_listens_for_rooms_is_told_of_each_once() -> None:
    """The console follows them."""
    hall = memory_hall(rules(2))
    seen: list[Clerk] = []
    hall.hall.on_room = seen.append
    hall.enter("Kari", "lab")
    hall.enter("Ola", "Lab")
    hall.settle()

    assert [clerk.name for clerk in seen] == ["lab"]
    assert hall.hall.find(RoomName("LAB")) is seen[0]
    assert hall.hall.find(RoomName("main")) is None


def test_it_counts_who_is_here_without_opening_a_room() -> None:
    """The greeting says so before anybody has given a name."""
    hall = memory_hall(rules(3))
    assert hall.hall.count("main") == (0, 3)
    assert hall.hall.clerks == {}
    kari, _ = hall.enter("Kari", keyed=True), hall.enter("Ola")
    hall.settle()
    assert hall.hall.count("MAIN") == (2, 3)
    kari.hang_up()
    hall.settle()
    assert hall.hall.count("main") == (1, 3)
    hall.operate(CloseSitting())
    hall.settle()

    assert hall.hall.count("main") == (0, 3)


# The operator.


def test_the_operator_may_speak_in_a_room_that_nobody_has_opened() -> None:
    """A topic may be queued before the first to arrive."""
    hall = memory_hall(rules(1))
    hall.operate(QueueTopic("sing"))
    hall.settle()
    hall.enter("Kari")
    hall.settle()

    assert kinds(hall.events())[:2] == ["room_opened", "topic_queued"]
    topic = hall.room().topic
    assert topic is not None
    assert topic.topic == "sing"


def test_the_operator_is_told_no_by_the_same_rules() -> None:
    """And nothing changes."""
    hall, _ = talking("Kari", "Ola", rules=rules(2))
    before = hall.entries()
    with pytest.raises(Rejected) as caught:
        hall.operate(QueueTopic("  "))
    hall.settle()

    assert (caught.value.reason, hall.entries()) == (Reason.BAD_VALUE, before)


# After a crash.


def test_a_turn_goes_on_with_the_time_that_was_left() -> None:
    """Time while the server was down does not count; seqs go on without a gap."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2, turn_seconds=20), keyed=True)
    hall.advance(6 * SECOND)
    before = len(hall.events())
    again = hall.restart(after_ms=600 * SECOND)
    now = again.clock.now()

    assert again.events()[before:] == [
        WentAway(KARI, until=now + 30 * SECOND),
        WentAway(OLA, until=now + 30 * SECOND),
        Reopened(turn=1, deadline=now + 14 * SECOND),
    ]
    assert seqs(again) == list(range(1, before + 4))
    back = again.come_back(kari)
    again.settle()
    assert CameBack(KARI) in again.events()
    back.say("Hello")
    again.advance(SECOND)
    assert kari.received + back.received == log_lines(again, after=1)
    assert again.room().holder == "Ola"
    assert ola.refusals == []


def test_a_turn_that_was_nearly_over_has_five_seconds() -> None:
    """Enough to come back in and answer."""
    hall, _ = talking("Kari", "Ola", rules=rules(2, turn_seconds=20), keyed=True)
    hall.advance(19 * SECOND)
    again = hall.restart(after_ms=SECOND)
    assert again.events()[-1] == Reopened(turn=1, deadline=again.clock.now() + 5 * SECOND)

    again.advance(5 * SECOND - 1)
    assert again.room().holder == "Kari"
    again.advance(1)
    assert again.room().holder == "Ola"


def test_seats_without_a_key_are_given_up() -> None:
    """Nobody can come back to them, so the reason is the restart; the others go on."""
    hall = memory_hall(rules(3, turn_seconds=20))
    kari, ola, _ = hall.enter("Kari", keyed=True), hall.enter("Ola"), hall.enter("Nina", keyed=True)
    hall.settle()
    kari.say("Hello")
    hall.settle()
    hall.advance(2 * SECOND)
    before = len(hall.events())
    again = hall.restart(after_ms=60 * SECOND)

    assert kinds(again.events())[before:] == ["went_away", "left", "went_away", "floor_granted"]
    assert Left(OLA, LeaveReason.RESTART) in again.events()
    assert again.room().holder == "Nina"
    assert ola.refusals == []


def test_a_text_seat_waiting_for_its_turn_is_left_and_the_holder_reopened() -> None:
    """Both in one batch, in that order."""
    hall = memory_hall(rules(2, turn_seconds=20))
    hall.enter("Kari", keyed=True)
    hall.enter("Ola")
    hall.settle()
    hall.advance(5 * SECOND)
    before = len(hall.events())
    again = hall.restart(after_ms=SECOND)

    assert kinds(again.events())[before:] == ["went_away", "left", "reopened"]
    assert again.events()[-1] == Reopened(turn=1, deadline=again.clock.now() + 15 * SECOND)


def test_what_was_decided_and_not_committed_is_lost_and_was_never_shown() -> None:
    """The crash comes before the end of the turn of the loop."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2), keyed=True)
    kari.say("Hello")
    again = hall.restart()

    assert not [event for event in again.events() if isinstance(event, Said)]
    assert b"Hello" not in ola.received
    back = again.come_back(kari)
    again.settle()
    back.say("Hello")
    again.settle()
    assert [event.text for event in again.events() if isinstance(event, Said)] == ["Hello"]


def test_a_paused_room_stays_paused() -> None:
    """Only the operator lets it go on, with the time that was left when it was paused."""
    hall, _ = talking("Kari", "Ola", rules=rules(2), keyed=True)
    hall.operate(Pause())
    hall.settle()
    before = len(hall.events())
    again = hall.restart()

    assert kinds(again.events())[before:] == ["went_away", "went_away"]
    assert again.room().paused_at is not None


def test_a_room_in_which_nobody_could_come_back_gathers_afresh() -> None:
    """`left`, `left`, and nobody is left."""
    hall, _ = talking("Kari", "Ola", rules=rules(2))
    again = hall.restart()

    assert kinds(again.events())[-4:] == ["left", "left", "topic_closed", "sitting_closed"]
    again.enter("Nina")
    again.settle()
    assert again.room().sitting == 2


def test_rooms_whose_sitting_is_over_are_left_alone() -> None:
    """A start does not read what nobody needs."""
    hall, (kari,) = talking("Kari", rules=rules(1))
    kari.say("Hello")
    hall.settle()
    before = hall.entries()
    again = hall.restart()

    assert again.hall.clerks == {}
    assert again.entries() == before


def test_a_crash_after_a_crash_loses_nothing_either() -> None:
    """Each start says what it did, and the turn loses no time by it."""
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2, turn_seconds=20), keyed=True)
    hall.advance(5 * SECOND)
    once = hall.restart(after_ms=100 * SECOND)
    once.advance(5 * SECOND)
    twice = once.restart(after_ms=100 * SECOND)

    assert twice.events()[-1] == Reopened(turn=1, deadline=twice.clock.now() + 10 * SECOND)
    back = twice.come_back(kari)
    twice.settle()
    assert kari.received + back.received == log_lines(twice, after=1)


def test_a_start_whose_first_commit_fails_forgets_no_time() -> None:
    """Time stands still until the log works, and since the crash."""
    log = FailingLog()
    hall, _ = talking("Kari", "Ola", rules=rules(2, turn_seconds=20), keyed=True, log=log)
    hall.advance(4 * SECOND)
    with log.failing():
        again = hall.restart(after_ms=60 * SECOND)
        again.advance(3 * SECOND)
    again.advance(SECOND)

    assert again.events()[-1] == Reopened(turn=1, deadline=again.clock.now() + 16 * SECOND)


def test_keys_outlive_a_crash_as_hashes() -> None:
    """Another server, the same seat."""
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2), keyed=True)
    again = hall.restart()
    again.come_back(kari)
    again.settle()

    assert again.room().seats[KARI].away_until is None


def test_a_log_that_says_something_else_than_it_should_is_refused() -> None:
    """An entry under another's seq: rather no server than a wrong one."""
    log = MemoryLog()
    hall, _ = talking("Kari", "Ola", rules=rules(2), log=log)
    body = hall.entries()[-1].body
    main = RoomName("main")
    log.commit(batch_of([Entry(main, Seq(hall.room().seq + 1), body)]))

    with pytest.raises(DataCorrupt) as caught:
        hall.restart()
    assert str(caught.value) == f"Entry {hall.room().seq + 1} of room main says that it is {hall.room().seq}."


def test_a_log_of_no_events_is_refused() -> None:
    """Bytes that are none."""
    log, main = MemoryLog(), RoomName("main")
    log.commit(batch_of([Entry(main, Seq(1), b"{}")], [], [RoomMark(main, open=True)]))

    with pytest.raises((DataCorrupt, BadFrame)):
        memory_hall(rules(2), log=log)


def test_a_long_log_is_replayed_to_its_end() -> None:
    """Page by page."""
    hall, _ = talking("Kari", "Ola", rules=chat(2), keyed=True)
    for _ in range(2_500):
        hall.operate(HostSay("x"))
    hall.settle()
    again = hall.restart()

    assert again.room().seq == hall.room().seq + 2
    assert again.room().seats.keys() == hall.room().seats.keys()


# Stopping.


def test_stopping_may_keep_the_sittings() -> None:
    """The next start goes on with them."""
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2), keyed=True)
    hall.advance(10 * SECOND)
    kari.say("Hello")
    hall.hall.stop(close_sittings=False)
    assert kinds(hall.events())[-2:] == ["said", "floor_granted"]

    again = hall.restart(after_ms=60 * SECOND)
    assert again.events()[-1] == Reopened(turn=2, deadline=again.clock.now() + 30 * SECOND)


def test_stopping_may_close_the_sittings() -> None:
    """Everybody is told, and the next start gathers afresh."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2), keyed=True)
    idle = hall.enter("Kari", "lab")
    hall.settle()
    hall.hall.stop(close_sittings=True)

    for who in (kari, ola, idle):
        assert who.is_finished
        assert isinstance(who.events[-1], SittingClosed)
    again = hall.restart()
    assert again.hall.count("main") == (0, 2)
    assert again.hall.clerks == {}


def test_after_stopping_nothing_is_decided_and_nobody_comes_in() -> None:
    """Not by the clock either, which must not try for ever."""
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2))
    hall.hall.stop(close_sittings=False)
    before = hall.entries()

    assert why_not(hall, "Nina", "lab") is Reason.CLOSING
    with pytest.raises(Rejected) as caught:
        kari.say("Hello")
    assert caught.value.reason is Reason.CLOSING
    hall.advance(600 * SECOND)
    kari.hang_up()
    hall.settle()
    assert hall.entries() == before


def test_stopping_a_hall_without_rooms_is_nothing() -> None:
    """Nor is closing sittings where a room has none."""
    hall = memory_hall(rules(1))
    kari = hall.enter("Kari")
    hall.settle()
    kari.say("Hello")
    hall.settle()
    before = hall.entries()
    hall.hall.stop(close_sittings=True)

    assert hall.entries() == before


def test_the_epoch_is_the_logs() -> None:
    """So that a cursor of another log is known as such."""
    log = MemoryLog()

    assert memory_hall(rules(2), log=log, clock=FakeClock()).hall.epoch == log.epoch


def test_a_room_may_be_given_a_new_seed() -> None:
    """By whoever starts the hall."""
    hall = memory_hall(rules(1))
    hall.hall.rules = msgspec.structs.replace(rules(1), host="Batman")
    hall.operate(HostSay("Hello"))
    hall.settle()

    assert hall.events()[-1] == HostSaid("Batman", "Hello")


def test_rooms_that_nobody_could_open_do_not_use_up_the_rooms() -> None:
    """A name that cannot be seated loads the room it asks for; with many of them nobody else would find a room."""
    hall = memory_hall(max_rooms=2)
    for number in range(5):
        with pytest.raises(Rejected):
            hall.enter("host", room=f"room{number}")

    assert hall.enter("Kari", room="lab").name == "Kari"


def test_a_room_that_is_not_opened_yet_has_the_seats_that_it_will_have() -> None:
    """Who looks in before the first has come is told the truth."""
    hall = memory_hall(rules=rules(seats=2))

    assert hall.hall.room(RoomName("main")).settled.rules.seats == 2


def test_a_room_whose_mark_is_damaged_goes_on_when_somebody_comes() -> None:
    """It was not loaded at the start; its turn must not wait for ever."""
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2), keyed=True)
    hall.log.commit(Batch(marks=[RoomMark(RoomName("main"), open=False)]))
    again = hall.restart(after_ms=600 * SECOND)
    again.come_back(kari)
    again.settle()

    assert "reopened" in kinds(again.events())
    again.advance(30 * SECOND)
    assert "time_called" in kinds(again.events())


def test_the_operator_is_told_of_a_room_that_cannot_be_read() -> None:
    """And the server lives: one word of the console ends no sitting."""
    log = FailingLog()
    hall, _ = talking("Kari", "Ola", rules=rules(2), log=log)
    log.commit(batch_of([Entry(RoomName("lab"), Seq(1), b"{}")]))

    with pytest.raises(Rejected) as damaged:
        hall.operate(HostSay("Hello"), "lab")
    with log.unreadable(), pytest.raises(Rejected) as unreadable:
        hall.operate(HostSay("Hello"), "attic")

    assert damaged.value.reason is unreadable.value.reason is Reason.STORAGE
    assert hall.room().has_sitting


def test_a_room_may_be_opened_with_rules_of_its_own_which_hold_from_then_on() -> None:
    """Each sitting is opened by them, until the hall stops; other rooms are as they were."""
    hall = memory_hall(rules(seats=2))
    clerk, steps = hall.hall.open(RoomName("lab"), rules(seats=1))
    hall.settle()
    again = hall.hall.open(RoomName("LAB"), rules(seats=1))[1]
    hall.enter("Lars", "lab", answers=["Yes"])
    hall.settle()

    assert [type(event) for event, _ in steps] == [RoomOpened]
    assert again == []
    assert clerk.settled.sitting == 1
    assert (hall.hall.rules_of("Lab").seats, hall.hall.rules_of("main").seats) == (1, 2)
    assert hall.hall.opening(clerk.settled) == OpenRoom(rules(seats=1), clerk.settled.seed)


def test_a_hall_whose_rooms_are_named_opens_another_for_the_operator_alone() -> None:
    """Once it is open it is one of them."""
    hall = memory_hall(rules(), rooms=("main",))
    with pytest.raises(Rejected):
        hall.hall.room(RoomName("lab"))
    hall.hall.open(RoomName("lab"), rules())
    hall.settle()

    assert hall.hall.room(RoomName("lab")).name == "lab"


@pytest.mark.parametrize(("name", "reason"), [("any", Reason.BAD_NAME), ("Any", Reason.BAD_NAME)])
def test_no_room_is_called_any(name: str, reason: Reason) -> None:
    """It stands for all of them."""
    with pytest.raises(Rejected) as caught:
        memory_hall(rules()).hall.open(RoomName(name), rules())

    assert caught.value.reason is reason


def test_rules_that_could_not_be_stored_are_not_remembered() -> None:
    """The next to come opens the room as it was."""
    log = FailingLog()
    hall = memory_hall(rules(seats=2), log=log)
    with log.failing():
        hall.hall.open(RoomName("lab"), rules(seats=1))
        hall.settle()

    assert hall.hall.rules_of("lab").seats == 2


def test_what_can_be_looked_at_is_what_may_be_or_was() -> None:
    """Looking opens nothing, and leaves nothing behind."""
    hall = memory_hall(rules(), rooms=("main",)).hall

    assert hall.known() == ["main"]
    assert hall.look(RoomName("MAIN")).newest.seq == 0
    with pytest.raises(Rejected) as caught:
        hall.look(RoomName("lab"))
    assert (caught.value.reason, caught.value.about) == (Reason.NO_SUCH_ROOM, "lab")
    assert list(hall.clerks) == ["main"]
    assert hall.kept(RoomName("lab")) == (1, 0)


def test_without_named_rooms_the_main_one_can_be_looked_at() -> None:
    """A new hall does not look empty."""
    hall = memory_hall(rules()).hall

    assert hall.known() == ["main"]
    assert hall.look(RoomName("Main")).newest.seq == 0


def test_rooms_that_nobody_is_in_make_room_for_others() -> None:
    """Also those with a log, which was only looked into; what is known of them is known still."""
    hall = memory_hall(rules(seats=2))
    limits = hall.hall.limits
    hall.hall.limits = msgspec.structs.replace(limits, max_rooms=2)
    for name in ("one", "two"):
        hall.enter("Lars", name)
        hall.settle()
    hall.hall.command(RoomName("one"), CloseSitting())
    hall.settle()
    seq = hall.hall.kept(RoomName("one"))[1]
    hall.enter("Kari", "three")
    hall.settle()

    assert set(hall.hall.clerks) == {"two", "three"}
    assert set(hall.hall.known()) == {"main", "one", "two", "three"}
    assert hall.hall.kept(RoomName("ONE")) == (1, seq)
    with pytest.raises(Rejected):
        hall.hall.look(RoomName("one"))
    hall.hall.limits = limits
    assert hall.hall.look(RoomName("ONE")).settled.seq == seq
