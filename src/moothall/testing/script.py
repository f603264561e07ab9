"""How a scripted participant goes by its script: what it is asked, and shown, when it is to answer or to choose.

Pure: from a room and its events to what a bot, or a chair, would see of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from moothall.bots.bot import Topic, Turn, Utterance
from moothall.bots.chair import ChairView
from moothall.engine.events import Event, FloorGranted, Said, TopicOpened
from moothall.engine.names import Name
from moothall.engine.room import Room
from moothall.engine.room import Turn as OpenTurn
from moothall.engine.rules import turn_seconds_of
from moothall.engine.words import PolicyName

__all__ = ["Answers", "Choices", "asked", "asks_for_floor", "utterances_on_topic", "with_each"]

Answers = Callable[[Turn], str | None] | Iterable[str | None]
"""How a participant answers: a bot, or one answer after another; None passes. Who has no answer left is silent."""

Choices = Callable[[ChairView], str | None] | Iterable[str | None]
"""How a chair chooses: a function, or one name after another; None closes the topic. With none left it is silent."""


_Asked = TypeVar("_Asked")


def with_each(
    script: Callable[[_Asked], str | None] | Iterable[str | None] | None,
) -> Callable[[_Asked], str | None] | None:
    """Return a script as a function, which raises StopIteration where nothing is left of it."""
    if script is None or callable(script):
        return script
    rest: Iterator[str | None] = iter(script)
    return lambda _asked: next(rest)


def asked(room: Room, turn: OpenTurn, events: list[Event], *, heard: int) -> Turn:
    """Return an open turn as a bot sees it that has heard the first `heard` events of the room before."""
    topic, round_ = room.topic, room.round
    assert topic is not None, "nobody has the floor without a topic"
    return Turn(
        topic=Topic(topic.topic),
        question=topic.text,
        host=topic.host,
        name=turn.name,
        room=room.name,
        number=turn.number,
        round=room.seats[turn.name].turns + 1 if round_ is None else round_.number,
        place=room.turn_number - topic.turn_number if round_ is None else len(round_.done),
        seconds=turn_seconds_of(room.rules, turn.name),
        heard=tuple(word for word in _utterances(events[heard:]) if word.name != turn.name),
        transcript=utterances_on_topic(events),
    )


def asks_for_floor(room: Room, name: Name, events: list[Event]) -> bool:
    """Tell whether a bot asks for the floor now, as `run_bot` does under the policy `request`."""
    waits = room.topic is not None and room.rules.policy is PolicyName.REQUEST and name not in room.requests
    return waits and not room.seats[name].is_benched and _has_news(events, name)


def utterances_on_topic(events: list[Event]) -> tuple[Utterance, ...]:
    """Return what was said since the last topic opened."""
    opened = max(place for place, event in enumerate(events) if isinstance(event, TopicOpened))
    return _utterances(events[opened:])


def _utterances(events: list[Event]) -> tuple[Utterance, ...]:
    return tuple(Utterance(event.name, event.text) for event in events if isinstance(event, Said))


def _has_news(events: list[Event], name: Name) -> bool:
    for event in reversed(events):
        match event:
            case TopicOpened():
                return True
            case Said(speaker) if speaker != name:
                return True
            case FloorGranted(holder) if holder == name:
                return False
            case _:
                pass
    return False
