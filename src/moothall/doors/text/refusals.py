"""Refusals that cannot loop: a client that answers every line would draw a refusal with every refusal.

Normative: docs/protocol/text.md, "Refusals".
"""

from __future__ import annotations

from moothall.errors import Reason

__all__ = ["Refusals"]


class Refusals:
    """What one connection was told in this turn of the room: each reason once."""

    __slots__ = ("_told", "_turn")

    def __init__(self) -> None:
        self._turn = -1
        self._told: set[Reason] = set()

    def is_news(self, reason: Reason, turn: int) -> bool:
        """Tell whether `reason` was not told in `turn` yet; it is from now on."""
        if turn != self._turn:
            self._turn, self._told = turn, set()
        is_news = reason not in self._told
        self._told.add(reason)
        return is_news
