"""A scripted participant: sits in a hall without a network, keeps what it is written, and answers as it is told.

It reads as a client does, in its dialect's bytes, so what a test sees of it is what a client would see. It can be
made slow: then it takes only the bytes that a test lets it take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from moothall.bots.bot import Topic, Turn, Utterance
from moothall.engine.commands import Command, Leave, Pass, Say
from moothall.engine.events import Event, Said, TopicOpened
from moothall.engine.names import Name
from moothall.engine.room import Room
from moothall.engine.room import Turn as OpenTurn
from moothall.errors import Reason, Rejected
from moothall.hall.lobby import Welcome
from moothall.hall.visit import Visit
from moothall.wire.change import Dialect
from moothall.wire.json_lines import decode_event

if TYPE_CHECKING:
    from moothall.testing.hall import MemoryHall

__all__ = ["Answers", "Participant"]


Answers = Callable[[Turn], str | None] | Iterable[str | None]
"""How a participant answers: a bot, or one answer after another; None passes. Who has no answer left is silent."""


class Participant:
    """Somebody in a room of a `MemoryHall`; `MemoryHall.enter` makes one.

    `writes` holds every write as it came. `refusals` are those that came later than the command: what is turned down
    at once is raised by `say` and the others. `is_refused`: it was never let in. `most_unread`: how many bytes its
    connection has ever held for it at once. With `key` it may come back.
    """

    def __init__(self, hall: MemoryHall, name: str, dialect: Dialect, answers: Answers | None, lead: bytes) -> None:
        self.name = name
        self.dialect = dialect
        self.answers = _answering(answers)
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

    def turn_away(self) -> None:
        """Not be let in, because it could not be committed."""
        self.is_refused = True

    def _take(self, data: bytes) -> None:
        self._taken.append(data)
        if self.answers is not None:
            self._hall.clock.soon(self._answer)

    def _answer(self) -> None:
        visit, room = self.visit, self.room
        turn = None if visit.name is None or visit.is_over else room.turn_of(visit.name)
        # It knows only what it has read.
        is_behind = visit.cursor.seq < room.seq or self._unread
        if self.answers is None or turn is None or turn.number <= self._answered or is_behind:
            return
        self._answered = turn.number
        asked = _asked(room, turn, self._hall.events(room.name), heard=self._heard)
        self._heard = room.seq
        try:
            words = self.answers(asked)
        except StopIteration:
            return
        self._give(words, turn.number)

    def _give(self, words: str | None, turn: int) -> None:
        try:
            if words is None:
                self.pass_turn()
            else:
                self.say(words, turn=turn)
        except Rejected as refusal:
            self.refusals.append(refusal.reason)


def _asked(room: Room, turn: OpenTurn, events: list[Event], *, heard: int) -> Turn:
    """Return an open turn as a bot sees it that has heard the first `heard` events of the room before."""
    opened = max(place for place, event in enumerate(events) if isinstance(event, TopicOpened))
    topic, round_ = room.topic, room.round
    assert topic is not None, "nobody has the floor without a topic"
    assert round_ is not None, "nobody has the floor without a round"
    return Turn(
        topic=Topic(topic.topic),
        question=topic.text,
        host=topic.host,
        name=turn.name,
        room=room.name,
        number=turn.number,
        round=round_.number,
        place=len(round_.done),
        seconds=room.rules.turn_seconds,
        heard=tuple(word for word in _words(events[heard:]) if word.name != turn.name),
        transcript=_words(events[opened:]),
    )


def _words(events: list[Event]) -> tuple[Utterance, ...]:
    return tuple(Utterance(event.name, event.text) for event in events if isinstance(event, Said))


def _answering(answers: Answers | None) -> Callable[[Turn], str | None] | None:
    if answers is None or callable(answers):
        return answers
    rest: Iterator[str | None] = iter(answers)
    return lambda _turn: next(rest)
