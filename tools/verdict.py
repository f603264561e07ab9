"""The last word of `make test`: is enough of the source covered, and how many tests passed.

Reads what the test run left (.coverage and a JUnit file), prints a line per demand and then
`N passed, N failed`; exits 1 where a demand isn't met. It runs no tests itself.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec
from coverage import Coverage

__all__ = ["Demand", "Totals", "covered", "main", "summary"]


class Demand(NamedTuple):
    """At least `percent` of the lines, and of the branches, of what the patterns name."""

    what: str
    percent: float
    patterns: list[str] | None


class Totals(msgspec.Struct):
    """The part of coverage's report that we read."""

    covered_lines: int
    num_statements: int
    covered_branches: int
    num_branches: int


class Report(msgspec.Struct):
    """A report of coverage's; it knows more than this."""

    totals: Totals


DEMANDS = (
    Demand("everything", 90, None),
    Demand("engine, wire and views", 98, ["*/moothall/engine/*", "*/moothall/wire/*", "*/moothall/views/*"]),
)


def main(junit: str) -> int:
    """Print the verdict. Returns the exit code."""
    coverage = Coverage()
    coverage.load()
    met = [judge(demand, covered(coverage, demand)) for demand in DEMANDS]
    print(summary(ET.parse(junit).getroot()))  # noqa: S314 (pytest wrote it a moment ago)
    return 0 if all(met) else 1


def judge(demand: Demand, totals: Totals) -> bool:
    """Print what is covered and what was wanted; say whether it is enough."""
    lines = share(totals.covered_lines, totals.num_statements)
    branches = share(totals.covered_branches, totals.num_branches)
    met = min(lines, branches) >= demand.percent
    print(
        f"coverage of {demand.what}: {lines:.1f} % of lines, {branches:.1f} % of branches"
        f" ({demand.percent:g} % wanted{'' if met else ': make cover shows what is missed'})"
    )
    return met


def share(part: int, whole: int) -> float:
    """Return a percentage; all of nothing is 100 %."""
    return 100 * part / whole if whole else 100.0


def covered(coverage: Coverage, demand: Demand) -> Totals:
    """Ask coverage for its totals, as it gives them to programs: as JSON, in a file."""
    with TemporaryDirectory() as folder:
        outfile = Path(folder) / "coverage.json"
        coverage.json_report(outfile=str(outfile), include=demand.patterns)
        return msgspec.json.decode(outfile.read_bytes(), type=Report).totals


def summary(root: ET.Element) -> str:
    """Return `N passed, N failed` (and skipped, if any) from a JUnit file."""
    suites = list(root.iter("testsuite"))
    tests, failures, errors, skipped = (
        sum(int(suite.get(kind, "0")) for suite in suites) for kind in ("tests", "failures", "errors", "skipped")
    )
    passed = tests - failures - errors - skipped
    return f"{passed} passed, {failures + errors} failed" + (f", {skipped} skipped" if skipped else "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
