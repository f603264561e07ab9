"""The operator's part of the page: the token, leading a room, opening one with rules of its own."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.browsing import Browsers
from tests.doors.guests import TOKEN
from tests.doors.web.callers import lead

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_operator_leads_from_the_page(browsers: Browsers) -> None:
    """With the token from the address, which is taken out of it at once."""
    browsers.expect("status of 4(00|22)")
    async with browsers.house(seats=2) as home:
        bob, _ = await home.bot("Bob")
        operator = await browsers.visitor(home.port)
        await operator.goto(f"/rooms/main#token={TOKEN}")
        assert operator.page.url.endswith("/rooms/main")
        await operator.open_tab("Operator")
        button = operator.page.get_by_role("button", name="Start now", exact=True)
        await button.click()
        await bob.until_frame(event="floor_granted")
        topic = operator.page.get_by_role("textbox", name="Next topic")
        await topic.fill("read " * 50)
        await topic.press("Enter")
        await expect(operator.page.locator(".operator .panel .refusal")).not_to_be_empty()
        await expect(topic).to_have_value("read " * 50)
        await topic.fill("read")
        await topic.press("Enter")
        await bob.until_frame(event="topic_queued", topic="read")
        await expect(topic).to_have_value("")
        await operator.page.get_by_label("Words of the host").fill("One at a time.")
        await operator.page.get_by_role("button", name="Say as host").click()
        await bob.until_frame(event="host_said", text="One at a time.")
        steps = (("Pause", "paused", "paused"), ("Go on", "unpaused", "talking"))
        for name, event, phase in (*steps, ("Take the floor", "floor_revoked", "talking")):
            await operator.page.get_by_role("button", name=name, exact=True).click()
            await bob.until_frame(event=event)
            await expect(operator.page.locator(".phase")).to_have_text(phase)
        await operator.page.get_by_role("button", name="End the sitting").click()
        await operator.page.get_by_role("button", name="Really end it?").click()

        await bob.until_frame(event="sitting_closed", reason="operator")


async def test_a_wrong_token_is_told_and_forgotten(browsers: Browsers) -> None:
    """And asked for again."""
    browsers.expect("status of 401")
    async with browsers.house() as home:
        operator = await browsers.visitor(home.port)
        await operator.goto("/rooms/main#token=somebody-elses")
        await operator.open_tab("Operator")
        await operator.page.get_by_role("button", name="Close the topic").click()

        await expect(operator.page.get_by_text("The server does not take this token.")).to_be_visible()
        await expect(operator.page.get_by_label("Operator's token")).to_be_focused()
        assert await operator.run("() => sessionStorage.getItem('moothall.token')") is None


async def test_a_room_is_opened_from_the_hall_and_its_card_fills(browsers: Browsers) -> None:
    """The operator opens it with rules of its own; whoever looks at the hall sees it fill."""
    async with browsers.house() as home:
        operator, guest = [await browsers.visitor(home.port) for _ in range(2)]
        await guest.page.add_init_script(HURRIED)
        await operator.goto(f"/#token={TOKEN}")
        await operator.page.get_by_text("Operator", exact=True).click()
        form = operator.page.locator(".open-form")
        await form.get_by_label("Name of the room").fill("book club")
        await form.get_by_label("Topic").fill("read")
        await form.get_by_label("Seats").first.fill("3")
        await form.get_by_label("Rounds").fill("2")
        await form.get_by_role("button", name="Open the room").click()
        await operator.page.wait_for_url("**/rooms/book%20club")
        await guest.goto("/")
        card = guest.page.get_by_role("link").filter(has_text="book club")
        await expect(card).to_contain_text("0 of 3 seats")
        await operator.sit("Kari")

        await expect(card).to_contain_text("1 of 3 seats")
        await expect(card).to_contain_text("Kari")


async def test_the_hall_shows_a_room_that_is_paused(browsers: Browsers) -> None:
    """It is not talking."""
    async with browsers.house(seats=1) as home:
        await home.bot("Bob")
        await lead(home, "POST", "/api/rooms/main/commands", body={"do": "pause"})
        guest = await browsers.visitor(home.port)
        await guest.goto("/")

        await expect(guest.page.locator(".card .phase")).to_have_text("paused")


async def test_a_server_that_hangs_is_told_in_the_hall(browsers: Browsers) -> None:
    """What does not answer for 10 s is as good as none; and it is asked again."""
    async with browsers.house() as home:
        await home.bot("Bob")
        guest = await browsers.visitor(home.port)
        await guest.page.add_init_script(HURRIED)
        await guest.goto("/")
        await expect(guest.page.locator(".card")).to_have_count(1)
        await guest.page.route("**/api/rooms", lambda _: None)
        await expect(guest.page.get_by_text("The server cannot be reached.")).to_be_visible()
        await guest.page.unroute("**/api/rooms")

        await expect(guest.page.get_by_text("The server cannot be reached.")).to_be_hidden()


HURRIED = """
// What the page waits for, in a fraction of the time: an answer, and until it asks again.
const ofReal = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (ms) => ofReal(ms === 10_000 ? 200 : ms);
const laterReally = setTimeout;
window.setTimeout = (act, ms) => laterReally(act, ms === 2_000 ? 50 : ms);
"""
