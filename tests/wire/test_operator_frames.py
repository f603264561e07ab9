"""What each of the operator's frames asks of a room."""

from __future__ import annotations

from typing import Final, get_args

import pytest

from moothall.engine.commands import (
    CloseSitting,
    Command,
    Grant,
    HostSay,
    NameChair,
    Next,
    Pause,
    QueueTopic,
    Remove,
    Revoke,
    SetRules,
    Skip,
    Start,
    Unpause,
)
from moothall.engine.names import Name
from moothall.errors import BadFrame
from moothall.wire.json_lines import decode_object
from moothall.wire.operator_frames import OPERATOR_FRAMES, OperatorFrame, operator_command
from tests.wire.samples import DOCS

ASKED: Final[list[tuple[str, Command]]] = [
    ('{"do":"start"}', Start()),
    ('{"do":"topic","topic":"play chess"}', QueueTopic("play chess")),
    ('{"do":"next"}', Next()),
    ('{"do":"skip"}', Skip()),
    ('{"do":"grant","name":"Kari"}', Grant("Kari")),
    ('{"do":"revoke"}', Revoke()),
    ('{"do":"revoke","name":"Kari"}', Revoke("Kari")),
    ('{"do":"chair"}', NameChair(None)),
    ('{"do":"chair","name":"Kari"}', NameChair("Kari")),
    ('{"do":"set","rounds":3,"until":"settled"}', SetRules(rounds=3, until="settled")),
    ('{"do":"remove","name":"Kari"}', Remove(Name("Kari"))),
    ('{"do":"remove","name":"Kari","why":"late"}', Remove(Name("Kari"), "late")),
    ('{"do":"pause"}', Pause()),
    ('{"do":"unpause"}', Unpause()),
    ('{"do":"say","text":"Welcome!"}', HostSay("Welcome!")),
    ('{"do":"end"}', CloseSitting()),
]

LONG_WHY: Final = f'{{"do":"remove","name":"x","why":"{"y" * 201}"}}'


def read(body: str) -> OperatorFrame:
    return decode_object(body.encode(), OPERATOR_FRAMES)


@pytest.mark.parametrize(("body", "command"), ASKED, ids=[body for body, _ in ASKED])
def test_a_frame_asks_in_the_operators_name(body: str, command: Command) -> None:
    """Nobody's name stands in it, so no chair is asked whether it may."""
    assert operator_command(read(body)) == command


def test_every_frame_is_shown_and_stands_in_the_protocol() -> None:
    """Who adds one shows its command, and tells of it."""
    page = (DOCS / "web.md").read_text(encoding="utf-8")
    tags = {str(kind.__struct_config__.tag) for kind in get_args(OperatorFrame)}

    assert {type(read(body)) for body, _ in ASKED} == set(get_args(OperatorFrame))
    assert [tag for tag in tags if f"`{tag}`" not in page] == []


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        '{"do":"join"}',
        '{"do":"remove"}',
        '{"do":"say","text":7}',
        f'{{"do":"remove","name":"x","why":"{"y" * 201}"}}',
    ],
)
def test_what_is_no_such_frame_is_malformed(body: str) -> None:
    """A participant's frames are none of the operator's."""
    with pytest.raises(BadFrame):
        read(body)
