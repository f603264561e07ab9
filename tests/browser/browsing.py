"""Browsers that visit a server: what they show, what they do, and what they complain of.

Every visitor has a browser's context of its own, so no two share a seat's key or a name. Whatever a browser reports is
noted: errors on its console and of scripts, breaches of the content policy, dialogs, requests to other servers. A test
that leaves a note behind fails.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Dialog, Error, Locator, Page, Request, expect

from tests.doors.guests import House, house

__all__ = ["FLAGS", "LOST", "Browsers", "Visitor"]

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

LOST = r"net::ERR_|WebSocket connection to .* failed"
"""What the browser itself writes when a server is gone, whatever a page does about it."""

_WAIT_MS = 15_000
# A page cannot hide a breach of its policy from this, wherever it happens.
_WATCH = """
addEventListener("securitypolicyviolation", (event) => console.error(
  `policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


class Visitor:
    """One browser's look at one server."""

    def __init__(self, page: Page, base: str, note: Callable[[str], None]) -> None:
        self.page = page
        self._base = base
        self._note = note
        page.set_default_timeout(_WAIT_MS)
        page.on("console", self._console)
        page.on("pageerror", lambda error: note(f"script: {error}"))
        page.on("dialog", self._dialog)
        page.on("request", self._request)

    async def goto(self, path: str) -> None:
        """Open an address of the server.

        On a busy machine a browser may have nothing to say for 400 ms on a new line, and is then taken for a person
        with netcat: once more, as anybody would.
        """
        try:
            await self.page.goto(self._base + path)
        except Error as error:
            if "ERR_INVALID_HTTP_RESPONSE" not in error.message:
                raise
            await self.page.goto(self._base + path)

    async def enter(self, room: str = "main") -> None:
        """Open a room's page, and wait until it is connected."""
        await self.goto(f"/rooms/{quote(room)}")
        await expect(self.status).to_have_attribute("data-is", "open")

    async def sit(self, name: str) -> None:
        """Take a seat."""
        await self.page.get_by_label("Your name").fill(name)
        await self.page.get_by_role("button", name="Take a seat").click()
        await self.has_seat()

    async def has_seat(self) -> None:
        """Wait until one has a seat."""
        await expect(self.page.get_by_role("button", name="Leave")).to_be_visible()

    async def has_turn(self) -> None:
        """Wait until it is one's turn."""
        await expect(self.box).to_be_editable()

    async def say(self, words: str) -> None:
        """Wait for one's turn, and speak in it by keyboard."""
        await self.has_turn()
        await self.box.fill(words)
        await self.box.press("Enter")
        await expect(self.lines.filter(has_text=words).last).to_be_visible()

    async def open_tab(self, name: str) -> None:
        """Choose one of a room's views."""
        await self.page.get_by_role("tab", name=name).click()

    async def sees_notice(self, words: str) -> None:
        """Wait for a notice with these words."""
        await expect(self.page.locator(".notice").filter(has_text=words).first).to_be_visible()

    async def said(self) -> list[tuple[str, str]]:
        """Return who said what, in order; of the host too."""
        lines = await self.lines.evaluate_all(
            "lines => lines.map(line => [line.querySelector('.name').textContent, "
            "line.querySelector('.words').textContent])"
        )
        return [(name, words) for name, words in lines]

    async def notices(self) -> list[str]:
        """Return the notices, in order."""
        return await self.page.locator(".notice").all_inner_texts()

    async def run(self, script: str, argument: Any = None) -> Any:
        """Run a function of JavaScript in the page."""
        return await self.page.evaluate(script, argument)

    @property
    def lines(self) -> Locator:
        """What was said, as lines."""
        return self.page.locator(".line.said")

    @property
    def box(self) -> Locator:
        """The box to speak."""
        return self.page.get_by_label("Your words")

    @property
    def status(self) -> Locator:
        """How the connection is."""
        return self.page.locator(".status")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            self._note(f"console: {message.text}")

    async def _dialog(self, dialog: Dialog) -> None:
        self._note(f"dialog: {dialog.message}")
        await dialog.dismiss()

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self._base, "data:,", "about:")):
            self._note(f"request: {request.url}")


class Browsers:
    """All visitors of one test."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._expected: list[str] = []
        self.notes: list[str] = []
        self._noted = asyncio.Event()

    async def visitor(self, port: int, **options: Any) -> Visitor:
        """Open a new browser; `options` are those of a context: `locale`, `color_scheme`, `viewport`."""
        context = await self._browser.new_context(**({"locale": "en-GB", "reduced_motion": "reduce"} | options))
        self._contexts.append(context)
        await context.add_init_script(_WATCH)
        return Visitor(await context.new_page(), f"http://localhost:{port}", self._note)

    def expect(self, *patterns: str) -> None:
        """Let notes like these be: this test makes the browser write them."""
        self._expected += patterns

    async def until_noted(self, text: str) -> None:
        """Wait for a note with this text, and let it be."""
        self.expect(re.escape(text))
        while not any(text in note for note in self.notes):
            self._noted.clear()
            await self._noted.wait()

    def _note(self, note: str) -> None:
        self.notes.append(note)
        self._noted.set()

    @property
    def complaints(self) -> Sequence[str]:
        """The notes that were not expected."""
        return [note for note in self.notes if not any(re.search(pattern, note) for pattern in self._expected)]

    @asynccontextmanager
    async def house(self, **settings: Any) -> AsyncIterator[House]:
        """Run a server to visit; the browsers are closed before it stops, so that none misses it."""
        async with house(**settings) as home:
            try:
                yield home
            finally:
                await self.close()

    async def close(self) -> None:
        """Close all browsers."""
        while self._contexts:
            await self._contexts.pop().close()
