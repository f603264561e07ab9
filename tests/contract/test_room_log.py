"""What every log must do, whatever it is kept in: one suite over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moothall.engine.names import Name, RoomName, Seq
from moothall.errors import Conflict
from moothall.log.memory import MemoryLog
from moothall.log.room_log import (
    Base,
    Batch,
    Cut,
    Durability,
    Entry,
    Held,
    KeyChange,
    RoomLog,
    RoomMark,
    RoomSummary,
)
from moothall.log.sqlite import open_log
from moothall.log.timed import CommitTimes, TimedLog
from tests.log.disk import batch_of

MAIN, LAB = RoomName("main"), RoomName("lab")
KARI, OLA = Name("Kari"), Name("Ola")

KINDS: dict[str, Callable[[Path], RoomLog]] = {
    "memory": lambda folder: MemoryLog(),
    "sqlite-power": lambda folder: open_log(folder, Durability.POWER),
    "sqlite-crash": lambda folder: open_log(folder, Durability.CRASH),
    "sqlite-none": lambda folder: open_log(folder, Durability.NONE),
    "sqlite-without-a-file": lambda folder: open_log(None, Durability.CRASH),
    "timed": lambda folder: TimedLog(MemoryLog(), CommitTimes().take, perf_counter),
}


@pytest.fixture(params=KINDS)
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RoomLog]:
    opened = KINDS[request.param](tmp_path / "data")
    yield opened
    opened.close()


def said(seq: int, words: str = "Hello", room: RoomName = MAIN) -> Entry:
    return Entry(room, Seq(seq), f'{{"event":"said","seq":{seq},"text":"{words}"}}'.encode())


def run_of(first: int, last: int, room: RoomName = MAIN) -> list[Entry]:
    return [said(seq, room=room) for seq in range(first, last + 1)]


def seqs(entries: list[Entry]) -> list[int]:
    return [entry.seq for entry in entries]


def test_what_is_committed_is_read_as_it_was(log: RoomLog) -> None:
    """Nothing said is lost, and not a byte of it changes."""
    log.commit(batch_of([said(1), said(2, "Hei, 李小龙 🦆 på deg")]))
    log.commit(batch_of([said(3)]))

    assert log.read(MAIN, after=0) == [said(1), said(2, "Hei, 李小龙 🦆 på deg"), said(3)]


def test_an_unknown_room_is_empty(log: RoomLog) -> None:
    """Asking costs nothing and makes nothing."""
    assert (log.read(MAIN, after=0), log.held(MAIN).keys, log.rooms()) == ([], {}, [])


def test_an_empty_batch_changes_nothing(log: RoomLog) -> None:
    """A turn of the event loop in which nobody said a thing."""
    log.commit(Batch())

    assert log.rooms() == []


@pytest.mark.parametrize("seq", [0, 1, 2, 4, 100])
def test_a_seq_that_is_not_the_next_is_a_conflict(log: RoomLog, seq: int) -> None:
    """Two writers of a room can't both be right."""
    log.commit(batch_of(run_of(1, 2)))

    with pytest.raises(Conflict, match="main"):
        log.commit(batch_of([said(seq)]))
    assert seqs(log.read(MAIN, after=0)) == [1, 2]


def test_of_a_batch_with_a_conflict_nothing_is_kept(log: RoomLog) -> None:
    """All rooms of a batch are committed together or not at all; what was refused may be tried again."""
    log.commit(batch_of([said(1)], [KeyChange(MAIN, KARI, b"old")]))

    with pytest.raises(Conflict):
        log.commit(
            batch_of(
                [said(2), said(7, room=LAB)],
                [KeyChange(MAIN, KARI, b"new")],
                [RoomMark(MAIN, open=True)],
            )
        )

    assert log.rooms() == [RoomSummary(MAIN, open=False, last_seq=Seq(1))]
    assert log.held(MAIN).keys == {KARI: b"old"}
    log.commit(batch_of([said(2), said(1, room=LAB)]))
    assert seqs(log.read(MAIN, after=0)) == [1, 2]


def test_rooms_know_nothing_of_each_other(log: RoomLog) -> None:
    """Each has its own seqs, however their entries are mixed in a batch."""
    log.commit(batch_of([said(1), said(1, room=LAB), said(2), said(3), said(2, room=LAB)]))
    log.commit(batch_of([said(3, room=LAB), said(4)]))

    assert log.read(MAIN, after=0) == run_of(1, 4)
    assert log.read(LAB, after=0) == run_of(1, 3, LAB)


@pytest.mark.parametrize(("after", "expected"), [(-3, [1, 2, 3]), (0, [1, 2, 3]), (2, [3]), (3, []), (9, [])])
def test_reading_begins_after_the_cursor(log: RoomLog, after: int, expected: list[int]) -> None:
    """A cursor is the last seq that a reader has; it may lie in the middle of what was committed together."""
    log.commit(batch_of(run_of(1, 3)))

    assert seqs(log.read(MAIN, after=after)) == expected


def test_reading_stops_at_the_limit(log: RoomLog) -> None:
    """A reader far behind comes back for more."""
    log.commit(batch_of(run_of(1, 10)))

    assert seqs(log.read(MAIN, after=3, limit=4)) == [4, 5, 6, 7]
    assert log.read(MAIN, after=3, limit=0) == []


def test_reading_stops_when_the_bytes_are_reached(log: RoomLog) -> None:
    """A page is as large as asked, up to one entry more."""
    log.commit(batch_of(run_of(1, 4)))
    log.commit(batch_of(run_of(5, 9)))
    size = len(said(1).body)

    assert seqs(log.read(MAIN, after=1, max_bytes=3 * size)) == [2, 3, 4]
    assert seqs(log.read(MAIN, after=1, max_bytes=3 * size + 1)) == [2, 3, 4, 5]


def test_an_entry_larger_than_a_page_is_read_all_the_same(log: RoomLog) -> None:
    """Else its reader would never get past it."""
    large = said(2, "x" * 1_000_000)
    log.commit(batch_of([said(1), large, said(3)]))

    assert log.read(MAIN, after=1, max_bytes=1) == [large]
    assert log.read(MAIN, after=0) == [said(1), large]
    assert log.read(MAIN, after=2) == [said(3)]


def test_a_long_room_is_read_page_by_page(log: RoomLog) -> None:
    """However it was committed, the pages join without a gap or a repetition."""
    first = 1
    for size in (1, 2, 31, 32, 33, 64, 200, 1, 500):
        log.commit(batch_of([*run_of(first, first + size - 1), said(first, room=LAB)][: size + (first == 1)]))
        first += size
    pages: list[Entry] = []
    while page := log.read(MAIN, after=pages[-1].seq if pages else 0, limit=77):
        pages += page

    assert pages == run_of(1, first - 1)


def test_keys_are_set_changed_and_deleted(log: RoomLog) -> None:
    """A key lives as long as its seat."""
    log.commit(Batch(keys=[KeyChange(MAIN, KARI, b"1"), KeyChange(MAIN, OLA, b"2"), KeyChange(LAB, KARI, b"3")]))
    log.commit(Batch(keys=[KeyChange(MAIN, KARI, b"4"), KeyChange(MAIN, OLA, None), KeyChange(LAB, OLA, None)]))

    assert (log.held(MAIN).keys, log.held(LAB).keys) == ({KARI: b"4"}, {KARI: b"3"})


def test_the_last_change_of_a_key_in_a_batch_wins(log: RoomLog) -> None:
    """Somebody may come and go within one turn of the event loop."""
    log.commit(
        Batch(
            keys=[
                KeyChange(MAIN, KARI, b"1"),
                KeyChange(MAIN, KARI, None),
                KeyChange(MAIN, OLA, None),
                KeyChange(MAIN, OLA, b"2"),
            ]
        )
    )

    assert log.held(MAIN).keys == {OLA: b"2"}


def test_a_mark_says_which_rooms_to_load(log: RoomLog) -> None:
    """The last one counts, also within a batch."""
    log.commit(batch_of([said(1)], marks=[RoomMark(MAIN, open=True), RoomMark(LAB, open=True)]))
    assert [room.open for room in log.rooms()] == [True, True]

    log.commit(Batch(marks=[RoomMark(MAIN, open=False), RoomMark(LAB, open=False), RoomMark(LAB, open=True)]))
    assert log.rooms() == [RoomSummary(MAIN, open=False, last_seq=Seq(1)), RoomSummary(LAB, open=True, last_seq=Seq(0))]


def test_rooms_are_listed_as_they_came(log: RoomLog) -> None:
    """Whatever brought them: an entry, a key or a mark, in this order within a batch."""
    log.commit(batch_of([said(1, room=RoomName("z")), said(1, room=RoomName("Åse 李"))]))
    log.commit(
        batch_of([said(1, room=RoomName("b"))], [KeyChange(RoomName("k"), KARI, b"1")], [RoomMark(LAB, open=True)])
    )

    assert [room.room for room in log.rooms()] == ["z", "Åse 李", "b", "k", "lab"]


def test_an_epoch_is_a_word_that_does_not_change_by_itself(log: RoomLog) -> None:
    """Cursors are good for as long as it stays the same."""
    before = log.epoch
    log.commit(batch_of([said(1)]))

    assert before.startswith("e_")
    assert log.epoch == before


def test_closing_twice_is_closing(log: RoomLog) -> None:
    """Whoever ends in a hurry may do it again."""
    log.commit(batch_of([said(1)]))

    log.close()
    log.close()


ROOMS = st.sampled_from([MAIN, LAB, RoomName("Åse")])


@pytest.mark.parametrize("kind", ["sqlite-crash", "sqlite-none"])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(st.lists(st.tuples(ROOMS, st.integers(0, 400)), max_size=60), max_size=8),
    reads=st.lists(st.tuples(ROOMS, st.integers(-1, 200), st.integers(1, 90), st.integers(0, 4000)), max_size=12),
)
def test_a_log_on_disk_reads_like_one_in_memory(
    kind: str, batches: list[list[tuple[RoomName, int]]], reads: list[tuple[RoomName, int, int, int]]
) -> None:
    """How entries are laid out is nobody's business: every read answers the same, to the entry."""
    on_disk, in_memory = open_log(None, Durability(kind.removeprefix("sqlite-"))), MemoryLog()
    next_seq = dict.fromkeys((MAIN, LAB, RoomName("Åse")), 1)
    for batch in batches:
        entries = []
        for room, size in batch:
            entries.append(said(next_seq[room], "x" * size, room))
            next_seq[room] += 1
        on_disk.commit(batch_of(entries))
        in_memory.commit(batch_of(entries))

    for room, after, limit, max_bytes in reads:
        wanted = in_memory.read(room, after=after, limit=limit, max_bytes=max_bytes)
        assert on_disk.read(room, after=after, limit=limit, max_bytes=max_bytes) == wanted
    assert on_disk.rooms() == in_memory.rooms()
    on_disk.close()


def test_a_room_without_its_beginning_is_read_from_what_is_kept(log: RoomLog) -> None:
    """Its seqs go on, and what it had come to is held."""
    log.commit(batch_of(run_of(1, 80)))
    log.commit(batch_of([*run_of(81, 90), said(1, room=LAB)], cuts=[Cut(MAIN, Base(Seq(70), b"state"))]))
    log.commit(batch_of([said(91)]))

    assert log.read(MAIN, after=0) == run_of(71, 91)
    assert log.rooms()[0] == RoomSummary(MAIN, open=False, last_seq=Seq(91), first_seq=Seq(71))
    assert log.held(MAIN) == Held(base=Base(Seq(70), b"state"))
    assert log.held(LAB) == Held()


@pytest.mark.parametrize("seq", [0, 3, 5, 10, 99])
def test_a_cut_goes_forward_and_no_further_than_the_last_entry(log: RoomLog, seq: int) -> None:
    """Any other changes nothing."""
    log.commit(batch_of(run_of(1, 9)))
    log.commit(Batch(cuts=[Cut(MAIN, Base(Seq(5), b"state"))]))

    log.commit(Batch(cuts=[Cut(MAIN, Base(Seq(seq), b"another"))]))

    assert log.read(MAIN, after=0) == run_of(6, 9)
    assert log.held(MAIN) == Held(base=Base(Seq(5), b"state"))


def test_a_room_may_lose_all_its_entries_but_not_its_place(log: RoomLog) -> None:
    """The next entry is the one that it would have been."""
    log.commit(batch_of(run_of(1, 9)))
    log.commit(Batch(cuts=[Cut(MAIN, Base(Seq(9), b"state"))]))
    assert (log.read(MAIN, after=0), log.rooms()) == ([], [RoomSummary(MAIN, False, Seq(9), Seq(10))])

    with pytest.raises(Conflict):
        log.commit(batch_of([said(1)]))
    log.commit(batch_of([said(10)]))
    assert log.read(MAIN, after=0) == [said(10)]
