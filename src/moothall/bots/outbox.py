"""What a client has said and the room has not acknowledged: kept, and sent again after a lost connection.

A cid makes an utterance the same one however often it is sent, so it is said once. A pass carries its turn's number,
which does the same. Holds at most 64 of each, as many as the server remembers.
"""

from __future__ import annotations

from collections.abc import Callable

from moothall.engine.events import Event, Passed, Said
from moothall.engine.receipts import MAX_RECEIPTS
from moothall.errors import Reason, Rejected
from moothall.wire.frames import Frame, PassFrame, SayFrame
from moothall.wire.replies import Refused

__all__ = ["Outbox"]


class Outbox:
    """Utterances and passes on their way, in their order; `send` sends a frame, or does nothing where it can't."""

    def __init__(self, send: Callable[[Frame], None]) -> None:
        self._send = send
        self._says: dict[str, SayFrame] = {}
        self._pass: PassFrame | None = None
        self._count = 0

    def __len__(self) -> int:
        return len(self._says) + (self._pass is not None)

    def say(self, text: str, turn: int | None) -> str:
        """Send an utterance and keep it; return its cid.

        Raises:
            Rejected: `too_fast`, 64 are on their way.
        """
        if len(self._says) >= MAX_RECEIPTS:
            raise Rejected(Reason.TOO_FAST, f"{MAX_RECEIPTS} utterances are not acknowledged yet")
        self._count += 1
        cid = f"c{self._count}"
        frame = self._says[cid] = SayFrame(text=text, turn=turn, cid=cid)
        self._send(frame)
        return cid

    def pass_turn(self, turn: int | None) -> None:
        """Send a pass, and keep it where it has a turn."""
        frame = PassFrame(turn=turn)
        self._pass = frame if turn is not None else None
        self._send(frame)

    def send_all(self) -> None:
        """Send again everything that is kept."""
        for frame in self._says.values():
            self._send(frame)
        if self._pass is not None:
            self._send(self._pass)

    def clear(self) -> None:
        """Forget everything: the seat that said it is gone."""
        self._says.clear()
        self._pass = None

    def acknowledge(self, cid: str) -> None:
        """Forget an utterance: the room has it."""
        self._says.pop(cid, None)

    def take(self, event: Event, name: str) -> None:
        """Let an event acknowledge what `name` has sent."""
        match event:
            case Said(speaker, cid=cid) if speaker == name and cid is not None:
                self.acknowledge(cid)
            case Passed(speaker) if speaker == name:
                self._pass = None
            case _:
                pass

    def take_refusal(self, refused: Refused) -> None:
        """Forget what was refused."""
        if refused.cid is not None:
            self.acknowledge(refused.cid)
        elif refused.do == "pass":
            self._pass = None
        elif refused.reason is Reason.TOO_LONG and self._says:
            # A line over the limit is thrown away with its cid in it: it was the longest.
            self.acknowledge(max(self._says, key=lambda cid: len(self._says[cid].text)))

    def may_wait(self, refused: Refused, turn: int | None) -> bool:
        """Tell whether what was refused for now belongs to `turn`, which is still open, and so may be sent again."""
        if turn is None:
            return False
        frame = self._pass if refused.cid is None else self._says.get(refused.cid)
        return frame is not None and frame.turn == turn
