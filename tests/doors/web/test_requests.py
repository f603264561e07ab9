"""What a request must be before anybody looks at what it asks."""

from __future__ import annotations

import pytest

from tests.doors.guests import TOKEN, house
from tests.doors.web.callers import ask

OPERATOR = {"authorization": f"Bearer {TOKEN}"}
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "text/json", "json"])
async def test_a_body_says_that_it_is_json(kind: str | None) -> None:
    """What a form of another page can send is none."""
    async with house() as here:
        headers = OPERATOR | ({"content-type": kind} if kind else {})
        answer = await ask(here, "POST", "/api/rooms/main/topics", raw=b'{"topic":"sing"}', headers=headers)

    assert answer.refusal == (415, "malformed", "Send a body of Content-Type: application/json.")


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON", "application/json; charset=utf-8"])
async def test_it_may_say_so_in_several_ways(kind: str) -> None:
    """The case does not matter, nor what follows (RFC 9110 section 8.3.1)."""
    async with house() as here:
        headers = OPERATOR | {"content-type": kind}
        answer = await ask(here, "POST", "/api/rooms/main/topics", raw=b'{"topic":"sing"}', headers=headers)

    assert answer.status == 200


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "This is not a request: Input data was truncated."),
        (b"{", "This is not a request: Input data was truncated."),
        (b'"sing"', "This is not a request: Expected `object`, got `str`."),
        (b'{"topic":7}', "This is not a request: Expected `str`, got `int` - at `$.topic`."),
        (b'{"topic":"\xff"}', None),
        (b'{"topic":"x","y":' + b"[" * 17 + b"]" * 17 + b"}", "A request nests at most 16 deep."),
        (b'{"topic":"x","y":' + b"[" * 40_000, "A request nests at most 16 deep."),
    ],
)
async def test_a_body_that_is_no_such_object_is_malformed(body: bytes, sentence: str | None) -> None:
    """The sentence says what is wrong, and nothing happens."""
    async with house() as here:
        answer = await ask(here, "POST", "/api/rooms/main/topics", raw=body, headers=OPERATOR | JSON)
        rooms = (await ask(here, "GET", "/api/rooms")).object

    assert answer.refusal[:2] == (400, "malformed")
    assert sentence is None or answer.refusal[2] == sentence
    assert [room["room"] for room in rooms["rooms"] if room["seq"]] == []


async def test_a_body_that_is_too_long_is_not_read_to_its_end() -> None:
    """As long as a line of the JSON lines door may be, and no longer."""
    async with house() as here:
        body = b'{"topic":"%b"}' % (b"x" * 97_024)
        answer = await ask(here, "POST", "/api/rooms/main/topics", raw=body, headers=OPERATOR | JSON)

    assert answer.refusal == (413, "too_long", "A body has at most 97024 bytes.")


@pytest.mark.parametrize("after", ["", "x", "-1", "1.5", "9223372036854775808", "9" * 5_000, "\u0663", "--1", "+1"])
async def test_a_number_that_cannot_be_is_a_sentence(after: str) -> None:
    """Whatever it is: an empty one, a huge one, one in other digits."""
    async with house() as here:
        await here.seated("Lars")
        answer = await ask(here, "GET", f"/api/rooms/main/events?after={_quoted(after)}")

    assert answer.refusal[:2] == (400, "malformed")


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())
