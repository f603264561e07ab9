"""What the operator may ask, with the token: to open and close rooms, lead them, and send house bots into seats.

Normative: docs/protocol/web.md §6. What a request brings about is answered once it is stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from moothall.bots.house import HOUSE_BOTS
from moothall.doors.web.answers import answer, turn_down
from moothall.doors.web.requests import check_operator, read_object, room_of
from moothall.doors.web.rooms import show_room
from moothall.doors.web.token import OperatorToken
from moothall.engine.chair import OPERATOR
from moothall.engine.commands import CloseRoom, Command, QueueTopic
from moothall.engine.names import Name, RoomName, parse_room_name
from moothall.engine.rules import Rules
from moothall.engine.words import PolicyName
from moothall.errors import Reason, Rejected
from moothall.hall.clerk import Clerk
from moothall.hall.hall import Hall
from moothall.wire.operator_frames import OPERATOR_FRAMES, operator_command
from moothall.wire.rest import Bots, Events, Opening, Queueing, Sent

__all__ = ["OperatorDesk", "SendBots"]

SendBots = Callable[[RoomName, Sequence[str]], None]
"""Sends house bots, by their names, to a room; they take seats by themselves."""

T = TypeVar("T")

_RULES: Final = frozenset(Rules.__struct_fields__)
_OPENING: Final = msgspec.json.Decoder(Opening)
_QUEUEING: Final = msgspec.json.Decoder(Queueing)
_BOTS: Final = msgspec.json.Decoder(Bots)


class OperatorDesk:
    """Carries the operator's requests to a hall.

    Args:
        token: what a request must show; None, and nobody is the operator.
        max_body_bytes: how long the body of a request may be.
    """

    def __init__(self, hall: Hall, token: OperatorToken | None, send_bots: SendBots, max_body_bytes: int) -> None:
        self._hall = hall
        self._token = token
        self._send_bots = send_bots
        self._max_body_bytes = max_body_bytes

    def routes(self) -> list[Route]:
        """Return the routes to these requests."""
        return [
            self._route("/api/rooms", self.open_room),
            self._route("/api/rooms/{room}", self.close_room, method="DELETE"),
            self._route("/api/rooms/{room}/topics", self.queue_topic),
            self._route("/api/rooms/{room}/commands", self.command),
            self._route("/api/rooms/{room}/bots", self.send_bots),
            Route("/api/bots", self.bots),
        ]

    async def open_room(self, request: Request) -> Response:
        """Open a room with rules of its own."""
        opening = await self._read(request, _OPENING)
        name = parse_room_name(opening.room)
        clerk, steps = self._hall.open(name, _rules(self._hall.given_rules(name), opening))
        await _settled(clerk)
        shown = show_room(self._hall, clerk.name)
        if not steps:
            return answer(shown)
        return answer(shown, 201, {"Location": f"/api/rooms/{quote(clerk.name, safe='')}"})

    async def close_room(self, request: Request) -> Response:
        """Close a room, and its sitting with it."""
        return await self._ask(request, self._hall.look(room_of(request)).name, CloseRoom())

    async def queue_topic(self, request: Request) -> Response:
        """Have a room talk about something next."""
        queueing = await self._read(request, _QUEUEING)
        return await self._ask(request, room_of(request), QueueTopic(queueing.topic))

    async def command(self, request: Request) -> Response:
        """Do what a frame asks of a room."""
        frame = await self._read(request, OPERATOR_FRAMES)
        return await self._ask(request, room_of(request), operator_command(frame))

    async def bots(self, _request: Request) -> Response:
        """Answer with the house bots that there are."""
        return answer(Bots(bots=list(HOUSE_BOTS)))

    async def send_bots(self, request: Request) -> Response:
        """Send house bots into free seats of a room."""
        bots = (await self._read(request, _BOTS)).bots
        name = room_of(request)
        for bot in bots:
            if bot not in HOUSE_BOTS:
                raise Rejected(Reason.BAD_VALUE, f"bots are of {', '.join(HOUSE_BOTS)}, not {bot!r}")
        room = self._hall.room(name).newest
        rules = room.rules if room.has_sitting else self._hall.rules_of(name)
        if len(room.seats) + len(bots) > rules.seats:
            raise Rejected(Reason.ROOM_FULL, name)
        self._send_bots(name, bots)
        return answer(Sent(sent=len(bots)), 202)

    def _route(self, path: str, do: Callable[[Request], Awaitable[Response]], *, method: str = "POST") -> Route:
        async def checked(request: Request) -> Response:
            check_operator(request, self._token)
            return await do(request)

        return Route(path, checked, methods=[method])

    async def _read(self, request: Request, decoder: msgspec.json.Decoder[T]) -> T:
        return await read_object(request, decoder, self._max_body_bytes)

    async def _ask(self, request: Request, room: RoomName, command: Command) -> Response:
        try:
            changes = self._hall.command(room, command)
        except Rejected as refusal:
            clerk = self._hall.find(room)
            return turn_down(request, refusal, None if clerk is None else clerk.newest, Name(OPERATOR))
        clerk = self._hall.find(room)
        if clerk is not None:
            await _settled(clerk)
        return answer(Events(events=[msgspec.Raw(change.body) for change in changes]))


def _rules(general: Rules, opening: Opening) -> Rules:
    if opening.policy is PolicyName.CUSTOM:
        raise Rejected(
            Reason.BAD_VALUE, "policy custom wants a function, which only the server's command line can name"
        )
    own = {
        name: value for name, value in msgspec.structs.asdict(opening).items() if name in _RULES and value is not None
    }
    return msgspec.structs.replace(general, **own)


async def _settled(clerk: Clerk) -> None:
    """Wait until what a clerk has decided is committed.

    Raises:
        Rejected: STORAGE, it could not be, and was taken back.
    """
    settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    clerk.once_settled(lambda: settled.set_result(None), lambda: settled.set_exception(Rejected(Reason.STORAGE)))
    await settled
