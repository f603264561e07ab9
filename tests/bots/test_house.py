"""The characters of the house bots."""

import runpy
from pathlib import Path

import pytest

from moothall.bots.classic import classic
from moothall.bots.house import HOUSE_BOTS, alice, bob, chuck, dora

BARE_VERBS = ("hug", "play", "eat", "shop", "yell", "steal", "fight", "sing", "code", "sleep", "lie", "run", "see")
ACTIONS = (*BARE_VERBS, "singing", "play chess")


def test_alice_thinks_that_anything_sounds_great() -> None:
    """Even stealing."""
    assert alice("steal") == "I think stealing sounds great!"
    assert alice("hug", "fight") == "I think hugging and fighting both sound great!"


def test_bob_wants_a_choice() -> None:
    """He is unsure about one action and agrees to two."""
    assert bob("hug") == "I'm not sure about hugging. Don't I get a choice?"
    assert bob("hug", "lie") == "Sure, both hugging and lying are fine with me."


@pytest.mark.parametrize("action", ACTIONS)
def test_dora_suggests_something_else(action: str) -> None:
    """What she suggests is one of her four ideas, and never what was asked; asked again she says the same."""
    option, _, idea = dora(action).partition(" Or we could do some ")

    assert option.endswith(" is an option.")
    assert idea in {"coding.", "singing.", "sleeping.", "fighting."}
    assert idea.rstrip(".") not in option
    assert dora(action) == dora(action)


def test_dora_has_more_than_one_idea() -> None:
    """Her choice follows the word, so over many words every idea comes up."""
    ideas = {dora(action).rsplit(" ", 1)[1] for action in (*ACTIONS, "dance", "jump", "cook", "read", "swim")}

    assert ideas == {"coding.", "singing.", "sleeping.", "fighting."}


def test_dora_suggests_neither_of_two() -> None:
    """Whatever the two are, of four ideas two are left."""
    pairs = [(a, b) for a in ACTIONS for b in ACTIONS]

    for a, b in pairs:
        option, _, idea = dora(a, b).partition(" Or we could do some ")
        assert idea.rstrip(".") not in option


@pytest.mark.parametrize("action", ["fight", "bicker", "yell", "complain", "fighting", "Yell"])
def test_chuck_loves_bad_things(action: str) -> None:
    """All four of them, in the bare form or as a gerund."""
    assert chuck(action).startswith("Yes! Time for some ")


@pytest.mark.parametrize("action", ["sing", "hug", "play", "work", "Hug"])
def test_chuck_refuses_good_things(action: str) -> None:
    """He says what is no fun, with a capital where his sentence begins."""
    assert chuck(action).endswith("ing is no fun. I'm not doing that.")
    assert chuck(action).startswith("What? ")


@pytest.mark.parametrize("action", ["eat", "shop", "steal", "play chess", ""])
def test_chuck_does_not_care_for_the_rest(action: str) -> None:
    """Neither nice nor nasty matters to him, only his two lists."""
    assert chuck(action) == "I don't care."


def test_chuck_finds_the_bad_thing_in_a_choice() -> None:
    """Of two actions he takes the bad one, even when it comes second."""
    assert chuck("hug", "fight") == "Yes! Time for some fighting!"
    assert chuck("eat", "hug") == "What? Hugging is no fun. I'm not doing that."


def test_the_client_of_the_students_answers_alike() -> None:
    """`client.py` has the four as functions of its own, so that it needs nothing of ours; they must stay the same."""
    client = runpy.run_path(str(Path(__file__).parents[2] / "client.py"))

    for bot in (alice, bob, dora, chuck):
        answers = [bot(action) for action in BARE_VERBS]
        assert answers == [client[bot.__name__](action) for action in BARE_VERBS]
    for place in (1, 2, 3, 4, 5):
        assert classic("hug", place) == client["classic"]("hug", place)
        assert classic("steal", place) == client["classic"]("steal", place)


def test_the_table_knows_all_five() -> None:
    """`moothall bot WHO` finds them here; only `classic` takes a place."""
    assert list(HOUSE_BOTS) == ["alice", "bob", "dora", "chuck", "classic"]
    assert HOUSE_BOTS["classic"]("hug", 2) == "Hugging seems great!"
    assert HOUSE_BOTS["alice"]("hug") == alice("hug")
