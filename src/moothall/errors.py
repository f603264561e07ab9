"""Every error of Moothall, one tree: one class per thing that a caller can do about it.

    MoothallError
    ├── Rejected        a command that the rules, or the lobby, turned down: tell its sender
    ├── BadFrame        bytes that say nothing in their protocol: tell their sender, keep the connection
    ├── BadSetting      a setting that cannot be: exit 2
    │   └── BadFile     a file with mistakes, each with its line: mend them all
    ├── Unreachable     no server answers, or it went for good: exit 1
    ├── StorageError    the log cannot be written now: refuse, go on reading, try again
    │   └── Conflict    somebody else wrote this seq of the room: one writer per room was broken
    ├── DataInUse       another server has this data: exit 3
    ├── DataCorrupt     the data is not what was written: exit 4
    └── DataTooNew      the data was written by a newer Moothall: exit 5

Each carries a full sentence for people as its text, and attributes for programs.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

__all__ = [
    "BadFile",
    "BadFrame",
    "BadSetting",
    "Conflict",
    "DataCorrupt",
    "DataInUse",
    "DataTooNew",
    "MoothallError",
    "Reason",
    "Rejected",
    "StorageError",
    "Unreachable",
]


class Reason(StrEnum):
    """Why a command was turned down: closed, and the same word in every door (docs/protocol/json.md)."""

    NOT_YOUR_TURN = "not_your_turn"
    TURN_OVER = "turn_over"
    NOT_TALKING = "not_talking"
    NOT_JOINED = "not_joined"
    ROOM_FULL = "room_full"
    NAME_TAKEN = "name_taken"
    BAD_NAME = "bad_name"
    BAD_VALUE = "bad_value"
    NO_SUCH_ROOM = "no_such_room"
    NO_SEAT = "no_seat"
    KEY_UNKNOWN = "key_unknown"
    TAKEN_OVER = "taken_over"
    TOO_LONG = "too_long"
    CID_REUSED = "cid_reused"
    SLOW = "slow"
    STORAGE = "storage"
    NOT_ALLOWED = "not_allowed"
    BANNED = "banned"
    MALFORMED = "malformed"
    TOO_FAST = "too_fast"
    CLOSING = "closing"


class MoothallError(Exception):
    """What can go wrong in Moothall and is not a bug."""

    exit_code = 1


class Rejected(MoothallError):
    """A command that was turned down. Each door says the reason in its own words.

    Args:
        about: what the reason speaks of where there is such a thing: the name that is taken, the holder
            of the floor, the field whose value cannot be.
    """

    def __init__(self, reason: Reason, about: str = "") -> None:
        super().__init__(f"{reason.value}: {about}" if about else reason.value)
        self.reason = reason
        self.about = about


class BadFrame(MoothallError):
    """Bytes that are no frame of their protocol. The reason is `malformed` or `too_long`."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class BadSetting(MoothallError):
    """A setting with a value that cannot be. The text names the setting and what it may be.

    Args:
        setting: which option of the command line it is, with underscores and without its dashes; "" where it is none.
    """

    exit_code = 2

    def __init__(self, text: str, setting: str = "") -> None:
        super().__init__(text)
        self.setting = setting


class BadFile(BadSetting):
    """A file of settings or topics with mistakes in it. `sentences` has one for each, with the file and the line."""

    def __init__(self, sentences: Sequence[str], setting: str = "") -> None:
        super().__init__("\n".join(sentences), setting)
        self.sentences = tuple(sentences)


class Unreachable(MoothallError):
    """No server answers at the address, or it was lost and did not come back in time."""


class StorageError(MoothallError):
    """The log cannot be written, or read, now. Nothing of what was to be committed is kept."""


class Conflict(StorageError):
    """A seq that is not the next one of its room: two writers have the same room."""


class DataInUse(MoothallError):
    """Another server has this data open."""

    exit_code = 3


class DataCorrupt(MoothallError):
    """The data is not what was written: a checksum or the file's own structure is wrong."""

    exit_code = 4


class DataTooNew(MoothallError):
    """The data has a newer schema than this version knows. It was not touched."""

    exit_code = 5
