"""One room, many doors: whoever sits in it, or looks on, reads the same words in the same order."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from tests.doors.guests import Guest
from tests.e2e.processes import (
    MOOTHALL,
    Terminal,
    a_guest,
    a_server,
    a_terminal,
    needs_terminals,
    program,
    without_escapes,
)

BOT = """
import sys

from moothall import Turn, run_bot
from moothall.engine.events import HostSaid, Said, TopicOpened

def answer(turn: Turn) -> str:
    return f"In round {turn.round} I have heard {len(turn.transcript)} and say: blåbær 🫐"

def show(change):
    match change.event:
        case Said(name, _, text) | HostSaid(name, text):
            print(f"{name}: {text}")
        case TopicOpened():
            print(f"{change.event.host}: {change.event.text}")

sys.stdout.reconfigure(encoding="utf-8")
run_bot(answer, "Pia", port=int(sys.argv[1]), on_change=show)
"""


WORDS = re.compile(r"(?:Host: Do you|(?:Pia|Classic|Lars|Kari):) |\* Said\.")


async def speak(guest: Guest, *answers: str) -> list[str]:
    """Say one of the answers in each turn of one's own; return all that was read, to the end."""
    lines: list[str] = []
    for words in answers:
        lines += await guest.until("* Your turn")
        guest.type(words)
    return lines + await guest.rest()


async def type_in(terminal: Terminal, *answers: str) -> int:
    """Type one of the answers in each turn of one's own; return how it ended."""
    for words in answers:
        await terminal.reads("* Your turn, 30 s.")
        terminal.type(words)
        await terminal.reads("* Said.")
    await terminal.reads("* Goodbye. 8 answers.")
    return await terminal.ends()


def as_read_by(name: str, lines: list[str]) -> list[str]:
    """Return what was said, as somebody reads it who gets receipts for the own words."""
    said = [line for line in lines if WORDS.match(line)]
    return ["* Said." if line.startswith(f"{name}: ") else line for line in said]


@needs_terminals
async def test_four_kinds_of_seats_and_a_spectator_read_the_same(tmp_path: Path) -> None:
    """A bot over JSON, a house bot, one on plain lines, a person at a terminal, and one who watches through a pipe."""
    (tmp_path / "bot.py").write_text(BOT, encoding="utf-8")
    async with (
        a_server(tmp_path / "data", "--rounds", "2", "--topic", "hug") as server,
        program(*MOOTHALL, "watch", "main", "localhost", str(server.port)) as watcher,
        a_guest(server.port, "Lars") as lars,
        program(sys.executable, tmp_path / "bot.py", str(server.port)) as pia,
        program(*MOOTHALL, "bot", "classic", "localhost", str(server.port)) as classic,
    ):
        await watcher.until("* You watch")
        with a_terminal(*MOOTHALL, "join", "localhost", str(server.port), "Kari") as kari:
            plain, code = await asyncio.gather(speak(lars, "Well.", "Well, well."), type_in(kari, "Why not?", "No."))
        ends = [await one.ends() for one in (watcher, pia, classic)]

    told = as_read_by("", ends[0][1])
    assert len(told) == 9
    assert [code, *(code for code, _ in ends)] == [0, 0, 0, 0]
    assert as_read_by("", ends[1][1]) == told
    assert as_read_by("Classic", ends[2][1]) == as_read_by("Classic", told)
    assert as_read_by("", plain) == as_read_by("Lars", told)
    expected = as_read_by("Kari", told)
    shown = re.findall("|".join(map(re.escape, set(expected))), without_escapes(kari.shown))
    assert shown == expected
