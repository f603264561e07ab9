"""Who is here, in the words of each door and of the list of rooms."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from moothall.engine.commands import (
    CallTime,
    CloseRoom,
    Command,
    GoAway,
    Grant,
    Leave,
    Pause,
    QueueTopic,
    RequestFloor,
    Say,
)
from moothall.engine.events import Benched
from moothall.engine.names import Name, RoomName
from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards, Kind, PolicyName
from moothall.views.roster import room_line, who_line, who_reply
from moothall.wire.replies import SeatShown, WhoReply
from tests.engine.past import HUG, KARI, LARS, NINA, NOON, OLA, SECOND, a_room, gathering, play, take, talking

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


def test_who_tells_of_the_queue_the_chair_and_the_bench() -> None:
    """A chair that has just come must know who has asked already, and who gets no turns."""
    rules = Rules(policy=PolicyName.CHAIR, chair="ida", missed_turns=1)
    asked = (Grant("Lars"), RequestFloor(OLA), RequestFloor(KARI))
    room = play(play(talking(LARS, KARI, OLA, rules=rules), *asked), CallTime(), at=NOON + 30 * SECOND)
    shown = who_reply(room, 0)

    assert (shown.requests, shown.chair) == ([OLA], "ida")
    assert [(seat.name, seat.benched) for seat in shown.seated] == [(LARS, True), (KARI, False), (OLA, False)]


def test_the_chair_is_named_as_it_is_seated() -> None:
    """The rules may have it in another case."""
    assert who_reply(talking(LARS, KARI, rules=Rules(chair="LARS")), 0).chair == LARS


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


def test_the_line_says_who_asks_for_the_floor_and_who_gives_it() -> None:
    """The queue is everybody's to see, by its places; the chair and the bench as well."""
    rules = replace(HUG, policy=PolicyName.CHAIR, chair="lars")
    room = play(talking(LARS, KARI, OLA, NINA, rules=rules), RequestFloor(OLA), RequestFloor(KARI))
    room = take(room, [Benched(NINA, 3)])

    assert who_line(room, 0, KARI) == (
        "Here: Lars (seat 1, in the chair), Kari (seat 2, you ask for the floor (2nd)), "
        "Ola (seat 3, asks for the floor (1st)), Nina (seat 4, on the bench)."
    )
    assert who_line(room, 0, LARS).startswith("Here: Lars (seat 1, you, in the chair), ")


@pytest.mark.parametrize(("place", "word"), [(3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (21, "21st")])
def test_a_place_in_the_queue_is_counted_as_people_do(place: int, word: str) -> None:
    """The eleventh is no eleven-first."""
    room = gathering(LARS)

    queue = (*(Name(f"Bot {number}") for number in range(1, place)), LARS)
    assert who_line(replace(room, requests=queue), 0) == f"Here: Lars (seat 1, asks for the floor ({word}))."


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
