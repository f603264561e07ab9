"""Typing and printing at one terminal: neither disturbs the other, however narrow it is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from moothall.cli.terminal import KeptHistory, first_that_fits, wrapped
from tests.e2e.processes import a_terminal, needs_terminals

READ = """
import asyncio, sys, threading
from moothall.cli.status import Prompt
from moothall.cli.terminal import read_lines

async def main():
    all_lines = ("remove Kari", "remove Kim", "rooms")
    complete = lambda typed: [line for line in all_lines if line.lower().startswith(typed.lower())]
    prompt = lambda: Prompt(("ask> ",), "bold ansigreen")
    lines = read_lines(prompt, status=None, complete=complete, history=None)
    try:
        async for line in lines:
            if line == "thread":
                threading.Thread(target=lambda: print("from a thread", flush=True)).start()
            elif line == "fail":
                print("the end of", end=" ")
                raise ValueError
            else:
                print("said:", repr(line), sys.stdout.isatty(), sys.stdout.encoding, sys.stdout.fileno())
                print("on standard error", file=sys.stderr)
    except (EOFError, ValueError):
        await lines.aclose()
        print("what was printed last")

asyncio.run(main())
"""


@needs_terminals
async def test_what_is_printed_stands_above_what_is_typed() -> None:
    """From wherever it comes; and the terminal is as it was, afterwards."""
    with a_terminal(sys.executable, "-c", READ) as terminal:
        await terminal.reads("\x1b[0;32;1mask>")
        terminal.type("one", "thread")
        await terminal.reads("said: 'one' True utf-8 1", "on standard error", "from a thread", "ask>")
        terminal.type("fail")
        await terminal.reads("the end of what was printed last")
        assert await terminal.ends() == 0


@needs_terminals
async def test_the_tabulator_completes_as_far_as_it_is_clear() -> None:
    """At once, however quickly one types on, and in the right case; then it shows what there is."""
    with a_terminal(sys.executable, "-c", READ) as terminal:
        await terminal.reads("ask>")
        terminal.type("rem\ta\t", "ROO\t", "x\t")
        await terminal.reads("said: 'remove Kari'", "said: 'rooms'", "said: 'x'", "ask>")
        terminal.type("rem\t\t")
        await terminal.reads("said: 'remove K'", "ask>")
        terminal.press("d")
        assert await terminal.ends() == 0


@needs_terminals
async def test_keys_that_nobody_sees_are_none() -> None:
    """Ctrl-Z would stand amid the words."""
    with a_terminal(sys.executable, "-c", READ) as terminal:
        await terminal.reads("ask>")
        terminal.press("z")
        terminal.type("one")
        await terminal.reads("said: 'one'", "ask>")
        terminal.press("d")
        assert await terminal.ends() == 0


@pytest.mark.parametrize(
    ("columns", "text"),
    [(30, "Lars has the floor, 30 s> "), (20, "Lars, 30 s> "), (11, "30 s> "), (3, "30 "), (0, "")],
)
def test_the_longest_that_fits_is_shown(columns: int, text: str) -> None:
    """Of the shortest as much as fits."""
    assert first_that_fits(["Lars has the floor, 30 s> ", "Lars, 30 s> ", "30 s> "], columns) == text


def test_wide_letters_take_two_columns() -> None:
    """As terminals show them."""
    assert first_that_fits(["小林さん> ", "> "], 9) == "> "
    assert first_that_fits(["小林さん> ", "> "], 10) == "小林さん> "


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("one two three", "one two\nthree"),
        ("one two\nthree", "one two\nthree"),
        ("  one  two three", "  one  two\nthree"),
        ("onetwothreefour five", "onetwothreefour\nfive"),
        ("onetwothreefour five\n", "onetwothreefour\nfive\n"),
        ("\x1b[1mone\x1b[0m \x07two three", "\x1b[1mone\x1b[0m \x07two\nthree"),
        ("さん さん さん", "さん さん\nさん"),
        ("", ""),
    ],
)
def test_lines_are_broken_between_words(text: str, rows: str) -> None:
    """Ten columns wide; colours take none."""
    assert wrapped(text, 10) == rows


def test_a_history_is_kept_for_its_owner(tmp_path: Path) -> None:
    """A line each; the newest is read first."""
    path = tmp_path / "history"
    for line in ("who", "topic play\nchess"):
        KeptHistory(path).store_string(line)

    assert list(KeptHistory(path).load_history_strings()) == ["topic play chess", "who"]
    assert sys.platform == "win32" or path.stat().st_mode & 0o777 == 0o600


def test_the_oldest_lines_of_a_history_are_forgotten(tmp_path: Path) -> None:
    """It doesn't grow for ever."""
    path = tmp_path / "history"
    path.write_text("".join(f"say {number}\n" for number in range(1, 1_102)), encoding="utf-8")
    lines = list(KeptHistory(path).load_history_strings())

    assert (len(lines), lines[0], lines[-1]) == (1_000, "say 1101", "say 102")
    assert path.read_text(encoding="utf-8").splitlines() == lines[::-1]


def test_a_history_that_cannot_be_kept_costs_nothing_else(tmp_path: Path) -> None:
    """The operator types on, on a disk that is full or in a folder that has gone."""
    history = KeptHistory(tmp_path / "gone" / "history")
    history.store_string("who")

    assert list(history.load_history_strings()) == []
