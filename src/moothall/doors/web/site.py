"""The web door put together: every desk, the page and the WebSocket behind one application."""

from __future__ import annotations

import msgspec
from starlette.routing import WebSocketRoute

from moothall.doors.gate import Gate
from moothall.doors.web.allowlist import Allowlist
from moothall.doors.web.app import WebApp
from moothall.doors.web.documents import document_routes
from moothall.doors.web.door import SocketRoute, WebDoor
from moothall.doors.web.files import page_routes
from moothall.doors.web.health import health_routes
from moothall.doors.web.logs import LogDesk
from moothall.doors.web.metrics import metrics_routes
from moothall.doors.web.operators import OperatorDesk, SendBots
from moothall.doors.web.rooms import RoomDesk
from moothall.doors.web.socket import LineDoor
from moothall.doors.web.token import OperatorToken
from moothall.hall.hall import Hall
from moothall.log.timed import CommitTimes

__all__ = ["Site", "web_door"]


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """What the web door answers with.

    `token`: what the operator shows; None, and nobody is the operator. `line_door` speaks on a WebSocket.
    `max_body_bytes`: how long the body of a request may be.
    """

    hall: Hall
    gate: Gate
    commits: CommitTimes
    allowlist: Allowlist
    token: OperatorToken | None
    send_bots: SendBots
    line_door: LineDoor
    max_body_bytes: int


def web_door(site: Site) -> WebDoor:
    """Return the door that answers HTTP."""
    hall = site.hall
    routes = [
        *page_routes(),
        *document_routes(),
        *RoomDesk(hall).routes(),
        *LogDesk(hall).routes(),
        *OperatorDesk(hall, site.token, site.send_bots, site.max_body_bytes).routes(),
        *health_routes(hall),
        *metrics_routes(hall, site.gate, site.commits),
        WebSocketRoute("/api/rooms/{room}", SocketRoute(site.line_door)),
    ]
    return WebDoor(WebApp(routes, site.allowlist))
