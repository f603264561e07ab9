"""The web door's application: checks who asks, marks every answer, and leads a request to the desk that answers it.

Normative: docs/protocol/web.md. uvicorn reads and writes HTTP (`door`); starlette finds the desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import formatdate
from typing import Final

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import Message, Receive, Scope, Send

from moothall.doors.web.allowlist import Allowlist
from moothall.doors.web.answers import HEADERS, WORDS, on_error, refusal
from moothall.doors.web.connection import WebConnection
from moothall.doors.web.methods import routes_for_the_rest
from moothall.errors import BadFrame, DataCorrupt, Reason, Rejected, StorageError

__all__ = ["WebApp"]

_BODILESS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class WebApp:
    """An ASGI application. Each request's `state` has the connection that it came on."""

    def __init__(self, routes: Sequence[BaseRoute], allowlist: Allowlist) -> None:
        self._allowlist = allowlist
        self._router = Starlette(
            routes=[*routes, *routes_for_the_rest(routes)],
            exception_handlers=dict.fromkeys((Rejected, BadFrame, StorageError, DataCorrupt, HTTPException), on_error),
        )
        self._router.router.redirect_slashes = False  # an address is one, or it is none

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or carry one WebSocket."""
        headers = Headers(scope=scope)
        objection = self._allowlist.objection(
            headers.getlist("host"),
            headers.getlist("origin"),
            site=headers.get("sec-fetch-site", ""),
            mode=headers.get("sec-fetch-mode", ""),
        )
        if scope["type"] == "websocket":
            await self._open_socket(scope, receive, send, objection)
            return
        connection: WebConnection = scope["state"]["connection"]
        request = _Request(connection, scope["method"], receive, send)
        try:
            if objection is None:
                await self._router(scope, request.receive, request.send)
            else:
                await _turn_away(scope, request.receive, request.send, objection)
        finally:
            request.end()

    async def _open_socket(self, scope: Scope, receive: Receive, send: Send, objection: str | None) -> None:
        is_open = False

        async def marked(message: Message) -> None:
            nonlocal is_open
            is_open = is_open or message["type"] == "websocket.accept"
            if message["type"] == "websocket.close" and not is_open:  # the router's: nothing is at this address
                await refusal(Reason.MALFORMED, WORDS[404], 404)(scope, receive, marked)
                return
            if message["type"] == "websocket.http.response.start":
                _mark(message)
            await send(message)

        if objection is None:
            await self._router(scope, receive, marked)
        else:
            await _turn_away(scope, receive, marked, objection)


def _mark(start: Message) -> None:
    headers = MutableHeaders(scope=start)
    headers["Date"] = formatdate(usegmt=True)  # RFC 9110 §6.6.1
    for name, value in HEADERS.items():
        headers.setdefault(name, value)


async def _turn_away(scope: Scope, receive: Receive, send: Send, objection: str) -> None:
    scope["state"]["connection"].link.count_refusal(Reason.NOT_ALLOWED)
    await refusal(Reason.NOT_ALLOWED, objection, 403)(scope, receive, send)


class _Request:
    """One request on its way: its connection knows when all of it has come, and when it is answered."""

    def __init__(self, connection: WebConnection, method: str, receive: Receive, send: Send) -> None:
        self._connection = connection
        self._receive = receive
        self._send = send
        self._has_begun = False
        if method in _BODILESS:
            self._begin()

    async def receive(self) -> Message:
        message = await self._receive()
        if not message.get("more_body", False):
            self._begin()
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._begin()
            _mark(message)
        await self._send(message)

    def end(self) -> None:
        if self._has_begun:
            self._connection.end()

    def _begin(self) -> None:
        if not self._has_begun:
            self._has_begun = True
            self._connection.begin()
