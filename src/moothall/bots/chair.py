"""A chair is a function: from what it is shown of the room (`ChairView`) to the name of who speaks next.

`run_chair` is all that most chairs need; `preside` is the same for a program that has an event loop. The floor is the
server's: a chair that is slow, wrong or gone holds nobody up, for the room then goes on by itself.
Normative: docs/protocol/json.md.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import msgspec

from moothall.bots.bot import MAX_REMEMBERED, Topic, Utterance, is_async, result_of
from moothall.bots.client import Client
from moothall.bots.connection import Notice
from moothall.bots.run import IS_LOADING
from moothall.bots.sitting import hold_sitting
from moothall.engine.events import Event, HostSaid, Said, SittingOpened, TopicOpened
from moothall.engine.names import Name
from moothall.engine.policies import is_candidate
from moothall.engine.room import Room
from moothall.engine.words import PolicyName
from moothall.wire.change import Change
from moothall.wire.replies import Refused

__all__ = ["ChairView", "Choose", "chair_view", "chosen", "floor_to_give", "preside", "run_chair"]

logger = logging.getLogger(__name__)

Choose = Callable[["ChairView"], "str | Awaitable[str | None] | None"]
"""From what a chair sees to the name of who speaks next; None closes the topic."""

_CHAIRS_WORDS: Final = ("grant", "next")


class ChairView(msgspec.Struct, frozen=True, kw_only=True):
    """A room whose floor is free, as the chair sees it who is to give it.

    `question`: the topic in the host's words. `name`: the chair's own. `names`: who can be given the floor, in the
    order of joining: seated, here and not on the bench; never nobody, and never the chair. `turns`: how many turns each
    of them has had on the topic. `requests`: who of them asks for the floor, in the order of asking. `transcript`: all
    that was said on the topic, of which the latest 10 000 are kept.
    """

    topic: Topic
    question: str
    host: str
    name: str
    names: tuple[str, ...]
    turns: dict[str, int]
    requests: tuple[str, ...]
    transcript: tuple[Utterance, ...]


def run_chair(  # noqa: PLR0913 - an option each
    choose: Choose,
    name: str = "Chair",
    *,
    host: str = "localhost",
    port: int = 4242,
    room: str = "main",
    about: str = "",
    pace: float = 0.0,
    stay: bool = False,
    give_up_seconds: float | None = None,
    on_notice: Notice | None = None,
    on_change: Callable[[Change], None] | None = None,
) -> None:
    """Run a chair until its sitting is over, or Ctrl-C, which gives its seat up.

    `choose` is called whenever the floor is free and this participant is in the chair, which the room's rules or the
    operator say. Where it raises, or names somebody who cannot be given the floor, that is logged as an error, and it
    is called again after the next event. The chair does not talk: its own turns are passed.

    Args:
        choose: a function of a `ChairView`, sync or async, that returns a name; None, and the topic is closed.
        name: as the room's rules name the chair: it is not changed where it is taken.
        about: up to 200 characters that the room's log tells of the chair: its model, its version.
        pace: seconds that it thinks before it chooses, for an audience.
        stay: take a seat again for the next sitting, and so on, until Ctrl-C.
        give_up_seconds: how long to wait for a server that isn't there; None is for ever.
        on_notice: is told of waiting and coming back, and where it is not in the chair; None, and it is logged.
        on_change: is told of every event, with the room before and after it.

    Raises:
        Rejected: the server does not let it in, or its seat is gone.
        Unreachable: no server came in time.
    """
    if IS_LOADING.get():
        return
    coming = preside(
        choose,
        name,
        host=host,
        port=port,
        room=room,
        about=about,
        pace=pace,
        stay=stay,
        give_up_seconds=give_up_seconds,
        on_notice=on_notice,
        on_change=on_change,
    )
    try:
        asyncio.run(coming)
    except KeyboardInterrupt:
        logger.info("chair stopped")


async def preside(  # noqa: PLR0913 - as run_chair
    choose: Choose,
    name: str = "Chair",
    *,
    host: str = "localhost",
    port: int = 4242,
    room: str = "main",
    about: str = "",
    pace: float = 0.0,
    stay: bool = False,
    give_up_seconds: float | None = None,
    on_notice: Notice | None = None,
    on_change: Callable[[Change], None] | None = None,
) -> None:
    """Do what `run_chair` does, in the event loop that runs."""
    notice = on_notice or _to_log
    while True:
        client = Client(
            host, port, room=room, name=name, about=about, give_up_seconds=give_up_seconds, on_notice=notice
        )

        def presiding(group: asyncio.TaskGroup, client: Client = client) -> _Chair:
            return _Chair(choose, client, pace, group, notice)

        is_closed = await hold_sitting(client, presiding, on_change)
        if not (stay and is_closed):
            return


def floor_to_give(room: Room, chair: Name) -> int | None:
    """Return the number of the turn that is for `chair` to give now; None: none is, or nobody could be given it."""
    waits = room.topic is not None and room.paused_at is None and not room.turns
    if not waits or room.rules.policy is not PolicyName.CHAIR or room.seated_chair != chair:
        return None
    return room.turn_number + 1 if _grantable(room, chair) else None


def chair_view(room: Room, chair: Name, transcript: Iterable[Utterance]) -> ChairView:
    """Return what `chair` is shown of a room that has a topic."""
    topic = room.topic
    assert topic is not None, "a floor is free on a topic only"
    names = _grantable(room, chair)
    return ChairView(
        topic=Topic(topic.topic),
        question=topic.text,
        host=topic.host,
        name=chair,
        names=names,
        turns={name: room.seats[name].turns for name in names},
        requests=tuple(name for name in room.requests if name in names),
        transcript=tuple(transcript),
    )


def chosen(room: Room, chair: Name, choice: object) -> Name | None:
    """Return whom a chair's choice means; None: the topic is to be closed.

    Raises:
        TypeError: it is no name and not None.
        ValueError: nobody of this name can be given the floor now.
    """
    if choice is None:
        return None
    if not isinstance(choice, str):
        raise TypeError(f"a chair returns a name or None, not {type(choice).__name__}")
    name = room.seated_as(choice)
    if name is None or name not in _grantable(room, chair):
        raise ValueError(f"{choice} cannot be given the floor now")
    return name


def _grantable(room: Room, chair: Name) -> tuple[Name, ...]:
    return tuple(
        name
        for name, seat in room.seats.items()
        if name != chair and seat.away_until is None and is_candidate(room, name)
    )


class _Chair:
    """Has its function choose, one choice at a time, and gives the floor as it says."""

    def __init__(
        self, choose: Choose, client: Client, pace: float, group: asyncio.TaskGroup, on_notice: Notice
    ) -> None:
        self._choose = choose
        self._client = client
        self._pace = pace
        self._group = group
        self._on_notice = on_notice
        self._transcript: deque[Utterance] = deque(maxlen=MAX_REMEMBERED)
        self._thinking: asyncio.Task[None] | None = None
        self._asked: tuple[int, int] | None = None  # the floor that it thinks about, or thought about last
        self._asked_seq = 0  # what it has been shown of the room
        self._given: tuple[int, int] | None = None  # the floor that it has given away, or closed the topic over
        self._passed = 0
        client.on_refused = self._take_refusal

    def take(self, event: Event) -> None:
        """Remember what an event says, and have the floor given where it is free."""
        self._remember(event)
        if not self._client.is_caught_up:
            return
        if isinstance(event, TopicOpened):
            self._warn()
        self._give_up_own_turn()
        if is_async(self._choose) and self._floor() != self._asked:
            self.stop()
        if (self._thinking is None or self._thinking.done()) and self._open_question() is not None:
            self._thinking = self._group.create_task(self._think())

    def stop(self) -> None:
        """Wait no longer for what the chair is thinking."""
        if self._thinking is not None:
            self._thinking.cancel()
            self._thinking = None

    def _remember(self, event: Event) -> None:
        match event:
            case SittingOpened() | TopicOpened():
                self._transcript.clear()
            case Said(name, _, text) | HostSaid(name, text):
                self._transcript.append(Utterance(name, text))
            case _:
                pass

    def _warn(self) -> None:
        name, room = self._client.name, self._client.room
        if room.rules.policy is PolicyName.CHAIR and room.seated_chair != name:
            self._on_notice(f"{name} is not in the chair. A server that is started with --chair {name} puts it there.")

    def _give_up_own_turn(self) -> None:
        number = self._client.turn
        if number is None or number == self._passed:
            return
        self._passed = number
        room, name = self._client.room, Name(self._client.name)
        is_alone = not any(is_candidate(room, other) for other in room.seats if other != name)
        if is_alone and room.rules.policy is PolicyName.CHAIR and room.seated_chair == name:
            self._group.create_task(self._client.next_topic())  # nobody is left to talk
        else:
            self._group.create_task(self._client.pass_turn(number))

    def _floor(self) -> tuple[int, int] | None:
        room = self._client.room
        turn = floor_to_give(room, Name(self._client.name))
        return None if turn is None else (room.topics_opened, turn)

    def _open_question(self) -> tuple[int, int] | None:
        floor = self._floor()
        is_new = floor != self._asked or self._client.room.seq > self._asked_seq
        return floor if floor != self._given and is_new else None

    async def _think(self) -> None:
        # What happened while it thought, or why its choice came to nothing, may be a new question.
        while (floor := self._open_question()) is not None:
            self._asked = floor
            await asyncio.sleep(self._pace)
            if self._floor() != floor:
                continue
            name = Name(self._client.name)
            self._asked_seq = self._client.room.seq
            try:
                choice = await result_of(self._choose, chair_view(self._client.room, name, self._transcript))
                if self._floor() == floor:
                    await self._give(floor, chosen(self._client.room, name, choice))
            except Exception:  # the function is somebody else's code: whatever it does, the room goes on
                logger.exception("nobody granted chair=%s turn=%d", name, floor[1])

    async def _give(self, floor: tuple[int, int], name: Name | None) -> None:
        self._given = floor
        if name is None:
            await self._client.next_topic()
        else:
            await self._client.grant(name)

    def _take_refusal(self, refused: Refused) -> None:
        logger.warning("refused do=%s reason=%s text=%s", refused.do, refused.reason, refused.text)
        if refused.do in _CHAIRS_WORDS:
            self._given = None
            self._asked_seq = self._client.room.seq


def _to_log(words: str) -> None:
    logger.warning("%s", words)
