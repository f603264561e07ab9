"""What the web door does to every request before a desk answers it, and to every answer."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest

from moothall.engine.names import RoomName
from tests.doors.guests import TOKEN, House, house
from tests.doors.web.callers import ask, open_stream

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}


async def shake_hands(here: House, path: str, **headers: str) -> str:
    """Ask for a WebSocket, and return the first line of the answer."""
    lines = {
        "Host": f"127.0.0.1:{here.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    } | headers
    guest = await here.guest(f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in lines.items()), "")
    return (await guest.line()).rstrip()


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/rooms"), ("GET", "/nothing"), ("POST", "/api/rooms"), ("PUT", "/api/rooms"), ("HEAD", "/health")],
)
async def test_every_answer_says_what_may_be_done_with_it(method: str, path: str) -> None:
    """Whatever its status; and when it was made (RFC 9110 section 6.6.1)."""
    async with house() as here:
        answer = await ask(here, method, path)

    assert answer.headers.items() >= HEADERS.items()
    assert parsedate_to_datetime(answer.headers["date"]).tzinfo is not None


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Host": ""},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/metrics"), ("POST", "/api/rooms/main/topics")])
async def test_who_comes_from_elsewhere_is_told_nothing(method: str, path: str, headers: dict[str, str]) -> None:
    """Before anything else is looked at: the token, the body, the address."""
    async with house() as here:
        shown = headers | {"authorization": f"Bearer {TOKEN}"}
        answer = await ask(here, method, path, body={"topic": "sing"} if method == "POST" else None, headers=shown)

        assert here.server.hall.kept(RoomName("main")) == (1, 0)
    assert answer.refusal[:2] == (403, "not_allowed")


async def test_no_stream_and_no_websocket_is_opened_from_elsewhere() -> None:
    """A page of others could otherwise read along, or take a seat in its reader's name."""
    async with house() as here:
        stream = await open_stream(here, headers={"Origin": "http://evil.example"})
        foreign = await shake_hands(here, "/api/rooms/main", Origin="http://evil.example")
        bent = await shake_hands(here, "/api/rooms/main", Host="evil.example")
        own = await shake_hands(here, "/api/rooms/main", Origin=f"http://127.0.0.1:{here.port}")
        nameless = await shake_hands(here, "/api/rooms/main")

    assert stream.head.startswith("HTTP/1.1 403 ")
    assert [foreign, bent] == ["HTTP/1.1 403 Forbidden"] * 2
    assert [own, nameless] == ["HTTP/1.1 101 Switching Protocols"] * 2


async def test_a_websocket_is_opened_on_a_room_alone() -> None:
    """Elsewhere there is none, which is said as of any other address."""
    async with house() as here:
        answers = [await shake_hands(here, path) for path in ("/", "/api/rooms", "/api/rooms/main/events")]

    assert answers == ["HTTP/1.1 404 Not Found"] * 3


async def test_a_server_that_other_machines_may_reach_takes_their_addresses_and_its_names() -> None:
    """Any IP address will do, for no name can be bent to one; of names only those that were allowed."""
    async with house(bind=("127.0.0.1",), allow_host=("moot.example.org",)) as here:
        hosts = ("moot.example.org:80", "192.0.2.1", "evil.example")
        closed = [(await ask(here, "GET", "/health", headers={"Host": host})).status for host in hosts]
    async with house(bind=("0.0.0.0",), insecure=True) as here:
        opened = [(await ask(here, "GET", "/health", headers={"Host": host})).status for host in hosts]

    assert (closed, opened) == ([200, 403, 403], [403, 200, 403])
