"""`python server.py`: the server of the assignment that Moothall grew from; it asks for its port (docs/origin.md)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from moothall.cli.ask import ask, parse_port
from moothall.cli.exits import clean_exit
from moothall.cli.output import set_up_output
from moothall.cli.serve import run_loop, run_server
from moothall.settings import DEFAULT_PORT, Settings, default_data_folder

__all__ = ["origin"]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("port", required=False)
def origin(port: str | None) -> None:
    """Open a server for four clients, led by Batman, on PORT; without it you are asked.

    \b
    Examples:
      python server.py
      python server.py 4242
    """  # noqa: D301 - \b is click's: keep these lines as they are
    with clean_exit():
        number = parse_port(port) if port else ask("Port number", str(DEFAULT_PORT), parse_port)
        data = os.environ.get("MOOTHALL_DATA")
        folder = Path(data) if data else default_data_folder()
        run_loop(run_server(Settings(port=number, host="Batman", data=folder)))


def main() -> None:
    """Run `server.py`."""
    set_up_output()
    origin(prog_name=Path(sys.argv[0]).name)
