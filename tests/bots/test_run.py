"""A bot in a room: it is asked in each of its turns, and nothing that it does costs more than a turn."""

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable

import pytest

import moothall
from moothall import Topic, Turn, Utterance, run_bot
from moothall.bots.bot import Bot
from moothall.bots.client import Client
from moothall.bots.house import HOUSE_BOTS
from moothall.bots.run import IS_LOADING, name_of, play
from moothall.engine.commands import QueueTopic, Skip
from moothall.engine.events import (
    Benched,
    Event,
    FloorGranted,
    FloorRequested,
    Left,
    Passed,
    Returned,
    Said,
    Seated,
    SittingClosed,
    TimeCalled,
    TopicClosed,
    TopicOpened,
)
from moothall.engine.names import Name, RoomName
from moothall.engine.words import PolicyName, TopicEnd
from moothall.errors import Rejected, Unreachable
from moothall.wire.change import Change
from tests.bots.servers import HERE, NET_SECONDS, Proxy, a_server, free_port

EXAMPLE = """
from moothall import Turn, run_bot

def alice(turn: Turn) -> str:
    return f"I think {turn.topic.gerund} sounds great!"

run_bot(alice, "Alice", host="127.0.0.1", port=PORT)
"""


class Heard(list[Event]):
    """What a bot was told of; `texts` is what was said."""

    def __call__(self, change: Change) -> None:
        self.append(change.event)

    def texts(self) -> list[str]:
        return [event.text for event in self if isinstance(event, Said)]


async def all_play(port: int, **bots: Bot) -> Heard:
    """Let bots hold a sitting; return what the first of them was told of."""
    heard = Heard()
    async with asyncio.TaskGroup() as group:
        for name, bot in bots.items():
            group.create_task(
                play(bot, name, host=HERE, port=port, on_change=heard if name == next(iter(bots)) else None)
            )
    return heard


def yes(turn: Turn) -> str:
    return "Yes."


async def test_the_house_bots_hold_a_sitting() -> None:
    """Each answers once, in its turn, and all of them end by themselves."""
    async with a_server(seats=5) as server:
        heard = await all_play(server.port, **HOUSE_BOTS)

    assert sorted(event.name for event in heard if isinstance(event, Said)) == sorted(HOUSE_BOTS)
    assert {"I think hugging sounds great!", "What? Hugging is no fun. I'm not doing that."} <= set(heard.texts())
    assert isinstance(heard[-1], SittingClosed)


async def test_a_turn_tells_all_that_a_bot_may_want_to_know() -> None:
    """Who it is, what was asked, its place, what it has heard since its last turn, and the whole topic."""
    turns: list[Turn] = []

    async def kari(turn: Turn) -> str:
        turns.append(turn)
        return f"Kari {turn.round}"

    async def ola(turn: Turn) -> str:
        return f"Ola {turn.round}"

    async with a_server(rounds=2, turn_seconds=7) as server:
        async with asyncio.TaskGroup() as group:
            playing = group.create_task(play(ola, "Ola", host=HERE, port=server.port))
            async with Client(HERE, server.port, watch=True) as reader:
                async for event, _ in reader:
                    if isinstance(event, Seated):
                        break
            group.create_task(play(kari, "Kari", host=HERE, port=server.port))
        assert playing.done()

    ola_1, kari_1, ola_2 = Utterance("Ola", "Ola 1"), Utterance("Kari", "Kari 1"), Utterance("Ola", "Ola 2")
    first, second = turns
    assert (first.topic, first.question, first.host) == (Topic("hug"), "Do you want to hug?", "Host")
    assert (first.name, first.room, first.seconds) == ("Kari", "main", 7)
    assert [(turn.number, turn.round, turn.place) for turn in turns] == [(2, 1, 2), (4, 2, 2)]
    assert (first.heard, first.transcript) == ((ola_1,), (ola_1,))
    assert (second.heard, second.transcript) == ((ola_2,), (ola_1, kari_1, ola_2))


async def never(turn: Turn) -> str:
    await asyncio.Event().wait()
    return "never"


def broken(turn: Turn) -> str:
    raise LookupError("no idea")


@pytest.mark.parametrize("silent", [lambda turn: None, lambda turn: " ", broken, lambda turn: "x" * 8001])
async def test_who_has_nothing_fit_to_say_passes(silent: Bot, caplog: pytest.LogCaptureFixture) -> None:
    """None, white space, an error, words that the room refuses: none of them makes the others wait."""
    async with a_server() as server:
        heard = await all_play(server.port, Kari=silent, Ola=yes)

    assert [type(event) for event in heard if isinstance(event, Said | Passed)].count(Passed) == 1
    assert heard.texts() == ["Yes."]


async def test_a_bot_that_raises_leaves_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """Its author has to find out why."""
    async with a_server(seats=1) as server:
        await all_play(server.port, Kari=broken)

    assert "LookupError: no idea" in caplog.text


async def test_an_async_bot_is_stopped_when_its_turn_is_over() -> None:
    """Whatever it waits for, its next turn finds it free; and it does not hold up the end."""
    async with a_server(rounds=2, turn_seconds=0.05) as server:
        heard = await all_play(server.port, Kari=never, Ola=yes)

    assert sum(isinstance(event, TimeCalled) for event in heard) == 2
    assert heard.texts() == ["Yes.", "Yes."]


async def test_a_function_is_never_called_twice_at_once() -> None:
    """One that still thinks about a turn that is over is asked again when it is done."""
    is_free, calls = threading.Event(), 0
    asked: list[int] = []

    def slow(turn: Turn) -> str:
        nonlocal calls
        calls += 1
        assert calls == 1
        asked.append(turn.number)
        is_free.wait(NET_SECONDS)
        calls -= 1
        return f"turn {turn.number}"

    class Operator(Heard):
        def __call__(self, change: Change) -> None:
            super().__call__(change)
            if isinstance(change.event, FloorGranted) and change.event.turn < 3:
                asyncio.get_running_loop().call_soon(server.hall.command, RoomName("main"), Skip())
            elif isinstance(change.event, FloorGranted):
                is_free.set()

    async with a_server(seats=1, rounds=3) as server:
        heard = Operator()
        await play(slow, "Kari", host=HERE, port=server.port, on_change=heard)

    assert heard.texts() == ["turn 3"]
    assert asked in ([1, 3], [3])


async def test_a_function_that_never_ends_does_not_hold_up_the_end() -> None:
    """The sitting is over, and so is the run."""
    is_free = threading.Event()

    def stuck(turn: Turn) -> str:
        is_free.wait(NET_SECONDS)
        return "too late"

    async with a_server(turn_seconds=0.05) as server:
        heard = await all_play(server.port, Kari=stuck, Ola=yes)
        is_free.set()

    assert heard.texts() == ["Yes."]


async def test_a_thinking_bot_outlives_a_cut_line() -> None:
    """It thinks on, and says it when the line is back: once."""
    async with a_server() as server, Proxy(server.port) as proxy:
        is_thinking, may_speak = asyncio.Event(), asyncio.Event()

        async def kari(turn: Turn) -> str:
            is_thinking.set()
            await may_speak.wait()
            return f"Turn {turn.number}"

        heard = Heard()
        async with asyncio.TaskGroup() as group:
            group.create_task(play(kari, "Kari", host=HERE, port=proxy.port, on_change=heard))
            group.create_task(play(yes, "Ola", host=HERE, port=server.port))
            await is_thinking.wait()
            proxy.sever()
            may_speak.set()

    assert sorted(heard.texts())[1:] == ["Yes."]
    assert sum(text.startswith("Turn") for text in heard.texts()) == 1


async def test_a_bot_takes_another_name_where_its_own_is_taken() -> None:
    """Two of a kind in one room are what a class does first."""
    heard = Heard()
    async with a_server() as server, asyncio.TaskGroup() as group:
        for on_change in (heard, None):
            group.create_task(play(yes, host=HERE, port=server.port, on_change=on_change))

    assert {event.name for event in heard if isinstance(event, Seated)} == {"Yes", "Yes-2"}


async def test_who_may_not_be_renamed_is_refused() -> None:
    """The error is the server's word, not a group of errors."""
    async with a_server() as server, Client(HERE, server.port, name="Kari"):
        with pytest.raises(Rejected, match="name_taken"):
            await play(yes, "Kari", host=HERE, port=server.port, rename=False)


async def test_a_bot_that_stays_sits_down_for_the_next_sitting() -> None:
    """One process for an evening."""
    turns: asyncio.Queue[int] = asyncio.Queue()

    async def kari(turn: Turn) -> str:
        await turns.put(turn.number)
        return "Yes."

    async with a_server(seats=1) as server:
        playing = asyncio.ensure_future(play(kari, "Kari", host=HERE, port=server.port, stay=True))
        assert [await turns.get() for _ in range(3)] == [1, 2, 3]
        playing.cancel()
        await asyncio.wait([playing])


async def test_a_pace_is_a_pause_before_the_answer() -> None:
    """An audience wants to read along."""
    loop = asyncio.get_running_loop()
    async with a_server(seats=1) as server:
        began = loop.time()
        await play(yes, "Kari", host=HERE, port=server.port, pace=0.05)

    assert loop.time() - began >= 0.05


async def test_who_is_cancelled_gives_the_seat_up() -> None:
    """As Ctrl-C does: the others need not wait for a held seat."""
    async with a_server() as server, Client(HERE, server.port, name="Ola") as ola:
        playing = asyncio.ensure_future(play(never, "Kari", host=HERE, port=server.port))
        async for event, _ in ola:
            if isinstance(event, FloorGranted) and event.name == "Kari":
                playing.cancel()
            elif isinstance(event, FloorGranted):
                await ola.pass_turn()
            elif isinstance(event, Left):
                break
        with pytest.raises(asyncio.CancelledError):
            await playing


async def test_bots_that_ask_for_the_floor_hold_a_conversation_that_ends() -> None:
    """Each asks when the topic opens, and again when the other has said something since."""
    turns: list[tuple[str, int, int]] = []

    async def bot(turn: Turn) -> str:
        turns.append((turn.name, turn.round, turn.place))
        return f"{turn.name} {turn.round}"

    async with a_server(policy=PolicyName.REQUEST, until="rounds=2") as server:
        heard = await all_play(server.port, Kari=bot, Ola=bot)

    assert sorted(turns, key=lambda turn: turn[2]) == turns
    assert sorted(heard.texts()) == ["Kari 1", "Kari 2", "Ola 1", "Ola 2"]
    assert [event.reason for event in heard if isinstance(event, TopicClosed)] == [TopicEnd.ROUNDS]


async def test_bots_with_nothing_to_say_ask_once_and_the_topic_settles() -> None:
    """A pass is nothing new: nobody asks again, and silence ends it."""
    async with a_server(policy=PolicyName.REQUEST, rounds=9, turn_seconds=0.1) as server:
        heard = await all_play(server.port, Kari=lambda turn: None, Ola=lambda turn: None)

    assert sum(isinstance(event, FloorRequested) for event in heard) == 2
    assert [event.reason for event in heard if isinstance(event, TopicClosed)] == [TopicEnd.SETTLED]


async def test_a_bot_that_is_told_not_to_ask_does_not() -> None:
    """Its author asks for it, or nobody does."""
    heard = Heard()
    async with a_server(seats=1, policy=PolicyName.REQUEST, turn_seconds=0.1) as server:
        await play(yes, "Kari", host=HERE, port=server.port, ask=False, on_change=heard)

    assert not any(isinstance(event, FloorRequested) for event in heard)


async def test_a_function_that_comes_back_on_the_bench_gets_turns_again() -> None:
    """It lives: the bot asks back by itself, and says what it has to say in its next turn."""
    is_free = threading.Event()

    def slow(turn: Turn) -> str:
        is_free.wait(NET_SECONDS)
        return "At last."

    class Others(Heard):
        def __call__(self, change: Change) -> None:
            super().__call__(change)
            if isinstance(change.event, Benched):
                is_free.set()

    heard = Others()
    async with (
        a_server(until='phrase="at last"', turn_seconds=0.1, missed_turns=2) as server,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(play(slow, "Kari", host=HERE, port=server.port, on_change=heard))
        group.create_task(play(yes, "Ola", host=HERE, port=server.port))

    assert [event for event in heard if isinstance(event, Returned)] == [Returned(Name("Kari"))]
    assert heard.texts()[-1] == "At last."


async def test_an_async_bot_that_had_to_be_stopped_stays_on_the_bench_until_the_next_topic() -> None:
    """It may be stuck for ever, and would cost the others its missed turns again and again."""
    heard = Heard()
    async with a_server(until="turns=5", turn_seconds=0.1, missed_turns=2) as server:
        server.hall.command(RoomName("main"), QueueTopic("eat"))
        async with asyncio.TaskGroup() as group:
            group.create_task(play(never, "Kari", host=HERE, port=server.port, on_change=heard))
            group.create_task(play(yes, "Ola", host=HERE, port=server.port))

    words = [event for event in heard if isinstance(event, Benched | Returned | TopicOpened)]
    assert [type(event) for event in words] == [TopicOpened, Benched, TopicOpened, Returned, Benched]


def in_a_server(run: Callable[[int], Awaitable[None]], seats: int) -> None:
    async def main() -> None:
        async with a_server(seats) as server:
            await run(server.port)

    asyncio.run(main())


def test_run_bot_plays_a_function_in_a_program_of_its_own() -> None:
    """The example of the README, as it stands."""

    async def run(port: int) -> None:
        async with Client(HERE, port, watch=True) as reader:
            program = EXAMPLE.replace("PORT", str(port))
            process = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
            texts = [event.text async for event, _ in reader if isinstance(event, Said)]
            assert (texts, await process.wait()) == (["I think hugging sounds great!"], 0)

    in_a_server(run, seats=1)


def test_ctrl_c_leaves_and_says_nothing() -> None:
    """No traceback, and the seat is free at once."""

    async def run(port: int) -> None:
        async with Client(HERE, port, watch=True) as reader:
            program = EXAMPLE.replace("PORT", str(port))
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", program, stderr=asyncio.subprocess.PIPE
            )
            async for event, _ in reader:
                if isinstance(event, Seated):
                    process.send_signal(signal.SIGINT)
                elif isinstance(event, Left):
                    break
            _, complaints = await process.communicate()
            assert (complaints, process.returncode) == (b"", 0)

    in_a_server(run, seats=2)


def test_run_bot_waits_no_longer_than_it_is_told_to() -> None:
    """And not at all while its file is only looked into."""
    with pytest.raises(Unreachable):
        run_bot(yes, "Kari", host=HERE, port=free_port(), give_up_seconds=0)
    token = IS_LOADING.set(True)
    run_bot(yes, "Kari", host=HERE, port=free_port())
    IS_LOADING.reset(token)


@pytest.mark.parametrize(
    ("bot", "name"),
    [(HOUSE_BOTS["alice"], "Alice"), (lambda turn: None, "Bot"), (Heard(), "Heard"), (in_a_server, "In A Server")],
)
def test_a_bot_without_a_name_is_called_as_its_function_is(bot: Bot, name: str) -> None:
    """Nobody should have to say it twice."""
    assert name_of(bot) == name


def test_the_public_names_are_these() -> None:
    """Whatever is exported is promised; what a bot needs is no more than this."""
    assert sorted(moothall.__all__) == [
        "ChairView",
        "Topic",
        "Turn",
        "Utterance",
        "__version__",
        "run_bot",
        "run_chair",
    ]


def test_importing_moothall_takes_the_standard_library_and_msgspec_alone() -> None:
    """A bot runs wherever msgspec does, with whatever msgspec itself takes where it is there."""
    script = """
import sys, msgspec
before = set(sys.modules)
import moothall
print(*{module.partition(".")[0] for module in set(sys.modules) - before})
"""
    run = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)

    assert set(run.stdout.split()) - set(sys.stdlib_module_names) <= {"moothall", "msgspec"}
