"""The documents say what is so: every option, event and reason is in them, and what they name is there."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any, get_args

import click
import pytest

import moothall
from moothall.cli import main
from moothall.cli.operator import WORDS
from moothall.engine.events import Event
from moothall.engine.rules import Rules
from moothall.errors import MoothallError, Reason
from moothall.settings import Settings
from moothall.views.turns import COLUMNS, Outcome
from moothall.wire.typed import SlashWord

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "src/moothall/engine"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
# What `make mutants` writes, and an example's own file, need not be there.
NOT_HERE_YET = {"docs/mutants.md"}

# Words of the console that lead a running server from any terminal.
LEADING = [word for word in WORDS if word not in {"rooms", "go", "help"}]

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)+/?)`")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def verbs() -> dict[str, click.Command]:
    context = click.Context(main)
    commands = {name: main.get_command(context, name) for name in main.list_commands(context)}
    return {name: command for name, command in commands.items() if command is not None}


def options_of(command: click.Command) -> list[str]:
    return [name for option in command.params if isinstance(option, click.Option) for name in option.opts]


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives a page's headings."""
    titles = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def tag_of(kind: Any) -> str:
    return str(kind.__struct_config__.tag)


# What there is, is in the documents.


@pytest.mark.parametrize("page", ["README.md", "docs/howto/run-a-server.md"])
def test_every_verb_is_named(page: str) -> None:
    """A verb that no page names is found by nobody."""
    assert [verb for verb in verbs() if f"`moothall {verb}" not in text(page)] == []


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("docs/howto/run-a-server.md", ["serve", "demo", "join", "watch", "rooms", "doctor", "backup", "forget"]),
        ("docs/howto/run-a-server.md", LEADING),
        ("docs/howto/write-a-bot.md", ["bot"]),
        ("docs/howto/analyse.md", ["log", "export"]),
    ],
)
def test_every_option_is_explained(page: str, names: list[str]) -> None:
    """Each verb has one page for its options."""
    options = {option for name in names for option in options_of(verbs()[name])}

    assert sorted(option for option in options if not re.search(rf"{option}\b", text(page))) == []


def test_every_verb_has_its_page() -> None:
    """Whoever adds a verb adds it above."""
    ours = ["serve", "demo", "join", "watch", "rooms", "bot", "log", "export", "doctor", "backup", "forget"]

    assert sorted(verbs()) == sorted([*ours, *LEADING])


def test_every_setting_is_explained() -> None:
    """With or without an option, a setting is something that somebody may want to change."""
    page = text("docs/howto/run-a-server.md")

    assert [name for name in Settings.__struct_fields__ if f"`{name}`" not in page] == []


def test_the_defaults_in_the_table_are_those_of_the_settings() -> None:
    """Numbers in a table grow old quietly."""
    page = text("docs/howto/run-a-server.md")
    settings = Settings()
    wanted = {
        "--port": settings.port,
        "--seats": settings.seats,
        "--question": f"`{settings.question}`",
        "--host NAME": f"`{settings.host}`",
        "--policy": f"`{settings.policy}`",
        "--rounds": settings.rounds,
        "--turn-seconds": settings.turn_seconds,
        "--missed-turns": settings.missed_turns,
        "--on-missed": f"`{settings.on_missed}`",
        "--away-seconds": settings.away_seconds,
        "--durability": f"`{settings.durability}`",
        "--keep-days": settings.keep_days,
        "--keep-entries": settings.keep_entries,
    }
    limits = {name: f"{getattr(settings, name):,}" for name in Settings.__struct_fields__ if name.startswith("max_")}

    found = [f"| `{name}` | {value} |" for name, value in (wanted | limits).items()]
    assert [row for row in found if row not in page] == []


def test_every_exit_code_is_explained() -> None:
    """Scripts go by it."""
    page = text("docs/howto/run-a-server.md")
    errors: list[type[MoothallError]] = [MoothallError, *MoothallError.__subclasses__()]
    codes = {0, 130, 143, *(error.exit_code for error in errors)}

    assert [code for code in sorted(codes) if f"\n| {code} | " not in page] == []


def test_every_word_of_the_console_is_explained() -> None:
    """The operator has no other manual."""
    page = text("docs/howto/run-a-server.md")

    assert [word for word in WORDS if f"`{word}" not in page] == []


@pytest.mark.parametrize("page", ["docs/protocol/text.md", "docs/protocol/json.md"])
def test_every_event_and_reason_is_in_both_protocols(page: str) -> None:
    """A client's author reads the page of one door."""
    words = [*map(tag_of, get_args(Event)), *map(str, Reason)]

    assert [word for word in words if f"`{word}`" not in text(page)] == []


def test_every_rule_of_a_room_is_explained() -> None:
    """They stand in the first event of each log."""
    assert [rule for rule in Rules.__struct_fields__ if f"`{rule}`" not in text("docs/protocol/json.md")] == []


def test_every_word_with_a_slash_is_explained() -> None:
    """On the text door's page, and in short on the first."""
    for page in ("docs/protocol/text.md", "README.md"):
        assert [word for word in SlashWord if not re.search(rf"`/{word}[` ]", text(page))] == []


def test_every_column_and_outcome_of_the_export_is_explained() -> None:
    """Who analyses a study long afterwards has only this."""
    page = text("docs/howto/analyse.md")

    assert [word for word in (*COLUMNS, *Outcome) if f"`{word}`" not in page] == []


def test_every_public_name_and_field_of_a_turn_is_explained() -> None:
    """What the page for bots doesn't say is not promised."""
    page = text("docs/howto/write-a-bot.md")
    names = [name for name in moothall.__all__ if not name.startswith("_")]

    assert [name for name in (*names, *moothall.Turn.__struct_fields__) if not re.search(rf"`{name}\b", page)] == []


# What the documents name is there.


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    """Files move, and pages about them stay behind."""
    places = (ROOT, ROOT / "src/moothall", page.parent)
    paths = {path for path in _PATH.findall(prose(page)) if re.search(r"\.(py|md|json|toml)$|/$", path)}

    assert sorted(path for path in paths - NOT_HERE_YET if not any((place / path).exists() for place in places)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    """To a file that is there, and to a heading in it."""
    dead = []
    for target in _LINK.findall(prose(page)):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            dead.append(target)
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_example_in_python_can_be_read_by_python(page: Path) -> None:
    """What is copied from a page should at least begin to run."""
    for language, code in _FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "python":
            compile(code, page.name, "exec")


@pytest.mark.parametrize("page", ["README.md", "docs/kom-i-gang.md"])
def test_the_eight_lines_are_those_of_the_example(page: str) -> None:
    """The example is run by a test; the page is not."""
    code = text("examples/eight_lines.py")

    assert f"```python\n{code}```" in text(page)
    assert sum(bool(line.strip()) for line in code.splitlines()) == 8


def test_the_unit_of_the_page_is_that_of_the_example() -> None:
    """It is copied from either; and starting again is tried only where it can help."""
    unit = text("examples/moothall.service").partition("\n")[2]
    codes = [error.exit_code for error in MoothallError.__subclasses__() if error.exit_code > 1]

    assert f"```ini\n{unit}```" in text("docs/howto/run-it.md")
    assert f"RestartPreventExitStatus={' '.join(map(str, sorted(set(codes))))}\n" in unit


def test_the_first_screen_is_a_conversation() -> None:
    """Before any heading one sees what it is, how to see more, and a whole bot."""
    first_screen = text("README.md").partition("\n## ")[0]

    assert [
        word
        for word in ("$ nc localhost", "* Your turn", "make demo", "serve", "import socket")
        if word not in first_screen
    ] == []


def test_the_size_of_the_rules_is_as_stated() -> None:
    """They are to be read in a sitting. Where this fails put the new number into ARCHITECTURE.md."""
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in ENGINE.glob("*.py"))

    assert f"`engine/` is {lines} lines" in text("ARCHITECTURE.md")


def test_the_map_fits_one_screen_and_shows_every_package() -> None:
    """A map that leaves something out, or has to be scrolled, is none."""
    page = text("ARCHITECTURE.md")
    packages = [path.parent.name for path in (ROOT / "src/moothall").glob("*/__init__.py")]

    assert [name for name in packages if f"─ {name}/" not in page] == []
    assert len(page.splitlines()) <= 80


def test_the_arrows_are_the_same_everywhere() -> None:
    """The map, the house rules and the checker say one thing."""
    page, rules = text("ARCHITECTURE.md"), text("CONTRIBUTING.md")
    layers = re.search(r'id = "arrows".*?layers = \[(.*?)\]', text("pyproject.toml"), re.DOTALL)
    assert layers is not None
    names = [re.sub(r"[()]", "", name) for name in re.findall(r'"([^"]+)"', layers[1])]

    arrows = " → ".join(name for name in names if not name.startswith("__"))
    assert arrows in page
    assert arrows in rules


def test_the_decisions_are_numbered_without_gaps() -> None:
    """A number is a name for ever."""
    names = sorted(path.name for path in (ROOT / "docs/decisions").glob("*.md"))

    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    for name in names:
        page = text(f"docs/decisions/{name}")
        assert page.startswith(f"# {int(name[:4])}. ")
        assert all(heading in page for heading in ("Status: ", "## Context", "## Decision", "## Consequences"))


def test_the_changelog_begins_with_what_is_to_come_and_knows_this_version() -> None:
    """Whoever releases moves one heading."""
    headings = re.findall(r"^## (.*)$", text("CHANGELOG.md"), re.MULTILINE)

    assert headings[0] == "Unreleased"
    assert headings[1].split()[0] == moothall.__version__ == version("moothall")
