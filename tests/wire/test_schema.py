"""The schema and the protocol's text say what the types say: the examples fit, and nothing is left out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from enum import StrEnum
from typing import Any, Final, get_args

import msgspec
import pytest
from hypothesis import given
from jsonschema import Draft202012Validator, FormatChecker

from moothall.engine.events import Event
from moothall.engine.room import Phase
from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards, Kind, LeaveReason, OnMissed, PolicyName, SittingEnd, TopicEnd
from moothall.errors import Reason
from moothall.wire.frames import OPERATORS_WORDS, Frame
from moothall.wire.json_lines import MAX_DEPTH, decode_frame, decode_line, encode_event, encode_line
from moothall.wire.replies import Reply, SeatShown
from moothall.wire.schema import json_schema, schema_text
from tests.wire.samples import DOCS, FRAMES, REPLIES, any_of, tags

SCHEMA: Final[dict[str, Any]] = json_schema()
TEXT: Final = (DOCS / "json.md").read_text("utf-8")
SENT: Final = re.findall(r"^→ (.*)$", TEXT, re.MULTILINE)
READ: Final = re.findall(r"^← (.*)$", TEXT, re.MULTILINE)


def fits(line: str | bytes, part: str) -> bool:
    """Tell whether a line is what a part of the schema says."""
    return bool(_VALIDATORS[part].is_valid(json.loads(line)))


_VALIDATORS: Final = {
    part: Draft202012Validator({**SCHEMA, "anyOf": [{"$ref": f"#/$defs/{part}"}]}, format_checker=FormatChecker())
    for part in ("frame", "reply", "event")
}


# The schema


def test_the_schema_is_one() -> None:
    """Tools of other languages make types of it."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["title"] == "Moothall, JSON lines, version 1"


def test_the_schema_in_the_docs_is_the_one_of_the_types() -> None:
    """If not: python -m moothall.wire.schema > docs/protocol/schema.json"""
    assert (DOCS / "schema.json").read_text("utf-8") == schema_text()
    assert json.loads(schema_text()) == json.loads(json.dumps(SCHEMA))


def test_the_schema_is_written_as_people_read_it() -> None:
    """Two spaces deeper a level, a line break at the end: a change of it is a small difference."""
    assert schema_text().startswith('{\n  "$schema": "')
    assert schema_text().endswith("\n}\n")


def test_the_module_prints_the_schema() -> None:
    """The command that the test above names."""
    command = [sys.executable, "-m", "moothall.wire.schema"]

    assert subprocess.run(command, capture_output=True, check=True, text=True).stdout == schema_text()


def test_every_type_has_its_place_in_the_schema() -> None:
    """A frame, a reply and an event are told apart, and each of them by its tag."""
    assert SCHEMA["anyOf"] == [{"$ref": "#/$defs/frame"}, {"$ref": "#/$defs/reply"}, {"$ref": "#/$defs/event"}]
    for part, union in {"frame": Frame, "reply": Reply, "event": Event}.items():
        assert set(SCHEMA["$defs"][part]["discriminator"]["mapping"]) == tags(union)
    assert SCHEMA["$defs"]["Said"]["required"] == ["event", "name", "turn", "text", "seq", "at"]
    assert "Stamp" not in SCHEMA["$defs"]


@pytest.mark.parametrize("kind", get_args(Event), ids=lambda kind: kind.__name__)
def test_every_event_must_have_its_place_and_its_time(kind: type[msgspec.Struct]) -> None:
    """They are in no event's type, but on every event's line."""
    part = SCHEMA["$defs"][kind.__name__]

    assert {"event", "seq", "at"} <= set(part["required"])
    assert part["properties"]["seq"] == part["properties"]["at"] == {"type": "integer"}


@given(any_of(Event))
def test_any_event_fits_the_schema(event: Event) -> None:
    """As an entry; without its place in the log it is none."""
    assert fits(encode_event(event, 1, 2), "event")
    assert not fits(msgspec.json.encode(event), "event")


@given(any_of(Frame), any_of(Reply))
def test_any_frame_and_any_reply_fit_the_schema(frame: Frame, reply: Reply) -> None:
    """And neither is the other."""
    assert [part for part in _VALIDATORS if fits(encode_line(frame), part)] == ["frame"]
    assert [part for part in _VALIDATORS if fits(encode_line(reply), part)] == ["reply"]


@pytest.mark.parametrize("line", [line for _, line in FRAMES] + [line for _, line in REPLIES])
def test_newer_lines_fit_an_older_schema(line: str) -> None:
    """Fields that are not known are ignored: whoever checks with the schema must not refuse them."""
    newer = {**json.loads(line), "new": [1]}

    assert fits(json.dumps(newer), "frame") or fits(json.dumps(newer), "reply")


@pytest.mark.parametrize(
    "line",
    [
        '{"do":"fly"}',
        '{"do":"say"}',
        '{"do":"say","text":"hi","turn":-1}',
        '{"do":"say","text":"hi","turn":9223372036854775808}',
        '{"do":"say","text":"hi","cid":""}',
        '{"do":"join","kind":"cat"}',
        '{"do":"grant"}',
        '{"do":"set","rounds":9223372036854775808}',
        '{"do":"set","rounds":1.5}',
        '{"do":"set","turn_seconds":"20"}',
    ],
)
def test_what_is_malformed_does_not_fit(line: str) -> None:
    """The bounds are in the schema too."""
    assert not fits(line, "frame")


# The protocol's text


@pytest.mark.parametrize("line", SENT)
def test_every_frame_in_the_protocol_is_one(line: str) -> None:
    """An example that the server refuses is worse than none."""
    assert fits(line, "frame")
    assert isinstance(decode_frame(line.encode()), Frame)


@pytest.mark.parametrize("line", READ)
def test_every_line_of_the_server_in_the_protocol_is_one(line: str) -> None:
    """Byte for byte as the server would write it."""
    answer = decode_line(line.encode())

    if isinstance(answer, tuple):
        event, stamp = answer
        assert fits(line, "event")
        assert encode_event(event, stamp.seq, stamp.at) == line.encode()
    else:
        assert fits(line, "reply")
        assert encode_line(answer) == line.encode() + b"\n"


def test_the_protocol_shows_every_line() -> None:
    """Frames, replies and events: whoever adds one shows it in use."""
    assert {json.loads(line)["do"] for line in SENT} == tags(Frame)
    assert {line.get("reply") or line["event"] for line in map(json.loads, READ)} == tags(Reply) | tags(Event)


@pytest.mark.parametrize(
    ("begin", "end", "seqs"),
    [
        ("## 12 A whole exchange", "In another room", range(41, 61)),
        ("In another room", "What the others send", range(3, 18)),
    ],
)
def test_the_exchanges_are_logs_without_gaps(begin: str, end: str, seqs: range) -> None:
    """A reader learns from them that no number is left out."""
    exchange = TEXT.partition(f"\n{begin}")[2].partition(end)[0]
    shown = [json.loads(line)["seq"] for line in re.findall(r'^← (\{"event".*)$', exchange, re.MULTILINE)]

    assert shown == list(seqs)


@pytest.mark.parametrize("kind", [*get_args(Frame), *get_args(Reply), *get_args(Event), Rules, SeatShown])
def test_every_field_stands_in_the_protocol(kind: type[msgspec.Struct]) -> None:
    """With what it means and when it is absent; this test can only see that it is named where its line is."""
    text = _about(kind)

    assert [field for field in kind.__struct_fields__ if f"`{field}`" not in text] == []


def _about(kind: type[msgspec.Struct]) -> str:
    tag = kind.__struct_config__.tag
    if tag is None:
        return _section("5" if kind is Rules else "4")
    match kind.__struct_config__.tag_field:
        case "do":
            return _section("2")
        case "reply":
            return next(row for row in _section("4").splitlines() if row.startswith(f"| `{tag}` |"))
        case _:
            return re.search(rf"^\| `{tag}` .*\n(\| \| .*\n)*", _section("5"), re.MULTILINE)[0]  # type: ignore[index]


def _section(number: str) -> str:
    return TEXT.partition(f"\n## {number} ")[2].partition("\n## ")[0]


@pytest.mark.parametrize("tag", sorted(tags(Frame)))
def test_every_frame_has_its_row(tag: str) -> None:
    """What it asks for, and what answers it."""
    assert f"\n| `{tag}` | " in _section("2")


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_row(reason: Reason) -> None:
    """With when it is given."""
    assert f"\n| `{reason}` | " in _section("7")


@pytest.mark.parametrize("words", [Kind, PolicyName, OnMissed, Afterwards, TopicEnd, SittingEnd, LeaveReason, Phase])
def test_every_word_that_a_field_may_hold_stands_in_the_protocol(words: type[StrEnum]) -> None:
    """Programs compare with them."""
    assert [word for word in words if f"`{word}`" not in TEXT] == []


def test_every_word_of_the_operator_stands_in_the_protocol() -> None:
    """Refused, and so in need of a line."""
    assert [word for word in OPERATORS_WORDS if f"`{word}`" not in _section("2")] == []


def test_every_rule_stands_there_with_its_default() -> None:
    """The defaults are what most rooms have."""
    defaults = Rules()
    for field in ("seats", "rounds", "turn_seconds", "missed_turns", "away_seconds", "max_text_chars"):
        assert re.search(rf"^\| `{field}` \| \w+ \| {getattr(defaults, field)} \|", TEXT, re.MULTILINE)
    for field in ("host", "question", "policy", "on_missed", "afterwards"):
        assert re.search(rf"^\| `{field}` \|.*\| `{re.escape(getattr(defaults, field))}` \|", TEXT, re.MULTILINE)
    assert f"| {' '.join(defaults.topics)} |" in TEXT


def test_the_depth_in_the_protocol_is_the_codecs() -> None:
    """A limit that is only in the code is a trap."""
    assert f"depth of objects and arrays | {MAX_DEPTH};" in TEXT
