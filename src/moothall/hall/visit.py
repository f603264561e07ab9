"""One connection's stay in one room: a name or none, a cursor, and the way in for commands.

A visit holds no copy of anything said. It is written from its cursor to the feed's end, one write per batch, in
pieces, the next only when the connection has taken the last.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol

from moothall.engine.commands import Command, GoAway, Leave, Pass, Say
from moothall.engine.evolve import Step
from moothall.engine.names import Name
from moothall.engine.room import Room
from moothall.engine.words import LeaveReason
from moothall.errors import DataCorrupt, Reason, Rejected, StorageError
from moothall.hall.feed import Cursor, Past, Window, Writes
from moothall.wire.change import Dialect

if TYPE_CHECKING:
    from moothall.hall.clerk import Clerk

__all__ = ["Connection", "Visit"]

logger = logging.getLogger(__name__)

_MAX_PIECES: Final = 16
"""How many pieces a reader who takes them at once is given in one go, before others have their turn."""


class Connection(Protocol):
    """What a visit needs of its door. Nothing of it may wait."""

    def write(self, data: bytes) -> None:
        """Send bytes; where the connection cannot take them it sets `visit.is_blocked`, and calls `ship` later."""

    def refuse(self, refusal: Rejected, command: Command | None) -> None:
        """Say that a command, taken at first, was refused after all."""

    def finish(self) -> None:
        """Close cleanly: everything there is to read has been written."""


class Visit:
    """A participant's or a spectator's stay.

    `since` and `last_seq`: the events after which it began, and after which it ends. `has_waited`: something is to be
    done once it has the floor: words were kept, or nobody can say any.
    `is_onlooker`: it is the server's own console, which nobody counts and which outlives every sitting.
    """

    __slots__ = (
        "_is_mute",
        "_pocket",
        "_window",
        "address",
        "clerk",
        "connection",
        "cursor",
        "has_waited",
        "is_blocked",
        "is_keyed",
        "is_onlooker",
        "is_over",
        "last_seq",
        "lead",
        "name",
        "past",
        "since",
    )

    def __init__(
        self,
        clerk: Clerk,
        connection: Connection,
        *,
        name: Name | None,
        dialect: Dialect,
        after: int,
        is_keyed: bool = False,
        address: str = "",
        is_onlooker: bool = False,
    ) -> None:
        self.clerk = clerk
        self.connection = connection
        self.name = name
        self.cursor = Cursor(after)
        self.address = address
        self.is_keyed = is_keyed
        self.is_onlooker = is_onlooker
        self.is_blocked = False
        self.is_over = False
        self.since = clerk.settled.seq
        self.last_seq: int | None = None
        self.lead = b""
        self.has_waited = False
        self._is_mute = False
        self._pocket: tuple[str, tuple[int, int]] | None = None
        self._window: Window = clerk.feed.attach(self, dialect, clerk.published_seq)
        self.past: Past | None = None

    def submit(self, command: Command) -> Sequence[Step]:
        """Ask the room for something in this visit's name, and return what follows: nothing where it is so already.

        Raises:
            Rejected: at once; a command that is taken may still be refused by `Connection.refuse`.
        """
        if self.is_over:
            raise Rejected(Reason.NOT_JOINED)
        return self.clerk.submit(command, self)

    def ship(self) -> None:
        """Write what this visit has not been sent, as far as the connection takes it."""
        writes: Writes = []
        self.ship_with(writes)
        for write, data in writes:
            write(data)

    def ship_with(self, writes: Writes) -> None:
        """Note what this visit has not been sent, for a write among others; what takes more than one is written now."""
        cursor, window = self.cursor, self._window
        seq = cursor.seq
        if self.is_blocked or self.last_seq is not None or self.lead or cursor.offset or self.is_over:
            self.ship_in_pieces()
        elif seq < window.end:
            data = window.rest(seq, self.name)
            if data is None:
                self.ship_in_pieces()
                return
            cursor.seq = window.end
            if data:
                writes.append((self.connection.write, data))

    def ship_in_pieces(self) -> None:
        """Write what takes more than one plain write, a piece at a time, and close where it was the last."""
        pieces = 0
        while not self.is_blocked and not self.is_over:
            if pieces == _MAX_PIECES:
                self.clerk.ship_soon(self)
                return
            piece = self._piece()
            if piece is None:
                break
            if self.lead:
                piece, self.lead = self.lead + piece, b""
            if piece:
                self.connection.write(piece)
            pieces += 1
        if self.lead and not self.is_blocked and not self.is_over:
            lead, self.lead = self.lead, b""
            self.connection.write(lead)
        if self.last_seq is not None and self.cursor.seq >= self.last_seq and not self.is_over:
            self.end()
            self.connection.finish()

    def keep(self, words: str) -> None:
        """Keep early words, in place of earlier ones: they are said when the floor comes on the topic that is open."""
        self._pocket = words, _topic_number(self.clerk.newest)
        self.has_waited = True

    def forget_words(self) -> bool:
        """Keep no early words any more; tell whether there were any."""
        return self._empty_pocket() is not None

    def mute(self) -> None:
        """Take note that nothing will come in any more: once the words that were kept are said, turns are passed."""
        self.has_waited = self._is_mute = True

    def take_floor(self) -> None:
        """Say the words that were kept, now that this visit has the floor; who can say nothing any more passes."""
        if self.name is None or not self.has_waited:
            return
        kept = self._empty_pocket()
        words = kept[0] if kept is not None and kept[1] == _topic_number(self.clerk.settled) else None
        if words is None and not self._is_mute:
            return
        command: Command = Pass(self.name) if words is None else Say(self.name, words)
        try:
            self.submit(command)
        except Rejected as refusal:
            self.connection.refuse(refusal, command)

    def lose(self) -> None:
        """End the visit because its connection is gone: a keyed seat is held, another given up."""
        if self.is_over:
            return
        self.end()
        # The seat may be somebody else's by now: of the same name, in the next sitting or in this one.
        if self.name is None or not self.clerk.has_seat(self):
            return
        command = GoAway(self.name) if self.is_keyed else Leave(self.name, LeaveReason.LOST)
        self.clerk.submit_if_possible(command)

    def end(self) -> None:
        """Read no more; the seat, if any, stays as it is. Ending again changes nothing."""
        if self.is_over:
            return
        self.is_over = True
        self.past = None
        self.clerk.forget(self, self._window)

    def _empty_pocket(self) -> tuple[str, tuple[int, int]] | None:
        kept, self._pocket = self._pocket, None
        self.has_waited = self._is_mute
        return kept

    def _piece(self) -> bytes | None:
        window = self._window
        last = window.end if self.last_seq is None else min(self.last_seq, window.end)
        if self.cursor.seq >= last:
            return None
        if self.past is None and self.cursor.seq >= window.base:
            return window.piece(self.cursor, self.name, last)
        return self._past_piece(last)

    def _past_piece(self, last: int) -> bytes | None:
        clerk, window = self.clerk, self._window
        try:
            if self.past is None:
                self.past = Past(clerk.log, clerk.settled.name, window.dialect, self.name, self.cursor.seq)
            piece = self.past.piece(self.cursor, last)
        except Rejected as refusal:
            self._break_off(refusal)
            return None
        except (StorageError, DataCorrupt) as error:
            logger.warning("past not readable room=%s error=%s", clerk.name, error)
            self._break_off(Rejected(Reason.STORAGE))
            return None
        if piece is None or (self.cursor.seq >= window.base and not self.cursor.offset):
            self.past = None
        return piece

    def _break_off(self, refusal: Rejected) -> None:
        self.end()
        self.connection.refuse(refusal, None)
        self.connection.finish()


def _topic_number(room: Room) -> tuple[int, int]:
    return room.sitting, room.topics_opened
