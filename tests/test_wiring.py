"""The wiring: a server that starts, listens, keeps its data for itself, stops and goes on."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from moothall.engine.rules import Rules
from moothall.engine.words import PolicyName
from moothall.errors import BadSetting, DataCorrupt, DataInUse, StorageError
from moothall.log.folder import LOCK
from moothall.log.lock_file import LockFile
from moothall.log.room_log import Durability
from moothall.settings import Settings
from moothall.wiring import custom_policy, max_line_bytes, start_server
from tests.doors.guests import house

HERE = ("127.0.0.1",)


async def test_a_server_says_which_port_it_took() -> None:
    """0 takes a free one, and it can be reached there."""
    async with house() as here:
        assert here.port > 0
        kari = await here.guest("Kari")
        assert await kari.line() == "* You are Kari, seat 1. 1/4 here. /help lists what you can type."


async def test_a_server_listens_on_both_loopback_addresses_by_default() -> None:
    """On the same port; a machine that has no IPv6 gets one of them."""
    async with house(bind=("127.0.0.1", "::1")) as here:
        try:
            reader, writer = await asyncio.open_connection("::1", here.port)
        except OSError:
            pytest.skip("this machine has no IPv6")
        writer.write(b"Kari\n")
        line = await reader.readline()
        writer.close()
        await writer.wait_closed()

    assert line.startswith(b"* You are Kari")


async def test_an_address_that_cannot_be_had_besides_another_is_done_without() -> None:
    """The second one of a loopback: not every machine has it."""
    async with house(bind=("127.0.0.1", "192.0.2.1"), insecure=True) as here:
        assert (await here.seated("Kari")) is not None


async def test_a_port_that_is_taken_is_told_in_one_sentence() -> None:
    """And nothing is left behind: the data can be used by the next."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadSetting, match=rf"^Port {port} on 127\.0\.0\.1 cannot be used: .*\.$"):
            await start_server(Settings(bind=HERE, port=port))


async def test_a_start_that_fails_lets_go_of_its_data(tmp_path: Path) -> None:
    """Whether the port is taken, or the log cannot be read."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(BadSetting):
        await start_server(Settings(bind=HERE, port=taken.getsockname()[1], data=tmp_path))
    (tmp_path / "moothall.db").unlink()
    (tmp_path / "moothall.db").mkdir()
    with pytest.raises(StorageError):
        await start_server(Settings(bind=HERE, port=0, data=tmp_path))

    LockFile(tmp_path).close()


async def test_a_setting_that_cannot_be_starts_nothing(tmp_path: Path) -> None:
    """Not even a file is made."""
    with pytest.raises(BadSetting, match="--seats"):
        await start_server(Settings(bind=HERE, port=0, seats=0, data=tmp_path / "data"))

    assert not (tmp_path / "data").exists()


async def test_a_policy_of_ones_own_decides(tmp_path: Path) -> None:
    """Its file is read before the data is; whatever it does wrong, the room goes on."""
    (tmp_path / "mine.py").write_text(
        "def last(room):\n    waiting = [name for name in room.seats if name not in room.round.done]\n"
        "    return [] if room.turns else waiting[-1:]\n"
    )
    options = {"seats": 2, "policy": PolicyName.CUSTOM, "custom_policy": f"{tmp_path / 'mine.py'}:last"}
    async with house(**options) as here:
        kari = await here.seated("Kari")
        await here.seated("Lars")
        assert (await kari.until("* Lars has the floor", "* Your turn"))[-1] == "* Lars has the floor, 30 s."

    with pytest.raises(BadSetting, match=r"--policy .*mine\.py:first: There is no function first in .*mine\.py\."):
        await start_server(
            Settings(
                bind=HERE,
                port=0,
                data=tmp_path / "data",
                policy=PolicyName.CUSTOM,
                custom_policy=f"{tmp_path / 'mine.py'}:first",
            )
        )
    assert not (tmp_path / "data").exists()


async def test_each_room_may_have_a_policy_of_its_own(tmp_path: Path) -> None:
    """The function of one room decides nothing in another."""
    (tmp_path / "mine.py").write_text(
        "def last(room):\n    waiting = [name for name in room.seats if name not in room.round.done]\n"
        "    return [] if room.turns else waiting[-1:]\n"
    )
    own = Rules(seats=2, policy=PolicyName.CUSTOM, custom_policy=f"{tmp_path / 'mine.py'}:last")
    async with house(seats=2, room_rules={"lab": own}) as here:
        lab, main = await here.seated("Kari@Lab"), await here.seated("Kari")
        await here.seated("Lars@lab")
        await here.seated("Lars")
        in_lab, in_main = [(await kari.until("* Lars has the floor", "* Your turn"))[-1] for kari in (lab, main)]

    assert (in_lab, in_main) == ("* Lars has the floor, 30 s.", "* Your turn, 30 s.")
    with pytest.raises(BadSetting, match=r"--policy .*mine\.py:first: There is no function first in .*mine\.py\."):
        custom_policy(f"{tmp_path / 'mine.py'}:first")


async def test_data_is_one_servers_alone(tmp_path: Path) -> None:
    """Two that write to one log would break it; when the first has stopped the second may."""
    async with house(data=tmp_path):
        with pytest.raises(DataInUse):
            await start_server(Settings(bind=HERE, port=0, data=tmp_path))
    async with house(data=tmp_path) as here:
        await here.seated("Kari")


async def test_a_sitting_goes_on_after_a_restart_and_the_time_between_does_not_count(tmp_path: Path) -> None:
    """A seat without a key is given up; the turn of the other has the time that was left of it, to the second."""
    async with house(data=tmp_path, seats=2, turn_seconds=20) as here:
        _, joined = await here.bot("Lars")
        kari = await here.seated("Kari")
        await kari.until("* Lars has the floor, 20 s.")
        here.clock.skip(8_000)
        async with here.stopping(close_sittings=False):
            assert (await kari.rest())[-2:] == ["! closing: The server is stopping.", "* Goodbye."]

    async with house(data=tmp_path, seats=2, turn_seconds=20) as here:
        lars, resumed = await here.bot("Lars", key=joined["key"], epoch=joined["epoch"], after=joined["seq"])
        assert resumed["reply"] == "resumed"
        left = await lars.until_frame(event="left")
        assert (left["name"], left["reason"]) == ("Kari", "restart")
        reopened = await lars.until_frame(event="reopened")
        assert 11_000 <= reopened["deadline"] - reopened["at"] <= 20_000
        lars.ask(do="say", text="Where were we?", turn=1)
        assert (await lars.until_frame(event="sitting_closed"))["reason"] == "done"


async def test_a_server_stops_in_time_although_somebody_does_not_close() -> None:
    """A client that has read its goodbye and goes nowhere is cut off after 2 s."""
    async with house() as here:
        kari = await here.seated("Kari")
        stop = asyncio.create_task(here.server.stop(close_sittings=False))
        assert (await kari.rest())[-1] == "* Goodbye."
        here.clock.skip(2_000)
        await stop


async def test_a_server_that_has_stopped_lets_nobody_in() -> None:
    """Its port is free again."""
    async with house() as here:
        port = here.port
        await here.server.stop(close_sittings=True)
        with pytest.raises(OSError):
            await here.guest()
        async with house(port=port) as again:
            await again.seated("Kari")


async def test_the_only_rooms_are_those_that_are_named() -> None:
    """And who names none comes into the first."""
    async with house(rooms=("lab", "attic")) as here:
        kari = await here.guest("Kari@main", "Kari")
        assert await kari.line() == "! no_such_room: There is no room main."
        assert (await kari.line()).startswith("* You are Kari")
        assert list(here.server.hall.clerks) == ["lab"]


async def test_a_server_writes_each_second_that_it_is_alive(tmp_path: Path) -> None:
    """So that a restart after a crash knows for how long nobody was there."""

    def last_alive() -> int:
        return int((tmp_path / LOCK).read_bytes().split()[1])

    async with house(data=tmp_path) as here:
        before = last_alive()
        here.clock.skip(5_000)
        await here.seated("Kari")  # by then the clock has rung
        after = last_alive()

    assert 5_000 <= after - before < 20_000


async def test_what_is_shown_before_it_is_written_is_written_within_a_second(tmp_path: Path) -> None:
    """`--durability none`; and when it cannot be written the server goes on, and says so to whoever runs it."""
    async with house(data=tmp_path, durability=Durability.NONE) as here:
        await here.seated("Kari")
        assert stored_events(tmp_path) == 0
        here.clock.skip(1_000)
        await here.seated("Lars")

        assert stored_events(tmp_path) > 0


def stored_events(folder: Path) -> int:
    """Return how many rows another process finds in the log."""
    with closing(sqlite3.connect(f"file:{folder / 'moothall.db'}?mode=ro", uri=True)) as database:
        count: int = database.execute("SELECT count(*) FROM entry").fetchone()[0]
    return count


async def test_a_heart_beat_that_cannot_write_is_no_reason_to_die(caplog: pytest.LogCaptureFixture) -> None:
    """The disk may have room again in a second."""
    async with house() as here:

        def full() -> None:
            raise StorageError("The disk is full.")

        here.server.log.flush = full  # type: ignore[method-assign]
        here.clock.skip(1_000)
        await here.seated("Kari")
        del here.server.log.flush

    assert "log not written error=The disk is full." in caplog.messages


async def test_a_hall_that_cannot_be_loaded_lets_go_of_its_data(tmp_path: Path) -> None:
    """Whoever repairs it need not look for a process that holds it."""
    async with house(data=tmp_path) as here:
        await here.seated("Kari")
        await here.seated("Lars")
        async with here.stopping(close_sittings=False):
            pass
    with closing(sqlite3.connect(tmp_path / "moothall.db")) as database, database:
        database.execute("UPDATE entry SET body = CAST(replace(body, 'Kari', 'Ola!') AS BLOB)")
    with pytest.raises(DataCorrupt):
        await start_server(Settings(bind=HERE, port=0, data=tmp_path))

    LockFile(tmp_path).close()


async def test_the_limits_of_connections_are_settings() -> None:
    """The oldest that has not joined is cut off; a seat is safe; and a full server takes nobody."""
    async with house(max_unjoined=2, max_connections=3) as here:
        kari = await here.seated("Kari")
        first, second = [await here.guest("/help") for _ in range(2)]
        assert [(await guest.line())[:6] for guest in (first, second)] == ["* Type"] * 2
        turned_away = await here.guest("Ola")
        with suppress(ConnectionResetError, BrokenPipeError):
            assert await turned_away.line() == ""
        first.type("Ola")
        await kari.until("* Ola took seat 2.")
        second.type("/rooms")
        assert await second.line() == "* main: 2/4 here, gathering"

    async with house(max_unjoined=1) as here:
        oldest = await here.guest("/help")
        assert (await oldest.line())[:6] == "* Type"
        await here.seated("Kari")
        with suppress(ConnectionResetError):
            assert await oldest.line() == ""


@pytest.mark.parametrize(("chars", "size"), [(8_000, 97_024), (1, 1_036)])
def test_a_line_holds_the_longest_escapes_of_the_longest_words(chars: int, size: int) -> None:
    """JSON writes a character outside of the first plane in twelve bytes."""
    assert max_line_bytes(chars) == size


async def test_the_same_seed_draws_the_same_topics() -> None:
    """And a room that is given none has one of its own."""
    drawn = []
    for _ in range(2):
        async with house(seats=1, topics=(), seed="5eed") as here:
            kari, _ = await here.bot("Kari")
            drawn.append((await kari.until_frame(event="topic_opened"))["topic"])
    seeds = []
    for _ in range(2):
        async with house(seats=1) as here:
            kari, _ = await here.bot("Kari", after=0)
            seeds.append((await kari.until_frame(event="room_opened"))["seed"])

    assert drawn[0] == drawn[1]
    assert seeds[0] != seeds[1]
