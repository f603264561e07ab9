"""The transcript: a room's log made for people, as the text door's lines or as a Markdown document.

Never knows a clock or a calendar: whoever writes a document says how a moment is written. The third form of a log,
JSON lines, needs no view: it is the bodies of the entries as they are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

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
from moothall.views.markdown import escaped, paragraph
from moothall.wire.change import Change
from moothall.wire.text import lines_for, utterance

__all__ = ["markdown_lines", "text_lines"]


def text_lines(changes: Iterable[Change]) -> Iterator[str]:
    """Yield what a spectator at the text door has read, line by line, without line breaks."""
    for change in changes:
        yield from lines_for(change)


def markdown_lines(changes: Iterable[Change], when: Callable[[int], str]) -> Iterator[str]:
    """Yield a document, line by line: a heading per sitting, topic and round, `**Name:** words`, *notices*.

    Who was given the floor is left out: a reader sees who spoke. A topic's only round has no heading.

    Args:
        when: writes a moment, milliseconds since the epoch, for people.
    """
    for change in changes:
        for block in _blocks(change, when):
            yield from block.split("\n")
            yield ""


def _blocks(change: Change, when: Callable[[int], str]) -> list[str]:
    event = change.event
    match event:
        case RoomOpened():
            # A room that is opened again, with other rules, goes on in the same document.
            return [f"# Room {escaped(event.room)}"] if change.after.seq == 1 else []
        case SittingOpened():
            labels = ", ".join(f"{key} = {value}" for key, value in event.labels.items())
            opened = _notice(f"Opened {when(change.after.at)}.{f' Labels: {labels}.' if labels else ''}")
            return [f"## Sitting {event.sitting}", opened]
        case Seated():
            about = f": {event.about}" if event.about else ""
            return [_notice(f"{event.name} ({event.kind}{about}) took seat {event.seat}.")]
        case TopicOpened():
            lines = lines_for(change)
            asks = lines.index(utterance(event.host, event.text))
            begins, about_policy = ([_notice(line) for line in part] for part in (lines[:asks], lines[asks + 1 :]))
            heading = f"### Topic: {escaped(event.topic)}"
            return [*begins, heading, _utterance(event.host, event.text), *about_policy]
        case RoundOpened():
            return [f"#### Round {event.round}"] if event.of is None or event.of > 1 else []
        case Said():
            return [_utterance(event.name, event.text)]
        case HostSaid():
            return [_utterance(event.host, event.text)]
        case TopicClosed():
            return [_closing(line) for line in lines_for(change)]
        case FloorGranted():
            return []
        case _:
            return [_notice(line) for line in lines_for(change)]


def _closing(line: str) -> str:
    return _notice(line) if line.startswith("* ") else _utterance(*line.split(": ", 1))


def _utterance(name: str, words: str) -> str:
    return f"**{escaped(name)}:** {paragraph(words)}"


def _notice(words: str) -> str:
    return f"*{escaped(words.removeprefix('* '))}*"
