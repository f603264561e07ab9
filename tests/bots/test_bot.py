"""How a function of any of the known forms is asked, and what its answer means."""

import asyncio
import functools
import inspect
import threading
from typing import Any

import pytest
from msgspec.structs import replace

from moothall.bots.bot import Bot, Topic, Turn, Utterance, answer
from moothall.bots.house import HOUSE_BOTS

KARI = Turn(
    topic=Topic("hug"),
    question="Do you want to hug?",
    host="Host",
    name="Kari",
    room="main",
    number=7,
    round=1,
    place=2,
    seconds=30,
    heard=(Utterance("Ola", "Why not"),),
    transcript=(Utterance("Ola", "Why not"),),
)
HUG_OR_EAT = replace(KARI, topic=Topic("hug or eat"))


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("hug", ("hug",)),
        ("hug or eat", ("hug", "eat")),
        ("hug, eat", ("hug", "eat")),
        ("hug, eat or play chess", ("hug", "eat", "play chess")),
        ("hug, eat, or play", ("hug", "eat", "play")),
        ("explore", ("explore",)),
        (" , ", (" , ",)),
    ],
)
def test_a_topic_names_its_actions(topic: str, words: tuple[str, ...]) -> None:
    """The course's bots are functions of one or two actions, and the operator may type either."""
    assert Topic(topic).words == words


def test_a_topic_is_its_words_and_knows_their_english() -> None:
    """A bot may print it, compare it, and put its gerund into a sentence."""
    topic = Topic("steal or hug")

    assert (topic, topic.gerund, topic.is_nasty, Topic("hug").is_nasty) == ("steal or hug", "stealing", True, False)


def by_name(turn):  # type: ignore[no-untyped-def]
    return f"{turn.name} in turn {turn.number}"


def by_annotation(mine: Turn) -> str:
    return f"{mine.name} in turn {mine.number}"


def by_words_of_an_annotation(mine: "Turn") -> str:
    return f"{mine.name} in turn {mine.number}"


async def by_waiting(turn: Turn) -> str:
    await asyncio.sleep(0)
    return f"{turn.name} in turn {turn.number}"


class ByMethod:
    def __call__(self, turn: Turn) -> str:
        return by_annotation(turn)


class ByWaitingMethod:
    async def __call__(self, turn: Turn) -> str:
        return await by_waiting(turn)


@pytest.mark.parametrize(
    "bot",
    [
        by_name,
        by_annotation,
        by_words_of_an_annotation,
        by_waiting,
        ByMethod(),
        ByWaitingMethod(),
        lambda turn: by_waiting(turn),  # noqa: PLW0108 - a lambda that gives something to wait for
        functools.partial(by_annotation),
    ],
)
async def test_a_function_of_a_turn_is_given_the_turn(bot: Bot) -> None:
    """By its parameter's name or annotation, async or not, function or object."""
    assert await answer(bot, KARI) == "Kari in turn 7"


@pytest.mark.parametrize(
    ("bot", "turn", "said"),
    [
        (lambda a, b=None: f"{a} {b}", KARI, "hug None"),
        (lambda a, b=None: f"{a} {b}", HUG_OR_EAT, "hug eat"),
        (lambda a, b="nothing": f"{a} {b}", KARI, "hug nothing"),
        (lambda a: a, HUG_OR_EAT, "hug"),
        (lambda a, b: f"{a} {b}", KARI, "hug None"),
        (lambda *actions: "+".join(actions), HUG_OR_EAT, "hug+eat"),
        (lambda a, place: f"{a} {place}", KARI, "hug 2"),
        (lambda a, *, place, other=1: f"{a} {place} {other}", KARI, "hug 2 1"),
        (lambda **anything: f"{len(anything)}", KARI, "0"),
        (HOUSE_BOTS["classic"], KARI, "Hugging seems great!"),
        (HOUSE_BOTS["alice"], HUG_OR_EAT, "I think hugging and eating both sound great!"),
    ],
)
async def test_any_other_function_is_given_the_actions(bot: Bot, turn: Turn, said: str) -> None:
    """The origin's bots are functions of `(a, b=None)`, and `classic` wants its place too."""
    assert await answer(bot, turn) == said


@pytest.mark.parametrize("nothing", [None, "", "  \n"])
async def test_nothing_is_a_pass(nothing: str | None) -> None:
    """Blank words would be refused, and the turn missed."""
    assert await answer(lambda turn: nothing, KARI) is None


async def test_what_is_no_words_is_an_error() -> None:
    """A number that is said as words would hide a mistake."""
    with pytest.raises(TypeError, match="words or None, not int"):
        await answer(lambda turn: 42, KARI)  # type: ignore[arg-type,return-value]


async def test_what_a_bot_raises_comes_through() -> None:
    """Whoever asks it decides what that costs."""

    def broken(turn: Turn) -> str:
        raise LookupError(turn.name)

    with pytest.raises(LookupError, match="Kari"):
        await answer(broken, KARI)


async def test_a_bot_whose_answers_have_run_out_is_an_error_too() -> None:
    """`next` on an empty iterator raises what no future can carry, and would hang the turn."""
    answers = iter(())

    with pytest.raises(RuntimeError, match="StopIteration"):
        await answer(lambda turn: next(answers), KARI)


async def test_a_function_that_waits_stops_nobody() -> None:
    """It runs in a thread, so the event loop answers the server meanwhile."""
    is_free = threading.Event()
    thinking = asyncio.ensure_future(answer(lambda turn: str(is_free.wait()), KARI))
    await asyncio.sleep(0)

    is_free.set()

    assert await thinking == "True"


async def test_a_function_that_nobody_waits_for_any_more_harms_nobody() -> None:
    """Its turn is over: what it says at last is thrown away."""
    is_free, is_done = threading.Event(), threading.Event()

    def slow(turn: Turn) -> str:
        is_free.wait()
        is_done.set()
        return "too late"

    thinking = asyncio.ensure_future(answer(slow, KARI))
    await asyncio.sleep(0)
    thinking.cancel()
    await asyncio.wait([thinking])
    is_free.set()

    assert await asyncio.to_thread(is_done.wait, 10)


async def test_a_function_that_tells_nothing_of_itself_is_given_the_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some functions written in C have no signature."""

    def unknown(*_: Any) -> None:
        raise ValueError

    monkeypatch.setattr(inspect, "signature", unknown)

    assert await answer(by_annotation, KARI) == "Kari in turn 7"
