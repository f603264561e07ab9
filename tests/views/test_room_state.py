"""The state of a room, as programs and the page see it."""

from __future__ import annotations

import msgspec

from moothall.engine.commands import GoAway, Pause, QueueTopic, RequestFloor
from moothall.engine.rules import Rules
from moothall.engine.words import PolicyName
from moothall.views.room_state import room_shown
from moothall.wire.rest import TurnShown
from tests.engine.past import KARI, LARS, NOON, OLA, SECOND, a_room, gathering, play, talking


def test_a_room_that_talks_shows_who_has_the_floor_and_for_how_long() -> None:
    """Whoever comes in now can draw the room from this alone."""
    room = play(talking(LARS, KARI, OLA, keyed=[OLA]), GoAway(OLA), QueueTopic("play chess"))
    shown = room_shown(room, watching=2, first_seq=1, epoch="e_51", now=NOON + 9 * SECOND)

    assert msgspec.to_builtins(shown) == {
        "room": "main",
        "phase": "talking",
        "seats": 3,
        "here": 2,
        "seated": [
            {"name": "Lars", "seat": 1, "kind": "bot"},
            {"name": "Kari", "seat": 2, "kind": "bot"},
            {"name": "Ola", "seat": 3, "kind": "bot", "away": True},
        ],
        "watching": 2,
        "policy": "round-robin",
        "host": "Host",
        "sitting": 1,
        "has_sitting": True,
        "labels": {},
        "topic": "hug",
        "round": 1,
        "of": 1,
        "turns": [{"name": "Lars", "turn": 1, "deadline": NOON + 30 * SECOND, "left_ms": 21 * SECOND}],
        "requests": [],
        "queue": ["play chess"],
        "paused": False,
        "max_text_chars": 8000,
        "seq": room.seq,
        "first_seq": 1,
        "epoch": "e_51",
        "at": NOON + 9 * SECOND,
    }


def test_a_room_that_nobody_has_come_to_shows_its_seats() -> None:
    """What is not there yet is absent."""
    shown = room_shown(a_room(Rules(seats=2)), watching=0, first_seq=1, epoch="e_51", now=NOON)

    assert (shown.phase, shown.seats, shown.here, shown.seated, shown.sitting) == ("gathering", 2, 0, [], 0)
    assert (shown.topic, shown.round, shown.of, shown.turns, shown.chair) == (None, None, None, [], None)


def test_a_deadline_that_has_passed_is_no_time_ago() -> None:
    """Time is called in the same moment; nobody counts below nothing."""
    (turn,) = room_shown(talking(LARS, KARI), watching=0, first_seq=1, epoch="e", now=NOON + 31 * SECOND).turns

    assert turn.left_ms == 0


def test_while_a_room_is_paused_nothing_runs_out() -> None:
    """What was left stays left, however late it is read."""
    room = play(talking(LARS, KARI), Pause(), at=NOON + 10 * SECOND)
    shown = room_shown(room, watching=0, first_seq=1, epoch="e", now=NOON + 999 * SECOND)

    assert (shown.paused, shown.turns[0].left_ms) == (True, 20 * SECOND)


def test_a_turn_without_a_deadline_shows_none() -> None:
    """It waits for as long as it takes."""
    room = talking(LARS, KARI, rules=Rules(turn_seconds=0))

    assert room_shown(room, watching=0, first_seq=1, epoch="e", now=NOON).turns == [TurnShown(name=LARS, turn=1)]


def test_the_queue_and_the_chair_are_shown() -> None:
    """Also a chair who has no seat yet."""
    room = play(
        gathering(LARS, KARI, rules=Rules(seats=2, policy=PolicyName.REQUEST, chair="ida", topics=("hug",))),
        RequestFloor(LARS),
        RequestFloor(KARI),
    )
    shown = room_shown(room, watching=0, first_seq=1, epoch="e", now=NOON)

    assert (shown.requests, shown.chair, shown.policy) == ([KARI], "ida", "request")
