"""`say` against its deadline, with the fake clock: a millisecond before, at it, after it, on either side of the call.

Through hall, clerk, timers and a log in memory, so the commit lies between what is decided and what is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import product
from random import Random
from typing import Final

import pytest

from moothall.engine.commands import CallTime
from moothall.engine.events import Event, FloorGranted, Passed, Said, TimeCalled
from moothall.engine.evolve import empty_room, evolve
from moothall.engine.names import Name
from moothall.engine.room import Turn
from moothall.engine.rules import Rules
from moothall.engine.words import OnMissed, PolicyName
from moothall.errors import Reason, Rejected
from moothall.hall.courier import RIDE_MS
from moothall.testing import FakeClock, MemoryHall, Participant, memory_hall
from moothall.wire.change import Change
from moothall.wire.json_lines import JSON_LINES, decode_event
from moothall.wire.text import TEXT
from tests.torture.amounts import amount

SEATS: Final = 3
RACES_A_SITTING: Final = 40
POLICIES: Final = (PolicyName.ROUND_ROBIN, PolicyName.SHUFFLE, PolicyName.PARALLEL, PolicyName.ADDRESSED)
OFFSETS_MS: Final = (-1, 0, 1)
ORDERS: Final = ("say, commit, call", "say, call, commit", "call, say, commit", "call, commit, say")


class StallingClock(FakeClock):
    """A clock that can go on while nobody is called, as where the machine was busy with something else."""

    def stall(self, ms: int) -> None:
        self._now += ms


class Arena:
    """A hall in which every turn is raced for, and what became of each."""

    def __init__(self, policy: PolicyName) -> None:
        rules = Rules(seats=SEATS, policy=policy, until="turns=1000", turn_seconds=10, on_missed=OnMissed.NONE)
        self.clock = StallingClock()
        self.hall = memory_hall(rules, clock=self.clock)
        self.crowd = [
            self.hall.enter(f"Bot {number}", dialect=(JSON_LINES, TEXT)[number % 2]) for number in range(SEATS)
        ]
        self.crowd += [self.hall.enter(watch=True, dialect=dialect) for dialect in (JSON_LINES, TEXT)]
        self.hall.settle()

    def race(self, turn: Turn, offset: int, order: str) -> Reason | None:
        """Let the holder of a turn speak at `offset` from its deadline, and return why that was refused, if it was."""
        assert turn.deadline is not None
        answers: list[Reason | None] = []
        clerk = self.hall.hall.clerks["main"]
        acts: dict[str, Callable[[], None]] = {
            "say": lambda: answers.append(self.say(turn)),
            "call": lambda: clerk.submit_if_possible(CallTime()),
            "commit": self.hall.settle,
        }
        self.clock.stall(turn.deadline + offset - self.clock.now())
        for act in order.split(", "):
            acts[act]()
        self.hall.settle()
        # Whoever has not spoken hears the timers, at once where the deadline is past.
        self.hall.advance(1 - min(offset, 0))
        return answers[0]

    def say(self, turn: Turn) -> Reason | None:
        try:
            self.crowd[int(turn.name[-1])].say(f"words {turn.number}", turn=turn.number)
        except Rejected as refusal:
            return refusal.reason
        return None


@pytest.mark.parametrize("policy", POLICIES)
def test_a_say_that_races_its_deadline_has_one_outcome(policy: PolicyName, figure: Callable[[str], None]) -> None:
    """Whichever is decided first counts, the other is told so, and every reader is shown the same."""
    die = Random(1)
    races = amount(ci=200, torture=10_000) // len(POLICIES)
    cases = list(product(OFFSETS_MS, ORDERS))
    won: Counter[str] = Counter()
    for begin in range(0, races, RACES_A_SITTING):
        arena = Arena(policy)
        for number in range(begin, min(begin + RACES_A_SITTING, races)):
            offset, order = cases[number % len(cases)]
            turn = die.choice(arena.hall.room().turns)
            refused = arena.race(turn, offset, order)

            is_said = offset < 0 or order.startswith("say")
            assert refused == (None if is_said else Reason.TURN_OVER)
            assert outcomes(arena.hall, turn.number) == [Said if is_said else TimeCalled]
            won["said" if is_said else "called"] += 1
        assert is_once_each(arena.hall.events())
        arena.hall.advance(RIDE_MS)
        for who in arena.crowd:
            assert who.received == told(arena.hall, who)

    figure(f"races, fake clock, {policy}: {won.total()} with one outcome each ({dict(won)}), all readers agree")


def outcomes(hall: MemoryHall, number: int) -> list[type]:
    return [type(event) for event in hall.events() if getattr(event, "turn", 0) == number][1:]


def is_once_each(events: list[Event]) -> bool:
    granted = [event.turn for event in events if isinstance(event, FloorGranted)]
    ended = [event.turn for event in events if isinstance(event, Said | TimeCalled | Passed)]
    return len(set(ended)) == len(ended) and set(ended) <= set(granted) and len(granted) - len(ended) <= SEATS


def told(hall: MemoryHall, who: Participant) -> bytes:
    """Return what `who` must have read: the log in its own words, from its cursor on."""
    assert who.welcome is not None
    lines: list[bytes] = []
    name: Name | None = who.visit.name
    before = empty_room(hall.room().name)
    for entry in hall.entries():
        event, stamp = decode_event(entry.body)
        after = evolve(before, event, stamp.at)
        if stamp.seq > who.welcome.after:
            lines.append(who.dialect.line(Change(event, before, after, entry.body), name))
        before = after
    return b"".join(lines)
