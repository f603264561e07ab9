"""Who may come in, under which name, into which room: from a name and a wish to a visit.

What a visitor is told of it (`Welcome`) leaves only once it is committed; the door says it in its own words.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from moothall.engine.commands import ComeBack, Join
from moothall.engine.events import Seated
from moothall.engine.names import parse_name, parse_room_name
from moothall.engine.room import Room
from moothall.engine.words import Kind
from moothall.errors import DataCorrupt, Reason, Rejected, StorageError
from moothall.hall.clerk import Clerk
from moothall.hall.visit import Connection, Visit
from moothall.wire.change import Dialect

if TYPE_CHECKING:
    from moothall.hall.hall import Hall

__all__ = ["Arrival", "Lobby", "Welcome", "Wish"]

logger = logging.getLogger(__name__)


class Arrival(StrEnum):
    """How somebody came in."""

    JOINED = "joined"
    RESUMED = "resumed"
    GAP = "gap"
    RESET = "reset"


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody who comes in asks for.

    `keyed`: the door gives a key. `key`, `epoch`, `after`: come back, and go on after that seq. `from_own_seat`:
    read from one's own `seated` on, not from the opening of the sitting.
    """

    room: str
    name: str = ""
    kind: Kind = Kind.BOT
    about: str = ""
    watch: bool = False
    keyed: bool = False
    key: str | None = None
    epoch: str | None = None
    after: int | None = None
    from_own_seat: bool = False
    address: str = ""


class Welcome(msgspec.Struct, frozen=True, kw_only=True):
    """How it came out: the visit, the room as it then was, the new key, and where reading starts.

    `asked` is where the visitor wished to go on; after a gap it lies before the start.
    """

    arrival: Arrival
    visit: Visit
    room: Room
    key: str | None
    epoch: str
    after: int
    asked: int | None


OnWelcome = Callable[[Welcome], bytes]
"""Says a welcome in the door's words; the bytes go out with the first that the visit is sent."""


class Lobby:
    """Lets people and bots into the rooms of a hall."""

    def __init__(self, hall: Hall, new_key: Callable[[], str]) -> None:
        self._hall = hall
        self._new_key = new_key

    def enter(
        self,
        wish: Wish,
        connection: Connection,
        dialect: Dialect,
        on_welcome: OnWelcome,
        on_refused: Callable[[], None],
    ) -> None:
        """Let somebody in, once it is committed; `on_refused` is called where that fails after all.

        Raises:
            Rejected: at once, for everything that the rules or the lobby say no to.
        """
        if self._hall.is_stopping:
            raise Rejected(Reason.CLOSING)
        clerk = self._room(wish)
        if clerk.is_broken:
            raise Rejected(Reason.CLOSING)
        if wish.watch:
            self._watch(clerk, wish, connection, dialect, on_welcome)
        elif wish.key is not None:
            self._come_back(clerk, wish, connection, dialect, on_welcome, on_refused)
        else:
            self._join(clerk, wish, connection, dialect, on_welcome, on_refused)

    def _room(self, wish: Wish) -> Clerk:
        try:
            return self._hall.room(parse_room_name(wish.room))
        except (StorageError, DataCorrupt) as error:
            logger.warning("room not loaded error=%s", error)
            raise Rejected(Reason.STORAGE) from None

    def _join(
        self,
        clerk: Clerk,
        wish: Wish,
        connection: Connection,
        dialect: Dialect,
        on_welcome: OnWelcome,
        on_refused: Callable[[], None],
    ) -> None:
        name = parse_name(wish.name)
        command = Join(name, wish.kind, wish.about, wish.keyed)
        changes = clerk.submit(command, first=self._hall.opening(clerk.newest))
        key = self._new_key() if wish.keyed else None
        if key is not None:
            clerk.hand_out_key(name, key)
        seated = next(change for change in changes if isinstance(change.event, Seated))
        after = seated.before.seq if wish.from_own_seat else _start(clerk, seated.after, wish.after)

        def settled() -> None:
            visit = Visit(
                clerk, connection, name=name, dialect=dialect, after=after, is_keyed=wish.keyed, address=wish.address
            )
            visit.since = seated.after.seq
            clerk.visits[name] = visit
            self._welcome(visit, wish, Arrival.JOINED, on_welcome, seated.after, key)

        clerk.once_settled(settled, on_refused)

    def _come_back(
        self,
        clerk: Clerk,
        wish: Wish,
        connection: Connection,
        dialect: Dialect,
        on_welcome: OnWelcome,
        on_refused: Callable[[], None],
    ) -> None:
        name, key = clerk.settled.seated_as(parse_name(wish.name)), wish.key
        if name is None or key is None or name not in clerk.newest.seats or not clerk.opens_with(name, key):
            raise Rejected(Reason.KEY_UNKNOWN)
        changes = clerk.submit(ComeBack(name))

        def settled() -> None:
            # The seat may have been given up, and taken by another of that name, in the same batch.
            if name not in clerk.settled.seats or not clerk.opens_with(name, key):
                on_refused()
                return
            _take_over(clerk.visits.get(name))
            arrival, after = self._where(clerk, wish)
            visit = Visit(
                clerk, connection, name=name, dialect=dialect, after=after, is_keyed=True, address=wish.address
            )
            clerk.visits[name] = visit
            self._welcome(visit, wish, arrival, on_welcome, clerk.settled, None)

        if changes:
            clerk.once_settled(settled, on_refused)
        else:
            settled()  # Nobody has missed it: the old connection is taken over before its end can be noticed.

    def _watch(self, clerk: Clerk, wish: Wish, connection: Connection, dialect: Dialect, on_welcome: OnWelcome) -> None:
        if self._hall.watching(clerk) >= self._hall.limits.max_spectators:
            raise Rejected(Reason.ROOM_FULL, clerk.name)
        if wish.epoch is None:
            arrival, after = Arrival.JOINED, _start(clerk, clerk.settled, wish.after)
        else:
            arrival, after = self._where(clerk, wish)
        visit = Visit(clerk, connection, name=None, dialect=dialect, after=after, address=wish.address)
        self._welcome(visit, wish, arrival, on_welcome, clerk.settled, None)
        visit.ship()

    def _where(self, clerk: Clerk, wish: Wish) -> tuple[Arrival, int]:
        if wish.epoch != self._hall.epoch or wish.after is None or not 0 <= wish.after <= clerk.settled.seq:
            return Arrival.RESET, _start(clerk, clerk.settled, None)
        if wish.after < clerk.first_seq - 1:
            return Arrival.GAP, clerk.first_seq - 1
        return Arrival.RESUMED, wish.after

    def _welcome(
        self, visit: Visit, wish: Wish, arrival: Arrival, on_welcome: OnWelcome, room: Room, key: str | None
    ) -> None:
        welcome = Welcome(
            arrival=arrival,
            visit=visit,
            room=room,
            key=key,
            epoch=self._hall.epoch,
            after=visit.cursor.seq,
            asked=wish.after,
        )
        visit.lead = on_welcome(welcome)
        visit.clerk.ship_soon(visit)


def _start(clerk: Clerk, room: Room, after: int | None) -> int:
    """Return where reading starts: after `after`, else at the opening of the sitting that is going on.

    What is not kept any more is left out.
    """
    if after is None:
        return room.sitting_seq - 1 if room.has_sitting else room.seq
    return min(max(after, clerk.first_seq - 1), room.seq)


def _take_over(visit: Visit | None) -> None:
    if visit is not None:
        visit.end()
        visit.connection.refuse(Rejected(Reason.TAKEN_OVER), None)
        visit.connection.finish()
