"""The judge of damaged data is right where nothing is wrong, and finds each fault that is planted in what it judges."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable
from typing import Final

import pytest
from msgspec.structs import replace

from moothall.engine.names import RoomName
from moothall.engine.room import Room
from moothall.hall.clerk import Clerk
from moothall.log.chain import Tail
from moothall.log.reader import LogReader
from moothall.log.room_log import Base, RoomSummary
from tests.torture.damage import Cut, Fault, Finding, Flip, Outcome, flips, judge, places
from tests.torture.worlds import DB, WAL, World, make_worlds

SEED: Final = "planted"
Planter = Callable[[pytest.MonkeyPatch, World], None]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, World]:
    made = asyncio.run(make_worlds(tmp_path_factory.mktemp("worlds"), SEED))
    return {world.name: world for world in made}


@pytest.mark.parametrize("name", ["stopped", "killed", "checkpointed"])
async def test_nothing_is_found_where_nothing_is_damaged(name: str, worlds: dict[str, World]) -> None:
    """A stop and a kill lose nothing, and readers go on from where they were."""
    assert await judge(worlds[name], None) == Finding(
        name, None, Outcome.HARMLESS, {}, has_epoch=True, doctor_finds=False
    )


def test_every_kind_of_place_is_hit_as_often(worlds: dict[str, World]) -> None:
    """Most of a file is words; the few pages that lead to them are damaged as often."""
    hit = Counter((world.name, flip.kind) for world, flip in flips([*worlds.values()], SEED, range(200)))
    kinds = {(world.name, place.kind) for world in worlds.values() for place in places(world)}

    assert set(hit) == kinds
    assert max(hit.values()) - min(hit.values()) <= 1
    assert {"header", "schema", "meta", "room", "entry", "entry, overflow", "milestone", "seat_key", "free page"} <= {
        kind for _, kind in kinds
    }
    assert {"base", "first row kept", "lock, PID", "lock, ALIVE", "lock, ROW"} <= {kind for _, kind in kinds}
    assert {"WAL header", "WAL, frame header", "WAL, frame", "WAL, old frame"} <= {kind for _, kind in kinds}


async def test_words_that_are_altered_are_found(worlds: dict[str, World], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its checksums the server shows what the damage has made of the words."""
    flip = words_flipped(worlds["stopped"])
    found = await judge(worlds["stopped"], flip)
    monkeypatch.setattr("moothall.log.chain.verify", lambda *_: None)
    altered = await judge(worlds["stopped"], flip)

    assert found.faults == {}
    assert found.outcome is not Outcome.HARMLESS
    assert [*altered.faults] == [Fault.ALTERED]


def words_flipped(world: World) -> Flip:
    """Return a flip in the middle of words that were said."""
    content = (world.folder / DB).read_bytes()
    return Flip("entry", DB, content.index("æøå".encode()) + 2, 0)


async def test_one_byte_that_was_shown_otherwise_is_found(worlds: dict[str, World]) -> None:
    """What counts is what a reader was shown."""
    world = worlds["stopped"]
    shown = {room: [line.replace(b'"seq":9,', b'"seq":8,') for line in lines] for room, lines in world.shown.items()}

    assert Fault.ALTERED in (await judge(replace(world, shown=shown), None)).faults


def lose_the_newest(monkeypatch: pytest.MonkeyPatch, _world: World) -> None:
    """A reader believes that every room ends one entry early."""
    rooms = LogReader.rooms

    def fewer(log: LogReader) -> list[RoomSummary]:
        return [replace(summary, last_seq=summary.last_seq - 1) for summary in rooms(log)]

    monkeypatch.setattr(LogReader, "rooms", fewer)


def break_off(monkeypatch: pytest.MonkeyPatch, _world: World) -> None:
    """The server meets something that it didn't foresee."""

    def fails(*_: object) -> None:
        raise TypeError("unsupported operand")

    monkeypatch.setattr("moothall.log.sqlite.load_tails", fails)


def keep_the_epoch(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """The new epoch is the old one."""
    monkeypatch.setattr("moothall.log.schema.secrets.token_hex", lambda _: world.epoch.removeprefix("e_"))


def blind_the_doctor(monkeypatch: pytest.MonkeyPatch, _world: World) -> None:
    """Whatever it looks at, all is well."""
    monkeypatch.setattr("moothall.cli.doctor.examine", lambda *_: [])


@pytest.mark.parametrize(
    ("plant", "damage", "faults"),
    [
        (lose_the_newest, None, {Fault.LOST}),
        (blind_the_doctor, Cut("cut WAL", WAL, 100_000), {Fault.MISSED}),
        (break_off, None, {Fault.CRASHED, Fault.LOOPS}),
        (keep_the_epoch, Cut("cut WAL", WAL, 100_000), {Fault.SAME_EPOCH}),
    ],
)
async def test_a_fault_that_is_planted_is_found(
    plant: Planter,
    damage: Cut | None,
    faults: set[Fault],
    worlds: dict[str, World],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And nothing beside it."""
    world = worlds["killed"]
    plant(monkeypatch, world)

    assert {*(await judge(world, damage)).faults} == faults


async def test_a_tail_that_is_torn_off_is_told_by_the_epoch(worlds: dict[str, World]) -> None:
    """The log ends before what the server had stored; whoever has read it must not go on from there."""
    finding = await judge(worlds["killed"], Cut("cut WAL", WAL, 100_000))

    assert finding.faults == {}
    assert (finding.outcome, finding.has_epoch) == (Outcome.TAIL_LOST, False)


async def test_a_base_that_is_altered_is_found(worlds: dict[str, World], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of a forgotten beginning is damaged: without its checksum, a room goes on from what it never was."""
    world = worlds["stopped"]
    base = world.bases[min(world.bases)]
    at = (world.folder / DB).read_bytes().index(base.body) + base.body.index(b"hug")
    found = await judge(world, Flip("base", DB, at, 0))

    def believe(connection: sqlite3.Connection, _room: RoomName, tail: Tail) -> Base | None:
        row = connection.execute("SELECT seq, body FROM base WHERE room = ?", (tail.room_id,)).fetchone()
        return row and Base(*row)

    monkeypatch.setattr("moothall.log.reader.read_base", believe)
    monkeypatch.setattr("moothall.log.sqlite.read_base", believe)
    altered = await judge(world, Flip("base", DB, at, 0))

    assert found.faults == {}
    assert found.outcome is not Outcome.HARMLESS
    assert Fault.ALTERED in altered.faults


async def test_a_beginning_that_is_missing_is_found(worlds: dict[str, World], monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted bug: whoever looks on from the first event is shown a room from the second that is kept."""

    def later(clerk: Clerk, _room: Room, _after: int | None) -> int:
        return clerk.first_seq

    monkeypatch.setattr("moothall.hall.lobby._start", later)

    assert Fault.LOST in (await judge(worlds["stopped"], None)).faults
