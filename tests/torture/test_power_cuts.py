"""Power cuts at every moment: what was acknowledged at `power` is there; at `crash` some of it is gone, and is told so.

Commits run on a simulated disk. After each operation on it the power can be cut: what was synced is there, the rest is
kept, dropped or torn. Each image is opened by the product, with the SQLite of the standard library.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Final

import apsw
import pytest
from msgspec import Struct

from moothall.engine.names import RoomName, Seq
from moothall.errors import MoothallError
from moothall.log.chain import Tail, checksum
from moothall.log.cuts import cut_off
from moothall.log.folder import DATABASE
from moothall.log.room_log import Base, Durability
from moothall.log.sqlite import open_log
from tests.torture.amounts import amount
from tests.torture.batches import Batches, held_by
from tests.torture.platter import Cut, Kind, Operation, Platter, keep_image
from tests.torture.sim_disk import SimDisk

SEED: Final = 4
PARTS: Final = amount(ci=1, torture=6)
COMMITS: Final = 450
"""So many fill the WAL at least twice, so that it is checkpointed and begun anew."""


class Life(Struct, frozen=True):
    """What a log has done on a disk. `acknowledged` are pairs: after so many operations, so many batches."""

    batches: Batches
    operations: Sequence[Operation]
    acknowledged: list[tuple[int, int]]
    epochs: set[str]


class Findings(Struct):
    """What the images show."""

    images: int = 0
    losing: int = 0  # images in which acknowledged entries are missing
    lost: int = 0  # such entries, over all images
    unopened: list[str] = []  # why, of each image that does not open
    altered: int = 0  # images that hold anything but the first so many batches, each of them whole
    undone: int = 0  # images in which an acknowledged cut is not made
    same_epoch: int = 0  # images that lose entries under an epoch that somebody may know
    new_epoch: int = 0  # images that have every entry, and an epoch that voids all cursors


def live(folder: Path, disk: SimDisk, durability: Durability, seed: str, commits: int = COMMITS) -> Life:
    """Run a log on the disk: it is stopped and started again once, and ends in the middle of its work."""
    batches = Batches(Random(seed))
    acknowledged = [(0, 0)]
    log = open_log(folder, durability, connect=disk.connect, run="before")
    epochs = {log.epoch}
    for number in range(commits):
        if number == commits * 3 // 4:
            log.close()
            log = open_log(folder, durability, connect=disk.connect, run="before")
            epochs.add(log.epoch)
        log.commit(batches.next())
        acknowledged.append((len(disk.operations), batches.drawn))
    operations = tuple(disk.operations)
    log.close()
    disk.close()
    return Life(batches, operations, acknowledged, epochs)


def instants(life: Life, chance: Random, count: int) -> list[int]:
    """Choose moments, numbers of operations done: anywhere, around what is rarer than a write to the WAL, and rarest.

    The rarest are changes of names and sizes: the file's creation, the stop, and the start after it.
    """
    numbered = list(enumerate(life.operations))
    rarer = [n for n, operation in numbered if operation.kind is not Kind.WRITE or not _is_wal(operation)]
    rarest = [n for n, operation in numbered if operation.kind not in _USUAL or operation.file.endswith("-journal")]
    third = count // 3
    around = [min(n + chance.randrange(3), len(numbered)) for n in chance.choices(rarer, k=third)]
    around += [min(n + chance.randrange(3), len(numbered)) for n in chance.choices(rarest, k=third)]
    return sorted(around + chance.choices(range(len(numbered) + 1), k=count - 2 * third))


_USUAL: Final = {Kind.WRITE, Kind.SYNC}


def _is_wal(operation: Operation) -> bool:
    return operation.file.endswith("-wal")


def cut_power(life: Life, at: Sequence[int], seed: str, folder: Path) -> Findings:
    """Cut the power at these moments, in ascending order, and look at what is left.

    An image is written over the file that the log has had, for the product knows its file by its inode.
    """
    findings = Findings()
    platter = Platter(Random(seed))
    operations = enumerate(life.operations, 1)
    acknowledged = iter([*life.acknowledged, (1 << 60, -1)])
    done, known, following = 0, 0, next(acknowledged)
    # Half of the images are drawn by lot.
    for instant, cut in zip(at, cycle((Cut.SOME, Cut.NONE, Cut.SOME, Cut.ALL, Cut.SOME, Cut.LAST)), strict=False):
        while done < instant:
            done, operation = next(operations)
            platter.play(operation)
        while following[0] <= instant:
            known, following = following[1], next(acknowledged)
        image = platter.image(cut)
        place = folder if DATABASE in image else folder.with_name("without")
        look_at(keep_image(image, place), life, known, findings)
    return findings


def look_at(image: Path, life: Life, acknowledged: int, findings: Findings) -> None:
    """Open an image as a start does after the machine itself has started anew, and compare."""
    findings.images += 1
    try:
        log = open_log(image, Durability.CRASH, run="after")
        try:
            holding, epoch = held_by(log), log.epoch
        finally:
            log.close()
    except (MoothallError, sqlite3.Error, AssertionError) as error:
        findings.unopened.append(repr(error))
        return
    count = life.batches.count_of(holding)
    if count < 0 or holding != life.batches.after(count):
        findings.altered += 1
        return
    missing = max(life.batches.lines_after(acknowledged) - life.batches.lines_after(count), 0)
    findings.lost += missing
    findings.losing += missing > 0
    findings.undone += life.batches.cut_off_after(count) < life.batches.cut_off_after(acknowledged)
    findings.same_epoch += missing > 0 and epoch in life.epochs
    findings.new_epoch += acknowledged > 0 and not missing and epoch not in life.epochs


def versions() -> str:
    return f"written by SQLite {apsw.sqlite_lib_version()}, read by the product's {sqlite3.sqlite_version}"


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_acknowledged_at_power_is_lost(part: int, tmp_path: Path, figure: Callable[[str], None]) -> None:
    """Every image opens, holds whole batches as they were written, and all that had been acknowledged by then."""
    seed = f"{SEED}/power/{part}"
    life = live(tmp_path / "data", SimDisk(), Durability.POWER, seed)
    at = instants(life, Random(seed), amount(ci=150, torture=5_000) // PARTS)

    findings = cut_power(life, at, seed, tmp_path / "data")

    assert findings == Findings(images=len(at))
    assert min(life.batches.cuts[kind] for kind in ("all", "little", "half", "amid")) > 0
    figure(
        f"power cuts, power, part {part + 1} of {PARTS}: {findings.images} images after {len(life.operations)} "
        f"operations, all opened, {findings.lost} acknowledged entries lost, {findings.altered} altered, "
        f"{findings.undone} of {life.batches.cuts.total()} forgotten beginnings back; {versions()}; seed {SEED}"
    )


def test_losses_are_seen_at_crash_and_told(tmp_path: Path, figure: Callable[[str], None]) -> None:
    """Only the newest words are gone, nothing is altered, and the epoch is a new one: this is what `crash` promises."""
    seed = f"{SEED}/crash"
    life = live(tmp_path / "data", SimDisk(), Durability.CRASH, seed)
    at = instants(life, Random(seed), amount(ci=60, torture=1_000))

    findings = cut_power(life, at, seed, tmp_path / "data")

    assert findings.lost > 0
    assert (findings.unopened, findings.altered, findings.same_epoch) == ([], 0, 0)
    figure(
        f"power cuts, crash: {findings.images} images, all opened, {findings.losing} without some acknowledged entries "
        f"({findings.lost} lost), 0 altered, 0 under an old epoch; {versions()}; seed {SEED}"
    )


def test_a_cut_while_the_file_is_made(tmp_path: Path) -> None:
    """Every moment of the first start: whatever it leaves, the next start goes on from there."""
    seed = f"{SEED}/birth"
    life = live(tmp_path / "data", SimDisk(), Durability.POWER, seed, commits=4)
    birth = life.acknowledged[1][0]
    at = sorted([*range(birth + 1)] * 6)

    assert cut_power(life, at, seed, tmp_path / "data") == Findings(images=len(at))


@pytest.mark.parametrize("level", ["OFF", "NORMAL"])
def test_a_log_that_does_not_wait_for_the_disk_is_found(level: str, tmp_path: Path) -> None:
    """A planted bug: it says `power`, and its connection is at another level."""
    disk = SimDisk()
    disk.pragmas = {"PRAGMA synchronous = FULL": f"PRAGMA synchronous = {level}"}
    life = live(tmp_path / "data", disk, Durability.POWER, level, commits=20)

    findings = cut_power(life, range(len(life.operations) + 1), level, tmp_path / "data")

    assert findings.losing > 0


def test_one_sync_that_is_not_done_is_found(tmp_path: Path) -> None:
    """A planted bug, and the smallest: until the next sync comes, one commit is acknowledged and not there."""
    disk = SimDisk()
    syncs = live(tmp_path / "whole", disk, Durability.POWER, "liar", commits=20).operations
    count = sum(operation.kind is Kind.SYNC for operation in syncs)
    disk = SimDisk()
    disk.liar = frozenset({count - 2})  # at the end there is one sync to each commit
    life = live(tmp_path / "data", disk, Durability.POWER, "liar", commits=20)

    findings = cut_power(life, range(len(life.operations) + 1), "liar", tmp_path / "data")

    assert findings.losing + findings.undone > 0
    assert findings.altered == 0


def cut_without_a_base(connection: sqlite3.Connection, room: RoomName, tail: Tail, base: Base) -> int:
    """Delete the entries, and write nothing in their place."""
    first = cut_off(connection, room, tail, base)
    connection.execute("DELETE FROM base WHERE room = ?", (tail.room_id,))
    return first


def cut_a_row_too_many(connection: sqlite3.Connection, room: RoomName, tail: Tail, base: Base) -> int:
    """Delete the oldest row that is to be kept as well."""
    first = cut_off(connection, room, tail, base)
    oldest = "SELECT min(id) FROM entry WHERE room = ?"
    connection.execute(f"DELETE FROM entry WHERE id = ({oldest})", (tail.room_id,))
    return first


def cut_with_another_base(connection: sqlite3.Connection, room: RoomName, tail: Tail, base: Base) -> int:
    """Write a base that is well-formed, and not the one of the cut."""
    return cut_off(connection, room, tail, Base(base.seq, base.body.replace(b'"version":1', b'"version":2')))


def cut_an_entry_less(connection: sqlite3.Connection, room: RoomName, tail: Tail, base: Base) -> int:
    """Keep the last entry that was to be forgotten."""
    return cut_off(connection, room, tail, Base(Seq(base.seq - 1), base.body))


def cut_in_two_steps(connection: sqlite3.Connection, room: RoomName, tail: Tail, base: Base) -> int:
    """Delete in one transaction, and write the base in the next."""
    first = cut_without_a_base(connection, room, tail, base)
    connection.execute("COMMIT")
    connection.execute("BEGIN IMMEDIATE")
    check = checksum(tail.seed, base.seq, 0, base.body)
    connection.execute("INSERT OR REPLACE INTO base VALUES (?, ?, ?, ?)", (tail.room_id, base.seq, check, base.body))
    return first


@pytest.mark.parametrize(
    "planted", [cut_without_a_base, cut_a_row_too_many, cut_with_another_base, cut_an_entry_less, cut_in_two_steps]
)
def test_a_cut_that_is_not_what_was_asked_for_is_found(
    planted: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted bugs: what a cut leaves does not open, or is nothing that was ever committed."""
    right = cut_power_at_a_cut(tmp_path / "right")
    monkeypatch.setattr("moothall.log.sqlite.cut_off", planted)
    findings = cut_power_at_a_cut(tmp_path / "data")

    assert right == Findings(images=right.images)
    assert findings.unopened or findings.altered


def cut_power_at_a_cut(folder: Path) -> Findings:
    """Forget the beginning of a room, then cut the power at every moment of that."""
    disk = SimDisk()
    batches = Batches(Random("cut"), cuts_share=0)
    log = open_log(folder, Durability.POWER, connect=disk.connect, run="before")
    for _ in range(20):
        log.commit(batches.next())
    before = len(disk.operations)
    log.commit(batches.next_cut())
    after = len(disk.operations)
    life = Life(batches, tuple(disk.operations), [(0, 0), (before, 20), (after, 21)], {log.epoch})
    log.close()
    disk.close()
    return cut_power(life, sorted([*range(before, after + 1)] * 3), "cut", folder)
