"""The turns as a table in CSV (RFC 4180, but for the line ends, which its writer puts)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from moothall.views.turns import COLUMNS, TurnRow, cells

__all__ = ["CSV_HEAD", "csv_line", "csv_lines"]


def csv_lines(rows: Iterable[TurnRow]) -> Iterator[str]:
    """Yield a table, the names of the columns first.

    A cell may hold line breaks, so what is yielded may be more than one line.
    """
    yield CSV_HEAD
    yield from map(csv_line, rows)


def csv_line(row: TurnRow) -> str:
    """Return a row."""
    return _joined(cells(row))


def _joined(texts: Sequence[str]) -> str:
    # The usual line end makes the writer quote a lone return as well, which some readers take for the end of a row.
    line: str = _WRITER.writerow(texts)
    return line.removesuffix("\r\n")


class _Echo:
    """A file that gives back what is written: `writerow` returns what `write` does."""

    def write(self, text: str) -> str:
        return text


_WRITER: Final = csv.writer(_Echo())

CSV_HEAD: Final = _joined(COLUMNS)
"""The names of the columns."""
