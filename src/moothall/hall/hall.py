"""One process's rooms: opens, loads and closes them, and carries the operator's commands to them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from moothall.engine.commands import CloseSitting, Command, OpenRoom, Reopen
from moothall.engine.evolve import Step, empty_room, replay
from moothall.engine.names import RoomName, Seq, fold
from moothall.engine.policies import Policy
from moothall.engine.room import Phase, Room
from moothall.engine.rules import Rules
from moothall.engine.words import PolicyName
from moothall.errors import DataCorrupt, Reason, Rejected, StorageError
from moothall.hall.bases import room_at
from moothall.hall.clerk import Clerk
from moothall.hall.clock import Clock
from moothall.hall.entries import decoded
from moothall.hall.limits import HallLimits, OwnRules
from moothall.hall.lobby import ANY_ROOM, Lobby
from moothall.hall.press import Press
from moothall.hall.retention import Retention
from moothall.hall.timers import Timers
from moothall.log.room_log import Base, Cut, RoomLog, RoomSummary
from moothall.wire.change import Change, changes_from
from moothall.wire.json_lines import encode_steps

__all__ = ["Hall"]

logger = logging.getLogger(__name__)


class Hall:
    """The rooms of one server, over one log.

    Args:
        rules: what rooms are opened with.
        own: the rooms that have rules of their own, by their folded names.
        new_seed: gives a room its seed; called with the seed it has, "" for a new one.
        new_key: gives a seat its key.
        custom: the function behind the policy `custom`, made safe by `guarded`.
    """

    def __init__(
        self,
        log: RoomLog,
        clock: Clock,
        *,
        rules: Rules,
        new_seed: Callable[[str], str],
        new_key: Callable[[], str],
        limits: HallLimits | None = None,
        custom: Policy | None = None,
        own: Mapping[str, OwnRules] | None = None,
    ) -> None:
        self.clock = clock
        self.timers = Timers(clock)
        self.press = Press(log, clock, self.timers)
        self.press.on_retry = self._reopen
        self.rules = rules
        self.own = own or {}
        self.limits = limits or HallLimits()
        self.lobby = Lobby(self, new_key)
        self.is_stopping = False
        self.clerks: dict[str, Clerk] = {}
        self.on_room: Callable[[Clerk], None] = _ignore
        self.on_fill: Callable[[RoomName, int], None] = _fill_nothing
        self._custom = custom
        self._allowed = set(map(fold, self.limits.rooms))
        self._log = log
        self._new_seed = new_seed
        self._opened: dict[str, Rules] = {}  # by the operator
        self._stored = {fold(summary.room): summary for summary in log.rooms()}  # and not loaded, or not only
        self._stopped_at = clock.now()
        self._retention = Retention(log, self.limits.keep, self._cut, self._begins_at)

    @property
    def epoch(self) -> str:
        """The log's epoch: cursors of another one mean nothing here."""
        return self._log.epoch

    def start(self, stopped_at: int) -> None:
        """Load every room whose sitting is open, and go on with it.

        Args:
            stopped_at: when the server was last seen alive: time since then does not count.

        Raises:
            DataCorrupt: a room's log is not what was written.
        """
        self._stopped_at = stopped_at
        for summary in self._log.rooms():
            if summary.open:
                self._load(summary.room)
        self._reopen(stopped_at)
        self.press.flush()
        if self.press.failed_since is not None:
            self.press.failed_since = stopped_at  # Time has stood still for longer than the log fails.

    def fill_again(self) -> None:
        """Ask for the house bots anew that a room was waiting for when the server stopped."""
        for clerk in self.clerks.values():
            room = clerk.newest
            if room.has_sitting and room.phase is Phase.GATHERING and room.gathering.is_filling:
                clerk.on_fill(room.rules.seats - len(room.seats))

    def room(self, name: RoomName) -> Clerk:
        """Return the clerk of a room; a room that isn't there yet gets one, if it may be opened.

        Raises:
            Rejected: NO_SUCH_ROOM.
        """
        if self._allowed and fold(name) not in self._allowed:
            raise Rejected(Reason.NO_SUCH_ROOM, name)
        return self._loaded(name)

    def rules_of(self, name: str) -> Rules:
        """Return what a room is opened with."""
        return self._opened.get(fold(name)) or self.given_rules(name)

    def given_rules(self, name: str) -> Rules:
        """Return what the hall was started with for a room, whatever the operator has opened it with since."""
        own = self.own.get(fold(name))
        return self.rules if own is None else own.rules

    def find(self, name: RoomName) -> Clerk | None:
        """Return the clerk of a room that is loaded."""
        return self.clerks.get(fold(name))

    def opening(self, room: Room) -> OpenRoom | None:
        """Return what gives a room its rules, with its first event and between two sittings; None within a sitting."""
        return None if room.has_sitting else OpenRoom(self.rules_of(room.name), self._new_seed(room.seed))

    def watching(self, clerk: Clerk) -> int:
        """Return how many spectators a room has."""
        return sum(visit.name is None and not visit.is_onlooker for visit in clerk.feed.visits())

    def count(self, name: str) -> tuple[int, int]:
        """Return how many are here in a room, and how many seats it has, without opening it."""
        clerk = self.clerks.get(fold(name))
        room = None if clerk is None else clerk.settled
        if room is None or not room.has_sitting:
            return 0, self.rules_of(name).seats
        return room.here, room.rules.seats

    def command(self, room: RoomName, command: Command) -> Sequence[Change]:
        """Carry the operator's command to a room, and return what follows from it.

        Raises:
            Rejected: there is no such room, it can't be read, or its rules say no.
        """
        try:
            clerk = self.room(room)
        except (StorageError, DataCorrupt) as error:
            logger.warning("room not loaded error=%s", error)
            raise Rejected(Reason.STORAGE) from None
        self.press.make_ready()  # Before the room is looked at: a full batch is shipped, and may be answered at once.
        before = clerk.newest
        steps = clerk.submit(command, first=None if before.seq else self.opening(before))
        return changes_from(before, steps, encode_steps(steps).splitlines())

    def open(self, name: RoomName, rules: Rules) -> tuple[Clerk, Sequence[Step]]:
        """Open a room with rules of its own, or give them to one between two sittings; they hold until the hall stops.

        Returns the room's clerk, and what follows from it: nothing where it is open with these rules.

        Raises:
            Rejected: NOT_ALLOWED, a sitting goes on; BAD_NAME, BAD_VALUE; NO_SUCH_ROOM, there are too many rooms.
        """
        if fold(name) == ANY_ROOM:
            raise Rejected(Reason.BAD_NAME, name)
        clerk = self._loaded(name)
        steps = clerk.submit(OpenRoom(rules, self._new_seed(clerk.newest.seed)))
        clerk.once_settled(lambda: self._note_opened(clerk.name, rules), _nothing)
        return clerk, steps

    def known(self) -> list[RoomName]:
        """Return every room that can be looked at: those there may be, those that are open, those with a log."""
        names = [RoomName(name) for name in self.limits.rooms or (self.limits.main,)]
        names += [clerk.name for clerk in self.clerks.values() if clerk.settled.seq]
        names += [summary.room for summary in self._stored.values()]
        return list({fold(name): name for name in names}.values())

    def kept(self, name: RoomName) -> tuple[int, int]:
        """Return the first and the last event that are kept of a room, also where it is not loaded; (1, 0): none."""
        clerk = self.find(name)
        if clerk is not None:
            return clerk.first_seq, clerk.settled.seq
        summary = self._stored.get(fold(name))
        return (1, 0) if summary is None else (summary.first_seq, summary.last_seq)

    def look(self, name: RoomName) -> Clerk:
        """Return the clerk of a room that can be looked at, and open nothing.

        Raises:
            Rejected: NO_SUCH_ROOM.
        """
        clerk, key = self.find(name), fold(name)
        if clerk is not None and clerk.settled.seq:
            return clerk
        there_may_be = self._allowed or {fold(self.limits.main)}
        if key not in there_may_be and key not in self._stored:
            raise Rejected(Reason.NO_SUCH_ROOM, name)
        return self._loaded(name)

    def tidy(self, now: int) -> None:
        """Forget some of what is old, if anything is; to be asked every second or so.

        Args:
            now: milliseconds since the epoch, no later than anybody's clock says: what is gone is gone.
        """
        self._retention.step(now)

    def stop(self, *, close_sittings: bool) -> None:
        """Let nobody in any more; a sitting is closed for good, or kept so that the next start goes on with it."""
        self.is_stopping = True
        if close_sittings:
            for clerk in self.clerks.values():
                if clerk.newest.has_sitting:
                    clerk.submit_if_possible(CloseSitting())
        self.press.stop()

    def _loaded(self, name: RoomName) -> Clerk:
        clerk = self.clerks.get(fold(name))
        if clerk is not None:
            return clerk
        if len(self.clerks) >= self.limits.max_rooms:
            self._let_idle_go()
        if len(self.clerks) >= self.limits.max_rooms:
            raise Rejected(Reason.NO_SUCH_ROOM, name)
        summary = self._stored.get(fold(name))
        clerk = self._load(name if summary is None else summary.room)
        if clerk.newest.has_sitting:  # It should have been loaded at the start: its mark is damaged.
            clerk.submit_if_possible(Reopen(self._stopped_at, clerk.live_names()))
        return clerk

    def _load(self, name: RoomName) -> Clerk:
        held, own = self._log.held(name), self.own.get(fold(name))
        custom = (own.custom if own is not None else None) or self._custom
        room = self._replayed(name, held.base)
        clerk = Clerk(
            room,
            held.keys,
            press=self.press,
            timers=self.timers,
            first_seq=1 if held.base is None else held.base.seq + 1,
            custom=custom,
        )
        clerk.on_free = lambda: self.lobby.admit(clerk)
        clerk.on_fill = lambda count: self.on_fill(clerk.name, count)
        self.clerks[fold(name)] = clerk
        self.on_room(clerk)
        if room.rules.policy is PolicyName.CUSTOM and custom is None:
            logger.warning("policy is missing, round-robin decides room=%s policy=%s", name, room.rules.custom_policy)
        logger.info("room loaded room=%s seq=%d", name, room.seq)
        return clerk

    def _replayed(self, name: RoomName, base: Base | None) -> Room:
        room = replace(empty_room(name), rules=self.rules_of(name)) if base is None else room_at(base, name)
        while entries := self._log.read(name, after=room.seq):
            pairs = [(event, stamp.at) for event, stamp in map(decoded, entries)]
            try:
                room = replay(pairs, room)
            except (KeyError, ValueError):
                raise DataCorrupt(f"The log of room {name} says what can't have happened.") from None
        return room

    def _cut(self, cut: Cut) -> bool:
        if not self.press.cut(cut):
            return False
        self._begins_at(cut.room, cut.base.seq + 1)
        logger.info("past forgotten room=%s up to seq=%d", cut.room, cut.base.seq)
        return True

    def _begins_at(self, room: RoomName, first_seq: int) -> None:
        clerk, summary = self.find(room), self._stored.get(fold(room))
        if clerk is not None:
            clerk.first_seq = first_seq
        if summary is not None:
            self._stored[fold(room)] = replace(summary, first_seq=Seq(first_seq))

    def _note_opened(self, name: RoomName, rules: Rules) -> None:
        self._opened[fold(name)] = rules
        if self._allowed:
            self._allowed.add(fold(name))

    def _let_idle_go(self) -> None:
        # Who asks for a room and is turned down, or looks into one that nobody is in, leaves a clerk behind.
        idle = [key for key, clerk in self.clerks.items() if clerk.is_idle]
        for key in idle:
            clerk = self.clerks.pop(key)
            if clerk.settled.seq:
                seq, first_seq = clerk.settled.seq, Seq(clerk.first_seq)
                self._stored[key] = RoomSummary(clerk.name, open=False, last_seq=seq, first_seq=first_seq)

    def _reopen(self, since: int) -> None:
        for clerk in self.clerks.values():
            if clerk.newest.has_sitting:
                clerk.submit_if_possible(Reopen(since, clerk.live_names()))


def _fill_nothing(_room: RoomName, _count: int) -> None:
    pass


def _ignore(_clerk: Clerk) -> None:
    pass


def _nothing() -> None:
    pass
