"""The page: files of the package, read once, and answered as they are. See docs/protocol/web.md §10.

Only what lies in `page/` is ever answered: a name is looked up, never joined to a path.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

__all__ = ["PAGE_POLICY", "page_routes"]

_INDEX: Final = "index.html"
_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""What the page may do: run and show the files of this server, and ask this server (CSP Level 3)."""


def page_routes() -> list[Route]:
    """Return the routes to the page and to the files that it is made of."""
    page = _read_page()

    async def index(request: Request) -> Response:
        return _answer(request, _INDEX, page[_INDEX])

    async def file(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in page:
            raise HTTPException(404)
        return _answer(request, name, page[name])

    return [
        Route("/", index),
        Route("/rooms/{room}", index),
        Route("/page/{name}", file),
    ]


def _read_page() -> Mapping[str, bytes]:
    folder = files("moothall.doors.web") / "page"
    return {
        entry.name: entry.read_bytes()
        for entry in folder.iterdir()
        if entry.is_file() and entry.name.rpartition(".")[2] in _TYPES
    }


def _answer(request: Request, name: str, body: bytes) -> Response:
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {
        "Content-Security-Policy": PAGE_POLICY,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-cache",
        "ETag": tag,
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=_TYPES[name.rpartition(".")[2]])
