"""Errors: one tree, a sentence and an exit code each."""

from __future__ import annotations

import re

import pytest

from moothall import errors
from moothall.errors import BadFile, BadFrame, BadSetting, MoothallError, Reason, Rejected

TREE = [getattr(errors, name) for name in errors.__all__ if name != "Reason"]


def test_every_error_is_one_of_ours() -> None:
    """Whoever catches MoothallError has caught all that is not a bug."""
    assert [kind.__name__ for kind in TREE if not issubclass(kind, MoothallError)] == []


def test_the_tree_is_drawn_as_it_is() -> None:
    """The docstring is where people look for what they can catch; it names each error once, in its place."""
    drawn = re.findall(r"^    ([│ ]*)(?:[├└]── )?([A-Z]\w+)", errors.__doc__ or "", flags=re.MULTILINE)

    assert sorted(name for _, name in drawn) == sorted(kind.__name__ for kind in TREE)
    assert [name for indent, name in drawn if "│" in indent] == ["BadFile", "Conflict"]
    assert (errors.BadFile.__mro__[1], errors.Conflict.__mro__[1]) == (errors.BadSetting, errors.StorageError)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.MoothallError, 1),
        (errors.Unreachable, 1),
        (errors.StorageError, 1),
        (errors.BadSetting, 2),
        (errors.DataInUse, 3),
        (errors.DataCorrupt, 4),
        (errors.DataTooNew, 5),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_an_error_knows_the_exit_code_that_is_documented(kind: type[MoothallError], code: int) -> None:
    """A script that starts a server tells by it what to do (docs/howto/run-a-server.md)."""
    assert kind("Something is wrong.").exit_code == code


def test_a_rejection_carries_its_reason_and_what_it_is_about() -> None:
    """The reason is for programs; each door makes the sentence."""
    refusal = Rejected(Reason.NAME_TAKEN, "Kari")

    assert (refusal.reason, refusal.about, str(refusal)) == (Reason.NAME_TAKEN, "Kari", "name_taken: Kari")
    assert str(Rejected(Reason.SLOW)) == "slow"


def test_a_broken_frame_carries_its_reason_and_its_sentence() -> None:
    """Told to its sender as it is."""
    error = BadFrame(Reason.MALFORMED, "That is not UTF-8.")

    assert (error.reason, str(error)) == (Reason.MALFORMED, "That is not UTF-8.")


def test_a_file_with_mistakes_carries_a_sentence_for_each() -> None:
    """And both kinds of settings' errors know which option they are about."""
    error = BadFile(["a.toml:1: One.", "a.toml:2: Two."], "topics")

    assert (error.sentences, error.setting, error.exit_code) == (("a.toml:1: One.", "a.toml:2: Two."), "topics", 2)
    assert str(error) == "a.toml:1: One.\na.toml:2: Two."
    assert (BadSetting("--seats is odd.", "seats").setting, BadSetting("It is odd.").setting) == ("seats", "")
