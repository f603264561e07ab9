"""Whole sittings in a real browser: from joining to goodbye, through a reload, and through the end of the server."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.browsing import LOST, Browsers, Visitor
from tests.doors.guests import TOKEN, Guest
from tests.e2e.processes import a_server

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def send_bots(operator: Visitor, *bots: str) -> None:
    await operator.open_tab("Operator")
    for bot in bots:
        await operator.page.get_by_label("House bot").select_option(bot)
        await operator.page.get_by_role("button", name="Send a bot").click()
        await expect(operator.page.get_by_role("listitem").filter(has_text=bot.title())).to_be_visible()


async def seconds_left(visitor: Visitor) -> int:
    return int((await visitor.page.locator(".now-time").inner_text()).removesuffix(" s"))


async def answers(guest: Guest, words: str) -> None:
    turn = await guest.until_frame(event="floor_granted", name="Bob")
    guest.ask(do="say", text=words, turn=turn["turn"])
    await guest.until_frame(event="said", name="Bob")


async def test_two_people_and_two_bots_hold_a_conversation(browsers: Browsers) -> None:
    """From joining to goodbye, and everybody, the spectator too, sees the same words in the same order."""
    async with browsers.house() as home:
        kari, ola, eve = [await browsers.visitor(home.port) for _ in range(3)]
        for visitor in (kari, ola, eve):
            await visitor.enter()
        await kari.sit("Kari")
        await ola.sit("Ola")
        await eve.goto(f"/rooms/main#token={TOKEN}")
        await send_bots(eve, "alice", "bob")
        assert TOKEN not in eve.page.url
        await eve.open_tab("Conversation")
        await kari.say("Hugging seems great!")
        await ola.say("I would rather read.")

        for visitor in (kari, ola, eve):
            await visitor.sees_notice("Goodbye. 4 answers.")
            said = await visitor.said()
            assert said[:2] == [("Kari", "Hugging seems great!"), ("Ola", "I would rather read.")]
            assert [name for name, _ in said] == ["Kari", "Ola", "Alice", "Bob", "Host"]
            assert said == await kari.said()
            await expect(visitor.page.get_by_role("button", name="Take a seat")).to_be_visible()
        await kari.sit("Kari")
        await ola.sees_notice("Kari took seat 1. 1/4 here.")


async def test_a_reload_in_ones_own_turn_keeps_seat_and_time(browsers: Browsers) -> None:
    """The same seat, the same turn, the time that is left, the words one was writing, and each line once."""
    async with browsers.house(seats=2) as home:
        bob, _ = await home.bot("Bob")
        kari = await browsers.visitor(home.port)
        await kari.enter()
        await kari.sit("Kari")
        await answers(bob, "Hug whom?")
        await kari.has_turn()
        await kari.box.fill("You, per")
        assert await seconds_left(kari) > 25
        home.clock.skip(12_000)
        await kari.page.reload()

        await kari.has_turn()
        await expect(kari.page.locator(".now-time")).to_have_text(re.compile(r"^1\d s$"))
        assert await kari.box.input_value() == "You, per"
        await kari.say("You, perhaps.")
        await kari.sees_notice("Goodbye. 2 answers.")
        assert (await kari.said())[:2] == [("Bob", "Hug whom?"), ("Kari", "You, perhaps.")]
        assert (await kari.notices())[1:] == [
            "You are Kari, seat 2. 2/2 here.",
            "Sitting 1 begins: Bob, Kari.",
            "Your turn, 30 s.",
            "Kari lost the connection. The seat is held, 30 s.",
            "Kari is back.",
            "Goodbye. 2 answers.",
        ]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
async def test_the_page_comes_back_by_itself_when_the_server_does(browsers: Browsers, tmp_path: Path) -> None:
    """Killed in the middle of a turn, and started again: both are in their seats, and the turn goes on."""
    browsers.expect(LOST)
    options = ("--seats", "2", "--topic", "hug")
    async with a_server(tmp_path, *options) as server:
        kari, ola = [await browsers.visitor(server.port) for _ in range(2)]
        for visitor, name in ((kari, "Kari"), (ola, "Ola")):
            await visitor.enter()
            await visitor.sit(name)
        await kari.say("Before.")
        await ola.has_turn()
        await ola.box.fill("Aft")
        server.send_signal(signal.SIGKILL)
        await server.ends()
        await expect(ola.status).to_contain_text("Trying again")
        async with a_server(tmp_path, *options, port=server.port):
            for visitor in (kari, ola):
                await expect(visitor.status).to_have_attribute("data-is", "open")
            await ola.has_turn()
            await ola.box.press_sequentially("er.")
            await ola.box.press("Enter")
            for visitor in (kari, ola):
                await visitor.sees_notice("Goodbye. 2 answers.")
                assert (await visitor.said())[:2] == [("Kari", "Before."), ("Ola", "After.")]


async def test_words_without_a_receipt_are_said_once(browsers: Browsers) -> None:
    """The connection breaks between the words and their receipt: they are sent again, and stored once."""
    async with browsers.house(seats=2, rounds=2) as home:
        bob, _ = await home.bot("Bob")
        kari = await browsers.visitor(home.port)
        await kari.page.add_init_script(LOSES_RECEIPTS)
        await kari.enter()
        await kari.sit("Kari")
        await answers(bob, "Hug whom?")
        await kari.run("() => { window.deaf = true; }")
        await kari.say("You.")

        await expect(kari.page.get_by_role("heading", name="Round 2 of 2")).to_be_visible()
        assert await kari.said() == [("Bob", "Hug whom?"), ("Kari", "You.")]
        first, again = await kari.run("() => window.said")
        assert first == again


LOSES_RECEIPTS = """
window.said = [];
// A socket on which, once the page is deaf, words go out, and the answer to them is the end of the connection.
window.WebSocket = class extends WebSocket {
  send(data) {
    super.send(data);
    if (data.includes('"say"')) window.said.push(JSON.parse(data).cid);
    if (!window.deaf) return;
    window.deaf = false;
    this.onmessage = null;
    this.addEventListener("message", () => this.close());
  }
};
"""


async def test_a_duplicated_tab_takes_the_seat_over_for_good(browsers: Browsers) -> None:
    """The first tab watches from then on, and says so: two tabs that fight for a seat would never end."""
    async with browsers.house(seats=2) as home:
        kari = await browsers.visitor(home.port)
        await kari.enter()
        await kari.sit("Kari")
        kept = await kari.run("() => Object.entries(sessionStorage)")
        twin = await browsers.visitor(home.port)
        await twin.goto("/")
        await twin.run("kept => kept.forEach(([key, value]) => sessionStorage.setItem(key, value))", kept)
        await twin.enter()

        await expect(twin.page.get_by_role("button", name="Leave")).to_be_visible()
        await expect(kari.page.get_by_text("taken over by another tab")).to_be_visible()
        await expect(kari.status).to_have_attribute("data-is", "open")
        await expect(twin.page.get_by_role("button", name="Leave")).to_be_visible()


async def test_a_seat_in_any_room_is_found_again_after_a_reload(browsers: Browsers) -> None:
    """Taking it leads to the page of the room that it is in; nothing asks for a room called any."""
    async with browsers.house(seats=2) as home:
        kari = await browsers.visitor(home.port)
        asked: list[str] = []
        kari.page.on("request", lambda request: asked.append(request.url))
        await kari.goto("/rooms/any")
        await kari.page.get_by_label("Your name").fill("Kari")
        await kari.page.get_by_role("button", name="Take a seat").click()
        await kari.page.wait_for_url("**/rooms/main")
        await kari.has_seat()
        await kari.page.reload()

        await kari.has_seat()
        await expect(kari.status).to_have_attribute("data-is", "open")
        await expect(kari.page.locator(".place.mine .name")).to_have_text("Kari")
        assert [url for url in asked if "/api/rooms/any" in url] == []


async def test_a_room_that_is_not_yet_is_watched_without_a_complaint(browsers: Browsers) -> None:
    """Its page asks for nothing that is not there, and takes a seat in it."""
    async with browsers.house(seats=2) as home:
        kari = await browsers.visitor(home.port)
        await kari.goto("/rooms/attic")
        await kari.page.wait_for_function("() => document.querySelector('.status').dataset.is !== 'connecting'")
        for view in ("Sittings", "Operator", "Conversation"):
            await kari.open_tab(view)
        await kari.page.get_by_text("There was no sitting yet.").wait_for(state="attached")
        await kari.sit("Kari")

        await kari.sees_notice("You are Kari, seat 1. 1/2 here.")


async def test_a_seat_that_was_given_up_meanwhile_can_be_taken_again(browsers: Browsers) -> None:
    """Away for too long: the page says so, watches, and offers a seat."""
    async with browsers.house(seats=2) as home:
        kari = await browsers.visitor(home.port)
        await kari.enter()
        await kari.sit("Kari")
        await kari.goto("/")
        guest = await home.guest()
        guest.ask(do="join", watch=True)
        await guest.until_frame(event="went_away")
        home.clock.skip(31_000)
        await guest.until_frame(event="sitting_closed")
        await kari.enter()

        await expect(kari.page.get_by_text("Your seat was given up while you were away.")).to_be_visible()
        await kari.sit("Kari")
