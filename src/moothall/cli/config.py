"""Reads a file of settings, `moothall serve --config hall.toml`: each option under its name, and tables of rooms.

What an option may be is said where it is said for the command line; here every mistake gets the file and its line, and
all of them are told at once. How the file and the command line go together is `hall_settings`' business.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import msgspec

from moothall.cli.options import Options, settings_of
from moothall.cli.toml_lines import Keys, Toml, read_toml
from moothall.errors import BadFile, BadSetting
from moothall.settings import check

__all__ = ["ROOM_RULES", "Config", "Mistakes", "RoomTable", "Value", "read_config"]

Value = str | bool | tuple[str, ...]
"""What an option has, in the form of the command line: a text, a flag, or the texts of one that is repeated."""

ROOM_RULES: Final = frozenset(
    """
    seats gather_seconds when_short reserve hold_start topic topics question host policy rounds until chair
    turn_seconds seat_seconds missed_turns on_missed away_seconds stay label
    """.split()
)
"""The options that a room may have of its own; all others are the whole server's."""

_OPTIONS: Final = Options()
_NUMBERS: Final = frozenset(
    """
    port seats gather_seconds rounds turn_seconds missed_turns away_seconds keep_days keep_entries
    max_text_chars max_connections max_unjoined max_rooms max_spectators
    """.split()
)
_FRACTIONS: Final = frozenset({"gather_seconds", "turn_seconds", "away_seconds", "keep_days"})
_PAIRS: Final = frozenset({"seat_seconds", "label"})
_LISTS: Final = frozenset({"allow_host", "bind", "topic", "topics", "reserve", "rooms"})
_JOINED: Final = frozenset({"reserve", "rooms"})
"""Lists that the command line takes with commas."""

_ALSO_CALLED: Final = {"labels": "label"}
_MAX_BYTES: Final = 1_000_000
_MAX_SHOWN_CHARS: Final = 60


class RoomTable(msgspec.Struct, frozen=True):
    """One `[rooms.NAME]`: the name, which may be as `30x4`; what it says, and where."""

    name: str
    values: Mapping[str, Value]
    keys: Mapping[str, Keys]


class Config(msgspec.Struct, frozen=True):
    """What a file of settings says. `keys`: where in it each option stands, as it is spelled there."""

    values: Mapping[str, Value]
    keys: Mapping[str, Keys]
    rooms: tuple[RoomTable, ...]


class Mistakes:
    """Collects what is wrong with a file, to be told in the order of its lines."""

    def __init__(self, name: str, toml: Toml) -> None:
        self._name = name
        self._toml = toml
        self._told: dict[tuple[int, str], None] = dict.fromkeys(
            (line, f"{name}:{line}: {words}") for line, words in toml.mistakes
        )

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return bool(self._told)

    def line_of(self, keys: Keys) -> int:
        """Return the line in which these keys stand."""
        return self._toml.line_of(keys)

    def add(self, keys: Keys, words: str) -> None:
        """Note a mistake at these keys."""
        line = self._toml.line_of(keys)
        self._told[line, f"{self._name}:{line}: {words}"] = None

    def add_option(self, keys: Keys, error: BadSetting) -> None:
        """Note what an option, which is spelled as the last of these keys, cannot be."""
        if isinstance(error, BadFile):
            for sentence in error.sentences:  # they name their own file and line
                self._told[self._toml.line_of(keys), sentence] = None
            return
        option = f"--{error.setting.replace('_', '-')}"
        words = str(error).removeprefix(option).replace("Add --insecure to", "Write insecure = true to")
        words = words.replace("into --until", "into until").replace("beside --until", "beside until")
        self.add(keys, f"{keys[-1]}{words}".replace("write --policy file.py:function", "write file.py:function"))

    def tell(self, *more: BadSetting) -> None:
        """Raise what was noted, if anything was; what is wrong on the command line comes last.

        Raises:
            BadFile: all of it.
        """
        sentences = [sentence for _, sentence in sorted(self._told, key=lambda told: told[0])]
        if sentences:
            raise BadFile([*sentences, *map(str, more)])
        for error in more:
            raise error


def read_config(path: Path) -> tuple[Config, Mistakes]:
    """Read a file of settings, and all that it says of itself that cannot be.

    Raises:
        BadFile, BadSetting: it cannot be read at all.
    """
    toml = read_toml(_text_of(path))
    mistakes = Mistakes(str(path), toml)
    reading = _Reading(path.parent, mistakes)
    general = {key: value for key, value in toml.values.items() if key != "rooms" or not isinstance(value, dict)}
    values, keys = reading.table((), general)
    rooms: list[RoomTable] = []
    tables = toml.values.get("rooms")
    for name, table in tables.items() if isinstance(tables, dict) else ():
        if isinstance(table, dict):
            rooms.append(RoomTable(name, *reading.table(("rooms", name), table)))
        else:
            mistakes.add(("rooms", name), f"there is no room {name} without a table: write [rooms.{name}].")
    return Config(values, keys, tuple(rooms)), mistakes


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise BadSetting(f"--config {path} cannot be read: {error.strerror or error}.", "config") from None
    if len(data) > _MAX_BYTES:
        raise BadSetting(f"--config {path} cannot be read: it is larger than {_MAX_BYTES} bytes.", "config")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadFile([f"{path}:{line}: this is not UTF-8: save the file as UTF-8."], "config") from None


class _Wrong(Exception):
    """A value of the wrong kind. `words` follow the key in the sentence; `inner` is a key within the value."""

    def __init__(self, words: str, *inner: str) -> None:
        super().__init__(words)
        self.inner = inner


class _Reading:
    """Reads tables. What the file names is looked for in its own `folder`."""

    def __init__(self, folder: Path, mistakes: Mistakes) -> None:
        self._folder = folder
        self._mistakes = mistakes

    def table(self, table: Keys, raw: Mapping[str, object]) -> tuple[dict[str, Value], dict[str, Keys]]:
        """Return the options that a table gives, and where; what cannot be is noted, and left out."""
        values: dict[str, Value] = {}
        keys: dict[str, Keys] = {}
        for key, value in raw.items():
            path = (*table, key)
            name = key.replace("-", "_")
            name = _ALSO_CALLED.get(name, name)
            if (wrong := _no_such(key, name, is_room=bool(table))) is not None:
                self._mistakes.add(path, wrong)
            elif name in keys:
                above = self._mistakes.line_of(keys[name])
                self._mistakes.add(path, f"{key} is {keys[name][-1]} in line {above} once more: give it once.")
            else:
                keys[name] = path
                try:
                    values[name] = self._value(name, value)
                except _Wrong as error:
                    self._mistakes.add((*path, *error.inner), f"{key} {error}.")
        return values, keys

    def _value(self, name: str, value: object) -> Value:
        if isinstance(getattr(_OPTIONS, name), bool):
            if not isinstance(value, bool):
                raise _Wrong(f"is true or false, not {_shown(value)}")
            return value
        if name in _NUMBERS:
            return _number(name, value)
        if name in _PAIRS:
            return _pairs(name, value)
        if name in _LISTS:
            return self._list(name, value)
        if not isinstance(value, str):
            raise _Wrong(f"is text in quotes, not {_shown(value)}")
        return self._beside(name, value)

    def _list(self, name: str, value: object) -> Value:
        if isinstance(value, str):
            if name == "topics":
                return str(self._folder / value)
            return value if name in _JOINED else (value,)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise _Wrong(f"is text in quotes, or a list of such, not {_shown(value)}")
        return ",".join(value) if name in _JOINED else tuple(value)

    def _beside(self, name: str, value: str) -> str:
        is_file = (
            (name == "data" and value not in {"", ":memory:"})
            or (name == "policy" and (":" in value or value.endswith(".py")))
            or (name == "operator_token_file" and value != "")
        )
        return str(self._folder / value) if is_file else value


def _no_such(key: str, name: str, *, is_room: bool) -> str | None:
    if name in ROOM_RULES or (name in Options.__struct_fields__ and not is_room):
        return None
    if name in Options.__struct_fields__:
        return f"{key} is of the whole server, not of one room: write it above the tables."
    key = key or '""'
    near = get_close_matches(name, sorted(ROOM_RULES if is_room else Options.__struct_fields__), 1)
    return f"there is no setting {key}{f'; do you mean {near[0]}?' if near else ': moothall serve --help lists them.'}"


def _number(name: str, value: object) -> str:
    is_number = isinstance(value, int | float) if name in _FRACTIONS else isinstance(value, int)
    if is_number and not isinstance(value, bool):
        return str(value)
    # -1 is none that any of these may be, so it is told what they may be.
    try:
        check(settings_of(msgspec.structs.replace(_OPTIONS, **{name: "-1"})))
    except BadSetting as error:
        option = f"--{name.replace('_', '-')} "
        raise _Wrong(str(error).removeprefix(option).replace("not -1", f"not {_shown(value)}").rstrip(".")) from None
    raise AssertionError(name)


def _pairs(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if not isinstance(value, dict):
        kind = "NAME = SECONDS" if name == "seat_seconds" else "KEY = TEXT"
        raise _Wrong(f"is a table, {{ {kind} }}, not {_shown(value)}")
    pairs = []
    for key, item in value.items():
        if name == "seat_seconds" and (isinstance(item, bool) or not isinstance(item, int | float)):
            raise _Wrong(f"is a number of seconds for each name, not {_shown(item)} for {key}", key)
        if name == "label" and (not isinstance(item, str | int | float) or "=" in key):
            raise _Wrong(f"is a text for each key, not {_shown(item)} for {key}", key)
        pairs.append(f"{key}={str(item).lower() if isinstance(item, bool) else item}")
    return tuple(pairs)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MAX_SHOWN_CHARS else f"{text[:_MAX_SHOWN_CHARS]}..."
