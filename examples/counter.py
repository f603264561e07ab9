"""A bot that counts who has said how much: `python examples/counter.py [PORT]`.

It is async: a bot that asks a model, or another server, waits for it just so, and is cancelled when its time is up.
"""

import asyncio
import sys
from collections import Counter

from moothall import Turn, run_bot


async def counter(turn: Turn) -> str | None:
    words = Counter[str]()
    for utterance in turn.transcript:
        if utterance.name != turn.host:
            words[utterance.name] += len(utterance.text.split())
    await asyncio.sleep(0.05)  # the place for something that takes its time; a turn lasts turn.seconds
    if not words:
        return None  # nobody has spoken: pass
    name, most = words.most_common(1)[0]
    return f"{name} has said {most} of {words.total()} words on {turn.topic.gerund}."


if __name__ == "__main__":
    run_bot(counter, "Counter", port=int(sys.argv[1]) if sys.argv[1:] else 4242)
