"""House bots that a server sends into its own rooms."""

from __future__ import annotations

import asyncio
import logging

import pytest

from moothall.bots.players import Players
from moothall.engine.names import RoomName
from tests.doors.guests import house

MAIN = RoomName("main")


async def test_those_who_are_sent_take_seats_and_talk() -> None:
    """Each under its own name, as a house bot."""
    async with house(seats=3) as here:
        lars = await here.seated("Lars")
        Players("127.0.0.1", here.port).send(MAIN, ["alice", "bob"])
        await lars.until("* Your turn")
        lars.type("Lovely.")
        lines = await lars.rest()

    assert [line.partition(":")[0] for line in lines if line.startswith(("Alice: ", "Bob: "))] == ["Alice", "Bob"]


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"])
async def test_a_server_that_listens_everywhere_is_reached_on_the_loopback(address: str) -> None:
    """Its bots come from nowhere else."""
    async with house(seats=1) as here:
        onlooker = await here.guest("/watch")
        Players(address, here.port).send(MAIN, ["dora"])

        await onlooker.until("* Dora took seat 1.")


async def test_as_many_are_sent_as_seats_are_empty() -> None:
    """The same bot again where there are more, under another name; and none under a name that is kept for somebody."""
    async with house(seats=7) as here:
        onlooker = await here.guest("/watch")
        Players("127.0.0.1", here.port).fill(MAIN, 7, ["ALICE", "bob"])
        began = (await onlooker.until("* Sitting 1 begins: "))[-1]

    names = began.removeprefix("* Sitting 1 begins: ").removesuffix(".").split(", ")
    assert len(names) == 7
    assert {name.partition("-")[0] for name in names} == {"Dora", "Chuck", "Classic"}


async def test_one_that_finds_no_seat_gives_up(caplog: pytest.LogCaptureFixture) -> None:
    """Which is told to whoever wants to know, and to nobody else."""
    caplog.set_level(logging.INFO, "moothall.bots.players")
    async with house(seats=1, turn_seconds=0) as here:
        await here.seated("Lars")
        players = Players("127.0.0.1", here.port)
        players.send(MAIN, ["alice"])
        async with asyncio.timeout(10):
            while "house bot not seated room=main" not in caplog.text:
                await (await here.guest("/who")).line()


async def test_those_who_are_out_can_be_ended() -> None:
    """Their seats are free for others."""
    async with house(seats=2) as here:
        lars = await here.seated("Lars")
        players = Players("127.0.0.1", here.port)
        players.send(MAIN, ["alice"])
        await lars.until("* Your turn")
        players.end()

        await lars.until("* Alice left")
