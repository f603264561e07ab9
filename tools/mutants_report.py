"""How many of the planted faults the tests found: prints it, and writes docs/mutants.md.

Reads the verdicts that mutmut left under mutants/. Exits 1 below 90 %. Plants and runs nothing itself.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import msgspec
from mutmut.stats import status_by_exit_code

__all__ = ["Score", "main", "scores", "table"]

WANTED_PERCENT = 90.0
# A fault that hangs the tests, or brings the interpreter down, was noticed as well as one that fails them.
FOUND = ("killed", "timeout", "segfault", "caught by type check")

INTRODUCTION = """\
# Mutants: would the tests notice?

A mutant is the source with one small fault planted: a `<` for a `<=`, a line's value replaced by `None`, an `and` for
an `or`. The tests that reach the line are run against it. A mutant is *killed* when one of them fails, hangs or dies,
and *survives* when all pass: then either a test is missing, or the fault changes nothing that anyone could see.

`make mutants` made this table, and fails below {wanted:g} %. `.venv/bin/mutmut results` names the survivors, and
`.venv/bin/mutmut show NAME` shows one.

"""


class Score(NamedTuple):
    """What became of a file's mutants."""

    file: str
    killed: int
    survived: int

    @property
    def mutants(self) -> int:
        return self.killed + self.survived

    @property
    def percent(self) -> float:
        return 100 * self.killed / self.mutants if self.mutants else 100.0


class Verdicts(msgspec.Struct):
    """The part of mutmut's file beside each mutated module that we read."""

    exit_code_by_key: dict[str, int | None]


def main(mutants: Path, report: Path) -> int:
    """Write the report and print its table. Returns the exit code."""
    rows = scores(mutants)
    if not rows:
        print("There are no mutants here: mutmut run plants them.")
        return 1
    total = Score("all", sum(row.killed for row in rows), sum(row.survived for row in rows))
    report.parent.mkdir(exist_ok=True)
    report.write_text(INTRODUCTION.format(wanted=WANTED_PERCENT) + table([*rows, total]), encoding="utf-8")
    print(table([*rows, total]))
    if total.percent < WANTED_PERCENT:
        print(f"{total.percent:.1f} % of the mutants were killed; {WANTED_PERCENT:g} % are wanted.")
        return 1
    return 0


def scores(mutants: Path) -> list[Score]:
    """Return a score for each file that mutants were planted in, by name."""
    rows = []
    for meta in sorted(mutants.rglob("*.py.meta")):
        verdicts = msgspec.json.decode(meta.read_bytes(), type=Verdicts)
        count = Counter(status_by_exit_code[code] in FOUND for code in verdicts.exit_code_by_key.values())
        file = meta.relative_to(mutants).as_posix().removesuffix(".meta")
        if count:
            rows.append(Score(file, killed=count[True], survived=count[False]))
    return rows


def table(rows: list[Score]) -> str:
    """Return the scores as a Markdown table."""
    lines = ["| file | mutants | killed | survived | score |", "|---|---:|---:|---:|---:|"]
    lines += [f"| {row.file} | {row.mutants} | {row.killed} | {row.survived} | {row.percent:.1f} % |" for row in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(Path("mutants"), Path("docs/mutants.md")))
