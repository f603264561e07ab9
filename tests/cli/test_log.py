"""`moothall log` shows a room's log in five forms."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from moothall.cli.log import log
from moothall.engine.commands import Say
from tests.cli.folders import a_folder, a_server, run
from tests.engine.past import LARS
from tests.views.logs import JOINS, SITTING, bodies_of


def test_the_text_is_that_of_the_text_door(tmp_path: Path) -> None:
    """Plain lines in a pipe, with one speaker or notice each."""
    told = run("log", "main", data=a_folder(tmp_path, main=bodies_of(*SITTING))).stdout

    assert told.splitlines()[2:6] == [
        "* Sitting 1 begins: Lars, Kari.",
        "Host: Do you want to hug?",
        "* Lars has the floor, 30 s.",
        "Lars: Sure!",
    ]


def test_without_a_room_it_is_the_main_one(tmp_path: Path) -> None:
    """That is where everybody goes who names none."""
    folder = a_folder(tmp_path, main=bodies_of(*SITTING))

    assert run("log", data=folder).stdout == run("log", "main", data=folder).stdout


def test_a_room_is_found_in_any_case(tmp_path: Path) -> None:
    """But one that is spelled just so comes first."""
    folder = a_folder(tmp_path, Lab=bodies_of(*JOINS, name="Lab"), lab=bodies_of(name="lab"))

    assert run("log", "LAB", data=folder).stdout == run("log", "Lab", data=folder).stdout != ""
    assert run("log", "lab", data=folder).stdout == ""


def test_json_is_what_is_kept(tmp_path: Path) -> None:
    """To the byte, one entry a line: a replay reads the same."""
    bodies = bodies_of(*SITTING)

    told = run("log", "--format", "json", data=a_folder(tmp_path, main=bodies)).stdout_bytes

    assert told == b"".join(body + b"\n" for body in bodies)
    assert [json.loads(line)["seq"] for line in told.splitlines()] == list(range(1, len(bodies) + 1))


def test_md_is_a_document_with_its_date(tmp_path: Path) -> None:
    """In UTC, so that it is the same for everyone."""
    told = run("log", "--format", "md", data=a_folder(tmp_path, main=bodies_of(*SITTING))).stdout

    assert told.startswith("# Room main\n\n## Sitting 1\n\n*Opened 2026-11-22 12:00 UTC.*\n\n")
    assert "**Lars:** Sure!\n" in told


def test_html_is_the_same_document_for_a_browser(tmp_path: Path) -> None:
    """One file, with the same dates."""
    told = run("log", "--format", "html", data=a_folder(tmp_path, main=bodies_of(*SITTING))).stdout

    assert told.startswith("<!doctype html>\n")
    assert "<h2>Sitting 1</h2>\n<p><i>Opened 2026-11-22 12:00 UTC.</i></p>\n" in told
    assert told.endswith("</body>\n</html>\n")


def test_csv_is_the_table_of_this_room(tmp_path: Path) -> None:
    """The same that `export` writes for all."""
    folder = a_folder(tmp_path, main=bodies_of(*SITTING), lab=bodies_of(*SITTING, name="lab"))

    rows = list(csv.DictReader(io.StringIO(run("log", "lab", "--format", "csv", data=folder).stdout, newline="")))

    assert [(row["room"], row["name"], row["text"]) for row in rows] == [
        ("lab", "Lars", "Sure!"),
        ("lab", "Kari", "Why, no.\nNever."),
    ]


def test_it_reads_beside_a_running_server(tmp_path: Path) -> None:
    """A sitting need not be over to be read."""
    server = a_server(tmp_path, main=bodies_of(*JOINS))

    assert run("log", data=tmp_path).stdout.endswith("* Lars has the floor, 30 s.\n")
    server.close()


def test_a_long_log_is_read_page_by_page(tmp_path: Path) -> None:
    """A page holds a thousand entries; none is lost between two."""
    steps = [(at * 10_000 + after, command) for at in range(100) for after, command in SITTING]
    bodies = bodies_of(*steps)

    told = run("log", "--format", "json", data=a_folder(tmp_path, main=bodies)).stdout

    assert len(bodies) > 1_000
    assert [json.loads(line)["seq"] for line in told.splitlines()] == list(range(1, len(bodies) + 1))


def test_nothing_that_was_said_can_harm_a_terminal(tmp_path: Path) -> None:
    """Escapes are shown, not sent."""
    bodies = bodies_of(*JOINS, (2, Say(LARS, "\x1b[2J\u202egone")))

    assert "Lars: \\x1b[2J\\u202egone\n" in run("log", data=a_folder(tmp_path, main=bodies)).stdout


def test_an_unknown_room_is_answered_with_those_there_are(tmp_path: Path) -> None:
    """One mistypes a name, and wants to know it rightly."""
    result = run("log", "mian", data=a_folder(tmp_path, main=bodies_of(), lab=bodies_of(name="lab")))

    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "There is no room mian, only main, lab.\n")


def test_without_data_one_is_told_how_to_get_some(tmp_path: Path) -> None:
    """The folder may not even be there; nothing is made by looking."""
    missing = tmp_path / "missing"

    result = run("log", data=missing)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"There is no conversation in {missing} yet. `moothall serve` or `moothall demo` starts one.\n"
    )
    assert not missing.exists()


def test_an_entry_of_a_later_version_ends_it_with_a_sentence(tmp_path: Path) -> None:
    """What came before it is shown; the entries as they are kept can be had all the same."""
    later = b'{"event":"floor_shared","seq":2,"at":0,"name":"Kari"}'
    folder = a_folder(tmp_path, main=[*bodies_of(), later])

    result = run("log", data=folder)

    assert (result.exit_code, result.stdout) == (5, "")
    assert result.stderr.startswith("The log of room main, after seq 1, has an entry of a kind")
    assert run("log", "--format", "json", data=folder).stdout.endswith(later.decode() + "\n")


def test_data_that_is_no_log_is_told(tmp_path: Path) -> None:
    """Somebody's own file of that name is theirs."""
    (tmp_path / "moothall.db").write_bytes(b"shopping list " * 100)

    result = run("log", data=tmp_path)

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (4, "", 1)


def test_an_unknown_form_is_answered_with_those_there_are() -> None:
    """As every wrong option is: exit 2."""
    result = CliRunner().invoke(log, ["--format", "xml"])

    assert result.exit_code == 2
    assert all(form in result.stderr for form in ("text", "json", "md", "html", "csv"))


@pytest.mark.parametrize("line", ["  moothall log\n", "  moothall log lab --format md > lab.md\n"])
def test_the_help_has_examples(line: str) -> None:
    """What one is to type."""
    assert line in CliRunner().invoke(log, ["--help"]).stdout
