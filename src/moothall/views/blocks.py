"""The blocks of a document: what a room's log comes to for a reader, before it is known how a document is written.

Whoever writes one, in Markdown or in HTML, folds these; the words in them are as they were said. Never knows a clock
or a calendar: whoever writes a document says how a moment is written.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from moothall.engine.events import (
    FloorGranted,
    HostSaid,
    RoomOpened,
    RoundOpened,
    Said,
    Seated,
    SittingOpened,
    TopicClosed,
    TopicOpened,
)
from moothall.engine.names import RoomName
from moothall.wire.change import Change
from moothall.wire.text import lines_for, utterance

__all__ = ["Block", "Heading", "Notice", "Utterance", "blocks_of", "title"]


class Heading(msgspec.Struct, frozen=True):
    """`level`: 1 the room, 2 a sitting, 3 a topic, 4 a round."""

    level: int
    words: str


class Notice(msgspec.Struct, frozen=True):
    """What happened."""

    words: str


class Utterance(msgspec.Struct, frozen=True):
    """What a participant or the host said, line breaks and all."""

    name: str
    words: str


Block = Heading | Notice | Utterance


def title(room: RoomName) -> Heading:
    """Return what a document begins with: also one whose room was opened long before what it shows."""
    return Heading(1, f"Room {room}")


def blocks_of(change: Change, when: Callable[[int], str]) -> list[Block]:
    """Return what a document says of a change, below its title.

    Who was given the floor is left out: a reader sees who spoke. A topic's only round has no heading.

    Args:
        when: writes a moment, milliseconds since the epoch, for people.
    """
    event = change.event
    match event:
        case RoomOpened() | FloorGranted():
            return []
        case SittingOpened():
            labels = ", ".join(f"{key} = {value}" for key, value in event.labels.items())
            opened = Notice(f"Opened {when(change.after.at)}.{f' Labels: {labels}.' if labels else ''}")
            return [Heading(2, f"Sitting {event.sitting}"), opened]
        case Seated():
            about = f": {event.about}" if event.about else ""
            return [Notice(f"{event.name} ({event.kind}{about}) took seat {event.seat}.")]
        case TopicOpened():
            lines = lines_for(change)
            asks = lines.index(utterance(event.host, event.text))
            begins, about_policy = ([_notice(line) for line in part] for part in (lines[:asks], lines[asks + 1 :]))
            return [*begins, Heading(3, f"Topic: {event.topic}"), Utterance(event.host, event.text), *about_policy]
        case RoundOpened():
            return [Heading(4, f"Round {event.round}")] if event.of is None or event.of > 1 else []
        case Said():
            return [Utterance(event.name, event.text)]
        case HostSaid():
            return [Utterance(event.host, event.text)]
        case TopicClosed():
            return [_closing(line) for line in lines_for(change)]
        case _:
            return [_notice(line) for line in lines_for(change)]


def _closing(line: str) -> Block:
    return _notice(line) if line.startswith("* ") else Utterance(*line.split(": ", 1))


def _notice(line: str) -> Notice:
    return Notice(line.removeprefix("* "))
