"""The operator's token at the start of a server: where it comes from.

It is shown on a terminal alone, or kept in a file: what a server prints into a pipe often ends in somebody's log.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from moothall.errors import BadSetting
from moothall.settings import cannot_be

__all__ = ["make_token"]

_TOKEN_BYTES: Final = 24
_MIN_TOKEN_CHARS: Final = 16
_MAX_FILE_BYTES: Final = 1024


def make_token(file: Path | None, *, is_shown: bool) -> str | None:
    """Return the operator's token: the one in `file`, which is made where there is none, else a new one.

    Args:
        is_shown: whether a token without a file can be told to its owner; else there is none: None is returned.

    Raises:
        BadSetting: the file cannot be used, or holds no token.
    """
    if file is None:
        return secrets.token_urlsafe(_TOKEN_BYTES) if is_shown else None
    try:
        with suppress(FileExistsError):
            _write_new(file)
        with file.open("rb") as opened:
            text = opened.read(_MAX_FILE_BYTES).decode("utf-8", "replace").strip()
    except OSError as error:
        raise _cannot(f"{file} cannot be used: {error.strerror or error}.") from None
    if len(text) < _MIN_TOKEN_CHARS or not text.isascii() or not text.isprintable() or " " in text:
        raise _cannot(f"{file} holds no token: at least {_MIN_TOKEN_CHARS} letters, digits and signs, without a space.")
    return text


def _write_new(file: Path) -> None:
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w", encoding="ascii") as new:
        new.write(f"{secrets.token_urlsafe(_TOKEN_BYTES)}\n")


def _cannot(words: str) -> BadSetting:
    return cannot_be("--operator-token-file", words)
