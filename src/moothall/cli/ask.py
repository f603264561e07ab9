"""Asking at the terminal for what the command line did not say: once, with a default; what cannot be is asked again."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Final, TypeVar

from moothall.engine.names import Name, parse_name
from moothall.errors import BadSetting, Reason, Rejected
from moothall.wire.safe_text import safe_text
from moothall.wire.sentences import sentence

__all__ = ["ask", "parse_port", "parse_typed_name", "read_line"]

_TRIES: Final = 3
_MAX_PORT: Final = 65_535

T = TypeVar("T")


def ask(question: str, default: str, parse: Callable[[str], T], *, write: Callable[[str], object] | None = None) -> T:
    """Ask until the answer can be used, three times at most; nothing typed means the default, where there is one.

    Raises:
        BadSetting: three answers could not be used, or there is nobody to ask.
    """
    write = write or sys.stdout.write
    problem = "Nobody is there to ask."
    for _ in range(_TRIES):
        write(f"{question} [{default}]: " if default else f"{question}: ")
        sys.stdout.flush()
        line = read_line()
        if line is None:
            write("\n")
            break
        try:
            return parse(line.strip() or default)
        except BadSetting as error:
            problem = str(error)
            write(f"{problem}\n")
    raise BadSetting(problem)


def read_line() -> str | None:
    """Read one line of the input, and nothing behind it: that is for whoever reads next. None at its end."""
    if sys.stdin.isatty():
        return sys.stdin.readline() or None
    try:
        source = sys.stdin.fileno()
    except OSError:  # not a file, as in tests
        return sys.stdin.readline() or None
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(source, 1)
        if not byte:
            return line.decode("utf-8", "replace") or None
        line += byte
    return line.decode("utf-8", "replace")


def parse_port(text: str) -> int:
    """Return a port number.

    Raises:
        BadSetting: it is none.
    """
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 < port <= _MAX_PORT:
        raise BadSetting(f"'{safe_text(text)}' is no port: that is a whole number from 1 to {_MAX_PORT}, such as 4242.")
    return port


def parse_typed_name(text: str) -> Name:
    """Return a name.

    Raises:
        BadSetting: it is none.
    """
    try:
        return parse_name(text)
    except Rejected:
        raise BadSetting(sentence(Rejected(Reason.BAD_NAME))) from None
