"""`moothall bot`: a bot takes a seat, a house bot or a function of one's own; or a chair does."""

from __future__ import annotations

from typing import cast

import click

from moothall.bots.chair import Choose, run_chair
from moothall.bots.classic import classic
from moothall.bots.house import HOUSE_BOTS
from moothall.bots.line_bot import run_line_bot
from moothall.bots.load import find_bot, find_function
from moothall.bots.run import name_of, run_bot
from moothall.cli.ask import parse_port, parse_typed_name
from moothall.cli.exits import clean_exit
from moothall.cli.output import Printer
from moothall.errors import BadSetting

__all__ = ["bot"]


@click.command()
@click.argument("who")
@click.argument("host", default="localhost")
@click.argument("port", default="4242")
@click.argument("name", required=False)
@click.option(
    "--room", default="main", show_default=True, metavar="NAME", help="The room to join; any: whichever has a seat."
)
@click.option("--pace", default=0.0, metavar="SECONDS", help="Think so long before each answer, for an audience.")
@click.option("--stay", is_flag=True, help="Take a seat again for the next sitting, until Ctrl-C.")
@click.option("--wait", is_flag=True, help="Where the room is full, wait for a seat.")
@click.option("--about", default="", metavar="WORDS", help="What the log tells of the bot: its model, its version.")
@click.option(
    "--door",
    type=click.Choice(["json", "text"]),
    default="json",
    show_default=True,
    help="Which protocol to speak. With text it speaks plain lines to anybody's line server.",
)
@click.option("--chair", "is_chair", is_flag=True, help="WHO says who speaks next: a function for the chair.")
@click.option("--quiet", is_flag=True, help="Do not show the conversation.")
def bot(  # noqa: PLR0913, PLR0917 - an option each
    who: str,
    host: str,
    port: str,
    name: str | None,
    room: str,
    pace: float,
    stay: bool,
    wait: bool,
    about: str,
    door: str,
    is_chair: bool,
    quiet: bool,
) -> None:
    """Let the bot WHO take a seat: alice, bob, dora, chuck, classic, or file.py:function.

    It waits for a server that isn't up yet, comes back to its seat when the connection breaks, and ends with the
    sitting.

    \b
    Examples:
      moothall bot alice
      moothall bot mine.py:answer localhost 4242 Kari
      moothall bot bob --door text
      moothall bot mine.py:choose --chair
    """  # noqa: D301 - \b is click's: keep these lines as they are
    with clean_exit():
        number = parse_port(port)
        printer = Printer(is_quiet=quiet)
        if is_chair:
            _preside(who, host, number, name, room=room, about=about, pace=pace, stay=stay, door=door, printer=printer)
            return
        function = find_bot(who)
        name = parse_typed_name(name) if name else name_of(function)
        if door == "text":
            in_room = "" if room == "main" else room
            run_line_bot(
                function,
                name,
                host=host,
                port=number,
                room=in_room,
                pace=pace,
                on_notice=printer.note,
                on_line=printer.line,
            )
        else:
            run_bot(
                function,
                name,
                host=host,
                port=number,
                room=room,
                about=about or _about(who),
                pace=pace,
                stay=stay,
                wait=wait,
                on_notice=printer.note,
                on_change=printer.changes_for(lambda: name),
            )


def _preside(  # noqa: PLR0913 - an option each
    who: str,
    host: str,
    port: int,
    name: str | None,
    *,
    room: str,
    about: str,
    pace: float,
    stay: bool,
    door: str,
    printer: Printer,
) -> None:
    if door == "text":
        raise BadSetting("--chair speaks JSON lines alone: leave --door text out.")
    if ":" not in who and not who.endswith(".py"):
        raise BadSetting(f"--chair wants a function of your own, file.py:choose, not {who}.")
    choose = cast(Choose, find_function(who))  # what it returns is seen when it is called
    name = parse_typed_name(name) if name else "Chair"
    run_chair(
        choose,
        name,
        host=host,
        port=port,
        room=room,
        about=about,
        pace=pace,
        stay=stay,
        on_notice=printer.note,
        on_change=printer.changes_for(lambda: name),
    )


def _about(who: str) -> str:
    return f"house bot {who.lower()}" if who.lower() in HOUSE_BOTS or who == classic.__name__ else ""
