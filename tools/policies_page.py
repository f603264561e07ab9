"""Make the transcripts in docs/howto/policies.md by running them: `python -m tools.policies_page` writes the page anew.

A block that begins with ```` ```text NAME ```` is the scene of that name: a room with its rules, and what its people
do. One that begins with ```` ```python file=PATH ```` is that file. The rest of the page is left as it is. A test
makes the page again and compares.
"""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from moothall.engine.commands import (
    CallTime,
    Command,
    GoAway,
    Grant,
    Join,
    Next,
    OpenRoom,
    Pass,
    QueueTopic,
    RequestFloor,
    Return,
    Revoke,
    Say,
    SetRules,
)
from moothall.engine.deadlines import next_deadline
from moothall.engine.decide import unfold
from moothall.engine.evolve import empty_room
from moothall.engine.names import Name, RoomName
from moothall.engine.policies import Policy
from moothall.engine.room import Room
from moothall.engine.rules import Rules
from moothall.engine.words import PolicyName
from moothall.wire.change import Change
from moothall.wire.text import lines_for

__all__ = ["PAGE", "SCENES", "Scene", "page", "transcript"]

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs/howto/policies.md"
_FILE: Final = re.compile(r"^```python file=([\w/.-]+)\n.*?^```$", re.MULTILINE | re.DOTALL)
_BLOCK: Final = re.compile(r"^```text ([\w-]+)\n.*?^```$", re.MULTILINE | re.DOTALL)
_NOON: Final = 1_795_348_800_000
LARS, KARI, OLA = map(Name, ("Lars", "Kari", "Ola"))
HUG: Final = Rules(seats=3, topics=("hug",))

Act = Command | str | int
"""A command; or what the holder of the floor says; or how many seconds nothing happens."""


class Scene(Struct, frozen=True, kw_only=True):
    """A room with three seats, and what happens in it once everybody is seated."""

    rules: Rules
    acts: tuple[Act, ...]
    custom: Policy | None = None
    people: tuple[Name, ...] = (LARS, KARI, OLA)


def say(name: Name, words: str) -> Say:
    """Let somebody say something."""
    return Say(name, words)


def ruled(policy: PolicyName = PolicyName.ROUND_ROBIN, **rules: object) -> Rules:
    """Return the page's usual rules with another policy, and whatever else is given."""
    return replace(HUG, policy=policy, **rules)


def transcript(scene: Scene) -> str:
    """Run a scene and return what everybody reads of it, from the first question on."""
    room, at, lines = empty_room(RoomName("main")), _NOON, list[str]()
    opening: list[Act] = [OpenRoom(scene.rules, "seed"), *(Join(name, keyed=True) for name in scene.people)]
    for act in [*opening, *scene.acts]:
        if isinstance(act, int):
            end = at + act * 1000
            while (moment := next_deadline(room)) is not None and moment <= end:
                room = _play(room, CallTime(), moment, scene.custom, lines)
            at = end
        else:
            command = Say(room.turns[0].name, act) if isinstance(act, str) else act
            room = _play(room, command, at, scene.custom, lines)
    first = next((number for number, line in enumerate(lines) if line.startswith(f"{scene.rules.host}: ")), 0)
    return "\n".join(lines[first:])


def page(text: str) -> str:
    """Return the page with every block made anew."""
    text = _FILE.sub(
        lambda block: f"```python file={block[1]}\n{(ROOT / block[1]).read_text(encoding='utf-8')}```", text
    )
    return _BLOCK.sub(lambda block: f"```text {block[1]}\n{transcript(SCENES[block[1]])}\n```", text)


def _block(title: str, body: str) -> str:
    return f"```{title}\n{body}```"


def _play(room: Room, command: Command, at: int, custom: Policy | None, lines: list[str]) -> Room:
    for event, after in unfold(room, command, at, custom):
        lines += lines_for(Change(event, room, after, b""))
        room = after
    return room


P1, P2, P3 = say(LARS, "Gladly!"), say(KARI, "Why not?"), say(OLA, "Not me.")

SCENES: Final[dict[str, Scene]] = {
    "round-robin": Scene(rules=HUG, acts=(P1, P2, P3)),
    "rotate": Scene(rules=ruled(PolicyName.ROTATE, rounds=2), acts=(P1, P2, P3, P2, P3, P1)),
    "shuffle": Scene(rules=ruled(PolicyName.SHUFFLE, rounds=2), acts=("Gladly!", "Why not?", "Not me.") * 2),
    "parallel": Scene(rules=ruled(PolicyName.PARALLEL), acts=(P3, P1, P2)),
    "request": Scene(
        rules=ruled(PolicyName.REQUEST),
        acts=(
            RequestFloor(OLA),
            RequestFloor(LARS),
            say(OLA, "I would like to begin."),
            say(LARS, "And I agree."),
            30,
        ),
    ),
    "addressed": Scene(
        rules=ruled(PolicyName.ADDRESSED),
        acts=(say(LARS, "Gladly! And you, @Ola?"), say(OLA, "Not me."), P2),
    ),
    "chair": Scene(
        rules=ruled(PolicyName.CHAIR, chair="Kari", until="chair"),
        acts=(Grant("Ola", KARI), P3, Grant("Lars", KARI), Revoke(None, KARI), Grant("Ola", KARI), P3, Next(KARI)),
    ),
    "chair-away": Scene(
        rules=ruled(PolicyName.CHAIR, chair="Kari"),
        acts=(GoAway(KARI), P1, P3),
    ),
    "open": Scene(rules=ruled(PolicyName.OPEN, until="utterances=3"), acts=(P3, say(OLA, "Really not."), P1)),
    "custom": Scene(
        rules=ruled(PolicyName.CUSTOM, custom_policy="quiet_first.py:quiet_first", rounds=2),
        acts=("Gladly, and at length!", "Why not?", "No.", "Never.", "Well ...", "Still gladly!"),
        custom=runpy.run_path(str(ROOT / "examples/quiet_first.py"))["quiet_first"],
    ),
    "set": Scene(
        rules=HUG,
        acts=(QueueTopic("sing"), SetRules(policy="rotate", rounds=2), P1, P2, P3, "La la.", "La la la."),
    ),
    "pass": Scene(rules=replace(HUG, rounds=3), acts=(P1, Pass(KARI), P3, Pass(LARS), Pass(KARI), Pass(OLA))),
    "rounds": Scene(rules=replace(HUG, rounds=2), acts=(P1, P2, P3, P1, P2, P3)),
    "turns": Scene(rules=replace(HUG, until="turns=4"), acts=(P1, P2, P3, P1)),
    "seconds": Scene(rules=replace(HUG, until="seconds=40"), acts=(10, P1, 10, P2, 20)),
    "utterances": Scene(rules=replace(HUG, until="utterances=2"), acts=(P1, Pass(KARI), P3)),
    "characters": Scene(rules=replace(HUG, until="characters=20"), acts=(P1, P2, P3)),
    "seat_characters": Scene(
        rules=replace(HUG, until="seat_characters=12"),
        acts=(say(LARS, "Gladly, whoever asks!"), P2, P3, say(KARI, "On a cold day."), say(OLA, "Well, perhaps.")),
    ),
    "phrase": Scene(
        rules=replace(HUG, until='phrase="we agree"'),
        acts=(P1, P2, say(OLA, "Then WE agree.")),
    ),
    "settled": Scene(rules=replace(HUG, until="settled"), acts=(P1, P2, Pass(OLA), *map(Pass, (LARS, KARI, OLA)))),
    "ending-chair": Scene(rules=replace(HUG, until="chair", chair="Kari"), acts=(P1, P2, P3, P1, Next(KARI))),
    "operator": Scene(rules=replace(HUG, until="operator"), acts=(P1, P2, P3, P1, Next())),
    "composed": Scene(
        rules=replace(HUG, until="rounds=3 or (utterances=2 and phrase=agreed)"),
        acts=(say(LARS, "Agreed!"), say(KARI, "Agreed.")),
    ),
    "deadline": Scene(
        rules=replace(HUG, until="rounds=4", missed_turns=2),
        acts=(P1, 30, P3, P1, 30, P3, P1, Return(KARI), P3, P1, P2, P3),
    ),
}


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name}: {len(SCENES)} scenes\n")


if __name__ == "__main__":
    main()
