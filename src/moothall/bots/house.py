"""The house bots: five that are always at home, to fill a room, to try things out, and to read as examples.

Alice, Bob, Dora and Chuck are those of the course that Moothall grew from (docs/origin.md). Each is a pure function of
one or two actions, in the bare form in which a topic names them ("hug"); even Dora's choice is made by her words alone,
so that a sitting can be run again and reads the same.
"""

from __future__ import annotations

from collections.abc import Callable

from moothall.bots.classic import classic
from moothall.bots.english import gerund

__all__ = ["HOUSE_BOTS", "alice", "bob", "chuck", "dora"]

_DORAS_IDEAS = ("coding", "singing", "sleeping", "fighting")
_CHUCK_LOVES = ("fighting", "bickering", "yelling", "complaining")
_CHUCK_REFUSES = ("singing", "hugging", "playing", "working")


def alice(a: str, b: str | None = None) -> str:
    """Think that anything sounds great."""
    if b is None:
        return f"I think {gerund(a)} sounds great!"
    return f"I think {gerund(a)} and {gerund(b)} both sound great!"


def bob(a: str, b: str | None = None) -> str:
    """Be unsure about one action for want of a choice, but agree to two."""
    if b is None:
        return f"I'm not sure about {gerund(a)}. Don't I get a choice?"
    return f"Sure, both {gerund(a)} and {gerund(b)} are fine with me."


def dora(a: str, b: str | None = None) -> str:
    """Call it an option, and suggest something else: always the same for the same words, never what was asked."""
    asked = [gerund(action) for action in (a, b) if action is not None]
    ideas = [idea for idea in _DORAS_IDEAS if idea not in asked]
    idea = ideas[sum(a.encode()) % len(ideas)]
    return f"Yes, {' or '.join(asked)} is an option. Or we could do some {idea}."


def chuck(a: str, b: str | None = None) -> str:
    """Love what is bad, refuse what is good, and not care for the rest."""
    asked = [gerund(action) for action in (a, b) if action is not None]
    for action in asked:
        if action.lower() in _CHUCK_LOVES:
            return f"Yes! Time for some {action}!"
    for action in asked:
        if action.lower() in _CHUCK_REFUSES:
            return f"What? {action[:1].upper()}{action[1:]} is no fun. I'm not doing that."
    return "I don't care."


# What `moothall bot WHO` finds by name. `classic` alone takes its place in the round as a second argument.
HOUSE_BOTS: dict[str, Callable[..., str]] = {
    "alice": alice,
    "bob": bob,
    "dora": dora,
    "chuck": chuck,
    "classic": classic,
}
