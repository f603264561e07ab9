"""Once per turn of the event loop: commit what all clerks have decided, inline, as one transaction; then it is shipped.

Nothing is shown before it is committed. While the disk syncs, the kernel gathers what comes next: a slow disk makes
larger batches, and there is no other thread that could read a state which is taken back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from moothall.errors import DataCorrupt, Reason, Rejected, StorageError
from moothall.hall.clock import Clock
from moothall.hall.counts import Counts
from moothall.hall.courier import Courier
from moothall.hall.timers import Alarm, Timers
from moothall.log.room_log import Batch, Cut, KeyChange, RoomLog, RoomMark

if TYPE_CHECKING:
    from moothall.hall.clerk import Clerk

__all__ = ["MAX_BATCH_BYTES", "RETRY_MS", "Press"]

logger = logging.getLogger(__name__)

MAX_BATCH_BYTES: Final = 256 * 1024
"""A batch that has grown to this is committed before more is decided, so that no burst makes everybody wait."""

RETRY_MS: Final = 1_000


class Press:
    """Commits what clerks have decided, and has it shipped.

    `counts` is of what was committed. `failed_since` is the moment at which the log began to fail, else None;
    `is_stopped`: nothing is decided any more. `on_damage` is told once that the log is damaged: no commit can be
    trusted any more, and none is tried.
    """

    def __init__(self, log: RoomLog, clock: Clock, timers: Timers) -> None:
        self.log = log
        self.clock = clock
        self.counts = Counts()
        self.failed_since: int | None = None
        self.is_stopped = False
        self.on_retry: Callable[[int], None] = _nothing
        self.on_damage: Callable[[DataCorrupt], None] = _no_damage
        self._timers = timers
        self._dirty: list[Clerk] = []
        self._keys: list[KeyChange] = []
        self._marks: list[RoomMark] = []
        self._bytes = 0
        self._is_scheduled = False
        self._is_flushing = False
        self._is_recovering = False
        self._retry = Alarm(self._try_again)
        self._courier = Courier(clock, lambda: self._is_scheduled)

    @property
    def refuses(self) -> bool:
        """Whether the log is failing, and nothing can be taken."""
        return self.failed_since is not None and not self._is_recovering

    def take(self, clerk: Clerk, size: int) -> None:
        """Take note that `clerk` has decided so many bytes; they are committed at the end of this turn."""
        self._bytes += size
        if clerk.is_dirty:
            return
        clerk.is_dirty = True
        self._dirty.append(clerk)
        if not self._is_scheduled:
            self._is_scheduled = True
            self.clock.soon(self._on_turn)

    def take_keys(self, keys: Sequence[KeyChange]) -> None:
        """Take what becomes of keys, to be committed with what was decided last."""
        self._keys += keys

    def take_mark(self, mark: RoomMark) -> None:
        """Take a room's mark, to be committed with what was decided last."""
        self._marks.append(mark)

    def make_ready(self) -> None:
        """Commit a batch that is full, before anything else is decided; what is decided now goes into the next.

        Nobody's command is committed, or taken back, while it is still being decided.

        Raises:
            Rejected: CLOSING, or STORAGE: nothing can be taken now.
        """
        if self._bytes >= MAX_BATCH_BYTES and not self._is_flushing and not self._is_recovering:
            self.flush()
        if self.is_stopped:
            raise Rejected(Reason.CLOSING)
        if self.failed_since is not None and self.refuses:
            raise Rejected(Reason.STORAGE)

    def flush(self) -> None:
        """Commit what was decided and have it shipped; where that fails, take all of it back."""
        clerks, self._dirty, self._bytes = self._dirty, [], 0
        if not clerks:
            return
        self._is_flushing = True
        try:
            self._commit(clerks)
        except StorageError as error:
            self._fail(clerks, error)
        except DataCorrupt as error:
            self._take_back(clerks)
            self.give_up(error)
        else:
            self.failed_since = None
            self.counts.settle()
            self._courier.ship(clerks)
        finally:
            self._is_flushing = False

    def cut(self, cut: Cut) -> bool:
        """Forget the past of a room; tell whether it could be done now."""
        if self.is_stopped or self.refuses:
            return False
        try:
            self.log.commit(Batch(cuts=[cut]))
        except StorageError as error:
            logger.warning("past not forgotten room=%s error=%s", cut.room, error)
            return False
        except DataCorrupt as error:
            self.give_up(error)
            return False
        return True

    def give_up(self, error: DataCorrupt) -> None:
        """Take nothing any more: the log is damaged, and who goes on writing could make it worse."""
        if not self.is_stopped:
            logger.error("log damaged, nothing is taken any more error=%s", error)
            self.is_stopped = True
            self.on_damage(error)

    def stop(self) -> None:
        """Commit what was decided, ship all that waits, and take nothing any more."""
        self.flush()
        self.is_stopped = True
        self._courier.stop()

    def _on_turn(self) -> None:
        self._is_scheduled = False
        self.flush()

    def _commit(self, clerks: Sequence[Clerk]) -> None:
        batch = Batch({clerk.name: clerk.run() for clerk in clerks}, self._keys, self._marks)
        self._keys, self._marks = [], []
        self.log.commit(batch)

    def _fail(self, clerks: list[Clerk], error: StorageError) -> None:
        logger.warning("commit failed rooms=%d error=%s", len(clerks), error)
        if self.failed_since is None:
            self.failed_since = self.clock.now()
        self._timers.set(self._retry, self.clock.now() + RETRY_MS)
        self._take_back(clerks)

    def _take_back(self, clerks: list[Clerk]) -> None:
        self.counts.take_back()
        for clerk in clerks:
            clerk.take_back()

    def _try_again(self) -> None:
        since = self.failed_since
        if since is None or self.is_stopped:
            return
        self._is_recovering = True
        try:
            self.on_retry(since)
            if not self._dirty:
                self.failed_since = None  # Nothing is open that could be tried with: the next command will tell.
            self.flush()
        finally:
            self._is_recovering = False


def _nothing(_since: int) -> None:
    pass


def _no_damage(_error: DataCorrupt) -> None:
    pass
