"""A verb ends with a sentence and a code."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from moothall.cli.exits import clean_exit, usage_in_a_line
from moothall.errors import BadFile, DataInUse, MoothallError
from tests.cli.folders import a_folder
from tests.views.logs import SITTING, bodies_of


def code_of(error: BaseException) -> int:
    with pytest.raises(click.exceptions.Exit) as caught, clean_exit():
        raise error
    return caught.value.exit_code


def test_what_ends_well_ends_well() -> None:
    """There is nothing to say."""
    with clean_exit():
        done = True

    assert done


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (MoothallError("It is so."), 1, "It is so.\n"),
        (DataInUse("It is in use."), 3, "It is in use.\n"),
        (MoothallError("There is no room \x1b[2J."), 1, "There is no room \\x1b[2J.\n"),
        (BadFile(["a:1: One.", "a:2: \x1b\n."]), 2, "a:1: One.\na:2: \\x1b\\n.\n"),
        (KeyboardInterrupt(), 130, ""),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "That did not work: No space left on device.\n"),
        (PermissionError(errno.EACCES, "Denied", "a.db"), 1, "That did not work with a.db: Denied.\n"),
    ],
)
def test_what_goes_wrong_is_a_sentence(
    error: BaseException, code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard error, so that a pipe holds answers alone."""
    assert (code_of(error), capsys.readouterr()) == (code, ("", told))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (click.BadParameter("It is no number.", param_hint="'--x'"), "Invalid value for '--x': It is no number.\n"),
        (
            click.UsageError("No such option.", click.Context(click.Command("dance"), info_name="dance")),
            "No such option. See dance --help.\n",
        ),
        (click.UsageError("No such \x1b[2J."), "No such \\x1b[2J.\n"),
    ],
)
def test_what_cannot_be_typed_is_one_line(
    error: click.UsageError, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twelve lines of usage above it would hide it; the help is named where it says more."""
    with pytest.raises(click.exceptions.Exit) as caught, usage_in_a_line():
        raise error

    assert (caught.value.exit_code, capsys.readouterr()) == (2, ("", told))


def test_a_bug_is_not_hidden() -> None:
    """Whoever reports it needs its traceback."""
    with pytest.raises(ZeroDivisionError), clean_exit():
        raise ZeroDivisionError


@pytest.mark.skipif(os.name == "nt", reason="the way a shell of POSIX closes a pipe")
def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    """`moothall log | head -1`: more is written than the pipe and all buffers hold, and nobody complains."""
    steps = [(at * 10_000 + after, command) for at in range(250) for after, command in SITTING]
    folder = a_folder(tmp_path, main=bodies_of(*steps))
    verb = [sys.executable, "-c", "from moothall.cli.log import log; log()", "--format", "json", "--data", str(folder)]

    with subprocess.Popen(verb, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.stdout.close()
        complaint = process.stderr.read()

    assert (first.startswith(b'{"event":"room_opened"'), complaint, process.returncode) == (True, b"", 0)
