"""`moothall serve`: its settings, who may reach it, and how it starts and ends."""

from __future__ import annotations

import signal
import sys
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from click.testing import CliRunner

from moothall.cli.serve import serve
from tests.e2e.processes import MOOTHALL, Program, a_guest, a_server, program

has_signals = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--seats", "0"], "--seats is a whole number from 1 to 200, not 0."),
        (["--rounds", "0"], "--rounds is a whole number from 1 to 1000000, not 0."),
        (["--port", "65536"], "--port is a whole number from 0 to 65535, not 65536."),
        (["--turn-seconds", "-1"], "--turn-seconds is a number of seconds from 0 (none) to 604800, not -1."),
        (["--turn-seconds", "nan"], "--turn-seconds is a number of seconds from 0 (none) to 604800, not nan."),
        (["--away-seconds", "inf"], "--away-seconds is a number of seconds from 0 (none) to 604800, not inf."),
        (["--topic", " "], "--topic is 1 to 200 characters."),
        (["--question", "Well?"], "--question holds {topic} where the topic goes."),
        (["--host", "a:b"], "--host 'a:b' is no name: 1 to 32 letters, digits, single spaces, -_.'"),
        (["--rooms", "main,a:b"], "--rooms: 'a:b' is no room's name: letters, digits, single spaces, -_.'"),
        (["--label", "arm"], "--label is KEY=VALUE, as in arm=rotate, not 'arm'."),
        (
            ["--bind", "0.0.0.0"],
            "--bind 0.0.0.0 would let other machines in, unprotected. Add --insecure to do so all the same.",
        ),
    ],
)
def test_a_setting_that_cannot_be_is_a_sentence_and_exit_2(options: list[str], told: str) -> None:
    """The sentence names the setting, and what it may be."""
    ended = CliRunner().invoke(serve, [*options, "--data", ":memory:"])

    assert (ended.exit_code, ended.output) == (2, f"{told}\n")


async def test_a_port_that_is_used_is_a_sentence_and_exit_2(tmp_path: Path) -> None:
    """It says which."""
    async with a_server(tmp_path / "one") as server, a_second(server.port, tmp_path / "two") as second:
        code, lines = await second.ends()

    assert (code, len(lines)) == (2, 1)
    assert lines[0].startswith(f"Port {server.port} on 127.0.0.1 cannot be used: ")


async def test_a_second_server_on_the_same_data_is_kept_out(tmp_path: Path) -> None:
    """Exit 3, and a sentence that says who has it."""
    async with a_server(tmp_path) as server, a_second(0, tmp_path) as second:
        ended = await second.ends()

    assert ended == (3, [f"Another server (process {server.pid}) already uses the data in {tmp_path}."])


def a_second(port: int, data: Path) -> AbstractAsyncContextManager[Program]:
    return program(*MOOTHALL, "serve", "--port", str(port), "--data", data)


async def test_whoever_opens_it_to_others_is_told_aloud(tmp_path: Path) -> None:
    """Nothing is encrypted, and anybody may come."""
    async with a_server(tmp_path, "--bind", "0.0.0.0", "--insecure") as server:
        opening = server.opening

    assert opening[1] == (
        f"! INSECURE: whoever reaches 0.0.0.0 port {server.port} can take part, and nothing is encrypted."
    )


async def test_a_data_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    """And no traceback."""
    (tmp_path / "file").touch()
    async with a_second(0, tmp_path / "file") as second:
        code, lines = await second.ends()

    assert (code, len(lines)) == (1, 1)


async def test_the_data_may_be_kept_in_memory() -> None:
    """Which is said, because it is gone with the server."""
    async with a_server(":memory:", "--seats", "2") as server:
        server.type("end")
        ended = await server.ends()

    assert server.opening == (
        f"Moothall is open on port {server.port}. Waiting for clients: 0/2 here.",
        "Nothing is kept: --data :memory:.",
        f"Join it: moothall join localhost {server.port}, or nc localhost {server.port}",
        f"Send a bot: moothall bot alice localhost {server.port}",
        "Type help for what you can do here, end to stop.",
    )
    assert ended == (0, ["The server has ended. Goodbye!"])


async def test_the_opening_fits_a_terminal(tmp_path: Path) -> None:
    """No line is broken at 80 characters, whatever the port."""
    async with a_server(tmp_path) as server:
        assert max(len(line.replace(str(server.port), "65535")) for line in server.opening) <= 80


async def test_every_setting_reaches_the_room(tmp_path: Path) -> None:
    """Among them the rooms' names, the host and the question, the rounds, and what becomes of early words."""
    options = ["--rooms", "lab,main", "--seats", "2", "--rounds", "2", "--host", "Batman", "--turn-seconds", "7.5"]
    options += ["--question", "Why {topic}?", "--topic", "sing", "--label", "arm = one", "--early", "refuse"]
    options += ["--policy", "round-robin", "--durability", "none", "--seed", "x", "--away-seconds", "1"]
    async with (
        a_server(tmp_path, *options) as server,
        a_guest(server.port, "Lars") as lars,
        a_guest(server.port, "Kari") as kari,
    ):
        lines = await lars.until("* Your turn")
        await kari.until("* Lars has")
        kari.type("Early.")
        refused = await kari.line()
        server.type("who", "rooms")
        shown = await server.until("lab: ")

    assert lines[-3:] == ["Batman: Why sing?", "* Round 1 of 2.", "* Your turn, 7.5 s."]
    assert refused == "! not_your_turn: Lars has the floor."
    assert shown[-2:] == [
        "Here: Lars (seat 1, has the floor), Kari (seat 2).",
        "lab: 2/2 here, talking about sing",
    ]


async def test_bare_lines_are_names_and_words(tmp_path: Path) -> None:
    """For clients that were written before there was a Moothall."""
    options = ("--seats", "1", "--topic", "hug", "--bare")
    async with a_server(tmp_path, *options) as server, a_guest(server.port, "Lars") as lars:
        lines = [await lars.line(), await lars.line()]

    assert lines == ["* You are Lars, seat 1. 1/1 here. /help lists what you can type.", "Host: Do you want to hug?"]


async def test_quiet_shows_nothing_and_verbose_says_what_the_server_does(tmp_path: Path) -> None:
    """The conversation is not shown; connections are."""
    async with a_server(tmp_path, "--seats", "1", "--quiet", "--verbose") as server:
        async with a_guest(server.port, "Lars") as lars:
            await lars.until("* Your turn")
        server.type("end")
        _, lines = await server.ends()

    assert not any("seat 1" in line for line in lines)
    assert any(line.startswith("INFO moothall.hall.hall: room loaded room=main") for line in lines)


async def test_the_data_may_be_named_by_the_environment(tmp_path: Path) -> None:
    """For those who start a server from a script of their own."""
    async with program(*MOOTHALL, "serve", "--port", "0", MOOTHALL_DATA=str(tmp_path)) as server:
        await server.until("Type help")
        server.type("end")
        code, _ = await server.ends()

    assert (code, (tmp_path / "moothall.db").is_file()) == (0, True)


@has_signals
@pytest.mark.parametrize(
    ("number", "last"),
    [
        (signal.SIGINT, "The server has ended. Goodbye!"),
        (signal.SIGTERM, "The server has stopped; its sittings go on at the next start."),
    ],
)
async def test_both_ways_to_stop_it_end_well(number: signal.Signals, last: str, tmp_path: Path) -> None:
    """And say what becomes of what was going on."""
    async with a_server(tmp_path) as server:
        server.send_signal(number)
        assert await server.ends() == (0, [last])
