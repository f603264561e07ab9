"""How much is tried: little with the other tests, much under `make torture`."""

from __future__ import annotations

import os
from typing import Final

__all__ = ["IS_TORTURE", "amount"]

IS_TORTURE: Final = "MOOTHALL_TORTURE" in os.environ


def amount(*, ci: int, torture: int) -> int:
    """Return how many are tried in this run."""
    return torture if IS_TORTURE else ci
