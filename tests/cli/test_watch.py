"""A spectator: reads what everyone reads, takes no seat, and goes with the sitting."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from moothall.cli.watch import watch
from tests.e2e.processes import MOOTHALL, a_guest, a_server, program

OPTIONS = ("--seats", "1", "--topic", "hug")


async def test_a_sitting_is_shown_in_plain_lines(tmp_path: Path) -> None:
    """From the beginning, to the goodbye."""
    async with (
        a_server(tmp_path, *OPTIONS) as server,
        program(*MOOTHALL, "watch", "main", "localhost", str(server.port)) as watcher,
    ):
        first = await watcher.line()
        async with a_guest(server.port, "Lars") as lars:
            await lars.until("* Your turn")
            lars.type("Why not? \x1b[2J")
            code, lines = await watcher.ends()

    assert first == f"* You watch room main at localhost, port {server.port}. Ctrl-C leaves."
    assert code == 0
    assert lines == [
        "* Lars took seat 1. 1/1 here.",
        "* Sitting 1 begins: Lars.",
        "Host: Do you want to hug?",
        "* Lars has the floor, 30 s.",
        "Lars: Why not? \\x1b[2J",
        "Host: Thank you, Lars.",
        "* Goodbye. 1 answer.",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to a whole console")
async def test_who_stays_sees_the_next_sitting_too(tmp_path: Path) -> None:
    """Until Ctrl-C, which ends it without a word."""
    async with (
        a_server(tmp_path, *OPTIONS) as server,
        program(*MOOTHALL, "watch", "main", "localhost", str(server.port), "--stay") as watcher,
    ):
        await watcher.until("* You watch")
        for number in (1, 2):
            async with a_guest(server.port, "Lars") as lars:
                await lars.until("* Your turn")
                lars.type("Yes.")
                assert f"* Sitting {number} begins: Lars." in await watcher.until("* Goodbye")
            await watcher.until("* You watch")
        watcher.send_signal(signal.SIGINT)
        assert await watcher.ends() == (130, [])


async def test_a_watcher_started_before_its_server_waits(tmp_path: Path) -> None:
    """And says so."""
    async with a_server(tmp_path, *OPTIONS) as server:
        port = server.port
    async with program(*MOOTHALL, "watch", "main", "localhost", str(port)) as watcher:
        told = await watcher.line()
        async with a_server(tmp_path, *OPTIONS, port=port):
            await watcher.until("* You watch")

    assert told == f"* No server at localhost, port {port}, yet. Trying again."


def test_a_bad_port_ends_it_with_one_sentence() -> None:
    """Nobody is asked: whoever gives a port can give a better one."""
    ended = CliRunner().invoke(watch, ["main", "localhost", "abc"])

    assert ended.exit_code == 2
    assert ended.output == "'abc' is no port: that is a whole number from 1 to 65535, such as 4242.\n"
