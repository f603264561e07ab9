"""`moothall serve`: a server in the foreground, led from its terminal."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

import click

from moothall.cli.exits import clean_exit
from moothall.cli.options import (
    folder_of,
    labels_of,
    number_of,
    on_missed_of,
    policy_of,
    rounds_of,
    seat_seconds_of,
    whole_number,
)
from moothall.engine.names import RoomName
from moothall.engine.words import PolicyName
from moothall.log.room_log import Durability
from moothall.settings import Settings, is_loopback

__all__ = ["run_loop", "run_server", "serve"]

_DEFAULTS: Final = Settings()
_POLICIES: Final = ", ".join(policy for policy in PolicyName if policy is not PolicyName.CUSTOM)


@click.command()
@click.option(
    "--port", default=str(_DEFAULTS.port), show_default=True, metavar="N", help="Where clients connect; 0: a free one."
)
@click.option("--bind", multiple=True, metavar="ADDRESS", help="Address to listen on; only this machine unless told.")
@click.option("--insecure", is_flag=True, help="Let other machines in, unencrypted: anybody who reaches the port.")
@click.option(
    "--seats",
    default=str(_DEFAULTS.seats),
    show_default=True,
    metavar="N",
    help="Seats of a room; a sitting waits for all.",
)
@click.option("--topic", multiple=True, metavar="WORDS", help="Talk about this in every sitting. Repeat it for more.")
@click.option("--question", default=_DEFAULTS.question, show_default=True, help="How the host asks.")
@click.option("--host", default=_DEFAULTS.host, show_default=True, metavar="NAME", help="The voice that opens topics.")
@click.option(
    "--policy",
    default=_DEFAULTS.policy.value,
    show_default=True,
    metavar="WORD",
    help=f"Who is next: {_POLICIES}, or a function of yours as file.py:function.",
)
@click.option("--rounds", metavar="N", help="Turns of each seat in a topic; 1 unless told.")
@click.option("--until", default="", metavar="TEXT", help='Close a topic then, as in "rounds=3 or phrase=agreed".')
@click.option("--chair", default="", metavar="NAME", help="Who leads the conversation, once seated.")
@click.option(
    "--turn-seconds",
    default=str(_DEFAULTS.turn_seconds),
    show_default=True,
    metavar="N",
    help="Length of a turn; 0: no deadline.",
)
@click.option(
    "--seat-seconds", multiple=True, metavar="NAME=N", help="Length of a turn of this one. Repeat it for more."
)
@click.option(
    "--missed-turns",
    default=str(_DEFAULTS.missed_turns),
    show_default=True,
    metavar="N",
    help="Turns missed in a row before --on-missed.",
)
@click.option(
    "--on-missed",
    default=_DEFAULTS.on_missed.value,
    show_default=True,
    metavar="WORD",
    help="What then becomes of the seat: bench (no turns until it returns), remove, or none.",
)
@click.option(
    "--away-seconds",
    default=str(_DEFAULTS.away_seconds),
    show_default=True,
    metavar="N",
    help="How long a lost one's seat is held.",
)
@click.option("--stay", is_flag=True, help="Keep everyone after the last topic, and wait for another.")
@click.option("--rooms", metavar="NAMES", help="The only rooms there are, as in main,lab; else joining opens one.")
@click.option("--label", multiple=True, metavar="KEY=VALUE", help="Note this with every sitting, for the export.")
@click.option("--seed", default="", metavar="WORD", help="The same seed draws the same topics.")
@click.option("--bare", is_flag=True, help="Plain lines are `Name: words` and nothing else, for old clients.")
@click.option(
    "--early",
    type=click.Choice(["keep", "refuse"]),
    default="keep",
    show_default=True,
    help="Words that come before their turn, over plain lines.",
)
@click.option(
    "--data",
    metavar="DIR",
    envvar="MOOTHALL_DATA",
    help="Where everything said is kept; :memory: keeps nothing. Usually in the folder for such data.",
)
@click.option(
    "--durability",
    type=click.Choice([durability.value for durability in Durability]),
    default=_DEFAULTS.durability.value,
    show_default=True,
    help="What a committed word survives: a power cut, a crash of the server, or neither.",
)
@click.option(
    "--keep-days",
    default=str(_DEFAULTS.keep_days),
    show_default=True,
    metavar="N",
    help="Forget sittings that ended so long ago; 0: never.",
)
@click.option(
    "--keep-entries",
    default=str(_DEFAULTS.keep_entries),
    show_default=True,
    metavar="N",
    help="Forget sittings beyond the newest N events of their room; 0: none.",
)
@click.option("--quiet", is_flag=True, help="Do not show the conversation.")
@click.option("--verbose", is_flag=True, help="Say on standard error what the server does.")
def serve(  # noqa: PLR0913, PLR0917 - an option each
    port: str,
    bind: tuple[str, ...],
    insecure: bool,
    seats: str,
    topic: tuple[str, ...],
    question: str,
    host: str,
    policy: str,
    rounds: str | None,
    until: str,
    chair: str,
    turn_seconds: str,
    seat_seconds: tuple[str, ...],
    missed_turns: str,
    on_missed: str,
    away_seconds: str,
    stay: bool,
    rooms: str | None,
    label: tuple[str, ...],
    seed: str,
    bare: bool,
    early: str,
    data: str | None,
    durability: str,
    keep_days: str,
    keep_entries: str,
    quiet: bool,
    verbose: bool,
) -> None:
    """Open a server and lead it from this terminal: type help there; end or Ctrl-C stops it.

    A server that is killed, or told to terminate, goes on with its sittings at the next start.

    \b
    Examples:
      moothall serve
      moothall serve --seats 2 --topic hug --topic "play chess" --rounds 3
      moothall serve --policy request --until "seconds=600 or phrase=agreed"
      moothall serve --port 5000 --data :memory: --rooms main,lab
    """  # noqa: D301 - \b is click's: keep these lines as they are
    with clean_exit():
        named, function = policy_of(policy)
        settings = Settings(
            port=whole_number("--port", port),
            bind=bind or _DEFAULTS.bind,
            insecure=insecure,
            data=folder_of(data),
            durability=Durability(durability),
            keep_days=number_of("days", "--keep-days", keep_days),
            keep_entries=whole_number("--keep-entries", keep_entries),
            rooms=tuple(name.strip() for name in rooms.split(",")) if rooms is not None else (),
            seats=whole_number("--seats", seats),
            host=host,
            topics=topic,
            question=question,
            policy=named,
            custom_policy=function,
            rounds=rounds_of(rounds, until),
            until=until,
            chair=chair.strip(),
            turn_seconds=number_of("seconds", "--turn-seconds", turn_seconds),
            seat_seconds=seat_seconds_of(seat_seconds),
            missed_turns=whole_number("--missed-turns", missed_turns),
            on_missed=on_missed_of(on_missed),
            away_seconds=number_of("seconds", "--away-seconds", away_seconds),
            stay=stay,
            seed=seed,
            labels=labels_of(label),
            bare=bare,
            early=early == "keep",
        )
        logging.basicConfig(
            level=logging.INFO if verbose else logging.WARNING,
            format="%(levelname)s %(name)s: %(message)s",
            handlers=[_OnStandardError()],
        )
        run_loop(run_server(settings, is_quiet=quiet))


class _OnStandardError(logging.Handler):
    """Writes to whatever standard error is at the moment: while somebody types, that is above the typing."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):  # it may be a file on the disk whose being full is to be told
            print(self.format(record), file=sys.stderr, flush=True)


async def run_server(settings: Settings, *, is_quiet: bool = False) -> None:
    """Serve until the operator types `end`, or a signal stops it.

    Raises:
        DataCorrupt: the log was found to be damaged while it was written.
    """
    from moothall.cli.console import Console, read_operator  # what only a running server needs: help is there at once
    from moothall.cli.paint import painter_for
    from moothall.wiring import start_server

    stopped = asyncio.Event()
    is_terminated = _on_signals(stopped)  # first of all: whoever has read the opening may stop it
    server = await start_server(settings)
    console = Console(server.hall, _show, painter_for(sys.stdout), is_quiet=is_quiet)
    for line in _opening(settings, server.port, server.hall.count(_main_room(settings))):
        _show(line)
    reading = asyncio.create_task(read_operator(console, server.hall, _main_room(settings), _show))
    waiting = [asyncio.create_task(event.wait()) for event in (stopped, server.damaged)]
    try:
        await asyncio.wait((reading, *waiting), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (reading, *waiting):
            task.cancel()
        (mistake, *_) = await asyncio.gather(reading, *waiting, return_exceptions=True)
        keeps = is_terminated.is_set() or server.damage is not None or isinstance(mistake, Exception)
        await server.stop(close_sittings=not keeps)
    if isinstance(mistake, Exception):
        raise mistake  # a bug of the console's: it ends the server, and no sitting
    if server.damage is not None:
        raise server.damage
    _show(
        "The server has stopped; its sittings go on at the next start." if keeps else "The server has ended. Goodbye!"
    )


def run_loop(main: Coroutine[Any, Any, None]) -> None:
    """Run a verb on the quickest event loop that there is."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def _opening(settings: Settings, port: int, count: tuple[int, int]) -> list[str]:
    here, seats = count
    lines = [f"Moothall is open on port {port}. Waiting for clients: {here}/{seats} here."]
    if not all(is_loopback(address) for address in settings.bind):
        where = ", ".join(settings.bind)
        lines.append(f"! INSECURE: whoever reaches {where} port {port} can take part, and nothing is encrypted.")
    if settings.policy is PolicyName.CHAIR and not settings.chair:
        lines.append("Nobody is in the chair: type chair NAME. Until then the fewest turns go first.")
    if settings.data is None:
        lines.append("Nothing is kept: --data :memory:.")
    lines.append(f"Join it: moothall join localhost {port}, or nc localhost {port}")
    lines.append(f"Send a bot: moothall bot alice localhost {port}")
    lines.append("Type help for what you can do here, end to stop.")
    return lines


def _on_signals(stopped: asyncio.Event) -> asyncio.Event:
    """Set `stopped` at Ctrl-C and when the process is told to terminate; return what the latter alone sets.

    Whoever asks a second time does not wait for the goodbyes: the process ends at once.
    """
    is_terminated = asyncio.Event()
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        stopped.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):
                loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    def terminate() -> None:
        is_terminated.set()
        interrupt()

    for number, act in ((signal.SIGINT, interrupt), (signal.SIGTERM, terminate)):
        try:
            loop.add_signal_handler(number, act)
        except NotImplementedError:  # Windows: the handler runs between two lines of Python, the loop must be woken.
            signal.signal(number, lambda _number, _frame, act=act: loop.call_soon_threadsafe(act))  # type: ignore[misc]
    return is_terminated


def _show(line: str) -> None:
    print(line, flush=True)


def _main_room(settings: Settings) -> RoomName:
    return RoomName(settings.rooms[0] if settings.rooms else "main")
