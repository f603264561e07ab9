"""Sittings of bots that are silent, late, doubled, gone and back: each of them ends, and nobody talks over anybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.engine.checks import floors_are_single, grants_are_fair, rounds_are_fair, seqs_have_no_gap, turns_end_once
from tests.torture.amounts import amount
from tests.torture.sittings import hold_sitting

PARTS = 5
CHECKS = (floors_are_single, grants_are_fair, turns_end_once, rounds_are_fair, seqs_have_no_gap)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_sitting_ends_and_no_floor_is_double(part: int, figure: Callable[[str], None]) -> None:
    """Whatever bots do, a room goes on: who must not be waited for is not, and the log shows one outcome a turn."""
    seeds = range(part, amount(ci=50, torture=1_000), PARTS)
    turns = asked = 0
    for seed in seeds:
        outcome = hold_sitting(seed)
        assert outcome.is_over, (seed, outcome.rules)
        assert not (outcome.is_ended_by_operator and outcome.ends_by_itself), (seed, outcome.rules)
        assert outcome.are_readers_agreed, seed
        for check in CHECKS:
            check(outcome.life)
        turns += outcome.life.rooms[-1].turn_number
        asked += outcome.is_ended_by_operator

    figure(
        f"sittings, part {part + 1} of {PARTS}: {len(seeds)} held, {turns} turns, 0 stuck, 0 double floors, "
        f"{asked} ended by the operator as their rules want it"
    )


def test_a_seed_decides_a_whole_sitting() -> None:
    """The same seed gives the same conversation, event by event, through a hall and its clock."""
    for seed in range(9):
        assert hold_sitting(seed).life.log == hold_sitting(seed).life.log


def test_a_stuck_sitting_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: a hall that is never woken leaves sittings for the operator to end."""
    monkeypatch.setattr("moothall.hall.clerk.next_deadline", lambda _room: None)

    outcomes = [hold_sitting(seed) for seed in range(18)]

    assert any(outcome.is_ended_by_operator and outcome.ends_by_itself for outcome in outcomes)
