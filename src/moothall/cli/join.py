"""`moothall join`: a person takes a seat, at a terminal or through a pipe."""

from __future__ import annotations

import asyncio
import getpass
import sys
from contextlib import aclosing
from typing import Final, cast

import click
from msgspec.structs import asdict

from moothall.bots.asks import RuleChanges
from moothall.bots.client import Client
from moothall.cli.ask import ask, parse_port, parse_typed_name
from moothall.cli.completing import guest_lines
from moothall.cli.exits import clean_exit
from moothall.cli.output import Printer
from moothall.cli.status import Prompt, floor_words, turn_prompt
from moothall.cli.typing_in import TypedLines
from moothall.engine.chair import grant_floor
from moothall.engine.commands import Grant, RequestFloor, Return, SetRules, Withdraw
from moothall.engine.floor import request_floor, withdraw
from moothall.engine.names import Name
from moothall.engine.room import Room
from moothall.engine.seats import come_off_bench
from moothall.engine.words import Kind
from moothall.errors import BadFrame, BadSetting, Reason, Rejected
from moothall.hall.clock import SystemClock
from moothall.settings import DEFAULT_PORT
from moothall.views.roster import who_line
from moothall.wire.change import Change
from moothall.wire.replies import Refused, WhoReply
from moothall.wire.sentences import sentence
from moothall.wire.set_words import parse_set
from moothall.wire.text import refusal
from moothall.wire.typed import CHAIR_HELP, Slash, SlashWord, Words, decode_typed

__all__ = ["join"]

_HELP: Final = (
    "Type words to say them in your turn. /pass gives the turn up, /ask asks for the floor, /withdraw no longer does, "
    "/return leaves the bench, /who lists who is here, /leave leaves, //word says /word."
)
_BELL: Final = "\a"


@click.command()
@click.argument("host", required=False)
@click.argument("port", required=False)
@click.argument("name", required=False)
@click.option(
    "--room", default="main", show_default=True, metavar="NAME", help="The room to join; any: whichever has a seat."
)
@click.option("--wait", is_flag=True, help="Where the room is full, wait for a seat.")
def join(host: str | None, port: str | None, name: str | None, room: str, wait: bool) -> None:
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
        asyncio.run(_Guest(where, number, room, seat_name, waits=wait).take_part())


class _Guest:
    """A person at this terminal, in one sitting."""

    def __init__(self, host: str, port: int, room: str, name: Name, *, waits: bool) -> None:
        self._waits = waits
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
                wait=self._waits,
                on_notice=self._printer.note,
                on_refused=self._refused,
                on_who=self._who,
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
                    self._ring(client, client.change)
                    take(client.change)
                if self._has_typed_all and client.turn is not None and client.is_caught_up:
                    await client.pass_turn()
        finally:
            typing.cancel()
            await asyncio.gather(typing, return_exceptions=True)

    async def _type(self, client: Client) -> None:
        lines = TypedLines(
            lambda: self._prompt(client), complete=lambda typed: guest_lines(typed, client.room, Name(client.name))
        )
        async with aclosing(aiter(lines)) as typed:
            async for line in typed:
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
            case Slash(word, words) if _changes_nothing(client.room, Name(client.name), word, words):
                self._printer.note("That is so already.")
            case Slash(SlashWord.ASK):
                await client.request_floor()
            case Slash(SlashWord.WITHDRAW):
                await client.withdraw()
            case Slash(SlashWord.RETURN):
                await client.come_off_bench()
            case Slash(SlashWord.LEAVE):
                await client.leave()
            case Slash(SlashWord.WHO):
                if not await client.who():
                    self._here(client, 0)
            case Slash(word, words):
                await self._lead(client, word, words)

    async def _lead(self, client: Client, word: SlashWord, words: str) -> None:
        match word:
            case SlashWord.GRANT:
                await client.grant(words)
            case SlashWord.REVOKE:
                await client.revoke(words or None)
            case SlashWord.TOPIC:
                await client.queue_topic(words)
            case SlashWord.NEXT:
                await client.next_topic()
            case SlashWord.SET:
                await self._set(client, words)
            case _:
                is_chair = client.room.seated_chair == client.name
                self._printer.line(f"* {_HELP} {CHAIR_HELP}" if is_chair else f"* {_HELP}")

    async def _set(self, client: Client, words: str) -> None:
        try:
            command = parse_set(words, None)
        except Rejected as wrong:
            self._printer.line(refusal(wrong.reason, sentence(wrong)))
            return
        await client.set_rules(**_changes(command))

    def _refused(self, refused: Refused) -> None:
        words = refused.text
        client = self._client
        if refused.reason is Reason.TURN_OVER and client is not None and client.room.turns and client.turn is None:
            words = f"{words} {floor_words(client.room.turns)}."
        self._printer.line(refusal(refused.reason, words))

    def _who(self, reply: WhoReply) -> None:
        if self._client is not None:
            self._here(self._client, reply.watching)

    def _here(self, client: Client, watching: int) -> None:
        self._printer.line(f"* {who_line(client.room, watching, Name(client.name))}")

    def _ring(self, client: Client, change: Change) -> None:
        name = Name(client.name)
        begins = change.before.turn_of(name) is None and change.after.turn_of(name) is not None
        if begins and client.is_caught_up and sys.stdout.isatty():
            sys.stdout.write(_BELL)  # it goes out with the line that says so

    def _prompt(self, client: Client) -> Prompt:
        return turn_prompt(client.room, Name(client.name), SystemClock(asyncio.get_running_loop()).now())


def _changes_nothing(room: Room, name: Name, word: SlashWord, words: str) -> bool:
    """Tell whether what is asked for with a word is so already, by the rules themselves: the server is silent then."""
    try:
        match word:
            case SlashWord.ASK:
                return not request_floor(room, RequestFloor(name))
            case SlashWord.WITHDRAW:
                return not withdraw(room, Withdraw(name))
            case SlashWord.RETURN:
                return not come_off_bench(room, Return(name))
            case SlashWord.GRANT:
                return not grant_floor(room, Grant(words, by=name), room.at)
            case _:
                return False
    except Rejected:
        return False  # it is for the server to say why


def _changes(command: SetRules) -> RuleChanges:
    changed = {name: value for name, value in asdict(command).items() if name != "by" and value is not None}
    return cast(RuleChanges, changed)


def _ask_port() -> int:
    return ask("Port", str(DEFAULT_PORT), parse_port) if sys.stdin.isatty() else DEFAULT_PORT


def _own_name() -> str:
    """Return the name of whoever sits here, where it can be a name."""
    try:
        return parse_typed_name(getpass.getuser().capitalize())
    except (BadSetting, ImportError, KeyError, OSError):  # nobody, says the system
        return ""
