"""`moothall watch`: look on, without a seat."""

from __future__ import annotations

import asyncio

import click

from moothall.bots.client import Client
from moothall.cli.ask import parse_port
from moothall.cli.exits import clean_exit
from moothall.cli.output import Printer

__all__ = ["watch"]


@click.command()
@click.argument("room", default="main")
@click.argument("host", default="localhost")
@click.argument("port", default="4242")
@click.option("--stay", is_flag=True, help="Look on at the next sitting too, until Ctrl-C.")
def watch(room: str, host: str, port: str, stay: bool) -> None:
    """Look on in ROOM (main, if you don't say) until the sitting is over, or Ctrl-C.

    \b
    Examples:
      moothall watch
      moothall watch lab localhost 5000
    """  # noqa: D301 - \b is click's: keep these lines as they are
    with clean_exit():
        asyncio.run(_watch(room, host, parse_port(port), stay=stay))


async def _watch(room: str, host: str, port: int, *, stay: bool) -> None:
    printer = Printer()
    take = printer.changes_for(lambda: None)
    while True:
        async with Client(host, port, room=room, watch=True, on_notice=printer.note) as client:
            printer.note(f"You watch room {room} at {host}, port {port}. Ctrl-C leaves.")
            async for _ in client:
                if client.change is not None:
                    take(client.change)
        if not stay:
            return
