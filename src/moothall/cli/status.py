"""Who has the floor and for how long, in the few words that stand beside what somebody types."""

from __future__ import annotations

from moothall.engine.room import Turn

__all__ = ["floor_words", "seconds_left"]


def floor_words(turns: tuple[Turn, ...]) -> str:
    """Return who has the floor, of whom there is one at least: `Lars has`, `Lars and 2 others have the floor`."""
    match turns:
        case [turn]:
            return f"{turn.name} has the floor"
        case [turn, other]:
            return f"{turn.name} and {other.name} have the floor"
        case _:
            return f"{turns[0].name} and {len(turns) - 1} others have the floor"


def seconds_left(turns: tuple[Turn, ...], now: int) -> int | None:
    """Return the whole seconds until the first deadline of these turns; None where they have none.

    Args:
        now: milliseconds since the epoch.
    """
    deadline = min([turn.deadline for turn in turns if turn.deadline is not None], default=None)
    return None if deadline is None else max(deadline - now, 0) // 1000
