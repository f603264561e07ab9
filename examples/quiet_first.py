"""Who has said the fewest characters is next: `moothall serve --policy examples/quiet_first.py:quiet_first`."""

from moothall.engine.names import Name
from moothall.engine.policies import still_to_come
from moothall.engine.room import Room


def quiet_first(room: Room) -> list[Name]:
    if room.turns:
        return []  # somebody has the floor
    return sorted(still_to_come(room), key=lambda name: room.seats[name].chars)[:1]
