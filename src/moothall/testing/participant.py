"""A scripted participant: sits in a hall without a network, keeps what it is written, and answers as it is told.

It reads as a client does, in its dialect's bytes, so what a test sees of it is what a client would see. It can be
made slow: then it takes only the bytes that a test lets it take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moothall.bots.chair import chair_view, chosen, floor_to_give
from moothall.engine.commands import (
    Command,
    Grant,
    Leave,
    Next,
    Pass,
    QueueTopic,
    RequestFloor,
    Return,
    Revoke,
    Say,
    Withdraw,
)
from moothall.engine.events import Event
from moothall.engine.names import Name
from moothall.engine.room import Room
from moothall.errors import Reason, Rejected
from moothall.hall.lobby import Welcome
from moothall.hall.visit import Visit
from moothall.testing.script import Answers, Choices, asked, asks_for_floor, utterances_on_topic, with_each
from moothall.wire.change import Dialect
from moothall.wire.json_lines import decode_event

if TYPE_CHECKING:
    from moothall.testing.hall import MemoryHall

__all__ = ["Participant"]


class Participant:
    """Somebody in a room of a `MemoryHall`; `MemoryHall.enter` makes one.

    `writes` holds every write as it came. `refusals` are those that came later than the command: what is turned down
    at once is raised by `say` and the others. `is_refused`: it was never let in. `most_unread`: how many bytes its
    connection has ever held for it at once. With `key` it may come back.
    """

    def __init__(
        self,
        hall: MemoryHall,
        name: str,
        dialect: Dialect,
        answers: Answers | None,
        choices: Choices | None,
        lead: bytes,
    ) -> None:
        self.name = name
        self.dialect = dialect
        self.answers = with_each(answers)
        self.choices = with_each(choices)
        self.key: str | None = None
        self.welcome: Welcome | None = None
        self.writes: list[bytes] = []
        self.refusals: list[Reason] = []
        self.is_finished = False
        self.is_refused = False
        self.is_gone = False
        self.most_unread = 0
        self._hall = hall
        self._lead = lead
        self._is_stalled = False
        self._unread = bytearray()
        self._taken: list[bytes] = []
        self._answered = 0
        self._given: tuple[int, int] | None = None
        self._heard = 0

    # What it does.

    def say(self, words: str, *, turn: int | None = None, cid: str | None = None) -> None:
        """Say something.

        Raises:
            Rejected: at once; `refusals` shows what is refused later.
        """
        self.submit(Say(Name(self.name), words, turn, cid))

    def pass_turn(self) -> None:
        """Give the turn up."""
        self.submit(Pass(Name(self.name)))

    def request_floor(self) -> None:
        """Ask for the floor."""
        self.submit(RequestFloor(Name(self.name)))

    def withdraw(self) -> None:
        """Ask for the floor no longer."""
        self.submit(Withdraw(Name(self.name)))

    def come_off_bench(self) -> None:
        """Come back from the bench."""
        self.submit(Return(Name(self.name)))

    def grant(self, name: str) -> None:
        """Give the floor to somebody, from the chair."""
        self.submit(Grant(name, by=Name(self.name)))

    def revoke(self, name: str | None = None) -> None:
        """Take the floor from somebody, or from whoever has it, from the chair."""
        self.submit(Revoke(name, by=Name(self.name)))

    def queue_topic(self, topic: str) -> None:
        """Put a topic at the end of the queue, from the chair."""
        self.submit(QueueTopic(topic, by=Name(self.name)))

    def next_topic(self) -> None:
        """Close the topic, from the chair."""
        self.submit(Next(by=Name(self.name)))

    def leave(self) -> None:
        """Give the seat up; a spectator just goes."""
        if self.visit.name is not None:
            self.submit(Leave(self.visit.name))
        else:
            self.visit.end()
            self.finish()

    def hang_up(self) -> None:
        """Lose the connection, as a cable that is pulled out does: nothing more comes in, nothing more is taken."""
        self.is_gone = True
        self._unread.clear()
        if self.welcome is not None:
            self.welcome.visit.lose()

    def submit(self, command: Command) -> None:
        """Ask for anything else in this participant's name."""
        self.visit.submit(command)

    # How it reads.

    def stall(self) -> None:
        """Take no more bytes: the next write stays with the connection, which then blocks its visit."""
        self._is_stalled = True

    def take(self, count: int) -> None:
        """Take up to `count` bytes, as many as there are; with the last of what was written the visit writes on."""
        while count > 0 and self._unread:
            piece = bytes(self._unread[:count])
            del self._unread[:count]
            count -= len(piece)
            self._take(piece)
            if not self._unread and self.welcome is not None:
                self.visit.is_blocked = False
                self.visit.ship()

    def read_on(self) -> None:
        """Stall no more: take everything there is."""
        self._is_stalled = False
        self.take(len(self._unread))

    @property
    def unread(self) -> int:
        """How many bytes its connection holds for it: handed over, and not taken."""
        return len(self._unread)

    # What came of it.

    @property
    def received(self) -> bytes:
        """All bytes that it has taken."""
        return b"".join(self._taken)

    @property
    def visit(self) -> Visit:
        """Its visit, once it has been let in."""
        if self.welcome is None:
            raise LookupError(f"{self.name} has not been let in; settle() commits what was decided.")
        return self.welcome.visit

    @property
    def room(self) -> Room:
        """Its room as everybody knows it."""
        return self.visit.clerk.settled

    @property
    def lines(self) -> list[str]:
        """The lines that it has read, without their breaks."""
        text = self.received.decode("utf-8")
        return text.removesuffix("\n").split("\n") if text else []

    @property
    def events(self) -> list[Event]:
        """The events that it has read; for who reads JSON lines."""
        return [decode_event(line.encode())[0] for line in self.lines if line.startswith('{"event"')]

    # What its visit calls.

    def write(self, data: bytes) -> None:
        """Be sent bytes."""
        if self.is_gone:
            return
        self.writes.append(data)
        self._hall.wrote(self)
        if self._is_stalled or self._unread:
            self._unread += data
            self.most_unread = max(self.most_unread, len(self._unread))
            self.visit.is_blocked = True
        else:
            self._take(data)

    def refuse(self, refusal: Rejected, _command: Command | None) -> None:
        """Be told that something was refused after it had been taken."""
        self.refusals.append(refusal.reason)

    def finish(self) -> None:
        """Be told goodbye."""
        self.is_finished = True

    # What the lobby calls.

    def let_in(self, welcome: Welcome) -> bytes:
        """Be welcomed: from here on there is a visit."""
        self.welcome = welcome
        self.key = welcome.key or self.key
        self._heard = welcome.after
        if self.is_gone:
            self._hall.clock.soon(welcome.visit.lose)
        return self._lead

    def turn_away(self, _refusal: Rejected) -> None:
        """Not be let in after all: it could not be committed, or another has taken the name meanwhile."""
        self.is_refused = True

    def _take(self, data: bytes) -> None:
        self._taken.append(data)
        if self.answers is not None or self.choices is not None:
            self._hall.clock.soon(self._act)

    def _act(self) -> None:
        visit = self.visit
        # It knows only what it has read.
        if visit.name is None or visit.is_over or visit.cursor.seq < self.room.seq or self._unread:
            return
        if self.choices is not None:
            self._choose(visit.name)
        elif self.answers is not None:
            self._answer(visit.name)

    def _answer(self, name: Name) -> None:
        room, turn = self.room, self.room.turn_of(name)
        if turn is None:
            if asks_for_floor(room, name, self._hall.events(room.name)):
                self.request_floor()
            return
        if self.answers is None or turn.number <= self._answered:
            return
        self._answered = turn.number
        question = asked(room, turn, self._hall.events(room.name), heard=self._heard)
        self._heard = room.seq
        try:
            words = self.answers(question)
        except StopIteration:
            return
        self._give(words, turn.number)

    def _choose(self, chair: Name) -> None:
        room = self.room
        turn = floor_to_give(room, chair)
        if room.turn_of(chair) is not None:
            self.pass_turn()
        if self.choices is None or turn is None or self._given == (room.topics_opened, turn):
            return
        self._given = (room.topics_opened, turn)
        view = chair_view(room, chair, utterances_on_topic(self._hall.events(room.name)))
        try:
            name = chosen(room, chair, self.choices(view))
        except StopIteration:
            return
        if name is None:
            self.next_topic()
        else:
            self.grant(name)

    def _give(self, words: str | None, turn: int) -> None:
        try:
            if words is None:
                self.pass_turn()
            else:
                self.say(words, turn=turn)
        except Rejected as refusal:
            self.refusals.append(refusal.reason)
