"""The documents are served as they are kept beside the protocol's text."""

from __future__ import annotations

import json

import pytest

from moothall.wire.openapi import openapi
from moothall.wire.schema import json_schema
from tests.doors.guests import house
from tests.doors.web.callers import ask


@pytest.mark.parametrize(("path", "document"), [("/openapi.json", openapi()), ("/schema.json", json_schema())])
async def test_a_document_is_given_to_anybody(path: str, document: object) -> None:
    """Whoever writes a client need not have the source."""
    async with house() as running:
        got = await ask(running, "GET", path)
        head = await ask(running, "HEAD", path)

    assert (got.status, got.object) == (200, json.loads(json.dumps(document)))
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", got.headers["content-length"])
