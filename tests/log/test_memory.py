"""What the log in memory has of its own; the rest is in tests/contract/test_room_log.py."""

from __future__ import annotations

from moothall.engine.names import Name
from moothall.log.memory import MemoryLog
from moothall.log.room_log import KeyChange
from tests.log.disk import KARI, MAIN, batch_of, said


def test_every_log_in_memory_has_an_epoch_of_its_own() -> None:
    """Nothing outlives it, so no cursor may."""
    assert MemoryLog().epoch != MemoryLog().epoch


def test_nobody_can_change_the_log_through_what_it_returned() -> None:
    """What is read belongs to the reader."""
    log = MemoryLog()
    log.commit(batch_of([said(1)], [KeyChange(MAIN, KARI, b"1")]))

    log.read(MAIN, after=0).clear()
    log.held(MAIN).keys[Name("Ola")] = b"2"

    assert (log.read(MAIN, after=0), log.held(MAIN).keys) == ([said(1)], {KARI: b"1"})


def test_flushing_changes_nothing() -> None:
    """Whoever flushes every log need not know which one it has."""
    log = MemoryLog()
    log.commit(batch_of([said(1)]))

    log.flush()

    assert log.read(MAIN, after=0) == [said(1)]
