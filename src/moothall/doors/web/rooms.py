"""What anybody may ask about rooms: which there are, how one is, what it talks about; and to read one as a stream.

Normative: docs/protocol/web.md §4 and §8.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from moothall.doors.web.answers import answer
from moothall.doors.web.requests import connection_of, number_in, room_of
from moothall.doors.web.stream import EventStream
from moothall.engine.evolve import empty_room
from moothall.engine.names import RoomName, Seq
from moothall.errors import Rejected
from moothall.hall.hall import Hall
from moothall.hall.lobby import Wish
from moothall.views.room_state import room_shown
from moothall.wire.event_stream import event_stream, read_id
from moothall.wire.rest import MAX_ROOMS, MAX_SEQ, Rooms, RoomShown, Topics

__all__ = ["RoomDesk", "show_room"]


_ROOMS: Final = 200
"""How many rooms are listed unless told otherwise: more than anybody looks at."""


class RoomDesk:
    """Answers about the rooms of a hall."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._dialect = event_stream(hall.epoch)

    def routes(self) -> list[Route]:
        """Return the routes to these answers."""
        return [
            Route("/api/rooms", self.rooms),
            Route("/api/rooms/{room}", self.room),
            Route("/api/rooms/{room}/topics", self.topics),
            Route("/api/rooms/{room}/events", self.events),
        ]

    async def rooms(self, request: Request) -> Response:
        """Answer with the rooms that can be looked at, those in which a sitting goes on first."""
        limit = number_in(request, "limit", default=_ROOMS, least=1, most=MAX_ROOMS)
        names = sorted(self._hall.known(), key=self._is_quiet)
        shown = [show_room(self._hall, name) for name in names[:limit]]
        return answer(Rooms(rooms=shown, more=len(names) > limit))

    async def room(self, request: Request) -> Response:
        """Answer with one room."""
        return answer(show_room(self._hall, self._hall.look(room_of(request)).name))

    async def topics(self, request: Request) -> Response:
        """Answer with what a room talks about, and what is next."""
        room = self._hall.look(room_of(request)).settled
        return answer(Topics(topic=room.topic.topic if room.topic else None, queue=list(room.queue)))

    async def events(self, request: Request) -> Response | EventStream:
        """Make a spectator of whoever asks, and answer with all that happens in the room."""
        last_id = request.headers.get("last-event-id")
        asked = _after(request)  # looked at in any case: what is no number is refused
        epoch, after = (None, asked) if last_id is None else read_id(last_id)
        connection = connection_of(request)
        stream = EventStream(connection)
        wish = Wish(room=room_of(request), watch=True, epoch=epoch, after=after, address=connection.link.address)
        self._hall.lobby.enter(wish, stream, self._dialect, stream.on_welcome, _never_refused)
        return stream

    def _is_quiet(self, name: RoomName) -> bool:
        clerk = self._hall.find(name)
        return clerk is None or not clerk.settled.has_sitting


def show_room(hall: Hall, name: RoomName) -> RoomShown:
    """Return what is shown of a room; one that nobody has come to yet is as it will be opened."""
    clerk, (first_seq, seq) = hall.find(name), hall.kept(name)
    room = empty_room(name) if clerk is None else clerk.settled
    if not room.has_sitting:
        room = replace(room, rules=hall.rules_of(name), seq=Seq(seq))
    return room_shown(
        room,
        watching=0 if clerk is None else hall.watching(clerk),
        first_seq=first_seq,
        epoch=hall.epoch,
        now=hall.clock.now(),
    )


def _after(request: Request) -> int | None:
    if "after" not in request.query_params:
        return None
    return number_in(request, "after", default=0, least=0, most=MAX_SEQ)


def _never_refused(_refusal: Rejected) -> None:
    """Do nothing: a spectator is let in at once, or not at all."""
