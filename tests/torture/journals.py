"""What clients note outside of the server, and the judge who holds it against the log.

A journal says what one client has sent, what it was told of it, and what it has read, in its own door's words. The
judge reads bytes and leans on nothing of the server's but the reading of its log: what it calls lost is not in the
file.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal

from moothall.engine.names import RoomName
from moothall.log.reader import open_reader

__all__ = ["Journal", "Stretch", "Verdict", "judge", "read_rooms", "together"]

Door = Literal["json", "text"]

_MAX_SENTENCES: Final = 5

_SEQ: Final = re.compile(rb'"seq":(\d+)')


@dataclass
class Stretch:
    """What one connection has read, from its welcome to its end.

    `word` is the welcome: `joined`, `resumed`, `gap` or `reset` with its numbers; `seated` at the text door, without.
    """

    word: str
    after: int = 0
    first: int = 0  # of `gap`
    seq: int = 0  # the room's last when one came in
    epoch: str = ""
    read: list[bytes] = field(default_factory=list)  # JSON door: the events, as they came
    heard: list[tuple[str, str]] = field(default_factory=list)  # text door: who said what, one's own at its receipt
    unknown: tuple[str, ...] = ()  # what was sent and had no answer when the connection ended


@dataclass
class Journal:
    """What one client knows. Its words are its own: it says nothing twice but under the same cid."""

    room: str
    name: str
    door: Door
    attempts: dict[str, str] = field(default_factory=dict)  # the words of each cid, in the order of first sending
    receipts: dict[str, int | None] = field(default_factory=dict)  # the seq of each cid; the text door tells none
    refused: dict[str, str] = field(default_factory=dict)  # the reason of each cid that was refused for good
    stretches: list[Stretch] = field(default_factory=list)
    resent: int = 0
    other_receipts: list[tuple[str, int | None]] = field(default_factory=list)  # a second one, with another seq

    def acknowledge(self, cid: str, seq: int | None) -> None:
        """Note a receipt. The same again says nothing new."""
        if self.receipts.setdefault(cid, seq) != seq:
            self.other_receipts.append((cid, seq))

    def last_read(self) -> int:
        """Return the seq of the last event read; 0: none."""
        for stretch in reversed(self.stretches):
            if stretch.read:
                return seq_of(stretch.read[-1])
        return 0


@dataclass
class Verdict:
    """What the judge has found: a sentence for each fault, and how much was looked at."""

    lost: list[str] = field(default_factory=list)  # a receipt, and not in the log, or other words
    doubled: list[str] = field(default_factory=list)  # twice in the log, or read twice
    reordered: list[str] = field(default_factory=list)  # the log's, a speaker's or a reader's order is another
    gaps: list[str] = field(default_factory=list)  # a seq that is not in the log, or that a reader was not shown
    shown_not_stored: list[str] = field(default_factory=list)  # read by somebody, and not so in the log
    refused_yet_stored: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)  # in the log under a name that has never sent it
    sent: int = 0
    resent: int = 0
    acknowledged: int = 0
    read: int = 0
    stored: int = 0  # entries in the log
    unknown: int = 0  # sent, without an answer when the connection ended
    unknown_then_present: int = 0  # of these: was in the log all the same

    def faults(self) -> dict[str, list[str]]:
        """Return what is wrong, by the kind of fault: the first sentences of each. Nothing where all is well."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {kind: _shortened(found) for kind, found in found.items() if isinstance(found, list) and found}

    def told(self) -> str:
        """Return the figures in one line."""
        return (
            f"{self.sent} sent, {self.acknowledged} acknowledged, {self.read} lines read: {len(self.lost)} lost, "
            f"{len(self.doubled)} doubled, {len(self.reordered)} reordered, {len(self.gaps)} gaps, "
            f"{len(self.shown_not_stored)} shown but not stored; "
            f"{self.unknown_then_present} of {self.unknown} unknown were there"
        )


def _shortened(sentences: list[str]) -> list[str]:
    more = len(sentences) - _MAX_SENTENCES
    return sentences if more <= 0 else [*sentences[:_MAX_SENTENCES], f"and {more} more"]


def judge(journals: Iterable[Journal], entries: Mapping[str, Sequence[bytes]]) -> Verdict:
    """Hold journals against the log: the entries' bodies of each room, in the log's order."""
    verdict = Verdict()
    rooms = {room: _RoomLog(room, bodies) for room, bodies in entries.items()}
    for log in rooms.values():
        _judge_log(log, verdict)
    for journal in journals:
        log = rooms.get(journal.room) or _RoomLog(journal.room, ())
        _judge_words(journal, log, verdict)
        _judge_breaks(journal, log, verdict)
        if journal.door == "json":
            _judge_events(journal, log, verdict)
        else:
            _judge_lines(journal, log, verdict)
    return verdict


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """Return several verdicts as one."""
    total = Verdict()
    for verdict in verdicts:
        for each in fields(Verdict):
            setattr(total, each.name, getattr(total, each.name) + getattr(verdict, each.name))
    return total


def read_rooms(folder: Path) -> dict[str, list[bytes]]:
    """Read the logs of all rooms from the disk."""
    reader = open_reader(folder)
    try:
        return {summary.room: _read_room(reader.read, summary.room) for summary in reader.rooms()}
    finally:
        reader.close()


def _read_room(read: Any, room: RoomName) -> list[bytes]:
    bodies: list[bytes] = []
    while page := read(room, after=len(bodies)):
        bodies += [entry.body for entry in page]
    return bodies


def seq_of(body: bytes) -> int:
    """Return the seq that an event's line tells."""
    found = _SEQ.search(body)
    assert found is not None, body
    return int(found[1])


class _RoomLog:
    """A room's log, to be looked things up in. What was said is numbered by its place among all that was said."""

    def __init__(self, room: str, bodies: Sequence[bytes]) -> None:
        self.room = room
        self.seqs = [seq_of(body) for body in bodies]
        self.bodies = dict(zip(self.seqs, bodies, strict=True))
        self.said: list[dict[str, Any]] = [json.loads(body) for body in bodies if body.startswith(b'{"event":"said"')]
        self.places: dict[tuple[str, str], list[int]] = {}
        self.lines = [(event["name"], event["text"]) for event in self.said]
        for place, line in enumerate(self.lines):
            self.places.setdefault(line, []).append(place)

    def find(self, line: tuple[str, str], *, after: int = -1) -> int | None:
        """Return where something was said, the first time after a place where there is one."""
        places = self.places.get(line, [])
        return next((place for place in places if place > after), places[0] if places else None)

    def find_all(self, heard: Sequence[tuple[str, str]], *, after: int) -> list[int]:
        """Return where each of these lines was said, but for those that never were.

        Where the first was said several times, it is the one after which most of the others follow.
        """
        known = [line for line in heard if line in self.places]
        starts = [place for place in self.places[known[0]] if place > after] if known else []
        found: list[int] = []
        if starts:
            after = max(starts, key=lambda start: self._follow(known, start)) - 1
        for line in known:
            place = self.find(line, after=found[-1] if found else after)
            assert place is not None
            found.append(place)
        return found

    def _follow(self, heard: Sequence[tuple[str, str]], start: int) -> int:
        return sum(line == said for line, said in zip(heard, self.lines[start:], strict=False))

    def said_by(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.said if event["name"] == name]


def _judge_log(log: _RoomLog, verdict: Verdict) -> None:
    where = f"log of {log.room}"
    verdict.stored += len(log.seqs)
    _judge_run(log.seqs, where, verdict, start=1)


def _judge_run(numbers: Sequence[int], where: str, verdict: Verdict, start: int) -> None:
    """Compare numbers with those that there must be from `start` on: each once, in order, none left out."""
    counts = Counter(numbers)
    missing = [number for number in range(start, max(numbers, default=0) + 1) if number not in counts]
    verdict.gaps += [f"{where}: {number} is missing" for number in missing]
    verdict.doubled += [f"{where}: {number} comes {count} times" for number, count in counts.items() if count > 1]
    verdict.doubled += [f"{where}: {number} comes again" for number in counts if number < start]
    verdict.reordered += [f"{where}: {after} before {later}" for after, later in pairwise(numbers) if later < after]


def _judge_words(journal: Journal, log: _RoomLog, verdict: Verdict) -> None:
    who = f"{journal.name} in {journal.room}"
    own = log.said_by(journal.name)
    texts, cids = Counter(event["text"] for event in own), Counter(event.get("cid") for event in own)
    cid_of = {text: cid for cid, text in journal.attempts.items()}
    assert len(cid_of) == len(journal.attempts), f"{who} has said the same twice"
    verdict.sent += len(journal.attempts)
    verdict.resent += journal.resent
    verdict.acknowledged += len(journal.receipts)

    for cid, seq in [*journal.receipts.items(), *journal.other_receipts]:
        if not _is_stored(journal, log, cid, seq):
            verdict.lost.append(f"{who}: {cid} at {seq}")
    for cid, text in journal.attempts.items():
        if texts[text] > 1 or cids[cid] > 1:
            verdict.doubled.append(f"{who}: {cid}")
        if cid in journal.refused and (texts[text] or cids[cid]):
            verdict.refused_yet_stored.append(f"{who}: {cid}, {journal.refused[cid]}")
    verdict.invented += [
        f"{who}: {text!r}"
        for event in own
        if (text := event["text"]) not in cid_of and event.get("cid") not in journal.attempts
    ]
    places = [place for text in cid_of if (place := log.find((journal.name, text))) is not None]
    verdict.reordered += [
        f"{who}: {log.said[later]['text']!r} before {log.said[after]['text']!r}"
        for after, later in pairwise(places)
        if later < after
    ]


def _is_stored(journal: Journal, log: _RoomLog, cid: str, seq: int | None) -> bool:
    name, text = journal.name, journal.attempts[cid]
    if seq is None:
        return (name, text) in log.places
    event: dict[str, Any] = json.loads(log.bodies.get(seq, b"{}"))
    told = {"event": "said", "name": name, "text": text, "cid": cid}
    return all(event.get(key) == value for key, value in told.items())


def _judge_breaks(journal: Journal, log: _RoomLog, verdict: Verdict) -> None:
    for stretch, following in pairwise([*journal.stretches, Stretch("the end", seq=max(log.seqs, default=0))]):
        verdict.unknown += len(stretch.unknown)
        for cid in stretch.unknown:
            place = log.find((journal.name, journal.attempts[cid]))
            # At the JSON door it may also be there because it was sent again, after coming back.
            if place is not None and (journal.door == "text" or log.said[place]["seq"] <= following.seq):
                verdict.unknown_then_present += 1


def _judge_events(journal: Journal, log: _RoomLog, verdict: Verdict) -> None:
    who = f"{journal.name} in {journal.room}"
    last: int | None = None
    for number, stretch in enumerate(journal.stretches, 1):
        where = f"{who}, connection {number}, {stretch.word}"
        start = stretch.first if stretch.word == "gap" else stretch.after + 1
        if stretch.word == "resumed" and last is not None:
            start = last + 1
        seqs = [seq_of(body) for body in stretch.read]
        verdict.read += len(seqs)
        _judge_run(seqs, where, verdict, start)
        verdict.shown_not_stored += [
            f"{where}: {body!r}" for seq, body in zip(seqs, stretch.read, strict=True) if log.bodies.get(seq) != body
        ]
        last = max([start - 1, *seqs])


def _judge_lines(journal: Journal, log: _RoomLog, verdict: Verdict) -> None:
    who = f"{journal.name} in {journal.room}"
    last = -1
    for number, stretch in enumerate(journal.stretches, 1):
        where = f"{who}, connection {number}"
        verdict.read += len(stretch.heard)
        verdict.shown_not_stored += [f"{where}: {line}" for line in stretch.heard if line not in log.places]
        places = log.find_all(stretch.heard, after=last)
        if not places:
            continue
        # What was said before one took the seat is not told here; from the first line on, all of it is.
        _judge_run(places, where, verdict, start=max(min(places), last + 1))
        last = max(places)
