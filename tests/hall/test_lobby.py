"""The lobby: who comes in, where their reading starts, and how they come back."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from moothall.engine.commands import Remove, Start
from moothall.engine.events import CameBack, RoomOpened
from moothall.engine.names import Name, RoomName, Seq
from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards
from moothall.errors import Reason, Rejected
from moothall.hall.lobby import Arrival, Place, Wish
from moothall.log.memory import MemoryLog
from moothall.log.room_log import Entry
from moothall.testing import FailingLog, MemoryHall, Participant, memory_hall
from moothall.wire.json_lines import JSON_LINES, decode_event
from moothall.wire.text import TEXT
from tests.hall.house import SECOND, chat, kinds, log_lines, rules, talking
from tests.log.disk import batch_of

KARI = Name("Kari")


def why_not(hall: MemoryHall, wish: Wish) -> Reason:
    with pytest.raises(Rejected) as caught:
        hall.admit(wish)
    return caught.value.reason


def first_seq(who: Participant) -> int:
    return decode_event(who.lines[0].encode())[1].seq


def arrival(who: Participant) -> tuple[Arrival, int]:
    assert who.welcome is not None
    return who.welcome.arrival, who.welcome.after


# Coming in.


def test_who_comes_in_is_seated_once_it_is_committed() -> None:
    """Before that they are nobody's visit."""
    hall = memory_hall(rules(2))
    kari = hall.enter("Kari", keyed=True)
    with pytest.raises(LookupError):
        kari.say("Hello")
    hall.settle()

    assert kari.welcome is not None
    assert (kari.welcome.arrival, kari.welcome.room.seats[KARI].number, kari.key) == (Arrival.JOINED, 1, "k_1")
    assert kari.welcome.epoch == hall.hall.epoch
    assert kinds(hall.events()) == ["room_opened", "sitting_opened", "seated"]


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (Wish(room="main", name=""), Reason.BAD_NAME),
        (Wish(room="main", name="Ka:ri"), Reason.BAD_NAME),
        (Wish(room="", name="Per"), Reason.BAD_NAME),
        (Wish(room="main", name="KARI"), Reason.NAME_TAKEN),
        (Wish(room="main", name="host"), Reason.NAME_TAKEN),
        (Wish(room="main", name="You"), Reason.NAME_TAKEN),
        (Wish(room="main", name="Per", about="x" * 201), Reason.BAD_VALUE),
        (Wish(room="full", name="Per"), Reason.ROOM_FULL),
        (Wish(room="main", name="Per", key="k_1"), Reason.KEY_UNKNOWN),
    ],
)
def test_who_may_not_come_in_is_told_at_once(wish: Wish, reason: Reason) -> None:
    """And the room is as it was."""
    hall = memory_hall(rules(3))
    hall.enter("Kari")
    for name in ("Kari", "Ola", "Nina"):
        hall.enter(name, "full")
    hall.settle()
    before = hall.entries(), hall.entries("full")

    assert why_not(hall, wish) is reason
    hall.settle()
    assert (hall.entries(), hall.entries("full")) == before


def test_a_room_is_the_same_however_its_name_is_spelled() -> None:
    """By case at least."""
    hall = memory_hall(rules(2))
    hall.enter("Kari", "Lab")
    hall.enter("Ola", "lab")
    hall.settle()

    assert set(hall.room("LAB").seats) == {"Kari", "Ola"}
    assert kinds(hall.events("lab")) == []
    assert len(hall.events("Lab")) > 0


# Where reading starts.


def test_who_comes_late_reads_from_the_opening_of_the_sitting() -> None:
    """What was before is over; what belongs to this sitting they should know."""
    hall, (kari,) = talking("Kari", rules=rules(1))
    kari.say("Hello")
    hall.settle()
    hall.hall.rules = rules(3)
    hall.enter("Ola")
    hall.settle()
    nina, watcher = hall.enter("Nina"), hall.enter("", watch=True)
    hall.settle()

    opening = hall.room().sitting_seq
    assert kinds(nina.events)[0] == "sitting_opened"
    assert first_seq(nina) == first_seq(watcher) == opening
    assert nina.received == watcher.received == log_lines(hall, after=opening - 1)


@pytest.mark.parametrize("watch", [False, True])
def test_one_may_read_from_any_event(watch: bool) -> None:
    """0 is all that is kept; a seq that is not there yet is the end."""
    hall, (kari,) = talking("Kari", rules=rules(1))
    kari.say("Hello")
    hall.settle()
    hall.hall.rules = chat(9)
    hall.enter("Ola")
    hall.settle()
    seq = hall.room().seq

    for number, after in enumerate((0, 1, 5, seq)):
        who = hall.admit(Wish(room="main", name=f"Per {number}", watch=watch, after=after))
        hall.settle()
        assert who.received == log_lines(hall, after=after)
    ahead = hall.admit(Wish(room="main", name="Nina", watch=watch, after=10**9))
    hall.settle()
    assert ahead.received == b""


def test_a_person_reads_from_their_own_seat_on() -> None:
    """The text door's welcome says the rest in one line."""
    hall, _ = talking("Kari", "Ola", rules=chat(3), dialect=TEXT)
    nina = hall.admit(Wish(room="main", name="Nina", from_own_seat=True), dialect=TEXT)
    hall.settle()

    assert nina.lines[0] == "* You are Nina, seat 3. 3/3 here. /help lists what you can type."


def test_two_who_come_in_together_both_read_from_the_opening() -> None:
    """One batch, two visits."""
    hall = memory_hall(rules(2))
    kari, ola = hall.enter("Kari"), hall.enter("Ola")
    hall.settle()

    assert kari.received == ola.received == log_lines(hall, after=1)


def test_a_spectator_of_a_room_between_two_sittings_waits_for_the_next() -> None:
    """There is nothing to read yet."""
    hall, (kari,) = talking("Kari", rules=rules(1))
    kari.say("Hello")
    hall.settle()
    watcher = hall.enter("", watch=True)
    hall.settle()
    assert watcher.received == b""
    hall.enter("Ola")
    hall.settle()

    assert kinds(watcher.events)[0] == "sitting_opened"


def test_spectators_have_no_seat_and_there_is_a_limit_to_them() -> None:
    """They may be many, but not without end."""
    hall = memory_hall(rules(2), max_spectators=2)
    watchers = [hall.enter("", watch=True) for _ in range(2)]
    hall.settle()

    assert why_not(hall, Wish(room="main", watch=True)) is Reason.ROOM_FULL
    assert hall.hall.watching(hall.hall.clerks["main"]) == 2
    assert watchers[0].visit.name is None
    watchers[0].leave()
    hall.enter("", watch=True)
    assert watchers[0].is_finished


# Coming back.


def lost() -> tuple[MemoryHall, Participant, Participant]:
    """Return a hall in which Kari, who has the floor, has lost her connection ten seconds ago."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2, rounds=2), keyed=True)
    kari.hang_up()
    hall.advance(10 * SECOND)
    return hall, kari, ola


def test_one_comes_back_to_the_same_seat_and_the_same_turn() -> None:
    """With the same time left, and nothing lost or doubled."""
    hall, kari, ola = lost()
    deadline = hall.room().turns[0].deadline
    back = hall.come_back(kari)
    hall.settle()

    assert arrival(back) == (Arrival.RESUMED, kari.visit.cursor.seq)
    assert kari.received + back.received == ola.received
    assert hall.events()[-1] == CameBack(KARI)
    assert hall.room().turns[0].deadline == deadline
    assert hall.room().seats[KARI].number == 1
    back.say("Hello")
    hall.settle()
    assert hall.room().holder == "Ola"


def test_the_key_opens_the_seat_however_the_name_is_spelled() -> None:
    """Names are the same by case."""
    hall, kari, _ = lost()
    back = hall.admit(
        Wish(room="main", name="kari", keyed=True, key=kari.key, epoch=hall.hall.epoch, after=kari.visit.cursor.seq)
    )
    hall.settle()

    assert back.visit.name == KARI


def test_another_key_opens_nothing() -> None:
    """Not the neighbour's either."""
    hall, _, ola = lost()
    for key in ("", "k_99", ola.key):
        assert why_not(hall, Wish(room="main", name="Kari", key=key, after=0)) is Reason.KEY_UNKNOWN


def test_a_seat_that_ran_out_cannot_be_come_back_to() -> None:
    """Thirty seconds it was held."""
    hall, kari, _ = lost()
    hall.advance(20 * SECOND)

    assert why_not(hall, Wish(room="main", name="Kari", key=kari.key, after=0)) is Reason.KEY_UNKNOWN


def test_after_the_sitting_no_key_opens_anything() -> None:
    """`sitting_closed` empties the seats."""
    hall, kari, _ = lost()
    hall.advance(600 * SECOND)

    assert not hall.room().has_sitting
    assert why_not(hall, Wish(room="main", name="Kari", key=kari.key, after=0)) is Reason.KEY_UNKNOWN


@pytest.mark.parametrize("case", ["other epoch", "no epoch", "no cursor"])
def test_a_cursor_that_means_nothing_here_is_reset(case: str) -> None:
    """The seat is kept; what can't be vouched for is read again from the opening of the sitting."""
    hall, kari, ola = lost()
    wish = Wish(room="main", name="Kari", keyed=True, key=kari.key, epoch=hall.hall.epoch, after=7)
    match case:
        case "other epoch":
            wish = replace(wish, epoch="e_other")
        case "no epoch":
            wish = replace(wish, epoch=None)
        case "no cursor":
            wish = replace(wish, after=None)
    back = hall.admit(wish)
    hall.settle()

    assert arrival(back) == (Arrival.RESET, hall.room().sitting_seq - 1)
    assert back.received == ola.received
    assert hall.room().seats[KARI].away_until is None


def test_a_cursor_far_ahead_is_reset() -> None:
    """It is from another log, whatever it says of its epoch."""
    hall, kari, ola = lost()
    back = hall.come_back(kari, after=10**9)
    hall.settle()

    assert arrival(back) == (Arrival.RESET, 1)
    assert back.received == ola.received


def test_a_spectator_comes_back_with_a_cursor_alone() -> None:
    """There is no seat and no key."""
    hall, (kari, _) = talking("Kari", "Ola", rules=chat(2))
    watcher = hall.enter("", watch=True)
    hall.settle()
    watcher.hang_up()
    kari.say("Hello")
    hall.settle()
    cursor = watcher.visit.cursor.seq
    back = hall.admit(Wish(room="main", watch=True, epoch=hall.hall.epoch, after=cursor))
    other = hall.admit(Wish(room="main", watch=True, epoch="e_other", after=cursor))
    hall.settle()

    assert arrival(back) == (Arrival.RESUMED, cursor)
    assert watcher.received + back.received == log_lines(hall, after=1)
    assert arrival(other)[0] is Arrival.RESET
    assert other.received == log_lines(hall, after=1)


def test_a_key_used_on_a_live_seat_closes_the_old_connection() -> None:
    """A client knows that its line is dead before the server does; nobody else learns of it."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2), keyed=True)
    before = hall.entries()
    back = hall.come_back(kari)
    hall.settle()

    assert (kari.refusals, kari.is_finished, kari.visit.is_over) == ([Reason.TAKEN_OVER], True, True)
    assert hall.entries() == before
    kari.hang_up()
    hall.settle()
    assert hall.entries() == before
    back.say("Hello")
    hall.settle()
    assert hall.room().holder == "Ola"
    hall.advance(SECOND)
    assert kari.received + back.received == ola.received


def test_who_comes_back_in_the_turn_in_which_the_old_line_is_found_dead_keeps_the_seat() -> None:
    """The room has something else to commit meanwhile, and both come before that."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=chat(2), keyed=True)
    ola.say("Hello")
    back = hall.come_back(kari)
    kari.hang_up()
    hall.settle()

    assert hall.room().seats[KARI].away_until is None
    assert not back.visit.is_over
    back.say("Hello")


def test_who_comes_back_keeps_the_seat_though_another_came_back_too_and_was_lost() -> None:
    """All in one batch, after which nobody but the first is there: they are in, and not given up as away."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=chat(2), keyed=True)
    kari.hang_up()
    back, other = hall.come_back(kari), hall.come_back(kari)
    other.hang_up()
    hall.settle()

    assert (back.refusals, back.visit.is_over, other.visit.is_over) == ([], False, True)
    assert hall.hall.room(RoomName("main")).visits == {KARI: back.visit, Name("Ola"): ola.visit}
    assert hall.room().seats[KARI].away_until is None
    hall.advance(60 * SECOND)
    assert KARI in hall.room().seats


def test_who_comes_back_again_is_told_when_the_seat_is_gone() -> None:
    """Nobody is left waiting for an answer."""
    hall, (kari, _) = talking("Kari", "Ola", rules=chat(2), keyed=True)
    kari.hang_up()
    back, other = hall.come_back(kari), hall.come_back(kari)
    other.hang_up()
    hall.clock.soon(lambda: hall.operate(Remove(KARI)))  # after the commit, and before the other way in
    hall.settle()

    assert back.is_refused
    assert KARI not in hall.room().seats


def test_of_two_who_come_back_in_one_batch_neither_is_in_before_it_is_stored() -> None:
    """Then the later has the seat; where it cannot be stored, nobody."""
    log = FailingLog()
    hall, (kari, _) = talking("Kari", "Ola", rules=chat(2), keyed=True, log=log)
    kari.hang_up()
    hall.settle()
    with log.failing():
        tries = hall.come_back(kari), hall.come_back(kari)
        hall.settle()
    assert all(who.is_refused and who.welcome is None for who in tries)

    hall.advance(SECOND)
    back, other = hall.come_back(kari), hall.come_back(kari)
    hall.settle()
    assert (back.refusals, other.refusals) == ([Reason.TAKEN_OVER], [])
    assert hall.hall.room(RoomName("main")).visits[KARI] is other.visit


def test_coming_back_waits_for_its_commit() -> None:
    """Where that fails the seat stays held, and the next try may do."""
    log = FailingLog()
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2), keyed=True, log=log)
    kari.hang_up()
    hall.settle()
    with log.failing():
        back = hall.come_back(kari)
        hall.settle()
    assert back.is_refused
    hall.advance(SECOND)
    assert hall.room().seats[KARI].away_until is not None

    again = hall.come_back(kari)
    hall.settle()
    assert again.welcome is not None
    assert hall.room().seats[KARI].away_until is None


def test_who_comes_back_to_a_seat_that_is_given_up_in_the_same_batch_is_turned_away() -> None:
    """By the operator, or by the sitting's end; also where somebody else has the name by then."""
    for taken_again in (False, True):
        hall, kari, _ = lost()
        back = hall.come_back(kari)
        hall.operate(Remove(KARI))
        other = hall.enter("Kari", keyed=True) if taken_again else None
        hall.settle()

        assert back.is_refused
        assert other is None or other.welcome is not None


def test_a_connection_lost_before_its_join_was_committed_gives_the_seat_up() -> None:
    """It is in the log that they came, and that they went."""
    hall = memory_hall(rules(2))
    kari = hall.enter("Kari")
    kari.hang_up()
    hall.settle()

    assert kinds(hall.events())[-3:] == ["seated", "left", "sitting_closed"]
    assert kari.writes == []


def test_a_keyed_connection_lost_before_its_join_was_committed_is_away() -> None:
    """It has no key to come back with, so the seat is free again after a while."""
    hall = memory_hall(rules(2))
    kari = hall.enter("Kari", keyed=True)
    kari.hang_up()
    hall.settle()
    assert kinds(hall.events())[-2:] == ["seated", "went_away"]
    hall.advance(30 * SECOND)

    assert not hall.room().has_sitting


# The rules of a room.


def opened_with(hall: MemoryHall) -> list[int]:
    return [event.rules.seats for event in hall.events() if isinstance(event, RoomOpened)]


def test_other_rules_hold_from_the_next_sitting_on() -> None:
    """Nobody who sits in a room has them changed under them."""
    hall, (kari, ola) = talking("Kari", "Ola", rules=rules(2))
    hall.hall.rules = rules(1)
    kari.say("Hello")
    hall.settle()
    assert opened_with(hall) == [2]
    ola.say("Hello")
    hall.settle()
    hall.enter("Nina")
    hall.settle()

    assert opened_with(hall) == [2, 1]
    assert hall.room().holder == "Nina"


def test_the_same_rules_are_not_said_again() -> None:
    """A room is opened once, and a seed it has it keeps."""
    hall, (kari,) = talking("Kari", rules=rules(1))
    kari.say("Hello")
    hall.settle()
    hall.enter("Ola")
    hall.settle()

    assert opened_with(hall) == [1]


def test_a_room_that_rests_is_between_no_sittings() -> None:
    """Everybody keeps the seat, and the rules."""
    hall, (kari,) = talking("Kari", rules=rules(1, afterwards=Afterwards.STAY))
    kari.say("Hello")
    hall.settle()
    hall.hall.rules = Rules(seats=2)

    assert why_not(hall, Wish(room="main", name="Ola")) is Reason.ROOM_FULL
    assert opened_with(hall) == [1]


def test_a_room_whose_log_cannot_be_read_refuses_who_comes() -> None:
    """One damaged room is no reason to break anybody's connection."""
    log = MemoryLog()
    log.commit(batch_of([Entry(RoomName("lab"), Seq(1), b'{"event":"nonsense"}')]))
    hall = memory_hall(log=log)

    with pytest.raises(Rejected) as caught:
        hall.enter("Kari", "lab")

    assert caught.value.reason is Reason.STORAGE
    assert hall.enter("Kari", "main").name == "Kari"


# Any room, and waiting for a seat.


def test_any_is_the_fullest_room_that_gathers() -> None:
    """So that each begins as soon as it can; one that is full is none."""
    hall = memory_hall(rules(2), rooms=("one", "two", "three"))
    hall.enter("Ola", "two")
    hall.settle()
    came = [hall.enter(name, "any") for name in ("Kari", "Lars", "Nina", "Ida", "Eva")]
    hall.settle()

    assert [who.room.name for who in came] == ["two", "one", "one", "three", "three"]
    assert why_not(hall, Wish(room="Any", name="Jon")) is Reason.ROOM_FULL


def test_any_leaves_kept_seats_alone() -> None:
    """But for whom they are kept."""
    hall = memory_hall(replace(rules(2), reserve=("Kari",)), rooms=("one", "two"))
    came = [hall.enter(name, "any") for name in ("Ola", "Nina", "Kari")]
    hall.settle()

    assert [who.room.name for who in came] == ["one", "two", "one"]


def test_without_rooms_of_its_own_any_is_the_usual_one() -> None:
    """Or one that is open."""
    hall = memory_hall(rules(2))
    first = hall.enter("Kari", "any")
    hall.settle()
    lab = hall.enter("Ola", "lab")
    hall.settle()

    assert (first.room.name, lab.room.name) == ("main", "lab")


def test_who_waits_comes_in_when_the_sitting_is_over() -> None:
    """As if they had joined just then."""
    hall, (kari, _) = talking("Kari", "Ola", rules=rules(2))
    wishes = [Wish(room="main", name=name, wait=True) for name in ("Nina", "Ida")]
    waiting = [hall.admit(wish) for wish in wishes]
    hall.settle()
    assert [who.welcome for who in waiting] == [None, None]
    kari.say("Yes")
    hall.settle()
    hall.advance(30 * SECOND)

    assert [str(who.welcome and who.welcome.arrival) for who in waiting] == ["joined", "joined"]
    assert hall.room().seats.keys() == {"Nina", "Ida"}
    assert hall.room().sitting == 2


def test_who_waits_takes_the_seat_of_one_who_leaves() -> None:
    """In the middle of the sitting, for the next round."""
    hall, (_, ola) = talking("Kari", "Ola", rules=rules(2))
    nina = hall.admit(Wish(room="main", name="Nina", wait=True))
    ola.leave()
    hall.settle()

    assert nina.welcome is not None
    assert hall.room().seats.keys() == {"Kari", "Nina"}


def test_who_hangs_up_waits_no_longer() -> None:
    """The next in line is served."""
    hall, (_, ola) = talking("Kari", "Ola", rules=rules(2))
    nina, ida = (hall.admit(Wish(room="main", name=name, wait=True)) for name in ("Nina", "Ida"))
    assert hall.hall.lobby.stop_waiting(nina)
    assert not hall.hall.lobby.stop_waiting(nina)
    ola.leave()
    hall.settle()

    assert (nina.welcome, ida.welcome is not None) == (None, True)


def test_who_waits_under_a_name_that_was_taken_meanwhile_is_told() -> None:
    """It is somebody's in the room that has a seat; the next in line is served."""
    hall = memory_hall(rules(2), rooms=("one", "two"))
    _, _, _, ola = [
        hall.enter(name, room) for room, name in (("one", "Eva"), ("one", "Jon"), ("two", "Kari"), ("two", "Ola"))
    ]
    hall.settle()
    again = hall.admit(Wish(room="any", name="KARI", wait=True))
    ida = hall.admit(Wish(room="any", name="Ida", wait=True))
    ola.leave()
    hall.settle()

    assert (again.is_refused, ida.welcome is not None) == (True, True)


def test_the_line_is_told_with_ones_place_in_it() -> None:
    """So that a door can say it."""
    hall, _ = talking("Kari", "Ola", rules=rules(2))
    places = []
    for name in ("Nina", "Ida"):
        who = Participant(hall, name, JSON_LINES, None, None, b"")
        wish = Wish(room="MAIN", name=name, wait=True)
        places.append(hall.hall.lobby.enter(wish, who, JSON_LINES, who.let_in, who.turn_away))

    assert places == [Place(RoomName("main"), 1), Place(RoomName("main"), 2)]


def test_a_kept_seat_is_taken_past_the_line() -> None:
    """It is nobody else's: who waits in front could not have it."""
    hall = memory_hall(replace(rules(2), reserve=("Alice",)))
    hall.enter("Kari")
    ola = hall.admit(Wish(room="main", name="Ola", wait=True))
    alice = hall.admit(Wish(room="main", name="alice", wait=True))
    hall.settle()

    assert (ola.welcome, alice.welcome is not None) == (None, True)
    assert hall.room().topic is not None


def test_who_waits_is_let_in_when_seats_are_kept_no_longer() -> None:
    """Before anybody who comes later."""
    hall = memory_hall(replace(rules(2), reserve=("Alice",)))
    hall.enter("Kari")
    ola = hall.admit(Wish(room="main", name="Ola", wait=True))
    hall.settle()
    assert why_not(hall, Wish(room="main", name="New")) is Reason.ROOM_FULL
    hall.operate(Start())
    hall.settle()

    assert ola.welcome is not None


def test_who_waits_for_any_room_takes_the_first_seat_that_is_free() -> None:
    """Wherever it is."""
    hall = memory_hall(rules(1), rooms=("one", "two"))
    hall.enter("Kari", "one")
    ola = hall.enter("Ola", "two")
    hall.settle()
    nina = hall.admit(Wish(room="any", name="Nina", wait=True))
    ola.leave()
    hall.settle()

    assert nina.welcome is not None
    assert nina.room.name == "two"


@pytest.mark.parametrize(
    ("name", "reason"), [("x:y", Reason.BAD_NAME), ("Host", Reason.NAME_TAKEN), ("nina", Reason.NAME_TAKEN)]
)
def test_nobody_waits_under_a_name_that_cannot_be(name: str, reason: Reason) -> None:
    """They would be told only when it is their turn."""
    hall, _ = talking("Kari", "Ola", rules=rules(2))
    hall.admit(Wish(room="main", name="Nina", wait=True))

    assert why_not(hall, Wish(room="main", name=name, wait=True)) is reason


def test_a_key_opens_nothing_in_any_room() -> None:
    """And no room of that name comes to be."""
    hall = memory_hall(rules(2))

    assert why_not(hall, Wish(room="any", name="Kari", key="k_1")) is Reason.KEY_UNKNOWN
    assert list(hall.hall.clerks) == []
