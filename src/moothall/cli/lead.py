"""The verbs that lead a running server from another terminal: each says a line of the console through its side door."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import click

from moothall.cli.data import data_option, usual_folder
from moothall.cli.errand import MAX_ERRAND_BYTES, MAX_REPLY_BYTES, Reply, decode_reply, encode_errand
from moothall.cli.exits import clean_exit
from moothall.cli.operator import END, WORDS, Verdict
from moothall.cli.options import folder_of
from moothall.cli.output import put_lines
from moothall.cli.paint import painter_for
from moothall.cli.side_door import knock
from moothall.errors import BadSetting, Unreachable
from moothall.log.lock_file import usage_of
from moothall.wire.safe_text import safe_text

__all__ = ["leading_verb", "send"]

_SECONDS: Final = 10.0
"""How long a server that is alive may take to answer."""
_END_SECONDS: Final = 60.0
"""How long it may take to end: goodbyes have 3 s, and all that was said is stored."""
_EXIT_CODES: Final = {Verdict.REFUSED: 1, Verdict.WRONG: 2}


def leading_verb(word: str, does: str) -> click.Command:
    """Return the verb that is a word of the console.

    Args:
        does: the sentence of its help.
    """
    verb = WORDS[word]

    def run(data: Path | None, room: str = "", words: tuple[str, ...] = ()) -> None:
        with clean_exit():
            _run(" ".join((word, *words)), room, data or usual_folder(), _END_SECONDS if word == END else _SECONDS)

    command = click.command(word, help=f"{does}\n\n\b\nExample:\n  moothall {verb.usage}")(run)
    if word != END:
        with_room = click.option("--room", default="", metavar="ROOM", help="Which room, if not the server's first.")
        command = with_room(command)
    command = data_option(command)
    # What may not follow is taken all the same: the server says what would be right.
    return click.argument("words", nargs=-1, metavar="WORDS" if verb.takes_words else "")(command)


def send(folder: Path, line: str, room: str = "", *, seconds: float = _SECONDS) -> Reply:
    """Send a line to the server that uses a folder, and return what it answers.

    Args:
        seconds: how long it may take.

    Raises:
        Unreachable: there is none, or it doesn't answer.
        BadSetting: the line is too long.
        BadFrame: the answer is another version's.
    """
    try:
        answer = _exchanged(folder, line, room, seconds)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        raise _nobody(folder) from None
    except PermissionError:
        raise Unreachable(f"The server that uses the data in {folder} is led by its owner alone.") from None
    except TimeoutError:
        raise Unreachable(f"The server that uses the data in {folder} does not answer. It may still do it.") from None
    except ConnectionError:
        answer = b""
    if not answer:
        raise Unreachable("The server was gone before it answered.")
    return decode_reply(answer)


def _run(line: str, room: str, folder: Path, seconds: float) -> None:
    if folder_of(str(folder)) is None:
        raise BadSetting(f"A server with --data {folder} is led from its own terminal alone: it has no folder.")
    reply = send(folder, line, room, seconds=seconds)
    if reply.verdict is Verdict.DONE:
        put_lines(reply.lines, painter_for(sys.stdout))
        return
    for told in reply.lines:
        click.echo(safe_text(told), err=True)
    raise click.exceptions.Exit(_EXIT_CODES[reply.verdict])


def _exchanged(folder: Path, line: str, room: str, seconds: float) -> bytes:
    connection, token = knock(folder, seconds)
    with connection, connection.makefile("rb") as answers:
        errand = encode_errand(line, room, token)
        if len(errand) > MAX_ERRAND_BYTES:
            raise BadSetting(f"That is too long: at most {MAX_ERRAND_BYTES} bytes.")
        with suppress(BrokenPipeError):  # who listens to no more says why
            connection.sendall(errand)
        return answers.readline(MAX_REPLY_BYTES)


def _nobody(folder: Path) -> Unreachable:
    process = usage_of(folder).process
    if process is None:
        return Unreachable(f"No server uses the data in {folder}. If yours uses another folder, name it with --data.")
    return Unreachable(f"The server with process {process}, which uses the data in {folder}, cannot be led from here.")
