"""The JSON Schema of the JSON lines door, made from the same types that read and write its lines.

Kept beside the protocol's text: `python -m moothall.wire.schema > docs/protocol/schema.json`.
"""

from __future__ import annotations

import sys
from typing import Any, Final

import msgspec

from moothall.engine.events import Event
from moothall.wire.frames import Frame
from moothall.wire.json_lines import PROTOCOL_VERSION, Stamp
from moothall.wire.replies import Reply

__all__ = ["event_schema", "json_schema", "schema_text"]

_REF: Final = "#/$defs/{name}"


def json_schema() -> dict[str, Any]:
    """Return the schema: `frame` is a line to the server; `reply` and `event` are the lines from it.

    An entry is an event with the fields of `Stamp` beside its own; they are put in here, where they are in no type.
    """
    (frame, reply, event), components = msgspec.json.schema_components((Frame, Reply, Event), ref_template=_REF)
    _stamp(event, components)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Moothall, JSON lines, version {PROTOCOL_VERSION}",
        "anyOf": [{"$ref": "#/$defs/frame"}, {"$ref": "#/$defs/reply"}, {"$ref": "#/$defs/event"}],
        "$defs": {"frame": frame, "reply": reply, "event": event, **components},
    }


def event_schema(ref_template: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the schema of an entry, and those that it refers to, by their names."""
    (event,), components = msgspec.json.schema_components((Event,), ref_template=ref_template)
    _stamp(event, components)
    return event, components


def schema_text() -> str:
    """Return the schema as docs/protocol/schema.json holds it."""
    return msgspec.json.format(msgspec.json.encode(json_schema()), indent=2).decode() + "\n"


def _stamp(event: dict[str, Any], components: dict[str, Any]) -> None:
    _, stamps = msgspec.json.schema_components((Stamp,))
    for name in (choice["$ref"].rpartition("/")[2] for choice in event["anyOf"]):
        components[name]["properties"] |= stamps["Stamp"]["properties"]
        components[name]["required"] += stamps["Stamp"]["required"]


if __name__ == "__main__":
    sys.stdout.write(schema_text())
