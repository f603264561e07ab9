"""The one writer of one room: decides a command at once, and holds the room's settled and newest state.

*Settled* is what is committed, and all that anybody is shown; *newest* is that with what was decided since.
`published_seq` is the last event that readers can have been sent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from moothall.engine.commands import CallTime, Command, Say
from moothall.engine.deadlines import next_deadline
from moothall.engine.decide import unfold
from moothall.engine.events import (
    FillAsked,
    Left,
    Removed,
    RoomClosed,
    SittingClosed,
    SittingOpened,
    SittingStarted,
)
from moothall.engine.evolve import Step
from moothall.engine.names import Name
from moothall.engine.policies import Policy
from moothall.engine.room import Room
from moothall.errors import Reason, Rejected
from moothall.hall.counts import ENDS
from moothall.hall.feed import Feed, Riders, Window, Writes
from moothall.hall.leaving import ends, given_up
from moothall.hall.press import Press
from moothall.hall.timers import Alarm, Timers
from moothall.hall.visit import Visit
from moothall.log.room_log import KeyChange, RoomLog, RoomMark, Run
from moothall.views import timeline
from moothall.wire.change import Change, changes_from
from moothall.wire.json_lines import encode_steps

__all__ = ["Clerk", "key_digest"]

logger = logging.getLogger(__name__)

_GRAVE: Final = frozenset({Left, Removed, SittingOpened, SittingStarted, FillAsked, SittingClosed, RoomClosed})
"""What ends visits, takes keys away, decides whether the next start loads the room, or is for others to act on: most
batches have none of it.
"""


def key_digest(key: str) -> bytes:
    """Return the hash under which a seat's key is kept; the key itself is known to its owner alone."""
    return sha256(key.encode("utf-8", "surrogatepass")).digest()


class Clerk:
    """One room's writer. `visits` are those with a seat, by name; `feed` knows every reader.

    `first_seq` is the first event that is kept. `on_free` is told that a seat is free now, `on_fill` how many house
    bots are asked for.

    Args:
        custom: the function behind the policy `custom`.
    """

    __slots__ = (
        "_afterwards",
        "_alarm",
        "_changes",
        "_custom",
        "_grave",
        "_key_changes",
        "_keys",
        "_last_seqs",
        "_parts",
        "_press",
        "_rider",
        "_senders",
        "_speaker",
        "_timers",
        "feed",
        "first_seq",
        "is_broken",
        "is_dirty",
        "log",
        "name",
        "newest",
        "on_fill",
        "on_free",
        "published_seq",
        "settled",
        "visits",
    )

    def __init__(
        self,
        room: Room,
        keys: dict[Name, bytes],
        *,
        press: Press,
        timers: Timers,
        first_seq: int = 1,
        custom: Policy | None = None,
    ) -> None:
        self.name = room.name
        self.first_seq = first_seq
        self.settled = room
        self.newest = room
        self.published_seq = room.seq
        self.feed = Feed()
        self.visits: dict[Name, Visit] = {}
        self.log: RoomLog = press.log
        self.on_fill: Callable[[int], None] = _ignore
        self.on_free: Callable[[], None] = _nothing
        self.is_dirty = False
        self.is_broken = False
        self._custom = custom
        self._keys = keys
        self._press = press
        self._timers = timers
        self._alarm = Alarm(self._call_time)
        self._parts: list[bytes] = []
        self._last_seqs: list[int] = []
        self._changes: list[Change] = []
        self._grave: list[Change] = []
        self._key_changes: list[KeyChange] = []
        self._senders: list[tuple[Visit, Command]] = []
        self._afterwards: list[tuple[Callable[[], None], Callable[[], None]]] = []
        self._speaker: Visit | None = None  # the only sender in this batch, where it said something
        self._rider: Visit | None = None

    @property
    def is_idle(self) -> bool:
        """Whether no sitting goes on in the room, nobody looks on, and all that was decided is stored."""
        is_quiet = not (self.newest.has_sitting or self.is_dirty or self.is_broken)
        return is_quiet and all(visit.is_onlooker for visit in self.feed.visits())

    def submit(self, command: Command, sender: Visit | None = None, *, first: Command | None = None) -> Sequence[Step]:
        """Decide `command` now; what follows from it is committed at the end of this turn of the event loop.

        Args:
            first: what is to be decided before it; where the command is rejected that never happened either.

        Raises:
            Rejected: the rules say no, or nothing can be stored now.
        """
        self._press.make_ready()
        if self.is_broken:
            raise Rejected(Reason.CLOSING)
        try:
            steps = self._decide(command, first)
        except Rejected:
            raise
        except Exception:
            # A bug in the rules ends this one room: its past is safe in the log, and the hall lives.
            logger.exception("room broken off room=%s command=%s", self.name, type(command).__name__)
            self.break_off()
            raise Rejected(Reason.CLOSING) from None
        if steps and sender is not None:
            self._speaker = sender if type(command) is Say and not self._senders else None
            self._senders.append((sender, command))
        return steps

    def submit_if_possible(self, command: Command) -> None:
        """Submit what nobody waits for an answer to; where it is rejected, it had nothing to change any more."""
        try:
            self.submit(command)
        except Rejected as refusal:
            logger.debug("command without sender rejected room=%s reason=%s", self.name, refusal.reason)

    def hand_out_key(self, name: Name, key: str) -> None:
        """Keep the key's hash, in the same transaction as the events that were just decided."""
        self._change_keys([KeyChange(self.name, name, key_digest(key))])

    def opens_with(self, name: Name, key: str) -> bool:
        """Tell whether `key` is that of the seat of `name`."""
        return self._keys.get(name) == key_digest(key)

    def once_settled(self, then: Callable[[], None], otherwise: Callable[[], None]) -> None:
        """Call `then` once all that is decided is committed, now if it is; `otherwise` where it is taken back.

        Either is called while the clerks of a batch settle, and must not submit anything there.
        """
        if self.is_dirty:
            self._afterwards.append((then, otherwise))
        else:
            then()

    def settle(self) -> None:
        """Take note that what was decided is committed: make it the settled state, and its words readable."""
        before, settled = self.settled, self.newest
        self.settled = settled
        self.is_dirty = False
        if self._grave or self._key_changes or self._afterwards:
            self._settle_stays()
        self.feed.publish(self._parts, self._last_seqs, self._unpublished(before) if self.feed.wants_changes else ())
        self.published_seq = settled.seq
        self._parts.clear()
        self._last_seqs.clear()
        self._changes.clear()
        self._rider, self._speaker = self._speaker, None
        self._senders.clear()
        if self.is_broken:
            self._dismiss()
        else:
            self._timers.set(self._alarm, next_deadline(settled))

    def take_back(self) -> None:
        """Take note that what was decided could not be committed: it never happened, and its senders are told."""
        self.newest = self.settled
        self.is_dirty = False
        self._parts.clear()
        self._last_seqs.clear()
        self._changes.clear()
        self._grave = []
        self._key_changes = []
        self._speaker = None
        senders, self._senders = self._senders, []
        afterwards, self._afterwards = self._afterwards, []
        self._timers.set(self._alarm, None)
        for visit, command in senders:
            if not visit.is_over:
                visit.connection.refuse(Rejected(Reason.STORAGE), command)
        for _, otherwise in afterwards:
            otherwise()

    def ship_to_holders(self, writes: Writes) -> bool:
        """Note what to write to who has the floor, for the room waits for them.

        Who takes more than one plain write is shipped to at once. Tells whether a holder has something to say at once.
        """
        has_waited = False
        for turn in self.settled.turns:
            holder = self.visits.get(turn.name)
            if holder is None:
                continue
            holder.ship_with(writes)
            has_waited = has_waited or holder.has_waited
        return has_waited

    def ship_to_others(self, writes: Writes, riders: Riders) -> None:
        """Note what to write to everybody who has not read all of it; who has just spoken can wait for company."""
        rider = self._rider
        if rider is not None and rider.last_seq is not None:
            rider = None  # What is its last is not waited with.
        if rider is not None:
            riders.append((rider, self.settled.seq))
        self.feed.ship(rider, writes)

    def ship_to_late(self, since: int, writes: Writes) -> None:
        """Note what to write to everybody who has not read all up to the event `since`."""
        for visit in self.feed.visits():
            if visit.cursor.seq < since:
                visit.ship_with(writes)

    def hear_holders(self) -> None:
        """Let who has the floor say at once what has waited for it."""
        for turn in self.settled.turns:
            holder = self.visits.get(turn.name)
            if holder is not None:
                holder.take_floor()

    def ship_soon(self, visit: Visit) -> None:
        """Go on shipping to `visit` after everything else that is to be done now."""
        self._press.clock.soon(visit.ship)

    def forget(self, visit: Visit, window: Window) -> None:
        """Let go of a visit that has ended."""
        self.feed.detach(visit, window)
        if visit.name is not None and self.visits.get(visit.name) is visit:
            del self.visits[visit.name]

    def has_seat(self, visit: Visit) -> bool:
        """Tell whether the seat of the visit's name is still the one that it sat down in."""
        is_over = visit.last_seq is not None or any(ends(change, visit) for change in self._grave)
        return not is_over and visit.name in self.newest.seats

    def break_off(self) -> None:
        """End this room, because of a bug: its past is safe in the log, and the next start goes on with it."""
        self.is_broken = True
        self._timers.set(self._alarm, None)
        self._dismiss()

    def run(self) -> Run:
        """Return what was decided since the last commit, as entries that follow on it."""
        body = _EMPTY.join(self._parts)
        body.pop()  # the line break after the last
        return Run(self.settled.seq + 1, self._last_seqs[-1] - self.settled.seq, body)

    def live_names(self) -> frozenset[Name]:
        """Return the seats that somebody sits behind."""
        return frozenset(self.visits)

    def _decide(self, command: Command, first: Command | None) -> list[Step]:
        room = self.newest
        at = max(self._press.clock.now(), room.at)
        steps = [] if first is None else unfold(room, first, at, self._custom)
        steps += unfold(steps[-1][1] if steps else room, command, at, self._custom)
        # Only now: where `command` is rejected, `first` never happened either.
        if steps:
            self._take(steps)
        return steps

    def _take(self, steps: Sequence[Step]) -> None:
        before, after = self.newest, steps[-1][1]
        part = encode_steps(steps)
        counts, is_grave = self._press.counts.decided, False
        for event, _ in steps:
            kind = type(event)
            if kind in ENDS:
                counts[kind] += 1
            elif kind in _GRAVE:
                is_grave = True
        self.newest = after
        self._parts.append(part)
        self._last_seqs.append(after.seq)
        self._press.take(self, len(part))
        if is_grave or self.feed.wants_changes:
            self._take_changes(changes_from(before, steps, part.splitlines()))

    def _take_changes(self, changes: Sequence[Change]) -> None:
        self._changes += changes
        grave = [change for change in changes if type(change.event) in _GRAVE]
        if grave:
            self._take_grave(grave)

    def _take_grave(self, grave: list[Change]) -> None:
        self._grave += grave
        self._press.take_mark(RoomMark(self.name, open=grave[-1].after.has_sitting))
        self._change_keys([KeyChange(self.name, name, None) for name in given_up(grave)])

    def _change_keys(self, keys: list[KeyChange]) -> None:
        self._key_changes += keys
        self._press.take_keys(keys)

    def _unpublished(self, before: Room) -> Sequence[Change]:
        """Return what was decided since `before`; from its entries, where nobody wanted changes at the time."""
        if before.seq + len(self._changes) == self._last_seqs[-1]:
            return self._changes
        return list(timeline.changes(b"".join(self._parts).splitlines(), before))

    def _settle_stays(self) -> None:
        """Let those come in, and those go, whose seats were taken and given up; most batches have none of it."""
        grave, self._grave = self._grave, []
        keys, self._key_changes = self._key_changes, []
        afterwards, self._afterwards = self._afterwards, []
        for key in keys:
            if key.digest is None:
                self._keys.pop(key.name, None)
            else:
                self._keys[key.name] = key.digest
        self._end_visits(grave)
        for then, _ in afterwards:
            then()
        self._end_visits(grave)  # Of those who come in with this very batch.
        if grave:
            self._press.counts.take_leavers(grave)
            self._press.clock.soon(lambda: self._pass_on(grave))

    def _call_time(self) -> None:
        # While the log fails time stands still: the press reopens the room when it works again.
        if self.is_broken or self._press.is_stopped or self._press.refuses:
            return
        self.submit_if_possible(CallTime())
        if not self.is_dirty and not self.is_broken:
            self._timers.set(self._alarm, next_deadline(self.settled))

    def _end_visits(self, changes: Sequence[Change]) -> None:
        for change in changes:
            match change.event:
                case Left(name) | Removed(name):
                    visit = self.visits.get(name)
                    self._end_those([] if visit is None else [visit], change)
                case SittingClosed() | RoomClosed():
                    self._end_those(self.feed.visits(), change)

    def _end_those(self, visits: Sequence[Visit], change: Change) -> None:
        for visit in visits:
            if visit.last_seq is None and ends(change, visit):
                visit.last_seq = change.after.seq

    def _pass_on(self, changes: Sequence[Change]) -> None:
        for change in changes:
            match change.event:
                case FillAsked(count):
                    self.on_free()  # No seat is kept any more, and who waits comes before any bot.
                    self.on_fill(count)
                case Left() | Removed() | SittingStarted() | SittingClosed():
                    self.on_free()
                case _:
                    pass

    def _dismiss(self) -> None:
        for visit in self.feed.visits():
            visit.connection.refuse(Rejected(Reason.CLOSING), None)
            visit.end()
            visit.connection.finish()


_EMPTY: Final = bytearray()


def _ignore(_count: int) -> None:
    pass


def _nothing() -> None:
    pass
