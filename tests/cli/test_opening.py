"""What a server shows when it has opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from moothall.cli.opening import opening_lines
from moothall.engine.words import PolicyName
from moothall.settings import Settings


def page_line(settings: Settings, token: str | None = None) -> str:
    (line,) = [line for line in opening_lines(settings, 4242, (0, 4), token) if line.startswith("In a browser: ")]
    return line


def test_it_says_where_the_server_is_and_how_one_comes_in() -> None:
    """Each line can be typed, or clicked."""
    assert opening_lines(Settings(data=Path("data")), 4242, (1, 4), "t" * 32) == [
        "Moothall is open on port 4242. Waiting for clients: 1/4 here.",
        "Join it: moothall join localhost 4242, or nc localhost 4242",
        "Send a bot: moothall bot alice localhost 4242",
        f"In a browser: http://localhost:4242/#token={'t' * 32}",
        "Type help for what you can do here, end to stop.",
    ]


def test_a_token_from_a_file_is_not_shown() -> None:
    """Its owner knows where it is."""
    line = page_line(Settings(operator_token_file=Path("token")), "secret" * 4)

    assert line == "In a browser: http://localhost:4242/ (the operator's token is in token)"


def test_without_a_token_the_page_is_there_all_the_same() -> None:
    """One may look on."""
    assert page_line(Settings()) == "In a browser: http://localhost:4242/"


@pytest.mark.parametrize(
    ("bind", "host"),
    [
        (("127.0.0.1",), "localhost"),
        (("0.0.0.0",), "localhost"),
        (("192.0.2.1", "::1"), "localhost"),
        (("192.0.2.1",), "192.0.2.1"),
        (("2001:db8::1",), "[2001:db8::1]"),
    ],
)
def test_the_page_is_where_the_server_listens(bind: tuple[str, ...], host: str) -> None:
    """By a name that a browser can reach."""
    assert page_line(Settings(bind=bind, insecure=True)) == f"In a browser: http://{host}:4242/"


def test_what_is_to_be_heeded_is_said() -> None:
    """Who can come in, that nothing is kept, that nobody leads, and that there are more rooms."""
    rooms = tuple(f"room{number}" for number in range(1, 31))
    settings = Settings(bind=("0.0.0.0",), insecure=True, rooms=rooms, policy=PolicyName.CHAIR)

    assert opening_lines(settings, 4242, (0, 4), None)[1:5] == [
        "! INSECURE: whoever reaches 0.0.0.0 port 4242 can take part, and nothing is encrypted.",
        "Nobody is in the chair: type chair NAME. Until then the fewest turns go first.",
        "There are 30 rooms: room1, room2, ..., room30.",
        "Nothing is kept: --data :memory:.",
    ]
