"""What holds in a hall whatever happens in it: joins, words, slow readers, dead lines and a disk that fails.

The steps are drawn without looking at the hall, so that a failing history shrinks.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.engine.commands import CloseSitting, Command, HostSay, Next, Remove
from moothall.engine.evolve import empty_room, evolve
from moothall.engine.names import Name, RoomName
from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards, PolicyName
from moothall.errors import Reason, Rejected
from moothall.hall.feed import MAX_PIECE_BYTES
from moothall.hall.lobby import Wish
from moothall.log.room_log import Batch
from moothall.testing import FailingLog, MemoryHall, Participant, memory_hall
from moothall.views.turns import Outcome, turn_rows
from moothall.wire.change import Change, Dialect
from moothall.wire.json_lines import JSON_LINES, decode_event
from moothall.wire.text import TEXT

ROOMS: Final = ("main", "lab")
NAMES: Final = ("Kari", "Ola", "Nina")
MAX_STALLED_BYTES: Final = 64 * 1024


class Step(NamedTuple):
    """One thing that happens. `who` picks one of those who were ever let in, `number` is whatever it needs."""

    what: str
    room: str
    name: str
    who: int
    number: int


class Shown(FailingLog):
    """Remembers, for every commit that failed, the words that nobody may ever be shown."""

    def __init__(self) -> None:
        super().__init__()
        self.unsaid: list[bytes] = []

    def commit(self, batch: Batch) -> None:
        try:
            super().commit(batch)
        except Exception:
            self.unsaid += [line for run in batch.runs.values() for line in bytes(run.body).split(b"\n")]
            raise


class Story:
    """A hall with two rooms, in one of which all seats are taken, and everybody who was ever let in."""

    def __init__(self, rules: Rules) -> None:
        self.log = Shown()
        self.hall = memory_hall(rules, log=self.log)
        self.crowd: list[Participant] = []
        self.words = 0
        for number, name in enumerate(NAMES[: rules.seats]):
            self.enter(Step("join", "main", name, number, 0))
        self.enter(Step("watch", "main", "", 3, 1))
        self.hall.settle()

    def live(self, steps: list[Step]) -> None:
        for step in steps:
            with suppress(Rejected, LookupError):
                self.take(step)
        for who in self.crowd:
            who.read_on()
        self.log.fails_at.clear()
        # Long enough for a retry and for every rider, and shorter than any turn.
        self.hall.advance(2_000)

    def take(self, step: Step) -> None:
        who = self.crowd[step.who % len(self.crowd)] if self.crowd else None
        match step.what:
            case "join" | "watch":
                self.enter(step)
            case "come back" if who:
                self.crowd.append(self.hall.come_back(who))
            case "say" if who:
                self.words += 1
                who.say(f"words {self.words} {'x' * step.number}")
            case "holder says":
                self.holder_says(step)
            case "pass" if who:
                who.pass_turn()
            case "leave" if who:
                who.leave()
            case "hang up" if who:
                who.hang_up()
            case "stall" if who:
                who.stall()
            case "take" if who:
                who.take(step.number)
            case "read on" if who:
                who.read_on()
            case "operate":
                commands: list[Command] = [HostSay("Well?"), Next(), Remove(Name(step.name)), CloseSitting()]
                self.hall.operate(commands[step.number % len(commands)], step.room)
            case "fail":
                self.log.fails_at.add(self.log.commits + 1 + step.number % 3)
            case "settle":
                self.hall.settle()
            case "wait":
                self.hall.advance(step.number)

    def enter(self, step: Step) -> None:
        after = (None, 0, 3)[step.number % 3]
        watch = step.what == "watch"
        wish = Wish(room=step.room, name=step.name, keyed=step.who % 2 == 0, watch=watch, after=after)
        self.crowd.append(self.hall.admit(wish, dialect=(JSON_LINES, TEXT)[step.who % 3 == 1]))

    def holder_says(self, step: Step) -> None:
        clerk = self.hall.hall.clerks[step.room]
        visit = clerk.visits[clerk.newest.holder or Name("")] if clerk.newest.holder in clerk.visits else None
        for who in self.crowd:
            if who.welcome is not None and who.visit is visit:
                self.words += 1
                who.say(f"words {self.words} {'x' * step.number}")

    def readers(self) -> list[Participant]:
        return [who for who in self.crowd if who.welcome is not None]


def expected(hall: MemoryHall, who: Participant) -> bytes:
    """Return what `who` must have read so far: the log after its cursor, in its own words, up to its last event."""
    visit, cursor = who.visit, who.visit.cursor
    assert who.welcome is not None
    lines = lines_of(hall, visit.clerk.name, who.dialect, visit.name, who.welcome.after, cursor.seq + 1)
    if cursor.offset:
        lines[-1] = lines[-1][: cursor.offset]
    elif cursor.seq < hall.room(visit.clerk.name).seq and cursor.seq >= who.welcome.after:
        lines.pop()
    return b"".join(lines)


def has_all(hall: MemoryHall, who: Participant) -> bool:
    """Tell whether `who` was written all that there is to read, up to the end of the visit.

    Only who is taken over by another connection, or a spectator who goes, may miss the rest, even of a line.
    """
    visit, cursor = who.visit, who.visit.cursor
    if who.is_finished and (visit.name is None or who.refusals[-1:] == [Reason.TAKEN_OVER]):
        return True
    last = visit.last_seq if who.is_finished else hall.room(visit.clerk.name).seq
    return (cursor.seq, cursor.offset) == (last, 0)


def lines_of(hall: MemoryHall, room: str, dialect: Dialect, name: Name | None, after: int, last: int) -> list[bytes]:
    lines: list[bytes] = []
    before = empty_room(RoomName(room))
    for entry in hall.entries(room)[:last]:
        event, stamp = decode_event(entry.body)
        room_after = evolve(before, event, stamp.at)
        if stamp.seq > after:
            lines.append(dialect.line(Change(event, before, room_after, entry.body), name))
        before = room_after
    return lines


numbers = st.sampled_from((0, 1, 2, 3, 20, 400, 1_000, 1_000, 5_000, 30_000, 32_768, 200_000, 200_000))
often = ("join", "say", "holder says", "holder says", "settle", "wait") * 4
now_and_then = ("join", "watch", "come back", "stall", "take", "take", "read on", "hang up") * 2
seldom = ("pass", "leave", "operate", "fail", "fail", "stall")
steps = st.lists(
    st.lists(
        st.builds(
            Step,
            st.sampled_from((*often, *now_and_then, *seldom)),
            st.sampled_from(("main", "main", "lab")),
            st.sampled_from(NAMES),
            st.integers(0, 11),
            numbers,
        ),
        max_size=20,
    ),
    max_size=8,
).map(lambda pieces: [step for piece in pieces for step in piece])
rules = st.builds(
    Rules,
    seats=st.integers(1, 3),
    rounds=st.integers(1, 2),
    policy=st.sampled_from((PolicyName.ROUND_ROBIN, PolicyName.OPEN)),
    afterwards=st.sampled_from(Afterwards),
    turn_seconds=st.sampled_from((30, 3)),
    max_text_chars=st.just(300_000),
)


@settings(max_examples=200)
@given(rules, steps)
def test_whatever_happens_everybody_reads_the_log_and_nothing_but_the_log(rules: Rules, steps: list[Step]) -> None:
    """Every byte after one's cursor once and in order, up to the end of one's visit; seqs without a gap."""
    story = Story(rules)
    story.live(steps)
    hall = story.hall

    for room in ROOMS:
        seqs = [decode_event(entry.body)[1].seq for entry in hall.entries(room)]
        assert seqs == list(range(1, len(seqs) + 1))
    for who in story.readers():
        if not who.is_gone:
            assert who.received == expected(hall, who)
            assert has_all(hall, who)
        assert who.most_unread <= MAX_PIECE_BYTES
    assert shown_and_unsaid(story) == []


def shown_and_unsaid(story: Story) -> list[bytes]:
    """Return what was written of entries whose commit failed, and that were not committed later."""
    kept = {entry.body for room in ROOMS for entry in story.hall.entries(room)}
    unsaid = [body for body in story.log.unsaid if body not in kept]
    written = [b"".join(who.writes) for who in story.crowd if who.dialect is JSON_LINES]
    return [body for body in unsaid if any(body + b"\n" in text for text in written)]


@settings(max_examples=100)
@given(rules, steps)
def test_whatever_happens_a_seat_has_one_visit_and_a_visit_a_seat(rules: Rules, steps: list[Step]) -> None:
    """Nobody sits in a room without being read to, and no seat is held for nobody."""
    story = Story(rules)
    story.live(steps)

    for clerk in story.hall.hall.clerks.values():
        room = clerk.settled
        assert room == clerk.newest
        assert set(clerk.visits) == {name for name, seat in room.seats.items() if seat.away_until is None}
        for name, visit in clerk.visits.items():
            assert (visit.name, visit.is_over, visit.last_seq) == (name, False, None)


@settings(max_examples=50)
@given(rules, steps)
def test_whatever_happens_a_restart_finds_the_room_as_it_was_committed(rules: Rules, steps: list[Step]) -> None:
    """The log is all there is."""
    story = Story(rules)
    story.live(steps)
    again = story.hall.restart()

    for room in ROOMS:
        if story.hall.entries(room):
            before = lines_of(story.hall, room, JSON_LINES, None, 0, 10**9)
            assert lines_of(again, room, JSON_LINES, None, 0, 10**9)[: len(before)] == before
    for clerk in again.hall.clerks.values():
        seqs = [decode_event(entry.body)[1].seq for entry in again.entries(clerk.name)]
        assert seqs == list(range(1, len(seqs) + 1))


@settings(max_examples=100)
@given(rules, steps)
def test_whatever_happens_turns_are_counted_as_they_are_exported(rules: Rules, steps: list[Step]) -> None:
    """Each turn of the log once, under its outcome; none that was taken back."""
    story = Story(rules)
    story.live(steps)

    rows = [row.outcome for room in ROOMS for row in turn_rows(changes_of(story.hall, room))]
    assert story.hall.hall.press.counts.turns() == {outcome: rows.count(outcome) for outcome in Outcome}


def changes_of(hall: MemoryHall, room: str) -> list[Change]:
    changes: list[Change] = []
    before = empty_room(RoomName(room))
    for entry in hall.entries(room):
        event, stamp = decode_event(entry.body)
        changes.append(Change(event, before, evolve(before, event, stamp.at), entry.body))
        before = changes[-1].after
    return changes
