"""Lines that somebody types: from a pipe as they are, at a terminal without being torn apart by what scrolls by."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest

from moothall.cli.status import Prompt
from moothall.cli.typing_in import TypedLines
from tests.e2e.processes import a_terminal, needs_terminals

ECHO = """
import asyncio
from moothall.cli.status import Prompt
from moothall.cli.typing_in import TypedLines

async def main():
    lines = TypedLines(
        lambda: Prompt(("ask> ",)), status=lambda: ["the line above"], complete=lambda typed: ["topic"]
    )
    async for line in lines:
        print("said:", repr(line), flush=True)
    print("interrupted" if lines.is_interrupted else "ended", lines.is_terminal, flush=True)

asyncio.run(main())
"""


async def test_a_pipe_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the last line, which nobody ended; a pipe is no terminal."""
    output, into = os.pipe()
    with os.fdopen(output) as pipe:
        monkeypatch.setattr("sys.stdin", pipe)
        lines = TypedLines(lambda: Prompt(("> ",)))
        os.write(into, b"who\n\nend")
        os.close(into)
        async with asyncio.timeout(20):
            read = [line async for line in lines]

    assert (read, lines.is_terminal, lines.is_interrupted) == (["who\n", "\n", "end"], False, False)


@needs_terminals
async def test_a_terminal_shows_what_was_typed_before_its_answer() -> None:
    """The prompt itself goes, so that none is left behind between the lines; nothing typed is nothing to show."""
    with a_terminal(sys.executable, "-c", ECHO) as terminal:
        await terminal.reads("ask>")
        terminal.type("who", "", "top\tic x")
        await terminal.reads("> who\r\n", "said: 'who'", "said: ''", "> topic", "said: 'topic", "ask>")
        terminal.press("d")
        await terminal.reads("ended True")
        assert await terminal.ends() == 0


@needs_terminals
async def test_ctrl_c_at_a_terminal_is_told_from_the_end() -> None:
    """A server ends at the one and not at the other."""
    with a_terminal(sys.executable, "-c", ECHO) as terminal:
        await terminal.reads("ask>")
        terminal.press("c")
        await terminal.reads("interrupted True")
        assert await terminal.ends() == 0


@needs_terminals
async def test_a_line_at_the_typing_shows_how_things_stand() -> None:
    """And the terminal is asked nothing: its answer could come amid what is typed."""
    with a_terminal(sys.executable, "-c", ECHO, PROMPT_TOOLKIT_NO_CPR="0") as terminal:
        await terminal.reads("the line above", "ask>")
        terminal.press("d")
        await terminal.reads("ended True")
        assert await terminal.ends() == 0
    assert "\x1b[6n" not in terminal.shown
