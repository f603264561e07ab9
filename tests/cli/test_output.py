"""Lines go into a pipe as they are, and onto a terminal so that they can't harm it."""

from __future__ import annotations

import io

import pytest

from moothall.cli.output import put_lines
from moothall.cli.paint import Painter


class Stream(io.TextIOWrapper):
    """A standard output that keeps what it is given."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding="ascii", errors="strict", newline="\r\n")
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    def written(self) -> bytes:
        self.flush()
        return self.buffer.getvalue()  # type: ignore[attr-defined,no-any-return] # it is the BytesIO from above


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Stream:
    stream = Stream(is_terminal=False)
    monkeypatch.setattr("sys.stdout", stream)
    return stream


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Stream:
    stream = Stream(is_terminal=True)
    stream.reconfigure(encoding="utf-8", newline="\n")
    monkeypatch.setattr("sys.stdout", stream)
    return stream


def test_a_pipe_gets_utf_8_and_plain_line_ends(pipe: Stream) -> None:
    """Whatever the system's own are: a program reads them, perhaps on another system."""
    put_lines(["blåbær", "to\x1b[2J"])

    assert pipe.written() == "blåbær\nto\x1b[2J\n".encode()


def test_a_pipe_gets_no_colours(pipe: Stream) -> None:
    """Not even where somebody hands a painter that has them."""
    put_lines(["Lars: yes"], Painter(colours=True))

    assert pipe.written() == b"Lars: yes\n"


def test_half_a_character_is_written_as_its_number(pipe: Stream) -> None:
    """No encoding has it, and a table must not end over it."""
    put_lines(["\ud83e"])

    assert pipe.written() == b"\\ud83e\n"


def test_a_terminal_gets_colours(terminal: Stream) -> None:
    """Where the painter has them."""
    put_lines(["! slow: Go on."], Painter(colours=True))

    assert terminal.written() == b"\x1b[31m! slow: Go on.\x1b[0m\n"


def test_a_terminal_is_safe_from_what_was_said(terminal: Stream) -> None:
    """Tables and entries hold words as they were said, so they are made safe here."""
    put_lines(["to\x1b[2J", 'a,"one\ntwo"'])

    assert terminal.written() == b'to\\x1b[2J\na,"one\\ntwo"\n'
