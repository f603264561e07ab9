"""One sitting of one client: it comes in, and what it reads goes to whoever plays in it, until it is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from moothall.bots.client import Client
from moothall.engine.events import Event, SittingClosed
from moothall.wire.change import Change

__all__ = ["Player", "hold_sitting"]


class Player(Protocol):
    """Who plays in a sitting, a bot or a chair. Its tasks belong to the group that it is made with."""

    def take(self, event: Event) -> None:
        """Read one event, which the client has taken already."""

    def stop(self) -> None:
        """Wait no longer for what it is thinking."""


async def hold_sitting(
    client: Client, player_in: Callable[[asyncio.TaskGroup], Player], on_change: Callable[[Change], None] | None
) -> bool:
    """Play until the client has nothing more to read; return whether the sitting was closed then.

    Raises:
        Rejected: the server does not let the client in, or its seat is gone.
        Unreachable: no server came in time.
    """
    event: Event | None = None
    try:
        async with client, asyncio.TaskGroup() as group:
            player = player_in(group)
            try:
                async for event, _ in client:
                    if on_change is not None and client.change is not None:
                        on_change(client.change)
                    player.take(event)
            finally:
                player.stop()
    except BaseExceptionGroup as errors:
        # The tasks of the group keep their errors to themselves, so this is one, of the reading.
        raise errors.exceptions[0] from None
    return isinstance(event, SittingClosed)
