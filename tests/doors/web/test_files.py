"""The page's files, as they are answered."""

from __future__ import annotations

from importlib.resources import files

import pytest

from moothall.doors.web.files import PAGE_POLICY
from tests.doors.guests import house
from tests.doors.web.callers import ask

PAGE = files("moothall.doors.web") / "page"
TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@pytest.mark.parametrize("path", ["/", "/rooms/main", "/rooms/book%20club"])
async def test_the_page_is_the_same_for_the_hall_and_for_each_room(path: str) -> None:
    """What it shows it asks for itself; and it may run nothing but its own files."""
    async with house() as here:
        answer = await ask(here, "GET", path)

    assert (answer.status, answer.body) == (200, (PAGE / "index.html").read_bytes())
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == PAGE_POLICY


def test_the_policy_allows_nothing_inline_and_nothing_of_others() -> None:
    """Words that were taken for a script would not run."""
    rules = dict(rule.strip().split(" ", 1) for rule in PAGE_POLICY.split(";"))

    assert rules["default-src"] == "'none'"
    assert rules["frame-ancestors"] == "'none'"
    assert set(rules.values()) <= {"'none'", "'self'", "'script'"}


async def test_every_file_of_the_page_is_there_as_what_it_is() -> None:
    """A script of another type is not run: nosniff."""
    names = sorted(entry.name for entry in PAGE.iterdir() if entry.is_file() and "." in entry.name)
    async with house() as here:
        answers = {name: await ask(here, "GET", f"/page/{name}") for name in names}

    assert "index.html" in answers
    for name, answer in answers.items():
        assert (answer.status, answer.body) == (200, (PAGE / name).read_bytes()), name
        assert answer.headers["content-type"] == TYPES[name.rpartition(".")[2]], name
        assert answer.headers["x-content-type-options"] == "nosniff", name


@pytest.mark.parametrize(
    "path",
    [
        "/page/nothing.js",
        "/page/",
        "/page/../files.py",
        "/page/..%2ffiles.py",
        "/page/%2e%2e/files.py",
        "/page//etc/passwd",
        "/page/index.html/",
        "/page/index.html%00",
        "/files.py",
    ],
)
async def test_nothing_else_is_answered(path: str) -> None:
    """A name is looked up, and never becomes a path."""
    async with house() as here:
        answer = await ask(here, "GET", path)

    assert answer.refusal == (404, "malformed", "There is nothing at this address.")


async def test_a_file_that_has_not_changed_is_not_sent_again() -> None:
    """A browser asks each time, so that a newer server's page is seen at once."""
    async with house() as here:
        first = await ask(here, "GET", "/page/index.html")
        again = await ask(here, "GET", "/page/index.html", headers={"if-none-match": first.headers["etag"]})
        other = await ask(here, "GET", "/page/index.html", headers={"if-none-match": '"other"'})

    assert first.headers["cache-control"] == "no-cache"
    assert (again.status, again.body) == (304, b"")
    assert (other.status, other.body) == (200, first.body)
