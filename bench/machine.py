"""What the figures were measured on; without it they mean nothing.

Never a name, an address or a path: the report is published.
"""

import os
import platform
import re
import sqlite3
import statistics
import subprocess
import tempfile
import time
from importlib import metadata
from pathlib import Path

from bench.programs import BUILD, FLAGS, compiler

__all__ = ["machine"]

SYNCS = 50
SYNCED_BYTES = 4096  # a page of SQLite's, about what one turn writes


def machine() -> list[tuple[str, str]]:
    """Return what there is to know about this machine, as (what, value)."""
    return [
        ("processor", f"{_processor()}, {os.cpu_count()} cores, shared and not pinned"),
        ("system", f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}"),
        ("Python", f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}, {_event_loop()}"),
        ("compiler", f"{_compiler()}, {FLAGS[0]}"),
        ("disk", f"a synced write of {SYNCED_BYTES} bytes takes {_sync_us():.0f} µs (median of {SYNCS})"),
    ]


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.machine()


def _event_loop() -> str:
    try:
        return f"uvloop {metadata.version('uvloop')}"
    except metadata.PackageNotFoundError:
        return "asyncio"


def _compiler() -> str:
    version = subprocess.run([compiler(), "--version"], capture_output=True, text=True, check=False).stdout
    return version.splitlines()[0] if version else "a C compiler"


def _sync_us() -> float:
    # Where the servers keep their data while they are measured.
    BUILD.mkdir(exist_ok=True)
    took = []
    with tempfile.TemporaryFile(dir=BUILD) as file:
        for _ in range(SYNCS):
            file.write(bytes(SYNCED_BYTES))
            file.flush()
            before = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - before) * 1e6)
    return statistics.median(took)
