"""The roster: who is in a room now, in the words of each door and of `moothall rooms`.

Knows the room and nothing else: spectators are in no log, so whoever asks says how many there are.
"""

from __future__ import annotations

from moothall.engine.names import Name
from moothall.engine.room import Phase, Room, Seat
from moothall.wire.replies import SeatShown, WhoReply
from moothall.wire.safe_text import safe_text

__all__ = ["room_line", "seats_shown", "who_line", "who_reply"]


def who_reply(room: Room, watching: int) -> WhoReply:
    """Return what the JSON lines door answers to `who`, the seats in the order of their numbers."""
    return WhoReply(
        room=room.name,
        phase=room.phase.value,
        seats=room.rules.seats,
        seated=seats_shown(room),
        watching=watching,
        topic=room.topic.topic if room.topic else None,
        holder=room.holder,
        requests=list(room.requests),
        chair=room.seated_chair or room.chair,
    )


def seats_shown(room: Room) -> list[SeatShown]:
    """Return who has a seat, in the order of the seats' numbers."""
    return [
        SeatShown(name, seat.number, seat.kind, seat.about, seat.away_until is not None, seat.is_benched)
        for name, seat in _by_number(room)
    ]


def who_line(room: Room, watching: int, reader: Name | None = None) -> str:
    """Return the words of the text door's notice that answers `/who`, as `reader` reads it; None is a spectator."""
    seated = ", ".join(f"{name} ({_seat_words(room, name, seat, reader)})" for name, seat in _by_number(room))
    here = f"Here: {seated}." if seated else "Nobody is here."
    return here + (f" {watching} watch{'es' if watching == 1 else ''}." if watching else "")


def room_line(room: Room) -> str:
    """Return a room in one line, for a list of rooms: `main: 3/4 here, talking about hug`."""
    if room.phase is Phase.CLOSED:
        return f"{room.name}: closed"
    paused = ", paused" if room.paused_at is not None else ""
    topic = f" about {safe_text(room.topic.topic)}" if room.topic else ""
    return f"{room.name}: {room.here}/{room.rules.seats} here, {room.phase}{topic}{paused}"


def _by_number(room: Room) -> list[tuple[Name, Seat]]:
    return sorted(room.seats.items(), key=lambda item: item[1].number)


def _seat_words(room: Room, name: Name, seat: Seat, reader: Name | None) -> str:
    is_reader = name == reader
    words = [f"seat {seat.number}"]
    if room.turn_of(name) is not None:
        words.append("you have the floor" if is_reader else "has the floor")
    elif name in room.requests:
        place = _ordinal(room.requests.index(name) + 1)
        words.append(f"you ask for the floor ({place})" if is_reader else f"asks for the floor ({place})")
    elif is_reader:
        words.append("you")
    if name == room.seated_chair:
        words.append("in the chair")
    if seat.is_benched:
        words.append("on the bench")
    if seat.away_until is not None:
        words.append("away")
    return ", ".join(words)


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
