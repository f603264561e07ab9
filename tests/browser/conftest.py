"""A browser for the tests of the page: Debian's Chromium, started once, with a fresh profile for each visitor.

These tests, and their servers, run in one event loop for the whole session, for so does the browser.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.browsing import FLAGS, Browsers


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(needs_tool: Callable[[str], str]) -> AsyncIterator[Browser]:
    """The browser itself."""
    path = needs_tool("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browsers(chromium: Browser) -> AsyncIterator[Browsers]:
    """Visitors; the test fails when one of them had anything to complain of."""
    browsers = Browsers(chromium)
    yield browsers
    await browsers.close()
    assert browsers.complaints == []
