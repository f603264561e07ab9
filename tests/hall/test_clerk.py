"""The clerk: settled and newest, keys that come and go with their seats, and a room that breaks off alone."""

from __future__ import annotations

import logging

import pytest

from moothall.engine import policies
from moothall.engine.commands import CloseRoom, CloseSitting, HostSay, QueueTopic, Remove
from moothall.engine.events import Left, TimeCalled
from moothall.engine.names import Name
from moothall.engine.room import Room
from moothall.engine.words import LeaveReason, PolicyName
from moothall.errors import Reason, Rejected
from moothall.hall.clerk import Clerk, key_digest
from moothall.hall.lobby import Wish
from moothall.log.room_log import KeyChange, RoomMark
from moothall.testing import FailingLog, MemoryHall, Participant, memory_hall
from tests.hall.house import SECOND, chat, kinds, log_lines, rules, talking

KARI, OLA = Name("Kari"), Name("Ola")


def clerk_of(hall: MemoryHall, room: str = "main") -> Clerk:
    return hall.hall.clerks[room]


def why_not(hall: MemoryHall, who: Participant, after: int | None = None) -> Reason | None:
    try:
        hall.come_back(who, after=after)
    except Rejected as refusal:
        return refusal.reason
    return None


# Settled and newest.


def test_a_command_is_decided_on_what_was_decided_before_it() -> None:
    """Two in one turn of the loop: the second meets the room that the first has made, not the committed one."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2))
    kari.say("Hello")
    clerk = clerk_of(hall)

    assert (clerk.newest.holder, clerk.settled.holder, clerk.is_dirty) == ("Ola", "Kari", True)
    ola.say("Hello")
    hall.settle()
    assert (clerk.newest, clerk.is_dirty) == (clerk.settled, False)
    assert clerk.settled.tally.said == 2
    assert clerk.published_seq == clerk.settled.seq


def test_a_moment_never_goes_back_in_a_room() -> None:
    """Even where the clock does, as over a restart: events are in the order of their times."""
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2))
    hall.advance(SECOND)
    kari.say("Hello")
    hall.settle()
    at = hall.room().at
    again = hall.restart(after_ms=-60 * SECOND)

    assert again.clock.now() < at
    assert again.room().at == at


def test_once_settled_is_now_where_nothing_is_decided() -> None:
    """A receipt for what is stored need not wait."""
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2))
    clerk = clerk_of(hall)
    told: list[str] = []

    clerk.once_settled(lambda: told.append("at once"), lambda: told.append("never"))
    kari.say("Hello")
    clerk.once_settled(lambda: told.append("later"), lambda: told.append("never"))
    assert told == ["at once"]
    hall.settle()
    assert told == ["at once", "later"]


def test_what_was_to_happen_once_settled_is_told_where_it_fails() -> None:
    """Either the one or the other, once."""
    log = FailingLog()
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2), log=log)
    told: list[str] = []
    with log.failing():
        kari.say("Hello")
        clerk_of(hall).once_settled(lambda: told.append("settled"), lambda: told.append("taken back"))
        hall.settle()
    hall.advance(SECOND)

    assert told == ["taken back"]


def test_a_sender_that_is_gone_is_told_nothing() -> None:
    """Its words were taken back, and there is nobody to tell."""
    log = FailingLog()
    hall, (kari, _) = talking("Kari", "Ola", rules=chat(2), log=log)
    with log.failing():
        kari.say("Hello")
        kari.hang_up()
        hall.settle()

    assert kari.refusals == []


def test_a_command_that_changes_nothing_has_no_sender_to_tell() -> None:
    """The same words under the same cid are in the log already, whatever fails afterwards."""
    log = FailingLog()
    hall, (kari, ola) = talking("Kari", "Ola", rules=chat(2), log=log)
    kari.say("Hello", cid="c1")
    hall.settle()
    with log.failing():
        kari.say("Hello", cid="c1")
        ola.say("Hi")
        hall.settle()

    assert (kari.refusals, ola.refusals) == ([], [Reason.STORAGE])


# What is committed with the events.


def test_a_room_is_marked_while_its_sitting_is_open() -> None:
    """So that a start loads the rooms that somebody is in, and no others."""
    log = FailingLog()
    hall, (kari,) = talking("Kari", rules=rules(1), log=log)
    assert [batch.marks for batch in log.batches] == [[RoomMark(clerk_of(hall).name, open=True)]]
    kari.say("Hello")
    hall.settle()

    assert log.batches[-1].marks == [RoomMark(clerk_of(hall).name, open=False)]
    assert [summary.open for summary in log.rooms()] == [False]


def test_a_key_is_stored_with_its_seat_and_as_a_hash() -> None:
    """Whoever reads the data cannot sit down on anybody's seat."""
    log = FailingLog()
    hall, (kari,) = talking("Kari", rules=rules(2), log=log, keyed=True)

    assert kari.key == "k_1"
    assert log.batches[0].keys == [KeyChange(clerk_of(hall).name, KARI, key_digest("k_1"))]
    assert "seated" in str(log.batches[0].runs[clerk_of(hall).name].body.split(b"\n")[-1])
    assert clerk_of(hall).opens_with(KARI, "k_1")
    assert not clerk_of(hall).opens_with(KARI, "k_2")
    assert not clerk_of(hall).opens_with(OLA, "k_1")


def test_a_key_goes_with_its_seat() -> None:
    """Left, removed, or the sitting closed: afterwards the key opens nothing."""
    for end in ("leave", "remove", "close"):
        hall, (kari, ola) = talking("Kari", "Ola", rules=rules(3), keyed=True)
        match end:
            case "leave":
                kari.leave()
            case "remove":
                hall.operate(Remove(KARI))
            case "close":
                hall.operate(CloseSitting())
        hall.settle()

        assert not clerk_of(hall).opens_with(KARI, "k_1")
        assert KARI not in hall.log.held(clerk_of(hall).name).keys
        assert why_not(hall, kari) is Reason.KEY_UNKNOWN
        assert (why_not(hall, ola) is None) is (end != "close")


def test_a_key_whose_seat_was_taken_back_opens_nothing() -> None:
    """It was never handed to anybody."""
    log = FailingLog()
    hall = memory_hall(rules(2), log=log)
    with log.failing():
        kari = hall.enter("Kari", keyed=True)
        hall.settle()
    hall.advance(SECOND)
    hall.enter("Kari", keyed=True)
    hall.settle()

    assert kari.key is None
    assert not clerk_of(hall).opens_with(KARI, "k_1")
    assert clerk_of(hall).opens_with(KARI, "k_2")


# One name, two owners, one batch.


@pytest.mark.parametrize("keyed", [False, True])
def test_a_seat_that_is_left_and_taken_in_one_batch_is_the_new_owners(keyed: bool) -> None:
    """The old visit ends at its `left`, the new one does not; the new key opens it."""
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(3), keyed=keyed)
    kari.leave()
    again = hall.enter("Kari", keyed=keyed)
    hall.settle()

    assert kari.is_finished
    assert kinds(kari.events)[-1] == "left"
    assert not again.is_finished
    assert kinds(again.events)[-2:] == ["left", "seated"]
    if keyed:
        assert hall.log.held(clerk_of(hall).name).keys[KARI] == key_digest("k_3")
        assert clerk_of(hall).opens_with(KARI, "k_3")
    again.leave()
    hall.settle()
    assert again.is_finished


def test_who_reads_all_from_the_beginning_is_not_ended_by_a_sitting_before_theirs() -> None:
    """The last word of one sitting and a join for the next may be committed together."""
    hall, (kari,) = talking("Kari", rules=rules(1))
    kari.say("Hello")
    ola = hall.admit(Wish(room="main", name="Ola", keyed=True, after=0))
    hall.settle()

    assert kari.is_finished
    assert not ola.is_finished
    assert ola.received == log_lines(hall)
    assert hall.room().holder == "Ola"
    assert clerk_of(hall).opens_with(OLA, ola.key or "")


def test_a_key_of_the_next_sitting_outlives_the_close_of_the_one_before() -> None:
    """Also where it is the same name, and the same batch."""
    hall, (kari,) = talking("Kari", rules=rules(1), keyed=True)
    kari.say("Hello")
    again = hall.enter("Kari", keyed=True)
    hall.settle()

    assert again.key == "k_2"
    assert clerk_of(hall).opens_with(KARI, "k_2")
    assert hall.log.held(clerk_of(hall).name).keys == {KARI: key_digest("k_2")}


def test_who_is_removed_in_the_batch_that_seats_them_is_gone() -> None:
    """A visit that begins and ends with one commit."""
    hall = memory_hall(rules(2))
    kari = hall.enter("Kari")
    hall.operate(Remove(KARI))
    hall.settle()

    assert kari.is_finished
    assert kinds(hall.events()) == ["room_opened", "sitting_opened", "seated", "removed", "sitting_closed"]
    assert clerk_of(hall).visits == {}


def test_who_comes_in_while_the_operator_ends_the_sitting_is_told_so() -> None:
    """Join, end and another join, all in one turn of the loop: the first is out, the second in."""
    hall = memory_hall(rules(2))
    kari = hall.enter("Kari")
    hall.operate(CloseSitting())
    ola = hall.enter("Ola")
    hall.settle()

    assert kari.is_finished
    assert kinds(kari.events) == ["sitting_opened", "seated", "sitting_closed"]
    assert not ola.is_finished
    assert list(hall.room().seats) == ["Ola"]


# Deadlines.


def test_a_turn_runs_out_at_its_deadline() -> None:
    """Not a millisecond before it, and the next has its whole time."""
    hall, (_, ola) = talking("Kari", "Ola", rules=rules(2, turn_seconds=30))
    hall.advance(30 * SECOND - 1)
    assert hall.room().holder == "Kari"
    hall.advance(1)

    assert TimeCalled(KARI, 1, 1) in ola.events
    assert hall.room().holder == "Ola"
    hall.advance(30 * SECOND - 1)
    assert hall.room().has_sitting


def test_a_held_seat_runs_out_beside_the_turns() -> None:
    """One alarm a room, for whatever is due next."""
    hall, (_, ola, _) = talking("Kari", "Ola", "Nina", rules=rules(3, turn_seconds=0), keyed=True)
    ola.hang_up()
    hall.advance(30 * SECOND - 1)
    assert "Ola" in hall.room().seats
    hall.advance(1)

    assert Left(OLA, LeaveReason.AWAY) in hall.events()


def test_a_turn_without_a_deadline_lasts() -> None:
    """Zero seconds are for ever."""
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2, turn_seconds=0))
    hall.advance(24 * 3_600 * SECOND)

    kari.say("Hello")


# A bug in the rules.


def broken(_room: Room) -> tuple[Name, ...]:
    raise ZeroDivisionError("planted")


def test_a_bug_in_the_rules_ends_that_room_and_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its people are told, its past is in the log, the traceback is for who runs the server; the hall lives."""
    hall = memory_hall(rules(3))
    crowd = [hall.enter(name) for name in ("Kari", "Ola", "Nina")]
    others = [hall.enter(name, "lab") for name in ("Kari", "Ola", "Nina")]
    watcher = hall.enter("", watch=True)
    hall.settle()
    before = hall.entries()
    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setitem(policies._POLICIES, PolicyName.ROUND_ROBIN, broken)
        with pytest.raises(Rejected) as caught:
            crowd[0].say("Hello")
    hall.settle()

    assert caught.value.reason is Reason.CLOSING
    assert [(who.refusals, who.is_finished) for who in (*crowd, watcher)] == [([Reason.CLOSING], True)] * 4
    assert caplog.records[0].message == "room broken off room=main command=Say"
    assert "planted" in (caplog.text)
    assert hall.entries() == before
    others[0].say("Hello")
    hall.settle()
    assert hall.room("lab").holder == "Ola"


def test_a_room_that_broke_off_lets_nobody_in_and_calls_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its deadline comes and goes; a clock that kept trying would never get on."""
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2))
    with monkeypatch.context() as patch:
        patch.setitem(policies._POLICIES, PolicyName.ROUND_ROBIN, broken)
        with pytest.raises(Rejected):
            kari.say("Hello")
    hall.settle()
    before = hall.entries()
    hall.advance(120 * SECOND)

    assert hall.entries() == before
    for wish in (Wish(room="main", name="Per"), Wish(room="main", watch=True)):
        with pytest.raises(Rejected) as caught:
            hall.admit(wish)
        assert caught.value.reason is Reason.CLOSING
    with pytest.raises(Rejected):
        hall.operate(HostSay("Hello"))


def test_a_bug_that_the_clock_meets_ends_that_room_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has asked for anything: a deadline came."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2))
    monkeypatch.setitem(policies._POLICIES, PolicyName.ROUND_ROBIN, broken)
    hall.advance(120 * SECOND)

    assert (kari.is_finished, ola.is_finished) == (True, True)
    assert hall.clock.next_moment is None


def test_who_comes_in_with_the_batch_in_which_a_room_breaks_off_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are seated, for the log has it; and they do not sit there for ever."""
    hall = memory_hall(rules(2))
    kari = hall.enter("Kari")
    monkeypatch.setitem(policies._POLICIES, PolicyName.ROUND_ROBIN, broken)
    with pytest.raises(Rejected):
        hall.enter("Ola")
    hall.settle()

    assert (kari.refusals, kari.is_finished) == ([Reason.CLOSING], True)
    assert list(hall.room().seats) == ["Kari"]


def test_a_room_that_broke_off_goes_on_after_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bug may be mended by then; the log is whole."""
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2), keyed=True)
    with monkeypatch.context() as patch:
        patch.setitem(policies._POLICIES, PolicyName.ROUND_ROBIN, broken)
        with pytest.raises(Rejected):
            kari.say("Hello")
    again = hall.restart()
    back = again.come_back(kari)
    again.settle()
    back.say("Hello")
    again.settle()

    assert again.room().holder == "Ola"


def test_what_nobody_asked_for_may_be_rejected_quietly(caplog: pytest.LogCaptureFixture) -> None:
    """A connection's end, a retry: where they come too late they had nothing to change any more."""
    hall, _ = talking("Kari", "Ola", rules=rules(2))
    with caplog.at_level(logging.DEBUG, logger="moothall.hall.clerk"):
        clerk_of(hall).submit_if_possible(QueueTopic(" "))

    assert caplog.messages == ["command without sender rejected room=main reason=bad_value"]


def test_a_room_that_is_closed_sends_everybody_home() -> None:
    """Spectators too."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2))
    watcher = hall.enter("", watch=True)
    hall.settle()
    hall.operate(CloseRoom())
    hall.settle()

    assert kinds(kari.events)[-1] == kinds(ola.events)[-1] == "sitting_closed"
    assert all(who.is_finished for who in (kari, ola, watcher))
    assert kinds(hall.events())[-1] == "room_closed"
