"""All that a client sends in a room, and sends again: after a lost connection, a pause, or a disk that was full.

Knows neither the connection nor who reads; `Outbox` keeps what is said, `Asks` what else is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from moothall.bots.asks import Asks
from moothall.bots.outbox import Outbox
from moothall.engine.events import Event, Unpaused
from moothall.engine.room import Room
from moothall.errors import Reason
from moothall.wire.frames import Frame, LeaveFrame
from moothall.wire.replies import Refused

__all__ = ["Sender"]

_STORAGE_SECONDS: Final = 0.5
"""A server that cannot store anything tries again each second."""


class Sender:
    """What is on its way; `send` sends a frame, or does nothing where there is no connection.

    `outbox` and `asks` hold it. `is_leaving`: the seat is being given up.
    """

    def __init__(self, send: Callable[[Frame], None]) -> None:
        self.outbox = Outbox(send)
        self.asks = Asks(send)
        self.is_leaving = False
        self._send = send
        self._retry: asyncio.TimerHandle | None = None

    def leave(self) -> None:
        """Give the seat up."""
        self.is_leaving = True
        self._send(LeaveFrame())

    def take(self, event: Event, room: Room, name: str) -> None:
        """Let an event, and the room after it, answer what `name` has sent; after a pause the words are sent again."""
        self.outbox.take(event, name)
        self.asks.take(room, name)
        if isinstance(event, Unpaused):
            self.outbox.send_all()

    def take_refusal(self, refused: Refused, turn: int | None) -> bool:
        """Take a refusal; return False where it is for now, and what was refused is sent again by itself.

        Args:
            turn: the turn that is the client's own now.
        """
        may_wait = self.outbox.may_wait(refused, turn)
        if refused.reason is Reason.STORAGE and (may_wait or refused.do == "leave" or self.asks.holds(refused)):
            if self._retry is None:
                self._retry = asyncio.get_running_loop().call_later(_STORAGE_SECONDS, self._send_again)
            return False
        if refused.reason is Reason.NOT_TALKING and may_wait:
            return False  # a pause: it is sent again when it is over
        self.outbox.take_refusal(refused)
        self.asks.take_refusal(refused)
        return True

    def come_back(self) -> None:
        """Send again, over a new connection, what cannot happen twice."""
        self.stop()
        self.outbox.send_all()
        if self.is_leaving:
            self._send(LeaveFrame())

    def catch_up(self) -> None:
        """Send again the rest, once all that happened meanwhile has been read."""
        self.asks.send_all()

    def clear(self) -> None:
        """Forget everything that was said and asked: the seat is gone."""
        self.outbox.clear()
        self.asks.clear()

    def stop(self) -> None:
        """Wait no longer for a disk."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    def _send_again(self) -> None:
        self.come_back()
        self.catch_up()
