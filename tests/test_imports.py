"""The arrows hold, and each of them would be missed: a forbidden import is planted, and its contract must break.

The contracts stand in pyproject.toml; the picture in ARCHITECTURE.md. Copies of the source are linted in this process,
because a process per plant would take a minute.
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from importlinter import configuration
from importlinter.application.use_cases import create_report, read_user_options
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract
from importlinter.domain.contract import registry

ROOT = Path(__file__).parent.parent
# From the roof of the house to its ground; what stands on one floor may not import its neighbour.
FLOORS = (
    ("cli",),
    ("wiring",),
    ("settings",),
    ("doors", "testing"),
    ("bots",),
    ("hall",),
    ("log", "views"),
    ("wire",),
    ("engine",),
    ("errors",),
)
PURE = ("engine", "wire", "views")
IMPURE = ("asyncio", "datetime", "logging", "os", "random", "secrets", "socket", "sqlite3", "threading", "time", "uuid")


class Plant(NamedTuple):
    """A line that `module` (its name below moothall; empty: the public names themselves) must not hold."""

    module: str
    imported: str
    contract: str
    also: frozenset[str] = frozenset()  # contracts that break with it, because what is imported imports more


def climbing() -> list[Plant]:
    """Return every step up to the next floor, and every look at a neighbour."""
    up = [(low, high) for above, below in itertools.pairwise(FLOORS) for low in below for high in above]
    beside = [pair for floor in FLOORS for pair in itertools.permutations(floor, 2)]
    return [
        Plant(
            planted_in(low),
            f"moothall.{high}",
            "arrows",
            frozenset({"bots"} if low == "bots" and high == "testing" else ()),
        )
        for low, high in up + beside
    ]


def planted_in(package: str) -> str:
    """Return a new module of `package`, or the package itself where it is a single file."""
    return package if package in ("wiring", "settings", "errors") else f"{package}.planted"


PLANTS = [
    *climbing(),
    *(Plant("bots.planted", f"moothall.{server}", "bots") for server in ("hall", "log", "views")),
    *(
        Plant(f"doors.{door}", f"moothall.doors.{other}", "doors")
        for door, other in itertools.permutations(("front", "text", "json_lines", "web"), 2)
    ),
    Plant("log.memory", "moothall.log.sqlite", "logs"),
    Plant("log.sqlite", "moothall.log.memory", "logs"),
    *(Plant("engine.planted", module, "pure") for module in IMPURE if module != "sqlite3"),
    *(Plant(f"{package}.planted", "time", "pure") for package in PURE),
    *(Plant("bots.planted", package, "light") for package in ("platformdirs", "uvloop", "starlette", "uvicorn")),
    Plant("", "platformdirs", "light"),
    *(Plant("hall.planted", package, "console") for package in ("click", "prompt_toolkit")),
    Plant("hall.planted", "sqlite3", "storage"),
]


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package that the linter finds in place of the real one; nothing of it is ever imported."""
    copy = tmp_path / "moothall"
    shutil.copytree(ROOT / "src" / "moothall", copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "moothall", raising=False)
    return copy


def broken_contracts() -> set[str]:
    """Lint what stands on the path as `make imports` would, and return the ids of the contracts that broke."""
    configuration.configure()
    registry.register(ForbiddenContract, "forbidden")
    registry.register(LayersContract, "layers")
    options = read_user_options(str(ROOT / "pyproject.toml"))
    ids = {contract["name"]: contract["id"] for contract in options.contracts_options}
    report = create_report(options, cache_dir=None)
    assert not report.could_not_run
    return {ids[contract.name] for contract, check in report.get_contracts_and_checks() if not check.kept}


def plant(source: Path, module: str, imported: str) -> None:
    """Add the import to the module. Either is made where it isn't there yet."""
    if imported.startswith("moothall."):
        file_of(source, imported.removeprefix("moothall.")).touch()
    with file_of(source, module).open("a", encoding="utf-8") as words:
        words.write(f"\nimport {imported}\n")


def file_of(source: Path, module: str) -> Path:
    path = source.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def test_the_house_as_it_stands_keeps_every_contract(source: Path) -> None:
    """Otherwise a planted import would prove nothing."""
    assert broken_contracts() == set()


@pytest.mark.parametrize("sin", PLANTS, ids=lambda sin: f"{sin.module or 'moothall'}-{sin.imported}")
def test_a_forbidden_import_breaks_its_contract_and_no_other(source: Path, sin: Plant) -> None:
    """A contract that nothing can break is a comment."""
    plant(source, sin.module, sin.imported)

    assert broken_contracts() == {sin.contract} | sin.also


def test_no_contract_is_without_a_plant() -> None:
    """Who adds a contract shows that it can break."""
    contracts = read_user_options(str(ROOT / "pyproject.toml")).contracts_options

    assert {contract["id"] for contract in contracts} == {sin.contract for sin in PLANTS}


def test_a_new_package_must_be_given_its_floor(source: Path) -> None:
    """A package that no arrow mentions could import anything."""
    (source / "attic.py").touch()

    assert broken_contracts() == {"arrows"}


def test_the_public_names_are_no_way_round_the_arrows(source: Path) -> None:
    """`import moothall` brings the SDK along, so a rule that says it stands above its floor."""
    plant(source, "", "moothall.bots")
    plant(source, "engine.planted", "moothall")

    assert broken_contracts() == {"arrows", "pure"}


def test_a_bot_author_gets_the_standard_library_and_msgspec_alone() -> None:
    """Whoever writes a bot installs no console, no web server and no event loop to run it."""
    script = """
import sys, msgspec
before = set(sys.modules)  # msgspec takes typing_extensions along where it is installed
import moothall, moothall.bots, pkgutil
for module in pkgutil.walk_packages(moothall.bots.__path__, "moothall.bots."):
    __import__(module.name)
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(new - set(sys.stdlib_module_names)))
"""
    run = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False)

    assert run.stderr == ""
    assert set(run.stdout.split()) == {"moothall"}
