"""A change and what a dialect says of it: plain values that may be kept and compared."""

from __future__ import annotations

import msgspec
import pytest

from moothall.engine.events import CameBack, Paused
from moothall.wire.change import Change, Dialect, Line
from moothall.wire.json_lines import JSON_LINES
from moothall.wire.text import BARE, TEXT
from tests.engine.past import KARI, a_room, play, talking
from tests.wire.samples import a_change


def test_a_line_is_for_everyone_unless_it_says_otherwise() -> None:
    """Most events look the same to all; a dialect then says one thing."""
    assert Line(b"* The conversation goes on.\n") == Line(b"* The conversation goes on.\n", None, b"")


def test_a_change_holds_both_sides_of_an_event() -> None:
    """What a line says may depend on the room that was, and on the room that is."""
    before = play(a_room())
    change = a_change(before, Paused(), body=b'{"event":"paused"}')

    assert (change.before.seq, change.after.seq) == (1, 2)
    assert (change.before.paused_at, change.after.paused_at) == (None, change.after.at)
    assert (change.event, change.body) == (Paused(), b'{"event":"paused"}')


@pytest.mark.parametrize("kind", [Change, Line, Dialect], ids=lambda kind: kind.__name__)
def test_they_never_change(kind: type[msgspec.Struct]) -> None:
    """One line is shared by a thousand readers."""
    assert kind.__struct_config__.frozen


@pytest.mark.parametrize("dialect", [JSON_LINES, TEXT, BARE], ids=lambda dialect: dialect.name)
def test_every_dialect_ends_its_lines_and_gives_own_lines_to_somebody(dialect: Dialect) -> None:
    """Lines are put together without looking into them, so one without its end would swallow the next."""
    room = talking(KARI)
    for event in (Paused(), CameBack(KARI)):
        line = dialect.encode(a_change(room, event, body=b"{}"))

        assert line.shared in {b""} or line.shared.endswith(b"\n")
        assert line.own_name is not None or line.own == b""


def test_dialects_have_names_of_their_own() -> None:
    """A feed keeps one encoding per name."""
    assert len({dialect.name for dialect in (JSON_LINES, TEXT, BARE)}) == 3
    assert {dialect.name for dialect in (JSON_LINES, TEXT, BARE) if dialect.needs_room} == {"text", "bare"}
