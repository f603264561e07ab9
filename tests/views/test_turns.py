"""A turn is one row, whatever became of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from moothall.engine.commands import (
    CallTime,
    CloseSitting,
    ComeBack,
    Command,
    GoAway,
    Grant,
    HostSay,
    Join,
    Leave,
    Next,
    Pass,
    Pause,
    Remove,
    Reopen,
    RequestFloor,
    Revoke,
    Say,
    Skip,
    Unpause,
)
from moothall.engine.events import FloorGranted, Passed, Reopened, TopicClosed
from moothall.engine.names import Name
from moothall.engine.rules import Rules
from moothall.engine.words import Kind, OnMissed, PolicyName, TopicEnd
from moothall.errors import Rejected
from moothall.views.timeline import changes
from moothall.views.turns import COLUMNS, Outcome, TurnRow, cells, turn_rows
from moothall.wire.json_lines import encode_event
from tests.engine.past import KARI, LARS, NOON
from tests.views.logs import JOINS, SITTING, TWO, Step, bodies_of, changes_of

OPEN = replace(TWO, policy=PolicyName.OPEN)


def rows_of(*steps: Step, rules: Rules = TWO) -> list[TurnRow]:
    return list(turn_rows(changes_of(*steps, rules=rules)))


def took(*steps: Step, rules: Rules = TWO) -> int | None:
    return rows_of(*JOINS, *steps, rules=rules)[0].took_ms


def test_the_columns_are_those_that_are_promised() -> None:
    """Notebooks lean on them: see `moothall export --help` and the README."""
    promised = "room sitting labels topic round turn seq asked_at took_ms name kind about outcome text"

    assert " ".join(COLUMNS) == promised


def test_a_turn_is_a_row() -> None:
    """All that one would group by stands in it, the words as they were said."""
    row = rows_of(*SITTING, rules=replace(TWO, labels={"arm": "rotate"}))[1]

    assert asdict(row) == {
        "room": "main",
        "sitting": 1,
        "labels": {"arm": "rotate"},
        "topic": "hug",
        "round": 1,
        "turn": 2,
        "seq": 10,
        "asked_at": NOON + 1_001,
        "took_ms": 2_000,
        "name": KARI,
        "kind": Kind.PERSON,
        "about": "eight lines",
        "outcome": Outcome.SAID,
        "text": "Why, no.\nNever.",
    }


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        (Say(LARS, "Sure!"), "said"),
        (Pass(LARS), "passed"),
        (CallTime(), "deadline"),
        (Skip(), "revoked"),
        (Remove(LARS), "revoked"),
        (Next(), "revoked"),
        (CloseSitting(), "revoked"),
        (Leave(LARS), "left"),
    ],
)
def test_a_turn_ends_in_one_of_five_ways(command: Command, outcome: str) -> None:
    """The row says which, and names who had the floor."""
    row = rows_of(*JOINS, (30_001, command))[0]

    assert (row.name, row.turn, row.outcome, row.took_ms) == (LARS, 1, outcome, 30_000)


def test_seq_is_that_of_the_event_that_ended_the_turn() -> None:
    """There one finds it in the log: removing somebody takes the floor first."""
    told = changes_of(*JOINS, (2, Remove(LARS)))

    row = next(turn_rows(told))

    assert (row.seq, type(told[row.seq - 1].event).__name__) == (8, "FloorRevoked")


def test_whoever_did_not_speak_has_no_words() -> None:
    """An empty text says nothing that was not said."""
    assert [row.text for row in rows_of(*JOINS, (2, Pass(LARS)), (3, Say(KARI, "No")))] == ["", "No"]


def test_an_open_turn_has_no_row_yet() -> None:
    """It has no outcome, and how long it takes is not known: the row comes when it has ended."""
    assert rows_of(*JOINS) == []


def test_a_turn_that_a_closing_topic_took_along_has_its_row() -> None:
    """The rules revoke it first; a log that does not is still a log, and no turn may vanish from it."""
    opened = [*bodies_of(*JOINS), encode_event(TopicClosed(TopicEnd.OPERATOR), 8, NOON + 5)]

    assert [(row.turn, row.outcome) for row in turn_rows(changes(opened))] == [(1, "revoked")]


def test_the_hosts_words_are_no_turn() -> None:
    """The host has no seat."""
    assert rows_of(*JOINS, (2, HostSay("Be brief."))) == []


def test_under_the_policy_open_each_utterance_is_a_row() -> None:
    """There is no turn, so nobody was asked: it has the moment at which it was said, and took no time."""
    rows = rows_of(*JOINS, (7, Say(KARI, "Hello?")), (9, Say(KARI, "Oh.")), rules=OPEN)

    assert [(row.topic, row.round, row.turn, row.asked_at - NOON, row.took_ms, row.text) for row in rows] == [
        ("hug", None, None, 7, None, "Hello?"),
        ("hug", None, None, 9, None, "Oh."),
    ]


def test_without_rounds_a_turn_has_none() -> None:
    """Under `request` and `chair` one has turns, as often as one asks or is asked."""
    rules = replace(TWO, policy=PolicyName.REQUEST)
    asked = ((2, RequestFloor(KARI)), (5, Say(KARI, "One.")), (6, RequestFloor(KARI)), (9, Pass(KARI)))

    rows = rows_of(*JOINS, *asked, rules=rules)

    assert [(row.round, row.turn, row.took_ms, row.outcome) for row in rows] == [
        (None, 1, 3, "said"),
        (None, 2, 3, "passed"),
    ]


def test_an_ending_revokes_every_turn_that_is_open() -> None:
    """Everybody had the floor at once; the phrase was said, and the others were stopped."""
    rules = replace(TWO, policy=PolicyName.PARALLEL, until="phrase=agreed")

    rows = rows_of(*JOINS, (1_001, Say(KARI, "Agreed!")), rules=rules)

    assert [(row.name, row.turn, row.took_ms, row.outcome) for row in rows] == [
        (KARI, 2, 1_000, "said"),
        (LARS, 1, 1_000, "revoked"),
    ]


@pytest.mark.parametrize("on_missed", OnMissed)
def test_a_turn_that_costs_the_seat_is_one_missed_turn(on_missed: OnMissed) -> None:
    """What follows from it ends no turn a second time."""
    rules = replace(TWO, missed_turns=1, on_missed=on_missed)

    rows = rows_of(*JOINS, (30_001, CallTime()), rules=rules)

    assert [(row.name, row.turn, row.outcome) for row in rows] == [(LARS, 1, "deadline")]


def test_what_the_chair_takes_away_is_revoked() -> None:
    """Like what the operator does; the log says who."""
    rules = replace(TWO, policy=PolicyName.CHAIR, chair="Lars")

    rows = rows_of(*JOINS, (2, Grant("Kari", by=LARS)), (7, Revoke(by=LARS)), rules=rules)

    assert [(row.name, row.outcome, row.took_ms) for row in rows] == [(KARI, "revoked", 5)]


def test_words_before_the_topic_have_none() -> None:
    """Under the policy `open` one may speak while the room still gathers."""
    rows = rows_of((0, Join(LARS)), (1, Say(LARS, "Anybody?")), rules=OPEN)

    assert [(row.sitting, row.topic, row.text) for row in rows] == [(1, "", "Anybody?")]


def test_turns_are_numbered_through_the_sittings() -> None:
    """One table holds them all, and tells them apart."""
    again = tuple((at + 10_000, command) for at, command in SITTING)

    assert [(row.sitting, row.turn) for row in rows_of(*SITTING, *again)] == [(1, 1), (1, 2), (2, 3), (2, 4)]


def test_a_pause_does_not_count() -> None:
    """Its clock stood still."""
    assert took((2_001, Pause()), (62_001, Unpause()), (63_001, Say(LARS, "Sure!"))) == 3_000


def test_a_pause_does_not_count_where_the_deadline_is_moved_further() -> None:
    """Whoever had less than five seconds left gets five; the time that it took is the same."""
    assert took((29_001, Pause()), (29_101, Unpause()), (30_101, Say(LARS, "Sure!"))) == 30_000


def test_a_pause_does_not_count_without_a_deadline() -> None:
    """A turn without one has a clock as well."""
    rules = replace(TWO, turn_seconds=0)

    assert took((2_001, Pause()), (62_001, Unpause()), (63_001, Say(LARS, "Sure!")), rules=rules) == 3_000


def test_a_turn_may_end_in_a_pause() -> None:
    """Then its clock had stopped when the pause began."""
    assert took((2_001, Pause()), (62_001, Leave(LARS))) == 2_000


def test_two_pauses_do_not_count_twice() -> None:
    """Each is taken off once."""
    pauses = ((1_001, Pause()), (2_001, Unpause()), (3_001, Pause()), (5_001, Unpause()))

    assert took(*pauses, (6_001, Say(LARS, "Sure!"))) == 3_000


def test_a_restart_does_not_count() -> None:
    """The server was down for eight seconds, and moved the deadline by them."""
    down = Reopen(since=NOON + 2_001)

    assert took((10_001, down), (10_500, ComeBack(LARS)), (11_001, Say(LARS, "Sure!"))) == 3_000


def test_a_restart_after_a_pause_does_not_count_either() -> None:
    """They are two ways in which a clock stands still."""
    still = ((1_001, Pause()), (2_001, Unpause()), (5_001, Reopen(since=NOON + 4_001)))

    assert took(*still, (6_001, Say(LARS, "Sure!"))) == 4_000


def test_a_restart_just_before_the_deadline_never_makes_a_turn_take_less_than_nothing() -> None:
    """The deadline was moved further than the server was down, and how far is not in the log."""
    rules = replace(TWO, turn_seconds=1)

    assert took((2, Reopen(since=NOON + 1)), (3, Say(LARS, "Sure!")), rules=rules) == 0


def test_a_restart_moves_the_turn_that_it_names() -> None:
    """Several may be open, each with a clock of its own."""
    two_open = [
        *bodies_of(*JOINS),
        encode_event(FloorGranted(KARI, 2, NOON + 60_000, 60), 8, NOON + 1),
        encode_event(Reopened(1, NOON + 31_001), 9, NOON + 2_001),
        encode_event(Passed(LARS, 1), 10, NOON + 3_001),
        encode_event(Passed(KARI, 2), 11, NOON + 3_001),
    ]

    assert [(row.name, row.took_ms) for row in turn_rows(changes(two_open))] == [(LARS, 2_000), (KARI, 3_000)]


def test_being_away_counts() -> None:
    """A lost connection does not stop the clock."""
    assert took((1_001, GoAway(LARS)), (4_001, ComeBack(LARS)), (5_001, Say(LARS, "Sure!"))) == 5_000


def test_cells_are_text() -> None:
    """Nothing where there is nothing, and labels as they would stand in JSON."""
    row = rows_of(*JOINS, (7, Say(KARI, "Hello?")), rules=replace(OPEN, labels={"arm": "open", "day": "1"}))[0]

    assert cells(row) == [
        *["main", "1", '{"arm":"open","day":"1"}', "hug", "", "", "6", str(NOON + 7), ""],
        *["Kari", "person", "eight lines", "said", "Hello?"],
    ]


asks: st.SearchStrategy[Callable[[Name], Command]] = st.sampled_from(
    [
        Join,
        lambda name: Say(name, "Yes"),
        Pass,
        Leave,
        GoAway,
        ComeBack,
        Remove,
        lambda _: CallTime(),
        lambda _: Skip(),
        lambda _: Next(),
        lambda _: Pause(),
        lambda _: Unpause(),
        lambda _: CloseSitting(),
        lambda _: Reopen(since=NOON),
    ]
)


@given(st.lists(st.tuples(st.integers(0, 40_000), asks, st.sampled_from([LARS, KARI]))))
def test_every_turn_that_has_ended_has_one_row(past: list[tuple[int, Callable[[Name], Command], Name]]) -> None:
    """Whatever was asked, when and by whom: the turns granted are those with a row and those still open."""
    steps: list[Step] = []
    at = 0
    for later, ask, name in past:
        at += later
        try:
            bodies_of(*steps, step := (at, ask(name)))
        except Rejected:
            continue
        steps.append(step)
    told = changes_of(*steps)

    rows = list(turn_rows(told))

    granted = [change.event.turn for change in told if isinstance(change.event, FloorGranted)]
    still_open = [turn.number for turn in told[-1].after.turns]
    assert sorted([row.turn for row in rows if row.turn is not None] + still_open) == granted
    assert all(row.took_ms is not None and row.took_ms >= 0 for row in rows)
