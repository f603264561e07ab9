"""An excerpt is what was asked for: after a seq, of a sitting, and no more than so much."""

from __future__ import annotations

from itertools import product

import pytest
from msgspec.structs import replace

from moothall.engine.evolve import empty_room
from moothall.errors import DataCorrupt
from moothall.views.excerpt import Excerpt
from tests.views.logs import SITTING, Step, bodies_of, changes_of

TWO_SITTINGS: tuple[Step, ...] = tuple(
    (at + 10_000 * number, command) for number in range(2) for at, command in SITTING
)
BODIES = bodies_of(*TWO_SITTINGS)
OPENED = [seq for seq, body in enumerate(BODIES, 1) if b'"sitting_opened"' in body]
CLOSED = [seq for seq, body in enumerate(BODIES, 1) if b'"sitting_closed"' in body]
START = empty_room(changes_of()[0].after.name)


def taken(excerpt: Excerpt, bodies: list[bytes] = BODIES, first: int = 1) -> list[int]:
    return [seq for seq, body in enumerate(bodies, first) if excerpt.take(seq, body)]


def test_without_bounds_it_is_everything() -> None:
    """From the room's opening to its last entry."""
    excerpt = Excerpt(START)

    assert taken(excerpt) == list(range(1, len(BODIES) + 1))
    assert (excerpt.is_over, excerpt.has_more) == (False, False)


def test_it_begins_after_a_seq() -> None:
    """As `after` does everywhere."""
    assert taken(Excerpt(START, after=3))[:2] == [4, 5]
    assert taken(Excerpt(START, after=2**63 - 1)) == []


def test_it_ends_when_there_is_enough_and_says_that_there_was_more() -> None:
    """What is left out is asked for anew, after the last seq that came."""
    excerpt = Excerpt(START, after=3, limit=2)

    assert taken(excerpt) == [4, 5]
    assert (excerpt.is_over, excerpt.has_more) == (True, True)


def test_just_enough_is_no_more() -> None:
    """Nothing was left out."""
    excerpt = Excerpt(START, after=len(BODIES) - 2, limit=2)

    assert taken(excerpt) == [len(BODIES) - 1, len(BODIES)]
    assert not excerpt.has_more


@pytest.mark.parametrize("number", [1, 2])
def test_a_sitting_is_from_its_opening_to_its_closing(number: int) -> None:
    """What lies between two belongs to neither."""
    assert taken(Excerpt(START, sitting=number)) == list(range(OPENED[number - 1], CLOSED[number - 1] + 1))


def test_a_sitting_that_there_was_not_is_empty() -> None:
    """And so is none at all."""
    assert [taken(Excerpt(START, sitting=number)) for number in (0, 3, 2**63 - 1)] == [[], [], []]


def test_the_log_need_not_be_read_on_behind_the_sitting() -> None:
    """The next one's opening tells that it is over; `has_more` speaks of this sitting alone."""
    excerpt = Excerpt(START, sitting=1)

    taken(excerpt)

    assert (excerpt.is_over, excerpt.has_more) == (True, False)


def test_within_a_sitting_there_may_be_more() -> None:
    """All bounds hold together."""
    excerpt = Excerpt(START, sitting=2, after=OPENED[1], limit=2)

    assert taken(excerpt) == [OPENED[1] + 1, OPENED[1] + 2]
    assert (excerpt.is_over, excerpt.has_more) == (True, True)


def test_a_log_that_begins_within_a_sitting_is_known_by_the_room_before() -> None:
    """It says which sitting goes on."""
    start = replace(START, sitting=1, has_sitting=True)

    assert taken(Excerpt(start, sitting=1), BODIES[4:], 5) == list(range(5, CLOSED[0] + 1))


def test_all_bounds_together_are_what_each_of_them_is() -> None:
    """Told the slow way."""
    for after, limit, sitting in product(range(0, 30, 3), (None, 1, 4, 100), (None, 1, 2, 3)):
        of = range(1, len(BODIES) + 1)
        if sitting is not None:
            of = range(OPENED[sitting - 1], CLOSED[sitting - 1] + 1) if sitting < 3 else range(0)
        wanted = [seq for seq in of if seq > after]
        excerpt = Excerpt(START, after=after, limit=limit, sitting=sitting)

        assert taken(excerpt) == wanted[:limit]
        assert excerpt.has_more == (limit is not None and len(wanted) > limit)


@pytest.mark.parametrize("body", [b'{"event":"sitting_opened",}', b'{"event":"sitting_opened","sitting":"\xff"}'])
def test_a_sitting_without_a_number_is_damage(body: bytes) -> None:
    """It was never written so."""
    with pytest.raises(DataCorrupt):
        Excerpt(START, sitting=1).take(1, body)
