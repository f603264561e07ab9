"""The lines before full rooms."""

from __future__ import annotations

from moothall.hall.lobby import Wish
from moothall.hall.waiting import Knock, WaitingList
from moothall.testing import Participant, memory_hall
from moothall.wire.json_lines import JSON_LINES


def knock(name: str) -> Knock:
    who = Participant(memory_hall(), name, JSON_LINES, None, None, b"")
    return Knock(Wish(room="main", name=name), who, JSON_LINES, who.let_in, who.turn_away)


def test_each_room_has_its_own_line_however_it_is_spelled() -> None:
    """First come, first served."""
    waiting, kari, ola, nina = WaitingList(), knock("Kari"), knock("Ola"), knock("Nina")

    assert [waiting.add("main", kari), waiting.add("MAIN", ola), waiting.add("lab", nina)] == [1, 2, 1]
    assert (waiting.line("main"), waiting.line("Lab"), waiting.line("attic")) == ([kari, ola], [nina], [])


def test_who_goes_makes_room_for_the_next() -> None:
    """Going twice is going."""
    waiting, kari, ola = WaitingList(), knock("Kari"), knock("Ola")
    waiting.add("main", kari)
    waiting.add("main", ola)

    assert [waiting.remove(kari.connection), waiting.remove(kari.connection)] == [True, False]
    assert waiting.line("main") == [ola]
    assert waiting.remove(ola.connection)
    assert waiting.line("main") == []
