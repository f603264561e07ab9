"""Who may come in, under which name, into which room: from a name and a wish to a visit.

What a visitor is told of it (`Welcome`) leaves only once it is committed; the door says it in its own words.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from moothall.engine.commands import ComeBack, Join
from moothall.engine.events import Seated
from moothall.engine.gathering import is_kept_from
from moothall.engine.names import Name, RoomName, fold, parse_name, parse_room_name
from moothall.engine.room import Phase, Room
from moothall.engine.rules import Rules
from moothall.engine.seats import check_name
from moothall.engine.words import Kind
from moothall.errors import DataCorrupt, Reason, Rejected, StorageError
from moothall.hall.clerk import Clerk
from moothall.hall.visit import Connection, Visit
from moothall.hall.waiting import Knock, WaitingList
from moothall.wire.change import Dialect

if TYPE_CHECKING:
    from moothall.hall.hall import Hall

__all__ = ["ANY_ROOM", "Arrival", "Lobby", "OnWelcome", "Place", "Welcome", "Wish"]

logger = logging.getLogger(__name__)

ANY_ROOM: Final = "any"
"""Stands, as the name of a room, for the next free seat in any; no room has this name."""


class Arrival(StrEnum):
    """How somebody came in."""

    JOINED = "joined"
    RESUMED = "resumed"
    GAP = "gap"
    RESET = "reset"


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody who comes in asks for.

    `keyed`: the door gives a key. `key`, `epoch`, `after`: come back, and go on after that seq. `from_own_seat`:
    read from one's own `seated` on, not from the opening of the sitting. `wait`: wait for a seat, where
    the room is full.
    """

    room: str
    name: str = ""
    kind: Kind = Kind.BOT
    about: str = ""
    watch: bool = False
    wait: bool = False
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


class Place(msgspec.Struct, frozen=True):
    """Where somebody waits for a seat: the room, and the place in its line, from 1."""

    room: RoomName
    number: int


OnWelcome = Callable[[Welcome], bytes]
"""Says a welcome in the door's words; the bytes go out with the first that the visit is sent."""


class Lobby:
    """Lets people and bots into the rooms of a hall."""

    def __init__(self, hall: Hall, new_key: Callable[[], str]) -> None:
        self._hall = hall
        self._new_key = new_key
        self._waiting = WaitingList()

    def enter(
        self,
        wish: Wish,
        connection: Connection,
        dialect: Dialect,
        on_welcome: OnWelcome,
        on_refused: Callable[[Rejected], None],
    ) -> Place | None:
        """Let somebody in, once it is committed; `on_refused` is called where that fails after all.

        Returns the place in line of who waits for a seat, and comes in later.

        Raises:
            Rejected: at once, for everything that the rules or the lobby say no to.
        """
        if self._hall.is_stopping:
            raise Rejected(Reason.CLOSING)
        self._waiting.remove(connection)
        clerk = self._room(wish)
        if clerk.is_broken:
            raise Rejected(Reason.CLOSING)
        knock = Knock(wish, connection, dialect, on_welcome, on_refused)
        if wish.watch:
            self._watch(clerk, wish, connection, dialect, on_welcome)
        elif wish.key is not None:
            self._come_back(clerk, wish, connection, dialect, on_welcome, on_refused)
        else:
            return self._join_or_wait(clerk, knock)
        return None

    def stop_waiting(self, connection: Connection) -> bool:
        """Let a connection wait for a seat no longer; tell whether it did."""
        return self._waiting.remove(connection)

    def admit(self, clerk: Clerk) -> None:
        """Let those in who wait for a room that may have seats now, in their order: for it, then for any."""
        for room in (clerk.name, ANY_ROOM):
            for knock in self._waiting.line(room):
                if self._hall.is_stopping or len(clerk.newest.seats) >= clerk.newest.rules.seats:
                    return
                try:
                    self._join(clerk, knock)
                except Rejected as refusal:
                    if refusal.reason is Reason.ROOM_FULL:
                        continue  # The seats that are free are kept for others, who may stand further back.
                    self._waiting.remove(knock.connection)
                    knock.on_refused(refusal)
                else:
                    self._waiting.remove(knock.connection)

    def _join_or_wait(self, clerk: Clerk, knock: Knock) -> Place | None:
        line = RoomName(ANY_ROOM) if _is_any(knock.wish) else clerk.name
        name = parse_name(knock.wish.name)
        try:
            if self._waiting.line(line) and not _is_kept_for(name, clerk.newest):
                raise Rejected(Reason.ROOM_FULL, clerk.name)
            self._join(clerk, knock)
        except Rejected as refusal:
            if not knock.wish.wait or refusal.reason is not Reason.ROOM_FULL:
                raise
            check_name(clerk.newest, name)
            if any(fold(other.wish.name) == fold(name) for other in self._waiting.line(line)):
                raise Rejected(Reason.NAME_TAKEN, name) from None
            return Place(line, self._waiting.add(line, knock))
        return None

    def _room(self, wish: Wish) -> Clerk:
        try:
            if _is_any(wish):
                if wish.key is not None:  # It is the key of a room that has a name.
                    raise Rejected(Reason.KEY_UNKNOWN)
                return self._room_with_a_seat(Name(wish.name))
            return self._hall.room(parse_room_name(wish.room))
        except (StorageError, DataCorrupt) as error:
            logger.warning("room not loaded error=%s", error)
            raise Rejected(Reason.STORAGE) from None

    def _room_with_a_seat(self, name: Name) -> Clerk:
        # The fullest of those that gather: each begins as soon as it can.
        names = self._hall.limits.rooms or [clerk.name for clerk in self._hall.clerks.values()] or [RoomName("main")]
        clerks = [self._hall.room(parse_room_name(room)) for room in names]
        free = [clerk for clerk in clerks if _has_seat_for(name, clerk.newest, self._hall.rules_of(clerk.name))]
        free = free or clerks
        return max(free, key=lambda clerk: (clerk.newest.topic is None, len(clerk.newest.seats)))

    def _join(self, clerk: Clerk, knock: Knock) -> None:
        wish, connection, dialect, on_welcome = knock.wish, knock.connection, knock.dialect, knock.on_welcome
        name = parse_name(wish.name)
        command = Join(name, wish.kind, wish.about, wish.keyed)
        steps = clerk.submit(command, first=self._hall.opening(clerk.newest))
        key = self._new_key() if wish.keyed else None
        if key is not None:
            clerk.hand_out_key(name, key)
        seated = next(room for event, room in steps if isinstance(event, Seated))
        after = seated.seq - 1 if wish.from_own_seat else _start(clerk, seated, wish.after)

        def settled() -> None:
            visit = Visit(
                clerk, connection, name=name, dialect=dialect, after=after, is_keyed=wish.keyed, address=wish.address
            )
            visit.since = seated.seq
            clerk.visits[name] = visit
            self._welcome(visit, wish, Arrival.JOINED, on_welcome, seated, key)

        clerk.once_settled(settled, lambda: knock.on_refused(Rejected(Reason.STORAGE)))

    def _come_back(
        self,
        clerk: Clerk,
        wish: Wish,
        connection: Connection,
        dialect: Dialect,
        on_welcome: OnWelcome,
        on_refused: Callable[[Rejected], None],
    ) -> None:
        name, key = clerk.settled.seated_as(parse_name(wish.name)), wish.key
        if name is None or key is None or name not in clerk.newest.seats or not clerk.opens_with(name, key):
            raise Rejected(Reason.KEY_UNKNOWN)
        steps = clerk.submit(ComeBack(name))

        def settled() -> None:
            # The seat may have been given up, and taken by another of that name, in the same batch.
            if name not in clerk.settled.seats or not clerk.opens_with(name, key):
                on_refused(Rejected(Reason.KEY_UNKNOWN))
                return
            if clerk.settled.seats[name].away_until is not None:
                self._hall.clock.soon(again)
                return
            _take_over(clerk.visits.get(name))
            arrival, after = self._where(clerk, wish)
            visit = Visit(
                clerk, connection, name=name, dialect=dialect, after=after, is_keyed=True, address=wish.address
            )
            clerk.visits[name] = visit
            self._welcome(visit, wish, arrival, on_welcome, clerk.settled, None)

        def again() -> None:
            # In the same batch another connection came back to the seat, and was lost.
            try:
                self._come_back(clerk, wish, connection, dialect, on_welcome, on_refused)
            except Rejected as refusal:
                on_refused(refusal)

        if steps or clerk.settled.seats[name].away_until is not None:
            clerk.once_settled(settled, lambda: on_refused(Rejected(Reason.STORAGE)))
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


def _is_any(wish: Wish) -> bool:
    return fold(wish.room) == ANY_ROOM


def _is_kept_for(name: Name, room: Room) -> bool:
    return room.phase is Phase.GATHERING and fold(name) in {fold(other) for other in room.rules.reserve}


def _has_seat_for(name: Name, room: Room, rules: Rules) -> bool:
    # A room that is not open yet has the rules that it will be opened with.
    room = room if room.has_sitting else replace(room, rules=rules)
    return len(room.seats) < room.rules.seats and not is_kept_from(room, name)


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
