"""A file of topics: what a line may be, and a sentence with its number for each that cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from moothall.cli.topic_file import TopicFile, read_topics, topics_in
from moothall.errors import BadFile, BadSetting


def sentences(data: bytes) -> list[str]:
    with pytest.raises(BadFile) as told:
        topics_in(data, "talk.txt")
    assert (told.value.exit_code, told.value.setting) == (2, "topics")
    return list(told.value.sentences)


def test_every_line_is_a_topic_but_for_comments_and_empty_ones() -> None:
    """White space around the words, and between them, is not theirs; nor is what Windows ends a line with."""
    data = b"# nice\nhug\n\n  play   chess \r\n\t\n#steal\neat, shop"

    assert topics_in(data, "talk.txt") == TopicFile(("hug", "play chess", "eat, shop"), {})


def test_a_mark_at_the_beginning_and_other_scripts_are_no_matter() -> None:
    """Some editors write a byte order mark."""
    data = "\ufeff# ja\nspille sjakk på Åland\n抱く\n".encode()

    assert topics_in(data, "talk.txt").topics == ("spille sjakk på Åland", "抱く")


def test_a_list_may_label_its_sittings() -> None:
    """The last line holds where a key is given twice."""
    data = b"%label list=nice\nhug\n%label  arm = one two\n%label list=very = nice\n"

    assert topics_in(data, "talk.txt") == TopicFile(("hug",), {"list": "very = nice", "arm": "one two"})


def test_every_line_that_cannot_be_is_told() -> None:
    """All at once, with the name of the file as it was typed and the number of the line."""
    data = b"hug\n" + b"x" * 201 + b"\n%label\n%label =x\n%lable a=b\nh\xffg\nh\x1b[2Jg\n%\n"
    example = "is %label KEY=VALUE, as in %label list=nice, not"

    assert sentences(data) == [
        "talk.txt:2: a topic is 1 to 200 characters, not 201.",
        f"talk.txt:3: a line that begins with % {example} '%label'.",
        f"talk.txt:4: a line that begins with % {example} '%label =x'.",
        f"talk.txt:5: a line that begins with % {example} '%lable a=b'.",
        "talk.txt:6: this is not UTF-8: save the file as UTF-8.",
        r"talk.txt:7: a topic is words, and 'h\x1b[2Jg' holds what cannot be shown.",
        f"talk.txt:8: a line that begins with % {example} '%'.",
    ]


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"# hug\n\n", b"%label a=b\n"])
def test_a_list_holds_something(data: bytes) -> None:
    """Else there would be nothing to draw."""
    assert sentences(data) == ["talk.txt: there is no topic in it: write one a line."]


def test_a_list_is_not_longer_than_a_room_takes() -> None:
    """All of it stands in the first event of each sitting."""
    assert len(topics_in(b"hug\n" * 1_000, "talk.txt").topics) == 1_000
    assert sentences(b"hug\n" * 1_001) == ["talk.txt: there are 1001 topics in it; a room takes 1000."]


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    """With what the system says of it."""
    (tmp_path / "large").write_bytes(b"\n" * 10_000_001)
    (tmp_path / "one").write_bytes(b"hug")

    assert read_topics(tmp_path / "one").topics == ("hug",)
    with pytest.raises(BadSetting, match=r"^--topics .*none cannot be read: No such file or directory\.$"):
        read_topics(tmp_path / "none")
    with pytest.raises(BadSetting, match=r"^--topics .* cannot be read: .*\.$"):
        read_topics(tmp_path)
    with pytest.raises(BadSetting, match=r"large cannot be read: it is larger than 10000000 bytes\.$"):
        read_topics(tmp_path / "large")
