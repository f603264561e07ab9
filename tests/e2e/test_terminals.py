"""What people see at their terminals while bots talk: whole lines, whole words, and what they type at the bottom."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.doors.guests import Guest
from tests.e2e.processes import MOOTHALL, a_guest, a_server, free_port, needs_terminals
from tests.e2e.screens import Screen, a_screen

pytestmark = needs_terminals

SIZES = pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 15)])
FIFTY_A_SECOND = 0.02
TYPED = "Half a line, typed slowly, and then the other half of it."


async def talk(guest: Guest, numbers: Iterator[int]) -> None:
    """Say fifty lines a second, for ever."""
    while True:
        guest.type(f"Line {next(numbers)} of many.")
        await asyncio.sleep(FIFTY_A_SECOND)


async def type_slowly(screen: Screen, text: str, prompt: str) -> None:
    """Press the keys one by one, and each word when the one before stands at the bottom, whole."""
    typed = prompt
    for word in re.findall(r"\S+ ?", text):
        for key in word:
            await screen.keys(key)
        typed += word
        shown = typed.rstrip()  # a row has no spaces at its end
        await screen.until(lambda rows, shown=shown: screen.bottom(rows).endswith(shown))  # type: ignore[misc]


def spoken(rows: list[str]) -> list[str]:
    return [row for row in rows if row.startswith("Lars: ")]


@SIZES
async def test_typing_survives_fifty_lines_a_second(
    needs_tool: Callable[[str], str], tmp_path: Path, columns: int, rows: int
) -> None:
    """What is typed stands whole at the bottom all the while, arrives whole, and no line above it is torn or lost."""
    tmux, numbers = needs_tool("tmux"), count(1)
    async with (
        a_server(tmp_path / "data", "--seats", "2", "--policy", "open", "--topic", "hug") as server,
        a_screen(
            tmux, tmp_path, *MOOTHALL, "join", "localhost", str(server.port), "Kari", columns=columns, rows=rows
        ) as kari,
    ):
        await kari.shows("* You are Kari")
        async with a_guest(server.port, "Lars") as lars, a_guest(server.port, "/watch") as watcher:
            await kari.shows("Anyone may speak at any time.")
            talking = asyncio.create_task(talk(lars, numbers))
            await type_slowly(kari, TYPED, "> ")
            await kari.press("Enter")
            await watcher.until(f"Kari: {TYPED}")
            talking.cancel()
            await asyncio.wait([talking])
            lars.type("The end.")
            await kari.shows("Lars: The end.")
            seen = await kari.all_rows()

    assert spoken(seen) == [*(f"Lars: Line {number} of many." for number in range(1, next(numbers))), "Lars: The end."]
    assert " ".join(seen).count(f"> {TYPED}") == 1
    assert "* Said." in seen


@SIZES
async def test_the_countdown_counts_while_one_types(
    needs_tool: Callable[[str], str], tmp_path: Path, columns: int, rows: int
) -> None:
    """A half-typed line stays where it is, whatever happens above it; one's own turn counts down before it."""
    tmux = needs_tool("tmux")
    async with (
        a_server(tmp_path / "data", "--seats", "2", "--rounds", "2", "--topic", "hug") as server,
        a_guest(server.port, "Lars") as lars,
        a_screen(
            tmux, tmp_path, *MOOTHALL, "join", "localhost", str(server.port), "Kari", columns=columns, rows=rows
        ) as kari,
    ):
        await lars.until("* Your turn")
        other = "Lars has the floor, " if columns == 80 else "Lars, "
        await kari.until(lambda rows: re.fullmatch(rf"{other}2\d s>", rows[-1]))
        await kari.keys("Why n")
        await kari.until(lambda rows: re.fullmatch(rf"{other}2\d s> Why n", rows[-1]))
        lars.type("Yes.")
        for seconds in (29, 28, 27):
            await kari.until(lambda rows, s=seconds: rows[-1] == f"Your turn, {s} s> Why n")  # type: ignore[misc]
        await kari.type("ot?")
        shown = await kari.until(lambda rows: re.fullmatch(rf"{other}\d\d s>", rows[-1]))
        await lars.until("Kari: Why not?")

    assert [row for row in shown if "Why" in row] == ["> Why not?"]


@SIZES
async def test_the_console_while_bots_talk(
    needs_tool: Callable[[str], str], tmp_path: Path, columns: int, rows: int
) -> None:
    """The tabulator knows who is here, the line above the typing where things stand, and the prompt the room."""
    tmux, port, numbers = needs_tool("tmux"), free_port(), count(1)
    status = " | 2 rooms, 0 talk" if columns == 80 else ""
    options = ("--port", str(port), "--data", tmp_path / "data", "--seats", "2", "--rooms", "main,lab")
    async with a_screen(
        tmux, tmp_path, *MOOTHALL, "serve", *options, "--policy", "open", columns=columns, rows=rows
    ) as server:
        here = "main: nobody was here yet"
        await server.until(lambda rows: rows[-1] == "main>" and rows[-2] == here + status)
        async with a_guest(port, "Lars") as lars, a_guest(port, "Kari Nordmann") as kari:
            await server.shows("talk", "Anyone may speak at any time.")
            talking = asyncio.create_task(talk(lars, numbers))
            await server.keys("rem")
            await server.press("Tab")
            await server.until(lambda rows: rows[-1] == "main> remove")
            await server.keys("k")
            await server.press("Tab")
            await server.until(lambda rows: rows[-1] == "main> remove Kari Nordmann")
            await server.press("Enter")
            await kari.until("* Goodbye. The operator removed you.")
            talking.cancel()
            await asyncio.wait([talking])
            lars.type("The end.")
            await server.shows("Lars: The end.")
            await server.press("Up")
            await server.until(lambda rows: rows[-1] == "main> remove Kari Nordmann")
            await server.press("C-u")
            await server.type("go lab")
            await server.until(lambda rows: rows[-1] == "lab>")
            await server.type("end")
            await server.shows("The server has ended. Goodbye!")
            seen = await server.all_rows()

    assert spoken(seen) == [*(f"Lars: Line {number} of many." for number in range(1, next(numbers))), "Lars: The end."]
    history = tmp_path / "data/console_history"
    assert history.stat().st_mode & 0o777 == 0o600
    assert history.read_text(encoding="utf-8").splitlines() == [
        "remove Kari Nordmann",
        "go lab",
        "end",
    ]


async def test_what_was_typed_is_there_again_at_the_next_start(
    needs_tool: Callable[[str], str], tmp_path: Path
) -> None:
    """The arrow brings it back."""
    tmux, options = needs_tool("tmux"), ("--port", str(free_port()), "--data", tmp_path / "data")
    for typed, key in (("topic play chess", "Enter"), ("", "Up")):
        (tmp_path / key).mkdir()
        async with a_screen(tmux, tmp_path / key, *MOOTHALL, "serve", *options) as server:
            await server.until(lambda rows: rows[-1] == "moothall>")
            await server.keys(typed)
            await server.press(key)
            if key == "Up":
                await server.until(lambda rows: rows[-1] == "moothall> end")
                await server.press("Up")
                await server.until(lambda rows: rows[-1] == "moothall> topic play chess")
                await server.press("C-u")
            else:
                await server.shows("> topic play chess")
            await server.type("end")
            await server.shows("The server has ended. Goodbye!")
