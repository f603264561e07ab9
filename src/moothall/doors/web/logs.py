"""What a room's log answers: what was said and done, in the form one likes, and the sittings that there were.

Normative: docs/protocol/web.md §5.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from moothall.doors.web.answers import answer
from moothall.doors.web.download import Download
from moothall.doors.web.reading import LogReading
from moothall.doors.web.requests import connection_of, number_in, room_of
from moothall.doors.web.shifts import Shifts
from moothall.errors import BadFrame, Reason
from moothall.hall.bases import replay_start
from moothall.hall.clock import in_words
from moothall.hall.hall import Hall
from moothall.views.excerpt import Excerpt
from moothall.views.sittings import SittingList
from moothall.views.written import written_in
from moothall.wire.rest import MAX_ENTRIES, MAX_SEQ, MAX_SITTINGS, LogForm, LogPage, Sittings

__all__ = ["LogDesk", "attachment"]

_ENTRIES: Final = 1_000
"""How many entries `json` holds unless told otherwise: a page that a program can look at."""
_SITTINGS: Final = 100

_TYPES: Final = {
    LogForm.JSON: "application/json",
    LogForm.JSONL: "application/jsonl",
    LogForm.CSV: "text/csv; charset=utf-8; header=present",
    LogForm.MD: "text/markdown; charset=utf-8",
    LogForm.HTML: "text/html; charset=utf-8",
    LogForm.TEXT: "text/plain; charset=utf-8",
}
_EXTENSIONS: Final = {LogForm.TEXT: "txt"}
"""Of a file's name, where it is not the form's own."""

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


class LogDesk:
    """Answers about the logs of a hall's rooms."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._shifts = Shifts()

    def routes(self) -> list[Route]:
        """Return the routes to these answers."""
        return [
            Route("/api/rooms/{room}/log", self.log),
            Route("/api/rooms/{room}/sittings", self.sittings),
        ]

    async def log(self, request: Request) -> Download:
        """Answer with what was said and done in a room."""
        clerk = self._hall.look(room_of(request))
        form = _form_in(request)
        after = number_in(request, "after", default=0, least=0, most=MAX_SEQ)
        limit = _optional(request, "limit", MAX_ENTRIES)
        sitting = _optional(request, "sitting", MAX_SEQ)
        if limit is None and form is LogForm.JSON:
            limit = _ENTRIES
        start = replay_start(clerk.log, clerk.name)
        page = LogPage(
            room=clerk.name,
            epoch=self._hall.epoch,
            first_seq=clerk.first_seq,
            seq=clerk.settled.seq,
            entries=[],
            more=False,
        )
        written = written_in(form, start, page, in_words)
        is_whole = written.needs_all or sitting is not None
        return Download(
            connection_of(request),
            LogReading(self._hall, clerk, self._shifts, after=0 if is_whole else after),
            Excerpt(start, after=after, limit=limit, sitting=sitting),
            written,
            _headers(form, clerk.name, sitting),
        )

    async def sittings(self, request: Request) -> Response:
        """Answer with the sittings of a room."""
        clerk = self._hall.look(room_of(request))
        sittings = SittingList(number_in(request, "limit", default=_SITTINGS, least=1, most=MAX_SITTINGS))
        reading = LogReading(self._hall, clerk, self._shifts)
        link = connection_of(request).link
        while not link.is_closing and (entries := await reading.page()):
            for entry in entries:
                sittings.take(entry.body)
        return answer(Sittings(sittings=sittings.newest_first(reading.last_seq)))


def attachment(name: str) -> str:
    """Return a `Content-Disposition` that names a file: in letters of ASCII, and as it is (RFC 6266 §4.3)."""
    return f"attachment; filename=\"{_UNSAFE.sub('_', name)}\"; filename*=UTF-8''{quote(name, safe='')}"


def _headers(form: LogForm, room: str, sitting: int | None) -> dict[str, str]:
    headers = {"Content-Type": _TYPES[form]}
    if form is not LogForm.JSON:
        part = "" if sitting is None else f"-{sitting}"
        headers["Content-Disposition"] = attachment(f"{room}{part}.{_EXTENSIONS.get(form, form.value)}")
    return headers


def _form_in(request: Request) -> LogForm:
    word = request.query_params.get("format", LogForm.JSON.value)
    if word not in list(LogForm):
        raise BadFrame(Reason.MALFORMED, f"format is one of {', '.join(LogForm)}.")
    return LogForm(word)


def _optional(request: Request, name: str, most: int) -> int | None:
    if name not in request.query_params:
        return None
    return number_in(request, name, default=1, least=1, most=most)
