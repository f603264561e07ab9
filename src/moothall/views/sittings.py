"""The sittings of a room, each in short: a fold of its log. Normative: docs/protocol/web.md §5.

Only entries that tell something of a sitting are read; what was said is counted, and not looked at.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from moothall.engine.events import Seated, SittingClosed, SittingOpened, TopicOpened
from moothall.errors import BadFrame, DataCorrupt
from moothall.wire.json_lines import decode_event
from moothall.wire.rest import SittingShown

__all__ = ["SittingList"]

_SAID: Final = b'{"event":"said",'
_TELLING: Final = (
    b'{"event":"sitting_opened",',
    b'{"event":"sitting_closed",',
    b'{"event":"topic_opened",',
    b'{"event":"seated",',
)


class SittingList:
    """The last sittings of a log, at most `limit` of them. What is kept of a log never begins within one."""

    def __init__(self, limit: int) -> None:
        self._over: deque[SittingShown] = deque(maxlen=limit)
        self._limit = limit
        self._open: _Tally | None = None

    def take(self, body: bytes) -> None:
        """Take note of the next entry.

        Raises:
            DataCorrupt: it cannot be read.
        """
        if body.startswith(_SAID):
            if self._open is not None:
                self._open.said += 1
        elif body.startswith(_TELLING):
            self._note(body)

    def newest_first(self, last_seq: int) -> list[SittingShown]:
        """Return the sittings; one that goes on has come up to `last_seq`."""
        going_on = [] if self._open is None else [self._open.shown(last_seq)]
        return [*going_on, *reversed(self._over)][: self._limit]

    def _note(self, body: bytes) -> None:
        try:
            event, stamp = decode_event(body)
        except BadFrame as error:
            raise DataCorrupt(f"An entry of the log cannot be read. {error}") from None
        if isinstance(event, SittingOpened):
            self._open = _Tally(event, stamp.seq, stamp.at)
        elif self._open is None:
            return
        elif isinstance(event, SittingClosed):
            self._over.append(self._open.shown(stamp.seq, closed_at=stamp.at, reason=event.reason.value))
            self._open = None
        elif isinstance(event, TopicOpened):
            self._open.topics.append(event.topic)
        elif isinstance(event, Seated):
            self._open.names[event.name] = None


class _Tally:
    """What has come of a sitting so far."""

    def __init__(self, opening: SittingOpened, seq: int, at: int) -> None:
        self.said = 0
        self.topics: list[str] = []
        self.names: dict[str, None] = {}  # in the order in which they came, each once
        self._opening = opening
        self._seq = seq
        self._at = at

    def shown(self, last_seq: int, *, closed_at: int | None = None, reason: str | None = None) -> SittingShown:
        return SittingShown(
            sitting=self._opening.sitting,
            first_seq=self._seq,
            last_seq=last_seq,
            opened_at=self._at,
            closed_at=closed_at,
            reason=reason,
            topics=self.topics,
            names=list(self.names),
            said=self.said,
            labels=self._opening.labels,
        )
