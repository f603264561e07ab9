"""The web door: gives a connection that speaks HTTP to uvicorn, with our application behind it.

uvicorn opens no socket and runs no server here: the front door hands its connections over, and its plug-in points take
them. Normative: docs/protocol/web.md.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final, cast

from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from moothall.doors.gate import CountedAs
from moothall.doors.link import Link
from moothall.doors.web.app import WebApp
from moothall.doors.web.connection import WebConnection, WebProtocol
from moothall.doors.web.protocols import HttpProtocol, SocketProtocol
from moothall.doors.web.socket import LineDoor, WebSocket

__all__ = ["SocketRoute", "WebDoor"]

_MAX_HEAD_BYTES: Final = 64 * 1024
_MAX_MESSAGE_BYTES: Final = 1024 * 1024
_KEEP_ALIVE_SECONDS: Final = 5


class WebDoor:
    """Makes the protocol that speaks HTTP on a link; called once a connection.

    Args:
        max_message_bytes: how long a message of a WebSocket may be; a longer one closes it.
    """

    def __init__(self, app: WebApp, max_message_bytes: int = _MAX_MESSAGE_BYTES) -> None:
        # A request that is no HTTP, or words that are no UTF-8, are their sender's matter, not the operator's.
        diagnostics = logging.getLogger("uvicorn.error")
        diagnostics.setLevel(logging.ERROR)
        diagnostics.addFilter(_is_of_ours)
        self._config = Config(
            app,
            http=HttpProtocol,
            ws=SocketProtocol,
            ws_max_size=max_message_bytes,
            ws_per_message_deflate=False,
            ws_ping_interval=None,  # the door that speaks in it has pings of its own
            h11_max_incomplete_event_size=_MAX_HEAD_BYTES,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            interface="asgi3",
            lifespan="off",
            access_log=False,
            log_config=None,
            proxy_headers=False,
            server_header=False,
            date_header=False,
        )
        self._config.load()
        self._state = ServerState()

    def __call__(self, link: Link) -> asyncio.Protocol:
        """Speak HTTP on a link."""
        return WebConnection(link, self._speak)

    def _speak(self, connection: WebConnection) -> WebProtocol:
        return cast(
            "WebProtocol",
            HttpProtocol(config=self._config, server_state=self._state, app_state={"connection": connection}),
        )


def _is_of_ours(record: logging.LogRecord) -> bool:
    # uvicorn writes a traceback where a message is no UTF-8, and nowhere else in this function.
    return record.funcName != "send_receive_event_to_app"


class SocketRoute:
    """Opens a WebSocket on a room (ASGI): a room's address with an upgrade."""

    def __init__(self, door: LineDoor) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the connection over for as long as the WebSocket lasts."""
        await receive()
        await send({"type": "websocket.accept"})
        connection: WebConnection = scope["state"]["connection"]
        room: str = scope["path_params"]["room"]
        link = connection.link
        socket = WebSocket(
            connection, lambda line: link.hand_on(line, CountedAs.WEBSOCKET), lambda link: self._door(link, room)
        )
        await socket.speak(scope, receive, send)
