"""`python -m bench`: measure, show, and with --write keep the page docs/benchmarks.md."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.errors import BenchError
from bench.machine import machine
from bench.programs import compiled
from bench.report import page, table, verdicts
from bench.suites import SUITES, Pace, Results, Suite, measure

__all__ = ["main"]

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
RUNS, PACE = 5, Pace(warm_seconds=1.0, seconds=3.0)
# Enough to see whether it works at all; too short to compare.
QUICK_RUNS, QUICK_PACE = 2, Pace(warm_seconds=0.3, seconds=1.0)


def main(arguments: Sequence[str]) -> int:
    """Return the exit code: 0, or 1 when something keeps us from measuring. A missed goal is a result, not an error."""
    parser = _parser()
    options = parser.parse_args(arguments)
    names = {suite.name for suite in SUITES}
    if unknown := [name for name in options.suites if name not in names]:
        parser.error(f"there is no suite {unknown[0]}; there are {', '.join(sorted(names))}")
    suites = [suite for suite in SUITES if suite.name in (options.suites or names)]
    runs = options.runs or (QUICK_RUNS if options.quick else RUNS)
    if options.write and (len(suites) < len(SUITES) or options.quick):
        parser.error("--write needs every suite at full length, so that the whole page is of one measurement")
    try:
        measured = _measure_all(suites, runs, QUICK_PACE if options.quick else PACE)
        if options.write:
            _write_page(f"python -m bench --runs {runs} --write", measured)
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    names = ", ".join(suite.name for suite in SUITES)
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure what Moothall costs, beside a relay in C that only copies lines."
    )
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"what to measure: {names} (default: all)")
    parser.add_argument("--runs", type=_positive, metavar="N", help=f"how often (default {RUNS}, quick {QUICK_RUNS})")
    parser.add_argument("--quick", action="store_true", help="short runs: to see that it works, not to compare")
    parser.add_argument("--write", action="store_true", help=f"write docs/{PAGE.name}")
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 up")
    return int(text)


def _measure_all(suites: Sequence[Suite], runs: int, pace: Pace) -> list[tuple[Suite, Results]]:
    if sys.platform != "linux":
        raise BenchError("The bench runs on Linux only: it reads there what a process has used.")
    _allow_many_connections()
    for program in ("relay", *dict.fromkeys(suite.program for suite in suites)):
        compiled(program)
    measured = []
    for suite in suites:
        results = measure(suite, runs, pace, lambda line: print(line, file=sys.stderr, flush=True))
        print(f"\n{suite.title}, n = {runs}\n\n{table(suite, results)}\n")
        print(*verdicts(suite, results), sep="\n", flush=True)
        measured.append((suite, results))
    return measured


def _allow_many_connections() -> None:
    import resource  # not there on Windows

    # Each connection is a descriptor in the server and one in the load generator; both inherit our limit.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _write_page(command: str, measured: Sequence[tuple[Suite, Results]]) -> None:
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(command, machine(), measured), encoding="utf-8")
    print(f"Written: docs/{PAGE.name}")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
