"""Reads TOML with the number of the line in which each value stands, and all that is no TOML in it, not only the first.

`tomllib` tells no lines but that of the first error. So a small scanner of our own cuts the text into statements, a
header or a `key = value` each, and a statement with an error in it is taken out before the rest is read again.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

__all__ = ["Keys", "Toml", "read_toml"]

Keys = tuple[str, ...]
"""The keys that lead to a value: ("rooms", "lab", "seats")."""

_LOST: Final = "\0"
"""Holds the tables whose headers are no TOML, so that what stands in them is not taken for part of another."""

_MAX_ERRORS: Final = 100
_HINTS: Final = {
    "Invalid value": 'text stands in quotes, as in "main"',
    "Cannot overwrite a value": "it has a value already",
}

# Strings and comments are pieces of their own, for whatever brackets and line ends they hold count for nothing.
_PIECE: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|[^\[\]{}\n#"\']+|.', re.DOTALL
)
_KEY: Final = re.compile(r"""\s*((?:"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[A-Za-z0-9_\-.\s])+?)\s*=""")
_STARTS_ANEW: Final = re.compile(
    r"[ \t]*[A-Za-z0-9_\-.]+[ \t]*=|[ \t]*\[[A-Za-z0-9_\-.\"' ]+\][ \t]*(?:#.*)?$", re.MULTILINE
)
_WHERE: Final = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_LONG_NUMBER: Final = re.compile(r"[0-9_]{4000,}")


class Toml(msgspec.Struct, frozen=True):
    """What a text says, the line of each key and header in it, and (line, sentence) of all that is no TOML."""

    values: Mapping[str, object]
    lines: Mapping[Keys, int]
    mistakes: tuple[tuple[int, str], ...]

    def line_of(self, path: Keys) -> int:
        """Return the line in which a value stands, or begins; 0 where it is in none."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)


class _Statement(msgspec.Struct, frozen=True):
    first: int
    text: str
    is_closed: bool

    @property
    def last(self) -> int:
        return self.first + self.text.count("\n")


def read_toml(text: str) -> Toml:
    """Read a text; what is no TOML is left out of it."""
    lines = text.replace("\r\n", "\n").split("\n")
    mistakes: list[tuple[int, str]] = []
    values: dict[str, object] = {}
    while len(mistakes) < _MAX_ERRORS:
        try:
            values = tomllib.loads("\n".join(lines))
            break
        except tomllib.TOMLDecodeError as error:
            mistakes.append(_take_out(str(error), lines, len(mistakes)))
        except ValueError:  # Python reads no number of so many digits
            found = _LONG_NUMBER.search("\n".join(lines))
            line = 1 + "\n".join(lines).count("\n", 0, found.start()) if found else 1
            mistakes.append((line, "this number is too long."))
            lines[line - 1] = ""
        except RecursionError:
            mistakes.append((1, "this is no TOML: it is nested too deep."))
            break
    values.pop(_LOST, None)
    return Toml(values, _lines_of(lines), tuple(mistakes))


def _take_out(error: str, lines: list[str], number: int) -> tuple[int, str]:
    found = _WHERE.fullmatch(error)
    words, line, column = found.groups() if found else (error, None, None)
    statements = list(_statements("\n".join(lines)))
    at = len(lines) if line is None else int(line)
    before = [statement for statement in statements if statement.first <= at]
    culprit = before[-1] if before else _Statement(at, "", is_closed=True)
    if len(before) > 1 and not before[-2].is_closed:
        culprit = before[-2]  # the error is seen where the next one begins
    is_header = culprit.text.lstrip().startswith("[")
    for place in range(culprit.first - 1, min(culprit.last, len(lines))):
        lines[place] = ""
    if is_header:
        lines[culprit.first - 1] = f'["\\u0000".lost{number}]'
    shown = at if culprit.first <= at <= culprit.last and line is not None else culprit.first
    hint = f"; {_HINTS[words]}" if words in _HINTS else ""
    where = f" (column {column})" if column and shown == at else ""
    return shown, f"this is no TOML: {words[:1].lower()}{words[1:]}{where}{hint}."


def _statements(text: str) -> Iterator[_Statement]:
    first, line, depth, start, at = 1, 1, 0, 0, 0
    for piece in _PIECE.finditer(text):
        at, found = piece.end(), piece[0]
        depth = max(0, depth + (found in "[{") - (found in "]}"))
        line += found.count("\n")
        if found != "\n" or (depth and not _STARTS_ANEW.match(text, at)):
            continue
        if text[start:at].strip():
            yield _Statement(first, text[start : at - 1], is_closed=not depth)
        first, depth, start = line, 0, at
    if text[start:].strip():
        yield _Statement(first, text[start:], is_closed=not depth)


def _lines_of(lines: list[str]) -> dict[Keys, int]:
    found: dict[Keys, int] = {}
    table: Keys = ()
    for statement in _statements("\n".join(lines)):
        text = statement.text.strip()
        if text.startswith("#"):
            continue
        if text.startswith("["):
            table = _path(text)
            path = table
        else:
            key = _KEY.match(text)
            path = (*table, *_path(f"{key[1]} = 0")) if key else ()
        for length in range(1, len(path) + 1):
            found.setdefault(path[:length], statement.first)
    return found


def _path(statement: str) -> Keys:
    # What one key is made of, dots and quotes and all, tomllib knows best.
    try:
        value: object = tomllib.loads(statement)
    except ValueError:
        return ()
    path: list[str] = []
    while isinstance(value, (dict, list)) and value:
        if isinstance(value, list):
            value = value[0]
            continue
        key, value = next(iter(value.items()))
        path.append(key)
    return tuple(path)
