"""When a topic is over by itself: asked between two rounds."""

from __future__ import annotations

from moothall.engine.events import TopicEnd
from moothall.engine.room import Room

__all__ = ["topic_end"]


def topic_end(room: Room) -> TopicEnd | None:
    """Return why the open topic closes now, or None where it goes on."""
    return TopicEnd.ROUNDS if room.rounds_closed >= room.rules.rounds else None
