"""What an address takes: whoever asks it with another method is told all that it does take (RFC 9110 §15.5.6)."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

__all__ = ["routes_for_the_rest"]


def routes_for_the_rest(routes: Iterable[BaseRoute]) -> list[Route]:
    """Return routes that answer, behind these ones, what is asked at their addresses with a method of no route.

    By itself starlette names the methods of one route alone, where an address has several.
    """
    methods: dict[str, set[str]] = {}
    for route in routes:
        if isinstance(route, Route):
            methods.setdefault(route.path, set()).update(route.methods or ())
    return [Route(path, _Refusing(", ".join(sorted(taken)))) for path, taken in methods.items()]


class _Refusing:
    """An application (ASGI) that takes no method. Not a function: a route to one would take GET alone."""

    def __init__(self, allow: str) -> None:
        self._allow = allow

    async def __call__(self, _scope: Scope, _receive: Receive, _send: Send) -> None:
        raise HTTPException(405, headers={"Allow": self._allow})
