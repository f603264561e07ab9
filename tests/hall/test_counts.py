"""The counts of a hall: each turn once, under how it ended, and only once that is committed."""

from __future__ import annotations

from moothall.engine.commands import Next, Remove, Skip
from moothall.engine.names import Name
from moothall.testing import FailingLog, memory_hall
from moothall.views.turns import Outcome
from tests.hall.house import SECOND, chat, rules, talking

NOTHING = dict.fromkeys(Outcome, 0)


def test_nothing_has_ended_in_a_new_hall() -> None:
    """Every outcome is there, so that whoever reads them need not know which may come."""
    assert memory_hall().hall.press.counts.turns() == NOTHING


def test_each_turn_counts_once_under_how_it_ended() -> None:
    """Said, passed, run out, taken away, and left with the floor."""
    hall, (kari, lars) = talking("Kari", "Lars", rules=rules(rounds=3))
    kari.say("Oh yes")
    lars.pass_turn()
    hall.settle()
    hall.advance(30 * SECOND)
    hall.operate(Skip())
    hall.settle()
    kari.leave()
    hall.settle()

    assert hall.hall.press.counts.turns() == {
        Outcome.SAID: 1,
        Outcome.PASSED: 1,
        Outcome.DEADLINE: 1,
        Outcome.REVOKED: 1,
        Outcome.LEFT: 1,
    }


def test_who_leaves_or_is_removed_between_turns_ends_none() -> None:
    """A seat that is given up is no turn; a floor that is taken away first is one that was revoked."""
    hall, (_, lars, _) = talking("Kari", "Lars", "Ola", rules=rules(3))
    lars.leave()
    hall.operate(Remove(Name("Ola")))
    hall.settle()
    assert hall.hall.press.counts.turns() == NOTHING

    hall.operate(Remove(Name("Kari")))
    hall.settle()

    assert hall.hall.press.counts.turns() == NOTHING | {Outcome.REVOKED: 1}


def test_a_topic_that_is_closed_takes_the_floor_away() -> None:
    """Whoever had it then has had a turn."""
    hall, _ = talking("Kari", "Lars", rules=rules())
    hall.operate(Next())
    hall.settle()

    assert hall.hall.press.counts.turns() == NOTHING | {Outcome.REVOKED: 1}


def test_without_turns_utterances_are_counted() -> None:
    """Of all rooms together."""
    hall, (kari, lars) = talking("Kari", "Lars", rules=chat())
    kari.say("Hei")
    lars.say("Hei, hei")
    kari.say("Ha det")
    hall.settle()

    assert hall.hall.press.counts.turns() == NOTHING | {Outcome.SAID: 3}


def test_what_could_not_be_stored_did_not_happen() -> None:
    """Nothing that is taken back is counted, nor counted twice once it is said again."""
    log = FailingLog()
    hall, (kari, _) = talking("Kari", "Lars", rules=rules(), log=log)
    log.fails_at.add(log.commits + 1)
    kari.say("Oh yes")
    hall.settle()
    assert hall.hall.press.counts.turns() == NOTHING

    hall.advance(2 * SECOND)
    kari.say("Oh yes")
    hall.settle()

    assert hall.hall.press.counts.turns() == NOTHING | {Outcome.SAID: 1}
