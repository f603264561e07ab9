"""A hall in memory: the rules, the rooms and the deadlines of a server, without one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import moothall.testing
from moothall.engine.commands import HostSay, Remove
from moothall.engine.events import HostSaid, Reopened, Said, TimeCalled
from moothall.engine.names import Name
from moothall.engine.rules import Rules
from moothall.errors import Reason, Rejected
from moothall.log.memory import MemoryLog
from moothall.testing import NOON, FakeClock, memory_hall

GUIDE = Path(__file__).parent.parent.parent / "docs" / "howto" / "test-a-bot.md"
TWO = Rules(seats=2, topics=("hug",))


def test_the_public_names_are_these() -> None:
    """Bot authors use them: whoever takes one away breaks their tests."""
    assert sorted(moothall.testing.__all__) == [
        "Answers",
        "Choices",
        "FailingLog",
        "FakeClock",
        "MAIN",
        "MemoryHall",
        "NOON",
        "Participant",
        "memory_hall",
    ]


def test_the_guide_names_all_of_them() -> None:
    """What is public is documented."""
    text = GUIDE.read_text(encoding="utf-8")

    assert [name for name in moothall.testing.__all__ if f"`{name}" not in text and f" {name}" not in text] == []


@pytest.mark.parametrize("example", re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL))
def test_every_example_of_the_guide_runs(example: str) -> None:
    """Each is a whole file with tests in it: they are run as pytest would."""
    names: dict[str, object] = {}
    exec(compile(example, str(GUIDE), "exec"), names)
    tests = [test for name, test in names.items() if name.startswith("test_")]

    assert tests
    for test in tests:
        assert callable(test)
        test()


def test_nothing_happens_until_it_settles() -> None:
    """Then everything does, and all at once."""
    hall = memory_hall(TWO)
    hall.enter("Kari")
    hall.enter("Ola")
    assert hall.events() == []
    hall.settle()

    assert hall.room().holder == "Kari"


def test_a_whole_sitting_takes_no_time() -> None:
    """Four bots, four answers, one goodbye."""
    hall = memory_hall()
    crowd = [hall.enter(name, answers=[f"I am {name}."]) for name in ("Lars", "Kari", "Ola", "Nina")]
    hall.settle()

    assert [event.text for event in hall.events() if isinstance(event, Said)] == [
        "I am Lars.",
        "I am Kari.",
        "I am Ola.",
        "I am Nina.",
    ]
    assert all(who.is_finished for who in crowd)
    assert hall.clock.now() == NOON


def test_deadlines_come_when_time_is_moved() -> None:
    """Thirty seconds unless the rules say otherwise."""
    hall = memory_hall(TWO)
    hall.enter("Kari")
    hall.enter("Ola")
    hall.advance(30_000)

    assert TimeCalled(Name("Kari"), 1, 1) in hall.events()


def test_every_sitting_goes_the_same_way() -> None:
    """Seed, keys and times are always the same, so two halls write the same bytes."""
    halls = [memory_hall(TWO) for _ in range(2)]
    for hall in halls:
        hall.enter("Kari", answers=["Hello"], keyed=True)
        hall.enter("Ola", answers=[None])
        hall.settle()

    assert halls[0].entries() == halls[1].entries()


def test_rooms_are_apart() -> None:
    """Each has its own log."""
    hall = memory_hall(TWO, rooms=("main", "lab"))
    hall.enter("Kari")
    hall.enter("Ola", "lab")
    hall.settle()

    assert (list(hall.room().seats), list(hall.room("lab").seats)) == (["Kari"], ["Ola"])
    with pytest.raises(Rejected):
        hall.enter("Nina", "attic")
    with pytest.raises(KeyError):
        hall.room("attic")


def test_the_operator_is_heard() -> None:
    """Topics, removals and words of the host."""
    hall = memory_hall(TWO)
    kari = hall.enter("Kari")
    hall.settle()
    hall.operate(HostSay("Welcome"))
    hall.operate(Remove(Name("Kari")))
    hall.settle()

    assert HostSaid("Host", "Welcome") in kari.events
    assert kari.is_finished


def test_somebody_may_come_back() -> None:
    """With the old key, after the last that they read, and with the answers that are left."""
    hall = memory_hall(Rules(seats=2, rounds=2))
    kari = hall.enter("Kari", keyed=True, answers=["one", "two"])
    ola = hall.enter("Ola")
    hall.settle()
    kari.hang_up()
    hall.settle()
    back = hall.come_back(kari)
    hall.settle()
    ola.say("Hi")
    hall.advance(1_000)

    assert back.key == kari.key == "k_1"
    assert kari.received + back.received == ola.received
    assert [event.text for event in ola.events if isinstance(event, Said)] == ["one", "Hi", "two"]


def test_a_hall_may_crash_and_come_up_again() -> None:
    """Over the same log, some time later."""
    hall = memory_hall(TWO)
    kari = hall.enter("Kari", keyed=True)
    hall.enter("Ola", keyed=True)
    hall.advance(10_000)
    again = hall.restart(after_ms=60_000)

    assert again.events()[-1] == Reopened(1, again.clock.now() + 20_000)
    back = again.come_back(kari)
    again.settle()
    assert back.welcome is not None


def test_it_takes_a_log_and_a_clock_of_ones_own() -> None:
    """To look at, or to share."""
    log, clock = MemoryLog(), FakeClock(1_000)
    hall = memory_hall(TWO, log=log, clock=clock)
    hall.enter("Kari")
    hall.settle()

    assert (hall.log, hall.clock, hall.room().at) == (log, clock, 1_000)
    assert len(log.read(hall.room().name, after=0)) == 3


def test_a_second_hall_over_a_log_goes_on_with_it() -> None:
    """As after a crash."""
    log = MemoryLog()
    hall = memory_hall(TWO, log=log)
    hall.enter("Kari")
    hall.settle()
    again = memory_hall(TWO, log=log)

    assert not again.room().has_sitting


def test_limits_are_those_of_a_hall() -> None:
    """So that what a full server says can be tested."""
    hall = memory_hall(TWO, max_rooms=1, max_spectators=1)
    hall.enter("Per", watch=True)

    with pytest.raises(Rejected) as caught:
        hall.enter("Kari", "lab")
    assert caught.value.reason is Reason.NO_SUCH_ROOM
    with pytest.raises(Rejected) as caught:
        hall.enter("Ida", watch=True)
    assert caught.value.reason is Reason.ROOM_FULL
