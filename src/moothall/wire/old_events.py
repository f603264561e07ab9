"""Events that an older version has written, brought up to date as they are read. The log keeps their bytes as they are.

A field that came later has its default where it is absent. Only what would then mean something else is here.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from moothall.engine.events import RoomOpened
from moothall.engine.rules import has_rounds
from moothall.engine.words import OnMissed

__all__ = ["brought_up_to_date"]


class _Opening(msgspec.Struct):
    """As much of a `room_opened` as tells its version: a version writes every rule that it knows."""

    rules: dict[str, msgspec.Raw]


_openings = msgspec.json.Decoder(_Opening)


def brought_up_to_date(opened: RoomOpened, body: bytes) -> RoomOpened:
    """Return what a `room_opened` meant when it was written, in the words of today.

    Version 0.1 knew no bench, and no end of a topic but its rounds: what has become usual since is not what its rooms
    were opened with.
    """
    if "on_missed" in _openings.decode(body).rules:
        return opened
    rules = opened.rules
    until = f"rounds={rules.rounds}" if has_rounds(rules.policy) else ""
    return replace(opened, rules=replace(rules, on_missed=OnMissed.NONE, until=until))
