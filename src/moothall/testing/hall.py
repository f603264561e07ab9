"""A hall in memory: rooms, seats, turns and deadlines as they are in a server, without a network, a disk or a wait.

Everything is synchronous. Nothing happens by itself: `settle` is the end of a turn of the event loop, and
`clock.advance` lets time go by.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from moothall.engine.commands import Command
from moothall.engine.events import Event
from moothall.engine.names import RoomName, fold
from moothall.engine.policies import Policy
from moothall.engine.room import Room
from moothall.engine.rules import Rules
from moothall.hall.hall import Hall
from moothall.hall.limits import HallLimits, OwnRules
from moothall.hall.lobby import Wish
from moothall.hall.retention import Keep
from moothall.log.memory import MemoryLog
from moothall.log.room_log import Entry, RoomLog
from moothall.testing.clock import FakeClock
from moothall.testing.participant import Participant
from moothall.testing.script import Answers, Choices
from moothall.wire.change import Dialect
from moothall.wire.json_lines import JSON_LINES, decode_event

__all__ = ["MAIN", "MemoryHall", "memory_hall"]

MAIN = "main"
"""The room that is meant where none is named."""


def memory_hall(  # noqa: PLR0913 - whatever a test may want to be otherwise
    rules: Rules | None = None,
    *,
    log: RoomLog | None = None,
    clock: FakeClock | None = None,
    rooms: tuple[str, ...] = (),
    max_rooms: int = 10_000,
    max_spectators: int = 10_000,
    keep: Keep | None = None,
    custom: Policy | None = None,
    own: Mapping[str, OwnRules] | None = None,
) -> MemoryHall:
    """Make a hall, and start it.

    Args:
        rules: of its rooms; None, and they are the server's defaults: four seats, one round, 30 seconds a turn.
        log: where its entries are kept; None, and it is a new `MemoryLog`. One that holds sittings already is gone
            on with, as after a crash.
        clock: its time; None, and it is a new `FakeClock`.
        rooms: the only rooms there are; empty: whoever joins a room opens it.
        keep: what of their past is kept; None, and it is all of it. `hall.tidy` forgets the rest, bit by bit.
        custom: the function behind the policy `custom`.
        own: the rooms that have rules of their own, by their folded names.
    """
    limits = HallLimits(rooms=rooms, max_rooms=max_rooms, max_spectators=max_spectators, keep=keep or Keep())
    return MemoryHall(
        Rules() if rules is None else rules,
        MemoryLog() if log is None else log,
        FakeClock() if clock is None else clock,
        limits,
        custom=custom,
        own=own,
    )


class MemoryHall:
    """A hall with its clock and its log. `hall` is the one that servers use; its seed and its keys are always the same.

    `writes` says who was written to, in order, over all rooms.
    """

    def __init__(
        self,
        rules: Rules,
        log: RoomLog,
        clock: FakeClock,
        limits: HallLimits,
        *,
        stopped_at: int | None = None,
        custom: Policy | None = None,
        own: Mapping[str, OwnRules] | None = None,
    ) -> None:
        keys = count(1)
        self.clock = clock
        self.log = log
        self.custom = custom
        self.writes: list[Participant] = []
        self.hall = Hall(
            log,
            clock,
            rules=rules,
            new_seed=lambda seed: seed or "seed",
            new_key=lambda: f"k_{next(keys)}",
            limits=limits,
            custom=custom,
            own=own,
        )
        self.hall.start(clock.now() if stopped_at is None else stopped_at)
        self.settle()

    def enter(
        self,
        name: str = "",
        room: str = MAIN,
        *,
        answers: Answers | None = None,
        choices: Choices | None = None,
        dialect: Dialect = JSON_LINES,
        keyed: bool = False,
        watch: bool = False,
    ) -> Participant:
        """Let somebody ask to come in; they are in, or turned away, once `settle` has committed it.

        Args:
            answers: how they answer when they are given the floor, for which they ask where one has to; None, and the
                test speaks for them.
            choices: how they choose, in the chair, who speaks next; then they pass their own turns.
            dialect: how they read: `JSON_LINES`, or `TEXT` or `BARE` of `moothall.wire.text`.
            keyed: with a key, so that the seat outlives a lost connection.
            watch: without a seat; the name is for the test alone.

        Raises:
            Rejected: at once, for everything that the rules or the lobby say no to.
        """
        wish = Wish(room=room, name=name, keyed=keyed, watch=watch)
        return self.admit(wish, answers=answers, choices=choices, dialect=dialect)

    def come_back(self, who: Participant, *, after: int | None = None) -> Participant:
        """Let somebody ask for the seat of `who` again, over a new connection, with the old key and the old script.

        Args:
            after: the last seq that they know; None, and it is the last that `who` has read.

        Raises:
            Rejected: KEY_UNKNOWN, the seat is not theirs any more.
        """
        room, cursor = who.room.name, who.visit.cursor.seq if after is None else after
        wish = Wish(room=room, name=who.name, keyed=True, key=who.key, epoch=self.hall.epoch, after=cursor)
        participant = self.admit(wish, answers=who.answers, choices=who.choices, dialect=who.dialect)
        participant.key = who.key
        return participant

    def admit(
        self,
        wish: Wish,
        *,
        answers: Answers | None = None,
        choices: Choices | None = None,
        dialect: Dialect = JSON_LINES,
        lead: bytes = b"",
    ) -> Participant:
        """Let somebody ask to come in, with everything that a door may ask for them.

        Args:
            lead: what their door says before anything else.

        Raises:
            Rejected: at once, for everything that the rules or the lobby say no to.
        """
        participant = Participant(self, wish.name, dialect, answers, choices, lead)
        self.hall.lobby.enter(wish, participant, dialect, participant.let_in, participant.turn_away)
        return participant

    def settle(self) -> None:
        """End the turn of the event loop: what was decided is committed and shown, and so on until all is quiet."""
        self.clock.settle()

    def advance(self, ms: int) -> None:
        """Let time go by, in milliseconds."""
        self.clock.advance(ms)

    def operate(self, command: Command, room: str = MAIN) -> None:
        """Carry an operator's command to a room.

        Raises:
            Rejected: the room's rules say no.
        """
        self.hall.command(RoomName(room), command)

    def restart(self, after_ms: int = 0, rules: Rules | None = None) -> MemoryHall:
        """Return what comes up over the same log when this hall has crashed, `after_ms` milliseconds ago.

        What was decided and not committed is lost; whoever was in this hall must come in again.
        """
        stopped_at = self.clock.now()
        return MemoryHall(
            self.hall.rules if rules is None else rules,
            self.log,
            FakeClock(stopped_at + after_ms),
            self.hall.limits,
            stopped_at=stopped_at,
            custom=self.custom,
            own=self.hall.own,
        )

    # What came of it.

    def room(self, name: str = MAIN) -> Room:
        """Return a room as everybody knows it: up to its last commit.

        Raises:
            KeyError: there is no such room.
        """
        return self.hall.clerks[fold(name)].settled

    def entries(self, room: str = MAIN) -> list[Entry]:
        """Return all that a room's log holds, in order."""
        entries: list[Entry] = []
        while page := self.log.read(RoomName(room), after=entries[-1].seq if entries else 0):
            entries += page
        return entries

    def events(self, room: str = MAIN) -> list[Event]:
        """Return all that has happened in a room, in order."""
        return [decode_event(entry.body)[0] for entry in self.entries(room)]

    # What participants call.

    def wrote(self, participant: Participant) -> None:
        """Take note of a write."""
        self.writes.append(participant)
