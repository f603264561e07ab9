"""What each frame asks of the room, and in whose name."""

from __future__ import annotations

from typing import Final, get_args

import pytest

from moothall.engine.commands import (
    Command,
    Grant,
    Leave,
    Next,
    Pass,
    QueueTopic,
    RequestFloor,
    Return,
    Revoke,
    Say,
    SetRules,
    Withdraw,
)
from moothall.wire.frames import (
    OPERATORS_WORDS,
    Frame,
    GrantFrame,
    NextFrame,
    PassFrame,
    RequestFrame,
    ReturnFrame,
    RevokeFrame,
    RoomFrame,
    SetFrame,
    TopicFrame,
    WithdrawFrame,
    command_of,
    word_of,
)
from tests.engine.past import KARI
from tests.wire.samples import tags

ASKED: Final[list[tuple[RoomFrame, Command]]] = [
    (PassFrame(turn=2), Pass(KARI, 2)),
    (RequestFrame(), RequestFloor(KARI)),
    (WithdrawFrame(), Withdraw(KARI)),
    (ReturnFrame(), Return(KARI)),
    (GrantFrame(name="Lars"), Grant("Lars", by=KARI)),
    (RevokeFrame(), Revoke(None, by=KARI)),
    (RevokeFrame(name="Lars"), Revoke("Lars", by=KARI)),
    (TopicFrame(topic="play"), QueueTopic("play", by=KARI)),
    (NextFrame(), Next(by=KARI)),
    (SetFrame(), SetRules(by=KARI)),
    (
        SetFrame(
            policy="rotate",
            rounds=3,
            until="settled",
            turn_seconds=20,
            seat_seconds={"Lars": 0.5},
            missed_turns=2,
            on_missed="none",
        ),
        SetRules(
            policy="rotate",
            rounds=3,
            until="settled",
            turn_seconds=20,
            seat_seconds={"Lars": 0.5},
            missed_turns=2,
            on_missed="none",
            by=KARI,
        ),
    ),
]


@pytest.mark.parametrize(("frame", "command"), ASKED, ids=lambda value: type(value).__name__)
def test_a_frame_asks_in_its_senders_name(frame: RoomFrame, command: Command) -> None:
    """Whose name it is the visit says, and never the frame: nobody asks as the operator."""
    assert command_of(frame, KARI) == command


def test_every_frame_that_asks_something_of_the_room_is_shown() -> None:
    """Who adds one shows its command."""
    assert {type(frame) for frame, _ in ASKED} == set(get_args(RoomFrame))


def test_a_change_of_rules_has_all_that_the_rules_know() -> None:
    """A rule that the chair may change and the wire forgot would never be missed."""
    assert (*SetFrame.__struct_fields__, "by") == SetRules.__struct_fields__


@pytest.mark.parametrize(("frame", "command"), ASKED, ids=lambda value: type(value).__name__)
def test_a_command_is_called_what_its_frame_is_called(frame: RoomFrame, command: Command) -> None:
    """A refusal that comes late, because nothing could be stored, names what was asked."""
    assert word_of(command) == frame.__struct_config__.tag


def test_the_commands_of_the_other_frames_have_their_words_too() -> None:
    """What is said and who leaves is stored like the rest."""
    assert (word_of(Say(KARI, "hi")), word_of(Leave(KARI))) == ("say", "leave")


def test_the_operators_words_are_the_protocols() -> None:
    """What a participant may ask is none of them."""
    assert frozenset({"skip", "remove", "pause", "unpause", "close", "end", "chair"}) == OPERATORS_WORDS
    assert OPERATORS_WORDS.isdisjoint(tags(Frame))
