"""Nothing keeps anybody out: axe finds nothing serious in any view, light or dark, on a phone, in Norwegian."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.axe import serious_findings
from tests.browser.browsing import Browsers
from tests.doors.guests import TOKEN

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOOKS: list[dict[str, Any]] = [
    {"color_scheme": "light"},
    {"color_scheme": "dark"},
    {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
]


@pytest.mark.parametrize("look", LOOKS, ids=["light", "dark", "phone"])
async def test_no_view_keeps_anybody_out(browsers: Browsers, look: dict[str, Any]) -> None:
    """The hall and its forms; a room in one's own turn, each of its views; and what a sitting leaves to be read."""
    findings: dict[str, list[str]] = {}
    async with browsers.house(seats=3, rounds=2, labels={"arm": "rotate"}) as home:
        bob, _ = await home.bot("Bob", about="eight lines")
        visitor = await browsers.visitor(home.port, **look)
        await visitor.goto(f"/#token={TOKEN}")
        await visitor.page.get_by_text("Operator", exact=True).click()
        await expect(visitor.page.locator(".card")).to_have_count(1)
        findings["hall"] = await serious_findings(visitor)
        await visitor.enter()
        findings["watching"] = await serious_findings(visitor)
        await visitor.sit("Kari")
        await home.bot("Nina")
        await bob.until_frame(event="floor_granted", name="Bob")
        bob.ask(do="say", text="Hug whom?")
        await visitor.has_turn()
        for view in ("Conversation", "Timeline", "Sittings", "Operator"):
            await visitor.open_tab(view)
            findings[view] = await serious_findings(visitor)

        await visitor.goto("/rooms/main?sitting=1")
        await expect(visitor.lines.last).to_be_visible()
        for view in ("Conversation", "Timeline", "Sittings"):
            await visitor.open_tab(view)
            findings[f"reading: {view}"] = await serious_findings(visitor)

    assert {view: found for view, found in findings.items() if found} == {}


async def test_it_keeps_nobody_out_in_norwegian(browsers: Browsers) -> None:
    """Longer words, and another language that screen readers are told of."""
    findings: dict[str, list[str]] = {}
    async with browsers.house(seats=1) as home:
        kari = await browsers.visitor(home.port, locale="nb-NO")
        await kari.goto(f"/#token={TOKEN}")
        await kari.page.get_by_text("Operatør", exact=True).click()
        await expect(kari.page.get_by_role("button", name="Åpne rommet")).to_be_visible()
        findings["hall"] = await serious_findings(kari)
        await kari.enter()
        await kari.page.get_by_label("Navnet ditt").fill("Kari")
        await kari.page.get_by_role("button", name="Ta plass").click()
        await expect(kari.page.get_by_label("Ordene dine")).to_be_editable()
        for view in ("Samtale", "Tidslinje", "Møter", "Operatør"):
            await kari.open_tab(view)
            findings[view] = await serious_findings(kari)
        await kari.goto("/rooms/main?sitting=1")
        await expect(kari.page.get_by_text("Du leser møte 1.")).to_be_visible()
        findings["reading"] = await serious_findings(kari)

    assert {view: found for view, found in findings.items() if found} == {}
