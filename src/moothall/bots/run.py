"""Plays a bot: joins a room, asks the bot in each of its turns, says what it answers, until the sitting is over.

`run_bot` is all that most bots need; `play` is the same for a program that has an event loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final

from moothall.bots.bot import MAX_REMEMBERED, Bot, Topic, Turn, Utterance, answer, is_async
from moothall.bots.client import Client
from moothall.bots.connection import Notice
from moothall.bots.sitting import hold_sitting
from moothall.engine.events import (
    Benched,
    Event,
    FloorGranted,
    HostSaid,
    RoundOpened,
    Said,
    SittingOpened,
    TopicOpened,
)
from moothall.engine.names import Name
from moothall.engine.words import PolicyName
from moothall.errors import Reason
from moothall.wire.change import Change
from moothall.wire.replies import Refused

__all__ = ["IS_LOADING", "name_of", "play", "run_bot"]

logger = logging.getLogger(__name__)

IS_LOADING: ContextVar[bool] = ContextVar("is_loading", default=False)
"""Set while a bot's file is read for one of its functions: the `run_bot` at its end must not run."""

_UNFIT: Final = (Reason.TOO_LONG, Reason.BAD_VALUE, Reason.MALFORMED)
"""Refusals after which the turn is still open: with these words it would be missed."""


def run_bot(  # noqa: PLR0913 - an option each
    bot: Bot,
    name: str | None = None,
    *,
    host: str = "localhost",
    port: int = 4242,
    room: str = "main",
    about: str = "",
    pace: float = 0.0,
    stay: bool = False,
    wait: bool = False,
    rename: bool = True,
    ask: bool = True,
    give_up_seconds: float | None = None,
    on_notice: Notice | None = None,
    on_change: Callable[[Change], None] | None = None,
) -> None:
    """Run a bot until its sitting is over, or Ctrl-C, which gives its seat up.

    It waits for a server that isn't up, and comes back to its seat when the connection breaks.

    Args:
        bot: a function of a `Turn`, or of the topic's actions `(a, b=None)`; sync or async.
        name: None, and it is the function's.
        about: up to 200 characters that the room's log tells of the bot: its model, its version.
        pace: seconds that it thinks before it answers, for an audience.
        stay: take a seat again for the next sitting, and so on, until Ctrl-C.
        wait: where the room is full, wait for a seat.
        rename: where the name is taken, be `Alice-2`, `Alice-3` and so on.
        ask: under the policy `request` ask for the floor, when the topic opens and whenever there is something new to
            answer: somebody else has said something since its last turn began.
        give_up_seconds: how long to wait for a server that isn't there; None is for ever.
        on_notice: is told of waiting, coming back and renaming; None, and it is logged as a warning.
        on_change: is told of every event, with the room before and after it.

    Raises:
        Rejected: the server does not let it in, or its seat is gone.
        Unreachable: no server came in time.
    """
    if IS_LOADING.get():
        return
    coming = play(
        bot,
        name,
        host=host,
        port=port,
        room=room,
        about=about,
        pace=pace,
        stay=stay,
        wait=wait,
        rename=rename,
        ask=ask,
        give_up_seconds=give_up_seconds,
        on_notice=on_notice,
        on_change=on_change,
    )
    try:
        asyncio.run(coming)
    except KeyboardInterrupt:
        logger.info("bot stopped")


async def play(  # noqa: PLR0913 - as run_bot
    bot: Bot,
    name: str | None = None,
    *,
    host: str = "localhost",
    port: int = 4242,
    room: str = "main",
    about: str = "",
    pace: float = 0.0,
    stay: bool = False,
    wait: bool = False,
    rename: bool = True,
    ask: bool = True,
    give_up_seconds: float | None = None,
    on_notice: Notice | None = None,
    on_change: Callable[[Change], None] | None = None,
) -> None:
    """Do what `run_bot` does, in the event loop that runs."""
    while True:
        client = Client(
            host,
            port,
            room=room,
            name=name_of(bot) if name is None else name,
            about=about,
            wait=wait,
            rename=rename,
            give_up_seconds=give_up_seconds,
            on_notice=on_notice,
        )

        def playing(group: asyncio.TaskGroup, client: Client = client) -> _Player:
            return _Player(bot, client, pace, group, asks=ask)

        is_closed = await hold_sitting(client, playing, on_change)
        if not (stay and is_closed):
            return


def name_of(bot: Bot) -> str:
    """Return what a bot is called that was given no name: `alice` is Alice."""
    name: object = getattr(bot, "__name__", type(bot).__name__)
    words = str(name).replace("<lambda>", "bot").replace("_", " ").split()
    return " ".join(word[:1].upper() + word[1:] for word in words) or "Bot"


class _Player:
    """Makes turns of events, and has the bot answer each that is its own, once."""

    def __init__(self, bot: Bot, client: Client, pace: float, group: asyncio.TaskGroup, *, asks: bool) -> None:
        self._bot = bot
        self._client = client
        self._pace = pace
        self._group = group
        self._asks = asks
        self._topic = TopicOpened("", "", "")
        self._place = 0
        self._seconds: float = 0
        self._heard: deque[Utterance] = deque(maxlen=MAX_REMEMBERED)
        self._transcript: deque[Utterance] = deque(maxlen=MAX_REMEMBERED)
        self._begun: int | None = None
        self._thinking: asyncio.Task[None] | None = None
        self._later: Turn | None = None
        self._has_news = False  # there is something that it has not had a turn to answer
        self._is_returning = False  # it has asked to come off the bench
        self._is_stopped = False  # its last turn was over before it had an answer, and it was stopped
        client.on_refused = self._take_refusal

    def take(self, event: Event) -> None:
        """Remember what an event says, and begin the turn if it is the bot's own."""
        self._remember(event)
        number = self._client.turn
        if number != self._begun and is_async(self._bot) and self._is_thinking():
            self.stop()
            self._is_stopped = True
        if not self._client.is_caught_up:
            return
        if number is not None and number != self._begun:
            self._begin(number)
        # One that had to be stopped may be so for ever: it waits on the bench for the next topic.
        if not self._is_thinking() and not self._is_stopped:
            self._come_off_bench()
        self._ask()

    def stop(self) -> None:
        """Wait no longer for what the bot is thinking."""
        if self._thinking is not None:
            self._thinking.cancel()

    def _remember(self, event: Event) -> None:
        match event:
            case SittingOpened():
                self._heard.clear()
                self._transcript.clear()
                self._begun = None
            case TopicOpened():
                self._topic = event
                self._transcript.clear()
                self._place = 0
                self._has_news = True
                self._is_stopped = False
            case RoundOpened():
                self._place = 0
            case Benched(name) if name == self._client.name:
                self._is_returning = False
            case FloorGranted(name, seconds=seconds):
                self._place += 1
                self._seconds = seconds
                if name == self._client.name:
                    self._has_news = False
            case Said(name, _, text) | HostSaid(name, text):
                utterance = Utterance(name, text)
                self._transcript.append(utterance)
                if name != self._client.name:
                    self._heard.append(utterance)
                    self._has_news = True
            case _:
                pass

    def _begin(self, number: int) -> None:
        self._begun = number
        self._is_stopped = False
        turn = self._turn(number)
        self._heard.clear()
        if self._is_thinking() and not is_async(self._bot):
            self._later = turn  # a function is not called a second time while it thinks about an earlier turn
        else:
            self._thinking = self._group.create_task(self._answer(turn))

    def _is_thinking(self) -> bool:
        return self._thinking is not None and not self._thinking.done()

    def _come_off_bench(self) -> None:
        seat = self._client.room.seats.get(Name(self._client.name))
        if seat is not None and seat.is_benched and not self._is_returning:
            self._is_returning = True
            self._group.create_task(self._client.come_off_bench())

    def _ask(self) -> None:
        room, name = self._client.room, Name(self._client.name)
        waits = room.topic is not None and room.rules.policy is PolicyName.REQUEST and name in room.seats
        if not (self._asks and self._has_news and waits) or room.seats[name].is_benched:
            return
        self._has_news = False
        if name not in room.requests and room.turn_of(name) is None:
            self._group.create_task(self._client.request_floor())

    def _turn(self, number: int) -> Turn:
        room, seat = self._client.room, self._client.room.seats.get(Name(self._client.name))
        had = 0 if seat is None else seat.turns
        return Turn(
            topic=Topic(self._topic.topic),
            question=self._topic.text,
            host=self._topic.host,
            name=self._client.name,
            room=room.name,
            number=number,
            round=had + 1 if room.round is None else room.round.number,
            place=self._place,
            seconds=self._seconds,
            heard=tuple(self._heard),
            transcript=tuple(self._transcript),
        )

    async def _answer(self, turn: Turn) -> None:
        while True:
            await self._answer_one(turn)
            self._come_off_bench()
            later, self._later = self._later, None
            if later is None or later.number != self._client.turn:
                return
            turn = later

    async def _answer_one(self, turn: Turn) -> None:
        words = None
        try:
            await asyncio.sleep(self._pace)
            words = await answer(self._bot, turn)
        except Exception:  # the bot is somebody else's code: whatever it does costs its turn, not its seat
            logger.exception("bot raised name=%s turn=%d", turn.name, turn.number)
        if words is None:
            await self._client.pass_turn(turn.number)
        else:
            await self._client.say(words, turn.number)

    def _take_refusal(self, refused: Refused) -> None:
        if refused.reason not in _UNFIT:
            logger.info("refused do=%s reason=%s", refused.do, refused.reason)
            return
        logger.error(
            "answer refused, turn passed name=%s reason=%s text=%s", self._client.name, refused.reason, refused.text
        )
        self._group.create_task(self._client.pass_turn(self._begun))
