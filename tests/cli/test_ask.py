"""What is asked for: once, with a default; what cannot be is asked again, three times at most."""

from __future__ import annotations

import io
import os

import pytest

from moothall.cli.ask import ask, parse_port, parse_typed_name, read_line
from moothall.errors import BadSetting


def asked(monkeypatch: pytest.MonkeyPatch, typed: str, default: str = "4242") -> tuple[int, str]:
    """Return the answer, and what was shown."""
    shown: list[str] = []
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return ask("Port", default, parse_port, write=shown.append), "".join(shown)


def test_nothing_typed_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Choices are nice, but the defaults work without any."""
    assert asked(monkeypatch, "\n") == (4242, "Port [4242]: ")


def test_what_cannot_be_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is wrong about it; spaces around it are not."""
    answer, shown = asked(monkeypatch, "abc\n 5000 \n")

    assert answer == 5000
    assert shown.count("Port [4242]: ") == 2
    assert "'abc' is no port" in shown


def test_without_a_default_nothing_typed_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The question shows that there is none."""
    monkeypatch.setattr("sys.stdin", io.StringIO("\nKari\n"))
    shown: list[str] = []

    assert ask("Your name", "", parse_typed_name, write=shown.append) == "Kari"
    assert shown[0] == "Your name: "


@pytest.mark.parametrize(
    ("typed", "problem"), [("a\nb\nc\n4242\n", "'c' is no port"), ("", "Nobody is there to ask"), ("a\n", "'a' is no")]
)
def test_there_is_an_end_to_asking(typed: str, problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After three answers, or where nobody types any more."""
    with pytest.raises(BadSetting, match=problem):
        asked(monkeypatch, typed)


@pytest.mark.parametrize("port", ["0", "-1", "65536", "4242.0", "", "x\x1b[2J"])
def test_a_port_is_a_whole_number_up_to_65535(port: str) -> None:
    """The sentence says so, and is safe to show."""
    with pytest.raises(BadSetting, match="whole number from 1 to 65535") as caught:
        parse_port(port)

    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a:b", "x" * 33, "-a"])
def test_a_name_that_cannot_be_is_said_to_be_none(name: str) -> None:
    """In the words of the rules."""
    with pytest.raises(BadSetting, match="name"):
        parse_typed_name(name)


def test_a_line_is_read_and_nothing_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows the answer is for the console, which reads the same pipe."""
    output, into = os.pipe()
    os.write(into, "4242\nhåll".encode())
    os.close(into)
    with os.fdopen(output) as pipe:
        monkeypatch.setattr("sys.stdin", pipe)
        lines = [read_line(), os.read(output, 3), read_line(), read_line()]

    assert lines == ["4242\n", "hå".encode(), "ll", None]
