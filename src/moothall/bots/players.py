"""House bots that a server sends into its own rooms: over the loopback, through the same door as anybody's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from itertools import cycle, islice
from typing import Final

from moothall.bots.house import HOUSE_BOTS
from moothall.bots.run import play
from moothall.engine.names import RoomName, fold
from moothall.errors import MoothallError

__all__ = ["Players"]

logger = logging.getLogger(__name__)

_PATIENCE_SECONDS: Final = 10
_LOOPBACK_OF: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound


class Players:
    """The house bots that are out. `port`: where the server listens, once it does.

    Args:
        address: one that the server is bound to.
    """

    def __init__(self, address: str, port: int) -> None:
        self.port = port
        self._host = _LOOPBACK_OF.get(address, address)
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, room: RoomName, bots: Sequence[str]) -> None:
        """Send house bots, by their names, to a room; they take seats by themselves, and go with the sitting."""
        logger.info("house bots sent room=%s count=%d", room, len(bots))
        for name in bots:
            task = asyncio.get_running_loop().create_task(self._play(name, room))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def fill(self, room: RoomName, count: int, kept: Sequence[str]) -> None:
        """Send so many of them, each as often as it takes; none under a name whose seat is kept for somebody."""
        names = {fold(name) for name in kept}
        bots = [bot for bot in HOUSE_BOTS if fold(bot) not in names]
        self.send(room, list(islice(cycle(bots or HOUSE_BOTS), count)))

    def end(self) -> None:
        """End those that are still out: they give their seats up, where anybody still hears it."""
        for task in self._tasks:
            task.cancel()

    async def _play(self, name: str, room: RoomName) -> None:
        try:
            await play(
                HOUSE_BOTS[name],
                host=self._host,
                port=self.port,
                room=room,
                about="a house bot",
                give_up_seconds=_PATIENCE_SECONDS,
            )
        except MoothallError as error:
            logger.info("house bot not seated room=%s error=%s", room, error)
