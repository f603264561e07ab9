"""Colours for the text door's lines on a terminal: one for each who speaks, so that the eye finds them again.

Adds colours and nothing else: the words were made safe before. In a pipe, with NO_COLOR (https://no-color.org) or on
a dumb terminal every line stays as it is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, TextIO

import click

from moothall.engine.names import fold

__all__ = ["Painter", "has_colours", "painter_for"]

_SPEAKERS: Final = ("cyan", "green", "yellow", "magenta", "blue", "bright_cyan", "bright_green", "bright_magenta")
"""Red is left for refusals. Who comes ninth shares the first's colour."""

_YOUR_TURN: Final = "* Your turn"


class Painter:
    """Paints one conversation. A speaker's colour is that of the first appearance, and stays."""

    def __init__(self, *, colours: bool) -> None:
        self._has_colours = colours
        self._speakers: dict[str, str] = {}

    def paint(self, line: str) -> str:
        """Return a line of the text door, without its break, as a terminal shows it."""
        if not self._has_colours:
            return line
        if line.startswith(_YOUR_TURN):
            return click.style(line, bold=True)
        if line.startswith("* "):
            return click.style(line, dim=True)
        if line.startswith("! "):
            return click.style(line, fg="red")
        name, colon, words = line.partition(": ")
        if not colon:
            return line
        return click.style(f"{name}:", fg=self.colour_of(name), bold=True) + f" {words}"

    def colour_of(self, name: str) -> str:
        """Return the colour in which `name` is shown, for `click.style`."""
        return self._speakers.setdefault(fold(name), _SPEAKERS[len(self._speakers) % len(_SPEAKERS)])


def painter_for(stream: TextIO, environment: Mapping[str, str] = os.environ) -> Painter:
    """Return a painter for what is written to `stream`."""
    return Painter(colours=has_colours(stream, environment))


def has_colours(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether colours are wanted where `stream` leads."""
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
