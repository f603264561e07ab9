"""Every module has a twin among the tests: src/moothall/engine/floor.py has tests/engine/test_floor.py.

So whoever changes a module knows where its tests stand, and a module without tests is seen at once.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent
# They hold public names, or one call, and are tested through what they name.
WITHOUT_TWIN = ("__init__.py", "__main__.py")


def modules_without_a_twin(source: Path, tests: Path) -> list[str]:
    """Return the tests that are missing, in order, as paths below `tests`."""
    modules = (path.relative_to(source) for path in source.rglob("*.py") if path.name not in WITHOUT_TWIN)
    twins = (module.with_name(f"test_{module.name}") for module in modules)
    return sorted(twin.as_posix() for twin in twins if not (tests / twin).is_file())


def write(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_every_module_has_its_twin() -> None:
    """Add the file named here; what it holds is up to you, but hold it must."""
    assert modules_without_a_twin(ROOT / "src" / "moothall", ROOT / "tests") == []


def test_a_module_without_a_twin_is_named(tmp_path: Path) -> None:
    """The failure says which file to write."""
    source = write(tmp_path / "src", "errors.py", "engine/floor.py", "doors/text/door.py")
    tests = write(tmp_path / "tests", "engine/test_floor.py")

    assert modules_without_a_twin(source, tests) == ["doors/text/test_door.py", "test_errors.py"]


def test_a_twin_in_another_folder_does_not_count(tmp_path: Path) -> None:
    """A test is looked for in one place, so it stands in that place."""
    source = write(tmp_path / "src", "log/memory.py")
    tests = write(tmp_path / "tests", "engine/test_memory.py", "test_memory.py")

    assert modules_without_a_twin(source, tests) == ["log/test_memory.py"]


def test_public_names_and_entry_points_need_no_twin(tmp_path: Path) -> None:
    """They hold nothing of their own."""
    source = write(tmp_path / "src", "__init__.py", "__main__.py", "engine/__init__.py")

    assert modules_without_a_twin(source, tmp_path / "tests") == []
