"""Who is here, in the words of each door and of the list of rooms."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from moothall.engine.commands import CloseRoom, Command, GoAway, Leave, Pause, QueueTopic, Say
from moothall.engine.events import Kind
from moothall.engine.names import Name, RoomName
from moothall.engine.rules import Afterwards
from moothall.views.roster import room_line, who_line, who_reply
from moothall.wire.json_lines import SeatShown, WhoReply
from tests.engine.past import HUG, KARI, LARS, NINA, OLA, a_room, gathering, play, talking

KEYED = [LARS, KARI, OLA]


def test_who_tells_everything_that_is_public() -> None:
    """A client that has just come needs nothing else to draw the room."""
    room = play(talking(LARS, KARI, OLA, keyed=KEYED), GoAway(OLA))

    assert who_reply(room, 2) == WhoReply(
        room=RoomName("main"),
        phase="talking",
        seats=3,
        seated=[
            SeatShown(LARS, 1, Kind.BOT),
            SeatShown(KARI, 2, Kind.BOT),
            SeatShown(OLA, 3, Kind.BOT, away=True),
        ],
        watching=2,
        topic="hug",
        holder=LARS,
    )


def test_who_in_an_empty_room() -> None:
    """Nobody, no topic, no holder."""
    assert who_reply(a_room(), 0) == WhoReply(room=RoomName("main"), phase="gathering", seats=4, seated=[], watching=0)


def test_seats_are_shown_by_their_numbers() -> None:
    """Nina came last and got the first seat: at a table one looks around, not back in time."""
    room = play(gathering(LARS, KARI), Leave(LARS))

    later = gathering(LARS, KARI, OLA)
    again = replace(room, seats={KARI: later.seats[KARI], NINA: later.seats[LARS]})

    assert [seat.name for seat in who_reply(again, 0).seated] == [NINA, KARI]
    assert who_line(again, 0) == "Here: Nina (seat 1), Kari (seat 2)."


@pytest.mark.parametrize(
    ("reader", "line"),
    [
        (KARI, "Here: Lars (seat 1, has the floor), Kari (seat 2, you), Ola (seat 3, away). 2 watch."),
        (LARS, "Here: Lars (seat 1, you have the floor), Kari (seat 2), Ola (seat 3, away). 2 watch."),
        (None, "Here: Lars (seat 1, has the floor), Kari (seat 2), Ola (seat 3, away). 2 watch."),
    ],
)
def test_the_line_is_the_readers(reader: Name | None, line: str) -> None:
    """One finds oneself in it; a spectator is nobody in it."""
    room = play(talking(LARS, KARI, OLA, keyed=KEYED), GoAway(OLA))

    assert who_line(room, 2, reader) == line


@pytest.mark.parametrize(
    ("watching", "line"),
    [(0, "Nobody is here."), (1, "Nobody is here. 1 watches."), (2, "Nobody is here. 2 watch.")],
)
def test_spectators_are_counted(watching: int, line: str) -> None:
    """By those who know: they are in no log."""
    assert who_line(a_room(), watching) == line


REST = replace(HUG, afterwards=Afterwards.STAY)
ANSWERS = (Say(LARS, "Yes"), Say(KARI, "No"))


@pytest.mark.parametrize(
    ("commands", "line"),
    [
        ((), "main: 2/2 here, talking about hug"),
        ((GoAway(KARI),), "main: 1/2 here, talking about hug"),
        ((Pause(),), "main: 2/2 here, talking about hug, paused"),
        (ANSWERS, "main: 2/2 here, resting"),
        ((*ANSWERS, QueueTopic("\x1b[2J")), r"main: 2/2 here, talking about \x1b[2J"),
        ((Leave(LARS), Leave(KARI)), "main: 0/2 here, gathering"),
        ((CloseRoom(),), "main: closed"),
    ],
)
def test_a_room_is_a_line(commands: tuple[Command, ...], line: str) -> None:
    """For a list of rooms: who is in it, and what goes on."""
    assert room_line(play(talking(LARS, KARI, rules=REST, keyed=KEYED), *commands)) == line
