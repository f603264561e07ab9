"""Who asks with a method that an address does not take is told all that it takes."""

from __future__ import annotations

import pytest

from moothall.wire.requests import REQUESTS
from tests.doors.guests import house
from tests.doors.web.callers import ask

TAKEN = {
    path: {request.method.upper() for request in REQUESTS if request.path == path}
    for path in (request.path for request in REQUESTS)
}


@pytest.mark.parametrize("path", TAKEN)
async def test_the_refusal_names_every_method_of_the_address(path: str) -> None:
    """Of whichever desk: what can be got can be asked with HEAD."""
    taken = TAKEN[path] | ({"HEAD"} if "GET" in TAKEN[path] else set())
    async with house() as running:
        for method in {"PUT", "PATCH", "OPTIONS", "TRACE", "POST", "DELETE", "GET"} - taken:
            answer = await ask(running, method, path.replace("{room}", "main"))

            assert answer.refusal == (405, "malformed", "This address takes other methods.")
            assert answer.headers["allow"] == ", ".join(sorted(taken))


@pytest.mark.parametrize("path", ["/nothing", "/api", "/api/rooms/", "/api/rooms/main/", "/api/rooms/main/log/x", "//"])
async def test_where_nothing_is_no_method_helps(path: str) -> None:
    """Nobody is led to another address either."""
    async with house() as running:
        for method in ("GET", "POST", "PUT"):
            assert (await ask(running, method, path)).refusal[:2] == (404, "malformed")
