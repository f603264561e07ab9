"""Every setting of a server, with its unit in its name and its default; only the command line and the wiring read it.

`check` turns a value that cannot be into one sentence that names the setting and what it may be.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import msgspec
import platformdirs

from moothall.engine.limits import check_rules
from moothall.engine.names import MAX_ROOM_NAME_CHARS, RoomName, fold, parse_room_name
from moothall.engine.rules import Number, Rules
from moothall.engine.words import Afterwards, OnMissed, PolicyName, WhenShort
from moothall.errors import BadSetting, Rejected
from moothall.hall.lobby import ANY_ROOM
from moothall.log.room_log import Durability

__all__ = ["DEFAULT_PORT", "MAX_TOPICS", "Settings", "as_option", "cannot_be", "check", "default_data_folder"]
__all__ += ["is_loopback", "main_room", "rules_of"]

DEFAULT_PORT: Final = 4242
_HOST_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_MAX_PORT: Final = 65_535
_MAX_KEEP_DAYS: Final = 36_500
_MAX_KEEP_ENTRIES: Final = 1_000_000_000
_MAX_CROWD: Final = 1_000_000
MAX_TOPICS: Final = 1_000
"""Of a list to draw from: the whole of it stands in the first event of each sitting."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a server is started with.

    `allow_host`: names beside those of this machine by which a browser may reach it. `operator_token_file`: holds what
    the operator shows through the web door; None: it is made anew at every start.

    `data`: the folder of the log; None keeps it in memory. `topics`: what every sitting talks about, in order; empty:
    each draws one from `topic_list`, and where that is empty, too, from the seven that every room has. `room_rules`:
    rooms that are not like the others, by their names. `custom_policy` is the function behind the policy `custom`, as
    `file.py:function`. `until` says when a topic is over; empty: after `rounds` rounds, or once it is settled.
    `chair`: "" is nobody. `seed`: "" gives every room one of its own. `keep_days`, `keep_entries`: a sitting is
    forgotten that ended so long ago, or that lies beyond the newest so many entries of its room; 0: none is.
    """

    bind: tuple[str, ...] = ("127.0.0.1", "::1")
    port: int = DEFAULT_PORT
    insecure: bool = False
    allow_host: tuple[str, ...] = ()
    operator_token_file: Path | None = None
    data: Path | None = None
    durability: Durability = Durability.POWER
    keep_days: Number = 0
    keep_entries: int = 0
    rooms: tuple[str, ...] = ()
    room_rules: dict[str, Rules] = {}
    seats: int = 4
    gather_seconds: Number = 0
    when_short: WhenShort = WhenShort.WAIT
    reserve: tuple[str, ...] = ()
    hold_start: bool = False
    host: str = "Host"
    topics: tuple[str, ...] = ()
    topic_list: tuple[str, ...] = ()
    question: str = "Do you want to {topic}?"
    policy: PolicyName = PolicyName.ROUND_ROBIN
    custom_policy: str = ""
    rounds: int = 1
    until: str = ""
    chair: str = ""
    turn_seconds: Number = 30
    seat_seconds: dict[str, Number] = {}
    missed_turns: int = 3
    on_missed: OnMissed = OnMissed.BENCH
    away_seconds: Number = 30
    stay: bool = False
    seed: str = ""
    labels: dict[str, str] = {}
    bare: bool = False
    early: bool = True
    max_text_chars: int = 8_000
    max_connections: int = 10_000
    max_unjoined: int = 512
    max_rooms: int = 10_000
    max_spectators: int = 10_000


def default_data_folder() -> Path:
    """Return where a server keeps its data unless told otherwise: the platform's own folder for it."""
    return Path(platformdirs.user_data_dir("moothall", appauthor=False))


def main_room(settings: Settings) -> RoomName:
    """Return the room to which a name without a room leads."""
    return RoomName(settings.rooms[0] if settings.rooms else "main")


def rules_of(settings: Settings, room: str = "") -> Rules:
    """Return the rules that a room is opened with; "" is any that has none of its own."""
    own = {fold(name): rules for name, rules in settings.room_rules.items()}
    return own.get(fold(room)) or _general_rules(settings)


def _general_rules(settings: Settings) -> Rules:
    return Rules(
        seats=settings.seats,
        gather_seconds=settings.gather_seconds,
        when_short=settings.when_short,
        reserve=settings.reserve,
        hold_start=settings.hold_start,
        host=settings.host,
        agenda=settings.topics,
        topics=settings.topic_list or Rules().topics,
        question=settings.question,
        policy=settings.policy,
        custom_policy=settings.custom_policy,
        rounds=settings.rounds,
        until=settings.until,
        chair=settings.chair,
        turn_seconds=settings.turn_seconds,
        seat_seconds=settings.seat_seconds,
        missed_turns=settings.missed_turns,
        on_missed=settings.on_missed,
        away_seconds=settings.away_seconds,
        afterwards=Afterwards.STAY if settings.stay else Afterwards.DISCONNECT,
        max_text_chars=settings.max_text_chars,
        labels=settings.labels,
    )


def is_loopback(address: str) -> bool:
    """Tell whether an address can be reached from this machine alone."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def check(settings: Settings) -> None:
    """Check every setting.

    Raises:
        BadSetting: the first that cannot be, with what it may be.
    """
    _whole("--port", settings.port, 0, _MAX_PORT)
    for option, value in (
        ("--max-connections", settings.max_connections),
        ("--max-unjoined", settings.max_unjoined),
        ("--max-rooms", settings.max_rooms),
        ("--max-spectators", settings.max_spectators),
    ):
        _whole(option, value, 1, _MAX_CROWD)
    if not 0 <= settings.keep_days <= _MAX_KEEP_DAYS:
        raise cannot_be(
            "--keep-days", f"is a number from 0 to {_MAX_KEEP_DAYS}, not {settings.keep_days}; 0 is for ever."
        )
    _whole("--keep-entries", settings.keep_entries, 0, _MAX_KEEP_ENTRIES, "; 0 keeps all")
    _check_rules(settings)
    _check_rooms(settings)
    for name in settings.allow_host:
        if not _HOST_NAME.fullmatch(name):
            raise cannot_be("--allow-host", f"is a host's name without a port, as in moot.example.org, not {name!r}.")
    for address in settings.bind:
        if not settings.insecure and not is_loopback(address):
            raise cannot_be(
                "--bind", f"{address} would let other machines in, unprotected. Add --insecure to do so all the same."
            )


def cannot_be(option: str, words: str) -> BadSetting:
    """Return the error of an option that cannot be what it is; the option begins its sentence, and `words` follow."""
    return BadSetting(f"{option} {words}", option.removeprefix("--").replace("-", "_"))


def as_option(refusal: Rejected) -> BadSetting:
    """Return what the rules say of a value, as the command line says it: `--turn-seconds is ...` for `turn_seconds`."""
    rule, _, words = refusal.about.partition(" ")
    return cannot_be(f"--{rule.replace('_', '-')}", f"{words}.")


def _check_rules(settings: Settings) -> None:
    if len(settings.topic_list) > MAX_TOPICS:
        raise cannot_be("--topics", f"holds {MAX_TOPICS} topics at most, not {len(settings.topic_list)}.")
    for rules in (_general_rules(settings), *settings.room_rules.values()):
        try:
            check_rules(rules)
        except Rejected as refusal:
            raise as_option(refusal) from None
        if rules.policy is PolicyName.CUSTOM and not rules.custom_policy:
            raise cannot_be("--policy", "custom wants a function: write --policy file.py:function.")


def _check_rooms(settings: Settings) -> None:
    for room in (*settings.rooms, *settings.room_rules):
        if fold(room) == ANY_ROOM:
            raise cannot_be("--rooms", f"has no name {room!r}: it stands for any of the rooms.")
        try:
            parse_room_name(room)
        except Rejected:
            raise cannot_be(
                "--rooms", f"has no name {room!r}: 1 to {MAX_ROOM_NAME_CHARS} letters, digits, -_.' and single spaces."
            ) from None
    if len(settings.rooms) > settings.max_rooms:
        raise cannot_be("--rooms", f"names {len(settings.rooms)} rooms, and there can be {settings.max_rooms}.")


def _whole(option: str, value: int, least: int, most: int, more: str = "") -> None:
    if not least <= value <= most:
        raise cannot_be(option, f"is a whole number from {least} to {most}, not {value}{more}.")
