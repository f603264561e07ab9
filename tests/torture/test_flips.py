"""One bit of the data flipped, or its end cut off: what the server still shows is what was said, and it says the rest.

damage.py draws where, spread over every kind of place in the database and its WAL, and judges.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.processes import MOOTHALL, a_guest, program
from tests.torture.amounts import amount
from tests.torture.damage import Damage, Finding, cuts, damaged, flips, judge, told
from tests.torture.worlds import World, make_worlds

SEED: Final = 4
FLIPS: Final = amount(ci=60, torture=1000)
CUTS: Final = amount(ci=10, torture=100)
CHUNKS: Final = amount(ci=1, torture=4)
EVERY: Final = 50
"""Of so many, one is given to a server that is a process of its own."""


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> list[World]:
    return asyncio.run(make_worlds(tmp_path_factory.mktemp("worlds"), SEED))


def drawn(worlds: list[World], first: int, step: int) -> Iterator[tuple[World, Damage]]:
    return chain(flips(worlds, SEED, range(first, FLIPS, step)), cuts(worlds, SEED, range(first, CUTS, step)))


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_what_is_damaged_is_told_and_never_altered(
    chunk: int, worlds: list[World], figure: Callable[[str], None]
) -> None:
    """A reader is shown what was said or told that it is damaged; a server serves, or ends in a sentence, each time."""
    findings = [await judge(world, damage) for world, damage in drawn(worlds, chunk, CHUNKS)]

    part = f" {chunk + 1}/{CHUNKS}" if CHUNKS > 1 else ""
    count = f"{len(range(chunk, FLIPS, CHUNKS))} flips, {len(range(chunk, CUTS, CHUNKS))} truncations"
    figure(f"flips{part}: {count}, seed {SEED}, {told(findings)}")
    assert faulty(findings) == []


async def test_a_real_server_on_damaged_data_serves_or_ends_in_a_sentence(
    worlds: list[World], figure: Callable[[str], None]
) -> None:
    """The same for processes, started twice: no traceback, one exit code, and a room that is new lets people in."""
    ends: list[tuple[int, ...]] = []
    for world, damage in drawn(worlds, 0, EVERY):
        home = damaged(world, damage)
        ends.append((await serve(home), await serve(home)))

    assert {end for codes in ends for end in codes} <= {0, 1, 4, 5}
    assert [codes for codes in ends if codes[0] and len(set(codes)) > 1] == []

    refused = sum(codes != (0, 0) for codes in ends)
    figure(f"flips, real processes: {2 * len(ends)} starts, {refused} of {len(ends)} refused, 0 tracebacks")


async def serve(home: Path) -> int:
    """Start a server, join a room that is new, and end it; return its exit code."""
    async with program(*MOOTHALL, "serve", "--port", "0", "--data", home, "--quiet") as server:
        said = [await server.line()]
        while said[-1] and not said[-1].startswith("Type help"):
            said.append(await server.line())
        if said[-1]:
            greeting = next(line for line in said if "port " in line)  # warnings may come before it
            async with a_guest(int(greeting.partition("port ")[2].partition(".")[0])) as guest:
                guest.ask(do="join", name="Kari", room=f"new{len(said)}")
                assert (await guest.frame())["reply"] == "joined", said
            server.type("end")
        code, rest = await server.ends()
    assert not any("Traceback" in line for line in (*said, *rest)), (said, rest)
    # What is refused is said in one line; warnings may come before it.
    assert code == 0 or len([line for line in said if line and not line.startswith("WARNING ")]) == 1, said
    return code


def faulty(findings: list[Finding]) -> list[str]:
    return [f"{finding.world} {finding.damage}: {finding.faults}" for finding in findings if finding.faults]
