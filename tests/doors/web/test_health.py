"""How the server is, for whoever keeps it running."""

from __future__ import annotations

from tests.doors.guests import house
from tests.doors.web.callers import ask


async def test_a_server_that_runs_is_well_and_ready() -> None:
    """Both can be asked with HEAD too."""
    async with house() as here:
        health, ready = await ask(here, "GET", "/health"), await ask(here, "GET", "/ready")
        head = await ask(here, "HEAD", "/ready")

    assert (health.status, health.object) == (200, {"health": "ok"})
    assert (ready.status, ready.object) == (200, {"ready": True})
    assert (head.status, head.body) == (200, b"")


async def test_a_server_that_can_store_nothing_is_well_but_not_ready() -> None:
    """Whoever spreads connections over servers sends nobody here meanwhile."""
    async with house() as here:
        here.server.hall.press.failed_since = here.clock.now()
        health, ready = await ask(here, "GET", "/health"), await ask(here, "GET", "/ready")
        here.server.hall.press.failed_since = None

    assert health.status == 200
    assert (ready.status, ready.object) == (503, {"ready": False})
