"""The console of a running server: the conversation scrolls by, and the operator types.

On a terminal typing and scrolling do not disturb each other; elsewhere lines come in and go out as they are, and the
end of the input is no `end`.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

from moothall.cli.completing import operator_lines
from moothall.cli.operator import END, Operator, room_names
from moothall.cli.paint import Painter
from moothall.cli.status import operator_prompt, status_texts
from moothall.cli.typing_in import TypedLines
from moothall.engine.commands import Command
from moothall.engine.events import Seated
from moothall.engine.names import RoomName
from moothall.engine.room import Phase, Room
from moothall.errors import Rejected
from moothall.hall.clerk import Clerk
from moothall.hall.hall import Hall
from moothall.hall.visit import Visit
from moothall.wire.change import Change, Dialect
from moothall.wire.text import lines_for

__all__ = ["Console", "Onlooker", "read_operator"]


class Onlooker:
    """The console's own eyes in one room: a reader that is no spectator, and that stays from sitting to sitting.

    Args:
        show: shows one line.
    """

    def __init__(self, clerk: Clerk, show: Callable[[str], None], on_change: Callable[[Change], None]) -> None:
        self._clerk = clerk
        self._show = show
        self._on_change = on_change
        dialect = Dialect(f"console{id(self)}", self._encode, needs_room=True)
        self._visit = Visit(clerk, self, name=None, dialect=dialect, after=clerk.published_seq, is_onlooker=True)

    def write(self, data: bytes) -> None:
        """Show lines."""
        for line in data.decode("utf-8", "replace").splitlines():
            self._show(line)

    def refuse(self, refusal: Rejected, command: Command | None) -> None:
        """Do nothing: an onlooker asks for nothing."""

    def finish(self) -> None:
        """Do nothing: an onlooker stays."""

    def _encode(self, change: Change) -> bytes:
        self._on_change(change)
        event, room = change.event, change.after
        if not isinstance(event, Seated):
            return "".join(f"{line}\n" for line in lines_for(change)).encode("utf-8", "replace")
        visit = self._clerk.visits.get(event.name)
        where = f" from {visit.address}" if visit is not None and visit.address else ""
        here = f"{room.here}/{room.rules.seats}"
        is_full = room.phase is Phase.GATHERING and room.here == room.rules.seats
        starts = f" Everybody is here: {_what_follows(room)}." if is_full else ""
        return f"* {event.name} took seat {event.seat}{where}. {here} here.{starts}\n".encode()


def _what_follows(room: Room) -> str:
    if room.paused_at is not None:
        return "type unpause, and the conversation starts"
    return "type start" if room.rules.hold_start else "the conversation starts"


class Console:
    """Shows every room of a hall, from now on; with several rooms each line says which."""

    def __init__(self, hall: Hall, show: Callable[[str], None], painter: Painter, *, is_quiet: bool = False) -> None:
        self._hall = hall
        self._show = show
        self._painter = painter
        self._onlookers: list[Onlooker] = []
        self.on_change: Callable[[Change], None] = _ignore
        if not is_quiet:
            hall.on_room = self._watch
            for clerk in hall.clerks.values():
                self._watch(clerk)

    def status(self, name: RoomName) -> tuple[str, ...]:
        """Return how things stand in the room `name` and in all rooms, the longest first, for a line at the typing."""
        rooms = [clerk.settled for clerk in self._hall.clerks.values() if clerk.settled.seq]
        return status_texts(name, rooms, len(room_names(self._hall)), self._hall.clock.now())

    def _watch(self, clerk: Clerk) -> None:
        def show(line: str) -> None:
            prefix = f"[{clerk.name}] " if len(self._onlookers) > 1 else ""
            self._show(prefix + self._painter.paint(line))

        self._onlookers.append(Onlooker(clerk, show, self._changed))

    def _changed(self, change: Change) -> None:
        self.on_change(change)


async def read_operator(
    console: Console, hall: Hall, room: RoomName, show: Callable[[str], None], *, history: Path | None = None
) -> None:
    """Carry out what the operator types, until `end` or Ctrl-C.

    The end of the input is no `end`: a server without a terminal serves on.

    Args:
        room: the one that commands go to at first.
        history: the file that keeps what was typed at a terminal; None, and nothing is kept.
    """
    operator = Operator(hall, room, columns=_columns)
    while True:
        lines = TypedLines(
            lambda: operator_prompt(operator.room, len({operator.room, *room_names(hall)})),
            status=lambda: console.status(operator.room),
            complete=lambda typed: operator_lines(typed, _room(hall, operator.room), room_names(hall)),
            history=history,
        )
        async with aclosing(aiter(lines)) as typed:
            async for pasted in typed:
                for line in pasted.splitlines():
                    if line.strip().lower() == END:
                        return
                    answer = operator.run(line) if line.strip() else ""
                    if answer:
                        show(answer)
        if lines.is_interrupted:
            return
        if not lines.is_terminal:
            await asyncio.Event().wait()
        show("Type end, or press Ctrl-C, to stop the server.")


def _room(hall: Hall, name: RoomName) -> Room | None:
    clerk = hall.find(name)
    return None if clerk is None else clerk.settled


def _columns() -> int:
    return shutil.get_terminal_size().columns


def _ignore(_change: Change) -> None:
    pass
