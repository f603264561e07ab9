"""A log is written in pieces, and the pieces are one answer."""

from __future__ import annotations

import json

import pytest

from moothall.engine.evolve import empty_room
from moothall.errors import DataCorrupt
from moothall.views.transcript import text_lines
from moothall.views.written import Written, written_in
from moothall.wire.rest import LogForm, LogPage
from tests.views.logs import SITTING, bodies_of, changes_of

BODIES = bodies_of(*SITTING)
START = empty_room(changes_of()[0].after.name)
PAGE = LogPage(room=START.name, epoch="e_1", first_seq=1, seq=len(BODIES), entries=[], more=False)


def in_form(form: LogForm) -> Written:
    return written_in(form, START, PAGE, str)


def whole(written: Written, bodies: list[bytes] = BODIES, *, has_more: bool = False) -> bytes:
    return b"".join([written.head(), *map(written.write, bodies), written.tail(has_more=has_more)])


@pytest.mark.parametrize("count", [0, 1, len(BODIES)])
@pytest.mark.parametrize("has_more", [False, True])
def test_json_is_one_object_around_the_entries(count: int, has_more: bool) -> None:
    """However many they are."""
    told = json.loads(whole(in_form(LogForm.JSON), BODIES[:count], has_more=has_more))

    assert told == {
        "room": "main",
        "epoch": "e_1",
        "first_seq": 1,
        "seq": len(BODIES),
        "entries": [json.loads(body) for body in BODIES[:count]],
        "more": has_more,
    }


def test_jsonl_is_the_entries_as_they_are_kept() -> None:
    """To the byte."""
    assert whole(in_form(LogForm.JSONL), has_more=True) == b"".join(body + b"\n" for body in BODIES)


def test_text_is_in_lines() -> None:
    """Each with its break, as on a terminal."""
    assert whole(in_form(LogForm.TEXT)).decode() == "".join(f"{line}\n" for line in text_lines(changes_of(*SITTING)))


@pytest.mark.parametrize(
    ("form", "first", "last"),
    [
        (LogForm.CSV, b"room,sitting,labels,", b',said,"Why, no.\nNever."\n'),
        (LogForm.MD, b"# Room main\n\n## Sitting 1\n", b"*Goodbye. 2 answers.*\n\n"),
        (LogForm.HTML, b"<!doctype html>\n", b"</body>\n</html>\n"),
    ],
)
def test_a_document_has_its_beginning_and_its_end(form: LogForm, first: bytes, last: bytes) -> None:
    """So that whoever has it knows that it is whole."""
    told = whole(in_form(form))

    assert told.startswith(first)
    assert told.endswith(last)


@pytest.mark.parametrize("form", list(LogForm))
def test_a_form_for_readers_must_see_everything(form: LogForm) -> None:
    """What an entry means depends on those before; as they are kept, entries stand on their own."""
    assert in_form(form).needs_all == (form not in {LogForm.JSON, LogForm.JSONL})


@pytest.mark.parametrize("form", [form for form in LogForm if form not in {LogForm.JSON, LogForm.JSONL}])
def test_what_is_passed_over_still_counts(form: LogForm) -> None:
    """The rest is understood, and a gap is found."""
    written = in_form(form)
    for body in BODIES[:-3]:
        written.pass_over(body)

    assert all(isinstance(written.write(body), bytes) for body in BODIES[-3:])
    with pytest.raises(DataCorrupt, match="gap"):
        whole(in_form(form), BODIES[:2] + BODIES[3:])


@pytest.mark.parametrize("form", [LogForm.JSON, LogForm.JSONL])
def test_as_they_are_kept_entries_are_not_read(form: LogForm) -> None:
    """Passing one over is doing nothing."""
    written = in_form(form)

    written.pass_over(b"nothing that one could read")

    assert whole(written) == whole(in_form(form))
