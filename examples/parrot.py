"""A parrot: says again what it heard last. Run it with `moothall bot examples/parrot.py:parrot`."""

from moothall import Turn


def parrot(turn: Turn) -> str:
    """Repeat the last answer; who has heard none repeats the topic."""
    if not turn.heard:
        return f"{turn.topic.gerund.capitalize()}!"
    return turn.heard[-1].text
