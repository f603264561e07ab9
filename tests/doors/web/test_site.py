"""The web door put together: whatever the protocol names is there."""

from __future__ import annotations

import re

import pytest

from tests.doors.guests import house
from tests.doors.web.callers import ask, lead
from tests.wire.samples import DOCS

PAGE = (DOCS / "web.md").read_text(encoding="utf-8")
TABLE = PAGE[PAGE.index("| request | gives |") : PAGE.index("`ROOM` is the name of a room")]
REQUESTS = sorted(set(re.findall(r"`(GET|POST|DELETE) (/[^`]*)`", TABLE)))


@pytest.mark.parametrize(("method", "path"), REQUESTS, ids=[" ".join(request) for request in REQUESTS])
async def test_every_request_of_the_protocol_is_answered(method: str, path: str) -> None:
    """With something else than that there is nothing, or that it takes another method."""
    async with house() as here:
        await here.seated("Lars")
        call = ask if method == "GET" else lead
        answer = await call(here, "HEAD" if path.endswith("/events") else method, path.replace("ROOM", "main"))

    assert answer.status not in (404, 405)


def test_the_protocol_names_requests() -> None:
    """If it had another form, nothing above would be asked."""
    assert len(REQUESTS) >= 17
