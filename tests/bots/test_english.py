"""The English of the house bots, by example and for any text at all."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.bots.english import gerund, is_nasty


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("hug", "hugging"),
        ("play", "playing"),
        ("eat", "eating"),
        ("shop", "shopping"),
        ("yell", "yelling"),
        ("steal", "stealing"),
        ("fight", "fighting"),
    ],
)
def test_the_seven_actions_of_the_default_list_are_spelled_right(verb: str, expected: str) -> None:
    """The first system said "huging"."""
    assert gerund(verb) == expected


# One for each rule and each list.
VERBS_AND_GERUNDS = """
    abet=abetting agree=agreeing argue=arguing babysit=babysitting begin=beginning be=being binge=bingeing
    boogie=boogieing canoe=canoeing catalog=cataloging commit=committing debug=debugging deposit=depositing
    develop=developing die=dying dye=dyeing eye=eyeing focus=focusing free=freeing gallop=galloping
    handicap=handicapping hamstring=hamstringing kidnap=kidnapping lie=lying mark=marking mix=mixing offer=offering
    ok=OKing overlap=overlapping panic=panicking photoshop=photoshopping program=programming quit=quitting
    quiz=quizzing refit=refitting reveal=revealing revisit=revisiting rerun=rerunning run=running sew=sewing
    singe=singeing ski=skiing snow=snowing string=stringing swim=swimming sync=syncing taxi=taxiing transit=transiting
    travel=traveling trek=trekking tie=tying underlie=underlying unplug=unplugging untie=untying up=upping
    upset=upsetting use=using vex=vexing visit=visiting wrap=wrapping yak=yakking zigzag=zigzagging
"""


@pytest.mark.parametrize("pair", VERBS_AND_GERUNDS.split())
def test_a_verb_of_each_kind_becomes_its_gerund(pair: str) -> None:
    """Doubled or not, with its e or without: a student's first topic may be any verb."""
    verb, expected = pair.split("=")

    assert gerund(verb) == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("play chess", "playing chess"),
        ("  give   up ", "giving up"),
        ("not hug", "not hugging"),
        ("eat and drink", "eating and drinking"),
        ("eat, drink and be merry", "eating, drinking and being merry"),
        ("walk the dog and cat", "walking the dog and cat"),
        ("hug!", "hugging!"),
        ("window-shop", "window-shopping"),
        ("check-in", "checking-in"),
        ("Hug", "Hugging"),
        ("lie down", "lying down"),
    ],
)
def test_of_several_words_the_verb_changes(action: str, expected: str) -> None:
    """An operator's topic may be a whole phrase."""
    assert gerund(action) == expected


@pytest.mark.parametrize("word", ["hugging", "being", "singing", "lying", "skiing", "playing chess", "window-shopping"])
def test_a_gerund_stays(word: str) -> None:
    """ "Do you want to go hugging?" must not give "hugginging"."""
    assert gerund(word) == word


@pytest.mark.parametrize("verb", ["sing", "bring", "ring", "string", "king", "unsling"])
def test_a_verb_that_ends_in_ing_is_no_gerund_yet(verb: str) -> None:
    """ "Sing" must become "singing"."""
    assert gerund(verb) == verb + "ing"


@pytest.mark.parametrize("text", ["", "2", "1v1", "🙂", "-", "and", "not"])
def test_what_is_no_verb_is_left_alone(text: str) -> None:
    """A topic is what somebody typed, and no topic may make a bot fail."""
    assert gerund(text) == text


@pytest.mark.parametrize(
    "word",
    """
    steal steals stealing stole stolen stealer lie lies lied lying liar yell yelled hit hits hitting hitter punch
    punches punched punching fight fought fighter hate hated hater rob robbed robbing robber bully bullies bullied
    panicked kidnapping quarreled quarrelling suing bitten shot mean meanest ugliest thieves STEAL Fight!
    """.split(),
)
def test_every_form_of_a_nasty_word_is_nasty(word: str) -> None:
    """A list of sentiments that knows "lying" but not "lie" would call the same deed by two names."""
    assert is_nasty(word)


@pytest.mark.parametrize(
    "word",
    """
    hug play eat shop kiss sing robing robe number banner poker meaning rapper starring warm sister string
    butter singer code xyzzy 🙂
    """.split(),
)
def test_other_words_are_nice(word: str) -> None:
    """Also those that look like a form of a nasty one, and those that nobody knows."""
    assert not is_nasty(word)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("fight crime", True),
        ("start a fight", True),
        ("just steal it", True),
        ("be mean", True),
        ("love-bomb", False),
        ("avoid a fight", False),
        ("not fight", False),
        ("play poker", False),
        ("", False),
        ("and", False),
    ],
)
def test_of_several_words_the_verb_decides(action: str, expected: bool) -> None:
    """Unless it says little itself, as in "start a fight"."""
    assert is_nasty(action) is expected


@given(st.text(max_size=60))
def test_any_text_has_an_answer(text: str) -> None:
    """Nothing that a person types as a topic can break a bot."""
    assert isinstance(is_nasty(text), bool)
    assert isinstance(gerund(text), str)


@pytest.mark.parametrize("text", ["not " * 20_000, "check" + "-in" * 20_000, "a, " * 20_000])
def test_a_very_long_topic_is_no_trouble(text: str) -> None:
    """Nothing here calls itself once per word."""
    assert gerund(text)
    assert not is_nasty(text)


def test_it_takes_nothing_but_the_standard_library_and_msgspec() -> None:
    """The SDK is imported by every student's bot, so it must stay light."""
    program = (
        "import sys, msgspec; before = set(sys.modules); import moothall.bots.english;"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(*sorted(new - sys.stdlib_module_names - {'moothall', 'msgspec'}))"
    )

    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == ""
