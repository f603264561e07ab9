"""Which hosts and origins may ask."""

from __future__ import annotations

import pytest

from moothall.doors.web.allowlist import Allowlist

OTHER_NAME = "This server is not reached by that name: start it with --allow-host NAME."
OTHER_ORIGIN = "Pages of another origin may not ask here."
ONE_HOST = "A request has one Host, and at most one Origin."

LOCAL = Allowlist()
OPEN = Allowlist(takes_addresses=True)
NAMED = Allowlist(["Moot.example.org"])


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:4242", "LOCALHOST:1", "127.0.0.1:4242", "127.8.9.1", "[::1]", "[::1]:4242", " localhost "],
)
def test_this_machine_is_known_by_its_own_names(host: str) -> None:
    """Whatever the port: a tunnel has another."""
    assert LOCAL.objection([host], []) is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "localhost.",
        "192.0.2.1:4242",
        "[2001:db8::1]",
        "0.0.0.0",
        "localhost:",
        "localhost:x",
        "localhost:4242:1",
        "localhost@evil.example",
        "evil.example#localhost",
        "localhost/",
        "local host",
        "[::1",
        "::1",
        "127.0.0.1,localhost",
        "[localhost]",
        "2130706433",
        "0x7f.1",
    ],
)
def test_any_other_name_may_have_been_bent_to_point_here(host: str) -> None:
    """A page that was loaded under it would otherwise read what this server says."""
    assert LOCAL.objection([host], []) == OTHER_NAME


@pytest.mark.parametrize("host", ["192.0.2.1:4242", "[2001:db8::1]:80", "localhost"])
def test_an_address_is_no_name_that_can_be_bent(host: str) -> None:
    """A server that other machines may reach is reached by it."""
    assert OPEN.objection([host], []) is None
    assert OPEN.objection(["evil.example"], []) == OTHER_NAME


def test_a_name_of_ones_own_is_added_to_those_of_the_machine() -> None:
    """Behind a proxy, or in a school's network."""
    assert NAMED.objection(["moot.example.org:8000"], ["https://MOOT.example.org:8000"]) is None
    assert NAMED.objection(["localhost"], []) is None
    assert NAMED.objection(["www.moot.example.org"], []) == OTHER_NAME


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:4242", "http://localhost:4242"),
        ("localhost", "https://localhost"),
        ("[::1]:4242", "http://[::1]:4242"),
        ("127.0.0.1:4242", "HTTP://127.0.0.1:4242"),
    ],
)
def test_a_page_of_this_server_may_ask(host: str, origin: str) -> None:
    """With TLS in front of it as well."""
    assert LOCAL.objection([host], [origin]) is None


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "http://evil.example",
        "http://localhost",
        "http://localhost:4243",
        "http://127.0.0.1:4242",
        "http://localhost:4242.evil.example",
        "http://localhost:4242/",
        "http://evil.example/localhost:4242",
        "file://localhost:4242",
        "localhost:4242",
        "http://user@localhost:4242",
    ],
)
def test_a_page_of_another_origin_may_not(origin: str) -> None:
    """Neither another server of this machine, nor one that only looks like ours."""
    assert LOCAL.objection(["localhost:4242"], [origin]) == OTHER_ORIGIN


@pytest.mark.parametrize(
    ("hosts", "origins"),
    [
        ([], []),
        (["localhost", "localhost"], []),
        (["localhost", "evil.example"], []),
        (["localhost"], ["http://localhost", "http://localhost"]),
    ],
)
def test_what_is_said_twice_or_not_at_all_is_not_believed(hosts: list[str], origins: list[str]) -> None:
    """Whoever stands in between may believe the other one."""
    assert LOCAL.objection(hosts, origins) == ONE_HOST


@pytest.mark.parametrize("site", ["cross-site", "same-site", "Cross-Site"])
@pytest.mark.parametrize("mode", ["no-cors", "cors", "websocket", ""])
def test_what_a_page_of_others_shows_as_its_own_is_not_given(site: str, mode: str) -> None:
    """A picture or a script has no `Origin`, but the browser says where it is wanted."""
    assert LOCAL.objection(["localhost:4242"], [], site=site, mode=mode) == OTHER_ORIGIN


@pytest.mark.parametrize(("site", "mode"), [("cross-site", "navigate"), ("same-origin", "cors"), ("none", "navigate")])
def test_a_link_may_be_followed_from_anywhere(site: str, mode: str) -> None:
    """Whoever clicks on it sees the page, and no other page does."""
    assert LOCAL.objection(["localhost:4242"], [], site=site, mode=mode) is None
