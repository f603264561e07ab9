"""What people type, read: words to say, or a command that begins with a slash. Normative: docs/protocol/text.md §5."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from moothall.errors import BadFrame, Reason
from moothall.wire.safe_text import safe_text

__all__ = ["CHAIR_HELP", "HELP", "Slash", "SlashWord", "Words", "decode_typed"]

HELP: Final = (
    "Type words to say them in your turn. /pass gives the turn up, /ask asks for the floor, /withdraw no longer does, "
    "/return leaves the bench, /drop forgets words that wait, /who lists who is here, /rooms lists the rooms, "
    "/leave leaves, //word says /word."
)
CHAIR_HELP: Final = (
    "You are in the chair: /grant NAME gives the floor, /revoke takes it away, /topic WORDS is what to talk about "
    "next, /next closes the topic, /set RULE VALUE changes a rule from the next topic on."
)


class SlashWord(StrEnum):
    """What a person may type after a slash."""

    PASS = "pass"  # noqa: S105 - no password
    ASK = "ask"
    WITHDRAW = "withdraw"
    RETURN = "return"
    DROP = "drop"
    WHO = "who"
    ROOMS = "rooms"
    HELP = "help"
    LEAVE = "leave"
    WATCH = "watch"
    WAIT = "wait"
    # For whoever is in the chair.
    GRANT = "grant"
    REVOKE = "revoke"
    TOPIC = "topic"
    NEXT = "next"
    SET = "set"


class Words(msgspec.Struct, frozen=True):
    """Words to say; before joining, a name."""

    text: str


class Slash(msgspec.Struct, frozen=True):
    """A slash command, and what was typed after it."""

    word: SlashWord
    words: str = ""


def decode_typed(line: bytes) -> Words | Slash:
    """Read one line that somebody typed. `//x` says `/x`.

    Raises:
        BadFrame: `malformed`, not UTF-8, an unknown command, or one that wants words and has none.
    """
    try:
        text = line.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise BadFrame(Reason.MALFORMED, "That is not UTF-8.") from None
    if text.startswith("//"):
        return Words(text[1:])
    if not text.startswith("/"):
        return Words(text)
    typed, _, words = text[1:].partition(" ")
    try:
        word = SlashWord(typed.lower())
    except ValueError:
        known = safe_text(typed.lower()[:20])
        raise BadFrame(Reason.MALFORMED, f"/{known} is no command. /help lists them.") from None
    if word in _USAGES and not words:
        raise BadFrame(Reason.MALFORMED, f"/{word} what? For example: {_USAGES[word]}")
    return Slash(word, words.strip())


_USAGES: Final = {
    SlashWord.GRANT: "/grant Kari",
    SlashWord.TOPIC: "/topic play chess",
    SlashWord.SET: "/set turn_seconds 20",
}
"""The commands that mean nothing without words."""
