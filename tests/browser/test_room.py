"""What a room's page shows, and what one can do in it: under each policy, in the chair, by keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import expect

from moothall.engine.words import PolicyName
from tests.browser.browsing import Browsers, Visitor
from tests.doors.guests import Guest, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}


async def in_turn(browsers: Browsers, home: House, **options: Any) -> tuple[Visitor, Guest]:
    """Kari sits in the room of two, after Bob, who has spoken; it is her turn."""
    bob, _ = await home.bot("Bob")
    kari = await browsers.visitor(home.port, **options)
    await kari.enter()
    await kari.sit("Kari")
    await bob.until_frame(event="floor_granted", name="Bob")
    bob.ask(do="say", text="Hug whom?")
    await kari.has_turn()
    return kari, bob


async def test_the_light_is_on_whoever_has_the_floor(browsers: Browsers) -> None:
    """One seat shines, its ring runs down, and the words in the middle say whose it is."""
    async with browsers.house(seats=2) as home:
        kari, _ = await in_turn(browsers, home)
        bob = kari.page.get_by_role("listitem").filter(has_text="Bob")

        await expect(kari.page.locator(".place.holder .who")).to_have_text("KariYour turn")
        await expect(kari.page.locator(".place.holder .ring")).to_have_class("ring runs")
        await expect(kari.page.get_by_role("heading", name="Topic: hug")).to_be_visible()
        await expect(bob).to_have_class("place tinted done")
        assert (await kari.page.title()).startswith("● Your turn")


async def test_passed_and_missed_turns_can_be_seen(browsers: Browsers) -> None:
    """A turn that nobody spoke in is as visible as one with words."""
    async with browsers.house(seats=2, rounds=2) as home:
        kari, bob = await in_turn(browsers, home)
        await kari.page.get_by_role("button", name="Pass").click()
        await kari.sees_notice("You passed.")
        await expect(kari.box).not_to_be_editable()
        await bob.until_frame(event="round_opened", round=2)
        await kari.sees_notice("Your turn, 30 s.")
        home.clock.skip(31_000)

        await kari.sees_notice("Time called on Bob.")
        await expect(kari.page.get_by_role("heading", name="Round 2 of 2")).to_be_visible()


async def test_a_refusal_stands_beside_the_box_and_the_words_stay(browsers: Browsers) -> None:
    """In the server's own sentence; what one wrote is not lost."""
    async with browsers.house(seats=2) as home:
        kari, _ = await in_turn(browsers, home)
        await kari.box.fill("\x1f")  # white space to the server alone
        await kari.box.press("Enter")

        await expect(kari.page.locator(".say-box .refusal")).not_to_be_empty()
        await expect(kari.box).to_be_editable()
        assert await kari.box.input_value() == "\x1f"


async def test_characters_are_counted_as_the_server_counts_them(browsers: Browsers) -> None:
    """One of them may be two units of a browser's; what is too much is told, never cut off, and never sent."""
    async with browsers.house(seats=2, max_text_chars=10) as home:
        kari, _ = await in_turn(browsers, home)
        count = kari.page.locator(".say-box .count")
        await kari.page.keyboard.insert_text("\N{GRINNING FACE}" * 13)
        await expect(count).to_have_text("3 too many")
        await expect(kari.page.get_by_role("button", name="Say")).to_have_attribute("aria-disabled", "true")
        await kari.box.press("Enter")
        for _ in range(3):
            await kari.box.press("Backspace")
        await expect(count).to_have_text("0 left")
        await kari.box.press("Enter")

        await kari.sees_notice("Goodbye.")
        assert ("Kari", "\N{GRINNING FACE}" * 10) in await kari.said()


async def test_a_taken_name_is_refused_in_the_form(browsers: Browsers) -> None:
    """One watches on meanwhile, and may try another name."""
    async with browsers.house(seats=3) as home:
        await home.bot("Bob")
        kari = await browsers.visitor(home.port)
        await kari.enter()
        await kari.page.get_by_label("Your name").fill("bob")
        await kari.page.get_by_role("button", name="Take a seat").click()

        await expect(kari.page.get_by_text("bob is already here. Type another name.")).to_be_visible()
        for length, refusal in ((33, "A name is 1 to 32 letters"), (2000, "at most 1024 bytes")):
            await kari.page.get_by_label("Your name").fill("x" * length)
            await kari.page.get_by_role("button", name="Take a seat").click()
            await expect(kari.page.locator(".join .refusal")).to_contain_text(refusal)
        await kari.sit("Kari")


async def test_a_full_room_offers_its_line(browsers: Browsers) -> None:
    """Who waits has the next free seat, without asking again."""
    async with browsers.house(seats=1, policy=PolicyName.OPEN) as home:
        bob, _ = await home.bot("Bob")
        kari = await browsers.visitor(home.port)
        await kari.enter()
        await kari.page.get_by_label("Your name").fill("Kari")
        await kari.page.get_by_role("button", name="Take a seat").click()
        await kari.page.get_by_role("button", name="Wait for a seat").click()
        await expect(kari.page.get_by_text("You wait for a seat, as number 1.")).to_be_visible()
        await expect(kari.page.get_by_role("button", name="Stop waiting")).to_be_focused()
        bob.ask(do="leave")

        await kari.has_seat()


async def test_hands_are_raised_where_one_asks_for_the_floor(browsers: Browsers) -> None:
    """Raised, seen by all in the order of asking, and lowered."""
    async with browsers.house(seats=2, policy=PolicyName.REQUEST) as home:
        bob, _ = await home.bot("Bob")
        kari = await browsers.visitor(home.port)
        await kari.enter()
        await kari.sit("Kari")
        bob.ask(do="request")
        await bob.until_frame(event="floor_granted")
        await kari.page.get_by_role("button", name="Raise hand").click()
        await kari.sees_notice("You ask for the floor.")
        await expect(kari.page.get_by_role("img", name="Asking for the floor: 1")).to_be_visible()
        notice = kari.page.locator(".notice").filter(has_text="You ask for the floor.")
        await expect(notice).to_have_css("position", "static")
        await kari.page.get_by_role("button", name="Lower hand").click()
        await kari.sees_notice("You no longer ask for the floor.")
        await kari.page.get_by_role("button", name="Raise hand").click()
        bob.ask(do="say", text="Here.")

        await kari.say("And here.")


async def test_in_an_open_room_the_box_is_always_alive(browsers: Browsers) -> None:
    """Anyone, any time."""
    async with browsers.house(seats=1, policy=PolicyName.OPEN) as home:
        kari = await browsers.visitor(home.port)
        await kari.enter()
        await kari.sit("Kari")
        await kari.say("One.")
        await kari.say("Two.")

        assert await kari.said() == [("Kari", "One."), ("Kari", "Two.")]


async def test_one_returns_from_the_bench(browsers: Browsers) -> None:
    """After missed turns there is a button that brings turns again."""
    async with browsers.house(seats=2, rounds=4, missed_turns=1) as home:
        kari, bob = await in_turn(browsers, home)
        home.clock.skip(31_000)
        await kari.sees_notice("You are on the bench after 1 missed turn.")
        await kari.page.get_by_role("button", name="Return from the bench").click()
        await kari.sees_notice("You are back from the bench.")
        for turn in (3, 4):
            await bob.until_frame(event="floor_granted", turn=turn)
            bob.ask(do="say", text="Well?")

        await kari.has_turn()


async def test_how_long_a_seat_is_held_is_what_the_server_says(browsers: Browsers) -> None:
    """Also to who came too late to read the room's rules."""
    async with browsers.house(seats=3, away_seconds=90) as home:
        bob, _ = await home.bot("Bob")
        kari = await browsers.visitor(home.port)
        await kari.enter()
        bob.close()

        await kari.sees_notice("Bob lost the connection. The seat is held, 90 s.")


async def test_the_chair_gives_the_floor(browsers: Browsers) -> None:
    """A person in the chair has what it takes to lead."""
    async with in_the_chair(browsers) as (kari, bob):
        bob.ask(do="request")
        await kari.sees_notice("Bob asks for the floor.")
        await kari.page.get_by_role("button", name="Give the floor").click()

        await expect(kari.page.locator(".place.holder .name")).to_have_text("Bob")


async def test_the_chair_is_offered_who_asks_first(browsers: Browsers) -> None:
    """Until it has chosen by hand; then its own choice stays, until it has been used."""
    async with in_the_chair(browsers) as (kari, bob):
        who = kari.page.get_by_role("combobox", name="Who")
        await expect(who).to_have_value("Ada")
        bob.ask(do="request")
        await expect(who).to_have_value("Bob")
        await who.select_option("Kari")
        bob.ask(do="withdraw")
        await kari.sees_notice("Bob no longer asks for the floor.")
        await expect(who.get_by_role("option").first).to_have_text("Ada")
        await expect(who).to_have_value("Kari")
        await kari.page.get_by_role("button", name="Give the floor").click()

        await kari.has_turn()
        await expect(who).to_have_value("Ada")


async def test_the_chairs_topic_stays_until_it_is_taken(browsers: Browsers) -> None:
    """What the server refuses can be mended; it is told beside the field."""
    async with in_the_chair(browsers) as (kari, bob):
        topic = kari.page.get_by_role("textbox", name="Next topic")
        for words, taken in (("x" * 201, ""), ("  read   aloud ", "read aloud")):
            await topic.fill(words)
            await topic.press("Enter")
            if taken:
                await bob.until_frame(event="topic_queued", topic=taken)
                await expect(topic).to_have_value("")
            else:
                await expect(kari.page.locator(".side .refusal")).to_contain_text("1 to 200 characters")
                await expect(kari.page.locator(".side .refusal")).to_be_in_viewport()
                await expect(topic).to_have_value(words)

        await expect(kari.page.locator(".side .refusal")).to_have_text("")


@asynccontextmanager
async def in_the_chair(browsers: Browsers) -> AsyncIterator[tuple[Visitor, Guest]]:
    """Kari sits in the chair of a room of three, with Ada and Bob."""
    async with browsers.house(seats=3, policy=PolicyName.CHAIR, chair="Kari") as home:
        kari = await browsers.visitor(home.port)
        await kari.enter()
        await kari.sit("Kari")
        await home.bot("Ada")
        bob, _ = await home.bot("Bob")
        await bob.until_frame(event="topic_opened")
        yield kari, bob


async def test_one_leaves_after_being_asked_again(browsers: Browsers) -> None:
    """The seat is free, and one watches on."""
    async with browsers.house(seats=2) as home:
        kari = await browsers.visitor(home.port)
        await kari.enter()
        await kari.sit("Kari")
        await kari.page.get_by_role("button", name="Leave").click()
        await kari.page.get_by_role("button", name="Really leave?").click()

        await kari.sees_notice("Goodbye.")
        await expect(kari.page.get_by_role("button", name="Take a seat")).to_be_visible()
        await expect(kari.page.locator(".place.free")).to_have_count(2)


async def test_a_room_is_found_by_its_name(browsers: Browsers) -> None:
    """One goes to it from the hall, and opens it by taking a seat."""
    async with browsers.house() as home:
        kari = await browsers.visitor(home.port)
        await kari.goto("/")
        await kari.page.get_by_role("textbox", name="Name of the room").fill("Ågot's room")
        await kari.page.get_by_role("button", name="Go").click()
        await expect(kari.page.get_by_role("heading", name="Ågot's room")).to_be_visible()
        await kari.sit("Kari")

        await expect(kari.page.locator(".place")).to_have_count(4)


async def test_the_unread_are_counted_while_one_reads_what_is_older(browsers: Browsers) -> None:
    """Who has scrolled up is left there; a button tells how much is new, and goes to it."""
    async with browsers.house(seats=1, policy=PolicyName.OPEN) as home:
        bob, _ = await home.bot("Bob")
        kari = await browsers.visitor(home.port, viewport={"width": 1000, "height": 500})
        await kari.enter()
        for number in range(30):
            bob.ask(do="say", text=f"{number}")
        await expect(kari.lines).to_have_count(30)
        await kari.page.locator(".conversation .scroller").evaluate("box => { box.scrollTop = 0; }")
        await kari.page.wait_for_function("() => document.querySelector('.conversation .scroller').scrollTop === 0")
        for number in range(3):
            bob.ask(do="say", text=f"new {number}")
        await kari.page.get_by_role("button", name="3 new").click()

        await expect(kari.lines.last).to_be_in_viewport()
        await expect(kari.page.locator(".newer")).to_be_hidden()


async def test_a_name_turns_nothing_around_it(browsers: Browsers) -> None:
    """Among other words it is an element of its own, whatever its direction; and no dot is double."""
    async with browsers.house(seats=2) as home:
        guest, _ = await home.bot("\N{ARABIC LETTER MEEM} 1")
        await home.bot("Bob Jr.")
        await guest.until_frame(event="floor_granted")
        kari = await browsers.visitor(home.port)
        await kari.enter()
        await kari.sees_notice("begins")
        notice = kari.page.locator(".notice").filter(has_text="begins").locator(".words")
        isolated = "element => [...element.querySelectorAll('bdi')].map(name => name.textContent)"
        names = ["\N{ARABIC LETTER MEEM} 1", "Bob Jr."]

        assert await notice.evaluate(isolated) == names
        assert (await notice.inner_text()).endswith("Bob Jr.")
        assert await kari.page.locator(".now-holder").evaluate(isolated) == names[:1]
        await kari.goto("/")
        await expect(kari.page.locator(".card-names")).to_contain_text("Bob Jr.")
        assert await kari.page.locator(".card-names").evaluate(isolated) == names


async def test_it_speaks_norwegian_where_the_browser_does(browsers: Browsers) -> None:
    """The language of the page is told to screen readers too."""
    async with browsers.house(seats=2) as home:
        await home.bot("Bob")
        kari = await browsers.visitor(home.port, locale="nb-NO")
        await kari.enter()

        await kari.sees_notice("Bob tok plass 1. 1/2 er her.")
        assert await kari.run("() => document.documentElement.lang") == "nb"


async def test_everything_can_be_done_by_keyboard(browsers: Browsers) -> None:
    """From the name to the last word, without a mouse; Escape leads back to the box."""
    async with browsers.house(seats=1) as home:
        kari = await browsers.visitor(home.port)
        await kari.enter()
        keyboard = kari.page.keyboard
        await keyboard.press("Escape")
        await keyboard.type("Kari")
        await keyboard.press("Enter")
        await kari.has_turn()
        await expect(kari.box).to_be_focused()
        await kari.page.get_by_role("tab", name="Conversation").focus()
        await keyboard.press("ArrowRight")
        await expect(kari.page.get_by_role("tab", name="Timeline")).to_be_focused()
        await expect(kari.page.get_by_role("heading", name="Who held the floor")).to_be_visible()
        await keyboard.press("Escape")
        await keyboard.type("One line")
        await keyboard.press("Shift+Enter")
        await keyboard.type("and another")
        await keyboard.press("Enter")

        await kari.sees_notice("Goodbye. 1 answer.")
        assert (await kari.said())[0] == ("Kari", "One line\nand another")


async def test_the_focus_is_never_lost(browsers: Browsers) -> None:
    """Whatever vanishes as it is pressed, the keyboard goes on beside it: in the box, or in the field for a name."""
    async with browsers.house(seats=2, rounds=3) as home:
        bob, _ = await home.bot("Bob")
        kari = await browsers.visitor(home.port)
        await kari.enter()
        await kari.sit("Kari")
        await expect(kari.box).to_be_focused()
        for turn, button in ((1, "Say"), (3, "Pass")):
            await bob.until_frame(event="floor_granted", turn=turn)
            bob.ask(do="say", text="Well?")
            await kari.has_turn()
            await kari.box.fill("Well.")
            await kari.page.get_by_role("button", name=button, exact=True).click()
            await expect(kari.box).not_to_be_editable()
            await expect(kari.box).to_be_focused()
        await kari.page.get_by_role("button", name="Leave").click()
        await kari.page.get_by_role("button", name="Really leave?").click()

        await expect(kari.page.get_by_label("Your name")).to_be_focused()


async def test_a_box_out_of_turn_sends_nothing(browsers: Browsers) -> None:
    """It can have the focus, and holds the words of before; neither Enter nor the button does anything."""
    async with browsers.house(seats=2, rounds=2) as home:
        kari, bob = await in_turn(browsers, home)
        await kari.box.fill("Too late")
        home.clock.skip(31_000)
        await kari.sees_notice("Time called on you.")
        await kari.box.press("Enter")
        await kari.page.get_by_role("button", name="Say").click(force=True)
        bob.ask(do="say", text="Next.")
        await kari.sees_notice("Your turn, 30 s.")

        await expect(kari.box).to_have_attribute("aria-disabled", "false")
        assert await kari.box.input_value() == "Too late"
        assert await kari.page.locator(".say-box .refusal").text_content() == ""


async def test_names_that_begin_alike_are_told_apart_on_a_phone(browsers: Browsers) -> None:
    """Each shows its own end, whole; and no name has a third line, with a word below it or without."""
    async with browsers.house(seats=3) as home:
        for number in (8, 9, 10):
            await home.bot(f"Participant Number {number}")
        kari = await browsers.visitor(home.port, **PHONE)
        await kari.enter()
        ends = kari.page.locator(".place .end")
        await expect(ends).to_have_text(["8", "9", "10"])
        names = kari.page.locator(".place .name")
        await expect(names.first).to_have_text("Participant Number 8")

        assert await ends.evaluate_all("ends => ends.filter(end => end.scrollWidth > end.clientWidth).length") == 0
        heights = await names.evaluate_all("names => names.map(name => [name.scrollHeight, name.clientHeight])")
        assert all(whole == shown < 36 for whole, shown in heights)


async def test_nothing_scrolls_sideways_on_a_phone(browsers: Browsers) -> None:
    """390 pixels are enough in every view, for the longest name and word as well."""
    sideways = "boxes => boxes.filter(box => box.scrollWidth > box.clientWidth).map(box => box.className)"
    async with browsers.house(seats=3) as home:
        kari = await browsers.visitor(home.port, **PHONE)
        await kari.enter()
        guests = [(await home.bot(name))[0] for name in ("Bob", "W" * 32)]
        await kari.sit("Kari")
        for turn, guest in enumerate(guests, 1):
            await guest.until_frame(event="floor_granted", turn=turn)
            guest.ask(do="say", text="x" * 400)
        await kari.has_turn()
        for view in ("Conversation", "Timeline", "Sittings", "Operator"):
            await kari.open_tab(view)
            assert await kari.run("() => document.documentElement.scrollWidth") == 390
            assert await kari.page.locator("body, .scroller, .side, .tabs").evaluate_all(sideways) == []
        await kari.goto("/")
        await expect(kari.page.locator(".card")).to_have_count(1)
        assert await kari.run("() => document.documentElement.scrollWidth") == 390
