"""Events are a format: they outlive the code that wrote them, so their tags, fields and defaults are pinned here."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from moothall.engine import events
from moothall.engine.events import (
    Benched,
    CameBack,
    ChairNamed,
    Event,
    FillAsked,
    FloorGranted,
    FloorRequested,
    FloorRevoked,
    FloorWithdrawn,
    GatheringReopened,
    HostSaid,
    Left,
    Passed,
    Paused,
    Removed,
    Reopened,
    Returned,
    RoomClosed,
    RoomOpened,
    RoundClosed,
    RoundOpened,
    RulesSet,
    Said,
    Seated,
    SittingClosed,
    SittingOpened,
    SittingStarted,
    TimeCalled,
    TopicClosed,
    TopicOpened,
    TopicQueued,
    TopicReopened,
    Unpaused,
    WentAway,
)
from moothall.engine.names import RoomName
from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards, Kind, LeaveReason, OnMissed, PolicyName, SittingEnd, StartReason, TopicEnd
from tests.engine.past import KARI, LARS

# Old logs hold exactly these bytes. A line is added for a new event, and a field with a default to an old one;
# nothing here is ever changed.
WIRE: list[tuple[Event, str]] = [
    (
        SittingOpened(7, 4, {"arm": "rotate"}),
        '{"event":"sitting_opened","sitting":7,"seats":4,"labels":{"arm":"rotate"}}',
    ),
    (
        SittingOpened(7, 4, {}, 9_000),
        '{"event":"sitting_opened","sitting":7,"seats":4,"labels":{},"until":9000}',
    ),
    (FillAsked(2, 9_000), '{"event":"fill_asked","count":2,"until":9000}'),
    (SittingStarted(StartReason.SHORT), '{"event":"sitting_started","reason":"short"}'),
    (GatheringReopened(9_000), '{"event":"gathering_reopened","until":9000}'),
    (TopicQueued("hug"), '{"event":"topic_queued","topic":"hug"}'),
    (TopicOpened("hug", "Host", "Hug?"), '{"event":"topic_opened","topic":"hug","host":"Host","text":"Hug?"}'),
    (RoundOpened(1, 2, (LARS, KARI)), '{"event":"round_opened","round":1,"of":2,"order":["Lars","Kari"]}'),
    (RoundOpened(1, 2), '{"event":"round_opened","round":1,"of":2}'),
    (
        TopicOpened("hug", "Host", "Hug?", PolicyName.SHUFFLE),
        '{"event":"topic_opened","topic":"hug","host":"Host","text":"Hug?","policy":"shuffle"}',
    ),
    (TopicReopened(9_000), '{"event":"topic_reopened","since":9000}'),
    (RoundOpened(2), '{"event":"round_opened","round":2}'),
    (RoundClosed(1), '{"event":"round_closed","round":1}'),
    (TopicClosed(TopicEnd.ROUNDS), '{"event":"topic_closed","reason":"rounds"}'),
    (
        SittingClosed(SittingEnd.DONE, Afterwards.STAY),
        '{"event":"sitting_closed","reason":"done","afterwards":"stay"}',
    ),
    (Paused(), '{"event":"paused"}'),
    (Unpaused(), '{"event":"unpaused"}'),
    (RoomClosed(), '{"event":"room_closed"}'),
    (Seated(KARI, 2, Kind.BOT), '{"event":"seated","name":"Kari","seat":2,"kind":"bot"}'),
    (
        Seated(KARI, 2, Kind.PERSON, "a student", keyed=True),
        '{"event":"seated","name":"Kari","seat":2,"kind":"person","about":"a student","keyed":true}',
    ),
    (WentAway(KARI, 5), '{"event":"went_away","name":"Kari","until":5}'),
    (CameBack(KARI), '{"event":"came_back","name":"Kari"}'),
    (Removed(KARI, "operator"), '{"event":"removed","name":"Kari","by":"operator"}'),
    (Removed(KARI, "operator", "rude"), '{"event":"removed","name":"Kari","by":"operator","reason":"rude"}'),
    (Left(KARI, LeaveReason.ASKED), '{"event":"left","name":"Kari","reason":"asked"}'),
    (Benched(KARI, 3), '{"event":"benched","name":"Kari","missed":3}'),
    (Returned(KARI), '{"event":"returned","name":"Kari"}'),
    (ChairNamed("Kari"), '{"event":"chair_named","name":"Kari"}'),
    (ChairNamed(), '{"event":"chair_named"}'),
    (RulesSet(rounds=2), '{"event":"rules_set","rounds":2}'),
    (
        RulesSet(
            policy=PolicyName.CHAIR,
            until="chair",
            turn_seconds=0.5,
            seat_seconds={"Kari": 60},
            missed_turns=2,
            on_missed=OnMissed.REMOVE,
        ),
        '{"event":"rules_set","policy":"chair","until":"chair","turn_seconds":0.5,"seat_seconds":{"Kari":60},'
        '"missed_turns":2,"on_missed":"remove"}',
    ),
    (FloorRequested(KARI), '{"event":"floor_requested","name":"Kari"}'),
    (FloorWithdrawn(KARI), '{"event":"floor_withdrawn","name":"Kari"}'),
    (FloorGranted(KARI, 3), '{"event":"floor_granted","name":"Kari","turn":3}'),
    (
        FloorGranted(KARI, 3, 9_000, 30),
        '{"event":"floor_granted","name":"Kari","turn":3,"deadline":9000,"seconds":30}',
    ),
    (
        FloorGranted(KARI, 3, 9_000, 0.5),
        '{"event":"floor_granted","name":"Kari","turn":3,"deadline":9000,"seconds":0.5}',
    ),
    (Reopened(3, 9_000), '{"event":"reopened","turn":3,"deadline":9000}'),
    (Said(KARI, 3, "hi"), '{"event":"said","name":"Kari","turn":3,"text":"hi"}'),
    (Said(KARI, None, "hi", "c1"), '{"event":"said","name":"Kari","turn":null,"text":"hi","cid":"c1"}'),
    (Passed(KARI, 3), '{"event":"passed","name":"Kari","turn":3}'),
    (TimeCalled(KARI, 3, 1), '{"event":"time_called","name":"Kari","turn":3,"missed":1}'),
    (FloorRevoked(KARI, 3, "operator"), '{"event":"floor_revoked","name":"Kari","turn":3,"by":"operator"}'),
    (HostSaid("Host", "hi"), '{"event":"host_said","host":"Host","text":"hi"}'),
    (
        RoomOpened(RoomName("main"), Rules(), "s1"),
        '{"event":"room_opened","room":"main","rules":{"seats":4,"host":"Host","agenda":[],'
        '"topics":["hug","play","eat","shop","yell","steal","fight"],"question":"Do you want to {topic}?",'
        '"policy":"round-robin","custom_policy":"","rounds":1,"until":"","chair":"","turn_seconds":30,"seat_seconds":{},'
        '"missed_turns":3,"on_missed":"bench","away_seconds":30,"afterwards":"disconnect",'
        '"max_text_chars":8000,"labels":{},'
        '"gather_seconds":0,"when_short":"wait","reserve":[],"hold_start":false},"seed":"s1"}',
    ),
]


@pytest.mark.parametrize(("event", "line"), WIRE, ids=[line[10:40] for _, line in WIRE])
def test_an_event_is_written_as_it_always_was(event: Event, line: str) -> None:
    """A log's checksum covers these bytes, and clients in other languages read them."""
    assert msgspec.json.encode(event).decode() == line


@pytest.mark.parametrize(("event", "line"), WIRE, ids=[line[10:40] for _, line in WIRE])
def test_an_event_is_read_as_it_was_written(event: Event, line: str) -> None:
    """A room is its log, so reading it back must lose nothing, the kind of a number included."""
    read: Event = msgspec.json.decode(line, type=Event)

    assert (read, msgspec.json.encode(read).decode()) == (event, line)


def test_every_event_has_its_line_above() -> None:
    """Who adds an event pins it too."""
    assert {type(event) for event, _ in WIRE} == set(get_args(Event))


def test_the_module_exports_every_event() -> None:
    """The union is closed: what is declared and public is in it."""
    declared = {
        name
        for name, kind in vars(events).items()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__module__ == events.__name__
    }

    assert (
        {kind.__name__ for kind in get_args(Event)}
        == declared - {"_Event"}
        == {name for name in events.__all__ if name in declared}
    )


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
def test_an_event_never_changes(kind: type[msgspec.Struct]) -> None:
    """A fact is shared by the log, the feed and every view."""
    assert kind.__struct_config__.frozen
