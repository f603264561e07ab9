"""The pictures of the page in docs/images: a server with some rooms, a talk by script, and a browser that looks on.

`make screenshots` writes hall, room, timeline, dark and narrow. The same words each time; times of day, and lengths of
time to the tenth of a second, are those of the moment. It keeps nothing else, and asks no other machine.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple
from urllib.request import Request, urlopen

import msgspec
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

__all__ = ["main"]

_IMAGES: Final = Path(__file__).parents[1] / "docs" / "images"
_TOKEN: Final = "for-these-pictures-alone"  # noqa: S105 - of a server that lives for half a minute
_FLAGS: Final = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
_WIDE: Final[ViewportSize] = {"width": 1280, "height": 800}
_PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
# A bare machine has no font of a desktop's own.
_FONT: Final = "document.documentElement.style.setProperty('--sans', 'Inter, \"Liberation Sans\", sans-serif')"

_TOPIC: Final = "keep the library open at night"
_NETS_SECONDS: Final = 60


class Words(NamedTuple):
    """What somebody does in a turn, and after how long; without words it is a pass."""

    name: str
    seconds: float
    text: str | None


_SCRIPT: Final = {
    1: Words("Alice", 0.8, "I think keeping the library open at night sounds great! Awesome!"),
    2: Words("Ola", 1.4, "Only on weekdays. Somebody has to lock up, and it is usually me."),
    3: Words("Dora", 0.5, None),
    4: Words("Kari", 1.9, "Then let the students lock up. They are there anyway."),
    5: Words("Alice", 0.7, "Yes! I think students with keys sound great."),
    7: Words("Dora", 1.1, "A key each, and a list of names by the door?"),
    8: Words("Kari", 0.0, "And a kettle. Nobody thinks well at night without one."),
}
"""By the number of the turn. Ola misses the sixth."""

_ROOMS: Final[list[dict[str, Any]]] = [
    {"room": "library", "agenda": [_TOPIC], "rounds": 2, "seat_seconds": {"Ola": 2}},
    {"room": "book club", "seats": 6, "agenda": ["read Hamsun"]},
    {"room": "jury", "seats": 3, "policy": "chair", "agenda": ["acquit"]},
    {"room": "night watch", "seats": 2, "policy": "open", "agenda": ["stay awake"]},
]
_GUESTS: Final = {
    "book club": ["Nina", "Erik Berg", "Chuck", "Siri"],
    "jury": ["Ada", "Bob", "Eve"],
    "night watch": ["Tor", "Liv"],
}


class Guest:
    """Somebody at the JSON lines door."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def ask(self, **frame: object) -> None:
        """Send a frame."""
        self._writer.write(msgspec.json.encode(frame) + b"\n")

    def leave(self) -> None:
        """Give the seat up."""
        self.ask(do="leave")

    async def until(self, **wanted: object) -> None:
        """Read up to the first line with these fields."""
        while line := await self._reader.readline():
            if wanted.items() <= msgspec.json.decode(line).items():
                return
        raise EOFError(f"the end came before {wanted}")

    async def play(self, turns: dict[int, Words]) -> None:
        """Do in each turn what is written."""
        for number, words in sorted(turns.items()):
            await self.until(event="floor_granted", turn=number)
            await asyncio.sleep(words.seconds)
            self.ask(**({"do": "pass"} if words.text is None else {"do": "say", "text": words.text}))


async def main() -> None:
    """Make all pictures."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("The pictures need chromium: apt-get install chromium fonts-inter fonts-urw-base35.")
    _IMAGES.mkdir(parents=True, exist_ok=True)
    async with asyncio.timeout(_NETS_SECONDS), _server() as port, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        await _hold_and_look(browser, port)
        await browser.close()
    for picture in sorted(_IMAGES.glob("*.png")):
        print(f"{picture.relative_to(Path.cwd())}  {picture.stat().st_size // 1024} KiB")


async def _hold_and_look(browser: Browser, port: int) -> None:
    for rules in _ROOMS:
        await asyncio.to_thread(_open_room, port, rules)
    others = [await _guest(port, room, name) for room, names in _GUESTS.items() for name in names]
    alice = await _guest(port, "library", "Alice", about="house bot")
    ola = await _guest(port, "library", "Ola", kind="person")
    dora = await _guest(port, "library", "Dora", about="eight lines")
    kari = await _look(browser, port, "/rooms/library")
    await kari.get_by_label("Your name").fill("Kari")
    await kari.get_by_role("button", name="Take a seat").click()
    async with asyncio.TaskGroup() as group:
        for guest, name in ((alice, "Alice"), (ola, "Ola"), (dora, "Dora")):
            group.create_task(guest.play({turn: words for turn, words in _SCRIPT.items() if words.name == name}))
        group.create_task(_speak(kari, 4))
    await kari.locator(".place.mine.holder").wait_for()
    await kari.get_by_label("Your words").fill(_SCRIPT[8].text or "")
    await _picture_room(browser, port, kari)
    await kari.keyboard.press("Enter")
    await kari.get_by_text("Goodbye.").wait_for()
    reader = await _look(browser, port, "/rooms/library?sitting=1")
    await reader.get_by_role("tab", name="Timeline").click()
    await _save(reader, "timeline")
    for guest in others:
        guest.leave()


async def _picture_room(browser: Browser, port: int, kari: Page) -> None:
    await _save(kari, "room")
    await kari.emulate_media(color_scheme="dark")
    await _save(kari, "dark")
    await kari.emulate_media(color_scheme="light")
    hall = await _look(browser, port, "/")
    await hall.locator(".card").nth(len(_ROOMS) - 1).wait_for()
    await _save(hall, "hall")
    await kari.set_viewport_size(_PHONE)
    await _save(kari, "narrow")
    await kari.set_viewport_size(_WIDE)


async def _speak(page: Page, turn: int) -> None:
    box = page.get_by_label("Your words")
    await page.locator(".place.mine.holder").wait_for()
    await asyncio.sleep(_SCRIPT[turn].seconds)
    await box.fill(_SCRIPT[turn].text or "")
    await box.press("Enter")
    await page.locator(".place.mine:not(.holder)").wait_for()


async def _look(browser: Browser, port: int, path: str) -> Page:
    context = await browser.new_context(
        viewport=_WIDE, locale="en-GB", timezone_id="Europe/Oslo", color_scheme="light", reduced_motion="reduce"
    )
    page = await context.new_page()
    await page.goto(f"http://localhost:{port}{path}")
    await page.evaluate(_FONT)
    return page


async def _save(page: Page, name: str) -> None:
    # Two frames: the one in which everything has its place, and the one in which it is painted.
    await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    await page.screenshot(path=_IMAGES / f"{name}.png", caret="hide")


def _open_room(port: int, rules: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {_TOKEN}", "Content-Type": "application/json"}
    request = Request(f"http://localhost:{port}/api/rooms", msgspec.json.encode(rules), headers)
    with urlopen(request, timeout=10):  # noqa: S310 - http
        pass


async def _guest(port: int, room: str, name: str, kind: str = "bot", about: str = "") -> Guest:
    guest = Guest(*await asyncio.open_connection("localhost", port))
    guest.ask(do="join", room=room, name=name, kind=kind, about=about)
    await guest.until(reply="joined")
    return guest


@asynccontextmanager
async def _server() -> AsyncIterator[int]:
    """Run a server for as long as the block lasts; yield its port."""
    with TemporaryDirectory() as folder:
        token = Path(folder) / "token"
        token.write_text(_TOKEN, encoding="ascii")
        options = ("--port", "0", "--data", ":memory:", "--operator-token-file", str(token), "--topic", "hug")
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "moothall", "serve", *options, stdin=pipe, stdout=pipe
        )
        assert process.stdout is not None
        try:
            found = re.search(r"open on port (\d+)\.", (await process.stdout.readline()).decode())
            if found is None:
                sys.exit("The server did not open.")
            yield int(found[1])
        finally:
            process.terminate()
            await process.wait()


if __name__ == "__main__":
    asyncio.run(main())
