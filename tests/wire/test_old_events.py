"""What older versions have written means what it meant."""

from __future__ import annotations

import pytest

from moothall.engine.events import RoomOpened
from moothall.engine.names import RoomName
from moothall.engine.rules import Rules
from moothall.engine.words import OnMissed, PolicyName
from moothall.wire.json_lines import decode_event, encode_event

OF_0_1 = (
    b'{"event":"room_opened","seq":1,"at":1795383996576,"room":"main","rules":{"seats":2,"host":"Host","agenda":["hug"],'
    b'"topics":["hug"],"question":"Do you want to {topic}?","policy":"%b","rounds":3,"turn_seconds":30,'
    b'"afterwards":"disconnect","max_text_chars":8000,"labels":{}},"seed":"x"}'
)


@pytest.mark.parametrize(("policy", "until"), [(PolicyName.ROUND_ROBIN, "rounds=3"), (PolicyName.OPEN, "")])
def test_rules_of_the_first_version_know_no_bench_and_end_after_their_rounds(policy: PolicyName, until: str) -> None:
    """A sitting that was open over the upgrade goes on by the rules that it was opened with."""
    event, _ = decode_event(OF_0_1 % policy.encode())

    assert isinstance(event, RoomOpened)
    assert (event.rules.on_missed, event.rules.until, event.rules.rounds) == (OnMissed.NONE, until, 3)


def test_rules_of_today_are_read_as_they_are() -> None:
    """Every rule is written, also one that is as usual."""
    opened = RoomOpened(RoomName("main"), Rules(), "seed")

    assert decode_event(encode_event(opened, 1, 0))[0] == opened
