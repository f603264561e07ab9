"""Commands of every role, one after another, as a state machine: each is drawn for the room as it is just then.

The histories of tests/engine draw without looking, which finds more of what is refused; this goes further into a
sitting. Both are held to the same checks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from moothall.engine.commands import Command
from moothall.engine.room import Phase
from moothall.engine.rules import Rules
from tests.engine import histories
from tests.engine.checks import CHECKS
from tests.engine.histories import OPENINGS, ROLES, Life, Step, play_step, start
from tests.torture.amounts import amount

STEPS = 50
waits = st.sampled_from((0, 0, 1, 500, 10_000, None))


class Sitting(RuleBasedStateMachine):
    """A room and all who may ask something of it."""

    accepted: ClassVar[Counter[bool]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.life: Life

    @initialize(rules=histories.rules, keyed=st.booleans())
    def open(self, rules: Rules, keyed: bool) -> None:
        self.life = start(rules)
        for step in OPENINGS[rules.seats] if keyed else ():
            play_step(self.life, step)

    @precondition(lambda self: self.is_talking)
    @rule(command=st.sampled_from(ROLES["holder"][1]), wait=waits)
    def holder_speaks(self, command: Command, wait: int | None) -> None:
        self.ask(command, wait)

    @precondition(lambda self: self.is_talking)
    @rule(command=st.sampled_from(ROLES["holder"][1]))
    def holder_answers_at_once(self, command: Command) -> None:
        self.ask(command, 0)

    @precondition(lambda self: self.is_talking)
    @rule(command=st.sampled_from(ROLES["participant"][1]), wait=waits)
    def participant_asks(self, command: Command, wait: int | None) -> None:
        self.ask(command, wait)

    @rule(command=st.sampled_from(ROLES["arrival"][1]), wait=waits)
    def somebody_arrives(self, command: Command, wait: int | None) -> None:
        self.ask(command, wait)

    @rule(command=st.sampled_from(ROLES["connection"][1]), wait=waits)
    def connection_is_lost_or_found(self, command: Command, wait: int | None) -> None:
        self.ask(command, wait)

    @precondition(lambda self: self.is_talking)
    @rule(command=st.sampled_from(ROLES["chair"][1]), wait=waits)
    def chair_decides(self, command: Command, wait: int | None) -> None:
        self.ask(command, wait)

    @rule(command=st.sampled_from(ROLES["operator"][1]), wait=waits)
    def operator_decides(self, command: Command, wait: int | None) -> None:
        self.ask(command, wait)

    @rule(command=st.sampled_from(ROLES["clock"][1]), wait=waits)
    def time_passes(self, command: Command, wait: int | None) -> None:
        self.ask(command, wait)

    @precondition(lambda self: len(self.life.log) > STEPS)
    @rule(command=st.sampled_from(ROLES["server"][1]), wait=waits)
    def server_decides(self, command: Command, wait: int | None) -> None:
        self.ask(command, wait)

    @property
    def is_talking(self) -> bool:
        return self.life.rooms[-1].phase is Phase.TALKING

    def ask(self, command: Command, wait: int | None) -> None:
        play_step(self.life, Step(command, wait))

    def teardown(self) -> None:
        if hasattr(self, "life"):
            for check in CHECKS:
                check(self.life)
            self.accepted.update(isinstance(answer, list) for answer in self.life.answers)


def test_the_checks_hold_whatever_the_roles_do(figure: Callable[[str], None]) -> None:
    """The heart of the house: every policy, ending and deadline, under everything that anybody may ask."""
    examples = amount(ci=200, torture=2_000)
    Sitting.accepted.clear()

    run_state_machine_as_test(Sitting, settings=settings(max_examples=examples, stateful_step_count=STEPS))

    asked = Sitting.accepted.total()
    share = Sitting.accepted[True] / asked
    figure(f"state machine: {examples} examples of up to {STEPS} steps, {asked} commands, {share:.0%} accepted")
    assert share > 0.3
