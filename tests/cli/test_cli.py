"""The command `moothall` itself: its verbs, their help, and how quickly that is there."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from moothall import __version__
from moothall.cli import main
from tests.e2e.processes import MOOTHALL

OWN = ("demo", "serve", "join", "bot", "watch", "rooms", "log", "export", "doctor", "backup", "forget")
LEADING = tuple("topic next start skip grant revoke chair set remove pause unpause say who end".split())
VERBS = (*OWN, *LEADING)


def test_help_lists_every_verb() -> None:
    """In the order in which one meets them; those that lead a running server stand together, like its console's."""
    told = CliRunner().invoke(main, ["-h"]).output
    own, _, leading = told.partition("Verbs:\n")[2].partition("\n\nTo lead a running server, from any terminal:\n")

    assert [line.split()[0] for line in own.splitlines()] == list(OWN)
    assert [line.split()[0] for line in leading.splitlines()] == list(LEADING)
    assert max(len(line) for line in told.splitlines()) <= 80


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_every_verb_shows_an_example(verb: str) -> None:
    """It is what most people look for."""
    ended = CliRunner().invoke(main, [verb, "--help"])

    assert ended.exit_code == 0
    assert f"  moothall {verb}" in ended.output.partition("Example")[2]


def test_an_unknown_verb_is_said_to_be_none() -> None:
    """With exit 2, as for a bad setting."""
    ended = CliRunner().invoke(main, ["dance"])

    assert (ended.exit_code, ended.output) == (2, "No such command 'dance'. See main --help.\n")


def test_an_unknown_option_is_one_line_before_a_verb_too() -> None:
    """And without any word at all the help is shown, in full."""
    ended = CliRunner().invoke(main, ["--dance"])

    assert (ended.exit_code, ended.output) == (2, "No such option '--dance'. See main --help.\n")
    assert "Verbs:" in CliRunner().invoke(main, []).output


@pytest.mark.parametrize("verb", VERBS)
def test_help_is_there_at_once(verb: str) -> None:
    """What a verb needs to do its work is imported when it does it."""
    program = (
        "import sys; from moothall.cli import main\n"
        f"main([{verb!r}, '--help'], standalone_mode=False)\n"
        "print([name for name in ('prompt_toolkit', 'uvloop', 'moothall.wiring') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert told.splitlines()[-1] == "[]"


def test_the_version_is_told() -> None:
    """As a module, too."""
    told = subprocess.run([*MOOTHALL, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout

    assert told.split() == ["moothall", __version__]
