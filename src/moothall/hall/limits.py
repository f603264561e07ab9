"""How much a hall holds, and which of its rooms are not like the others: what it is started with."""

from __future__ import annotations

import msgspec

from moothall.engine.policies import Policy
from moothall.engine.rules import Rules
from moothall.hall.retention import Keep

__all__ = ["HallLimits", "OwnRules"]


class HallLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much one hall holds. `rooms`: the only rooms there are; empty: whoever joins a room opens it.

    `main`: the room to which a name without a room leads. `keep`: how much of the past of its rooms.
    """

    rooms: tuple[str, ...] = ()
    main: str = "main"
    max_rooms: int = 10_000
    max_spectators: int = 10_000
    keep: Keep = Keep()


class OwnRules(msgspec.Struct, frozen=True):
    """What one room is opened with where it is not like the others, and the function behind its policy `custom`."""

    rules: Rules
    custom: Policy | None = None
