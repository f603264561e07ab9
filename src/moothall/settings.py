"""Every setting of a server, with its unit in its name and its default; only the command line and the wiring read it.

`check` turns a value that cannot be into one sentence that names the setting and what it may be.
"""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Final

import msgspec
import platformdirs

from moothall.engine.limits import check_rules
from moothall.engine.names import MAX_ROOM_NAME_CHARS, parse_room_name
from moothall.engine.rules import Number, Rules
from moothall.engine.words import Afterwards, OnMissed, PolicyName
from moothall.errors import BadSetting, Rejected
from moothall.log.room_log import Durability

__all__ = ["DEFAULT_PORT", "Settings", "as_option", "check", "default_data_folder", "is_loopback", "rules_of"]

DEFAULT_PORT: Final = 4242
_MAX_PORT: Final = 65_535
_MAX_KEEP_DAYS: Final = 36_500
_MAX_KEEP_ENTRIES: Final = 1_000_000_000


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a server is started with.

    `data`: the folder of the log; None keeps it in memory. `topics`: what every sitting talks about, in order; empty:
    each draws one from the room's own list. `custom_policy` is the function behind the policy `custom`, as
    `file.py:function`. `until` says when a topic is over; empty: after `rounds` rounds, or once it is settled.
    `chair`: "" is nobody. `seed`: "" gives every room one of its own. `keep_days`, `keep_entries`: a sitting is
    forgotten that ended so long ago, or that lies beyond the newest so many entries of its room; 0: none is.
    """

    bind: tuple[str, ...] = ("127.0.0.1", "::1")
    port: int = DEFAULT_PORT
    insecure: bool = False
    data: Path | None = None
    durability: Durability = Durability.POWER
    keep_days: Number = 0
    keep_entries: int = 0
    rooms: tuple[str, ...] = ()
    seats: int = 4
    host: str = "Host"
    topics: tuple[str, ...] = ()
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


def rules_of(settings: Settings) -> Rules:
    """Return the rules that rooms are opened with."""
    return Rules(
        seats=settings.seats,
        host=settings.host,
        agenda=settings.topics,
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
    if not 0 <= settings.port <= _MAX_PORT:
        raise BadSetting(f"--port is a whole number from 0 to {_MAX_PORT}, not {settings.port}.")
    if not 0 <= settings.keep_days <= _MAX_KEEP_DAYS:
        raise BadSetting(
            f"--keep-days is a number from 0 to {_MAX_KEEP_DAYS}, not {settings.keep_days}; 0 is for ever."
        )
    if not 0 <= settings.keep_entries <= _MAX_KEEP_ENTRIES:
        raise BadSetting(
            f"--keep-entries is a whole number from 0 to {_MAX_KEEP_ENTRIES}, not {settings.keep_entries}; 0 keeps all."
        )
    try:
        check_rules(rules_of(settings))
    except Rejected as refusal:
        raise as_option(refusal) from None
    if settings.policy is PolicyName.CUSTOM and not settings.custom_policy:
        raise BadSetting("--policy custom wants a function: write --policy file.py:function.")
    for room in settings.rooms:
        try:
            parse_room_name(room)
        except Rejected:
            raise BadSetting(
                f"--rooms has no name {room!r}: 1 to {MAX_ROOM_NAME_CHARS} letters, digits, -_.' and single spaces."
            ) from None
    for address in settings.bind:
        if not settings.insecure and not is_loopback(address):
            raise BadSetting(
                f"--bind {address} would let other machines in, unprotected. Add --insecure to do so all the same."
            )


def as_option(refusal: Rejected) -> BadSetting:
    """Return what the rules say of a value, as the command line says it: `--turn-seconds is ...` for `turn_seconds`."""
    rule, space, words = refusal.about.partition(" ")
    return BadSetting(f"--{rule.replace('_', '-')}{space}{words}.")
