"""Open a server for four clients: `python server.py [PORT]`, then `python client.py` four times.

It runs wherever Moothall is installed, or with the .venv that `make setup` puts beside this file.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def is_installed() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ("moothall", "click", "msgspec"))


def run_in_venv() -> int:
    """Run this file again with the Python of .venv, and end as it ends."""
    command = [str(PYTHON), str(Path(__file__).resolve()), *sys.argv[1:]]
    if os.name != "nt":
        os.execv(command[0], command)
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # Ctrl-C reaches both: the server says goodbye by itself.
            continue


def main() -> None:
    if is_installed():
        from moothall.cli.origin import main as serve

        serve()
    elif PYTHON.exists() and Path(sys.prefix).resolve() != VENV.resolve():
        sys.exit(run_in_venv())
    else:
        print("Moothall is not installed for this Python: run `make setup` or `pip install .` here, then try again.")
        sys.exit(2)


if __name__ == "__main__":
    main()
