"""The topics: what the room talks about next, and how the operator steers it."""

from __future__ import annotations

from moothall.engine.chair import CHAIR, OPERATOR, authority, revoke_all
from moothall.engine.chance import topic_from_bag
from moothall.engine.commands import HostSay, Next, QueueTopic
from moothall.engine.events import (
    Event,
    HostSaid,
    SittingClosed,
    TopicClosed,
    TopicOpened,
    TopicQueued,
)
from moothall.engine.floor import check_text
from moothall.engine.limits import MAX_QUEUED, MAX_TOPIC_CHARS
from moothall.engine.room import Phase, Room
from moothall.engine.words import SittingEnd, TopicEnd
from moothall.errors import Reason, Rejected

__all__ = ["close_sitting", "host_say", "next_topic", "open_topic", "queue_topic"]


def queue_topic(room: Room, command: QueueTopic) -> list[Event]:
    """Put a topic at the end of the queue.

    Raises:
        Rejected: NOT_ALLOWED; BAD_VALUE, about `topic`.
    """
    authority(room, command.by, "topic")
    topic = " ".join(command.topic.split())
    if not 1 <= len(topic) <= MAX_TOPIC_CHARS:
        raise Rejected(Reason.BAD_VALUE, f"topic is 1 to {MAX_TOPIC_CHARS} characters")
    if len(room.queue) >= MAX_QUEUED:
        raise Rejected(Reason.BAD_VALUE, f"topic can wait behind {MAX_QUEUED - 1} others, not behind more")
    return [TopicQueued(topic)]


def next_topic(room: Room, command: Next) -> list[Event]:
    """Close the topic; in a room that rests, open the next one.

    Raises:
        Rejected: NOT_ALLOWED; NOT_TALKING, the room still gathers.
    """
    by = authority(room, command.by, "next")
    if room.phase is Phase.RESTING:
        return [open_topic(room)]
    if room.topic is None:
        raise Rejected(Reason.NOT_TALKING, room.phase)
    reason = TopicEnd.CHAIR if by == CHAIR else TopicEnd.OPERATOR
    return [*revoke_all(room, by), TopicClosed(reason)]


def host_say(room: Room, command: HostSay) -> list[Event]:
    """Say something in the host's voice."""
    check_text(room, command.text)
    return [HostSaid(room.rules.host, command.text)]


def close_sitting(room: Room) -> list[Event]:
    """Close the sitting, in the middle of whatever it is.

    Raises:
        Rejected: NOT_TALKING, nobody is seated.
    """
    if not room.has_sitting:
        raise Rejected(Reason.NOT_TALKING, room.phase)
    topic: list[Event] = [*revoke_all(room, OPERATOR), TopicClosed(TopicEnd.OPERATOR)] if room.topic else []
    return [*topic, SittingClosed(SittingEnd.OPERATOR, room.rules.afterwards)]


def open_topic(room: Room) -> TopicOpened:
    """Open the next topic of the queue, else one drawn from the room's bag."""
    rules = room.rules
    topic = room.queue[0] if room.queue else topic_from_bag(rules.topics, room.seed, room.topics_drawn)
    return TopicOpened(topic, rules.host, _asked(rules.question, topic), rules.policy)


def _asked(question: str, topic: str) -> str:
    # "hug, play" is a choice of actions. Not every comma is: "talk about Oslo, Norway"; nor every question English.
    *actions, last = (action.strip() for action in topic.split(","))
    is_choice = question.endswith(" to {topic}?") and all(action and " " not in action for action in (*actions, last))
    said = f"{', '.join(actions)} or {last}" if actions and is_choice else topic
    return question.replace("{topic}", said)
