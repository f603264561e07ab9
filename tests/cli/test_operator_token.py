"""Where the operator's token comes from: a file that is made where there is none, or chance, where it can be shown."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from moothall.cli.operator_token import make_token
from moothall.errors import BadSetting


def test_a_token_is_new_each_time_where_it_can_be_shown() -> None:
    """On a terminal its owner reads it; nobody can guess it."""
    first, second = make_token(None, is_shown=True), make_token(None, is_shown=True)

    assert first is not None
    assert second is not None
    assert first != second
    assert min(len(first), len(second)) >= 32


def test_there_is_none_where_it_could_only_end_in_a_log() -> None:
    """What a service prints is kept by others."""
    assert make_token(None, is_shown=False) is None


@pytest.mark.parametrize("is_shown", [True, False])
def test_a_file_is_made_for_its_owner_alone_and_stays(tmp_path: Path, is_shown: bool) -> None:
    """The next start reads the same."""
    file = tmp_path / "token"
    made = make_token(file, is_shown=is_shown)

    assert make_token(file, is_shown=is_shown) == made == file.read_text(encoding="ascii").strip()
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_token_of_ones_own_is_taken_as_it_is(tmp_path: Path) -> None:
    """White space around it is not part of it."""
    (tmp_path / "token").write_text("  correct-horse-battery\n\n", encoding="ascii")

    assert make_token(tmp_path / "token", is_shown=False) == "correct-horse-battery"


@pytest.mark.parametrize(
    "words", ["", "\n", "short", "sixteen chars and spaces", "søttenbokstavertil", "x" * 15, "x" * 20 + "\x00"]
)
def test_a_file_without_a_token_is_a_sentence(tmp_path: Path, words: str) -> None:
    """An empty password is the one that everybody knows."""
    (tmp_path / "token").write_text(words, encoding="utf-8")

    with pytest.raises(BadSetting, match="holds no token: at least 16 letters, digits and signs, without a space"):
        make_token(tmp_path / "token", is_shown=True)


def test_a_file_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    """It names the file, and what the system says of it."""
    with pytest.raises(BadSetting, match=r"--operator-token-file .* cannot be used: Is a directory"):
        make_token(tmp_path, is_shown=True)
