"""A transcript is for people: they find the sitting, the topic and who said what."""

from __future__ import annotations

from msgspec.structs import replace

from moothall.engine.commands import (
    CallTime,
    CloseRoom,
    HostSay,
    Join,
    Leave,
    QueueTopic,
    RequestFloor,
    Say,
    Withdraw,
)
from moothall.engine.events import RoomOpened
from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards, PolicyName
from moothall.views.timeline import changes
from moothall.views.transcript import markdown_lines, text_lines
from moothall.wire.json_lines import encode_event
from tests.engine.past import KARI, LARS, NOON
from tests.views.logs import JOINS, SITTING, TWO, Step, bodies_of, changes_of


def after_noon(at: int) -> str:
    return f"{at - NOON} ms after noon"


def document(*steps: Step, rules: Rules = TWO) -> str:
    return "\n".join(markdown_lines(changes_of(*steps, rules=rules), after_noon))


def test_the_text_is_what_a_spectator_has_read() -> None:
    """The same words as at the text door, so that whoever was there finds it again."""
    assert list(text_lines(changes_of(*SITTING))) == [
        "* Lars took seat 1. 1/2 here.",
        "* Kari took seat 2. 2/2 here.",
        "* Sitting 1 begins: Lars, Kari.",
        "Host: Do you want to hug?",
        "* Lars has the floor, 30 s.",
        "Lars: Sure!",
        "* Kari has the floor, 30 s.",
        r"Kari: Why, no.\nNever.",
        "Host: Thank you, Lars and Kari.",
        "* Goodbye. 2 answers.",
    ]


def test_the_document_has_headings_names_and_notices() -> None:
    """A whole sitting, as it stands in the file."""
    assert document(*SITTING) == "\n".join(
        [
            *["# Room main", ""],
            *["## Sitting 1", ""],
            *["*Opened 0 ms after noon.*", ""],
            *["*Lars (bot) took seat 1.*", ""],
            *["*Kari (person: eight lines) took seat 2.*", ""],
            *["*Sitting 1 begins: Lars, Kari.*", ""],
            *["### Topic: hug", ""],
            *["**Host:** Do you want to hug?", ""],
            *["**Lars:** Sure!", ""],
            *["**Kari:** Why, no.  ", "Never.", ""],
            *["**Host:** Thank you, Lars and Kari.", ""],
            *["*Goodbye. 2 answers.*", ""],
        ]
    )


def test_how_one_gets_the_floor_stands_below_the_question() -> None:
    """And who asked for it, and who gave it away, in notices; a policy without rounds has no headings for them."""
    rules = replace(TWO, policy=PolicyName.REQUEST)
    steps = ((2, RequestFloor(KARI)), (3, RequestFloor(LARS)), (4, Withdraw(LARS)), (5, Say(KARI, "Me first.")))

    assert document(*JOINS, *steps, rules=rules).split("### Topic: hug\n")[1].splitlines() == [
        "",
        *["**Host:** Do you want to hug?", ""],
        *["*The floor goes to whoever asks for it: /ask.*", ""],
        *["*Kari asks for the floor.*", ""],
        *["*Lars asks for the floor.*", ""],
        *["*Lars no longer asks for the floor.*", ""],
        "**Kari:** Me first.",
    ]


def test_a_topic_that_only_the_bench_is_left_for_says_so() -> None:
    """Nobody is thanked, for nobody spoke; and no line of a notice is taken for words."""
    rules = replace(TWO, missed_turns=1, rounds=5)

    told = document(*JOINS, (30_001, CallTime()), (60_002, CallTime()), rules=rules).splitlines()

    assert [line for line in told if line][-4:] == [
        "*Time called on Kari.*",
        "*Kari is on the bench: 1 turn missed.*",
        "*Nobody is left to speak.*",
        "*Goodbye. 0 answers, 2 missed.*",
    ]


def test_rounds_have_headings_where_there_are_several() -> None:
    """A topic's only round needs none."""
    steps = (*SITTING, (4_000, Say(LARS, "Again.")))

    told = document(*steps, rules=replace(TWO, rounds=2))

    assert [line for line in told.splitlines() if line.startswith("####")] == ["#### Round 1", "#### Round 2"]


def test_labels_stand_below_the_sitting() -> None:
    """They say which arm of an experiment one reads; they are somebody's words, so they are escaped."""
    told = document(JOINS[0], rules=replace(TWO, labels={"arm": "*", "day": "1"}))

    assert r"*Opened 0 ms after noon. Labels: arm = \*, day = 1.*" in told


def test_what_happened_is_a_notice() -> None:
    """Whoever reads why nobody answered must find it."""
    told = document(*JOINS, (1, HostSay("Be *brief*.")), (30_001, CallTime()), (30_002, Leave(LARS)))

    assert told.splitlines()[-5:] == [
        *[r"**Host:** Be \*brief\*.", ""],
        *["*Time called on Lars.*", ""],
        "*Lars left.*",
    ]


def test_a_second_topic_stands_under_the_same_sitting() -> None:
    """One sitting may have many."""
    rules = replace(TWO, afterwards=Afterwards.STAY)

    told = document(*SITTING, (4_000, QueueTopic("#1 *fun*")), rules=rules)

    headings = [line for line in told.splitlines() if line.startswith("#")]
    assert headings == ["# Room main", "## Sitting 1", "### Topic: hug", r"### Topic: \#1 \*fun\*"]


def test_a_room_that_is_opened_again_goes_on_in_its_document() -> None:
    """A server that starts with other rules says so in the log; the room is the same."""
    again = encode_event(RoomOpened(changes_of()[0].after.name, TWO, "other"), 2, NOON)

    told = list(markdown_lines(changes([*bodies_of(), again]), after_noon))

    assert told == ["# Room main", ""]


def test_a_document_whose_room_was_opened_long_before_has_its_title_too() -> None:
    """What came before may have been forgotten."""
    told = list(markdown_lines(changes_of(*SITTING)[3:], after_noon))

    assert told[:4] == ["# Room main", "", "*Kari (person: eight lines) took seat 2.*", ""]


def test_a_topic_that_nobody_was_left_for_ends_without_thanks() -> None:
    """There is nobody to thank."""
    told = document(*JOINS, (2, Leave(LARS)), (3, Leave(KARI)), (4, CloseRoom()))

    assert "Thank you" not in told
    assert told.endswith("*The room is closed.*\n")


def test_nobody_can_forge_a_line() -> None:
    """Line breaks, markup and escapes in somebody's words stay words of theirs."""
    forged = "Yes.\n\n**Kari:** I give up.\n# The end\x1b[2J"

    told = document((0, Join(LARS)), (1, Join(KARI)), (2, Say(LARS, forged)))

    assert told.splitlines()[-3:] == [
        "**Lars:** Yes.  ",
        r"\*\*Kari:\*\* I give up.  ",
        r"\# The end\\x1b\[2J",
    ]
