"""The description of the requests is one that tools understand, and the one that is kept beside the protocol's text."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from moothall.wire.openapi import openapi, openapi_text
from moothall.wire.requests import REQUESTS, RequestKind
from tests.wire.samples import DOCS

OPENAPI: dict[str, Any] = openapi()


def operation(request: RequestKind) -> dict[str, Any]:
    found: dict[str, Any] = OPENAPI["paths"][request.path][request.method]
    return found


def references(part: object) -> set[str]:
    """Every reference in a part of the document."""
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*map(references, part.values()))
    return set().union(*map(references, part)) if isinstance(part, list) else set()


def test_the_description_in_the_docs_is_the_one_of_the_types() -> None:
    """If not: python -m moothall.wire.openapi > docs/protocol/openapi.json"""
    assert (DOCS / "openapi.json").read_text("utf-8") == openapi_text()
    assert json.loads(openapi_text()) == json.loads(json.dumps(OPENAPI))


def test_the_module_prints_the_description() -> None:
    """The command that the test above names."""
    command = [sys.executable, "-m", "moothall.wire.openapi"]

    assert subprocess.run(command, capture_output=True, check=True, text=True).stdout == openapi_text()


def test_it_says_which_version_it_is() -> None:
    """Of OpenAPI, in which schemas are JSON Schema; and of our words."""
    assert OPENAPI["openapi"] == "3.1.0"
    assert (OPENAPI["info"]["title"], OPENAPI["info"]["version"]) == ("Moothall", "1")


def test_every_reference_leads_somewhere() -> None:
    """Nothing is named that is not there, and nothing is there that nobody names."""
    named = references(OPENAPI)
    parts = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "headers", "parameters", "responses")
        for name in OPENAPI["components"][kind]
    }

    assert named == parts


@pytest.mark.parametrize("name", OPENAPI["components"]["schemas"])
def test_every_schema_is_one(name: str) -> None:
    """Tools of other languages make types of it."""
    Draft202012Validator.check_schema(OPENAPI["components"]["schemas"][name])


@pytest.mark.parametrize("request_kind", REQUESTS, ids=lambda request: request.name)
def test_a_request_says_all_that_it_may_be_answered(request_kind: RequestKind) -> None:
    """By what it takes, it can go wrong in these ways."""
    statuses = set(map(int, operation(request_kind)["responses"]))

    assert set(request_kind.answers) | {403} <= statuses
    assert ({400, 413, 415} <= statuses) == (request_kind.body is not None)
    assert (401 in statuses) == ("security" in operation(request_kind)) == request_kind.needs_token
    assert ({404, 422} <= statuses) == (request_kind.path.startswith("/api/rooms/") or request_kind.needs_token)


@pytest.mark.parametrize("request_kind", REQUESTS, ids=lambda request: request.name)
def test_what_stands_in_an_address_is_a_parameter(request_kind: RequestKind) -> None:
    """OpenAPI wants each of them named."""
    names = [parameter.get("name", "room") for parameter in operation(request_kind)["parameters"]]

    assert ("room" in names) == ("{room}" in request_kind.path)
    assert len(set(names)) == len(names)


def test_events_are_those_of_the_json_door() -> None:
    """With their place in the log and their time, on every one of them."""
    said = OPENAPI["components"]["schemas"]["Said"]

    assert {"event", "seq", "at"} <= set(said["required"])
    assert OPENAPI["components"]["schemas"]["LogPage"]["properties"]["entries"]["items"] == {
        "$ref": "#/components/schemas/Event"
    }
