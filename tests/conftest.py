"""What every test may lean on: calm Hypothesis, and tools that must be there when CI looks.

Rules of the house for tests: CONTRIBUTING.md.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

from moothall.engine import until

# Two shared cores: a slow example says something about the machine, not about us.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Hundreds of planted faults run the same properties: fewer examples each, the same ones every time.
settings.register_profile("mutants", parent=settings.get_profile("default"), max_examples=30, derandomize=True)
settings.load_profile("mutants" if "MUTANT_UNDER_TEST" in os.environ else "default")


@pytest.fixture(autouse=True)
def _reads_every_ending_anew() -> None:
    """Let no test lean on an ending that another has read already: a fault in the reading would not be found."""
    for remembers in (until.parse_until, until.seat_budget, until._phrases):
        remembers.cache_clear()


@pytest.fixture(scope="session")
def needs_tool() -> Callable[[str], str]:
    """Return a function that finds a program, `needs_tool("nc")`, and ends the test where it is missing.

    Missing is a skip under plain pytest, and an error under `make test`: CI can't go green by skipping.
    """

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is not None:
            return path
        reason = f"{name} is not installed"
        if os.environ.get("MOOTHALL_STRICT"):
            pytest.fail(f"{reason}; make test wants it")
        pytest.skip(reason)

    return find
