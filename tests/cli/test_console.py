"""The console shows what happens in every room, and at a terminal it does so while the operator types."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from moothall.cli.console import Console
from moothall.cli.paint import Painter
from moothall.engine.events import Said
from moothall.engine.names import RoomName
from moothall.engine.rules import Rules
from moothall.testing.hall import memory_hall
from moothall.wire.change import Change
from tests.e2e.processes import MOOTHALL, a_guest, a_server, a_terminal, free_port, needs_terminals

TWO = Rules(seats=2, agenda=("hug",), turn_seconds=30)


def a_console(*, is_quiet: bool = False, colours: bool = False) -> tuple[list[str], Console]:
    """Return what is shown of a hall in which Lars and Kari held a sitting, and the console, still looking."""
    shown: list[str] = []
    hall = memory_hall(TWO)
    console = Console(hall.hall, shown.append, Painter(colours=colours), is_quiet=is_quiet)
    for name in ("Lars", "Kari"):
        hall.enter(name, answers=["Why not?"])
        hall.settle()
    return shown, console


def test_the_conversation_is_shown_as_it_happens() -> None:
    """Who came, how many there are, that it starts, and every word of it."""
    shown, _ = a_console()

    assert shown == [
        "* Lars took seat 1. 1/2 here.",
        "* Kari took seat 2. 2/2 here. Everybody is here: the conversation starts.",
        "* Sitting 1 begins: Lars, Kari.",
        "Host: Do you want to hug?",
        "* Lars has the floor, 30 s.",
        "Lars: Why not?",
        "* Kari has the floor, 30 s.",
        "Kari: Why not?",
        "Host: Thank you, Lars and Kari.",
        "* Goodbye. 2 answers.",
    ]


def test_a_quiet_console_shows_nothing() -> None:
    """It was asked to."""
    assert a_console(is_quiet=True)[0] == []


def test_speakers_have_colours_where_there_are_any() -> None:
    """The lines are the same otherwise."""
    assert "\x1b[36m\x1b[1mHost:\x1b[0m Do you want to hug?" in a_console(colours=True)[0]


def test_with_several_rooms_each_line_says_which() -> None:
    """Else two conversations would be one."""
    shown: list[str] = []
    hall = memory_hall(TWO)
    Console(hall.hall, shown.append, Painter(colours=False))
    hall.enter("Lars")
    hall.settle()
    hall.enter("Ada", room="lab")
    hall.settle()

    assert shown == ["* Lars took seat 1. 1/2 here.", "[lab] * Ada took seat 1. 1/2 here."]


def test_a_room_that_was_there_before_the_console_is_shown_from_now_on() -> None:
    """As after a restart: what happened before is in the log."""
    shown: list[str] = []
    hall = memory_hall(TWO)
    hall.enter("Lars")
    hall.settle()
    Console(hall.hall, shown.append, Painter(colours=False))
    hall.enter("Kari")
    hall.settle()

    assert shown[0] == "* Kari took seat 2. 2/2 here. Everybody is here: the conversation starts."


def test_words_that_look_like_line_breaks_stay_on_their_line() -> None:
    """And whatever else could harm a terminal is shown escaped."""
    shown: list[str] = []
    hall = memory_hall(TWO)
    Console(hall.hall, shown.append, Painter(colours=False))
    hall.enter("Lars", answers=["a\nKari: b\u2028c\x1b[2J\x85d"])
    hall.enter("Kari")
    hall.settle()

    assert "Lars: a\\nKari: b\\u2028c\\x1b[2J\\x85d" in shown


def test_the_status_is_that_of_the_room_that_commands_go_to() -> None:
    """And counts the others, those that nobody has opened yet too."""
    hall = memory_hall(TWO, rooms=("main", "lab"))
    console = Console(hall.hall, lambda _line: None, Painter(colours=False))
    before = console.status(RoomName("main"))
    hall.enter("Lars")
    hall.enter("Kari")
    hall.settle()
    hall.advance(9_000)

    assert before[0] == "main: nobody was here yet | 2 rooms, 0 talk"
    assert console.status(RoomName("main"))[0] == "main: Lars has the floor, 21 s left | 2 rooms, 1 talks"
    assert console.status(RoomName("lab"))[0] == "lab: nobody was here yet | 2 rooms, 1 talks"


def test_whoever_asks_is_told_of_every_change() -> None:
    """`moothall demo` waits so for the end."""
    hall = memory_hall(TWO)
    console = Console(hall.hall, lambda _line: None, Painter(colours=False))
    seen: list[Change] = []
    console.on_change = seen.append
    hall.enter("Lars", answers=["Yes"])
    hall.enter("Kari", answers=["No"])
    hall.settle()

    assert [change.event.text for change in seen if isinstance(change.event, Said)] == ["Yes", "No"]


@needs_terminals
async def test_the_operator_types_while_the_conversation_scrolls_by(tmp_path: Path) -> None:
    """What is typed, its answer and the conversation are lines of their own; Ctrl-D is no end, `end` is."""
    port = free_port()
    options = ("--port", str(port), "--data", tmp_path, "--seats", "2", "--topic", "hug")
    with a_terminal(*MOOTHALL, "serve", *options, NO_COLOR="1") as server:
        await server.reads("Type help for what you can do here, end to stop.", "moothall>")
        async with a_guest(port, "Lars") as lars, a_guest(port, "Kari") as kari:
            await server.reads("Lars took seat 1", "Kari took seat 2", "* Lars has the floor, 30 s.")
            server.type("who", "topic play chess")
            await server.reads("> who\r\n", "Here: Lars (seat 1, has the floor), Kari (seat 2).")
            await server.reads("* The next topic: play chess.")
            await lars.until("* Your turn")
            lars.type("One.")
            await server.reads("Lars: One.")
            server.type("jump", "help")
            await server.reads("There is no 'jump' here.", "topic play chess  talk about this next")
            await kari.until("* Your turn")
            kari.type("Two.")
            await server.reads("Kari: Two.", "Host: Do you want to play chess?")
            server.press("d")
            await server.reads("Type end, or press Ctrl-C, to stop the server.")
            server.type("rooms")
            await server.reads("main: 2/2 here, talking about play chess")
            server.type("end")
            await lars.until("* Goodbye. The operator closed the sitting.")
            await server.reads("The server has ended. Goodbye!")
        assert await server.ends() == 0


@needs_terminals
async def test_lines_that_are_pasted_are_commands_of_their_own(tmp_path: Path) -> None:
    """As they would be in a pipe."""
    with a_terminal(*MOOTHALL, "serve", "--port", str(free_port()), "--data", tmp_path, NO_COLOR="1") as server:
        await server.reads("moothall>")
        server.type("\x1b[200~who\nend\x1b[201~")
        await server.reads("Nobody is here.", "The server has ended. Goodbye!")
        assert await server.ends() == 0


async def test_a_quiet_server_says_nothing_of_what_is_said(tmp_path: Path) -> None:
    """What it writes goes into a journal, which others may read."""
    async with a_server(tmp_path, "--seats", "1", "--topic", "hug", "--quiet", "--verbose", "--stay") as server:
        async with a_guest(server.port, "Lars") as lars:
            await lars.until("* Your turn")
            lars.type("My secret.")
            await lars.until("* Said.")
            server.send_signal(signal.SIGTERM)
            await lars.until("* Goodbye")
        code, lines = await server.ends()

    assert (code, [line for line in lines if "secret" in line]) == (0, [])


@pytest.mark.parametrize("typed", [[], ["who"]])
async def test_the_end_of_the_input_is_no_end(typed: list[str], tmp_path: Path) -> None:
    """A server without a terminal, started by another program, serves on."""
    async with a_server(tmp_path, "--seats", "1", "--topic", "hug") as server:
        server.type(*typed)
        server.end_input()
        async with a_guest(server.port, "Lars") as lars:
            await lars.until("* Your turn")
            lars.type("Still here.")
            await server.until("Lars: Still here.")
