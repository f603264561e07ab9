"""From where one may ask: forty ways to say it, on each kind of request, and exactly those on the allowlist pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from moothall.doors.web.allowlist import Allowlist
from tests.doors.guests import TOKEN, House, house
from tests.web.lines import exchange

# Each line: the Host, the Origin, and whether it may ask. PORT is the server's own, ELSE another; None: it is not sent.
COMBINATIONS: list[tuple[str | None, str | None, bool]] = [
    ("localhost:PORT", None, True),
    ("localhost", None, True),
    ("LocalHost:PORT", None, True),
    ("localhost:ELSE", None, True),
    ("127.0.0.1:PORT", None, True),
    ("127.9.9.9", None, True),
    ("[::1]:PORT", None, True),
    ("moot.example", None, True),
    ("Moot.Example:443", None, True),
    ("localhost:PORT", "http://localhost:PORT", True),
    ("LOCALHOST:PORT", "http://localhost:PORT", True),
    ("127.0.0.1:PORT", "http://127.0.0.1:PORT", True),
    ("[::1]:PORT", "http://[::1]:PORT", True),
    ("moot.example", "https://moot.example", True),
    ("evil.example", None, False),
    ("evil.example:PORT", "http://evil.example:PORT", False),
    ("localhost.evil.example:PORT", None, False),
    ("127.0.0.1.evil.example", None, False),
    ("evil.moot.example", None, False),
    ("notlocalhost", None, False),
    ("localhost.", None, False),
    ("user@localhost:PORT", None, False),
    ("localhost:PORT@evil.example", None, False),
    ("localhost, evil.example", None, False),
    ("localhost/evil", None, False),
    ("localhost#evil.example", None, False),
    ("2130706433", None, False),
    ("0x7f000001", None, False),
    ("0.0.0.0:PORT", None, False),
    ("192.168.0.1:PORT", None, False),
    ("[::]:PORT", None, False),
    ("", None, False),
    ("localhost:PORT", "null", False),
    ("localhost:PORT", "", False),
    ("localhost:PORT", "http://evil.example", False),
    ("localhost:PORT", "http://localhost", False),
    ("localhost:PORT", "http://localhost:ELSE", False),
    ("localhost:PORT", "http://127.0.0.1:PORT", False),
    ("localhost:PORT", "http://localhost:PORT.evil.example", False),
    ("localhost:PORT", "http://localhost:PORT@evil.example", False),
    ("localhost:PORT", "http://localhost:PORT/", False),
    ("localhost:PORT", "http://localhost:PORT http://evil.example", False),
    ("localhost:PORT", "file://", False),
    ("localhost:PORT", "chrome-extension://localhost:PORT", False),
    ("moot.example", "http://evil.example#moot.example", False),
    (None, None, False),
    (None, "http://localhost:PORT", False),
]
TWICE = [
    ["Host: localhost:PORT", "Host: evil.example"],
    ["Host: evil.example", "Host: localhost:PORT"],
    ["Host: localhost:PORT", "Origin: http://localhost:PORT", "Origin: http://evil.example"],
    ["Host: localhost:PORT", "Origin: http://evil.example", "Origin: http://localhost:PORT"],
]

KINDS = ["WebSocket", "POST", "stream", "HEAD"]
PASSED = {"WebSocket": b"101", "POST": b"200", "stream": b"200", "HEAD": b"200"}


def asking(kind: str, headers: Sequence[str]) -> bytes:
    """Write a request of some kind with these headers."""
    body = b'{"do":"say","text":"Hello from elsewhere."}' if kind == "POST" else b""
    own = {
        "WebSocket": [
            "GET /api/rooms/main HTTP/1.1",
            *("Upgrade: websocket", "Connection: Upgrade"),
            *("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"),
        ],
        "POST": [
            "POST /api/rooms/main/commands HTTP/1.1",
            f"Authorization: Bearer {TOKEN}",
            *("Content-Type: application/json", f"Content-Length: {len(body)}"),
        ],
        "stream": ["GET /api/rooms/main/events HTTP/1.1"],
        "HEAD": ["HEAD /api/rooms HTTP/1.1"],
    }[kind]
    return "\r\n".join([*own, *headers, "", ""]).encode() + body


def cases(port: int) -> list[tuple[list[str], bool]]:
    """Return every combination as headers, and whether it may ask."""
    found = [
        ([f"{name}: {value}" for name, value in (("Host", host), ("Origin", origin)) if value is not None], passes)
        for host, origin, passes in COMBINATIONS
    ]
    found += [(headers, False) for headers in TWICE]
    return [
        ([header.replace("PORT", str(port)).replace("ELSE", str(port + 1)) for header in headers], passes)
        for headers, passes in found
    ]


async def wrongly_answered(running: House, kind: str) -> list[str]:
    """Return what was let in, or kept out, against what is said above; 403, or 400 where it is no HTTP at all."""
    wrong = []
    for headers, passes in cases(running.port):
        status = (await exchange(running, asking(kind, headers))).partition(b" ")[2][:3]
        if status not in ([PASSED[kind]] if passes else [b"403", b"400"]):
            wrong.append(f"{headers}: {status.decode()}")
    return wrong


def test_there_are_enough_of_them() -> None:
    """On both sides."""
    assert len(COMBINATIONS) + len(TWICE) >= 40
    assert sum(passes for _, _, passes in COMBINATIONS) >= 10


@pytest.mark.parametrize("kind", KINDS)
async def test_exactly_the_allowlist_passes(kind: str) -> None:
    """And who is kept out has done nothing."""
    async with house(allow_host=("moot.example",), seats=2) as running:
        await running.seated("Lars")
        before = running.server.hall.clerks["main"].settled.seq

        assert await wrongly_answered(running, kind) == []

        let_in = sum(passes for _, passes in cases(running.port)) if kind == "POST" else 0
        assert running.server.hall.clerks["main"].settled.seq == before + let_in


OWN = Allowlist.objection


def is_named(_self: Allowlist, hosts: Sequence[str], _origins: Sequence[str], **_browser: str) -> str | None:
    return None if "localhost" in "".join(hosts).lower() else "No."


@pytest.mark.parametrize(
    ("objection", "kinds"),
    [
        (lambda _self, _hosts, _origins, **_browser: None, KINDS),
        (lambda _self, _hosts, _origins, **_browser: "No.", KINDS),
        (is_named, KINDS),
        (lambda _self, hosts, _origins, **_browser: OWN(_self, hosts, []), KINDS),
        (lambda _self, hosts, origins, **_browser: OWN(_self, hosts, [] if origins == ["null"] else origins), KINDS),
        # What is said twice is no handshake of a WebSocket in any case.
        (lambda _self, hosts, origins, **_browser: OWN(_self, hosts[:1], origins[:1]), KINDS[1:]),
        (lambda _self, hosts, origins, **_browser: OWN(_self, hosts[-1:], origins[-1:]), KINDS[1:]),
    ],
    ids=["all", "none", "named somewhere", "any origin", "null", "the first", "the last"],
)
async def test_an_allowlist_that_is_none_is_found(
    monkeypatch: pytest.MonkeyPatch, objection: Callable[..., str | None], kinds: Sequence[str]
) -> None:
    """The ways in which one gets it wrong."""
    monkeypatch.setattr(Allowlist, "objection", objection)
    async with house(allow_host=("moot.example",), seats=2) as running:
        await running.seated("Lars")

        assert [kind for kind in kinds if not await wrongly_answered(running, kind)] == []
