"""Every example holds a whole sitting with a real server: whoever copies one has something that works."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from moothall.cli.hall_settings import wanted
from moothall.engine.words import PolicyName, WhenShort
from moothall.settings import Settings
from moothall.wiring import RunningServer, start_server

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
NET_SECONDS = 30
MAX_LINES = 60

# How each is started; {port} is the server's.
COMMANDS = {
    "a_chair.py": ("examples/a_chair.py", "{port}"),
    "counter.py": ("examples/counter.py", "{port}"),
    "eight_lines.py": ("examples/eight_lines.py", "{port}"),
    "json_lines.py": ("examples/json_lines.py", "{port}", "Jay"),
    "parrot.py": ("-m", "moothall", "bot", "examples/parrot.py:parrot", "localhost", "{port}"),
}
# Policies: a server is given them.
POLICIES = {"quiet_first.py": "quiet_first"}


@asynccontextmanager
async def a_server(
    *, rounds: int = 1, port: int = 0, data: Path | None = None, policy: str = ""
) -> AsyncIterator[RunningServer]:
    """A room for two, which talks about hugs; `policy` is the file of the one that it has."""
    named = PolicyName.CUSTOM if policy else PolicyName.ROUND_ROBIN
    where = f"{EXAMPLES / policy}:{POLICIES[policy]}" if policy else ""
    settings = Settings(
        port=port, seats=2, topics=("hug",), rounds=rounds, data=data, policy=named, custom_policy=where
    )
    async with a_server_with(settings) as server:
        yield server


@asynccontextmanager
async def a_server_with(settings: Settings) -> AsyncIterator[RunningServer]:
    server = await start_server(settings)
    try:
        async with asyncio.timeout(NET_SECONDS):
            yield server
    finally:
        await server.stop(close_sittings=settings.data is None)


async def start(name: str, port: int) -> asyncio.subprocess.Process:
    words = [word.format(port=port) for word in COMMANDS[name]]
    return await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )


async def output_of(process: asyncio.subprocess.Process) -> str:
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


async def lines_of_ola(port: int) -> list[str]:
    """Take the other seat, say something in each turn, and return all that was read."""
    return await lines_of("Ola", "One two three.", port)


async def lines_of(name: str, words: str, port: int) -> list[str]:
    """Take a seat, say the same in each turn, and return all that was read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{name}\n".encode())
    lines = []
    while line := (await reader.readline()).decode().rstrip("\n"):
        lines.append(line)
        if line.startswith("* Your turn"):
            writer.write(f"{words}\n".encode())
    writer.close()
    return lines


@asynccontextmanager
async def a_spectator(port: int) -> AsyncIterator[asyncio.StreamReader]:
    """Look on, so that a test can wait for what everybody is shown."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"/watch\n")
    await reader.readline()
    yield reader
    writer.close()


async def until(reader: asyncio.StreamReader, words: str) -> None:
    while words not in (line := (await reader.readline()).decode()):
        assert line, f"the connection ended before {words!r}"


async def conversation(name: str, *, rounds: int = 1) -> tuple[str, list[str]]:
    """Let an example take the first seat and Ola the second; return what it printed, and what Ola read."""
    async with a_server(rounds=rounds) as server, a_spectator(server.port) as spectator:
        process = await start(name, server.port)
        await until(spectator, "took seat 1.")
        lines = await lines_of_ola(server.port)
        return await output_of(process), lines


def test_every_example_is_run() -> None:
    """An example that nothing runs is one that no longer works."""
    assert sorted(path.name for path in EXAMPLES.glob("*.py")) == sorted([*COMMANDS, *POLICIES])


async def test_the_file_of_settings_opens_its_rooms() -> None:
    """Each with the rules that the file says; and the whole of it fits a screen or two."""
    settings = wanted({"port": "0", "data": ":memory:"}, EXAMPLES / "hall.toml").settings
    async with a_server_with(settings) as server:
        names = ("main", "room1", "room10", "panel", "attic")
        rules = {name: server.hall.rules_of(name) for name in names}
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"Kari@room9\n")
        welcome = await reader.readline()
        writer.close()

    assert welcome.startswith(b"* You are Kari, seat 1. 1/4 here.")
    assert len(settings.rooms) == 12
    assert {(rules[name].topics, rules[name].agenda) for name in names[:3]} == {
        (("hug", "play chess", "eat, shop", "cook or clean"), ())
    }
    assert (rules["main"].gather_seconds, rules["main"].when_short) == (60, WhenShort.FILL)
    assert (rules["room1"].seats, rules["room1"].rounds, rules["room1"].turn_seconds) == (4, 2, 60)
    assert rules["room1"].labels == {"list": "everyday", "course": "networks", "part": "groups"}
    assert (rules["room10"].policy, rules["room10"].turn_seconds) == (PolicyName.REQUEST, 20)
    assert (rules["panel"].reserve, rules["panel"].chair, rules["panel"].hold_start) == (("Kari", "Ola"), "Kari", True)
    assert len((EXAMPLES / "hall.toml").read_text(encoding="utf-8").splitlines()) < MAX_LINES


@pytest.mark.parametrize("name", sorted([*COMMANDS, *POLICIES]))
def test_an_example_can_be_read_at_a_glance(name: str) -> None:
    """They are there to be read, and to be copied."""
    assert len((EXAMPLES / name).read_text(encoding="utf-8").splitlines()) < MAX_LINES


async def test_the_eight_lines_hold_a_conversation() -> None:
    """It is the first bot that anybody sees."""
    output, lines = await conversation("eight_lines.py")

    assert "Kari: That sounds great!" in lines
    assert output.splitlines()[-1] == "* Goodbye. 2 answers."


async def test_the_parrot_repeats_what_it_heard() -> None:
    """In the first round nobody has spoken before it, in the second Ola has."""
    _, lines = await conversation("parrot.py", rounds=2)

    assert [line for line in lines if line.startswith("Parrot: ")] == ["Parrot: Hugging!", "Parrot: One two three."]


async def test_the_chair_lets_everybody_speak_twice_and_closes_the_topic() -> None:
    """It shows who is given the floor, and that None is the end."""
    settings = Settings(port=0, seats=3, topics=("hug",), policy=PolicyName.CHAIR, chair="Chair", until="chair")
    async with a_server_with(settings) as server, a_spectator(server.port) as spectator:
        process = await start("a_chair.py", server.port)
        await until(spectator, "took seat 1, in the chair.")
        other, lines = await asyncio.gather(start("json_lines.py", server.port), lines_of_ola(server.port))
        await asyncio.gather(output_of(process), output_of(other))

    said = [line for line in lines if line.startswith(("* Said.", "Jay: "))]
    assert sorted(said) == ["* Said.", "* Said.", "Jay: I have no view on hug.", "Jay: I have no view on hug."]
    assert lines[-1].startswith("* Goodbye")


async def test_the_counter_passes_until_there_is_something_to_count() -> None:
    """It shows an async function, `None` for a pass, and the transcript."""
    _, lines = await conversation("counter.py", rounds=2)

    said = [line for line in lines if line.startswith(("* Counter passed", "Counter: "))]
    assert said == ["* Counter passed.", "Counter: Ola has said 3 of 3 words on hugging."]


async def test_the_quiet_one_is_next() -> None:
    """In the first round nobody has said anything, so they go in the order of joining; then Per, who said less."""
    async with (
        a_server(rounds=3, policy="quiet_first.py") as server,
        a_spectator(server.port) as spectator,
        asyncio.TaskGroup() as group,
    ):
        ola = group.create_task(lines_of_ola(server.port))
        await until(spectator, "took seat 1.")
        group.create_task(lines_of("Per", "No.", server.port))

    said = [line for line in ola.result() if line.startswith(("* Your turn", "Per: "))]
    assert said == ["* Your turn, 30 s.", "Per: No."] + 2 * ["Per: No.", "* Your turn, 30 s."]


async def test_the_bot_over_json_lines_holds_a_conversation() -> None:
    """It shows what a client in any language has to do: read the events, answer its own grant, stop at the end."""
    output, lines = await conversation("json_lines.py")

    assert "Jay: I have no view on hug." in lines
    assert json.loads(output.splitlines()[-1])["event"] == "sitting_closed"


async def test_the_bot_over_json_lines_comes_back_to_its_seat(tmp_path: Path) -> None:
    """The server stops before the room is full, and goes on elsewhere in time: the seat is still there."""
    async with a_server(data=tmp_path) as server:
        port = server.port
        async with a_spectator(port) as spectator:
            process = await start("json_lines.py", port)
            await until(spectator, "took seat 1.")
    async with a_server(data=tmp_path, port=port), a_spectator(port) as spectator:
        await until(spectator, "Jay is back.")
        lines = await lines_of_ola(port)
        output = await output_of(process)

    events = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    assert "Jay: I have no view on hug." in lines
    assert [event["event"] for event in events].count("seated") == 2
    assert [event["seq"] for event in events] == list(range(events[0]["seq"], events[-1]["seq"] + 1))
