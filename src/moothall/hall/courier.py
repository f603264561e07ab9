"""Carries what was committed to its readers: at once to whom a room waits for, to the others when nothing is urgent.

A write costs more than all the rest of a turn, and a reader who is not next does nothing with a line that could not
wait a moment. So while the event loop finds more to do, those who are not next are behind; what they miss is theirs
in one write, when they get the floor, or there is nothing else to do, or they are late.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from moothall.hall.clock import Clock
from moothall.hall.feed import Riders, Writes

if TYPE_CHECKING:
    from moothall.hall.clerk import Clerk

__all__ = ["LATE_MS", "MAX_BEHIND_EVENTS", "RIDE_MS", "Courier"]

logger = logging.getLogger(__name__)

LATE_MS: Final = 50
"""A room that is behind is looked at this often: who has not been written to since the last look is late."""

MAX_BEHIND_EVENTS: Final = 64
"""After so many, all are written to: what is not read yet must not grow out of the feed's window."""

RIDE_MS: Final = 20
"""How long one's own words wait for somebody else's to share a write with, once the others have been written to."""


class Courier:
    """Ships what was committed.

    Args:
        is_busy: whether something is decided already that will be committed at the end of this turn of the event loop.
    """

    def __init__(self, clock: Clock, is_busy: Callable[[], bool]) -> None:
        self._clock = clock
        self._is_busy = is_busy
        # Whose others are behind: when somebody of them is late, and after which event. In the order of the moments.
        self._behind: dict[Clerk, tuple[int, int]] = {}
        self._looks_again = False
        self._riders: deque[tuple[int, Riders]] = deque()

    def ship(self, clerks: Sequence[Clerk]) -> None:
        """Settle what was committed of these rooms, and ship it."""
        behind, late_at = self._behind, self._clock.now() + LATE_MS
        urgent: Writes = []
        waited_for: list[Clerk] = []
        eager: list[Clerk] = []
        for clerk in clerks:
            try:
                clerk.settle()
                if clerk.ship_to_holders(urgent):
                    eager.append(clerk)
            except Exception:
                _break_off(clerk)
            seq = clerk.published_seq
            _, since = behind.setdefault(clerk, (late_at, seq))
            # Where nobody has the floor anybody may be the one who is waited for.
            if not clerk.settled.turns or seq >= since + MAX_BEHIND_EVENTS or clerk.feed.is_half_full:
                del behind[clerk]
                waited_for.append(clerk)
        _write(urgent)
        self._ship_to_others(waited_for)
        for clerk in eager:
            clerk.hear_holders()
        self._look_again()

    def stop(self) -> None:
        """Ship all that has waited for anything."""
        self._catch_up(list(self._behind))
        while self._riders:
            _ship_riders(self._riders.popleft()[1])

    def _look_again(self) -> None:
        if self._behind and not self._looks_again:
            self._looks_again = True
            self._clock.soon(self._on_look)

    def _on_look(self) -> None:
        # What came in meanwhile has been decided before this is called.
        self._looks_again = False
        if self._is_busy():
            self._ship_to_late()
        else:
            self._catch_up(list(self._behind))
        self._look_again()

    def _ship_to_late(self) -> None:
        now = self._clock.now()
        late: list[tuple[Clerk, int]] = []
        for clerk, (late_at, since) in self._behind.items():
            if late_at > now:
                break
            late.append((clerk, since))
        writes: Writes = []
        for clerk, since in late:
            del self._behind[clerk]
            if clerk.published_seq > since:  # somebody may have been written to in between, but not all of it
                self._behind[clerk] = now + LATE_MS, clerk.published_seq
            try:
                clerk.ship_to_late(since, writes)
            except Exception:
                _break_off(clerk)
        _write(writes)

    def _catch_up(self, clerks: Sequence[Clerk]) -> None:
        for clerk in clerks:
            del self._behind[clerk]
        self._ship_to_others(clerks)

    def _ship_to_others(self, clerks: Sequence[Clerk]) -> None:
        writes: Writes = []
        riders: Riders = []
        for clerk in clerks:
            try:
                clerk.ship_to_others(writes, riders)
            except Exception:
                _break_off(clerk)
        _write(writes)
        if riders:
            self._let_ride(riders)

    def _let_ride(self, riders: Riders) -> None:
        until = self._clock.now() + RIDE_MS
        if not self._riders:
            self._clock.at(until, self._on_ride)
        self._riders.append((until, riders))

    def _on_ride(self) -> None:
        now = self._clock.now()
        while self._riders and self._riders[0][0] <= now:
            _ship_riders(self._riders.popleft()[1])
        if self._riders:
            self._clock.at(self._riders[0][0], self._on_ride)


def _break_off(clerk: Clerk) -> None:
    # A bug that one room meets must not keep the others' words from their readers.
    logger.exception("room broken off room=%s", clerk.name)  # noqa: LOG004 - called where one is handled
    clerk.break_off()


def _write(writes: Writes) -> None:
    for write, data in writes:
        try:
            write(data)
        except Exception:
            # Nor must a bug that one connection meets.
            logger.exception("write failed bytes=%d", len(data))


def _ship_riders(riders: Riders) -> None:
    writes: Writes = []
    for visit, seq in riders:
        if visit.cursor.seq < seq:  # Else it was shipped with something else before.
            visit.ship_with(writes)
    _write(writes)
