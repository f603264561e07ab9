"""What is typed after an option becomes the value of a setting, or one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from moothall.cli.options import (
    Options,
    folder_of,
    labels_of,
    number_of,
    on_missed_of,
    policy_of,
    rooms_of,
    rounds_of,
    seat_seconds_of,
    settings_of,
    topics_of,
    when_short_of,
    whole_number,
    word_of,
)
from moothall.cli.topic_file import TopicFile
from moothall.engine.words import OnMissed, PolicyName, WhenShort
from moothall.errors import BadSetting
from moothall.settings import Settings, default_data_folder


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


def test_rooms_are_names_and_rooms_times_seats() -> None:
    """Both may be mixed; the seats of a name alone are those of `--seats`."""
    assert rooms_of(None) == {}
    assert rooms_of("main, Group 7") == {"main": None, "Group 7": None}
    assert rooms_of("3x4") == {"room1": 4, "room2": 4, "room3": 4}
    assert rooms_of("main,2x200,attic") == {"main": None, "room1": 200, "room2": 200, "attic": None}
    assert len(rooms_of("10000x1")) == 10_000
    assert rooms_of("x4,a30x4,30x4b") == {"x4": None, "a30x4": None, "30x4b": None}


@pytest.mark.parametrize("text", ["0x4", "30x0", "30x", "10001x4", "30x201", "00x4", f"{'9' * 5_000}x4", "main,30x"])
def test_rooms_that_cannot_be_are_one_sentence(text: str) -> None:
    """It says how many of them there may be, and of what size."""
    with pytest.raises(BadSetting, match=r"^--rooms takes ROOMSxSEATS, as in 30x4, from 1x1 to 10000x200, not '.*'\.$"):
        rooms_of(text)


@pytest.mark.parametrize(("text", "name"), [("a,b,A", "A"), ("room2,2x4", "room2"), ("1x4,2x2", "room1")])
def test_no_room_is_named_twice(text: str, name: str) -> None:
    """It could not be said how many seats it has."""
    with pytest.raises(BadSetting, match=rf"^--rooms names {name} twice\.$"):
        rooms_of(text)


def test_options_that_are_not_given_are_the_settings_defaults() -> None:
    """Each is written in one place."""
    assert replace(settings_of(Options()), data=None) == Settings()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (Options(early="x"), "--early is one of keep, refuse, not 'x'."),
        (Options(durability="x"), "--durability is one of power, crash, none, not 'x'."),
        (Options(when_short="x"), "--when-short is one of wait, start, fill, close, not 'x'."),
        (Options(gather_seconds="x"), "--gather-seconds is a number of seconds, not 'x'."),
        (Options(max_rooms="x"), "--max-rooms is a whole number, not 'x'."),
    ],
)
def test_what_is_no_such_word_is_a_sentence(options: Options, words: str) -> None:
    """With those that there are, and it knows its option."""
    with pytest.raises(BadSetting) as told:
        settings_of(options)

    assert str(told.value) == words
    assert words.startswith(f"--{told.value.setting.replace('_', '-')} ")


def test_topics_are_a_file_or_a_list(tmp_path: Path) -> None:
    """The list is for files of settings."""
    (tmp_path / "talk.txt").write_text("%label a=b\nhug\n", encoding="utf-8")

    assert topics_of(("hug", "eat")) == TopicFile(("hug", "eat"), {})
    assert topics_of(str(tmp_path / "talk.txt")) == TopicFile(("hug",), {"a": "b"})


def test_words_become_what_they_mean() -> None:
    """The data folder, labels, what missing costs, whole numbers."""
    assert (folder_of(":memory:"), folder_of("here"), folder_of(None)) == (None, Path("here"), default_data_folder())
    assert labels_of(("arm = one", "b=")) == {"arm": "one", "b": ""}
    assert on_missed_of("remove") is OnMissed.REMOVE
    assert whole_number("--seats", "12") == 12
    assert (when_short_of("fill"), word_of("--early", ("keep",), "keep")) == (WhenShort.FILL, "keep")
