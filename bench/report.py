"""Measured figures as a table for people, and as the page docs/benchmarks.md.

A cell is a median; the first figure also shows its least and its most, and its ratio to the first server. The ratio is
taken within each run and only then made a median, so that what slows a whole run down cancels out.
"""

import statistics
import textwrap
from collections.abc import Sequence

from bench.sides import Side
from bench.suites import Figure, Goal, Measured, Results, Suite

__all__ = ["page", "table", "verdicts"]

PAGE_WIDTH = 120  # characters, as in all of docs/

INTRODUCTION = """\
# Benchmarks

What Moothall costs, beside a relay in C that does nothing but copy lines (`bench/relay.c`: no rules, no storage, one
write a member and tick). `power`, `crash` and `none` are Moothall at each `--durability`.

CPU time is that of the server's process, user and system. All servers take their turns within each run, each started
afresh; a cell is the median of all runs, with the least and the most beside it. A ratio is taken within each run. Only
CPU time and ratios of one such run are worth comparing; latencies depend on how the machine was shared.
"""


def table(suite: Suite, results: Results) -> str:
    """Return the suite's figures, aligned for a terminal; it is a Markdown table, too."""
    rows = [_heading(suite), *(_row(suite, results, rooms, side) for rooms, side in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rule = ["-" * width if column == 1 else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
    return "\n".join(_line(row, widths) for row in [rows[0], rule, *rows[1:]])


def verdicts(suite: Suite, results: Results) -> list[str]:
    """Return a sentence for each goal of the suite."""
    sides = {side.name: side for _, side in results}
    first = suite.sides[0].name
    return [_verdict(goal, first, _ratios(suite, results, goal.rooms, sides[goal.side])) for goal in suite.goals]


def page(command: str, machine: Sequence[tuple[str, str]], measured: Sequence[tuple[Suite, Results]]) -> str:
    """Return the whole of docs/benchmarks.md."""
    parts = [INTRODUCTION, f"Measured with `{command}` on\n"]
    parts.append("\n".join(f"- {what}: {value}" for what, value in machine) + "\n")
    for suite, results in measured:
        runs = len(next(iter(results.values())))
        about = textwrap.fill(f"{suite.about} n = {runs}.", PAGE_WIDTH)
        parts.append(f"## {suite.title}\n\n{about}\n\n{table(suite, results)}\n")
        parts.extend(f"{sentence}\n" for sentence in verdicts(suite, results))
    return "\n".join(parts)


def _heading(suite: Suite) -> list[str]:
    first, *others = suite.figures
    return [
        "rooms",
        "server",
        f"{first.title} (least–most)",
        f"× {suite.sides[0].name} (least–most)",
        *(f.title for f in others),
    ]


def _row(suite: Suite, results: Results, rooms: int, side: Side) -> list[str]:
    first, *others = suite.figures
    ratios = _ratios(suite, results, rooms, side)
    return [
        str(rooms),
        side.name,
        _with_spread(_values(first, results[rooms, side]), first.digits),
        "1" if side == suite.sides[0] else _with_spread(ratios, 2),
        *(f"{statistics.median(_values(figure, results[rooms, side])):.{figure.digits}f}" for figure in others),
    ]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    # Names stand left, figures right.
    padded = (
        cell.ljust(width) if column == 1 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"| {' | '.join(padded)} |"


def _verdict(goal: Goal, first: str, ratios: Sequence[float]) -> str:
    median = statistics.median(ratios)
    return (
        f"Goal: {goal.side} at {goal.rooms} rooms costs at most {goal.limit:g} × the {first}. "
        f"It costs {median:.2f} ×: {'met' if median <= goal.limit else 'missed'}."
    )


def _ratios(suite: Suite, results: Results, rooms: int, side: Side) -> list[float]:
    ours = _values(suite.figures[0], results[rooms, side])
    firsts = _values(suite.figures[0], results[rooms, suite.sides[0]])
    return [our / first for our, first in zip(ours, firsts, strict=True)]


def _with_spread(values: Sequence[float], digits: int) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def _values(figure: Figure, measured: Sequence[Measured]) -> list[float]:
    return [one[figure.key] / figure.scale for one in measured]
