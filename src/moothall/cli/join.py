"""`moothall join`: a person takes a seat, at a terminal or through a pipe."""

from __future__ import annotations

import asyncio
import getpass
import sys
from typing import Final

import click

from moothall.bots.client import Client
from moothall.cli.ask import ask, parse_port, parse_typed_name
from moothall.cli.exits import clean_exit
from moothall.cli.output import Printer
from moothall.cli.typing_in import TypedLines
from moothall.engine.events import Kind
from moothall.engine.names import Name
from moothall.errors import BadFrame, BadSetting, Rejected
from moothall.hall.clock import SystemClock
from moothall.settings import DEFAULT_PORT
from moothall.views.roster import who_line
from moothall.wire.json_lines import Refused
from moothall.wire.text import Slash, SlashWord, Words, decode_typed, refusal

__all__ = ["join"]

_HELP: Final = (
    "Type words to say them in your turn. /pass gives the turn up, /who lists who is here, /leave leaves, "
    "//word says /word."
)


@click.command()
@click.argument("host", required=False)
@click.argument("port", required=False)
@click.argument("name", required=False)
@click.option("--room", default="main", show_default=True, metavar="NAME", help="The room to join.")
def join(host: str | None, port: str | None, name: str | None, room: str) -> None:
    """Take a seat yourself, as NAME, at the server on HOST and PORT; what you leave out is asked for.

    \b
    Examples:
      moothall join
      moothall join localhost 4242 Kari
    """  # noqa: D301 - \b is click's: keep these lines as they are
    with clean_exit():
        where = host or (ask("Host", "localhost", str) if sys.stdin.isatty() else "localhost")
        number = parse_port(port) if port else _ask_port()
        seat_name = parse_typed_name(name) if name else ask("Your name", _own_name(), parse_typed_name)
        asyncio.run(_Guest(where, number, room, seat_name).take_part())


class _Guest:
    """A person at this terminal, in one sitting."""

    def __init__(self, host: str, port: int, room: str, name: Name) -> None:
        self._printer = Printer()
        self._host, self._port, self._room, self._name = host, port, room, name
        self._client: Client | None = None
        self._has_typed_all = False

    async def take_part(self) -> None:
        """Read and type until the sitting is over, or `/leave`, or Ctrl-C."""
        while True:
            client = self._client = Client(
                self._host,
                self._port,
                room=self._room,
                name=self._name,
                kind=Kind.PERSON,
                on_notice=self._printer.note,
                on_refused=self._refused,
            )
            try:
                async with client:
                    await self._talk(client)
                return
            except Rejected as error:
                # A name that cannot be had is asked for again; anything else ends it.
                if client.seat is not None or error.reason not in ("name_taken", "bad_name") or not sys.stdin.isatty():
                    raise
                self._printer.line(refusal(error.reason, error.about))  # which is the server's own sentence
                self._name = ask("Your name", "", parse_typed_name)

    async def _talk(self, client: Client) -> None:
        typing = asyncio.create_task(self._type(client))
        take = self._printer.changes_for(lambda: Name(client.name))
        try:
            async for _ in client:
                if client.change is not None:
                    take(client.change)
                if self._has_typed_all and client.turn is not None and client.is_caught_up:
                    await client.pass_turn()
        finally:
            typing.cancel()
            await asyncio.gather(typing, return_exceptions=True)

    async def _type(self, client: Client) -> None:
        lines = TypedLines(self._prompt, words=[f"/{word}" for word in ("pass", "who", "help", "leave")])
        async for line in lines:
            await self._take(client, line)
        if lines.is_terminal:
            await client.leave()
        else:
            self._has_typed_all = True  # Who can say nothing more reads on, and passes.
            if client.turn is not None:
                await client.pass_turn()

    async def _take(self, client: Client, line: str) -> None:
        try:
            typed = decode_typed(line.encode("utf-8", "replace"))
        except BadFrame as error:
            self._printer.line(refusal(error.reason, str(error)))
            return
        match typed:
            case Words(""):
                pass
            case Words(text):
                await client.say(text)
            case Slash(SlashWord.PASS):
                await client.pass_turn()
            case Slash(SlashWord.LEAVE):
                await client.leave()
            case Slash(SlashWord.WHO):
                self._printer.line(f"* {who_line(client.room, 0, Name(client.name))}")
            case Slash():
                self._printer.line(f"* {_HELP}")

    def _refused(self, refused: Refused) -> None:
        self._printer.line(refusal(refused.reason, refused.text))

    def _prompt(self) -> str:
        client = self._client
        if client is None or not client.room.turns:
            return "> "
        turn = client.room.turns[0]
        who = "Your turn" if turn.name == client.name else f"{turn.name} has the floor"
        if turn.deadline is None:
            return f"{who}> "
        now = SystemClock(asyncio.get_running_loop()).now()
        return f"{who}, {max(turn.deadline - now, 0) // 1000} s> "


def _ask_port() -> int:
    return ask("Port", str(DEFAULT_PORT), parse_port) if sys.stdin.isatty() else DEFAULT_PORT


def _own_name() -> str:
    """Return the name of whoever sits here, where it can be a name."""
    try:
        return parse_typed_name(getpass.getuser().capitalize())
    except (BadSetting, ImportError, KeyError, OSError):  # nobody, says the system
        return ""
