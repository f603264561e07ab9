"""`moothall export` writes one table of all turns."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from moothall.cli.export import export
from moothall.engine.commands import Say
from moothall.views.turns import COLUMNS
from tests.cli.folders import a_folder, run
from tests.engine.past import KARI, LARS
from tests.views.logs import JOINS, SITTING, TWO, bodies_of


def read(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table, newline="")))


def test_the_table_has_a_row_a_turn_over_all_rooms(tmp_path: Path) -> None:
    """Room by room, turn by turn."""
    folder = a_folder(tmp_path, main=bodies_of(*SITTING), lab=bodies_of(*SITTING[:3], name="lab"))

    told = run("export", data=folder).stdout

    assert (
        told.splitlines()[0] == "room,sitting,labels,topic,round,turn,seq,asked_at,took_ms,name,kind,about,outcome,text"
    )
    assert [(row["room"], row["turn"], row["name"]) for row in read(told)] == [
        ("main", "1", "Lars"),
        ("main", "2", "Kari"),
        ("lab", "1", "Lars"),
    ]


def test_a_room_may_be_chosen(tmp_path: Path) -> None:
    """The others stay out."""
    folder = a_folder(tmp_path, main=bodies_of(*SITTING), lab=bodies_of(*SITTING, name="lab"))

    assert {row["room"] for row in read(run("export", "--room", "lab", data=folder).stdout)} == {"lab"}


def test_a_room_that_is_not_there_is_told(tmp_path: Path) -> None:
    """An empty table would look like a silent room."""
    result = run("export", "--room", "lab", data=a_folder(tmp_path, main=bodies_of()))

    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "There is no room lab, only main.\n")


def test_jsonl_is_an_object_a_line(tmp_path: Path) -> None:
    """Under the same names, in which labels stay an object and nothing is null."""
    bodies = bodies_of(*JOINS, (2, Say(LARS, "Sure!")), rules=replace(TWO, labels={"arm": "a"}))

    lines = run("export", "--format", "jsonl", data=a_folder(tmp_path, main=bodies)).stdout.splitlines()

    row = json.loads(lines[0])
    assert (len(lines), tuple(row)) == (1, COLUMNS)
    assert (row["labels"], row["turn"], row["text"]) == ({"arm": "a"}, 1, "Sure!")


def test_a_room_without_turns_has_the_heads_of_the_columns(tmp_path: Path) -> None:
    """So that a notebook runs before anybody has spoken."""
    assert run("export", data=a_folder(tmp_path, main=bodies_of())).stdout == ",".join(COLUMNS) + "\n"


def test_words_are_written_in_utf_8(tmp_path: Path) -> None:
    """Whatever the machine would prefer."""
    bodies = bodies_of(*JOINS, (2, Say(LARS, "=blåbær 🫐")))

    told = run("export", data=a_folder(tmp_path, main=bodies)).stdout_bytes

    assert told.endswith(",=blåbær 🫐\n".encode())


def test_who_has_left_still_has_its_rows(tmp_path: Path) -> None:
    """What a participant said of itself is in the log, so it outlives its seat."""
    folder = a_folder(tmp_path, main=bodies_of(*SITTING))

    assert [row["about"] for row in read(run("export", data=folder).stdout) if row["name"] == KARI] == ["eight lines"]


@pytest.mark.parametrize("line", ["  moothall export > turns.csv\n", "pandas.read_csv('turns.csv')"])
def test_the_help_has_examples(line: str) -> None:
    """What one is to type."""
    assert line in CliRunner().invoke(export, ["--help"]).stdout
