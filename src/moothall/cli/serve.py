"""`moothall serve`: a server in the foreground, led from its terminal."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from moothall.cli.exits import clean_exit
from moothall.cli.hall_settings import wanted
from moothall.cli.options import EARLY
from moothall.engine.words import PolicyName, WhenShort
from moothall.log.folder import CONSOLE_HISTORY
from moothall.log.room_log import Durability
from moothall.settings import Settings, main_room

__all__ = ["run_loop", "run_server", "serve"]

_DEFAULTS: Final = Settings()
_GIVEN: Final = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)
_POLICIES: Final = ", ".join(policy for policy in PolicyName if policy is not PolicyName.CUSTOM)

_ENDED: Final = "The server has ended. Goodbye!"
_KEPT: Final = "The server has stopped; its sittings go on at the next start."


@click.command()
@click.option(
    "--port", default=str(_DEFAULTS.port), show_default=True, metavar="N", help="Where clients connect; 0: a free one."
)
@click.option("--bind", multiple=True, metavar="ADDRESS", help="Address to listen on; only this machine unless told.")
@click.option("--insecure", is_flag=True, help="Let other machines in, unencrypted: anybody who reaches the port.")
@click.option("--allow-host", multiple=True, metavar="NAME", help="Let browsers reach it by this name, too.")
@click.option(
    "--operator-token-file", metavar="FILE", help="Read the operator's token from FILE; it is made where there is none."
)
@click.option(
    "--seats",
    default=str(_DEFAULTS.seats),
    show_default=True,
    metavar="N",
    help="Seats of a room; a sitting waits for all.",
)
@click.option(
    "--gather-seconds",
    default=str(_DEFAULTS.gather_seconds),
    show_default=True,
    metavar="N",
    help="How long a room waits for its seats, from the first; 0: for ever.",
)
@click.option(
    "--when-short",
    default=_DEFAULTS.when_short.value,
    show_default=True,
    metavar="WORD",
    help=f"What follows then where seats are empty: {', '.join(WhenShort)}.",
)
@click.option("--reserve", default="", metavar="NAMES", help="Keep seats for these, as in Alice,Bob.")
@click.option("--hold-start", is_flag=True, help="Begin no sitting until you type start.")
@click.option("--topic", multiple=True, metavar="WORDS", help="Talk about this in every sitting. Repeat it for more.")
@click.option("--topics", metavar="FILE", help="Draw each sitting's topic from this file, one a line.")
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
@click.option("--rooms", metavar="NAMES", help="The only rooms there are: main,lab; or 30x4, thirty of 4 seats.")
@click.option("--label", multiple=True, metavar="KEY=VALUE", help="Note this with every sitting, for the export.")
@click.option("--seed", default="", metavar="WORD", help="The same seed draws the same topics.")
@click.option("--bare", is_flag=True, help="Plain lines are `Name: words` and nothing else, for old clients.")
@click.option(
    "--early",
    type=click.Choice(EARLY),
    default=EARLY[0],
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
@click.option("--config", metavar="FILE", help="Read all of this from a file, as in hall.toml; options hold before it.")
@click.option("--quiet", is_flag=True, help="Do not show the conversation.")
@click.option("--verbose", is_flag=True, help="Say on standard error what the server does.")
@click.pass_context
def serve(context: click.Context, /, config: str | None, **options: str | bool | tuple[str, ...]) -> None:
    """Open a server and lead it from this terminal: type help there; end or Ctrl-C stops it.

    A server that is killed, or told to terminate, goes on with its sittings at the next start.

    \b
    Examples:
      moothall serve
      moothall serve --seats 2 --topic hug --topic "play chess" --rounds 3
      moothall serve --policy request --until "seconds=600 or phrase=agreed"
      moothall serve --port 5000 --data :memory: --rooms main,lab
      moothall serve --config hall.toml
    """  # noqa: D301 - \b is click's: keep these lines as they are
    with clean_exit():
        given = {name: value for name, value in options.items() if context.get_parameter_source(name) in _GIVEN}
        asked = wanted(given, None if config is None else Path(config))
        logging.basicConfig(
            level=logging.INFO if asked.is_verbose else logging.WARNING,
            format="%(levelname)s %(name)s: %(message)s",
            handlers=[_OnStandardError()],
        )
        run_loop(run_server(asked.settings, is_quiet=asked.is_quiet))


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
    from moothall.cli.leading import Leading
    from moothall.cli.opening import opening_lines
    from moothall.cli.operator_token import make_token
    from moothall.cli.paint import painter_for
    from moothall.doors.web.token import OperatorToken
    from moothall.wiring import start_server

    stopped = asyncio.Event()
    is_terminated = _on_signals(stopped)  # first of all: whoever has read the opening may stop it
    token = make_token(settings.operator_token_file, is_shown=sys.stdout.isatty())
    server = await start_server(settings, operator_token=None if token is None else OperatorToken(token))
    console = Console(server.hall, _show, painter_for(sys.stdout), is_quiet=is_quiet)
    leading = Leading(server.hall, main_room(settings), stopped.set)
    if settings.data is not None:
        await leading.open(settings.data)
    for line in opening_lines(settings, server.port, server.hall.count(main_room(settings)), token):
        _show(line)
    del token  # from here on its hash is enough
    history = None if settings.data is None else settings.data / CONSOLE_HISTORY
    reading = asyncio.create_task(read_operator(console, server.hall, main_room(settings), _show, history=history))
    waiting = [asyncio.create_task(event.wait()) for event in (stopped, server.damaged)]
    try:
        await asyncio.wait((reading, *waiting), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (reading, *waiting):
            task.cancel()
        (mistake, *_) = await asyncio.gather(reading, *waiting, return_exceptions=True)
        keeps = is_terminated.is_set() or server.damage is not None or isinstance(mistake, Exception)
        last = _KEPT if keeps else _ENDED
        leading.close()
        await server.stop(close_sittings=not keeps)
        await leading.finish(last)
    if isinstance(mistake, Exception):
        raise mistake  # a bug of the console's: it ends the server, and no sitting
    if server.damage is not None:
        raise server.damage
    _show(last)


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
