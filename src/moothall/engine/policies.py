"""Who is next: one pure function per policy, from the room to the seats to grant the floor to now.

A policy is asked again after every event until it grants nobody. It may look at everything in the room; it never
waits, and it never grants a seat that holds the floor already. Where a policy goes round, a round closes when nobody
holds the floor and the policy grants nobody. Each is shown in docs/howto/policies.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

from moothall.engine.chance import shuffled
from moothall.engine.names import Name, fold
from moothall.engine.room import Room, Seat
from moothall.engine.until import seat_budget
from moothall.engine.words import PolicyName

__all__ = [
    "ONE_AT_A_TIME",
    "Policy",
    "addressed_in",
    "candidates",
    "has_characters",
    "is_candidate",
    "may_grant",
    "next_seats",
    "round_order",
    "stand_in",
    "still_to_come",
    "without_chair",
]

Policy = Callable[[Room], tuple[Name, ...] | None]
"""From the room to the seats to grant now, none while somebody is waited for; None: let `round-robin` decide."""

ONE_AT_A_TIME: Final = frozenset({PolicyName.ROUND_ROBIN, PolicyName.ROTATE, PolicyName.SHUFFLE, PolicyName.ADDRESSED})
"""Of the policies that go round, those that grant nobody while somebody has the floor."""


def next_seats(room: Room, custom: Policy | None = None) -> tuple[Name, ...]:
    """Return the seats to which the room's policy grants the floor now.

    Args:
        custom: the function behind the policy `custom`. Where it is missing, names somebody who cannot be granted, or
            grants nobody in a whole round, `round-robin` decides in its place.
    """
    policy = _POLICIES.get(room.rules.policy)
    return _custom(room, custom) if policy is None else policy(room)


def round_order(room: Room) -> tuple[Name, ...] | None:
    """Return the order of the round that opens now, where the policy knows it beforehand."""
    names = candidates(room)
    if room.rules.policy in _IN_ORDER_OF_JOINING:
        return names
    match room.rules.policy:
        case PolicyName.ROTATE:
            first = room.rounds_opened % len(names) if names else 0
            return names[first:] + names[:first]
        case PolicyName.SHUFFLE:
            return shuffled(names, room.seed, "round", room.sitting, room.topics_opened, room.rounds_closed)
        case _:
            return None


def is_candidate(room: Room, name: Name) -> bool:
    """Tell whether a seat can be given the floor at all: it is not on the bench, and has characters left."""
    seat = room.seats.get(name)
    return seat is not None and not seat.is_benched and (not room.rules.until or has_characters(room, seat))


def has_characters(room: Room, seat: Seat) -> bool:
    """Tell whether a seat may say more on this topic, where its characters are counted."""
    budget = seat_budget(room.rules.until)
    return budget is None or seat.chars < budget


def candidates(room: Room) -> tuple[Name, ...]:
    """Return who can be given the floor at all, in the order of joining."""
    budget = seat_budget(room.rules.until)
    return tuple(
        [name for name, seat in room.seats.items() if not seat.is_benched and (budget is None or seat.chars < budget)]
    )


def still_to_come(room: Room) -> tuple[Name, ...]:
    """Return whose turn in the open round is still to come, in its order."""
    if room.round is None:
        return ()
    done = room.round.done
    return tuple([name for name in room.round.order if name not in done and is_candidate(room, name)])


def stand_in(room: Room) -> tuple[Name, ...]:
    """Return who is next where the chair grants nobody: who has had the fewest turns, in the order of joining.

    The chair itself only where there is nobody else.
    """
    if room.turns:
        return ()
    names = without_chair(room, candidates(room))
    return (min(names, key=lambda name: room.seats[name].turns),) if names else ()


def without_chair(room: Room, names: Collection[Name]) -> Collection[Name]:
    """Return the names but for that of the chair, where there are others."""
    chair = room.seated_chair
    return [name for name in names if name != chair] or names


def may_grant(room: Room, names: Collection[Name]) -> bool:
    """Tell whether a policy may grant the floor to these: each once, with a turn in this round still to come."""
    waiting = still_to_come(room)
    return all(name in waiting for name in names) and len(set(names)) == len(names)


def addressed_in(text: str, names: Iterable[Name]) -> Name | None:
    """Return the name that stands after the first `@` that names anybody, whatever its case; the longest that fits."""
    text = fold(text)
    folded = {fold(name): name for name in names}
    lengths = sorted({len(word) for word in folded}, reverse=True)
    at = text.find("@")
    while at >= 0:
        if not (at and text[at - 1].isalnum()) and text[at + 1 : at + 2].isalnum():
            for length in lengths:
                end = at + 1 + length
                name = folded.get(text[at + 1 : end])
                if name is not None and not text[end : end + 1].isalnum():
                    return name
        at = text.find("@", at + 1)
    return None


def round_robin(room: Room) -> tuple[Name, ...]:
    """Grant the seats of the round in its order, one at a time."""
    opened = room.round
    if room.turns or opened is None:
        return ()
    for name in opened.order:
        if name not in opened.done and is_candidate(room, name):
            return (name,)
    return ()


def parallel(room: Room) -> tuple[Name, ...]:
    """Grant everybody who has not had a turn in this round, at once."""
    return still_to_come(room)


def request(room: Room) -> tuple[Name, ...]:
    """Grant who has asked first, one at a time."""
    return () if room.turns else room.requests[:1]


def addressed(room: Room) -> tuple[Name, ...]:
    """Grant whom the last utterance addressed, where a turn of theirs is still to come; else the next in order."""
    if room.turns:
        return ()
    waiting = still_to_come(room)
    name = None if room.last_said is None else addressed_in(room.last_said.text, room.seats)
    return (name,) if name in waiting else waiting[:1]


def chair(room: Room) -> tuple[Name, ...]:
    """Grant nobody while the chair is here to do it; else who has had the fewest turns."""
    name = room.seated_chair
    if name is not None and room.seats[name].away_until is None:
        return ()
    return stand_in(room)


def open_floor(_room: Room) -> tuple[Name, ...]:
    """Grant nobody: everybody may speak as it is."""
    return ()


def _custom(room: Room, policy: Policy | None) -> tuple[Name, ...]:
    names = policy(room) if policy is not None else None
    has_granted = room.round is not None and bool(room.round.done)
    if names is None or not may_grant(room, names) or not (names or room.turns or has_granted):
        return round_robin(room)
    return names


_IN_ORDER_OF_JOINING: Final = frozenset({PolicyName.ROUND_ROBIN, PolicyName.PARALLEL})

_POLICIES: Final[dict[PolicyName, Callable[[Room], tuple[Name, ...]]]] = {
    PolicyName.ROUND_ROBIN: round_robin,
    PolicyName.ROTATE: round_robin,
    PolicyName.SHUFFLE: round_robin,
    PolicyName.PARALLEL: parallel,
    PolicyName.REQUEST: request,
    PolicyName.ADDRESSED: addressed,
    PolicyName.CHAIR: chair,
    PolicyName.OPEN: open_floor,
}
