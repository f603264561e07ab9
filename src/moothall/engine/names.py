"""Names, room names and seqs: small types, checked once, where they are made.

A name is 1 to 32 characters: letters and digits of any script, single spaces and `-_.'`; it begins with a letter
or a digit. Two names that differ only in case are the same name. No name holds `:`, so a line of the text door
can be split at its first `: `.
"""

from __future__ import annotations

import unicodedata
from typing import Final, NewType

from moothall.errors import Reason, Rejected

__all__ = [
    "MAX_NAME_CHARS",
    "MAX_ROOM_NAME_CHARS",
    "RESERVED_NAMES",
    "Name",
    "RoomName",
    "Seq",
    "fold",
    "parse_name",
    "parse_room_name",
]

Name = NewType("Name", str)
RoomName = NewType("RoomName", str)
Seq = NewType("Seq", int)
"""The place of an event in its room's log: from 1, without gaps."""

MAX_NAME_CHARS: Final = 32
MAX_ROOM_NAME_CHARS: Final = 64
RESERVED_NAMES: Final = frozenset({"you", "all", "operator"})
"""Words that already mean somebody; the host's name comes on top, per room."""

_INNER: Final = " -_.'"


def parse_name(text: str) -> Name:
    """Make a participant's name of what somebody typed: white space around it is not part of it.

    The letters are put into Unicode's composed form (NFC), so that one name has one spelling.

    Raises:
        Rejected: BAD_NAME, about the text.
    """
    return Name(_checked(text, MAX_NAME_CHARS))


def parse_room_name(text: str) -> RoomName:
    """Make a room's name of what somebody typed, by the rules of names but up to 64 characters.

    Raises:
        Rejected: BAD_NAME, about the text.
    """
    return RoomName(_checked(text, MAX_ROOM_NAME_CHARS))


def fold(name: str) -> str:
    """Return what two spellings of the same name have in common."""
    return unicodedata.normalize("NFC", name.casefold())


def _checked(text: str, max_chars: int) -> str:
    name = unicodedata.normalize("NFC", text.strip(" \t"))
    if not 1 <= len(name) <= max_chars or not _is_letter_or_digit(name[0]) or "  " in name:
        raise Rejected(Reason.BAD_NAME, text)
    if not all(_is_letter_or_digit(char) or char in _INNER for char in name):
        raise Rejected(Reason.BAD_NAME, text)
    return name


def _is_letter_or_digit(char: str) -> bool:
    category = unicodedata.category(char)
    return category.startswith("L") or category == "Nd"
