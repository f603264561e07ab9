"""A room's log as the bytes of an answer, an entry at a time. Normative: docs/protocol/web.md §5."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, assert_never

import msgspec

from moothall.engine.room import Room
from moothall.views.forms import CsvForm, Form, HtmlForm, MarkdownForm, TextForm
from moothall.views.timeline import Timeline
from moothall.wire.rest import LogForm, LogPage

__all__ = ["Kept", "KeptPage", "Told", "Written", "written_in"]


class Written(Protocol):
    """A log that is being written. It is shown the bodies of entries in order.

    `needs_all`: it must be shown each of them, from the first that is kept on, and not only what is wanted.
    """

    @property
    def needs_all(self) -> bool: ...

    def head(self) -> bytes:
        """Return what comes before everything else."""

    def pass_over(self, body: bytes) -> None:
        """Take note of an entry that is not wanted."""

    def write(self, body: bytes) -> bytes:
        """Return what is shown of an entry."""

    def tail(self, *, has_more: bool) -> bytes:
        """Return what comes at the end; `has_more`: wanted entries were left out."""


def written_in(form: LogForm, start: Room, page: LogPage, when: Callable[[int], str]) -> Written:
    """Return how a log is written in a form.

    Args:
        start: the room before the first entry that is kept.
        page: what `json` says around the entries.
        when: writes a moment, milliseconds since the epoch, for people.
    """
    match form:
        case LogForm.JSON:
            return KeptPage(page)
        case LogForm.JSONL:
            return Kept()
        case LogForm.CSV:
            return Told(CsvForm(), start)
        case LogForm.MD:
            return Told(MarkdownForm(when), start)
        case LogForm.HTML:
            return Told(HtmlForm(when), start)
        case LogForm.TEXT:
            return Told(TextForm(), start)
        case _:
            assert_never(form)


class Kept:
    """The entries as they are kept, one a line."""

    needs_all = False

    def head(self) -> bytes:
        return b""

    def pass_over(self, body: bytes) -> None:
        """Do nothing."""

    def write(self, body: bytes) -> bytes:
        return body + b"\n"

    def tail(self, *, has_more: bool) -> bytes:  # noqa: ARG002 - this form has no place for it
        return b""


class KeptPage:
    """The entries as they are kept, within one object. `page` is what it says around them."""

    needs_all = False

    def __init__(self, page: LogPage) -> None:
        self._whole = msgspec.json.encode(msgspec.structs.replace(page, entries=[], more=False))
        self._has_begun = False

    def head(self) -> bytes:
        return self._whole.removesuffix(b'],"more":false}')

    def pass_over(self, body: bytes) -> None:
        """Do nothing."""

    def write(self, body: bytes) -> bytes:
        if self._has_begun:
            return b"," + body
        self._has_begun = True
        return body

    def tail(self, *, has_more: bool) -> bytes:
        return b'],"more":%b}' % (b"true" if has_more else b"false")


class Told:
    """What a form for readers makes of the entries. `start` is the room before the first of them."""

    needs_all = True

    def __init__(self, form: Form, start: Room) -> None:
        self._form = form
        self._room = start.name
        self._timeline = Timeline(start)

    def head(self) -> bytes:
        return _bytes(self._form.head(self._room))

    def pass_over(self, body: bytes) -> None:
        self._form.pass_over(self._timeline.take(body))

    def write(self, body: bytes) -> bytes:
        return _bytes(self._form.write(self._timeline.take(body)))

    def tail(self, *, has_more: bool) -> bytes:  # noqa: ARG002 - this form has no place for it
        return _bytes(self._form.tail())


def _bytes(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")
