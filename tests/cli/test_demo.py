"""The demo: one conversation of four bots, and where it is kept."""

from __future__ import annotations

import shlex
from pathlib import Path

from moothall.bots.english import gerund
from tests.e2e.processes import MOOTHALL, a_terminal, needs_terminals, program

BOTS = {"Alice", "Bob", "Dora", "Chuck"}


async def test_four_bots_speak_in_turn_about_one_topic(tmp_path: Path) -> None:
    """It ends by itself, in plain lines, and the log that it names holds what was shown."""
    async with program(*MOOTHALL, "demo", "--pace", "0", TMPDIR=str(tmp_path)) as demo:
        code, lines = await demo.ends()
    words = shlex.split(lines[-1].partition("moothall ")[2])
    async with program(*MOOTHALL, *words) as log:
        log_code, kept = await log.ends()

    asked = lines.index(next(line for line in lines if line.startswith("Batman: Do you want to ")))
    topic = lines[asked].removeprefix("Batman: Do you want to ").rstrip("?")
    floors = [line.split()[1] for line in lines if "has the floor" in line]
    said = [line for line in lines[asked + 1 :] if line.partition(":")[0] in BOTS]
    assert (code, log_code) == (0, 0)
    assert [line.partition(":")[0] for line in said] == floors
    assert sorted(floors) == sorted(BOTS)
    assert sum(gerund(topic) in line.lower() for line in said) >= 3  # Chuck may not care
    assert lines[-2] == "* Goodbye. 4 answers."
    assert not any("\x1b" in line for line in lines)
    assert [line for line in kept if line in said] == said


async def test_the_topic_and_the_folder_may_be_chosen(tmp_path: Path) -> None:
    """Whoever wants to look at the data later says where it goes."""
    async with program(*MOOTHALL, "demo", "--pace", "0", "--topic", "play chess", "--data", tmp_path / "kept") as demo:
        code, lines = await demo.ends()

    assert code == 0
    assert "Batman: Do you want to play chess?" in lines
    assert lines[-1] == f"All of it is kept: moothall log main --data {tmp_path / 'kept'}"
    assert (tmp_path / "kept" / "moothall.db").is_file()


@needs_terminals
async def test_a_terminal_shows_colours_unless_it_is_asked_not_to(tmp_path: Path) -> None:
    """A colour for each speaker, and none with NO_COLOR."""
    for environment, has_colours in (({}, True), ({"NO_COLOR": "1"}, False)):
        with a_terminal(*MOOTHALL, "demo", "--pace", "0", TMPDIR=str(tmp_path), **environment) as terminal:
            assert await terminal.ends() == 0
        assert ("\x1b[36m\x1b[1mBatman:\x1b[0m Do you want to " in terminal.shown) is has_colours
        assert ("\x1b" in terminal.shown) is has_colours


async def test_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    """And no traceback."""
    (tmp_path / "file").touch()
    async with program(*MOOTHALL, "demo", "--data", tmp_path / "file") as demo:
        code, lines = await demo.ends()

    assert (code, len(lines)) == (1, 1)
