"""Who has the floor and for how long, in the few words that stand beside what somebody types.

Each is said in several lengths, the longest first: how many columns there are is for the terminal to know.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from moothall.engine.names import Name, RoomName
from moothall.engine.room import Phase, Room, Turn
from moothall.views.roster import room_line
from moothall.wire.notices import count_words

__all__ = ["Prompt", "floor_words", "operator_prompt", "seconds_left", "status_texts", "turn_prompt"]

_OWN_TURN: Final = "bold ansigreen"
_HURRY: Final = "bold ansired"
_HURRY_SECONDS: Final = 5
_MAX_SHORT_CHARS: Final = 12


class Prompt(msgspec.Struct, frozen=True):
    """What stands before the typing, the longest first: the first is shown that leaves room to type.

    `style` is one of prompt_toolkit's: bold where it is to stand out.
    """

    texts: tuple[str, ...]
    style: str = ""


def floor_words(turns: tuple[Turn, ...]) -> str:
    """Return who has the floor, of whom there is one at least: `Lars has`, `Lars and 2 others have the floor`."""
    match turns:
        case [turn]:
            return f"{turn.name} has the floor"
        case [turn, other]:
            return f"{turn.name} and {other.name} have the floor"
        case _:
            return f"{turns[0].name} and {len(turns) - 1} others have the floor"


def seconds_left(turns: tuple[Turn, ...], now: int) -> int | None:
    """Return the whole seconds until the first deadline of these turns; None where they have none.

    Args:
        now: milliseconds since the epoch.
    """
    deadline = min([turn.deadline for turn in turns if turn.deadline is not None], default=None)
    return None if deadline is None else max(deadline - now, 0) // 1000


def turn_prompt(room: Room, name: Name, now: int) -> Prompt:
    """Return what stands before the typing of somebody in a room: whose turn it is, and how much of it is left.

    One's own turn stands out, and more so when it is nearly over.
    """
    if not room.turns:
        return Prompt(("> ",))
    own = room.turn_of(name)
    who, short = ("Your turn", "You") if own is not None else (floor_words(room.turns), _short(room.turns))
    if room.paused_at is not None:
        return Prompt((f"{who}, paused> ", "Paused> ", "> "))
    seconds = seconds_left(room.turns if own is None else (own,), now)
    left = "" if seconds is None else f", {seconds} s"
    is_late = seconds is not None and seconds <= _HURRY_SECONDS
    style = "" if own is None else _HURRY if is_late else _OWN_TURN
    return Prompt((f"{who}{left}> ", f"{short}{left}> ", f"{left.removeprefix(', ')}> "), style)


def operator_prompt(room: RoomName, rooms: int) -> Prompt:
    """Return what stands before the operator's typing: the room that commands go to, where there are several."""
    if rooms < 2:
        return Prompt(("moothall> ", "> "))
    return Prompt((f"{room}> ", f"{room[:_MAX_SHORT_CHARS]}..> ", "> "))


def status_texts(name: RoomName, rooms: Sequence[Room], there_are: int, now: int) -> tuple[str, ...]:
    """Return how things stand in the room `name`, and how many rooms there are and talk.

    Args:
        rooms: those that are open; `there_are` counts the others too.
        now: milliseconds since the epoch.
    """
    room = next((room for room in rooms if room.name == name), None)
    if room is None:
        here = short = f"{name}: nobody was here yet"
    elif not room.turns:
        here, short = room_line(room), f"{room.name}: {room.here}/{room.rules.seats} here"
    else:
        seconds = None if room.paused_at is not None else seconds_left(room.turns, now)
        left = ", paused" if room.paused_at is not None else "" if seconds is None else f", {seconds} s left"
        here = f"{room.name}: {floor_words(room.turns)}{left}"
        short = f"{_short(room.turns)}{left.removesuffix(' left')}"
    talking = sum(room.phase is Phase.TALKING for room in rooms)
    count = f"{count_words(there_are, 'room')}, {talking} talk{'s' if talking == 1 else ''}"
    return (f"{here} | {count}", f"{short} | {count}", here, short)


def _short(turns: tuple[Turn, ...]) -> str:
    return str(turns[0].name) if len(turns) == 1 else f"{turns[0].name} and {len(turns) - 1}"
