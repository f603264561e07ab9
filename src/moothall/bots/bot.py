"""A bot is a function: what it is asked (`Turn`), and how a function of any of the known forms is called.

Of the turn, `f(turn)`; or of the actions that the topic names, `f(a, b=None)`, with `place` among its parameters where
it wants its place in the round. It may be async; `None` and words of nothing but white space pass the turn.
"""

from __future__ import annotations

import asyncio
import inspect
import re
import threading
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from moothall.bots.english import gerund, is_nasty

__all__ = ["MAX_REMEMBERED", "Bot", "Topic", "Turn", "Utterance", "answer", "is_async", "result_of"]

Bot = Callable[..., "str | Awaitable[str | None] | None"]

MAX_REMEMBERED: Final = 10_000
"""How many utterances a bot, or a chair, is shown at most."""

_BETWEEN_ACTIONS: Final = re.compile(r"\s*,\s*(?:or\s+)?|\s+or\s+")


class Topic(str):
    """What the room is talking about, "hug" or "hug or play chess", with the English that a bot needs to answer."""

    __slots__ = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The actions in it: "hug, eat or play chess" has three."""
        return tuple(action for action in _BETWEEN_ACTIONS.split(self.strip()) if action) or (str(self),)

    @property
    def gerund(self) -> str:
        """The first action as one speaks of it: "hugging"."""
        return gerund(self.words[0])

    @property
    def is_nasty(self) -> bool:
        """Whether the first action is something nasty, as "steal" is."""
        return is_nasty(self.words[0])


class Utterance(msgspec.Struct, frozen=True):
    """One thing that somebody said."""

    name: str
    text: str


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A turn, as the bot that has it sees it.

    `question`: the topic in the host's words. `name`: the bot's own. `number` counts the room's turns, `round` the
    topic's rounds, `place` the turns of the round, each from 1; under a policy without rounds `round` counts the bot's
    own turns on the topic, and `place` everybody's. `seconds`: how long the turn lasts, 0 for ever.
    `heard`: what was said since the bot's last turn; `transcript`: all that was said on the topic, the bot's own words
    too. Of either only the latest 10 000 are kept.
    """

    topic: Topic
    question: str
    host: str
    name: str
    room: str
    number: int
    round: int
    place: int
    seconds: float
    heard: tuple[Utterance, ...]
    transcript: tuple[Utterance, ...]


async def answer(bot: Bot, turn: Turn) -> str | None:
    """Return what the bot says in its turn; None, and it passes.

    Raises:
        TypeError: the bot returned neither words nor None. Whatever the bot itself raises comes through.
    """
    words, named = _arguments(bot, turn)
    result = await result_of(bot, *words, **named)
    if result is not None and not isinstance(result, str):
        raise TypeError(f"a bot returns words or None, not {type(result).__name__}")
    return result if result and result.strip() else None


async def result_of(function: Callable[..., object], *words: object, **named: object) -> object:
    """Call a function that somebody wrote for us, and return what comes of it.

    One that isn't async runs in a thread of its own, so that it may take its time. Who no longer waits for it does
    not stop it, and it stops nobody: the thread is a daemon.
    """
    result = function(*words, **named) if is_async(function) else await _in_thread(lambda: function(*words, **named))
    return await result if inspect.isawaitable(result) else result


def is_async(function: Callable[..., object]) -> bool:
    """Tell whether a function is async, and so may be cancelled while it thinks."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)


def _arguments(bot: Bot, turn: Turn) -> tuple[tuple[object, ...], dict[str, object]]:
    try:
        parameters = list(inspect.signature(bot).parameters.values())
    except ValueError:  # some functions written in C tell nothing of themselves
        return (turn,), {}
    if parameters and _takes_turn(parameters[0]):
        return (turn,), {}
    actions = list(turn.topic.words)
    words: list[object] = []
    named: dict[str, object] = {}
    for parameter in parameters:
        match parameter.kind:
            case inspect.Parameter.VAR_POSITIONAL:
                words += actions
            case inspect.Parameter.VAR_KEYWORD:
                pass
            case inspect.Parameter.KEYWORD_ONLY:
                if parameter.name == "place":
                    named["place"] = turn.place
            case _ if parameter.name == "place":
                words.append(turn.place)
            case _:
                words.append(actions.pop(0) if actions else _default(parameter))
    return tuple(words), named


def _takes_turn(parameter: inspect.Parameter) -> bool:
    # An annotation may be a string, and so may one that stands in quotes in the source.
    annotation = str(parameter.annotation).strip("\"'").rpartition(".")[2]
    return parameter.annotation is Turn or annotation == "Turn" or parameter.name == "turn"


def _default(parameter: inspect.Parameter) -> object:
    return None if parameter.default is inspect.Parameter.empty else parameter.default


async def _in_thread(call: Callable[[], object]) -> object:
    # Not the loop's executor: the end of the program would wait for its threads, however long a bot still thinks.
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[object] = loop.create_future()

    def settle(result: object, error: BaseException | None) -> None:
        if outcome.cancelled():
            return
        if error is None:
            outcome.set_result(result)
        else:
            outcome.set_exception(error)

    def run() -> None:
        result: object = None
        problem: BaseException | None = None
        try:
            result = call()
        except StopIteration as error:  # which no future may carry
            problem = RuntimeError("the bot raised StopIteration")
            problem.__cause__ = error
        except BaseException as error:  # it is raised again where the answer is awaited
            problem = error
        try:
            loop.call_soon_threadsafe(settle, result, problem)
        except RuntimeError:
            return  # the loop is closed: nobody waits any more

    threading.Thread(target=run, name="bot", daemon=True).start()
    return await outcome
