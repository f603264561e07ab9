"""A change and what a dialect says of it: plain values that may be kept and compared."""

from __future__ import annotations

import msgspec
import pytest

from moothall.engine.events import CameBack, Paused
from moothall.wire.change import Change, Dialect
from moothall.wire.json_lines import JSON_LINES
from moothall.wire.text import BARE, TEXT
from tests.engine.past import KARI, OLA, a_room, play, talking
from tests.wire.samples import a_change


def test_a_dialect_has_own_words_for_one_reader_at_most() -> None:
    """Most events look the same to all; where one reads otherwise, all the others, and who has no name, do not."""
    plain = Dialect("plain", lambda change: b"%d\n" % change.after.seq, needs_room=False)
    told = Dialect("told", plain.encode, needs_room=False, own=lambda _change: (KARI, b"you\n"))
    silent = Dialect("silent", plain.encode, needs_room=False, own=lambda _change: None)
    change = a_change(play(a_room()), Paused(), body=b"{}")

    assert [plain.line(change, reader) for reader in (KARI, OLA, None)] == [b"2\n"] * 3
    assert [told.line(change, reader) for reader in (KARI, OLA, None)] == [b"you\n", b"2\n", b"2\n"]
    assert [silent.line(change, reader) for reader in (KARI, OLA, None)] == [b"2\n"] * 3


def test_a_change_holds_both_sides_of_an_event() -> None:
    """What a line says may depend on the room that was, and on the room that is."""
    before = play(a_room())
    change = a_change(before, Paused(), body=b'{"event":"paused"}')

    assert (change.before.seq, change.after.seq) == (1, 2)
    assert (change.before.paused_at, change.after.paused_at) == (None, change.after.at)
    assert (change.event, change.body) == (Paused(), b'{"event":"paused"}')


@pytest.mark.parametrize("kind", [Change, Dialect], ids=lambda kind: kind.__name__)
def test_they_never_change(kind: type[msgspec.Struct]) -> None:
    """One line is shared by a thousand readers."""
    assert kind.__struct_config__.frozen


@pytest.mark.parametrize("dialect", [JSON_LINES, TEXT, BARE], ids=lambda dialect: dialect.name)
def test_every_dialect_ends_its_lines(dialect: Dialect) -> None:
    """Lines are put together without looking into them, so one without its end would swallow the next."""
    room = talking(KARI)
    for event in (Paused(), CameBack(KARI)):
        change = a_change(room, event, body=b"{}")
        for line in (dialect.line(change, None), dialect.line(change, KARI)):
            assert line == b"" or line.endswith(b"\n")


def test_dialects_have_names_of_their_own() -> None:
    """A feed keeps one encoding per name."""
    assert len({dialect.name for dialect in (JSON_LINES, TEXT, BARE)}) == 3
    assert {dialect.name for dialect in (JSON_LINES, TEXT, BARE) if dialect.needs_room} == {"text", "bare"}
