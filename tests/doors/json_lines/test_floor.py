"""Who asks for the floor, comes off the bench, or sits in the chair, through the JSON lines door."""

from __future__ import annotations

from typing import Final

import pytest

from moothall.engine.chair import set_rules
from moothall.engine.commands import SetRules
from moothall.engine.names import Name
from moothall.engine.rules import Rules
from moothall.engine.words import PolicyName
from moothall.errors import Rejected
from moothall.testing import FailingLog
from tests.doors.fakes import Desk, Peer
from tests.doors.json_lines.test_door import named, pair

CHAIRED: Final = Rules(seats=3, agenda=("hug",), policy=PolicyName.CHAIR, rounds=9, chair="Ada")


# Asking for the floor, and coming off the bench.


def test_who_asks_first_has_the_floor_first() -> None:
    """Everyone can follow the queue; to ask again, or for what one has, changes nothing and has no answer."""
    desk = Desk(rules=Rules(seats=3, agenda=("hug",), policy=PolicyName.REQUEST))
    lars, kari, ola = desk.bot("Lars"), desk.bot("Kari"), desk.bot("Ola")
    ola.reads()
    kari.asks(do="say", text="Me!")
    assert kari.reads_frames()[-1]["text"] == "Ask for the floor first."
    for peer in (kari, kari, lars, ola, lars):
        peer.asks(do="request")
    lars.asks(do="who")
    shown = lars.reads_frames()[-1]
    lars.asks(do="withdraw")
    kari.asks(do="say", text="Lovely.")
    frames = ola.reads_frames()

    assert (shown["holder"], shown["requests"]) == ("Kari", ["Lars", "Ola"])
    assert [(name, frame["name"]) for name, frame in zip(named(frames), frames, strict=True)] == [
        ("floor_requested", "Kari"),
        ("floor_granted", "Kari"),
        ("floor_requested", "Lars"),
        ("floor_requested", "Ola"),
        ("floor_withdrawn", "Lars"),
        ("said", "Kari"),
        ("floor_granted", "Ola"),
    ]


def test_where_the_floor_goes_round_nobody_asks_for_it() -> None:
    """It comes by itself; to withdraw what was never asked changes nothing."""
    desk = Desk()
    lars, _ = pair(desk)
    lars.asks(do="request")
    lars.asks(do="withdraw")

    assert lars.reads_frames() == [
        {
            "reply": "refused",
            "do": "request",
            "reason": "not_allowed",
            "text": "Not allowed: nobody asks for the floor under the policy round-robin.",
        }
    ]


def test_who_missed_too_many_turns_comes_back_from_the_bench() -> None:
    """Everyone can see who is there; in the next round it is one's turn again."""
    desk = Desk(rules=Rules(seats=2, agenda=("hug",), rounds=3, missed_turns=1, away_seconds=600))
    lars, kari = pair(desk)
    desk.clock.advance(30_000)
    kari.asks(do="who")
    shown = [frame for frame in kari.reads_frames() if frame.get("reply") == "who"]
    lars.asks(do="return")
    lars.asks(do="return")
    kari.asks(do="say", text="Where is he?")
    frames = [frame for frame in lars.reads_frames() if frame.get("reply") != "ping"]

    assert shown[0]["seated"][0] == {"name": "Lars", "seat": 1, "kind": "bot", "benched": True}
    assert named(frames) == [
        "time_called", "benched", "floor_granted", "returned", "said", "round_closed", "round_opened", "floor_granted",
    ]  # fmt: skip
    assert (frames[1]["missed"], frames[-1]["name"]) == (1, "Lars")


def test_an_ask_that_could_not_be_stored_is_refused_under_its_own_word() -> None:
    """Each as its frame calls it, though nothing but the command is left of it."""
    log = FailingLog()
    desk = Desk(log=log, rules=CHAIRED)
    ada, bob, _ = chaired(desk)
    with log.failing():
        bob.asks(do="request")
        ada.asks(do="topic", topic="play")
        ada.asks(do="set", rounds=2)
    refused = [(frame["do"], frame["reason"]) for peer in (bob, ada) for frame in peer.reads_frames()]

    assert refused == [("request", "storage"), ("topic", "storage"), ("set", "storage")]


# The chair.


def chaired(desk: Desk) -> tuple[Peer, Peer, Peer]:
    """Fill a room that Ada chairs; what they have read so far is read."""
    peers = desk.bot("Ada", kind="person"), desk.bot("Bob"), desk.bot("Eve")
    for peer in peers:
        peer.reads()
    return peers


def test_the_chair_gives_the_floor_and_takes_it() -> None:
    """To whom it likes, as often as it likes, in whatever case it types the name."""
    desk = Desk(rules=CHAIRED)
    ada, bob, _ = chaired(desk)
    bob.asks(do="request")
    ada.asks(do="grant", name="bob")
    ada.asks(do="grant", name="Bob")
    ada.asks(do="revoke", name="BOB")
    ada.asks(do="grant", name="Eve")
    ada.asks(do="revoke")
    frames = bob.reads_frames()

    assert [(name, frame["name"]) for name, frame in zip(named(frames), frames, strict=True)] == [
        ("floor_requested", "Bob"),
        ("floor_granted", "Bob"),
        ("floor_revoked", "Bob"),
        ("floor_granted", "Eve"),
        ("floor_revoked", "Eve"),
    ]
    assert [frame["by"] for frame in frames if frame["event"] == "floor_revoked"] == ["chair", "chair"]


def test_the_chair_opens_and_closes_topics_and_changes_the_rules() -> None:
    """Those of the next topic; the one that is open keeps its own."""
    desk = Desk(rules=CHAIRED)
    ada, bob, _ = chaired(desk)
    changes: dict[str, object] = {
        "policy": "rotate", "rounds": 2, "until": "rounds=2 or phrase=agreed", "turn_seconds": 0.5,
        "seat_seconds": {"Bob": 60}, "missed_turns": 9, "on_missed": "remove",
    }  # fmt: skip
    ada.asks(do="set", **changes)
    ada.asks(do="topic", topic="play")
    ada.asks(do="next")
    events = [{key: value for key, value in frame.items() if key not in ("seq", "at")} for frame in bob.reads_frames()]

    assert events == [
        {"event": "rules_set", **changes},
        {"event": "topic_queued", "topic": "play"},
        {"event": "topic_closed", "reason": "chair"},
        {"event": "topic_opened", "topic": "play", "host": "Host", "text": "Do you want to play?", "policy": "rotate"},
        {"event": "round_opened", "round": 1, "of": 2, "order": ["Ada", "Bob", "Eve"]},
        {"event": "floor_granted", "name": "Ada", "turn": 1, "deadline": events[-1]["deadline"], "seconds": 0.5},
    ]


def test_what_a_chair_set_ends_with_its_sitting() -> None:
    """The next one begins by the rules of the room."""
    desk = Desk(rules=Rules(seats=1, agenda=("hug",), chair="Ada"))
    ada = desk.bot("Ada")
    ada.asks(do="set", rounds=7)
    ada.asks(do="say", text="Done.")
    ada = desk.bot("Ada")
    rounds = [frame["of"] for frame in ada.reads_frames() if frame.get("event") == "round_opened"]

    assert rounds == [1]


def test_who_is_not_in_the_chair_may_not_do_what_the_chair_does() -> None:
    """Each is told so, and nothing happens."""
    desk = Desk(rules=CHAIRED)
    ada, bob, _ = chaired(desk)
    bob.asks(do="grant", name="Bob")
    bob.asks(do="topic", topic="play")
    for do in ("revoke", "next", "set"):
        bob.asks(do=do)

    assert [(frame["reason"], frame["text"]) for frame in bob.reads_frames()] == [
        ("not_allowed", f"Not allowed: only the operator or the chair may ask for {do}.")
        for do in ("grant", "topic", "revoke", "next", "set")
    ]
    assert ada.reads() == []


def test_the_chair_is_told_why_somebody_cannot_have_the_floor() -> None:
    """No seat, somebody else has it, or the policy gives it by itself."""
    desk = Desk(rules=CHAIRED)
    ada, _, _ = chaired(desk)
    ada.asks(do="revoke")
    ada.asks(do="grant", name="Nils")
    ada.asks(do="grant", name="Bob")
    ada.asks(do="grant", name="Eve")
    told = [(frame["reason"], frame["text"]) for frame in ada.reads_frames() if frame.get("reply") == "refused"]
    elsewhere = Desk(rules=Rules(seats=1, chair="Ada")).bot("Ada")
    elsewhere.asks(do="grant", name="Ada")

    assert told == [
        ("not_talking", "Nobody has the floor."),
        ("no_seat", "Nils has no seat here."),
        ("not_allowed", "Not allowed: Bob has the floor."),
    ]
    assert elsewhere.reads_frames()[-1]["text"] == (
        "Not allowed: the policy round-robin gives the floor, not the chair."
    )


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("policy", "loudest"),
        ("policy", "custom"),
        ("policy", "x" * 90_000),
        ("rounds", 0),
        ("rounds", -1),
        ("rounds", 1_000_001),
        ("rounds", 2**63 - 1),
        ("rounds", -(2**63)),
        ("until", "rounds=0"),
        ("until", "rounds=3 or"),
        ("until", "(rounds=3"),
        ("until", "rounds=3 phrase=agreed"),
        ("until", "boredom"),
        ("until", '"'),
        ("until", "x" * 501),
        ("turn_seconds", -1),
        ("turn_seconds", -0.001),
        ("turn_seconds", 604_801),
        ("turn_seconds", 1e300),
        ("turn_seconds", 2**63 - 1),
        ("seat_seconds", {"Bob": -1}),
        ("seat_seconds", {"Bob": 1e300}),
        ("seat_seconds", {"": 5}),
        ("seat_seconds", {f"Bot {number}": 5 for number in range(201)}),
        ("seat_seconds", {"x" * 33: 5}),
        ("missed_turns", 0),
        ("missed_turns", 1_000_001),
        ("on_missed", "shout"),
        ("on_missed", ""),
    ],
)
def test_a_rule_that_cannot_be_is_refused_in_the_words_of_the_rules(rule: str, value: object) -> None:
    """One sentence that begins with its name, the same that the command line says; nothing is changed."""
    desk = Desk(rules=CHAIRED)
    ada, bob, _ = chaired(desk)
    command = SetRules(by=Name("Ada"), **{rule: value})  # type: ignore[arg-type]
    with pytest.raises(Rejected) as caught:
        set_rules(desk.house.room(), command)
    ada.asks(do="set", **{rule: value})
    refused = ada.reads_frames()[0]

    assert (refused["do"], refused["reason"]) == ("set", "bad_value")
    assert refused["text"] == f"{caught.value.about[:1_000]}."
    assert refused["text"].startswith(f"{rule} ")
    assert bob.reads() == []


@pytest.mark.parametrize(
    ("rule", "value"),
    [("rounds", b"9223372036854775808"), ("turn_seconds", b"1e400"), ("seat_seconds", b'{"Bob":"5"}')],
)
def test_a_number_that_nothing_can_hold_is_malformed(rule: str, value: bytes) -> None:
    """It never reaches the rules."""
    desk = Desk(rules=CHAIRED)
    ada, _, _ = chaired(desk)
    ada.sends(b'{"do":"set","%b":%b}\n' % (rule.encode(), value))

    assert [(frame["do"], frame["reason"]) for frame in ada.reads_frames()] == [("set", "malformed")]
