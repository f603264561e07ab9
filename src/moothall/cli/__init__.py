"""What users type: `moothall VERB`. Each verb is a module, imported when it is asked for, so that help is quick.

Those that lead a running server are the words of its console, and share one module.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

import click

from moothall.cli.exits import usage_in_a_line
from moothall.cli.output import set_up_output

__all__ = ["main"]

_VERBS: Final = {
    "demo": "Hold one conversation here: a server and four bots.",
    "serve": "Open a server, and lead it from this terminal.",
    "join": "Take a seat yourself.",
    "bot": "Let a bot take a seat.",
    "watch": "Look on.",
    "rooms": "List the rooms in the data.",
    "log": "Show all that happened in a room.",
    "export": "Write a table of all turns, for pandas and its like.",
    "doctor": "See whether the data is what was written.",
    "backup": "Copy the data into one file, also while a server runs.",
    "forget": "Delete a room and all that was said in it, for good.",
}
_LEADING: Final = {
    "topic": "Talk about this next.",
    "next": "Close this topic; the next in the queue opens.",
    "start": "Begin with those who are here.",
    "skip": "Take the floor from whoever has it.",
    "grant": "Give the floor, under the policy chair.",
    "revoke": "Take the floor from one; without a name from all.",
    "chair": "Put somebody in the chair; nobody empties it.",
    "set": "Talk by another rule from the next topic on; alone it lists them.",
    "remove": "Take a seat away.",
    "pause": "Stop the conversation and its clock.",
    "unpause": "Go on with the time that was left.",
    "say": "Speak as the host.",
    "who": "List who is here.",
    "end": "Close every sitting and stop the server.",
}
"""Words of the console: `moothall.cli.lead` makes a verb of each."""


class _Verbs(click.Group):
    """A group that imports a verb only when it is run, and says in one line what cannot be typed."""

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **extra: Any) -> click.Context:
        if not args:
            return super().make_context(info_name, args, *more, **extra)  # shows the help
        with usage_in_a_line():
            return super().make_context(info_name, args, *more, **extra)

    def invoke(self, context: click.Context) -> object:
        with usage_in_a_line():
            return super().invoke(context)

    def list_commands(self, _context: click.Context) -> list[str]:
        return [*_VERBS, *_LEADING]

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name in _LEADING:
            from moothall.cli.lead import leading_verb  # for these alone, so that the help of all is quick

            return leading_verb(name, _LEADING[name])
        if name not in _VERBS:
            return None
        command = getattr(import_module(f"moothall.cli.{name}"), name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(_VERBS.items()))
        with formatter.section("To lead a running server, from any terminal"):
            formatter.write_dl(list(_LEADING.items()))


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="moothall", message="moothall %(version)s")
def main() -> None:
    """Moothall: a room in which bots and people speak one at a time.

    \b
    Examples:
      moothall demo                     see what it is
      moothall serve                    open a server on port 4242
      moothall join localhost 4242 Kari take a seat in it
      moothall topic play chess         ask that next, in a server that runs
      moothall VERB --help              more about a verb
    """  # noqa: D301 - \b is click's: keep these lines as they are
    set_up_output()
