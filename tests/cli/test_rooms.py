"""`moothall rooms` lists the rooms, beside a server and without one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from moothall.cli.rooms import rooms
from moothall.engine.commands import Say
from moothall.settings import default_data_folder
from tests.cli.folders import a_folder, a_server, add, run
from tests.engine.past import LARS
from tests.views.logs import JOINS, SITTING, bodies_of


def test_each_room_is_a_line(tmp_path: Path) -> None:
    """In the order in which they were opened."""
    folder = a_folder(tmp_path, main=bodies_of(*JOINS), lab=bodies_of(*SITTING, name="lab"))

    assert run("rooms", data=folder).stdout == "main: 2/2 here, talking about hug\nlab: 0/2 here, gathering\n"


def test_it_reads_beside_a_running_server(tmp_path: Path) -> None:
    """And sees what was committed last."""
    said = bodies_of(*JOINS, (2, Say(LARS, "Sure!")))
    server = a_server(tmp_path, main=said[:2])
    before = run("rooms", data=tmp_path).stdout
    add(server, "main", said[2:], after=2)

    after = run("rooms", data=tmp_path).stdout

    assert (before, after) == ("main: 0/2 here, gathering\n", "main: 2/2 here, talking about hug\n")
    server.close()


def test_a_log_without_rooms_has_no_conversation(tmp_path: Path) -> None:
    """A server that nobody came to has left nothing to list."""
    result = run("rooms", data=a_folder(tmp_path))

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"There is no conversation in {tmp_path} yet.")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere no variable says where data is kept")
def test_without_a_folder_it_is_the_usual_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same in which `moothall serve` keeps what is said."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    a_folder(default_data_folder(), main=bodies_of(*JOINS))

    assert CliRunner().invoke(rooms).stdout == "main: 2/2 here, talking about hug\n"


def test_the_help_has_an_example() -> None:
    """What one is to type, and what comes then."""
    told = CliRunner().invoke(rooms, ["--help"]).stdout

    assert "  moothall rooms\n    main: 3/4 here, talking about hug\n" in told
