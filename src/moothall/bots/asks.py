"""What a client has asked for besides speaking, and the room has not answered: asked again after a lost connection.

Only where the room, as it was read since, shows that it has not happened: so no floor is given twice, and no second
topic is closed. What nothing in the room would show, a topic for the queue or other rules, is asked once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from moothall.engine.names import Name
from moothall.engine.room import Room
from moothall.engine.rules import Number
from moothall.wire.frames import Frame, GrantFrame, NextFrame, RequestFrame, ReturnFrame, RevokeFrame, WithdrawFrame
from moothall.wire.replies import Refused

__all__ = ["Asks", "RuleChanges"]


class RuleChanges(TypedDict, total=False):
    """The rules that a chair may change from the next topic on."""

    policy: str
    rounds: int
    until: str
    turn_seconds: Number
    seat_seconds: dict[str, Number]
    missed_turns: int
    on_missed: str


class Asks:
    """The latest ask of each word, with the room as it was; `send` sends a frame, or does nothing where it can't."""

    def __init__(self, send: Callable[[Frame], None]) -> None:
        self._send = send
        self._open: dict[str, tuple[Frame, Room]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def ask(self, frame: Frame, room: Room, name: str) -> None:
        """Send what `name` asks of the room, and keep it where it may be asked again."""
        if isinstance(frame, WithdrawFrame):
            self._open.pop(_word(RequestFrame()), None)
        if _is_open(frame, room, room, Name(name)):
            self._open[_word(frame)] = (frame, room)
        self._send(frame)

    def take(self, room: Room, name: str) -> None:
        """Forget what the room has answered, after one more event."""
        if self._open:
            self._open = {
                word: (frame, then)
                for word, (frame, then) in self._open.items()
                if _is_open(frame, then, room, Name(name))
            }

    def take_refusal(self, refused: Refused) -> None:
        """Forget what was refused."""
        if refused.do is not None:
            self._open.pop(refused.do, None)

    def holds(self, refused: Refused) -> bool:
        """Tell whether what was refused is kept, and so may be asked again."""
        return refused.do in self._open

    def send_all(self) -> None:
        """Ask again for everything that is kept: only once all that happened since has been read."""
        for frame, _ in self._open.values():
            self._send(frame)

    def clear(self) -> None:
        """Forget everything: the seat that asked is gone."""
        self._open.clear()


def _word(frame: Frame) -> str:
    return str(frame.__struct_config__.tag)


def _is_open(frame: Frame, then: Room, now: Room, name: Name) -> bool:
    """Tell whether what was asked of the room as it was `then` has not happened by `now`."""
    seat, had = now.seats.get(name), then.seats.get(name)
    if seat is None or had is None or (then.sitting, then.topics_opened) != (now.sitting, now.topics_opened):
        return False
    if (then.topic is None) != (now.topic is None):
        return False
    match frame:
        case RequestFrame():
            return name not in now.requests and now.turn_of(name) is None and seat.turns == had.turns
        case WithdrawFrame():
            return name in now.requests
        case ReturnFrame():
            return seat.is_benched
        case GrantFrame():
            return now.turn_number == then.turn_number
        case RevokeFrame():
            return {turn.number for turn in now.turns} == {turn.number for turn in then.turns} != set()
        case NextFrame():
            return True
        case _:
            return False
