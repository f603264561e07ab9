"""What the web door says of itself, for machines: its requests, and what goes over a WebSocket or a stream.

Encoded once, when the server starts. Normative: docs/protocol/web.md §1.
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from moothall.wire.openapi import openapi
from moothall.wire.schema import json_schema

__all__ = ["document_routes"]


def document_routes() -> list[Route]:
    """Return the routes to the documents."""
    return [_route("/openapi.json", openapi()), _route("/schema.json", json_schema())]


def _route(path: str, document: dict[str, Any]) -> Route:
    body = msgspec.json.encode(document)

    async def give(_request: Request) -> Response:
        return Response(body, media_type="application/json")

    return Route(path, give)
