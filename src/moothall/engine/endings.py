"""When a topic is over: its ending holds, once it has held it holds for good, and whose turn it is then is stopped."""

from __future__ import annotations

from functools import lru_cache

from moothall.engine.policies import candidates, without_chair
from moothall.engine.room import Room, Topic
from moothall.engine.rules import Rules, has_rounds, has_turns, milliseconds
from moothall.engine.until import AllOf, AnyOf, Ending, Leaf, leaves, parse_until
from moothall.engine.words import PolicyName, TopicEnd

__all__ = ["end_deadline", "ending_of", "known_rounds", "silence_deadline", "topic_end"]


def topic_end(room: Room, at: int) -> TopicEnd | None:
    """Return why the open topic closes now, or None where it goes on.

    Of several endings that hold the first that is written gives the reason.
    """
    rules, topic = room.rules, room.topic
    if topic is None:
        return None
    if rules.until or not has_rounds(rules.policy):
        return _held(ending_of(rules), room, topic, at) if rules.until or has_turns(rules.policy) else None
    # What `_plain_ending` comes to where a policy goes round: nearly every room asks it, before each round.
    if topic.is_settled:
        return TopicEnd.SETTLED
    return TopicEnd.ROUNDS if room.rounds_closed >= rules.rounds else None


def ending_of(rules: Rules) -> Ending:
    """Return when a topic is over by the rules: without `until`, when it is settled, or after so many rounds."""
    return parse_until(rules.until) if rules.until else _plain_ending(rules.rounds)


def known_rounds(rules: Rules) -> int | None:
    """Return after how many rounds a topic is over at the latest; None where that is not known beforehand."""
    return _known_rounds(rules.until) if rules.until else rules.rounds


@lru_cache(maxsize=256)
def _plain_ending(rounds: int) -> Ending:
    return parse_until(f"settled or rounds={rounds}")


@lru_cache(maxsize=256)
def _known_rounds(until: str) -> int | None:
    ending = parse_until(until)
    parts = ending.parts if isinstance(ending, AnyOf) else (ending,)
    rounds = [int(part.number) for part in parts if isinstance(part, Leaf) and part.word is TopicEnd.ROUNDS]
    return min(rounds, default=None)


def end_deadline(room: Room) -> int | None:
    """Return the moment at which time alone ends the topic, or None."""
    topic = room.topic
    if topic is None or room.paused_at is not None:
        return None
    moments = [
        topic.since + round(leaf.number * 1000)
        for leaf in leaves(ending_of(room.rules))
        if leaf.word is TopicEnd.SECONDS
    ]
    silence = silence_deadline(room)
    if silence is not None and room.rules.policy is PolicyName.REQUEST:
        moments.append(silence)
    for moment in sorted(moments):
        if topic_end(room, moment) is not None:
            return moment
    return None


def silence_deadline(room: Room) -> int | None:
    """Return until when the floor may stay free where somebody must ask for it, or give it: the length of a turn."""
    waits = room.rules.policy in {PolicyName.REQUEST, PolicyName.CHAIR} and room.topic is not None
    if not waits or room.turns or room.paused_at is not None or not room.rules.turn_seconds:
        return None
    return room.free_since + milliseconds(room.rules.turn_seconds)


def _held(ending: Ending, room: Room, topic: Topic, at: int) -> TopicEnd | None:
    if isinstance(ending, Leaf):
        return ending.word if _is_so(ending, room, topic, at) else None
    first: TopicEnd | None = None
    for part in ending.parts:
        reason = _held(part, room, topic, at)
        if isinstance(ending, AllOf):
            if reason is None:
                return None
            first = first or reason
        elif reason is not None:
            return reason
    return first


def _is_so(leaf: Leaf, room: Room, topic: Topic, at: int) -> bool:
    number = leaf.number
    match leaf.word:
        case TopicEnd.SETTLED:
            return topic.is_settled or _is_silent(room, at)
        case TopicEnd.ROUNDS:
            if has_rounds(room.rules.policy):
                return room.rounds_closed >= number
            return _all_had(room, number) or _is_silent(room, at)
        case TopicEnd.TURNS:
            return room.turn_number - topic.turn_number - len(room.turns) >= number
        case TopicEnd.SECONDS:
            return at >= topic.since + round(number * 1000)
        case TopicEnd.UTTERANCES:
            return room.tally.said - topic.tally.said >= number
        case TopicEnd.CHARACTERS:
            return room.tally.chars - topic.tally.chars >= number
        case TopicEnd.SEAT_CHARACTERS:
            chars = [seat.chars for seat in room.seats.values() if not seat.is_benched]
            return bool(chars) and min(chars) >= number
        case TopicEnd.PHRASE:
            return leaf.phrase in topic.phrases
        case _:
            return False  # The chair, or the operator: who asks closes the topic at once.


def _all_had(room: Room, turns: int | float) -> bool:
    # Without rounds: everybody who is here and can be given the floor has had it so often; the chair, if alone.
    here = without_chair(room, [name for name in candidates(room) if room.seats[name].away_until is None])
    return bool(here) and min(room.seats[name].turns for name in here) >= turns


def _is_silent(room: Room, at: int) -> bool:
    # Under `request` who says nothing need not pass: nobody has asked for as long as a turn lasts.
    if room.rules.policy is not PolicyName.REQUEST or room.requests:
        return False
    deadline = silence_deadline(room)
    return deadline is not None and at >= deadline
