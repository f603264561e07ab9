"""Every setting of a server, with its unit in its name and its default; only the command line and the wiring read it.

`check` turns a value that cannot be into one sentence that names the setting and what it may be.
"""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Final

import msgspec
import platformdirs

from moothall.engine.names import parse_name, parse_room_name
from moothall.engine.rules import Afterwards, Number, PolicyName, Rules
from moothall.engine.topics import MAX_TOPIC_CHARS
from moothall.errors import BadSetting, Rejected
from moothall.log.room_log import Durability

__all__ = ["DEFAULT_PORT", "Settings", "check", "default_data_folder", "is_loopback", "rules_of"]

DEFAULT_PORT: Final = 4242
_MAX_PORT: Final = 65_535
_MAX_SEATS: Final = 200
_MAX_ROUNDS: Final = 1_000_000
_MAX_SECONDS: Final = 7 * 24 * 3600
_MAX_LABELS: Final = 32


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a server is started with.

    `data`: the folder of the log; None keeps it in memory. `topics`: what every sitting talks about, in order; empty:
    each draws one from the room's own list. `seed`: "" gives every room one of its own.
    """

    bind: tuple[str, ...] = ("127.0.0.1", "::1")
    port: int = DEFAULT_PORT
    insecure: bool = False
    data: Path | None = None
    durability: Durability = Durability.POWER
    rooms: tuple[str, ...] = ()
    seats: int = 4
    host: str = "Host"
    topics: tuple[str, ...] = ()
    question: str = "Do you want to {topic}?"
    policy: PolicyName = PolicyName.ROUND_ROBIN
    rounds: int = 1
    turn_seconds: Number = 30
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


def rules_of(settings: Settings) -> Rules:
    """Return the rules that rooms are opened with."""
    return Rules(
        seats=settings.seats,
        host=settings.host,
        agenda=settings.topics,
        question=settings.question,
        policy=settings.policy,
        rounds=settings.rounds,
        turn_seconds=settings.turn_seconds,
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
    _whole("--seats", settings.seats, 1, _MAX_SEATS)
    _whole("--rounds", settings.rounds, 1, _MAX_ROUNDS)
    _seconds("--turn-seconds", settings.turn_seconds)
    _seconds("--away-seconds", settings.away_seconds)
    _whole("--max-text-chars", settings.max_text_chars, 1, 1_000_000)
    for topic in settings.topics:
        if not 1 <= len(topic.strip()) <= MAX_TOPIC_CHARS:
            raise BadSetting(f"--topic is 1 to {MAX_TOPIC_CHARS} characters.")
    if "{topic}" not in settings.question:
        raise BadSetting("--question holds {topic} where the topic goes.")
    if len(settings.labels) > _MAX_LABELS:
        raise BadSetting(f"--label can be given {_MAX_LABELS} times at most.")
    _names(settings)
    for address in settings.bind:
        if not settings.insecure and not is_loopback(address):
            raise BadSetting(
                f"--bind {address} would let other machines in, unprotected. Add --insecure to do so all the same."
            )


def _names(settings: Settings) -> None:
    try:
        parse_name(settings.host)
    except Rejected:
        raise BadSetting(f"--host {settings.host!r} is no name: 1 to 32 letters, digits, single spaces, -_.'") from None
    for room in settings.rooms:
        try:
            parse_room_name(room)
        except Rejected:
            raise BadSetting(f"--rooms: {room!r} is no room's name: letters, digits, single spaces, -_.'") from None


def _whole(setting: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise BadSetting(f"{setting} is a whole number from {least} to {most}, not {value}.")


def _seconds(setting: str, value: Number) -> None:
    if not 0 <= value <= _MAX_SECONDS:
        raise BadSetting(f"{setting} is a number of seconds from 0 (none) to {_MAX_SECONDS}, not {value:g}.")
