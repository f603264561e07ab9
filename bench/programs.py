"""The programs in C, compiled when they are older than their source.

They are in C so that neither the reference nor the load generator is what a figure measures.
"""

import os
import shutil
import subprocess
from pathlib import Path

from bench.errors import BenchError

__all__ = ["BUILD", "FLAGS", "compiled", "compiler"]

BUILD = Path(__file__).parent / "build"
FLAGS = ("-O2", "-std=gnu11", "-Wall", "-Wextra")


def compiler() -> str:
    """Return the C compiler's path.

    Raises:
        BenchError: there is none.
    """
    for name in ("gcc", "cc", "clang"):
        if path := shutil.which(name):
            return path
    raise BenchError("The bench needs a C compiler: install gcc, and run it again.")


def compiled(name: str) -> Path:
    """Return the program made from `name`.c, compiled now if it is not up to date.

    Raises:
        BenchError: there is no compiler, or it does not take our source (the load generator needs Linux).
    """
    source, program = Path(__file__).with_name(f"{name}.c"), BUILD / name
    newest = max(file.stat().st_mtime for file in (source, *source.parent.glob("*.h")))
    if program.exists() and program.stat().st_mtime > newest:
        return program
    BUILD.mkdir(exist_ok=True)
    ours = BUILD / f"{name}.{os.getpid()}"  # tests that run beside each other may want the same program
    made = subprocess.run([compiler(), *FLAGS, "-o", ours, source], capture_output=True, text=True, check=False)
    if made.returncode:
        raise BenchError(f"{name}.c could not be compiled here:\n{made.stderr}")
    return ours.replace(program)
