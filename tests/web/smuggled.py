"""Lines of a chat hidden in HTTP, in every place that a request has: what no door but the web door may ever see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from tests.doors.guests import TOKEN
from tests.web.lines import request, upgrade

__all__ = ["Case", "cases"]

Case = tuple[str, list[bytes]]
"""What it is, and the pieces in which it is sent."""

WORDS: Final = {
    "name": b"Smuggler\n",
    "name and words": b"Smuggler@main\r\nSmuggled words.\r\n",
    "join": b'{"do":"join","room":"main","name":"Smuggler"}\n{"do":"say","text":"Smuggled words."}\n',
    "join elsewhere": b'{"do":"join","room":"smuggled","name":"Smuggler"}\n',
    "request": (
        b"POST /api/rooms/smuggled/commands HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %b\r\n"
        b"Content-Type: application/json\r\nContent-Length: 30\r\n\r\n"
        b'{"do":"topic","topic":"smug"} \r\n' % TOKEN.encode()
    ),
}
CHATS: Final = [words for words in WORDS if words != "request"]

POST: Final = "POST /api/rooms/main/topics HTTP/1.1"
JSON: Final = "Content-Type: application/json"
AUTH: Final = f"Authorization: Bearer {TOKEN}"
"""So that the body is read to its end; nothing of it is a topic."""


def post(*headers: str, body: bytes = b"") -> bytes:
    """Write the operator's request with a body that is framed by these headers, or by none."""
    return request(POST, AUTH, JSON, *headers) + body


def chunk(data: bytes, extension: bytes = b"") -> bytes:
    return b"%x%b\r\n%b\r\n" % (len(data), extension, data)


CHUNKED: Final = "Transfer-Encoding: chunked"
END: Final = b"0\r\n\r\n"


# Where nothing of the words may be taken for a request either: the body is theirs.
def in_a_body(words: bytes) -> Iterator[tuple[str, list[bytes]]]:
    size = len(words)
    whole = f"Content-Length: {size}"
    yield "a body", [post(whole, body=words)]
    yield "a body that comes later", [post(whole), words]
    yield "a body that is asked for", [post(whole, "Expect: 100-continue"), words]
    yield "a body without the token", [request("POST /api/rooms/main/topics HTTP/1.1", JSON, whole) + words]
    yield "a body of another type", [request(POST, AUTH, "Content-Type: text/plain", whole) + words]
    yield "a body where there is no address", [request("POST /nowhere HTTP/1.1", whole) + words]
    yield "a body that nobody wants", [request("GET /health HTTP/1.1", whole) + words]
    yield "a body with another method", [request("PUT /api/rooms HTTP/1.1", whole) + words]
    yield "a body from elsewhere", [request(POST, whole, host="evil.example") + words]
    yield "a body that is not whole", [post(f"Content-Length: {size + 99}", body=words)]
    yield "a body whose length is said twice", [post(whole, whole, body=words)]
    yield "a body whose length is a list", [post(f"Content-Length: {size}, {size}", body=words)]
    yield "a chunk", [post(CHUNKED, body=chunk(words) + END)]
    yield "chunks of a byte", [post(CHUNKED, body=b"".join(chunk(words[at : at + 1]) for at in range(size)) + END)]
    yield "a chunk that comes later", [post(CHUNKED), chunk(words), END]
    yield "a chunk that is not whole", [post(CHUNKED, body=chunk(words)[:-4])]
    yield "a body with both lengths", [post(CHUNKED, whole, body=chunk(words) + END)]
    yield "a body with both lengths, turned around", [post(whole, CHUNKED, body=chunk(words) + END)]


# Where what follows the framing is a request of its own, if it is one: only a line of a chat has no right there.
def beside_a_body(words: bytes) -> Iterator[tuple[str, list[bytes]]]:
    size = len(words)
    line = words.strip()
    yield "a body without a length", [post(body=words)]
    yield "a body of length 0", [post("Content-Length: 0", body=words)]
    yield "a body that is too short", [post("Content-Length: 3", body=b"{}\n" + words)]
    for wrong in ("-1", f"+{size}", f"0x{size:x}", f"{size}.0", "9" * 40, "", " ", f"{size} {size}", "\u0661"):
        yield f"a body of length {wrong!r}", [post(f"Content-Length: {wrong}", body=words)]
    yield "a body whose lengths differ", [post("Content-Length: 0", f"Content-Length: {size}", body=words)]
    yield "a body whose lengths are a list", [post(f"Content-Length: 0, {size}", body=words)]
    yield "both lengths, one of them 0", [post(CHUNKED, "Content-Length: 0", body=END + words)]
    for wrong in (
        "xchunked",
        "chunked, identity",
        "identity",
        "gzip, chunked",
        "chunked\x0b",
        "CHUNKED, chunked",
        '"chunked"',
    ):
        yield f"transfer {wrong!r}", [post(f"Transfer-Encoding: {wrong}", body=words)]
    yield "transfer twice", [post(CHUNKED, CHUNKED, body=chunk(b"{}") + END + words)]
    yield "transfer with a space before the colon", [post("Transfer-Encoding : chunked", body=words)]
    yield "the size of a chunk", [post(CHUNKED, body=words)]
    yield "an extension of a chunk", [post(CHUNKED, body=chunk(b"{}", b";a=" + line) + END)]
    yield "an extension with a line break", [post(CHUNKED, body=chunk(b"{}", b";a=\n" + words) + END)]
    yield "behind a chunk that was too short", [post(CHUNKED, body=b"2\r\n{}" + words + END)]
    yield "the size of a chunk below 0", [post(CHUNKED, body=b"-1\r\n" + words)]
    yield "a trailer", [post(CHUNKED, body=chunk(b"{}") + b"0\r\n" + words + b"\r\n")]
    yield "a trailer that is one", [post(CHUNKED, body=chunk(b"{}") + b"0\r\nX-Words: " + line + b"\r\n\r\n")]
    yield "behind the last chunk", [post(CHUNKED, body=chunk(b"{}") + END + words)]


def in_a_head(words: bytes) -> Iterator[tuple[str, list[bytes]]]:
    line = words.strip().replace(b"\r", b"").replace(b"\n", b" ")
    start = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"
    yield "the value of a header", [start + b"X-Words: " + line + b"\r\n\r\n"]
    yield "the value of a header with line breaks", [start + b"X-Words: a\n" + words + b"\r\n\r\n"]
    yield "a folded header", [start + b"X-Words: a\r\n " + line + b"\r\n\t" + line + b"\r\n\r\n"]
    yield "a folded first header", [b"GET /health HTTP/1.1\r\n " + line + b"\r\nHost: localhost\r\n\r\n"]
    yield "a header without a colon", [start + words + b"\r\n"]
    yield "the name of a header", [start + line.replace(b":", b"") + b": a\r\n\r\n"]
    yield "bare line feeds", [start.replace(b"\r", b"") + b"\n" + words]
    yield "bare line feeds in the head", [start.replace(b"\r", b"") + words + b"\n\n"]
    yield "bare returns", [start.replace(b"\n", b"") + b"\r" + words.replace(b"\n", b"\r")]
    yield "a header with a zero", [start + b"X-Words: \x00\n" + words + b"\r\n\r\n"]
    yield "the host", [b"GET /health HTTP/1.1\r\nHost: " + line + b"\r\n\r\n"]
    yield "in place of the host", [b"GET /health HTTP/1.1\r\n" + words + b"\r\n\r\n"]
    yield "the key of a WebSocket", [upgrade(key=line.decode())]
    yield "the target", [b"GET /" + line.replace(b" ", b"%20") + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"]
    yield "the target with spaces", [b"GET /" + line + b" x HTTP/1.1\r\nHost: localhost\r\n\r\n"]
    yield "the target with a line break", [b"GET /\n" + words + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"]
    yield "a room's name", [request(f"GET /api/rooms/{_percent(words)} HTTP/1.1")]
    yield "a query", [request(f"GET /api/rooms/main/log?format={_percent(words)} HTTP/1.1")]
    yield (
        "an absolute target",
        [b"GET http://localhost/" + line.replace(b" ", b"") + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    )
    yield "an authority", [b"CONNECT " + line.replace(b" ", b"") + b":80 HTTP/1.1\r\nHost: localhost\r\n\r\n", words]
    yield "the version", [b"GET /health " + words + b"Host: localhost\r\n\r\n"]
    yield "behind no version", [b"GET /health\r\n", words]
    yield "behind the version 0.9", [b"GET /health HTTP/0.9\r\n\r\n", words]
    yield "behind the version 2", [b"GET /health HTTP/2.0\r\nHost: localhost\r\n\r\n", words]
    yield "a head that is not whole", [start, words]
    yield "a head that is too long", [start + b"X-Words: " + b"x" * 70_000, words]
    yield "a head of too many words", [start + words * 3_000]


def behind_a_request(words: bytes) -> Iterator[tuple[str, list[bytes]]]:
    yield "behind a request", [request() + words]
    yield "behind a request, later", [request(), words]
    yield "behind two requests", [request() * 2 + words]
    yield "between two requests", [request() + words + request()]
    yield "behind empty lines", [request() + b"\r\n\r\n" + words]
    yield "behind a request of HTTP/1.0", [b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n", words]
    yield "behind the last request", [request("GET /health HTTP/1.1", "Connection: close"), words]
    yield "behind a HEAD", [request("HEAD /health HTTP/1.1"), words]
    yield "behind a 400", [b"GET /health HTTP/1.1\r\nbroken\r\n\r\n", words]
    yield "behind a 400, at once", [b"GET /health HTTP/1.1\r\nbroken\r\n\r\n" + words]
    yield "behind a 401", [request("DELETE /api/rooms/main HTTP/1.1"), words]
    yield "behind a 403", [request(host="evil.example"), words]
    yield "behind a 404", [request("GET /nowhere HTTP/1.1"), words]
    yield "behind a 405", [request("PATCH /health HTTP/1.1"), words]
    yield "behind a 413", [post(CHUNKED, body=chunk(b" " * 200_000)), words]
    yield "behind a 415", [request(POST, AUTH, body=b"{}"), words]
    yield "behind OPTIONS", [request("OPTIONS * HTTP/1.1"), words]
    yield "behind a log", [request("GET /api/rooms/main/log?format=text HTTP/1.1"), words]
    yield "behind a log, at once", [request("GET /api/rooms/main/log?format=text HTTP/1.1") + words]
    yield "within a stream", [request("GET /api/rooms/main/events HTTP/1.1"), words]
    yield "within a stream, at once", [request("GET /api/rooms/main/events HTTP/1.1") + words]


def behind_an_upgrade(words: bytes) -> Iterator[tuple[str, list[bytes]]]:
    close = b"\x88\x82\x00\x00\x00\x00\x03\xe8"
    ping = b"\x89\x80\x00\x00\x00\x00"
    yield "behind an upgrade with a wrong key", [upgrade(key="short"), words]
    yield "behind an upgrade of another version", [upgrade(version=8), words]
    yield "behind an upgrade where there is none", [upgrade("/health"), words]
    yield "behind an upgrade from elsewhere", [upgrade("/api/rooms/main", "Origin: http://evil.example"), words]
    yield (
        "behind an upgrade to something else",
        [request("GET /health HTTP/1.1", "Upgrade: h2c", "Connection: Upgrade"), words],
    )
    yield "behind an upgrade with POST", [upgrade().replace(b"GET", b"POST", 1), words]
    yield "within an upgrade", [upgrade("/api/rooms/main", f"Content-Length: {len(words)}") + words]
    yield "behind an upgrade", [upgrade(), words]
    yield "behind an upgrade, at once", [upgrade() + words]
    yield "behind a ping", [upgrade(), ping + words]
    yield "behind a close", [upgrade(), close + words]
    yield "behind a close, later", [upgrade(), close, words]
    yield "behind a close and another", [upgrade(), close, close, words]
    yield "behind a frame that is none", [upgrade(), b"\xff\xff\xff\xff", words]
    yield "in a frame without a mask", [upgrade(), bytes([0x81, min(len(words), 125)]) + words[:125]]
    yield "in a ping", [upgrade(), bytes([0x89, 0x80 | min(len(words), 125), 0, 0, 0, 0]) + words[:125]]


PLACES: Final[list[tuple[Callable[[bytes], Iterator[tuple[str, list[bytes]]]], list[str]]]] = [
    (in_a_body, list(WORDS)),
    (beside_a_body, CHATS),
    (in_a_head, CHATS),
    (behind_a_request, CHATS),
    (behind_an_upgrade, CHATS),
]


def cases() -> dict[str, list[Case]]:
    """Return every place with everything that may be hidden in it, by the kind of place."""
    found = {
        places.__name__: [(f"{kind} in {place}", pieces) for kind in kinds for place, pieces in places(WORDS[kind])]
        for places, kinds in PLACES
    }
    return found | {"cut_in_two": list(cut_in_two())}


def cut_in_two() -> Iterator[Case]:
    """Yield a request with a line behind it, cut at each byte, and one that comes byte by byte."""
    whole = post("Content-Length: 9", body=WORDS["name"]) + WORDS["name"]
    for at in range(1, len(whole)):
        yield f"a request cut at {at}", [whole[:at], whole[at:]]
    yield "a request byte by byte", [whole[at : at + 1] for at in range(len(whole))]


def _percent(words: bytes) -> str:
    return "".join(f"%{byte:02X}" for byte in words)
