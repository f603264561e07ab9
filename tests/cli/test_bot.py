"""`moothall bot`: house bots and functions of one's own, over both doors."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from moothall.cli.bot import bot
from tests.e2e.processes import MOOTHALL, a_server, program

MINE = """
def answer(turn):
    return f"My answer to {turn.topic.gerund}."
"""

CHOOSE = """
def choose(room):
    return room.names[0] if len(room.transcript) < 2 else None
"""


async def test_bots_of_both_doors_hold_a_sitting(tmp_path: Path) -> None:
    """A house bot over JSON, one over plain lines in a named room, and a function in a file."""
    (tmp_path / "mine.py").write_text(MINE, encoding="utf-8")
    async with a_server(tmp_path / "data", "--seats", "3", "--topic", "hug", "--rooms", "lab") as server:
        where = ("localhost", str(server.port))
        async with (
            program(*MOOTHALL, "bot", "alice", *where, "Ada", "--room", "lab") as ada,
            program(*MOOTHALL, "bot", "bob", *where, "--door", "text", "--room", "lab") as bob,
            program(*MOOTHALL, "bot", f"{tmp_path / 'mine.py'}:answer", *where, "--room", "lab", "--quiet") as mine,
        ):
            ends = [await one.ends() for one in (ada, bob, mine)]
        shown = await server.until("* Goodbye")

    assert [code for code, _ in ends] == [0, 0, 0]
    assert {"Ada: I think hugging sounds great!", "Answer: My answer to hugging."} <= set(shown)
    assert "Bob: I'm not sure about hugging. Don't I get a choice?" in ends[0][1]
    assert "* Said." in ends[1][1]
    assert ends[2][1] == []


async def test_a_chair_of_ones_own_decides_who_speaks(tmp_path: Path) -> None:
    """It shows the conversation as a bot does, and is called Chair."""
    (tmp_path / "mine.py").write_text(CHOOSE, encoding="utf-8")
    rules = ("--seats", "2", "--topic", "hug", "--policy", "chair", "--chair", "Chair", "--until", "chair")
    async with a_server(tmp_path / "data", *rules) as server:
        where = ("localhost", str(server.port))
        async with (
            program(*MOOTHALL, "bot", f"{tmp_path / 'mine.py'}:choose", *where, "--chair") as chair,
            program(*MOOTHALL, "bot", "alice", *where, "--quiet") as alice,
        ):
            (code, lines), _ = await chair.ends(), await alice.ends()

    assert code == 0
    assert lines.count("Alice: I think hugging sounds great!") == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nobody"], "nobody"),
        (["missing.py:answer"], "missing.py"),
        (["alice", "--chair"], "--chair wants a function of your own, file.py:choose, not alice."),
        (["missing.py:choose", "--chair"], "missing.py"),
        (["mine.py:choose", "--chair", "--door", "text"], "leave --door text out"),
        (["alice", "localhost", "abc"], "'abc' is no port"),
        (["alice", "localhost", "4242", "a:b"], "A name is 1 to 32 letters"),
    ],
)
def test_what_cannot_be_is_one_sentence(words: list[str], told: str) -> None:
    """And exit 2, before anything is connected to."""
    ended = CliRunner().invoke(bot, words)

    assert ended.exit_code == 2
    assert told in ended.output
    assert len(ended.output.splitlines()) == 1
