"""A running server, led from other terminals: each a process of its own, as a user starts it."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from pathlib import Path

import pytest

from moothall.cli.operator import WORDS
from moothall.cli.side_door import SOCKET
from tests.e2e.processes import MOOTHALL, a_guest, a_server, program

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no Unix sockets; see tests/cli")

NOT_LED = {"rooms", "go", "help"}
"""`moothall rooms` reads the data, `--room` goes there, and the help is `--help`."""

LARS_HAS_IT = "* Lars has the floor, 30 s."
STORY = {
    "topic play chess": "* The next topic: play chess.",
    "who": "Here: Lars (seat 1), Kari (seat 2).",
    "start": "* Sitting 1 begins: Lars, Kari.",
    "chair Kari": "* Kari is in the chair.",
    "revoke": "* The operator took the floor from Lars.",
    "grant Lars": LARS_HAS_IT,
    "skip": "* The operator took the floor from Lars.",
    "set rounds 3": "* From the next topic on: rounds 3.",
    "say Welcome, all!": "Host: Welcome, all!",
    "pause": "* The operator paused the conversation.",
    "unpause": "* The conversation goes on.",
    "remove Lars": "* The operator removed Lars.",
    "next": "Host: Do you want to play chess?",
    "end": "The server has ended. Goodbye!",
}
"""Every word, in an order in which each has something to do, and the line that tells so."""


async def lead(data: Path, *words: str) -> tuple[int, list[str]]:
    """Type a verb in another terminal; return its exit code and what it said."""
    async with program(*MOOTHALL, *words, "--data", data) as running:
        return await running.ends()


def test_the_story_tells_of_every_word() -> None:
    """Whoever adds a word to the console leads with it from another terminal too, in the story below."""
    assert {line.split()[0] for line in STORY} == set(WORDS) - NOT_LED


async def test_every_word_of_the_console_leads_from_another_terminal(tmp_path: Path) -> None:
    """Whoever types it is told what the console shows; the folder is deeper than a socket's address is long."""
    data = tmp_path / ("deep" * 20) / ("deeper" * 20)
    options = ("--seats", "3", "--policy", "chair", "--topic", "hug", "--rounds", "9")
    async with (
        a_server(data, *options) as server,
        a_guest(server.port, "Lars") as lars,
        a_guest(server.port, "Kari") as kari,
    ):
        await lars.until("* You are Lars")
        await kari.until("* You are Kari")
        await lars.until("* Kari took seat")
        told = {line: await lead(data, *line.split()) for line in list(STORY)[:-1]}
        kari.close()
        told["end"] = await lead(data, "end")
        code, shown = await server.ends()

    assert {line: code for line, (code, _) in told.items()} == dict.fromkeys(STORY, 0)
    assert {line: told[line][1] for line in STORY if STORY[line] not in told[line][1]} == {}
    assert (code, shown[-1]) == (0, "The server has ended. Goodbye!")
    assert "Host: Welcome, all!" in shown


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["topic"], 2, "topic what? For example: topic play chess"),
        (["next", "lab"], 2, "Nothing follows next: type next."),
        (["say", "Hi!", "--room", "mian"], 2, "There is no room mian. Did you mean main?"),
        (["set", "rounds", "many"], 2, "rounds is a whole number"),
        (["next"], 1, "Not now: Nobody is here yet."),
        (["remove", "Ola"], 1, "Ola has no seat in room main."),
        (["jump"], 2, "No such command 'jump'."),
    ],
)
async def test_wrong_ones_are_answered_with_what_would_be_right(
    words: list[str], code: int, told: str, tmp_path: Path
) -> None:
    """With 2 where something else is to be typed, and with 1 where it may do later."""
    async with a_server(tmp_path):
        ended = await lead(tmp_path, *words)

    assert (ended[0], ended[1][0][: len(told)]) == (code, told)


async def test_the_owner_alone_leads_and_nothing_is_left(tmp_path: Path) -> None:
    """Whatever the folder allows; and the end takes it away."""
    make_open(tmp_path)
    async with a_server(tmp_path) as server:
        mode = (tmp_path / SOCKET).stat().st_mode & 0o777
        server.type("end")
        await server.ends()

    assert (mode, (tmp_path / SOCKET).exists()) == (0o600, False)


def make_open(folder: Path) -> None:
    folder.chmod(0o755)


async def test_another_server_is_not_touched(tmp_path: Path) -> None:
    """Each has its own data; and who is kept out of the data does not shut the door of who has it."""
    one, two = tmp_path / "one", tmp_path / "two"
    async with a_server(one) as first, a_server(two) as second:
        async with program(*MOOTHALL, "serve", "--port", "0", "--data", two) as third:
            assert (await third.ends())[0] == 3
        ended = await lead(one, "end")
        await first.ends()
        still = await lead(two, "say", "Still here.")
        second.type("end")
        _, shown = await second.ends()

    assert ended == (0, ["The server has ended. Goodbye!"])
    assert still == (0, ["Host: Still here."])
    assert shown == ["Host: Still here.", "The server has ended. Goodbye!"]


async def test_what_a_killed_server_left_is_in_nobodys_way(tmp_path: Path) -> None:
    """Nobody answers there; the next server takes its place."""
    async with a_server(tmp_path) as server:
        await server.kill()
        dead = await lead(tmp_path, "who")
        was_left = (tmp_path / SOCKET).is_socket()
    async with a_server(tmp_path):
        alive = await lead(tmp_path, "who")

    assert dead[0] == 1
    assert dead[1][0].startswith(f"No server uses the data in {tmp_path}.")
    assert was_left
    assert alive == (0, ["Nobody is here."])


async def test_many_lead_at_once(tmp_path: Path) -> None:
    """Each is told of its own words, and all of them are said once."""
    said = [f"Number {number}." for number in range(6)]
    async with a_server(tmp_path) as server:
        told = await asyncio.gather(*(lead(tmp_path, "say", words) for words in said))
        server.type("end")
        _, shown = await server.ends()

    assert told == [(0, [f"Host: {words}"]) for words in said]
    assert sorted(line for line in shown if line.startswith("Host")) == [f"Host: {words}" for words in said]


async def test_whoever_hangs_or_talks_nonsense_holds_nobody_up(tmp_path: Path) -> None:
    """Neither those who lead, nor the end."""
    async with a_server(tmp_path) as server:
        hanging = [call(tmp_path, data) for data in (b"", b'{"line":"end"', b"\x00" * 1_000)]
        with call(tmp_path, b"nonsense\n") as nonsense:
            answer = nonsense.makefile("rb").readline()
        who = await lead(tmp_path, "who")
        end = await lead(tmp_path, "end")
        code, shown = await server.ends()
        for connection in hanging:
            connection.close()

    assert b'"wrong"' in answer
    assert (who[0], end, code) == (0, (0, ["The server has ended. Goodbye!"]), 0)
    assert shown == ["The server has ended. Goodbye!"]


def call(data: Path, said: bytes) -> socket.socket:
    """Connect to a server's socket, and send something."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(20)
    connection.connect(str(data / SOCKET))
    connection.sendall(said)
    return connection


@pytest.mark.parametrize("attempt", range(2))
async def test_the_end_comes_while_others_lead(attempt: int, tmp_path: Path) -> None:
    """What was said to be done is in the log, and what was not is told in a sentence."""
    words = [f"Word {number}." for number in range(4)]
    async with a_server(tmp_path) as server:
        *led, end = await asyncio.gather(*(lead(tmp_path, "say", word) for word in words), lead(tmp_path, "end"))
        code, _ = await server.ends()
        kept = await logged(tmp_path)

    assert (end, code) == ((0, ["The server has ended. Goodbye!"]), 0)
    assert all(len(told) == 1 for _, told in led)
    assert {code for code, _ in led} <= {0, 1}
    done = {told[0] for code, told in led if code == 0}
    assert done <= kept


async def logged(data: Path) -> set[str]:
    """Return what was said in the main room ."""
    _, lines = await lead(data, "log")
    return {line for line in lines if line.startswith("Host: ")}


async def test_at_the_end_nobody_is_told_before_it_is_over(tmp_path: Path) -> None:
    """Whoever types it may start the next server at once: the data and the port are free."""
    async with a_server(tmp_path) as server, a_guest(server.port, "Kari") as kari:
        await kari.until("* You are Kari")
        ending = asyncio.create_task(lead(tmp_path, "end"))
        await kari.until("* Goodbye")
        kari.close()
        assert (await ending)[0] == 0
        async with a_server(tmp_path, port=server.port) as second:
            assert second.port == server.port


async def test_a_server_that_is_terminated_keeps_its_sitting_and_shuts_the_door(tmp_path: Path) -> None:
    """`end` closes sittings; a service manager's stop does not, and leaves no socket either."""
    async with a_server(tmp_path, "--seats", "2") as server, a_guest(server.port, "Kari") as kari:
        await kari.until("* You are Kari")
        server.send_signal(signal.SIGTERM)
        await kari.until("* Goodbye")
        kari.close()
        _, shown = await server.ends()
        left = (tmp_path / SOCKET).exists()

    assert shown[-1] == "The server has stopped; its sittings go on at the next start."
    assert not left
