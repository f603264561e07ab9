"""The house bot `classic`: answers by its place in the round, as the four bots of the first system did.

Pure: the same action and place give the same answer. Its eight sentences are those of docs/origin.md, word for word;
only the gerund is spelled right.
"""

from __future__ import annotations

from moothall.bots.english import gerund, is_nasty

__all__ = ["classic"]

# By place, from 1. {Action} and {action} are the gerund, {verb} is the action as it was suggested.
_NICE_ANSWERS = (
    "I think {action} sounds great! Awesome!",
    "{Action} seems great!",
    "Are you serious? {Action} is the last thing we need",
    "Somebody suggested {action}? Sure, I'm up for anything!",
)
_NASTY_ANSWERS = (
    "So {action} it is then. I don't mind!",
    "{Action} seems horrible. And I wanted more choices!",
    "Again with the {action}!",
    "Yess, Time to {verb}",
)


def classic(a: str, place: int) -> str:
    """Answer the suggested action `a` as who speaks at `place`, from 1; beyond 4 the answers go round."""
    answers = _NASTY_ANSWERS if is_nasty(a) else _NICE_ANSWERS
    action = gerund(a)
    return answers[(place - 1) % len(answers)].format(action=action, Action=action[:1].upper() + action[1:], verb=a)
