"""The state of a room as the web door shows it, for programs and for the page. Normative: docs/protocol/web.md §4."""

from __future__ import annotations

from moothall.engine.endings import known_rounds
from moothall.engine.room import Room, Turn
from moothall.views.roster import seats_shown
from moothall.wire.rest import RoomShown, TurnShown

__all__ = ["room_shown"]


def room_shown(room: Room, *, watching: int, first_seq: int, epoch: str, now: int) -> RoomShown:
    """Return what is shown of a room.

    Args:
        watching: how many spectators it has.
        first_seq: the first event of its log that is kept.
        now: milliseconds since the epoch.
    """
    return RoomShown(
        room=room.name,
        phase=room.phase.value,
        seats=room.rules.seats,
        here=room.here,
        seated=seats_shown(room),
        watching=watching,
        policy=room.rules.policy,
        host=room.rules.host,
        sitting=room.sitting,
        has_sitting=room.has_sitting,
        labels=room.rules.labels,
        topic=room.topic.topic if room.topic else None,
        round=room.round.number if room.round else None,
        of=known_rounds(room.rules) if room.round else None,
        turns=[_turn_shown(room, turn, now) for turn in room.turns],
        requests=list(room.requests),
        chair=room.seated_chair or room.chair,
        queue=list(room.queue),
        paused=room.paused_at is not None,
        max_text_chars=room.rules.max_text_chars,
        seq=room.seq,
        first_seq=first_seq,
        epoch=epoch,
        at=now,
    )


def _turn_shown(room: Room, turn: Turn, now: int) -> TurnShown:
    if turn.deadline is None:
        return TurnShown(name=turn.name, turn=turn.number)
    # While the clock stands still nothing runs out.
    since = now if room.paused_at is None else room.paused_at
    return TurnShown(name=turn.name, turn=turn.number, deadline=turn.deadline, left_ms=max(turn.deadline - since, 0))
