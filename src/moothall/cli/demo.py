"""`moothall demo`: a server of its own, four bots as processes of their own, and one conversation between them."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Final

import click

from moothall.cli.exits import clean_exit
from moothall.cli.serve import run_loop
from moothall.engine.events import SittingClosed
from moothall.errors import MoothallError
from moothall.settings import Settings
from moothall.wire.change import Change

__all__ = ["demo"]

_BOTS: Final = ("alice", "bob", "dora", "chuck")
_MAX_SECONDS: Final = 120


@click.command()
@click.option(
    "--pace", default=1.5, show_default=True, metavar="SECONDS", help="How long each bot thinks; 0 for not at all."
)
@click.option("--topic", default="", metavar="WORDS", help="What they talk about; else the host draws it.")
@click.option("--data", metavar="DIR", type=click.Path(path_type=Path), help="Where to keep what is said.")
def demo(pace: float, topic: str, data: Path | None) -> None:
    """Hold one conversation here: a server and four bots, over TCP.

    \b
    Examples:
      moothall demo
      moothall demo --pace 0 --topic "play chess"
    """  # noqa: D301 - \b is click's: keep these lines as they are
    with clean_exit():
        folder = data or Path(tempfile.mkdtemp(prefix="moothall-demo-"))
        settings = Settings(port=0, host="Batman", topics=(topic,) if topic else (), data=folder)
        run_loop(_hold(settings, pace))
        print(f"All of it is kept: moothall log main --data {folder}")


async def _hold(settings: Settings, pace: float) -> None:
    from moothall.cli.console import Console  # what only a running server needs: help is there at once
    from moothall.cli.paint import painter_for
    from moothall.wiring import start_server

    server = await start_server(settings)
    closed = asyncio.Event()

    def look(change: Change) -> None:
        if isinstance(change.event, SittingClosed):
            closed.set()

    console = Console(server.hall, _show, painter_for(sys.stdout))
    console.on_change = look
    _show(f"A server is open on port {server.port}. Four bots are on their way ...")
    try:
        async with asyncio.timeout(_MAX_SECONDS):
            bots = [await _start_bot(who, server.port, pace) for who in _BOTS]
            try:
                await _until_over(closed, bots)
            finally:
                for bot in bots:
                    if bot.returncode is None:
                        bot.terminate()
                    await bot.wait()
    except TimeoutError:
        raise MoothallError(f"The conversation did not end within {_MAX_SECONDS} s.") from None
    finally:
        await server.stop(close_sittings=True)


async def _start_bot(who: str, port: int, pace: float) -> asyncio.subprocess.Process:
    words = ("bot", who, "127.0.0.1", str(port), "--pace", str(pace), "--quiet")
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "moothall", *words, stdin=asyncio.subprocess.DEVNULL
    )


async def _until_over(closed: asyncio.Event, bots: list[asyncio.subprocess.Process]) -> None:
    """Wait until the sitting is closed and the bots have gone by themselves."""
    over = asyncio.ensure_future(closed.wait())
    ends = [asyncio.ensure_future(bot.wait()) for bot in bots]
    try:
        done, _ = await asyncio.wait((over, *ends), return_when=asyncio.FIRST_COMPLETED)
        if over not in done and any(end.result() for end in done if end is not over):
            raise MoothallError("A bot could not take part.")
        await over
        codes = await asyncio.gather(*ends)
    finally:
        for task in (over, *ends):
            task.cancel()
    if any(codes):
        raise MoothallError("A bot did not end well.")


def _show(line: str) -> None:
    print(line, flush=True)
