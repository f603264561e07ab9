"""The same bots over plain lines: at a Moothall's text door, and at anybody's line server."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from moothall.bots.bot import Turn
from moothall.bots.classic import classic
from moothall.bots.client import Client
from moothall.bots.house import alice, bob
from moothall.bots.line_bot import play_lines, run_line_bot
from moothall.bots.run import IS_LOADING, play
from moothall.engine.events import FloorGranted, Passed, Said, SittingClosed
from moothall.errors import Rejected, Unreachable
from tests.bots.servers import HERE, NET_SECONDS, a_foreign_server, a_server, free_port

Lines = list[str]


def script(*lines: str, answers: int, heard: Lines) -> Callable[..., Awaitable[None]]:
    """A foreign server: it takes a name, says its lines, and takes so many answers."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((await reader.readline()).decode())
        writer.write("".join(f"{line}\n" for line in lines).encode())
        for _ in range(answers):
            heard.append((await reader.readline()).decode())

    return talk


async def test_it_holds_a_sitting_at_the_text_door_of_a_moothall() -> None:
    """It answers in its turn, whoever sits beside it, and takes another name where it must."""
    said: dict[str, str] = {}
    async with (
        a_server(seats=4) as server,
        Client(HERE, server.port, watch=True) as reader,
        asyncio.TaskGroup() as group,
    ):
        for name in ("Kari", "Kari"):
            group.create_task(play_lines(alice, name, host=HERE, port=server.port))
        group.create_task(play_lines(lambda turn: None, "Silent", host=HERE, port=server.port))
        group.create_task(play(bob, host=HERE, port=server.port))
        async for event, _ in reader:
            if isinstance(event, Said):
                said[event.name] = event.text
            elif isinstance(event, Passed):
                said[event.name] = "passed"

    assert said == {
        "Kari": "I think hugging sounds great!",
        "Kari-2": "I think hugging sounds great!",
        "Silent": "passed",
        "Bob": "I'm not sure about hugging. Don't I get a choice?",
    }


async def test_in_a_moothall_it_knows_its_place_and_what_was_said() -> None:
    """As over JSON, as far as lines tell it."""
    turns: list[Turn] = []

    async def kari(turn: Turn) -> str:
        turns.append(turn)
        return f"/{classic(turn.topic, turn.place)}\nIndeed"

    heard: Lines = []
    async with (
        a_server(rounds=2) as server,
        asyncio.TaskGroup() as group,
        Client(HERE, server.port, name="Ola") as ola,
    ):
        group.create_task(play_lines(kari, "Kari", host=HERE, port=server.port, room="main", on_line=heard.append))
        async for event, _ in ola:
            if isinstance(event, FloorGranted) and event.name == "Ola":
                await ola.say(f"Ola {event.turn}")
            elif isinstance(event, Said) and event.name == "Kari":
                assert event.text == "/Hugging seems great! Indeed"
        assert isinstance(ola.change and ola.change.event, SittingClosed)

    assert [(turn.round, turn.place, turn.seconds, turn.host, turn.question) for turn in turns] == [
        (1, 2, 30.0, "Host", "Do you want to hug?"),
        (2, 2, 30.0, "Host", "Do you want to hug?"),
    ]
    assert [utterance.text for utterance in turns[1].heard] == ["Ola 3"]
    assert [utterance.name for utterance in turns[1].transcript] == ["Ola", "Kari", "Ola"]
    assert heard[-1].startswith("* Goodbye")


async def test_it_answers_the_host_of_a_foreign_server() -> None:
    """At once, each time it asks; not its own words, nor other bots' questions, nor lines of nobody."""
    heard: Lines = []
    lines = (
        "Welcome to this server",
        "! something: else",
        "Host: Do you want to hug?",
        "Kari: Do you want to eat?",
        "Bob: Do you want to play?",
        "* Your turn is coming",
        "Host: Shall we go to sleep?",
    )
    async with a_foreign_server(script(*lines, answers=2, heard=heard)) as port:
        await play_lines(alice, "Kari", host=HERE, port=port)

    assert heard == ["Kari\n", "I think hugging sounds great!\n", "I think sleeping sounds great!\n"]


async def test_elsewhere_a_bot_that_passes_or_raises_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """A foreign server knows no /pass."""

    def moody(turn: Turn) -> str | None:
        if turn.topic == "eat":
            raise LookupError("no idea")
        return None if turn.topic == "hug" else f"{turn.number}"

    heard: Lines = []
    lines = ("Host: Do you want to hug?", "Host: Do you want to eat?", "Host: Do you want to play?")
    async with a_foreign_server(script(*lines, answers=1, heard=heard)) as port:
        await play_lines(moody, "Kari", host=HERE, port=port)

    assert heard == ["Kari\n", "3\n"]
    assert "LookupError: no idea" in caplog.text


async def test_words_that_came_into_a_pause_are_said_after_it() -> None:
    """`goes on` is no new turn: what was thought is said again, and said words are not."""
    heard: Lines = []
    lines = (
        "* You are Kari, seat 1. 1/1 here.",
        "Host: Do you want to hug?",
        "* Your turn.",
        "! not_talking: The conversation is paused.",
        "* Your turn goes on, 20 s.",
        "* Said.",
        "* Your turn goes on, 20 s.",
        "* Goodbye.",
    )
    async with a_foreign_server(script(*lines, answers=3, heard=heard)) as port:
        await play_lines(alice, "Kari", host=HERE, port=port)

    assert heard == ["Kari\n", *["I think hugging sounds great!\n"] * 2, ""]


async def test_a_room_that_lets_it_not_in_is_an_error() -> None:
    """Another name would not help."""
    heard: Lines = []
    async with a_foreign_server(script("! room_full: Every seat is taken.", answers=0, heard=heard)) as port:
        with pytest.raises(Rejected, match="room_full: Every seat is taken"):
            await play_lines(alice, "Kari", host=HERE, port=port)


async def test_it_waits_for_a_server_that_is_not_up() -> None:
    """And says so, to whoever listens."""
    port, told = free_port(), asyncio.Event()
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"Host: Do you want to hug?\n")
        answer.set_result((await reader.readline()).decode())
        writer.close()

    async with asyncio.timeout(NET_SECONDS), asyncio.TaskGroup() as group:
        group.create_task(play_lines(alice, "Kari", host=HERE, port=port, on_notice=lambda _: told.set(), pace=0.001))
        await told.wait()
        server = await asyncio.start_server(talk, HERE, port)
        assert await answer == "I think hugging sounds great!\n"
        server.close()


def test_it_runs_as_a_program_too(caplog: pytest.LogCaptureFixture) -> None:
    """Its patience ends where it is told to; and it does nothing while a file is only looked into."""
    port = free_port()
    with pytest.raises(Unreachable, match=f"No server at {HERE}, port {port}"):
        run_line_bot(alice, host=HERE, port=port, give_up_seconds=0.01)
    token = IS_LOADING.set(True)
    run_line_bot(alice, host=HERE, port=port)
    IS_LOADING.reset(token)

    assert "Trying again" in caplog.text
