"""Who has the floor and for how long, beside what somebody types."""

from __future__ import annotations

import pytest

from moothall.cli.status import floor_words, operator_prompt, seconds_left, status_texts, turn_prompt
from moothall.engine.commands import Pause
from moothall.engine.names import Name, RoomName
from moothall.engine.room import Room, Turn
from moothall.engine.rules import Rules
from moothall.engine.words import PolicyName
from moothall.testing.hall import MemoryHall, memory_hall

TURNS = tuple(
    Turn(Name(name), number, deadline)
    for number, (name, deadline) in enumerate([("Lars", 30_000), ("Kari", 20_999), ("Ola", None)], 1)
)


@pytest.mark.parametrize(
    ("holders", "words"),
    [
        (1, "Lars has the floor"),
        (2, "Lars and Kari have the floor"),
        (3, "Lars and 2 others have the floor"),
    ],
)
def test_all_who_have_the_floor_are_counted(holders: int, words: str) -> None:
    """Under `parallel` they may be two hundred, and the line is one."""
    assert floor_words(TURNS[:holders]) == words


@pytest.mark.parametrize(
    ("turns", "now", "seconds"),
    [
        (TURNS[:1], 0, 30),
        (TURNS, 0, 20),
        (TURNS, 20_500, 0),
        (TURNS, 99_000, 0),
        (TURNS[2:], 0, None),
    ],
)
def test_the_first_deadline_counts(turns: tuple[Turn, ...], now: int, seconds: int | None) -> None:
    """In whole seconds, never more than there are; a turn without a deadline lasts as long as it lasts."""
    assert seconds_left(turns, now) == seconds


MAIN = RoomName("main")


def a_hall(*names: str, **rules: object) -> MemoryHall:
    hall = memory_hall(Rules(**({"seats": len(names) or 2} | rules)))  # type: ignore[arg-type]
    for name in names:
        hall.enter(name)
    hall.settle()
    return hall


def said(hall: MemoryHall) -> tuple[str, ...]:
    rooms: list[Room] = [clerk.settled for clerk in hall.hall.clerks.values()]
    return status_texts(MAIN, rooms, len(rooms), hall.clock.now())


def test_how_things_stand_is_said_in_several_lengths() -> None:
    """The terminal takes the longest that fits."""
    hall = a_hall("Lars", "Kari")
    hall.advance(9_000)

    assert said(hall) == (
        "main: Lars has the floor, 21 s left | 1 room, 1 talks",
        "Lars, 21 s | 1 room, 1 talks",
        "main: Lars has the floor, 21 s left",
        "Lars, 21 s",
    )


def test_under_parallel_the_first_deadline_is_the_one_to_watch() -> None:
    """And one line names nearly two hundred."""
    hall = a_hall("Lars", "Kari", "Ola", policy=PolicyName.PARALLEL, seat_seconds={"Kari": 10})

    assert said(hall)[2:] == ("main: Lars and 2 others have the floor, 10 s left", "Lars and 2, 10 s")


def test_without_a_deadline_there_is_no_time_left_to_show() -> None:
    """The turn lasts as long as it lasts."""
    assert said(a_hall("Lars", turn_seconds=0))[2:] == ("main: Lars has the floor", "Lars")


def test_without_a_turn_the_room_is_said() -> None:
    """How many are here, and what it does."""
    hall = memory_hall(Rules(seats=3))
    hall.enter("Lars")
    hall.settle()

    assert said(hall)[2:] == ("main: 1/3 here, gathering", "main: 1/3 here")


def test_in_a_pause_no_time_runs() -> None:
    """Neither for the operator nor for whose turn it is."""
    hall = a_hall("Lars", "Kari")
    hall.operate(Pause())
    hall.settle()

    assert said(hall)[2] == "main: Lars has the floor, paused"
    assert turn_prompt(hall.room(), Name("Lars"), hall.clock.now()).texts[0] == "Your turn, paused> "


@pytest.mark.parametrize(
    ("after_ms", "reader", "texts", "style"),
    [
        (0, "Lars", ("Your turn, 30 s> ", "You, 30 s> ", "30 s> "), "bold ansigreen"),
        (24_000, "Lars", ("Your turn, 6 s> ", "You, 6 s> ", "6 s> "), "bold ansigreen"),
        (25_000, "Lars", ("Your turn, 5 s> ", "You, 5 s> ", "5 s> "), "bold ansired"),
        (0, "Kari", ("Lars has the floor, 30 s> ", "Lars, 30 s> ", "30 s> "), ""),
    ],
)
def test_one_s_own_turn_stands_out(after_ms: int, reader: str, texts: tuple[str, ...], style: str) -> None:
    """And its last seconds more so."""
    hall = a_hall("Lars", "Kari")
    hall.advance(after_ms)
    prompt = turn_prompt(hall.room(), Name(reader), hall.clock.now())

    assert (prompt.texts, prompt.style) == (texts, style)


def test_where_nobody_has_the_floor_there_is_nothing_to_say_before_the_typing() -> None:
    """The room gathers, rests, or lets anybody speak."""
    hall = a_hall("Lars", "Kari", policy=PolicyName.OPEN)

    assert turn_prompt(hall.room(), Name("Lars"), hall.clock.now()).texts == ("> ",)


def test_the_operator_s_prompt_names_the_room_where_there_are_several() -> None:
    """Which may have a name of 64 characters."""
    assert operator_prompt(MAIN, 1).texts == ("moothall> ", "> ")
    assert operator_prompt(MAIN, 2).texts[0] == "main> "
    assert operator_prompt(RoomName("a" * 64), 2).texts[1] == "aaaaaaaaaaaa..> "
