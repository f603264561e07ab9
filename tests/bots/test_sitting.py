"""A sitting is held to its end, whoever plays in it."""

from __future__ import annotations

import asyncio

import pytest

from moothall.bots.client import Client
from moothall.bots.sitting import hold_sitting
from moothall.engine.events import Event, FloorGranted, SittingClosed
from moothall.errors import Rejected
from moothall.wire.change import Change
from tests.bots.servers import HERE, a_server


class Passer:
    """Passes its turns; `events` is what it was given to read."""

    def __init__(self, client: Client, group: asyncio.TaskGroup) -> None:
        self.events: list[Event] = []
        self.is_stopped = False
        self._client = client
        self._group = group

    def take(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, FloorGranted):
            self._group.create_task(self._client.pass_turn())

    def stop(self) -> None:
        self.is_stopped = True


async def test_a_player_reads_every_event_and_is_stopped_at_the_end() -> None:
    """Whoever listens is told of the same."""
    players: list[Passer] = []
    changes: list[Change] = []
    async with a_server(1) as server:
        client = Client(HERE, server.port, name="Kari")

        def playing(group: asyncio.TaskGroup) -> Passer:
            players.append(Passer(client, group))
            return players[0]

        assert await hold_sitting(client, playing, changes.append)

    assert players[0].is_stopped
    assert players[0].events == [change.event for change in changes]
    assert isinstance(players[0].events[-1], SittingClosed)


async def test_an_error_of_the_reading_comes_out_as_it_is() -> None:
    """And not as a group of errors."""
    async with a_server() as server, Client(HERE, server.port, name="Kari"):
        second = Client(HERE, server.port, name="Kari")

        with pytest.raises(Rejected, match="name_taken"):
            await hold_sitting(second, lambda group: Passer(second, group), None)
