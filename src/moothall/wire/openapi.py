"""The web door's requests as OpenAPI 3.1, made from the same types that read and write their bodies.

Kept beside the protocol's text: `python -m moothall.wire.openapi > docs/protocol/openapi.json`. Normative for what
each request does: docs/protocol/web.md.
"""

from __future__ import annotations

import sys
from typing import Any, Final

import msgspec

from moothall.engine.names import MAX_ROOM_NAME_CHARS
from moothall.wire.json_lines import PROTOCOL_VERSION
from moothall.wire.requests import REQUESTS, Parameter, RequestKind
from moothall.wire.rest import Refusal
from moothall.wire.schema import event_schema

__all__ = ["openapi", "openapi_text"]

_REF: Final = "#/components/schemas/{name}"
_JSON: Final = "application/json"

_REFUSALS: Final = {
    400: "This is no such request, or its body is no such object: `malformed`.",
    401: "The operator's token is missing, or is another: `not_allowed`.",
    403: "This host or origin may not ask: `not_allowed`.",
    404: "There is no such room: `no_such_room`; or nothing is at this address: `malformed`.",
    409: "The room is not in a state for it: any other reason.",
    413: "The body is too long: `too_long`.",
    415: "The body is not `application/json`: `malformed`.",
    422: "A value that cannot be: `bad_value`, `bad_name`, `too_long`.",
    503: "The server is stopping, or cannot store or read anything now: `closing`, `storage`.",
}
_DONE: Final = {200: "Done, or as it is.", 201: "Opened.", 202: "On their way.", 503: "Not now."}

_HEADERS: Final = (
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Cross-Origin-Resource-Policy",
    "Content-Security-Policy",
    "Cache-Control",
)
"""What every answer carries."""

_ROOM: Final[dict[str, Any]] = {
    "name": "room",
    "in": "path",
    "required": True,
    "description": "The name of a room; its case does not matter.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_ROOM_NAME_CHARS},
    "example": "main",
}
_ANY_ROOM: Final[dict[str, Any]] = _ROOM | {
    "description": "The name of a room, which the page looks for itself.",
    "schema": {"type": "string", "minLength": 1},
}


def openapi() -> dict[str, Any]:
    """Return the description of every request."""
    kinds = _kinds()
    schemas, components = msgspec.json.schema_components([*kinds, Refusal], ref_template=_REF)
    by_kind = dict(zip(map(repr, kinds), schemas, strict=False))  # not every type can be a key itself
    event, events = event_schema(_REF)
    components["Events"]["properties"]["events"]["items"] = {"$ref": _REF.format(name="Event")}
    components["LogPage"]["properties"]["entries"]["items"] = {"$ref": _REF.format(name="Event")}
    paths: dict[str, dict[str, Any]] = {}
    for request in REQUESTS:
        paths.setdefault(request.path, {})[request.method] = _operation(request, by_kind)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Moothall",
            "version": str(PROTOCOL_VERSION),
            "description": "What the web door answers. What can be got can be asked with HEAD as well.",
        },
        "paths": paths,
        "components": {
            "schemas": {**components, **events, "Event": event},
            "headers": {name: {"required": True, "schema": {"type": "string"}} for name in _HEADERS},
            "parameters": {"room": _ROOM, "pageRoom": _ANY_ROOM},
            "responses": {str(status): _refused(about) for status, about in _REFUSALS.items()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "The operator's token."},
            },
        },
    }


def openapi_text() -> str:
    """Return the description as docs/protocol/openapi.json holds it."""
    return msgspec.json.format(msgspec.json.encode(openapi()), indent=2).decode() + "\n"


def _kinds() -> list[Any]:
    kinds = [request.body for request in REQUESTS if request.body is not None]
    kinds += [parameter.kind for request in REQUESTS for parameter in request.parameters]
    kinds += [kind for request in REQUESTS for answer in request.answers.values() for kind in answer.values()]
    return list({repr(kind): kind for kind in kinds}.values())


def _operation(request: RequestKind, schemas: dict[str, Any]) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [_parameter(parameter, schemas) for parameter in request.parameters]
    if "{room}" in request.path:
        is_asked = request.path.startswith("/api/")
        parameters.insert(0, {"$ref": f"#/components/parameters/{'room' if is_asked else 'pageRoom'}"})
    operation: dict[str, Any] = {
        "operationId": request.name,
        "summary": request.about,
        "description": f"Normative: docs/protocol/web.md §{request.section}.",
        "parameters": parameters,
        "responses": _responses(request, schemas),
    }
    if request.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {_JSON: {"schema": schemas[repr(request.body)]}},
        }
    if request.needs_token:
        operation["security"] = [{"bearer": []}]
    return operation


def _parameter(parameter: Parameter, schemas: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.about,
        "schema": schemas[repr(parameter.kind)],
    }


def _responses(request: RequestKind, schemas: dict[str, Any]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, kinds in request.answers.items():
        headers = _headers()
        if status == 201:
            headers["Location"] = {"required": True, "schema": {"type": "string"}}
        content = {media_type: {"schema": schemas[repr(kind)]} for media_type, kind in kinds.items()}
        responses[str(status)] = {"description": _DONE[status], "headers": headers, "content": content}
    for status in _refusal_statuses(request):
        responses.setdefault(str(status), {"$ref": f"#/components/responses/{status}"})
    return dict(sorted(responses.items()))


def _refusal_statuses(request: RequestKind) -> set[int]:
    statuses = {403}
    if request.parameters:
        statuses.add(400)
    if request.path.startswith("/api/rooms/"):
        statuses |= {404, 422, 503}
    if request.needs_token:
        statuses |= {401, 404, 422, 503}
    if request.may_conflict:
        statuses.add(409)
    if request.body is not None:
        statuses |= {400, 413, 415}
    return statuses


def _refused(about: str) -> dict[str, Any]:
    return {
        "description": about,
        "headers": _headers(),
        "content": {_JSON: {"schema": {"$ref": _REF.format(name="Refusal")}}},
    }


def _headers() -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS}


if __name__ == "__main__":
    sys.stdout.write(openapi_text())
