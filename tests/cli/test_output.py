"""Lines go into a pipe as they are, and onto a terminal so that they can't harm it."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

from moothall.cli.output import put_lines
from moothall.cli.paint import Painter


class Output(io.TextIOWrapper):
    """A standard output that leads to a pipe, on a system with an encoding and line ends of its own, or a terminal."""

    def __init__(self, *, is_terminal: bool) -> None:
        self.bytes = io.BytesIO()
        self._is_terminal = is_terminal
        super().__init__(self.bytes, "utf-8" if is_terminal else "ascii", newline="\n" if is_terminal else "\r\n")

    def isatty(self) -> bool:
        return self._is_terminal


def into_a_pipe(*lines: str, painter: Painter | None = None) -> bytes:
    return _written(Output(is_terminal=False), lines, painter)


def onto_a_terminal(*lines: str, painter: Painter | None = None) -> bytes:
    return _written(Output(is_terminal=True), lines, painter)


def _written(output: Output, lines: tuple[str, ...], painter: Painter | None) -> bytes:
    with redirect_stdout(output):
        put_lines(lines, painter)
        output.flush()
    return output.bytes.getvalue()


def test_a_pipe_gets_utf_8_and_plain_line_ends() -> None:
    """Whatever the system's own are: a program reads them, perhaps on another system."""
    assert into_a_pipe("blåbær", "to\x1b[2J") == "blåbær\nto\x1b[2J\n".encode()


def test_a_pipe_gets_no_colours() -> None:
    """Not even where somebody hands a painter that has them."""
    assert into_a_pipe("Lars: yes", painter=Painter(colours=True)) == b"Lars: yes\n"


def test_half_a_character_is_written_as_its_number() -> None:
    """No encoding has it, and a table must not end over it."""
    assert into_a_pipe("\ud83e") == b"\\ud83e\n"


def test_a_terminal_gets_colours() -> None:
    """Where the painter has them."""
    told = onto_a_terminal("! slow: Go on.", painter=Painter(colours=True))

    assert told == b"\x1b[31m! slow: Go on.\x1b[0m\n"


def test_a_terminal_is_safe_from_what_was_said() -> None:
    """Tables and entries hold words as they were said, so they are made safe here."""
    assert onto_a_terminal("to\x1b[2J", 'a,"one\ntwo"') == b'to\\x1b[2J\na,"one\\ntwo"\n'
