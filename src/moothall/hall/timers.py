"""One heap of deadlines for all rooms and connections, and one call of the clock for the earliest of them.

An alarm stands in the heap once, however often its moment moves: a turn that ends early moves its room's deadline
further away, and the alarm only looks at the new moment when it wakes. An entry for every turn would leak.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count

from moothall.hall.clock import Clock, Handle

__all__ = ["Alarm", "Timers"]


class Alarm:
    """Something that is to happen at a moment that may move; `ring` is called once per moment."""

    __slots__ = ("armed", "due", "ring")

    def __init__(self, ring: Callable[[], None]) -> None:
        self.ring = ring
        self.due: int | None = None
        self.armed: int | None = None


class Timers:
    """Rings alarms: never before their moment, and in the order of their moments."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[int, int, Alarm]] = []
        self._ties = count()
        self._handle: Handle | None = None
        self._wakes_at = 0

    def set(self, alarm: Alarm, moment: int | None) -> None:
        """Move `alarm` to `moment`, milliseconds since the epoch; None: it does not ring."""
        alarm.due = moment
        if moment is not None and (alarm.armed is None or moment < alarm.armed):
            self._push(alarm, moment)
            self._wake_up()

    def _push(self, alarm: Alarm, moment: int) -> None:
        alarm.armed = moment
        heapq.heappush(self._heap, (moment, next(self._ties), alarm))

    def _wake_up(self) -> None:
        if not self._heap:
            return
        moment = self._heap[0][0]
        if self._handle is not None:
            if self._wakes_at <= moment:
                return
            self._handle.cancel()
        self._wakes_at = moment
        self._handle = self._clock.at(moment, self._ring)

    def _ring(self) -> None:
        self._handle = None
        now = self._clock.now()
        ringing: list[Alarm] = []
        while self._heap and self._heap[0][0] <= now:
            moment, _, alarm = heapq.heappop(self._heap)
            if alarm.armed != moment:
                continue  # It was moved forward meanwhile: another entry wakes for it.
            alarm.armed = None
            if alarm.due is None:
                continue
            if alarm.due > now:
                self._push(alarm, alarm.due)
                continue
            alarm.due = None
            ringing.append(alarm)
        self._wake_up()
        for alarm in ringing:
            alarm.ring()
