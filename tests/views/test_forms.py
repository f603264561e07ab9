"""Each form writes a change at a time what its fold writes of a whole log."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from moothall.views.forms import CsvForm, Form, HtmlForm, MarkdownForm, TextForm
from moothall.views.html import html_lines
from moothall.views.table import csv_lines
from moothall.views.transcript import markdown_lines, text_lines
from moothall.views.turns import turn_rows
from moothall.wire.change import Change
from tests.views.logs import SITTING, changes_of

CHANGES = changes_of(*SITTING)


def written(form: Form, changes: Iterable[Change] = CHANGES, passed_over: Iterable[Change] = ()) -> list[str]:
    lines = [*form.head(CHANGES[0].after.name)]
    for change in passed_over:
        form.pass_over(change)
    for change in changes:
        lines += form.write(change)
    return [*lines, *form.tail()]


@pytest.mark.parametrize(
    ("form", "whole"),
    [
        (TextForm(), text_lines(CHANGES)),
        (CsvForm(), csv_lines(turn_rows(CHANGES))),
        (MarkdownForm(str), markdown_lines(CHANGES, str)),
        (HtmlForm(str), html_lines(CHANGES, str)),
    ],
    ids=["text", "csv", "md", "html"],
)
def test_a_form_writes_what_its_fold_writes(form: Form, whole: Iterable[str]) -> None:
    """Through the web door and from the command line one gets the same bytes."""
    assert written(form) == list(whole)


def test_a_row_counts_on_what_was_passed_over() -> None:
    """When the floor was granted, for one."""
    said = next(number for number, change in enumerate(CHANGES) if b'"said"' in change.body)

    assert written(CsvForm(), CHANGES[said:], CHANGES[:said]) == written(CsvForm())


@pytest.mark.parametrize("form", [TextForm(), MarkdownForm(str), HtmlForm(str)], ids=["text", "md", "html"])
def test_what_is_passed_over_is_not_shown(form: Form) -> None:
    """Each change tells all that its lines need."""
    assert written(form, CHANGES[4:], CHANGES[:4]) == written(form, CHANGES[4:])
