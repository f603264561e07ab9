"""How the server is, for whoever keeps it running. Normative: docs/protocol/web.md §9."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from moothall.doors.web.answers import answer
from moothall.hall.hall import Hall
from moothall.wire.rest import Health, Ready

__all__ = ["health_routes"]


def health_routes(hall: Hall) -> list[Route]:
    """Return the routes that tell whether the process answers, and whether rooms can take words."""

    async def health(_request: Request) -> Response:
        return answer(Health(health="ok"))

    async def ready(_request: Request) -> Response:
        is_ready = not (hall.is_stopping or hall.press.is_stopped or hall.press.refuses)
        return answer(Ready(ready=is_ready), 200 if is_ready else 503)

    return [Route("/health", health), Route("/ready", ready)]
