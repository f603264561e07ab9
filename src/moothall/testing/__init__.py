"""For testing bots and chairs: a hall in memory, a clock that a test moves, scripted participants.

See docs/howto/test-a-bot.md. Public, like the names that `moothall` itself exports.
"""

from __future__ import annotations

from moothall.testing.clock import NOON, FakeClock
from moothall.testing.hall import MAIN, MemoryHall, memory_hall
from moothall.testing.log import FailingLog
from moothall.testing.participant import Participant
from moothall.testing.script import Answers, Choices

__all__ = ["MAIN", "NOON", "Answers", "Choices", "FailingLog", "FakeClock", "MemoryHall", "Participant", "memory_hall"]
