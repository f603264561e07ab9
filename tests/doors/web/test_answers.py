"""What a refusal is in HTTP: a status that a program understands, and the words of every door."""

from __future__ import annotations

from types import SimpleNamespace

import msgspec
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from moothall.doors.web.answers import STATUS, answer, on_error
from moothall.errors import BadFrame, DataCorrupt, Reason, Rejected, StorageError
from moothall.wire.rest import Ready
from tests.wire.samples import DOCS


def a_request(counted: list[Reason] | None = None) -> Request:
    """A request on a connection that notes what is refused."""
    link = SimpleNamespace(count_refusal=([] if counted is None else counted).append)
    return Request({"type": "http", "headers": [], "state": {"connection": SimpleNamespace(link=link)}})


async def told(error: Exception) -> tuple[int, str, str]:
    response = await on_error(a_request(), error)
    said = msgspec.json.decode(bytes(response.body))
    return response.status_code, said["reason"], said["text"]


def test_an_answer_is_an_object_with_a_status() -> None:
    """Nothing else stands in it."""
    response = answer(Ready(ready=False), 503, {"Retry-After": "1"})

    assert (response.status_code, bytes(response.body)) == (503, b'{"ready":false}')
    assert response.headers["content-type"] == "application/json"
    assert response.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        (Rejected(Reason.NO_SUCH_ROOM, "lab"), (404, "no_such_room", "There is no room lab.")),
        (Rejected(Reason.BAD_VALUE, "seats is few"), (422, "bad_value", "seats is few.")),
        (Rejected(Reason.CLOSING), (503, "closing", "The server is stopping.")),
        (Rejected(Reason.ROOM_FULL, "lab"), (409, "room_full", "Every seat in lab is taken. You can watch.")),
        (BadFrame(Reason.MALFORMED, "What?"), (400, "malformed", "What?")),
        (BadFrame(Reason.TOO_LONG, "Less."), (413, "too_long", "Less.")),
        (StorageError("full"), (503, "storage", "The server cannot store anything now. Try again.")),
        (DataCorrupt("flipped"), (503, "storage", "The server cannot store anything now. Try again.")),
        (HTTPException(404), (404, "malformed", "There is nothing at this address.")),
        (HTTPException(405), (405, "malformed", "This address takes other methods.")),
        (HTTPException(415, "Send JSON"), (415, "malformed", "Send JSON.")),
        (HTTPException(401, "Show it"), (401, "not_allowed", "Show it.")),
    ],
)
async def test_what_is_no_bug_has_a_status_and_a_sentence(error: Exception, refusal: tuple[int, str, str]) -> None:
    """What the disk or the system says of it stays inside."""
    assert await told(error) == refusal


@pytest.mark.parametrize("reason", Reason)
async def test_every_reason_has_a_status_of_its_own_or_means_not_now(reason: Reason) -> None:
    """And a sentence."""
    status, word, text = await told(Rejected(reason))

    assert status == STATUS.get(reason, 409)
    assert (word, bool(text)) == (reason, True)


async def test_what_an_address_takes_is_told_with_the_refusal() -> None:
    """RFC 9110 section 15.5.6: 405 comes with `Allow`."""
    response = await on_error(a_request(), HTTPException(405, headers={"Allow": "GET, HEAD"}))

    assert response.headers["allow"] == "GET, HEAD"


async def test_a_refusal_is_counted() -> None:
    """Under its reason, for whoever watches the server."""
    counted: list[Reason] = []
    await on_error(a_request(counted), Rejected(Reason.ROOM_FULL, "lab"))

    assert counted == [Reason.ROOM_FULL]


async def test_a_bug_is_not_hidden() -> None:
    """It goes to whoever keeps the server running, with its traceback."""
    with pytest.raises(ZeroDivisionError):
        await on_error(a_request(), ZeroDivisionError())


def test_every_status_is_in_the_protocol() -> None:
    """A client that is written by the page knows them all."""
    page = (DOCS / "web.md").read_text(encoding="utf-8")

    assert [status for status in {409, 413, *STATUS.values()} if f"| {status} |" not in page] == []
