"""The judge itself: what is planted into journals and logs is found, under its own name, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields

import pytest

from tests.torture.journals import Journal, Stretch, Verdict, judge, seq_of, together

Log = dict[str, list[bytes]]
Plant = Callable[["Past"], None]


class Past:
    """What is right: two speakers at the JSON door and one at the text door, in a room with a host. Plant faults in it.

    Ada's connection broke after her second utterance. She did not know that it was stored, and has sent it again.
    """

    def __init__(self) -> None:
        self.log = [
            event(1, "room_opened"),
            event(2, "seated", name="Ada"),
            event(3, "seated", name="Ben"),
            event(4, "seated", name="Cy"),
            said(5, "Ada", "one", "c1"),
            said(6, "Ben", "one of mine", "c1"),
            said(7, "Cy", "plain one"),
            said(8, "Ada", "two", "c2"),
            event(9, "went_away", name="Ada"),
            said(10, "Cy", "plain two"),
            event(11, "came_back", name="Ada"),
            said(12, "Ada", "three", "c3"),
            said(13, "Cy", "plain three"),
            event(14, "left", name="Cy"),
        ]
        self.ada = Journal(
            "main", "Ada", "json", {"c1": "one", "c2": "two", "c3": "three"}, {"c1": 5, "c2": 8, "c3": 12}
        )
        self.ada.stretches = [
            Stretch("joined", after=0, seq=2, read=self.log[:7], unknown=("c2",)),
            Stretch("resumed", after=7, seq=10, read=self.log[7:]),
        ]
        self.ben = Journal("main", "Ben", "json", {"c1": "one of mine"}, {"c1": 6})
        self.ben.stretches = [Stretch("joined", after=1, seq=3, read=self.log[1:])]
        self.cy = Journal("main", "Cy", "text")
        self.cy.attempts = {"c1": "plain one", "c2": "plain two", "c3": "plain three"}
        self.cy.receipts = {"c1": None, "c2": None, "c3": None}
        heard = [("Ada", "one"), ("Ben", "one of mine"), ("Cy", "plain one"), ("Ada", "two")]
        self.cy.stretches = [
            Stretch("seated", heard=[*heard, ("Cy", "plain two"), ("Ada", "three"), ("Cy", "plain three")])
        ]

    @property
    def verdict(self) -> Verdict:
        return judge([self.ada, self.ben, self.cy], {"main": self.log})

    def forget(self, *seqs: int, readers: bool = True) -> None:
        """Take entries out of the log, and with `readers` out of what was read as well."""
        lists = [self.log]
        if readers:
            lists += [stretch.read for journal in (self.ada, self.ben) for stretch in journal.stretches]
        for bodies in lists:
            bodies[:] = [body for body in bodies if seq_of(body) not in seqs]

    def nobody_reads(self) -> None:
        """Let nobody have read anything, so that the log alone is looked at."""
        for journal in (self.ada, self.ben, self.cy):
            for stretch in journal.stretches:
                stretch.read, stretch.heard = [], []

    @property
    def ben_reads(self) -> list[bytes]:
        return self.ben.stretches[0].read

    @property
    def cy_hears(self) -> list[tuple[str, str]]:
        return self.cy.stretches[0].heard


def event(seq: int, kind: str, **rest: str) -> bytes:
    return json.dumps({"event": kind, "seq": seq, "at": 1_000 + seq, **rest}, separators=(",", ":")).encode()


def said(seq: int, name: str, text: str, cid: str | None = None) -> bytes:
    return event(seq, "said", name=name, text=text, **({} if cid is None else {"cid": cid}))


def lost_at_the_end(past: Past) -> None:
    past.nobody_reads()
    past.forget(13, 14)


def lost_with_its_numbers_used_again(past: Past) -> None:
    past.nobody_reads()
    past.log[12] = event(13, "left", name="Cy")
    past.log[13] = event(14, "room_closed")


def acknowledged_in_other_words(past: Past) -> None:
    past.nobody_reads()
    past.log[11] = said(12, "Ada", "thre", "c3")


def acknowledged_at_another_seq(past: Past) -> None:
    past.ada.acknowledge("c3", 11)


def stored_twice(past: Past) -> None:
    past.log.append(said(15, "Ada", "three", "c3"))


def stored_twice_without_cid(past: Past) -> None:
    past.log.append(said(15, "Cy", "plain three"))


def stored_twice_in_other_words(past: Past) -> None:
    past.log.append(said(15, "Ada", "four", "c3"))


def a_seq_given_twice(past: Past) -> None:
    past.log.append(past.log[13])


def read_twice(past: Past) -> None:
    past.ben_reads.insert(3, past.ben_reads[3])


def read_again_after_coming_back(past: Past) -> None:
    past.ada.stretches[1].after = 6
    past.ada.stretches[1].read.insert(0, past.log[6])


def heard_twice(past: Past) -> None:
    past.cy_hears.insert(1, past.cy_hears[1])


def swapped_in_the_log(past: Past) -> None:
    past.log[5], past.log[6] = past.log[6], past.log[5]
    past.cy.stretches = []


def stored_in_another_order_than_said(past: Past) -> None:
    past.nobody_reads()
    past.log[7] = said(8, "Ada", "three", "c3")
    past.log[11] = said(12, "Ada", "two", "c2")
    past.ada.receipts |= {"c2": 12, "c3": 8}


def swapped_for_a_reader(past: Past) -> None:
    past.ben_reads[3:5] = reversed(past.ben_reads[3:5])


def swapped_for_a_listener(past: Past) -> None:
    past.cy_hears[:2] = reversed(past.cy_hears[:2])


def a_seq_left_out_of_the_log(past: Past) -> None:
    past.nobody_reads()
    past.forget(9)


def the_first_seq_left_out_of_the_log(past: Past) -> None:
    past.nobody_reads()
    past.forget(1)


def not_shown_to_a_reader(past: Past) -> None:
    del past.ben_reads[5]


def not_shown_first(past: Past) -> None:
    del past.ben_reads[0]


def left_out_between_two_connections(past: Past) -> None:
    past.ada.stretches[1].after = 8
    past.ada.stretches[1].read.pop(0)


def not_shown_to_a_listener(past: Past) -> None:
    del past.cy_hears[3]


def shown_and_not_stored(past: Past) -> None:
    past.ben_reads.append(said(15, "Ada", "never stored"))


def shown_in_other_words(past: Past) -> None:
    past.ben_reads[3] = said(5, "Ada", "One", "c1")


def heard_and_not_stored(past: Past) -> None:
    past.cy_hears.append(("Ada", "never stored"))


def refused_and_stored(past: Past) -> None:
    past.ada.refused["c3"] = "storage"


def in_a_name_that_never_said_it(past: Past) -> None:
    past.log.append(said(15, "Ada", "I never said that"))


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (lost_at_the_end, "lost"),
        (lost_with_its_numbers_used_again, "lost"),
        (acknowledged_at_another_seq, "lost"),
        (acknowledged_in_other_words, "lost"),
        (stored_twice, "doubled"),
        (stored_twice_without_cid, "doubled"),
        (stored_twice_in_other_words, "doubled"),
        (read_twice, "doubled"),
        (read_again_after_coming_back, "doubled"),
        (heard_twice, "doubled"),
        (a_seq_given_twice, "doubled"),
        (swapped_in_the_log, "reordered"),
        (stored_in_another_order_than_said, "reordered"),
        (swapped_for_a_reader, "reordered"),
        (swapped_for_a_listener, "reordered"),
        (a_seq_left_out_of_the_log, "gaps"),
        (the_first_seq_left_out_of_the_log, "gaps"),
        (not_shown_to_a_reader, "gaps"),
        (not_shown_first, "gaps"),
        (left_out_between_two_connections, "gaps"),
        (not_shown_to_a_listener, "gaps"),
        (shown_and_not_stored, "shown_not_stored"),
        (shown_in_other_words, "shown_not_stored"),
        (heard_and_not_stored, "shown_not_stored"),
        (refused_and_stored, "refused_yet_stored"),
        (in_a_name_that_never_said_it, "invented"),
    ],
)
def test_a_planted_fault_is_found_and_no_other(plant: Plant, kind: str) -> None:
    """A judge that finds too much is as useless as one that finds nothing."""
    past = Past()
    plant(past)

    assert list(past.verdict.faults()) == [kind]


def test_what_is_right_is_found_right() -> None:
    """One utterance without a receipt at the break was there all the same: that is counted, and is no fault."""
    verdict = Past().verdict

    assert verdict.faults() == {}
    assert (verdict.sent, verdict.acknowledged, verdict.stored, verdict.read) == (7, 7, 14, 14 + 13 + 7)
    assert (verdict.unknown, verdict.unknown_then_present) == (1, 1)


def test_what_is_stored_only_because_it_was_sent_again_was_not_there_before() -> None:
    """The seq tells: what one finds when one comes back is not later than the room was then."""
    past = Past()
    past.ada.stretches[0].unknown = ("c2", "c3")

    assert (past.verdict.unknown, past.verdict.unknown_then_present) == (2, 1)


def test_a_gap_that_is_told_is_no_gap() -> None:
    """What is not kept any more is said so: reading goes on where the answer says."""
    past = Past()
    past.ada.stretches[1] = Stretch("gap", after=7, first=11, seq=11, read=past.log[10:])

    assert past.verdict.faults() == {}


def test_several_verdicts_are_one() -> None:
    """Each chunk of a long run has its own."""
    broken = Past()
    lost_at_the_end(broken)

    total = together([Past().verdict, broken.verdict])

    assert {each.name: getattr(total, each.name) for each in fields(total) if each.name in {"lost", "sent"}} == {
        "lost": ["Cy in main: c3 at None"],
        "sent": 14,
    }
