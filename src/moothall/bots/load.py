"""Finds what somebody names on a command line: a house bot, or a function of their own in a file."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import cast

from moothall.bots.bot import Bot
from moothall.bots.house import HOUSE_BOTS
from moothall.bots.run import IS_LOADING
from moothall.errors import BadSetting

__all__ = ["find_bot", "find_function"]


def find_bot(who: str) -> Bot:
    """Return the bot called `who`: a house bot's name, or `file.py:function`.

    Raises:
        BadSetting: there is no such bot, or `find_function` does not find it.
    """
    if who.lower() in HOUSE_BOTS:
        return HOUSE_BOTS[who.lower()]
    if ":" not in who and not who.endswith(".py"):
        *others, last = HOUSE_BOTS
        bots = f"{', '.join(others)} and {last}"
        raise BadSetting(f"There is no house bot {who}. There are {bots}; a bot of your own is file.py:function.")
    return cast(Bot, find_function(who))  # what it returns is seen when it is called


def find_function(where: str) -> Callable[..., object]:
    """Return the function at `where`, which is `file.py:function`.

    The file is run as an import is, with its own folder first in the path; a `run_bot` in it does nothing meanwhile.

    Raises:
        BadSetting: there is no such file or function, or the file cannot be run.
    """
    file, _, function = where.rpartition(":")
    if not file or not function.isidentifier():
        named = where.rstrip(":")
        raise BadSetting(f"{named} needs the name of a function: {named}:alice, say.")
    path = Path(file)
    if not path.is_file():
        raise BadSetting(f"There is no file {path}.")
    found: object = getattr(_module(path), function, None)
    if found is None:
        raise BadSetting(f"There is no function {function} in {path}.")
    if not callable(found) or isinstance(found, type):
        raise BadSetting(f"{function} in {path} is no function.")
    return found


def _module(path: Path) -> ModuleType:
    path = path.resolve()
    name = f"moothall_bot_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BadSetting(f"{path.name} is no Python file: its name ends in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    token = IS_LOADING.set(True)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise BadSetting(f"{path.name}{_line(error, path)}: {type(error).__name__}: {error}") from error
    finally:
        IS_LOADING.reset(token)
    return module


def _line(error: BaseException, path: Path) -> str:
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f", line {error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f", line {lines[-1]}" if lines else ""
