"""The page's pure modules, run in the browser that they are made for, against what the server itself says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from moothall.engine.words import PolicyName
from moothall.settings import Settings
from moothall.wiring import start_server
from tests.browser.browsing import Browsers, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(chromium: Browser) -> AsyncIterator[Visitor]:
    """A page in which modules can be run: what they do there is forgotten by nobody, so they had better be pure."""
    browsers = Browsers(chromium)
    server = await start_server(Settings(bind=("127.0.0.1",), port=0))
    visitor = await browsers.visitor(server.port)
    await visitor.goto("/")
    yield visitor
    await browsers.close()
    await server.stop(close_sittings=False)
    assert browsers.complaints == []


async def test_both_languages_have_the_same_words(page: Visitor) -> None:
    """A word that one of them lacks would be `undefined` on somebody's page."""
    script = """async () => {
      const { en } = await import("/page/words_en.js");
      const { nb } = await import("/page/words_nb.js");
      const shape = (words) => Object.entries(words).sort().map(([key, value]) =>
        [key, typeof value === "object" ? shape(value) : typeof value === "function" ? value.length : typeof value]);
      return [shape(en), shape(nb)];
    }"""
    english, norwegian = await page.run(script)

    assert english == norwegian
    assert len(english) > 150


async def test_the_browsers_first_language_is_spoken(page: Visitor) -> None:
    """English where it asks for neither."""
    wanted = [["nb-NO", "en"], ["no"], ["nn"], ["en-GB", "nb"], ["de", "nb"], ["de"], []]
    script = "async (all) => { const m = await import('/page/words.js'); return all.map(m.chooseLanguage); }"

    assert await page.run(script, wanted) == ["nb", "nb", "nb", "en", "nb", "en", "en"]


async def test_the_fold_comes_to_the_servers_own_state(browsers: Browsers) -> None:
    """After each event of a sitting with everything in it: what the page makes of it is what the server answers."""
    async with browsers.house(seats=3, policy=PolicyName.REQUEST) as home:
        visitor = await browsers.visitor(home.port)
        await visitor.enter()
        guests = {name: (await home.bot(name))[0] for name in ("Ada", "Bob", "Eve")}
        watcher = await home.guest()
        watcher.ask(do="join", watch=True, after=0)
        steps: list[tuple[str, dict[str, Any], str]] = [
            ("Ada", {"do": "request"}, "floor_granted"),
            ("Bob", {"do": "request"}, "floor_requested"),
            ("Eve", {"do": "request"}, "floor_requested"),
            ("Bob", {"do": "withdraw"}, "floor_withdrawn"),
            ("Ada", {"do": "say", "text": "Here."}, "floor_granted"),
            ("Eve", {"do": "pass"}, "passed"),
            ("Bob", {"do": "leave"}, "left"),
        ]
        for name, frame, event in steps:
            guests[name].ask(**frame)
            await watcher.until_frame(event=event)
            page, server = await visitor.run(FOLDED)
            assert page == server


FOLDED = """async () => {
  const { emptyRoom, fold, phaseOf, hereIn } = await import("/page/fold.js");
  const state = await (await fetch("/api/rooms/main")).json();
  const { entries } = await (await fetch("/api/rooms/main/log")).json();
  const room = emptyRoom("main");
  entries.filter(({ seq }) => seq <= state.seq).forEach((entry) => fold(room, entry));
  const openTurns = (turns) => turns.map(({ name, turn, deadline }) => [name, turn, deadline]);
  const places = (seats) => seats.map(({ name, seat }) => [name, seat]).sort((one, other) => one[1] - other[1]);
  const { topic, requests, queue, sitting, policy, host } = room;
  return [
    [phaseOf(room), room.seatCount, hereIn(room), places([...room.seats.values()]), topic?.topic,
      openTurns(room.turns), requests, queue, sitting, policy, host],
    [state.phase, state.seats, state.here, places(state.seated), state.topic,
      openTurns(state.turns), state.requests, state.queue, state.sitting, state.policy, state.host],
  ];
}"""


async def test_a_name_in_a_sentence_is_isolated(page: Visitor) -> None:
    """Its own marks cannot end that, its dot ends the sentence, and words without names are left as they are."""
    script = """async ([names, plain]) => {
      const { isolated } = await import("/page/isolation.js");
      const { el, tell } = await import("/page/dom.js");
      const parts = (text) => [...tell(el("p"), text).childNodes].map((node) => [node.nodeName, node.textContent]);
      return [...names.map((name) => parts(`To ${isolated(name)}.`)), parts(plain)];
    }"""
    names = ["\N{HEBREW LETTER SHIN}", "x\u2069\u202ey", "Bob Jr."]

    assert await page.run(script, [names, "Wait..."]) == [
        [["#text", "To "], ["BDI", "\N{HEBREW LETTER SHIN}"], ["#text", "."]],
        [["#text", "To "], ["BDI", "x\u202ey"], ["#text", "."]],
        [["#text", "To "], ["BDI", "Bob Jr."]],
        [["#text", "Wait..."]],
    ]


async def test_ten_thousand_lines_do_not_freeze_it(page: Visitor) -> None:
    """Two thousand are on the page, the earlier ones behind a button; and no more than those are ever made."""
    script = """async (count) => {
      const { Conversation } = await import("/page/conversation.js");
      const conversation = new Conversation();
      document.querySelector("main").replaceChildren(conversation.element);
      const make = document.createElement;
      let made = 0;
      document.createElement = (...args) => { made += 1; return make.apply(document, args); };
      for (let seq = 1; seq <= count; seq += 1) {
        conversation.add([{ seq, at: seq, kind: "said", name: `Name ${seq % 7}`, text: `Word ${seq}`, isHost: false }]);
      }
      conversation.caughtUp();
      document.createElement = make;
      const lines = () => conversation.element.querySelectorAll(".line").length;
      const before = lines();
      conversation.element.querySelector(".earlier").click();
      return { made, before, after: lines() };
    }"""
    few, many = [await page.run(script, count) for count in (2_000, 10_000)]

    assert (few["before"], few["after"]) == (2_000, 2_000)
    assert (many["before"], many["after"]) == (2_000, 2_500)
    assert many["made"] == few["made"]


async def test_lines_that_come_one_by_one_stay_two_thousand(page: Visitor) -> None:
    """What is above leaves the page as the conversation goes on, a lot at a time."""
    script = """async () => {
      const { Conversation } = await import("/page/conversation.js");
      const conversation = new Conversation();
      document.querySelector("main").replaceChildren(conversation.element);
      let most = 0;
      for (let lot = 0; lot < 30; lot += 1) {
        const record = { seq: lot, at: 1, kind: "notice", text: "x", tone: "plain" };
        conversation.add(Array.from({ length: 100 }, () => record));
        conversation.caughtUp();
        most = Math.max(most, conversation.element.querySelectorAll(".line").length);
      }
      return most;
    }"""

    assert await page.run(script) <= 2_200


async def test_a_colour_is_a_names_own(page: Visitor) -> None:
    """The same in whatever case; and the house bots, who meet all the time, are far from each other."""
    script = """async (names) => {
      const { hueOf } = await import("/page/speaker.js");
      return names.map(hueOf);
    }"""
    alice, shouted, bob, dora, chuck = await page.run(script, ["Alice", "ALICE", "Bob", "Dora", "Chuck"])

    assert alice == shouted
    hues = sorted((alice, bob, dora, chuck))
    assert min(after - before for before, after in zip(hues, [*hues[1:], hues[0] + 360], strict=True)) >= 60
