"""Run the cases of the Autobahn test suite against the WebSocket door, and write docs/conformance.md.

The cases want their messages back, which no room does. So two echoes stand where rooms would, behind the front door,
the web door and uvicorn as a server has them: one is an application, which shows what is made of frames that come in;
the other a door of lines, which shows what our own messages are. Exits 1 where a case does not pass for a reason that
is not among `REASONS`.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from kosoku import FailureError, run_fuzzingclient
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send

from moothall.cli.serve import run_loop
from moothall.doors.front import DoorKind, FrontDoor
from moothall.doors.gate import DoorLimits, Gate
from moothall.doors.link import Link
from moothall.doors.web.allowlist import Allowlist
from moothall.doors.web.app import WebApp
from moothall.doors.web.door import SocketRoute, WebDoor
from moothall.hall.clock import SystemClock
from moothall.hall.timers import Timers

__all__ = ["Verdict", "main", "page"]

PAGE: Final = Path(__file__).parents[1] / "docs" / "conformance.md"
ECHOES: Final = {"application": "an application", "lines": "a door of lines"}
NO_LIMIT_BYTES: Final = 64 * 1024 * 1024
TOO_LONG: Final = 1009
AT_ONCE: Final = 4
OUTCOMES: Final = ("OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "FAILED")

CATEGORIES: Final = {
    "1": "framing",
    "2": "pings and pongs",
    "3": "reserved bits",
    "4": "reserved opcodes",
    "5": "fragments",
    "6": "UTF-8",
    "7": "closing",
    "9": "limits and speed",
    "10": "fragments written by the library",
    "12": "compression, one message after another",
    "13": "compression, with all its parameters",
}

INTRODUCTION: Final = """\
# Conformance: WebSocket

The cases of the Autobahn test suite (RFC 6455), as the package `kosoku` {kosoku} runs them, against the WebSocket door: front
door, web door and uvicorn {uvicorn} with websockets {websockets}, as `moothall serve` has them. `make conformance` made this
page, and fails where a case does not pass for a reason that is not told here.

The cases want their messages back, which no room does. So an echo stands where a room would, and the cases run twice.
The echo is an application, which gets what uvicorn reads, and answers through uvicorn; or it is a door of lines on our
own `WebSocket`, as the rooms are, which reads and writes text alone.
"""  # noqa: E501 - the versions make it shorter

LIMITLESS: Final = """\
## Without the limit

The cases that ended with code 1009, run again by a server that takes messages of 64 MiB.
"""


class Verdict(NamedTuple):
    """What one case came to. `outcome` is one of `OUTCOMES`; `close_code` the server's, if it sent one."""

    echo: str
    case: str
    outcome: str
    close_code: int | None

    @property
    def category(self) -> str:
        return self.case.partition(".")[0]


class Reason(NamedTuple):
    """Why some verdicts are not OK, and of which verdicts that is true."""

    text: str
    is_of: Callable[[Verdict], bool]


REASONS: Final = (
    Reason(
        "The server compresses nothing ([web.md](protocol/web.md) §7), so there is no extension to test.",
        lambda one: one.outcome == "UNIMPLEMENTED" and one.category in ("12", "13"),
    ),
    Reason(
        "A message over 1 MiB closes the connection with code 1009 ([web.md](protocol/web.md) §7); these send up to "
        "16 MiB. Below they are run without this limit.",
        lambda one: one.outcome == "FAILED" and one.category == "9" and one.close_code == TOO_LONG,
    ),
    Reason(
        "The door of lines answers binary messages with text: it reads them as the same ([web.md](protocol/web.md) "
        "§7), and writes JSON.",
        lambda one: one.outcome == "FAILED" and one.echo == "lines" and bool(re.match(r"1\.2|9\.[2468]\.", one.case)),
    ),
    Reason(
        "A close in the middle of a message that came in part: websockets takes it for an error (code 1002), the case "
        "for a plain close (1000). The line is closed cleanly either way, and of half a message nothing is said.",
        lambda one: (one.case, one.outcome, one.close_code) == ("7.1.5", "FAILED", 1002),
    ),
    Reason(
        "What came in one packet before the frame that breaks the rules is not answered any more: websockets reads all "
        "of the packet first, and closes the line at once. How often depends on the packets.",
        lambda one: one.outcome == "NON-STRICT" and one.category in ("3", "4", "5"),
    ),
    Reason(
        "Bytes that are no UTF-8 are found at the end of their message, not at the first of them.",
        lambda one: one.outcome == "NON-STRICT" and one.case.startswith("6.4."),
    ),
    Reason(
        "The RFC leaves open what should happen.",
        lambda one: one.outcome == "INFORMATIONAL" and one.category == "7",
    ),
)


async def main() -> None:
    """Run the cases, show what came of them, and write the page.

    Raises:
        SystemExit: 1, some do not pass, and nobody knows why.
    """
    verdicts = await run_all(WebDoor(_echoes()))
    too_long = sorted({one.case for one in verdicts if one.close_code == TOO_LONG and one.outcome != "OK"}, key=_place)
    again = await run_all(WebDoor(_echoes(), NO_LIMIT_BYTES), too_long)
    text = page(verdicts, again)
    print(text)
    PAGE.write_text(text, encoding="utf-8")
    unexplained = [one for one in (*verdicts, *again) if one.outcome != "OK" and _reason(one) is None]
    for one in unexplained:
        print(f"not explained: {one.case} with {ECHOES[one.echo]}: {one.outcome} {one.close_code}", file=sys.stderr)
    if unexplained:
        raise SystemExit(1)


def page(verdicts: Sequence[Verdict], again: Sequence[Verdict]) -> str:
    """Return docs/conformance.md. `again` is of the cases that were run without the limit."""
    versions = {name: version(name) for name in ("kosoku", "uvicorn", "websockets")}
    parts = [INTRODUCTION.format(**versions)]
    for echo, name in ECHOES.items():
        parts.append(f"## Where the echo is {name}\n\n{_table([one for one in verdicts if one.echo == echo])}")
    parts.append(f"## What is not OK, and why\n\n{_explained(verdicts)}")
    parts.append(f"{LIMITLESS}\n{_explained(again, with_ok=True)}")
    return "\n".join(parts)


async def run_all(door: WebDoor, cases: Sequence[str] | None = None) -> list[Verdict]:
    """Run cases against both echoes; None: all there are."""
    loop = asyncio.get_running_loop()
    limits, clock = DoorLimits(), SystemClock(loop)
    gate, timers = Gate(limits), Timers(clock)

    def front_door() -> FrontDoor:
        return FrontDoor({DoorKind.HTTP: door}, gate=gate, limits=limits, clock=clock, timers=timers)

    verdicts: list[Verdict] = []
    async with await loop.create_server(front_door, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        for echo in ECHOES:
            try:
                results = await run_fuzzingclient(f"ws://127.0.0.1:{port}/{echo}", cases, concurrency=AT_ONCE)
            except FailureError as failure:
                results = failure.results
            verdicts += [
                Verdict(
                    echo, one.case_id, _outcome(one.behavior.value, one.behavior_close.value), one.remote_close_code
                )
                for one in results
            ]
    return verdicts


class _LineEcho(asyncio.Protocol):
    def __init__(self, link: Link) -> None:
        self._link = link

    def data_received(self, data: bytes) -> None:
        self._link.write(data)

    def pause_writing(self) -> None:
        self._link.block()

    def resume_writing(self) -> None:
        self._link.unblock()

    def connection_lost(self, _error: Exception | None) -> None:
        self._link.lost()


class _Echo:
    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message.get("text"), "bytes": message.get("bytes")})


def _echoes() -> WebApp:
    lines = SocketRoute(lambda link, _room: _LineEcho(link))
    return WebApp([WebSocketRoute("/application", _Echo()), WebSocketRoute("/{room}", lines)], Allowlist())


def _outcome(messages: str, close: str) -> str:
    # The worse of both: of a close there are more words for one that is not as it should be.
    return max(messages, close if close in OUTCOMES else "FAILED", key=OUTCOMES.index)


def _reason(verdict: Verdict) -> str | None:
    return next((reason.text for reason in REASONS if reason.is_of(verdict)), None)


def _table(verdicts: Sequence[Verdict]) -> str:
    lines = [f"| category | cases | {' | '.join(OUTCOMES)} |", f"|---|---:|{'---:|' * len(OUTCOMES)}"]
    for category, group in groupby(verdicts, key=lambda one: one.category):
        lines.append(_row(f"{category} {CATEGORIES[category]}", list(group)))
    return "\n".join([*lines, _row("all", verdicts), ""])


def _row(title: str, verdicts: Sequence[Verdict]) -> str:
    counts = Counter(one.outcome for one in verdicts)
    return f"| {title} | {len(verdicts)} | {' | '.join(str(counts[outcome]) for outcome in OUTCOMES)} |"


def _explained(verdicts: Sequence[Verdict], *, with_ok: bool = False) -> str:
    rows: dict[tuple[str, str, str], list[str]] = {}
    for echo, name in ECHOES.items():
        of_echo = [one for one in verdicts if one.echo == echo]
        for outcome, why in dict.fromkeys((one.outcome, _why(one)) for one in of_echo):
            cases = _cases([one for one in of_echo if (one.outcome, _why(one)) == (outcome, why)], of_echo)
            if outcome != "OK" or with_ok:
                rows.setdefault((outcome, cases, why), []).append(name)
    lines = ["| outcome | cases | where the echo is | why |", "|---|---|---|---|"]
    lines += [
        f"| {outcome} | {cases} | {' or '.join(names)} | {why} |" for (outcome, cases, why), names in rows.items()
    ]
    return "\n".join([*lines, ""])


def _why(verdict: Verdict) -> str:
    return "" if verdict.outcome == "OK" else _reason(verdict) or "not explained"


def _cases(group: Sequence[Verdict], whole: Sequence[Verdict]) -> str:
    named: list[str] = []
    for category, some in groupby(group, key=lambda one: one.category):
        cases = [one.case for one in some]
        is_all = len(cases) == sum(one.category == category for one in whole) and category in ("12", "13")
        named += [f"{category}.* ({len(cases)})"] if is_all else cases
    return ", ".join(named)


def _place(case: str) -> list[int]:
    return [int(part) for part in case.split(".")]


if __name__ == "__main__":
    run_loop(main())
