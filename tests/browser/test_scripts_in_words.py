"""Nothing that anybody types runs as a script, in whatever field it comes; and what would run would be noticed."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from playwright.async_api import Route, WebSocketRoute, expect

from moothall.engine.words import PolicyName
from tests.browser.browsing import Browsers, Visitor
from tests.browser.payloads import PAYLOADS
from tests.doors.web.callers import lead

pytestmark = pytest.mark.asyncio(loop_scope="session")

STATE: dict[str, Any] = {
    "room": "main",
    "phase": "talking",
    "seats": 2,
    "here": 1,
    "watching": 1,
    "policy": "open",
    "host": "Host",
}
STATE |= {"sitting": 1, "has_sitting": True, "labels": {}, "turns": [], "requests": [], "queue": [], "paused": False}
STATE |= {"seated": [], "max_text_chars": 8000, "seq": 0, "first_seq": 1, "epoch": "e", "at": 1_795_349_000_000}


def words(texts: list[str]) -> list[str]:
    """Payloads that can be said: not white space alone, and no characters that JSON or a browser changes."""
    return [text.replace("\0", "").replace("\r", "") for text in texts]


async def nothing_ran(visitor: Visitor) -> None:
    assert await visitor.run("() => [typeof window.ran, typeof {}.ran]") == ["undefined", "undefined"]
    assert await visitor.run("() => document.querySelectorAll('script, iframe, img, object, embed, base').length") == 1


async def test_there_are_three_hundred_payloads() -> None:
    """Each another."""
    assert len(set(PAYLOADS)) == 300


async def test_a_payload_that_ran_would_be_noticed(browsers: Browsers) -> None:
    """Put into a page as markup, with the policy off, nearly all of the first kinds run; with it, they are reported."""
    async with browsers.house() as home:
        guarded = await browsers.visitor(home.port)
        await guarded.goto("/")
        await guarded.run(PLANTED)
        await browsers.until_noted("policy:")
        open_door = await browsers.visitor(home.port, bypass_csp=True)
        await open_door.goto("/")
        await open_door.run("() => { document.body.innerHTML = '<img src=x onerror=\"window.ran=1;alert(1)\">'; }")
        await open_door.page.wait_for_function("() => window.ran")
        await browsers.until_noted("dialog:")
        with pytest.raises(AssertionError):
            await nothing_ran(open_door)
    browsers.expect(".")


PLANTED = """() => {
  const script = document.createElement("script");
  try {
    script.textContent = "window.ran=1";
  } catch {
    // The policy stops it here already, and reports it.
  }
}"""


async def test_what_is_said_stays_words(browsers: Browsers) -> None:
    """Through the server, as words, topics and the host's; each is on the page, letter for letter."""
    texts = words(PAYLOADS)
    async with browsers.house(seats=1, policy=PolicyName.OPEN, labels={text[:40]: text for text in texts[:20]}) as home:
        eve = await browsers.visitor(home.port)
        await eve.enter()
        guest, _ = await home.bot("constructor", about=texts[0])
        for text in texts:
            guest.ask(do="say", text=text)
        for text in texts[:30]:
            await lead(home, "POST", "/api/rooms/main/topics", body={"topic": text[:200]})
            await lead(home, "POST", "/api/rooms/main/commands", body={"do": "say", "text": text})
        await expect(eve.lines).to_have_count(330)

        assert sorted(said for _, said in await eve.said()) == sorted([*texts, *texts[:30]])
        await nothing_ran(eve)
        for view in ("Timeline", "Sittings"):
            await eve.open_tab(view)
            await nothing_ran(eve)
        await eve.goto("/")
        await expect(eve.page.locator(".card")).to_have_count(1)
        await nothing_ran(eve)


async def test_no_field_of_an_event_runs(browsers: Browsers) -> None:
    """Were the server to let anything through, as a name, a label or a reason, it would still be words."""
    async with browsers.house() as home:
        eve = await browsers.visitor(home.port)
        await impersonate(eve, [event for index, text in enumerate(PAYLOADS) for event in hostile(text, index)])
        await eve.enter()
        await eve.page.wait_for_function(f"() => document.querySelectorAll('.line').length > {len(PAYLOADS)}")
        await nothing_ran(eve)
        for view in ("Timeline", "Sittings", "Operator"):
            await eve.open_tab(view)
            await nothing_ran(eve)
        await eve.goto("/rooms/main?sitting=1")
        await expect(eve.lines.last).to_be_visible()
        await eve.open_tab("Timeline")
        await nothing_ran(eve)
        await eve.goto("/")
        await expect(eve.page.locator(".card")).to_have_count(len(PAYLOADS))
        await nothing_ran(eve)


async def test_no_refusal_runs(browsers: Browsers) -> None:
    """A sentence of the server's may hold somebody's words; it stands beside the form, or beside the box."""
    async with browsers.house() as home:
        eve = await browsers.visitor(home.port)
        await eve.goto("/")

        assert await eve.run(REFUSED, PAYLOADS) == [[text, text] for text in PAYLOADS]
        await nothing_ran(eve)


REFUSED = """async (texts) => {
  const { JoinForm } = await import("/page/join_form.js");
  const { SayBox } = await import("/page/say_box.js");
  const parts = [new JoinForm({}), new SayBox({ unsaid: null }, "main")];
  document.querySelector("main").replaceChildren(...parts.map(({ element }) => element));
  return texts.map((text) => parts.map((part) => {
    part.refused({ reason: text, text });
    return part.element.querySelector(".refusal").textContent;
  }));
}"""


async def test_no_address_runs(browsers: Browsers) -> None:
    """The room's name, the number of the sitting, and what stands behind #: all of them, each as it is and encoded."""
    async with browsers.house() as home:
        eve = await browsers.visitor(home.port)
        await eve.page.add_init_script("window.WebSocket = class { send() {} close() {} };")
        for text in [text for text in PAYLOADS if "/" not in text][::60]:
            await eve.goto(f"/rooms/{quote(text, safe='')}?sitting={quote(text)}#token={quote(text)}")
            await nothing_ran(eve)
        await eve.goto("/rooms/main")
        shown = await eve.run(ROUTED, PAYLOADS)

        assert shown == [text.replace("\r\n", "\n") for text in PAYLOADS]
        await nothing_ran(eve)


ROUTED = r"""async (texts) => {
  const { route } = await import("/page/route.js");
  const { takeTokenFromAddress } = await import("/page/token_form.js");
  const shown = [];
  for (const text of texts) {
    const it = encodeURIComponent(text);
    history.replaceState(null, "", `/rooms/${it}?sitting=${it}#token=${text}`);
    takeTokenFromAddress();
    route();
    shown.push(document.querySelector("h1").textContent);
  }
  return shown;
}"""


def hostile(text: str, index: int) -> list[dict[str, Any]]:
    """Events of every kind, with a payload in every field that holds text."""
    name = f"{text}{index}"
    kinds: list[dict[str, Any]] = [
        {"event": "seated", "name": name, "seat": index + 1, "kind": text, "about": text},
        {"event": "topic_opened", "topic": text, "host": text, "text": text, "policy": text},
        {"event": "said", "name": name, "turn": None, "text": text, "cid": text},
        {"event": "host_said", "host": text, "text": text},
        {"event": "floor_requested", "name": name},
        {"event": "removed", "name": name, "by": text, "reason": text},
        {"event": "chair_named", "name": text},
        {"event": "rules_set", "policy": text, "until": text, "seat_seconds": {text: text}},
        {"event": "topic_queued", "topic": text},
        {"event": text, "name": text},
    ]
    opening = {"event": "sitting_opened", "sitting": 1, "seats": 2, "labels": {text: text}}
    return [opening, *kinds] if index % 50 == 0 else kinds


async def impersonate(visitor: Visitor, events: list[dict[str, Any]]) -> None:
    """Answer in the server's place, with these events."""
    log = [{**event, "seq": seq, "at": STATE["at"] + seq} for seq, event in enumerate(events, 1)]

    def socket(route: WebSocketRoute) -> None:
        def read(message: str | bytes) -> None:
            frame = msgspec.json.decode(message)
            if frame["do"] == "join":
                # Every seat, and of all the rest a part: the log, below, has all.
                seen = [event for event in log if event["event"] == "seated" or event["seq"] % 200 < 20]
                seen = [{**event, "seq": seq} for seq, event in enumerate(seen, 1)]
                joined = {"reply": "joined", "room": "main", "epoch": "e", "after": 0, "seq": len(seen), "version": 1}
                for line in (joined, *seen):
                    route.send(json(line))

        route.on_message(read)

    async def answer(route: Route) -> None:
        path = route.request.url.split("/api/", 1)[1].partition("?")[0]
        sitting = {"sitting": 1, "opened_at": STATE["at"], "first_seq": 1, "last_seq": 2, "said": 1}
        answers: dict[str, Any] = {
            "rooms": {"rooms": [hostile_room(text) for text in PAYLOADS]},
            "rooms/main": STATE | {"host": PAYLOADS[0], "queue": PAYLOADS},
            "rooms/main/log": {"entries": log, "more": False},
            "rooms/main/sittings": {
                "sittings": [
                    sitting
                    | {"topics": [text], "names": [text], "labels": {text: text}, "reason": text, "closed_at": 1}
                    for text in PAYLOADS
                ]
            },
            "bots": {"bots": PAYLOADS},
        }
        await route.fulfill(json=answers[path])

    await visitor.page.route("**/api/**", answer)
    await visitor.page.route_web_socket("**/api/rooms/**", socket)


def hostile_room(text: str) -> dict[str, Any]:
    seat = {"name": text, "seat": 1, "kind": text, "about": text}
    more = {"room": text, "phase": text, "topic": text, "seated": [seat], "labels": {text: text}, "host": text}
    return STATE | more | {"turns": [{"name": text, "turn": 1}]}


def json(value: object) -> str:
    return msgspec.json.encode(value).decode()
