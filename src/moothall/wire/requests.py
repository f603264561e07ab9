"""Every request that the web door answers, as a table: what it takes, and what it is answered.

Says what docs/protocol/web.md says, for machines; the web door's own routes are held against it by a test.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec

from moothall.wire.operator_frames import OperatorFrame
from moothall.wire.rest import (
    MAX_ENTRIES,
    MAX_ROOMS,
    MAX_SEQ,
    MAX_SITTINGS,
    Bots,
    Events,
    Health,
    LogForm,
    LogPage,
    Opening,
    Queueing,
    Ready,
    Rooms,
    RoomShown,
    Sent,
    Sittings,
    Topics,
)

__all__ = ["REQUESTS", "Parameter", "RequestKind"]

JSON: Final = "application/json"
Document = dict[str, Any]
PAGE: Final = {"text/html": str}

Seq = Annotated[int, msgspec.Meta(ge=0, le=MAX_SEQ)]
SittingNumber = Annotated[int, msgspec.Meta(ge=1, le=MAX_SEQ)]
EntryCount = Annotated[int, msgspec.Meta(ge=1, le=MAX_ENTRIES)]
RoomCount = Annotated[int, msgspec.Meta(ge=1, le=MAX_ROOMS)]
SittingCount = Annotated[int, msgspec.Meta(ge=1, le=MAX_SITTINGS)]


class StreamMessage(msgspec.Struct, frozen=True):
    """One message of a stream of events. `data` is a line of JSON: a reply or an event of /schema.json."""

    data: str
    id: str | None = None
    retry: int | None = None


class Parameter(msgspec.Struct, frozen=True):
    """What stands in the query, or in a header, and may be absent."""

    name: str
    kind: Any
    about: str
    place: Literal["query", "header"] = "query"


class RequestKind(msgspec.Struct, frozen=True, kw_only=True):
    """One request. `answers`: by status and media type, what it is answered where it is done.

    `needs_token`: only the operator may. `may_conflict`: the room may be in no state for it.
    """

    method: Literal["get", "post", "delete"]
    path: str
    name: str
    about: str
    section: int
    answers: dict[int, dict[str, Any]]
    parameters: tuple[Parameter, ...] = ()
    body: Any = None
    needs_token: bool = False
    may_conflict: bool = False


def _asks(path: str, name: str, about: str, section: int, **more: Any) -> RequestKind:
    return RequestKind(method="get", path=path, name=name, about=about, section=section, **more)


def _leads(method: Literal["post", "delete"], path: str, name: str, about: str, **more: Any) -> RequestKind:
    return RequestKind(
        method=method, path=path, name=name, about=about, section=6, needs_token=True, may_conflict=True, **more
    )


_LOG_FORMS: Final = {
    JSON: LogPage,
    "application/jsonl": str,
    "text/csv": str,
    "text/markdown": str,
    "text/html": str,
    "text/plain": str,
}

REQUESTS: Final = (
    _asks("/", "getPage", "The page, which shows the rooms.", 10, answers={200: PAGE}),
    _asks("/rooms/{room}", "getRoomPage", "The page, which shows one room.", 10, answers={200: PAGE}),
    _asks(
        "/api/rooms",
        "listRooms",
        "The rooms, those in which a sitting goes on first.",
        4,
        parameters=(Parameter("limit", RoomCount, "At most so many; absent: 200."),),
        answers={200: {JSON: Rooms}},
    ),
    _leads(
        "post",
        "/api/rooms",
        "openRoom",
        "Open a room with rules of its own, or give them to one between two sittings. 200: it is so already.",
        body=Opening,
        answers={200: {JSON: RoomShown}, 201: {JSON: RoomShown}},
    ),
    _asks(
        "/api/rooms/{room}",
        "getRoom",
        "The state of a room. With an upgrade (RFC 6455), a WebSocket: see section 7, and /schema.json.",
        4,
        answers={200: {JSON: RoomShown}},
    ),
    _leads(
        "delete",
        "/api/rooms/{room}",
        "closeRoom",
        "Close a room, and its sitting with it. Its log stays.",
        answers={200: {JSON: Events}},
    ),
    _asks(
        "/api/rooms/{room}/events",
        "readEvents",
        "A stream of server-sent events, each of which is described here.",
        8,
        parameters=(
            Parameter("after", Seq, "Read on after this seq; absent: from the opening of the sitting that goes on."),
            Parameter("Last-Event-ID", str, "The last `id` that was read: where to go on.", "header"),
        ),
        answers={200: {"text/event-stream": StreamMessage}},
        may_conflict=True,
    ),
    _asks(
        "/api/rooms/{room}/log",
        "getLog",
        "What was said and done.",
        5,
        parameters=(
            Parameter("after", Seq, "Entries after this seq; absent: from the first that is kept."),
            Parameter("limit", EntryCount, "At most so many entries; absent: 1000 for `json`, all for the others."),
            Parameter("sitting", SittingNumber, "Those of one sitting; absent: of all."),
            Parameter("format", LogForm, "Absent: `json`."),
        ),
        answers={200: _LOG_FORMS},
    ),
    _asks(
        "/api/rooms/{room}/sittings",
        "listSittings",
        "The sittings that there were, the newest first.",
        5,
        parameters=(Parameter("limit", SittingCount, "At most so many; absent: 100."),),
        answers={200: {JSON: Sittings}},
    ),
    _asks(
        "/api/rooms/{room}/topics",
        "getTopics",
        "What is talked about, and what is next.",
        4,
        answers={200: {JSON: Topics}},
    ),
    _leads(
        "post",
        "/api/rooms/{room}/topics",
        "queueTopic",
        "Have a room talk about something next.",
        body=Queueing,
        answers={200: {JSON: Events}},
    ),
    _leads(
        "post",
        "/api/rooms/{room}/commands",
        "leadRoom",
        "Lead a room: one frame, told apart by its `do`.",
        body=OperatorFrame,
        answers={200: {JSON: Events}},
    ),
    _asks("/api/bots", "listBots", "The house bots that there are.", 6, answers={200: {JSON: Bots}}),
    _leads(
        "post",
        "/api/rooms/{room}/bots",
        "sendBots",
        "Send house bots into free seats; they take them by themselves.",
        body=Bots,
        answers={202: {JSON: Sent}},
    ),
    _asks("/health", "getHealth", "Whether the process answers.", 9, answers={200: {JSON: Health}}),
    _asks(
        "/ready",
        "getReady",
        "Whether rooms can take words.",
        9,
        answers={200: {JSON: Ready}, 503: {JSON: Ready}},
    ),
    _asks("/metrics", "getMetrics", "Figures for Prometheus.", 9, answers={200: {"text/plain": str}}),
    _asks("/openapi.json", "getOpenapi", "This description.", 1, answers={200: {JSON: Document}}),
    _asks(
        "/schema.json",
        "getSchema",
        "The schema of frames, replies and events.",
        1,
        answers={200: {JSON: dict[str, Any]}},
    ),
)
