"""The shapes of the web door's requests and answers: each field is in the protocol, each bound is that of the rules."""

from __future__ import annotations

import msgspec
import pytest

from moothall.engine.limits import check_rules
from moothall.engine.rules import Rules
from moothall.errors import BadFrame, Reason, Rejected
from moothall.wire.json_lines import decode_object
from moothall.wire.rest import Opening, Queueing, Refusal, RoomShown, SittingShown, TurnShown
from tests.wire.samples import DOCS

PAGE = (DOCS / "web.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", [RoomShown, SittingShown, Opening])
def test_every_field_is_in_the_protocol(kind: type[msgspec.Struct]) -> None:
    """A field that no page names is used by nobody, or by mistake."""
    words = set(PAGE.replace("`", " ").replace(",", " ").split())

    assert [field for field in kind.__struct_fields__ if field not in words] == []


def test_a_turn_shows_no_deadline_where_there_is_none() -> None:
    """What is absent is left out, not null."""
    assert msgspec.json.encode(TurnShown(name="Kari", turn=2)) == b'{"name":"Kari","turn":2}'  # type: ignore[arg-type]


def test_a_refusal_reads_as_it_does_in_every_door() -> None:
    """Its first field tells what it is."""
    refusal = Refusal(reason=Reason.NOT_TALKING, text="Nobody is here yet.")

    assert msgspec.json.encode(refusal) == (b'{"reply":"refused","reason":"not_talking","text":"Nobody is here yet."}')


def test_a_room_can_be_opened_by_every_rule_but_two() -> None:
    """A function cannot be named from afar; how long words may be is known to the doors before they know the room."""
    assert set(Rules.__struct_fields__) - set(Opening.__struct_fields__) == {"custom_policy", "max_text_chars"}
    assert set(Opening.__struct_fields__) - set(Rules.__struct_fields__) == {"room"}


@pytest.mark.parametrize(
    ("rule", "value"),
    [("seats", 0), ("seats", 201), ("rounds", 0), ("turn_seconds", -1), ("away_seconds", 604_801), ("missed_turns", 0)],
)
def test_a_bound_of_the_shape_is_one_of_the_rules(rule: str, value: int) -> None:
    """What the rules would take is not turned away by a decoder, nor the other way round."""
    with pytest.raises(BadFrame):
        decode_object(msgspec.json.encode({"room": "lab", rule: value}), msgspec.json.Decoder(Opening))
    with pytest.raises(Rejected):
        check_rules(msgspec.structs.replace(Rules(), **{rule: value}))


@pytest.mark.parametrize("body", [b'{"topic":""}', b'{"topic":"%b"}' % (b"x" * 201), b"{}"])
def test_a_topic_has_some_words_and_not_too_many(body: bytes) -> None:
    """As everywhere."""
    with pytest.raises(BadFrame):
        decode_object(body, msgspec.json.Decoder(Queueing))
