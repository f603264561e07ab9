"""How the turns of a hall have ended, counted as they are committed: for whoever watches the server.

Counted at every turn, so as plain numbers; what they are called is looked up when somebody asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from moothall.engine.events import FloorRevoked, Left, Passed, Said, TimeCalled
from moothall.views.turns import Outcome
from moothall.wire.change import Change

__all__ = ["ENDS", "Counts"]

ENDS: Final[dict[type, Outcome]] = {
    Said: Outcome.SAID,
    Passed: Outcome.PASSED,
    TimeCalled: Outcome.DEADLINE,
    FloorRevoked: Outcome.REVOKED,
}
"""Each of these is the end of one turn; without turns, one utterance. Who leaves may have had none."""


class Counts:
    """The turns that have ended since the hall began, over all rooms.

    `decided`: how many of `ENDS` are decided and not committed yet, by their class.
    """

    __slots__ = ("_events", "_left", "decided")

    def __init__(self) -> None:
        self.decided: defaultdict[type, int] = defaultdict(int)
        self._events: defaultdict[type, int] = defaultdict(int)
        self._left = 0

    def settle(self) -> None:
        """Count what was decided: it is committed."""
        for kind, count in self.decided.items():
            self._events[kind] += count
        self.decided.clear()

    def take_back(self) -> None:
        """Count nothing of what was decided: it could not be committed."""
        self.decided.clear()

    def take_leavers(self, changes: Sequence[Change]) -> None:
        """Count the turns that ended because their holder left; `changes` are those that send anybody away."""
        for change in changes:
            if isinstance(change.event, Left) and change.before.turn_of(change.event.name) is not None:
                self._left += 1

    def turns(self) -> dict[Outcome, int]:
        """Return how many turns have ended how."""
        return {**{outcome: self._events[kind] for kind, outcome in ENDS.items()}, Outcome.LEFT: self._left}
