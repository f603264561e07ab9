"""What is typed after an option becomes the value of a setting, or one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from moothall.cli.options import (
    folder_of,
    labels_of,
    number_of,
    on_missed_of,
    policy_of,
    rounds_of,
    seat_seconds_of,
    whole_number,
)
from moothall.engine.words import OnMissed, PolicyName
from moothall.errors import BadSetting
from moothall.settings import default_data_folder


def test_a_policy_is_a_word_or_a_function() -> None:
    """A function is told from a word by its colon, or by the file that it lacks one in."""
    assert policy_of("rotate") == (PolicyName.ROTATE, "")
    assert policy_of("talk.py:loudest") == (PolicyName.CUSTOM, "talk.py:loudest")
    assert policy_of("talk.py") == (PolicyName.CUSTOM, "talk.py")


def test_rounds_are_one_unless_told_and_are_told_in_one_place() -> None:
    """Beside `--until` nobody could say which of the two holds."""
    assert (rounds_of(None, ""), rounds_of(None, "settled"), rounds_of("3", "")) == (1, 1, 3)
    with pytest.raises(BadSetting, match=r"^--rounds cannot stand beside --until: write rounds=3 into --until\.$"):
        rounds_of("3", "settled")


@pytest.mark.parametrize(("text", "number"), [("30", "30"), ("30.0", "30"), ("7.5", "7.5"), ("1e2", "100")])
def test_seconds_keep_the_form_of_whole_numbers(text: str, number: str) -> None:
    """They stand in every event."""
    assert str(number_of("seconds", "--turn-seconds", text)) == number


def test_each_name_has_its_own_seconds() -> None:
    """The last holds where one is given twice, whatever its case."""
    assert seat_seconds_of(("Kari=60", "Ola Nordmann = 7.5", "kari=20")) == {"kari": 20, "Ola Nordmann": 7.5}


def test_words_become_what_they_mean() -> None:
    """The data folder, labels, what missing costs, whole numbers."""
    assert (folder_of(":memory:"), folder_of("here"), folder_of(None)) == (None, Path("here"), default_data_folder())
    assert labels_of(("arm = one", "b=")) == {"arm": "one", "b": ""}
    assert on_missed_of("remove") is OnMissed.REMOVE
    assert whole_number("--seats", "12") == 12
