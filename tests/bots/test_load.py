"""Finding a bot by what somebody types."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from moothall.bots.house import alice
from moothall.bots.load import find_bot
from moothall.errors import BadSetting

MINE = """
from moothall import run_bot
from friends import greeting

words = "no function"

class Klass: pass

def kari(turn):
    return greeting

run_bot(kari, "Kari", port=1)
"""


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """Loading adds to the path and to the modules, which is no concern of other tests."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    (tmp_path / "friends.py").write_text("greeting = 'Hei'\n")
    (tmp_path / "mine.py").write_text(MINE)
    return tmp_path / "mine.py"


def complaint(who: str) -> str:
    with pytest.raises(BadSetting) as error:
        find_bot(who)
    return str(error.value)


@pytest.mark.parametrize("who", ["alice", "Alice", "ALICE"])
def test_a_house_bot_is_found_by_its_name(who: str) -> None:
    """However it is written."""
    assert find_bot(who) is alice


def test_a_function_is_found_in_its_file(mine: Path) -> None:
    """The file may import its neighbours, and end in a `run_bot`, which does nothing meanwhile."""
    assert find_bot(f"{mine}:kari")(None) == "Hei"


def test_what_is_not_there_is_named(mine: Path) -> None:
    """One sentence says what to type instead."""
    assert complaint("eve") == (
        "There is no house bot eve. There are alice, bob, dora, chuck and classic; "
        "a bot of your own is file.py:function."
    )
    assert complaint(str(mine)) == f"{mine} needs the name of a function: {mine}:alice, say."
    assert complaint(f"{mine}:") == f"{mine} needs the name of a function: {mine}:alice, say."
    assert complaint("nowhere.py:kari") == "There is no file nowhere.py."
    assert complaint(f"{mine}:ola") == f"There is no function ola in {mine}."
    assert complaint(f"{mine}:words") == f"words in {mine} is no function."
    assert complaint(f"{mine}:Klass") == f"Klass in {mine} is no function."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\nx.nothing\n", "bad.py, line 2: AttributeError: 'int' object has no attribute 'nothing'"),
        ("x = 1\nint('a')\n", "bad.py, line 2: ValueError: invalid literal for int() with base 10: 'a'"),
        ("import sys\nsys.exit(3)\n", "bad.py, line 2: SystemExit: 3"),
        ("x = 1\ndef (:\n", "bad.py, line 2: SyntaxError: invalid syntax (bad.py, line 2)"),
        ("x = '\\0'\nimport nowhere_at_all\n", "bad.py, line 2: ModuleNotFoundError: No module named 'nowhere_at_all'"),
    ],
)
def test_an_error_in_the_file_is_told_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    """A traceback through our own modules would hide it."""
    (tmp_path / "bad.py").write_text(text)

    assert complaint(f"{tmp_path / 'bad.py'}:kari") == words


def test_a_file_that_is_no_python_is_refused(tmp_path: Path) -> None:
    """Its name says so."""
    (tmp_path / "mine.txt").touch()

    assert complaint(f"{tmp_path / 'mine.txt'}:kari") == "mine.txt is no Python file: its name ends in .py."
