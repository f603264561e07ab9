"""How the doors that speak JSON let somebody in: `joined`, `resumed`, `gap` or `reset`. See docs/protocol/json.md."""

from __future__ import annotations

from typing import assert_never

from moothall.hall.lobby import Arrival, Welcome
from moothall.wire.json_lines import PROTOCOL_VERSION
from moothall.wire.replies import Gap, Joined, Reply, Reset, Resumed

__all__ = ["welcome_reply"]


def welcome_reply(welcome: Welcome, now: int) -> Reply:
    """Return the answer to a `join`; `now` (milliseconds since the epoch) tells how much of a turn is left."""
    visit, room, epoch, after = welcome.visit, welcome.room, welcome.epoch, welcome.after
    seat = None if visit.name is None else room.seats[visit.name].number
    match welcome.arrival:
        case Arrival.JOINED:
            return Joined(
                room=room.name,
                name=visit.name,
                seat=seat,
                key=welcome.key,
                epoch=epoch,
                after=after,
                seq=room.seq,
                version=PROTOCOL_VERSION,
            )
        case Arrival.GAP:
            return Gap(
                room=room.name,
                name=visit.name,
                seat=seat,
                epoch=epoch,
                after=welcome.asked or 0,
                first=after + 1,
                seq=room.seq,
            )
        case Arrival.RESET:
            return Reset(room=room.name, name=visit.name, seat=seat, epoch=epoch, after=after, seq=room.seq)
        case Arrival.RESUMED:
            # Where several have the floor, it is one's own turn that one wants to know about.
            own = None if visit.name is None else room.turn_of(visit.name)
            turn = own or (room.turns[0] if room.turns else None)
            return Resumed(
                room=room.name,
                name=visit.name,
                seat=seat,
                epoch=epoch,
                after=after,
                seq=room.seq,
                holder=None if turn is None else turn.name,
                turn=None if turn is None else turn.number,
                left_ms=None if turn is None or turn.deadline is None else max(turn.deadline - now, 0),
            )
        case _:
            assert_never(welcome.arrival)
