"""Puts together what the command line says and what a file of settings says, into the settings of a server.

An option of the command line holds before the file, and in the file a room's table before what stands above the tables;
labels, and seconds of seats, add up. What cannot be is told all at once, and nothing is started.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from moothall.cli.config import Config, Mistakes, RoomTable, Value, read_config
from moothall.cli.options import Options, rooms_of, settings_of
from moothall.cli.toml_lines import Keys, Toml
from moothall.engine.names import fold
from moothall.engine.rules import Rules
from moothall.errors import BadSetting
from moothall.settings import Settings, cannot_be, check, rules_of

__all__ = ["Wanted", "wanted"]

_ADD_UP: Final = frozenset({"label", "seat_seconds"})
_REPLACES: Final[dict[str, tuple[str, ...]]] = {
    "rounds": ("until",),
    "until": ("rounds",),
    "topics": ("topic",),
    "hold_start": ("gather_seconds", "when_short"),
    "gather_seconds": ("hold_start",),
}
"""Options that cannot stand side by side: one that is nearer takes the place of these of what lies behind it."""

_NOTHING: Final[tuple[Value, ...]] = ("", "0", False, ())
"""What takes the place of nothing."""

Layer = Mapping[str, Value]
"""Some options, those that somebody gave."""


class Wanted(msgspec.Struct, frozen=True):
    """What `moothall serve` was asked for."""

    settings: Settings
    is_quiet: bool
    is_verbose: bool


def wanted(given: Layer, config: Path | None) -> Wanted:
    """Return what the options that were given, and a file of settings, ask for.

    Raises:
        BadFile: the file has mistakes.
        BadSetting: an option cannot be.
    """
    if config is None:
        return _Hall(Config({}, {}, ()), Mistakes("", Toml({}, {}, ())), given).wanted()
    return _Hall(*read_config(config), given).wanted()


class _Hall:
    """One file of settings, which may be empty, and one command line."""

    def __init__(self, config: Config, mistakes: Mistakes, given: Layer) -> None:
        self._config = config
        self._mistakes = mistakes
        self._given = given
        self._general = dict(config.values)
        self._errors: list[BadSetting] = []  # of the command line

    def wanted(self) -> Wanted:
        self._collect(self._general, self._config.keys)
        options = _merged(self._general, self._given)
        if (error := _first_mistake(options)) is not None:
            self._errors.append(error)
        self._check_seats()
        tables = [self._mended(table) for table in self._config.rooms]
        named = self._named()
        rules = {} if self._errors or self._mistakes.any else self._room_rules(named, tables)
        self._mistakes.tell(*self._errors)
        settings = replace(settings_of(options), rooms=tuple(named), room_rules=rules)
        return Wanted(settings, options.quiet, options.verbose)

    def _collect(self, own: dict[str, Value], keys: Mapping[str, Keys], *behind: Layer) -> None:
        """Note what cannot be of some values of the file, and take it out; also where the command line overrules it."""
        policy = own.get("policy")
        if isinstance(policy, str) and (error := _policy_mistake(policy)) is not None:
            self._mistakes.add_option(keys["policy"], error)
            del own["policy"]
        given = dict(self._given)
        for is_overruled in (True, False):
            while True:
                layers = (*behind, own, given) if is_overruled else (*behind, given, own)
                error = _first_mistake(_merged(*layers))
                name = "" if error is None else error.setting
                if name in given and (name not in own or (is_overruled and name not in _ADD_UP)):
                    del given[name]  # told as a mistake of the command line
                elif error is not None and name in own:
                    self._mistakes.add_option(keys[name], error)
                    del own[name]
                else:
                    break

    def _check_seats(self) -> None:
        for layer in (self._general, self._given):
            rooms = layer.get("rooms")
            if not isinstance(rooms, str) or "seats" not in layer or None in _seats_in(rooms):
                continue
            error = cannot_be("--seats", f"cannot stand beside {rooms}, which says how many seats there are.")
            if layer is self._given:
                self._errors.append(error)
            else:
                self._mistakes.add_option(self._config.keys["seats"], error)

    def _mended(self, table: RoomTable) -> RoomTable:
        """Return a room's table without what cannot be of it."""
        header, values = ("rooms", table.name), dict(table.values)
        try:
            check(Settings(rooms=tuple(rooms_of(table.name))))
        except BadSetting as error:
            self._mistakes.add(header, str(error).removeprefix("--"))
        if "seats" in values and None not in _seats_in(table.name):
            self._mistakes.add(table.keys["seats"], f"seats stands in the name {table.name} already.")
            del values["seats"]
        self._collect(values, table.keys, self._general)
        return RoomTable(table.name, values, table.keys)

    def _named(self) -> dict[str, int | None]:
        """Return the rooms that there are, with the seats that their names say."""
        in_tables = ",".join(table.name for table in self._config.rooms)
        found: dict[str, tuple[str, int | None]] = {}
        rooms = _merged(self._general, self._given).rooms
        for item in (in_tables if rooms is None else rooms).split(",") if rooms is not None or in_tables else ():
            for name, seats in _rooms_in(item).items():
                first, before = found.get(fold(name), (name, None))
                found[fold(name)] = first, before if seats is None else seats
        return dict(found.values())

    def _room_rules(self, named: Mapping[str, int | None], tables: Sequence[RoomTable]) -> dict[str, Rules]:
        """Return the rules of the rooms that are not as all others."""
        about: dict[str, tuple[int, ...]] = {}
        for place, table in enumerate(tables):
            for name in rooms_of(table.name):
                about[fold(name)] = (*about.get(fold(name), ()), place)
        # Thirty rooms that are alike are made once.
        made: dict[tuple[int | None, tuple[int, ...]], Rules] = {}
        rules: dict[str, Rules] = {}
        for name, seats in named.items():
            alike = seats, about.get(fold(name), ())
            if alike == (None, ()):
                continue
            if alike not in made:
                made[alike] = self._rules(name, seats, [tables[place] for place in alike[1]])
            rules[name] = made[alike]
        return rules

    def _rules(self, room: str, seats: int | None, tables: Sequence[RoomTable]) -> Rules:
        in_name: Layer = {} if seats is None else {"seats": str(seats)}
        layers: list[Layer] = [self._general, in_name, *(table.values for table in tables), self._given]
        if "rooms" in self._given:
            layers.append(in_name)
        options = _merged(*layers)
        error = _first_mistake(options)
        if error is None:
            return rules_of(settings_of(options))
        if tables:
            self._mistakes.add(("rooms", tables[-1].name), f"in {room}, {str(error).removeprefix('--')}")
        else:
            self._errors.append(error)
        return Rules()


def _merged(*layers: Layer) -> Options:
    """Return the options of some layers; the last is the nearest, and holds."""
    values: dict[str, Value] = {}
    for layer in layers:
        replaced = {
            other for name, value in layer.items() if value not in _NOTHING for other in _REPLACES.get(name, ())
        }
        for name in replaced - layer.keys():
            values.pop(name, None)
        for name, value in layer.items():
            before = values.get(name)
            if name in _ADD_UP and isinstance(before, tuple) and isinstance(value, tuple):
                values[name] = before + value
            else:
                values[name] = value
    return msgspec.convert(values, Options)


def _first_mistake(options: Options) -> BadSetting | None:
    try:
        check(settings_of(options))
    except BadSetting as error:
        return error
    return None


def _policy_mistake(word: str) -> BadSetting | None:
    from moothall.wiring import custom_policy  # what only a server needs

    if ":" not in word and not word.endswith(".py"):
        return None
    try:
        custom_policy(word)
    except BadSetting as error:
        return error
    return None


def _rooms_in(item: str) -> dict[str, int | None]:
    try:
        return rooms_of(item)
    except BadSetting:
        return {}  # which is told elsewhere


def _seats_in(rooms: str) -> list[int | None]:
    """Return the seats of rooms as their names say; None, too, where there is none."""
    return list(_rooms_in(rooms).values()) or [None]
