"""Reads a file of topics, `moothall serve --topics FILE`: one topic a line; docs/howto/run-a-server.md says the rest.

Every line that can be no topic is a sentence with its number, all of them at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from moothall.engine.limits import MAX_TOPIC_CHARS
from moothall.errors import BadFile, BadSetting
from moothall.settings import MAX_TOPICS

__all__ = ["TopicFile", "read_topics", "topics_in"]

_LABEL: Final = "%label"
_MAX_BYTES: Final = 10_000_000
"""Far beyond what `MAX_TOPICS` can take: whoever names a video by mistake should not wait for it."""


class TopicFile(msgspec.Struct, frozen=True):
    """What a file of topics holds: the topics, and the labels that sittings about them have."""

    topics: tuple[str, ...]
    labels: dict[str, str]


def read_topics(path: Path) -> TopicFile:
    """Read a file of topics.

    Raises:
        BadFile: some lines of it cannot be, or it holds no topic.
        BadSetting: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise BadSetting(f"--topics {path} cannot be read: {error.strerror or error}.", "topics") from None
    if len(data) > _MAX_BYTES:
        raise BadSetting(f"--topics {path} cannot be read: it is larger than {_MAX_BYTES} bytes.", "topics")
    return topics_in(data, str(path))


def topics_in(data: bytes, name: str) -> TopicFile:
    """Return what the file called `name` holds.

    Raises:
        BadFile: some lines of it cannot be, or it holds no topic.
    """
    topics: list[str] = []
    labels: dict[str, str] = {}
    mistakes: list[str] = []
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        try:
            _take(line, topics, labels)
        except ValueError as error:
            mistakes.append(f"{name}:{number}: {error}")
    if not mistakes and not topics:
        mistakes.append(f"{name}: there is no topic in it: write one a line.")
    if len(topics) > MAX_TOPICS:
        mistakes.append(f"{name}: there are {len(topics)} topics in it; a room takes {MAX_TOPICS}.")
    if mistakes:
        raise BadFile(mistakes, "topics")
    return TopicFile(tuple(topics), labels)


def _take(line: bytes, topics: list[str], labels: dict[str, str]) -> None:
    try:
        words = " ".join(line.decode().split())
    except UnicodeDecodeError:
        raise ValueError("this is not UTF-8: save the file as UTF-8.") from None
    if not words or words.startswith("#"):
        return
    if words.startswith("%"):
        key, value = _label(words)
        labels[key] = value
        return
    if len(words) > MAX_TOPIC_CHARS:
        raise ValueError(f"a topic is 1 to {MAX_TOPIC_CHARS} characters, not {len(words)}.")
    if not words.isprintable():
        raise ValueError(f"a topic is words, and {words!r} holds what cannot be shown.")
    topics.append(words)


def _label(words: str) -> tuple[str, str]:
    word, _, pair = words.partition(" ")
    key, equals, value = pair.partition("=")
    if word != _LABEL or not equals or not key.strip():
        raise ValueError(f"a line that begins with % is {_LABEL} KEY=VALUE, as in {_LABEL} list=nice, not {words!r}.")
    return key.strip(), value.strip()
