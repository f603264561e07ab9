"""How a room gathers: who may sit, when it is short, and when it begins to talk."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from moothall.engine.commands import CallTime, CloseSitting, GoAway, Join, Leave, Pause, Reopen, Start, Unpause
from moothall.engine.deadlines import next_deadline
from moothall.engine.decide import decide
from moothall.engine.events import (
    Event,
    FillAsked,
    FloorGranted,
    GatheringReopened,
    RoundOpened,
    Seated,
    SittingClosed,
    SittingOpened,
    SittingStarted,
    TopicOpened,
)
from moothall.engine.gathering import FILL_MS, is_kept_from, may_start
from moothall.engine.names import Name
from moothall.engine.room import Phase, Room
from moothall.engine.words import Afterwards, Kind, SittingEnd, StartReason, WhenShort
from moothall.errors import Reason
from tests.engine.past import HUG, KARI, LARS, NINA, NOON, OLA, SECOND, a_room, gathering, play, refusal

MINUTE = 60 * SECOND
SHORT = NOON + MINUTE


def short(word: WhenShort, *names: Name) -> Room:
    """Return a room of four that has a minute, and that these have joined, with keys."""
    return gathering(*names, rules=replace(HUG, gather_seconds=60, when_short=word), keyed=names)


def begun(reason: StartReason, *names: Name, at: int) -> list[Event]:
    """Return how a short room begins to talk."""
    return [
        SittingStarted(reason),
        TopicOpened("hug", "Host", "Do you want to hug?"),
        RoundOpened(1, 1, names),
        FloorGranted(names[0], 1, at + 30 * SECOND, 30),
    ]


def test_a_room_without_rules_for_it_waits_for_all() -> None:
    """However long it takes."""
    room = gathering(LARS, KARI, OLA)

    assert (next_deadline(room), may_start(room)) == (None, False)
    assert play(room, Join(NINA)).phase is Phase.TALKING


def test_the_time_to_gather_begins_with_the_first_seat() -> None:
    """The event says when it ends, so that everybody can show it."""
    room = a_room(replace(HUG, gather_seconds=60, when_short=WhenShort.START))

    assert decide(room, Join(LARS), NOON) == [SittingOpened(1, 4, {}, SHORT), Seated(LARS, 1, Kind.BOT)]
    assert next_deadline(play(room, Join(LARS))) == SHORT


def test_a_short_room_may_start_with_those_who_are_here() -> None:
    """And not a moment before."""
    room = short(WhenShort.START, LARS, KARI)

    assert decide(room, CallTime(), SHORT - 1) == []
    assert decide(room, CallTime(), SHORT) == begun(StartReason.SHORT, LARS, KARI, at=SHORT)


def test_a_short_room_may_be_closed() -> None:
    """Whoever came is told goodbye; the next to come opens another sitting."""
    closed = SittingClosed(SittingEnd.SHORT, Afterwards.DISCONNECT)

    assert decide(short(WhenShort.CLOSE, LARS), CallTime(), SHORT) == [closed]


def test_a_short_room_may_ask_for_house_bots() -> None:
    """As many as seats are empty; with the last of them it talks, without a word of being short."""
    room = short(WhenShort.FILL, LARS, KARI)
    asked = decide(room, CallTime(), SHORT)
    room = play(room, CallTime(), at=SHORT)

    assert asked == [FillAsked(2, SHORT + FILL_MS)]
    assert next_deadline(room) == SHORT + FILL_MS
    assert play(room, Join(OLA), Join(NINA), at=SHORT).phase is Phase.TALKING


def test_house_bots_that_do_not_come_are_not_waited_for() -> None:
    """After ten seconds the room starts short."""
    room = play(short(WhenShort.FILL, LARS, KARI), CallTime(), at=SHORT)
    room = play(room, Join(OLA), at=SHORT + SECOND)
    end = SHORT + FILL_MS

    assert decide(room, CallTime(), end - 1) == []
    assert decide(room, CallTime(), end)[0] == SittingStarted(StartReason.SHORT)


def test_a_short_room_whose_only_ones_are_away_starts_when_one_is_back() -> None:
    """Nobody can be asked who is not here."""
    room = play(short(WhenShort.START, LARS), GoAway(LARS), at=SHORT - SECOND)
    room = play(room, CallTime(), at=SHORT)

    assert (room.gathering.is_started, room.phase) == (True, Phase.GATHERING)
    assert play(room, Join(KARI), at=SHORT).phase is Phase.TALKING


def test_a_room_that_is_complete_in_time_is_never_short() -> None:
    """Its deadlines are its turns'."""
    room = play(short(WhenShort.CLOSE, LARS, KARI, OLA), Join(NINA))

    assert room.phase is Phase.TALKING
    assert next_deadline(room) == NOON + 30 * SECOND


def test_the_time_to_gather_stands_still_in_a_pause_and_over_a_restart() -> None:
    """With five seconds at the least, as a turn has."""
    room = play(short(WhenShort.START, LARS), Pause(), at=NOON + 20 * SECOND)
    later = NOON + 3600 * SECOND

    assert next_deadline(room) is None
    assert decide(room, CallTime(), later) == []
    assert decide(room, Unpause(), later)[-1] == GatheringReopened(later + 40 * SECOND)
    here = frozenset({LARS})
    assert decide(short(WhenShort.START, LARS), Reopen(SHORT - 1, here), later) == [
        GatheringReopened(later + 5 * SECOND)
    ]
    assert decide(gathering(LARS), Reopen(NOON, here), later) == []


# The operator's word.


@pytest.mark.parametrize("word", WhenShort)
def test_the_operator_may_start_at_any_time(word: WhenShort) -> None:
    """With one, or with all but one."""
    rules = HUG if word is WhenShort.WAIT else replace(HUG, gather_seconds=60, when_short=word)
    room = gathering(LARS, KARI, rules=rules)

    assert decide(room, Start(), NOON) == begun(StartReason.OPERATOR, LARS, KARI, at=NOON)


def test_a_start_that_is_held_waits_for_the_operator() -> None:
    """Though everybody is here."""
    room = gathering(LARS, KARI, rules=replace(HUG, seats=2, hold_start=True))

    assert (room.phase, next_deadline(room)) == (Phase.GATHERING, None)
    assert decide(room, Start(), NOON) == begun(StartReason.OPERATOR, LARS, KARI, at=NOON)


def test_every_sitting_is_held_anew() -> None:
    """A word given for one is not given for the next."""
    room = gathering(LARS, rules=replace(HUG, seats=1, hold_start=True))
    room = play(room, Start(), CloseSitting(), Join(LARS))

    assert room.phase is Phase.GATHERING


def test_a_room_that_talks_is_not_started_again() -> None:
    """It is so already."""
    assert decide(play(gathering(LARS), Start()), Start(), NOON) == []


def test_nobody_can_be_started_without() -> None:
    """An empty room has no conversation."""
    assert refusal(a_room(), Start()) == (Reason.NOT_TALKING, "gathering")


# Reserved seats.

KEPT = replace(HUG, seats=2, reserve=("Kari",))


def test_a_reserved_seat_is_kept_for_its_name() -> None:
    """Whatever the case; others are told that the room is full."""
    room = gathering(LARS, rules=KEPT)

    assert refusal(room, Join(OLA)) == (Reason.ROOM_FULL, "main")
    assert play(room, Join(Name("KARI"))).phase is Phase.TALKING


def test_a_seat_is_kept_no_longer_than_the_room_gathers() -> None:
    """When it talks, or is filled, whoever comes may sit down."""
    started = play(gathering(LARS, rules=KEPT), Start())
    filling = gathering(LARS, rules=replace(KEPT, gather_seconds=60, when_short=WhenShort.FILL))

    assert not is_kept_from(started, OLA)
    assert is_kept_from(filling, OLA)
    assert not is_kept_from(play(filling, CallTime(), at=SHORT), OLA)


def test_a_name_that_is_here_keeps_no_second_seat() -> None:
    """And one that has left does again."""
    room = gathering(KARI, LARS, rules=replace(KEPT, seats=3))

    assert not is_kept_from(room, OLA)
    assert is_kept_from(play(room, Leave(KARI), Join(NINA)), OLA)
