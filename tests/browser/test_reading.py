"""A sitting that is over can be read in full, with its timeline, by whoever comes later."""

from __future__ import annotations

import csv
import io

import pytest
from playwright.async_api import expect

from tests.browser.browsing import Browsers
from tests.doors.guests import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def hold_a_sitting(home: House) -> None:
    """Two bots: one says something, the other passes; and in the second round one says more, and the other misses."""
    guests = [(await home.bot(name))[0] for name in ("Ada", "Bob")]
    for turn in range(1, 4):
        guest = guests[(turn - 1) % 2]
        await guest.until_frame(event="floor_granted", turn=turn)
        guest.ask(**({"do": "pass"} if turn == 2 else {"do": "say", "text": f"In turn {turn}."}))
    await guests[1].until_frame(event="floor_granted", turn=4)
    home.clock.skip(30_500)
    await guests[0].until_frame(event="sitting_closed")


async def test_a_spectator_reads_a_closed_sitting(browsers: Browsers) -> None:
    """Found in the list of sittings: what was said, what was not, and how it ended."""
    async with browsers.house(seats=2, rounds=2, labels={"arm": "rotate"}) as home:
        await hold_a_sitting(home)
        eve = await browsers.visitor(home.port)
        await eve.enter()
        await eve.open_tab("Sittings")
        await expect(eve.page.locator(".sitting-card")).to_contain_text("2 answers · all topics done")
        await eve.page.get_by_role("link", name="Sitting 1").click()

        await expect(eve.page.get_by_role("heading", name="main · Sitting 1")).to_be_visible()
        await eve.sees_notice("Goodbye. 2 answers, 1 passed, 1 missed.")
        assert await eve.said() == [("Ada", "In turn 1."), ("Ada", "In turn 3."), ("Host", "Thank you, Ada and Bob.")]
        await eve.sees_notice("Bob passed.")
        await eve.sees_notice("Time called on Bob.")
        await expect(eve.page.get_by_text("arm=rotate")).to_be_visible()


async def test_the_timeline_agrees_with_the_export(browsers: Browsers) -> None:
    """The page counts for itself; the server's table of turns is what it must come to."""
    async with browsers.house(seats=2, rounds=2) as home:
        await hold_a_sitting(home)
        eve = await browsers.visitor(home.port)
        await eve.goto("/rooms/main?sitting=1")
        await eve.open_tab("Timeline")
        rows = eve.page.get_by_role("row")
        await expect(rows).to_have_count(3)

        numbers = [await rows.nth(index).get_by_role("cell").all_inner_texts() for index in (1, 2)]
        assert [cells[:6] for cells in numbers] == [["2", "2", "0", "0", "20", "100%"], ["2", "0", "1", "1", "0", "0%"]]
        await expect(eve.page.locator(".bar.missed").last).to_be_visible()
        table = await eve.run("async () => (await fetch('/api/rooms/main/log?sitting=1&format=csv')).text()")
        exported = list(csv.DictReader(io.StringIO(table)))
        counted = await eve.run(COUNTED)
        assert counted == [[row["name"], int(row["turn"]), row["outcome"], int(row["took_ms"])] for row in exported]


COUNTED = """async () => {
  const { figuresOf } = await import("/page/figures.js");
  const { sittingLog } = await import("/page/api.js");
  const { turns } = figuresOf(await sittingLog("main", 1));
  const exported = (outcome) => (outcome === "missed" ? "deadline" : outcome);
  return turns.map(({ name, turn, outcome, tookMs }) => [name, turn, exported(outcome), tookMs]);
}"""


async def test_the_longest_names_keep_to_their_places(browsers: Browsers) -> None:
    """At any width nothing is wider than the view, and no name lies over a bar; the table has it whole."""
    async with browsers.house(seats=2) as home:
        guests = [(await home.bot(name))[0] for name in ("W" * 32, "i" * 32)]
        await guests[0].until_frame(event="floor_granted", turn=1)
        guests[0].ask(do="say", text="Wide.")
        eve = await browsers.visitor(home.port, viewport={"width": 1280, "height": 800})
        await eve.enter()
        await eve.open_tab("Timeline")
        for width in (1280, 1024, 600):
            await eve.page.set_viewport_size({"width": width, "height": 800})
            await expect(eve.page.get_by_role("rowheader").first).to_have_text("W" * 32)

            assert await eve.run(SURPLUS) <= 0
            lanes = eve.page.locator(".lane-name")
            names = await lanes.evaluate_all("names => names.map(name => name.getBBox().width)")
            assert max(names) <= 116
            assert max(names[:2]) - min(names[:2]) < 20


SURPLUS = """() => {
  const view = document.querySelector("#panel-timeline .scroller");
  return view.scrollWidth - view.clientWidth;
}"""


async def test_what_one_has_selected_in_a_live_timeline_stays(browsers: Browsers) -> None:
    """While nothing happens only the bar of the open turn grows; everything else stays the same element."""
    async with browsers.house(seats=2) as home:
        bob, _ = await home.bot("Bob")
        await home.bot("Ada")
        await bob.until_frame(event="floor_granted")
        bob.ask(do="say", text="Hug whom?")
        eve = await browsers.visitor(home.port)
        await eve.enter()
        await eve.open_tab("Timeline")
        share = eve.page.get_by_role("cell", name="100%")
        await share.evaluate("cell => getSelection().selectAllChildren(cell)")
        width = "rect => Number(rect.getAttribute('width'))"
        open_bar = await eve.page.locator(".bar.open").last.element_handle()
        before = await open_bar.evaluate(width)
        await eve.page.wait_for_function(f"([rect, before]) => ({width})(rect) > before", arg=[open_bar, before])

        assert await open_bar.evaluate("rect => rect.isConnected")
        assert await eve.run("() => getSelection().toString().trim()") == "100%"


async def test_a_sitting_can_be_downloaded(browsers: Browsers) -> None:
    """Each link saves a file, and opens nothing."""
    async with browsers.house(seats=2, rounds=2) as home:
        await hold_a_sitting(home)
        eve = await browsers.visitor(home.port)
        await eve.goto("/rooms/main?sitting=1")
        await eve.open_tab("Timeline")
        for file_format in ("csv", "jsonl", "md", "html", "text"):
            async with eve.page.expect_download() as saved:
                await eve.page.get_by_role("link", name=file_format, exact=True).click()
            path = await (await saved.value).path()
            assert "In turn 3." in path.read_text(encoding="utf-8")


async def test_a_sitting_that_was_not_is_told(browsers: Browsers) -> None:
    """A wrong number is no broken page."""
    async with browsers.house(seats=2, rounds=2) as home:
        await hold_a_sitting(home)
        eve = await browsers.visitor(home.port)
        await eve.goto("/rooms/main?sitting=99")

        await expect(eve.page.get_by_text("There is no sitting 99 in this room.")).to_be_visible()
