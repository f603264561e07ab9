"""The transcripts of docs/howto/policies.md are what the rules really do."""

from __future__ import annotations

import re

import pytest

from moothall.engine.words import PolicyName, TopicEnd
from tools.policies_page import PAGE, SCENES, page, transcript

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_is_what_comes_of_running_it() -> None:
    """Whoever changes a rule or a line makes the page again: `python -m tools.policies_page`."""
    assert page(TEXT) == TEXT


def test_a_line_that_nobody_said_is_found() -> None:
    """The comparison looks into the blocks."""
    forged = TEXT.replace("Lars: Gladly!", "Lars: Never!", 1)

    assert forged != TEXT
    assert page(forged) == TEXT


def test_every_scene_is_on_the_page() -> None:
    """None is made for nobody, and no block is left that nothing makes."""
    assert sorted(re.findall(r"^```text (\S+)$", TEXT, re.MULTILINE)) == sorted(SCENES)


@pytest.mark.parametrize("policy", [*PolicyName])
def test_every_policy_has_its_transcript(policy: PolicyName) -> None:
    """One's own under `custom`."""
    assert SCENES[policy].rules.policy is policy


@pytest.mark.parametrize("word", [word for word in TopicEnd if word is not TopicEnd.NOBODY_LEFT])
def test_every_ending_has_its_transcript(word: TopicEnd) -> None:
    """The one that the chair says has another name: a policy has it already."""
    scene = SCENES["ending-chair" if word is TopicEnd.CHAIR else word]

    assert word in (scene.rules.until or "rounds settled")
    assert "Host: Thank you, " in transcript(scene)
