"""The table of requests says what the protocol's text says."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from moothall.wire.operator_frames import OperatorFrame
from moothall.wire.requests import REQUESTS, RequestKind
from moothall.wire.rest import LogForm, LogPage, Refusal, RoomShown, SittingShown
from tests.wire.samples import DOCS, tags

TEXT = (DOCS / "web.md").read_text("utf-8")
# With an upgrade it is no request that the table could hold: RFC 6455 says the rest.
SOCKET = ("get", "/api/rooms/{room}")


def section(number: int) -> str:
    return TEXT.partition(f"\n## {number} ")[2].partition("\n## ")[0]


def asked_in_the_text() -> set[tuple[str, str]]:
    found = re.findall(r"`(GET|POST|DELETE) (/\S*)`", section(1))
    return {(method.lower(), path.replace("ROOM", "{room}")) for method, path in found}


def test_the_table_holds_every_request_of_the_text() -> None:
    """And no other."""
    assert {(request.method, request.path) for request in REQUESTS} | {SOCKET} == asked_in_the_text()


def test_a_request_is_asked_for_in_one_way() -> None:
    """And has a name that programs may make a function of."""
    assert len({(request.method, request.path) for request in REQUESTS}) == len(REQUESTS)
    assert len({request.name for request in REQUESTS}) == len(REQUESTS)
    assert all(re.fullmatch(r"[a-z]+[A-Z][A-Za-z]+", request.name) for request in REQUESTS)


@pytest.mark.parametrize("request_kind", REQUESTS, ids=lambda request: request.name)
def test_what_a_request_takes_is_in_its_section(request_kind: RequestKind) -> None:
    """Its address, its parameters, and the token where it needs one."""
    text = section(request_kind.section)

    assert request_kind.path.replace("{room}", "ROOM") in text or request_kind.section == 1
    assert [parameter.name for parameter in request_kind.parameters if parameter.name not in text] == []
    assert request_kind.needs_token == (request_kind.section == 6 and request_kind.method != "get")


@pytest.mark.parametrize("kind", [RoomShown, LogPage, SittingShown, Refusal])
def test_every_field_of_an_answer_is_in_the_text(kind: type) -> None:
    """Whoever writes a client reads it there."""
    tag = ("reply",) if kind is Refusal else ()

    fields = (*kind.__struct_fields__, *tag)  # type: ignore[attr-defined]
    assert [field for field in fields if not re.search(rf"[`\",]{field}[`\",]", TEXT)] == []


def test_every_form_and_every_frame_of_the_operator_is_in_the_text() -> None:
    """They are words that one types."""
    assert [form for form in LogForm if f"`{form}`" not in section(5)] == []
    assert [tag for tag in tags(OperatorFrame) if f"`{tag}`" not in section(6)] == []
    assert len(get_args(OperatorFrame)) == len(tags(OperatorFrame))
