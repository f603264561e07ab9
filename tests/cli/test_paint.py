"""On a terminal each speaker has a colour; in a pipe lines stay as they are."""

from __future__ import annotations

import io

import pytest
from click import unstyle

from moothall.cli.paint import Painter, has_colours, painter_for

BOLD_CYAN, BOLD_GREEN, DIM, RED, BOLD, PLAIN = (
    "\x1b[36m\x1b[1m",
    "\x1b[32m\x1b[1m",
    "\x1b[2m",
    "\x1b[31m",
    "\x1b[1m",
    "\x1b[0m",
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("line", "painted"),
    [
        ("Lars: Well: yes!", f"{BOLD_CYAN}Lars:{PLAIN} Well: yes!"),
        ("* Kari took seat 2. 2/4 here.", f"{DIM}* Kari took seat 2. 2/4 here.{PLAIN}"),
        ("* Your turn, 30 s.", f"{BOLD}* Your turn, 30 s.{PLAIN}"),
        ("! not_your_turn: Lars has the floor.", f"{RED}! not_your_turn: Lars has the floor.{PLAIN}"),
        ("something else", "something else"),
        ("", ""),
    ],
)
def test_each_kind_of_line_has_its_look(line: str, painted: str) -> None:
    """Names stand out, notices stand back, refusals are red, and one's turn can't be overlooked."""
    assert Painter(colours=True).paint(line) == painted


def test_a_speaker_keeps_the_colour() -> None:
    """The first to speak has the first; who is spelled otherwise is the same one."""
    painter = Painter(colours=True)

    painted = [painter.paint(line) for line in ("Lars: a", "Kari: b", "LARS: c")]

    assert [line[: len(BOLD_CYAN)] for line in painted] == [BOLD_CYAN, BOLD_GREEN, BOLD_CYAN]


def test_neighbours_at_a_table_differ() -> None:
    """Eight speakers have eight colours; the ninth begins again."""
    painter = Painter(colours=True)

    colours = [painter.colour_of(f"bot{number}") for number in range(9)]

    assert (len(set(colours[:8])), colours[8]) == (8, colours[0])
    assert "red" not in colours


@pytest.mark.parametrize("line", ["Lars: yes", "* Goodbye.", "! slow: You read too slowly.", ""])
def test_colours_add_nothing_but_colours(line: str) -> None:
    """The words are the same with them and without."""
    assert (unstyle(Painter(colours=True).paint(line)), Painter(colours=False).paint(line)) == (line, line)


@pytest.mark.parametrize(
    ("stream", "environment", "wanted"),
    [
        (Terminal(), {"TERM": "xterm"}, True),
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {"TERM": "xterm"}, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    stream: io.StringIO, environment: dict[str, str], wanted: bool
) -> None:
    """NO_COLOR counts where it is not empty (https://no-color.org)."""
    assert has_colours(stream, environment) is wanted


def test_a_painter_knows_its_stream() -> None:
    """Two streams of one program may lead to different places."""
    painted = [painter_for(stream, {}).paint("! slow: Go on.") for stream in (io.StringIO(), Terminal())]

    assert painted == ["! slow: Go on.", f"{RED}! slow: Go on.{PLAIN}"]
