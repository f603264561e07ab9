"""A chair that lets everybody speak, hears whoever asks, and closes the topic: `python examples/a_chair.py [PORT]`.

Start the server with `moothall serve --policy chair --chair Chair`. The chair takes a seat, and never talks itself.
"""

import sys

from moothall import ChairView, run_chair

MAX_TURNS = 2


def choose(room: ChairView) -> str | None:
    """Give the floor to the quietest, to who asks before the others; when all have had two turns it is enough."""
    waiting = [name for name in (*room.requests, *room.names) if room.turns[name] < MAX_TURNS]
    if not waiting or (room.transcript and "agreed" in room.transcript[-1].text.lower()):
        return None  # close the topic
    return min(waiting, key=lambda name: room.turns[name])


if __name__ == "__main__":
    run_chair(choose, port=int(sys.argv[1]) if sys.argv[1:] else 4242)
