"""`server.py` runs wherever Moothall is installed, or beside its .venv, and else says what to do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.processes import ROOT, SERVER, a_terminal, free_port, needs_terminals

BARE_PYTHON = (sys.executable, "-I", "-S")  # without site-packages: nothing of ours is installed for it


def run_copy(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    copy = shutil.copy(ROOT / "server.py", folder)
    return subprocess.run([*BARE_PYTHON, copy, *words], capture_output=True, text=True, timeout=30, check=False)


def test_a_python_without_our_packages_is_told_what_to_do(tmp_path: Path) -> None:
    """One sentence, and never a traceback."""
    ended = run_copy(tmp_path)

    assert (ended.returncode, ended.stderr) == (2, "")
    assert ended.stdout == (
        "Moothall is not installed for this Python: run `make setup` or `pip install .` here, then try again.\n"
    )


@pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="the tests run without a venv, so there is none to lend")
def test_the_venv_beside_it_is_used(tmp_path: Path) -> None:
    """Whoever has said `make setup` need not know what a venv is."""
    (tmp_path / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    ended = run_copy(tmp_path, "--help")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("Usage: server.py [OPTIONS] [PORT]")


@needs_terminals
async def test_ctrl_c_ends_it(tmp_path: Path) -> None:
    """As `end` does, at the prompt where one types."""
    with a_terminal(*SERVER, str(free_port()), MOOTHALL_DATA=str(tmp_path)) as server:
        await server.reads("Waiting for clients: 0/4 here.", "moothall>")
        server.press("c")
        await server.reads("The server has ended. Goodbye!")
        assert await server.ends() == 0
