"""Reads what is typed after the options of `moothall serve` into the values of settings.

`Options` is what stands on a command line, or in a file in its place; `settings_of` makes settings of it. Each function
raises BadSetting where the words are no such value: one sentence that names the option. How large a number may be is
not said here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from moothall.cli.topic_file import TopicFile, read_topics
from moothall.engine.limits import MAX_SEATS, on_missed_named, policy_named, when_short_named
from moothall.engine.names import fold
from moothall.engine.rules import Number
from moothall.engine.words import OnMissed, PolicyName, WhenShort
from moothall.errors import Rejected
from moothall.log.room_log import Durability
from moothall.settings import Settings, as_option, cannot_be, default_data_folder

__all__ = [
    "EARLY",
    "Options",
    "settings_of",
    "folder_of",
    "labels_of",
    "number_of",
    "on_missed_of",
    "policy_of",
    "rooms_of",
    "rounds_of",
    "seat_seconds_of",
    "topics_of",
    "when_short_of",
    "whole_number",
    "word_of",
]

EARLY: Final = ("keep", "refuse")

_MEMORY: Final = ":memory:"
_MAX_SHOWN_CHARS: Final = 40
_MANY_ROOMS: Final = re.compile(r"[0-9]+x[0-9]*$")
_DEFAULTS: Final = Settings()


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of `moothall serve` as they are typed: a text each, or the texts of one that is repeated, or a flag.

    None: not given, where that means another thing than the default. The `max_...` have no option, but stand in files.
    """

    port: str = str(_DEFAULTS.port)
    bind: tuple[str, ...] = ()
    insecure: bool = False
    allow_host: tuple[str, ...] = ()
    operator_token_file: str | None = None
    seats: str = str(_DEFAULTS.seats)
    gather_seconds: str = str(_DEFAULTS.gather_seconds)
    when_short: str = _DEFAULTS.when_short.value
    reserve: str = ""
    hold_start: bool = False
    topic: tuple[str, ...] = ()
    topics: str | tuple[str, ...] = ()  # a file; in a file of settings also the topics themselves
    question: str = _DEFAULTS.question
    host: str = _DEFAULTS.host
    policy: str = _DEFAULTS.policy.value
    rounds: str | None = None
    until: str = ""
    chair: str = ""
    turn_seconds: str = str(_DEFAULTS.turn_seconds)
    seat_seconds: tuple[str, ...] = ()
    missed_turns: str = str(_DEFAULTS.missed_turns)
    on_missed: str = _DEFAULTS.on_missed.value
    away_seconds: str = str(_DEFAULTS.away_seconds)
    stay: bool = False
    rooms: str | None = None
    label: tuple[str, ...] = ()
    seed: str = ""
    bare: bool = False
    early: str = "keep"
    data: str | None = None
    durability: str = _DEFAULTS.durability.value
    keep_days: str = str(_DEFAULTS.keep_days)
    keep_entries: str = str(_DEFAULTS.keep_entries)
    max_text_chars: str = str(_DEFAULTS.max_text_chars)
    max_connections: str = str(_DEFAULTS.max_connections)
    max_unjoined: str = str(_DEFAULTS.max_unjoined)
    max_rooms: str = str(_DEFAULTS.max_rooms)
    max_spectators: str = str(_DEFAULTS.max_spectators)
    quiet: bool = False
    verbose: bool = False


def settings_of(options: Options) -> Settings:
    """Return the settings that these options are; what rooms differ in comes on top."""
    named, function = policy_of(options.policy)
    listed = topics_of(options.topics)
    return Settings(
        port=whole_number("--port", options.port),
        bind=options.bind or _DEFAULTS.bind,
        insecure=options.insecure,
        allow_host=options.allow_host,
        operator_token_file=Path(options.operator_token_file) if options.operator_token_file else None,
        data=folder_of(options.data),
        durability=Durability(word_of("--durability", tuple(Durability), options.durability)),
        keep_days=number_of("days", "--keep-days", options.keep_days),
        keep_entries=whole_number("--keep-entries", options.keep_entries),
        rooms=tuple(rooms_of(options.rooms)),
        seats=whole_number("--seats", options.seats),
        gather_seconds=number_of("seconds", "--gather-seconds", options.gather_seconds),
        when_short=when_short_of(options.when_short),
        reserve=tuple(name.strip() for name in options.reserve.split(",")) if options.reserve else (),
        hold_start=options.hold_start,
        host=options.host,
        topics=options.topic,
        topic_list=listed.topics,
        question=options.question,
        policy=named,
        custom_policy=function,
        rounds=rounds_of(options.rounds, options.until),
        until=options.until,
        chair=options.chair.strip(),
        turn_seconds=number_of("seconds", "--turn-seconds", options.turn_seconds),
        seat_seconds=seat_seconds_of(options.seat_seconds),
        missed_turns=whole_number("--missed-turns", options.missed_turns),
        on_missed=on_missed_of(options.on_missed),
        away_seconds=number_of("seconds", "--away-seconds", options.away_seconds),
        stay=options.stay,
        seed=options.seed,
        labels=listed.labels | labels_of(options.label),
        bare=options.bare,
        early=word_of("--early", EARLY, options.early) == EARLY[0],
        max_text_chars=whole_number("--max-text-chars", options.max_text_chars),
        max_connections=whole_number("--max-connections", options.max_connections),
        max_unjoined=whole_number("--max-unjoined", options.max_unjoined),
        max_rooms=whole_number("--max-rooms", options.max_rooms),
        max_spectators=whole_number("--max-spectators", options.max_spectators),
    )


def rooms_of(text: str | None) -> dict[str, int | None]:
    """Return the rooms of `main,30x4`, and how many each seats; None: as many as any other.

    `30x4` is room1 to room30 with 4 seats each.
    """
    rooms: dict[str, tuple[str, int | None]] = {}
    for item in text.split(",") if text is not None else ():
        for name, seats in _rooms_named(item.strip()):
            if fold(name) in rooms:
                raise cannot_be("--rooms", f"names {name} twice.")
            rooms[fold(name)] = name, seats
    return dict(rooms.values())


def _rooms_named(item: str) -> Iterator[tuple[str, int | None]]:
    many = _MANY_ROOMS.match(item)
    if many is None:
        yield item, None
        return
    whole = re.fullmatch(r"([0-9]{1,5})x([0-9]{1,3})", item)
    count, seats = (int(whole[1]), int(whole[2])) if whole else (0, 0)
    if not (1 <= count <= _DEFAULTS.max_rooms and 1 <= seats <= MAX_SEATS):
        raise cannot_be(
            "--rooms",
            f"takes ROOMSxSEATS, as in 30x4, from 1x1 to {_DEFAULTS.max_rooms}x{MAX_SEATS}, not {_short(item)!r}.",
        )
    for number in range(1, count + 1):
        yield f"room{number}", seats


def topics_of(topics: str | tuple[str, ...]) -> TopicFile:
    """Return the topics to draw from, and their labels; a text is the file that they are in."""
    if isinstance(topics, tuple):
        return TopicFile(topics, {})
    return read_topics(Path(topics))


def word_of(option: str, words: Sequence[str], text: str) -> str:
    """Return the one of some words that a text is."""
    if text not in words:
        raise cannot_be(option, f"is one of {', '.join(words)}, not {_short(text)!r}.")
    return text


def when_short_of(word: str) -> WhenShort:
    """Return what a room does that has gathered for long enough, and is short."""
    try:
        return when_short_named(word)
    except Rejected as refusal:
        raise as_option(refusal) from None


def policy_of(word: str) -> tuple[PolicyName, str]:
    """Return the policy, and the function behind it where `word` is `file.py:function`."""
    if ":" in word or word.endswith(".py"):
        return PolicyName.CUSTOM, word
    try:
        return policy_named(word), ""
    except Rejected as refusal:
        raise as_option(refusal) from None


def rounds_of(rounds: str | None, until: str) -> int:
    """Return the rounds; None: none were given. Beside `until` they would have two meanings."""
    if rounds is None:
        return Settings().rounds
    if until:
        raise cannot_be("--rounds", f"cannot stand beside --until: write rounds={_short(rounds)} into --until.")
    return whole_number("--rounds", rounds)


def whole_number(option: str, text: str) -> int:
    """Return a whole number."""
    try:
        return int(text)
    except ValueError:
        raise cannot_be(option, f"is a whole number, not {_short(text)!r}.") from None


def number_of(unit: str, option: str, text: str) -> Number:
    """Return a number of seconds, or days: 30 and not 30.0, for it stands so in every event."""
    try:
        number = float(text)
    except ValueError:
        raise cannot_be(option, f"is a number of {unit}, not {_short(text)!r}.") from None
    return int(number) if number.is_integer() else number


def seat_seconds_of(pairs: tuple[str, ...]) -> dict[str, Number]:
    """Return the length of a turn for each name; the last one holds where a name is given twice."""
    lengths: dict[str, tuple[str, Number]] = {}
    for pair in pairs:
        name, equals, seconds = pair.rpartition("=")
        if not equals:
            raise cannot_be("--seat-seconds", f"is NAME=SECONDS, as in Kari=60, not {_short(pair)!r}.")
        lengths[fold(name.strip())] = name.strip(), number_of("seconds", "--seat-seconds", seconds)
    return dict(lengths.values())


def on_missed_of(word: str) -> OnMissed:
    """Return what becomes of who has missed too many turns."""
    try:
        return on_missed_named(word)
    except Rejected as refusal:
        raise as_option(refusal) from None


def labels_of(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return the labels of sittings."""
    labels: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise cannot_be("--label", f"is KEY=VALUE, as in arm=rotate, not {pair!r}.")
        labels[key.strip()] = value.strip()
    return labels


def folder_of(data: str | None) -> Path | None:
    """Return the data folder; None keeps nothing."""
    if data == _MEMORY:
        return None
    return Path(data) if data else default_data_folder()


def _short(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN_CHARS else f"{text[:_MAX_SHOWN_CHARS]}..."
