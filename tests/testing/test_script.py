"""A script is asked and shown what a bot, or a chair, would be."""

from __future__ import annotations

import pytest

from moothall import ChairView, Turn
from moothall.engine.events import Event, FloorGranted, FloorRequested, Passed, Said, TopicClosed
from moothall.engine.names import Name
from moothall.engine.rules import Rules
from moothall.engine.words import PolicyName, TopicEnd
from moothall.testing import MemoryHall, memory_hall
from moothall.testing.script import Answers, with_each

ASKED = Rules(seats=2, policy=PolicyName.REQUEST, until="rounds=2", topics=("hug",), seat_seconds={"Ola": 7})
CHAIRED = Rules(seats=3, policy=PolicyName.CHAIR, chair="Chair", until="chair", topics=("hug",))


def said(hall: MemoryHall) -> list[str]:
    return [f"{event.name}: {event.text}" for event in hall.events() if isinstance(event, Said)]


def of(hall: MemoryHall, kind: type[Event]) -> list[Event]:
    return [event for event in hall.events() if isinstance(event, kind)]


def test_a_list_is_a_function_that_ends() -> None:
    """A function is itself."""
    answers: Answers = ["one", None]
    script = with_each(answers)
    assert script is not None
    turn = Turn(**dict.fromkeys(Turn.__struct_fields__, 0))  # type: ignore[arg-type]
    assert (script(turn), script(turn)) == ("one", None)
    with pytest.raises(StopIteration):
        script(turn)

    assert with_each(script) is script


def test_who_has_answers_asks_for_the_floor_where_one_has_to() -> None:
    """As `run_bot` does: when the topic opens, and when somebody else has said something since."""
    turns: list[Turn] = []

    def bot(turn: Turn) -> str:
        turns.append(turn)
        return f"Ola {turn.round}"

    hall = memory_hall(ASKED)
    hall.enter("Kari", answers=["Kari 1", "Kari 2"])
    hall.enter("Ola", answers=bot)
    hall.settle()

    assert said(hall) == ["Kari: Kari 1", "Ola: Ola 1", "Kari: Kari 2", "Ola: Ola 2"]
    assert [(turn.round, turn.place, turn.seconds) for turn in turns] == [(1, 2, 7), (2, 4, 7)]


def test_who_passes_asks_again_only_for_news() -> None:
    """Or two that have nothing to say would pass for ever."""
    hall = memory_hall(ASKED)
    for name in ("Kari", "Ola"):
        hall.enter(name, answers=[None, None])
    hall.settle()

    assert (len(of(hall, FloorRequested)), len(of(hall, Passed))) == (2, 2)
    assert hall.room().topic is not None


def test_a_chair_chooses_and_closes_the_topic() -> None:
    """It is shown what `run_chair` would show it."""
    views: list[ChairView] = []

    def choose(room: ChairView) -> str | None:
        views.append(room)
        return "Ola" if len(room.transcript) < 2 else None

    hall = memory_hall(CHAIRED)
    hall.enter("Chair", choices=choose)
    hall.enter("Kari", answers=[])
    hall.enter("Ola", answers=["one", "two"])
    hall.settle()

    assert said(hall) == ["Ola: one", "Ola: two"]
    assert [view.turns for view in views] == [{"Kari": 0, "Ola": turns} for turns in range(3)]
    assert of(hall, TopicClosed) == [TopicClosed(TopicEnd.CHAIR)]


def test_a_chair_with_no_choice_left_is_silent() -> None:
    """So the room gives the floor itself, after as long as a turn lasts."""
    hall = memory_hall(CHAIRED)
    hall.enter("Chair", choices=["Ola"])
    hall.enter("Kari")
    hall.enter("Ola", answers=["one"])
    hall.settle()
    hall.advance(30_000)

    assert [event.name for event in hall.events() if isinstance(event, FloorGranted)] == ["Ola", "Kari"]


def test_a_chair_that_names_nobody_fails_its_test() -> None:
    """Where `run_chair` would log it, a test wants to know."""
    hall = memory_hall(CHAIRED)
    hall.enter("Chair", choices=["Per"])
    hall.enter("Kari")
    hall.enter("Ola")

    with pytest.raises(ValueError, match="Per cannot be given the floor now"):
        hall.settle()


def test_a_chair_passes_its_own_turns() -> None:
    """Where the policy goes round it has them like everybody."""
    hall = memory_hall(Rules(seats=1))
    hall.enter("Chair", choices=[])
    hall.settle()

    assert of(hall, Passed) == [Passed(Name("Chair"), 1)]
