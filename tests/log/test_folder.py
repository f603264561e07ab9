"""The data folder belongs to one person: it holds what everybody said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from moothall.errors import StorageError
from moothall.log.folder import make_folder


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps a user's folders private by other means")
def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Others on the same machine can't look into it."""
    make_folder(tmp_path / "share" / "moothall")

    assert (tmp_path / "share" / "moothall").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    """Somebody may have opened it to a group on purpose."""
    before = tmp_path.stat().st_mode

    make_folder(tmp_path)

    assert tmp_path.stat().st_mode == before


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    """A file in its place, for one."""
    (tmp_path / "data").touch()

    with pytest.raises(StorageError, match="can't be made"):
        make_folder(tmp_path / "data")
