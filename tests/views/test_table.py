"""A table in CSV keeps every word as it was said."""

from __future__ import annotations

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from moothall.views.table import CSV_HEAD, csv_line, csv_lines
from moothall.views.turns import COLUMNS, TurnRow, turn_rows
from tests.views.logs import SITTING, changes_of


def read(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table, newline="")))


def test_the_names_of_the_columns_come_first() -> None:
    """Also where nobody has spoken yet, so that a notebook runs."""
    assert list(csv_lines([])) == [CSV_HEAD] == [",".join(COLUMNS)]


def test_a_row_follows_another() -> None:
    """In the order of the turns."""
    rows = list(turn_rows(changes_of(*SITTING)))

    assert list(csv_lines(rows)) == [CSV_HEAD, csv_line(rows[0]), csv_line(rows[1])]
    assert csv_line(rows[0]).endswith(",Lars,bot,,said,Sure!")


ROW = next(iter(turn_rows(changes_of(*SITTING))))
WORDS = st.text(st.characters(exclude_categories=["Cs"]))


@given(WORDS, WORDS, st.dictionaries(WORDS, WORDS))
def test_any_words_come_out_of_the_table_as_they_went_in(text: str, about: str, labels: dict[str, str]) -> None:
    """Quotes, commas, every kind of line break, and what looks like a formula."""
    row = replace(ROW, text=text, about=about, labels=labels)

    (found,) = read("".join(f"{line}\n" for line in csv_lines([row])))

    assert (found["text"], found["about"], json.loads(found["labels"])) == (text, about, labels)


def test_a_lone_return_is_quoted() -> None:
    """Some readers would take it for the end of a row."""
    row: TurnRow = replace(ROW, text="one\rtwo")

    assert list(csv_lines([row]))[1].endswith('"one\rtwo"')
