"""How a verb ends: whatever went wrong is one sentence and an exit code, never a traceback.

A bug is no exception to that rule by being hidden: what isn't foreseen here still shows its traceback.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from moothall.errors import BadFile, MoothallError
from moothall.wire.safe_text import safe_text

__all__ = ["INTERRUPTED", "clean_exit", "usage_in_a_line"]

INTERRUPTED: Final = 130
"""The exit code after Ctrl-C, as shells have it: 128 and the number of SIGINT."""

# Windows calls a closed pipe an invalid argument.
_CLOSED_PIPE: Final = errno.EINVAL if os.name == "nt" else errno.EPIPE


@contextmanager
def clean_exit() -> Iterator[None]:
    """End the verb inside as a user expects it.

    An error of ours is its sentence on standard error and its exit code; Ctrl-C is 130; a reader that has seen enough
    (`moothall log | head`) is no error.

    Raises:
        click.exceptions.Exit: with the exit code.
    """
    try:
        yield
        sys.stdout.flush()
    except BadFile as error:
        for sentence in error.sentences[:-1]:
            click.echo(safe_text(sentence), err=True)
        _end(error.sentences[-1], error.exit_code)
    except MoothallError as error:
        _end(str(error), error.exit_code)
    except KeyboardInterrupt:
        _drop_output()
        raise click.exceptions.Exit(INTERRUPTED) from None
    except OSError as error:
        _drop_output()
        if error.errno == _CLOSED_PIPE:
            raise click.exceptions.Exit(0) from None
        where = f" with {error.filename}" if error.filename else ""
        _end(f"That did not work{where}: {error.strerror or error}.", 1)


@contextmanager
def usage_in_a_line() -> Iterator[None]:
    """Say what cannot be typed so in one line on standard error, and not with the usage around it.

    Raises:
        click.exceptions.Exit: with the exit code, 2.
    """
    try:
        yield
    except click.UsageError as error:
        # What a value may be is said already; else the help says what there is.
        is_value = type(error) is click.BadParameter
        more = "" if is_value or error.ctx is None else f" See {error.ctx.command_path} --help."
        _end(error.format_message() + more, error.exit_code)


def _end(sentence: str, code: int) -> None:
    click.echo(safe_text(sentence), err=True)
    raise click.exceptions.Exit(code) from None


def _drop_output() -> None:
    # What is still in the buffer can't be written, and Python would complain about it when it ends.
    try:
        descriptor = sys.stdout.fileno()
    except (OSError, ValueError):
        return  # not a file, as in tests
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
