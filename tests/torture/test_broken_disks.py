"""A disk that fails at any one of its operations: no commit returns without its data, and none is kept twice.

The log runs on a simulated disk, on which the operation number N fails, or that one and some after it. Whoever commits
does as the press does: what was refused never happened, and its seqs are used again, with other words.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path
from random import Random
from typing import Final

import pytest
from msgspec import Struct

from moothall.errors import MoothallError, StorageError
from moothall.log.late import LateLog
from moothall.log.room_log import Batch, Durability
from moothall.log.sqlite import SqliteLog, open_log
from tests.torture.amounts import IS_TORTURE, amount
from tests.torture.batches import Batches, held_by
from tests.torture.platter import Cut, Platter, keep_image
from tests.torture.sim_disk import Fault, How, SimDisk

SEED: Final = 4
OUTAGE: Final = 40
"""Operations that fail in a row, where it is more than one: a commit takes about ten."""
MAX_TRIES: Final = 3 * OUTAGE
FAILURES: Final = (How.EIO, How.FULL, How.SHORT, How.READ_ONLY)


class Size(Enum):
    """How much is in a commit."""

    SMALL = auto()
    LARGE = auto()


SHORT_LIFE: Final = (*[Size.SMALL] * 12, None, *[Size.SMALL] * 12)
LONG_LIFE: Final = (*[Size.LARGE] * 5, *[Size.SMALL] * 3, *[Size.LARGE] * amount(ci=1, torture=5), Size.SMALL)
"""Five large commits fill the WAL, so that it is checkpointed; the next one begins it anew."""

Log = SqliteLog | LateLog


class Findings(Struct):
    """What became of the commits, over all runs."""

    runs: int = 0
    refused: int = 0  # commits that failed, each tried again with other words
    unopened: int = 0  # starts that failed, and were tried again
    doubtful: int = 0  # refused, and there all the same after an end right then: who resends the same is told so
    wrong: list[str] = []  # where anything else is found than what was acknowledged

    def compare(self, what: str, folder: Path, batches: Batches, *, also: int = 0) -> int:
        """Open a log as a start does, and compare it with all that was drawn; `also`: or with so many batches less."""
        try:
            log = open_log(folder, Durability.POWER, run="after")
            try:
                holding = held_by(log)
            finally:
                log.close()
        except (MoothallError, sqlite3.Error, AssertionError) as error:
            self.wrong.append(f"{what}: {error!r}")
            return -1
        for less in range(also + 1):
            if batches.can_be(holding, batches.drawn - less):
                return less
        self.wrong.append(f"{what}: {batches.count_of(holding)} of {batches.drawn} batches")
        return -1


class _StuckError(Exception):
    """The disk has long worked again, and the log does not."""


class Run:
    """One life of a log on a disk with a fault, and all the ends that it can come to."""

    def __init__(self, folder: Path, fault: Fault | None, findings: Findings, seed: str) -> None:
        self.folder = folder
        self.disk = SimDisk()
        self.disk.fault = fault
        self.findings = findings
        self.batches = Batches(Random(seed))
        self.what = str(fault)
        self._is_first_refusal = True

    def live(self, life: Sequence[Size | None]) -> list[int]:
        """Commit; at None, stop and start again. At last look at what a stop, a crash and a power cut leave.

        Return which operation was the last of each step.
        """
        self.findings.runs += 1
        ends = []
        log = self._opened()
        for step in life:
            if step is None:
                log.close()
                log = self._opened()
            else:
                self._commit(log, step)
            ends.append(self.disk.count)
        self._crash("crashed")
        self._lose_power()
        log.close()
        ends.append(self.disk.count)
        self.disk.fault = None
        self.disk.close()
        self.findings.compare(f"{self.what} closed", self.folder, self.batches)
        return ends

    def _opened(self) -> Log:
        trouble = ""
        for _ in range(MAX_TRIES):
            try:
                return open_log(self.folder, Durability.POWER, connect=self.disk.connect, run="before")
            except StorageError as error:
                self.findings.unopened += 1
                trouble = str(error)
        raise _StuckError(f"it never opens again: {trouble}")

    def _commit(self, log: Log, size: Size) -> None:
        for _ in range(MAX_TRIES):
            batch = self.batches.next(large=size is Size.LARGE)
            try:
                log.commit(batch)
            except StorageError:
                self.findings.refused += 1
                self._look_after_a_refusal(log, batch)
                self.batches.take_back(batch)
            else:
                return
        raise _StuckError("nothing can ever be committed again")

    def _look_after_a_refusal(self, log: Log, batch: Batch) -> None:
        if self._is_first_refusal:
            # Here the process may end, too: then the refused batch is there as a whole, or it is not.
            self._is_first_refusal = False
            self.findings.doubtful += self._crash("crashed after a refusal", also=1) == 0
        for room in self.batches.after(self.batches.drawn - 1).entries:
            try:
                read = log.read(room, after=0, limit=1 << 30, max_bytes=1 << 30)
            except StorageError:
                continue
            if not self.batches.can_be_read(room, read, batch):
                self.findings.wrong.append(f"{self.what}: {room} read after a refusal")

    def _crash(self, what: str, *, also: int = 0) -> int:
        copy = self.folder.with_name("copy")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.folder, copy, ignore=shutil.ignore_patterns("*-shm"))
        return self.findings.compare(f"{self.what} {what}", copy, self.batches, also=also)

    def _lose_power(self) -> None:
        # What a failed sync did not write is forgotten here, as it is by Linux: only what is written again comes to
        # the disk. So whoever goes on from what such a file seems to hold builds on nothing.
        platter = Platter(Random(self.what))
        for operation in self.disk.operations:
            platter.play(operation)
        for cut in (Cut.NONE, Cut.SOME):
            image = keep_image(platter.image(cut), self.folder.with_name("image"))
            self.findings.compare(f"{self.what} without power", image, self.batches)


def ends_of(life: Sequence[Size | None], folder: Path) -> list[int]:
    """Return which operation is the last of each step, in a life without a fault."""
    return Run(folder, None, Findings(), f"{SEED}").live(life)


def break_at(
    numbers: Iterable[int], how: How, count: int, folder: Path, life: Sequence[Size | None] = SHORT_LIFE
) -> Findings:
    """Live once for each of these operations, with that one failing and those after it, `count` in all."""
    findings = Findings()
    for number in numbers:
        fault = Fault(number, how, count)
        try:
            Run(folder / str(number), fault, findings, f"{SEED}").live(life)
        except _StuckError as error:
            findings.wrong.append(f"{fault}: {error}")
        shutil.rmtree(folder / str(number))
    return findings


def told(*all_findings: Findings) -> str:
    runs, refused, doubtful, unopened = (
        sum(getattr(findings, name) for findings in all_findings)
        for name in ("runs", "refused", "doubtful", "unopened")
    )
    return (
        f"{runs} runs, {refused} commits refused ({doubtful} of them whole after a crash right then), "
        f"{unopened} starts refused, 0 acknowledged without data, 0 doubled; seed {SEED}"
    )


@pytest.mark.parametrize("how", FAILURES)
def test_nothing_is_acknowledged_without_its_data(how: How, tmp_path: Path, figure: Callable[[str], None]) -> None:
    """Whichever operation fails: what returned is there, what was refused is not; and it goes on when the disk does."""
    *_, operations = ends_of(SHORT_LIFE, tmp_path / "whole")
    step = amount(ci=operations // 8, torture=1)

    alone = break_at(range(1, operations + 1, step), how, 1, tmp_path)
    in_a_row = break_at(range(1, operations + 1, step), how, OUTAGE, tmp_path)

    assert alone.wrong == in_a_row.wrong == []
    assert alone.refused > 0
    assert in_a_row.refused > 0
    each = "each" if IS_TORTURE else "some"
    figure(
        f"broken disks, {how} at {each} of {operations} operations, alone and with the {OUTAGE - 1} after it: "
        f"{told(alone, in_a_row)}"
    )


@pytest.mark.parametrize("how", FAILURES)
def test_a_checkpoint_that_fails_loses_nothing(how: How, tmp_path: Path, figure: Callable[[str], None]) -> None:
    """A commit that fills the WAL has it written to the file, and the next one begins it anew."""
    ends = ends_of(LONG_LIFE, tmp_path / "whole")
    around = range(ends[LONG_LIFE.index(Size.SMALL) - 2], ends[-1] + 1)
    numbers = Random(f"{SEED}/{how}").sample(around, amount(ci=2, torture=100))

    findings = break_at(numbers, how, OUTAGE, tmp_path, LONG_LIFE)

    assert findings.wrong == []
    figure(f"broken disks, {how} around checkpoints: {told(findings)}")


def test_a_log_that_acknowledges_what_it_could_not_write_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug: a failed commit returns as if nothing were wrong."""
    commit = SqliteLog.commit

    def forgiving(self: SqliteLog, batch: Batch) -> None:
        with suppress(StorageError):
            commit(self, batch)

    monkeypatch.setattr(SqliteLog, "commit", forgiving)
    *_, operations = ends_of(SHORT_LIFE, tmp_path / "whole")

    findings = break_at(range(operations // 2, operations, 9), How.EIO, 1, tmp_path)

    assert findings.wrong


def test_a_write_that_is_not_whole_and_not_told_is_found(tmp_path: Path) -> None:
    """A planted bug: the disk's error is passed over."""
    *_, operations = ends_of(SHORT_LIFE, tmp_path / "whole")

    findings = break_at(range(operations // 2, operations, 9), How.SILENT, 1, tmp_path)

    assert findings.wrong
