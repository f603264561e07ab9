"""The JSON lines door, with the network left out: keys, resuming, receipts, pings, slow readers, the end."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from moothall.engine.commands import CloseRoom
from moothall.engine.names import RoomName
from moothall.engine.rules import Rules
from moothall.engine.words import Afterwards, PolicyName
from moothall.testing import FailingLog
from tests.doors.fakes import Desk, Peer

OPERATORS = ("skip", "remove", "pause", "unpause", "close", "end", "chair")


def seqs(frames: list[dict[str, Any]]) -> list[int]:
    """Return the seqs of the events among the frames."""
    return [frame["seq"] for frame in frames if "event" in frame]


def named(frames: list[dict[str, Any]]) -> list[str]:
    """Return what each frame is: its event, or its reply with the reason."""
    return [frame.get("event") or " ".join(filter(None, (frame["reply"], frame.get("reason")))) for frame in frames]


def pair(desk: Desk) -> tuple[Peer, Peer]:
    """Fill a room of two; what they have read so far is read."""
    lars, kari = desk.bot("Lars"), desk.bot("Kari")
    lars.reads()
    kari.reads()
    return lars, kari


# Joining.


def test_who_joins_gets_a_seat_a_key_and_the_sitting_from_its_opening() -> None:
    """All that a program needs to come back."""
    desk = Desk(seats=2)
    desk.guest("Lars")
    kari = desk.bot("Kari", kind="person", about="eight lines")
    joined, *events = kari.reads_frames()

    assert joined == {
        "reply": "joined",
        "room": "main",
        "name": "Kari",
        "seat": 2,
        "key": "k_1",
        "epoch": desk.hall.epoch,
        "after": 1,
        "seq": 8,
        "version": 1,
    } | {"seq": joined["seq"]}
    assert named(events)[0] == "sitting_opened"
    assert seqs(events) == list(range(2, 2 + len(events)))
    seated = next(event for event in events if event.get("name") == "Kari")
    assert (seated["kind"], seated["about"], seated["keyed"]) == ("person", "eight lines", True)


def test_reading_starts_where_one_asks() -> None:
    """From the very first event, or after any."""
    desk = Desk(seats=4)
    desk.guest("Lars")
    everything, later = desk.bot("Kari", after=0), desk.bot("Ola", after=3)

    assert seqs(everything.reads_frames())[0] == 1
    assert seqs(later.reads_frames())[0] == 4


def test_a_join_and_all_that_follows_it_may_come_in_one_packet() -> None:
    """However many frames, and however long; the answers come in their order, after the welcome."""
    desk = Desk(seats=1)
    kari = desk.connect()
    frames: list[dict[str, object]] = [
        {"do": "join", "name": "Kari"},
        {"do": "say", "text": "x" * 5_000, "cid": "c1"},
    ]
    frames[1:1] = [{"do": "ping"}] * 100
    kari.sends(b"".join(msgspec.json.encode(frame) + b"\n" for frame in frames))
    read = named(kari.reads_frames())

    assert read[0] == "joined"
    assert [name for name in read if name == "pong"] == ["pong"] * 100
    assert read[-4:] == ["said", "round_closed", "topic_closed", "sitting_closed"]


def test_before_joining_only_some_frames_are_taken() -> None:
    """A ping needs no room."""
    kari = Desk().connect()
    kari.asks(do="ping")
    kari.asks(do="pong")
    for do in ("pass", "request", "withdraw", "return", "revoke", "next", "set", "leave", "who"):
        kari.asks(do=do)
    kari.asks(do="grant", name="Lars")
    kari.asks(do="topic", topic="play")
    kari.asks(do="say", text="hello", cid="c1")
    frames = kari.reads_frames()

    assert named(frames) == ["pong", *["refused not_joined"] * 12]
    assert frames[-1] == {
        "reply": "refused",
        "do": "say",
        "reason": "not_joined",
        "cid": "c1",
        "text": "Join a room first.",
    }


def test_a_second_join_on_one_connection_is_refused() -> None:
    """It is in a room already, and stays there."""
    desk = Desk()
    kari = desk.bot("Kari")
    kari.reads()
    kari.asks(do="join", name="Ola", room="lab")
    kari.asks(do="ping")

    assert named(kari.reads_frames()) == ["refused bad_value", "pong"]
    assert list(desk.house.room().seats) == ["Kari"]


def test_an_about_that_is_too_long_is_refused() -> None:
    """It is kept in the log for good."""
    kari = Desk().bot("Kari", about="x" * 201)
    kari.asks(do="join", name="Kari", about="x" * 200)

    assert named(kari.reads_frames())[:2] == ["refused bad_value", "joined"]


def test_a_join_that_could_not_be_stored_is_refused_and_can_be_asked_again() -> None:
    """What came in the same packet is answered too."""
    log = FailingLog()
    desk = Desk(log=log)
    kari = desk.connect()
    with log.failing():
        kari.sends(b'{"do":"join","name":"Kari"}\n{"do":"who"}\n')
        assert named(kari.reads_frames()) == ["refused storage", "refused not_joined"]
    desk.clock.advance(1_000)
    kari.asks(do="join", name="Kari")

    assert named(kari.reads_frames())[0] == "joined"


@pytest.mark.parametrize("room", ["main", "lab"])
def test_what_stands_behind_a_join_that_is_refused_late_is_asked_after_the_batch(room: str) -> None:
    """Kari comes back in the very batch in which the sitting ends: what else she sends belongs to the next."""
    desk = Desk(rules=Rules(seats=2, rounds=1, agenda=("hug",)))
    kari, ola = desk.bot("Kari"), desk.bot("Ola")
    key = kari.reads_frames()[0]["key"]
    kari.asks(do="say", text="Oh yes")
    kari.hangs_up()
    back, nina = desk.connect(), desk.connect()
    joins = {"do": "join", "name": "Kari", "key": key}, {"do": "join", "name": "Kari", "room": room}
    back.transport.get_protocol().data_received(b"".join(msgspec.json.encode(join) + b"\n" for join in joins))
    nina.transport.get_protocol().data_received(b'{"do":"join","name":"Nina","room":"lab"}\n')
    ola.asks(do="say", text="Goodbye")

    assert named(back.reads_frames())[:2] == ["refused key_unknown", "joined"]
    for clerk in desk.hall.clerks.values():
        assert clerk.settled is clerk.newest
        assert desk.house.entries(clerk.name)[-1].seq == clerk.settled.seq


def test_who_has_not_joined_after_30_s_is_told_and_let_go() -> None:
    """Pings do not help."""
    desk = Desk()
    kari = desk.connect()
    for _ in range(30):
        kari.asks(do="ping")
        desk.clock.advance(1_000)

    assert kari.reads_frames()[-1] == {"reply": "goodbye", "reason": "not_joined", "text": "Join a room first."}
    assert kari.has_been_let_go


def test_a_connection_that_is_lost_before_its_welcome_holds_its_seat_for_a_while() -> None:
    """Its key was never read, so in the end the seat is given up."""
    desk = Desk()
    kari = desk.connect()
    kari.transport.get_protocol().data_received(b'{"do":"join","name":"Kari"}\n')
    kari.transport.vanish()
    desk.clock.settle()
    assert desk.house.room().here == 0
    desk.clock.advance(30_000)

    assert desk.house.room().seats == {}


# Taking part.


def test_a_whole_sitting() -> None:
    """Every event once, in the same order for both; one's own `said`, with its cid, is the receipt."""
    desk = Desk()
    lars, kari = desk.bot("Lars"), desk.bot("Kari")
    lars.asks(do="say", text="Lovely.", turn=1, cid="c1")
    kari.asks(do="pass", turn=2)
    of_lars, of_kari = lars.reads_frames(), kari.reads_frames()

    assert of_lars[1:] == of_kari[1:]
    assert seqs(of_lars) == list(range(2, 2 + len(of_lars) - 1))
    said = next(frame for frame in of_lars if frame.get("event") == "said")
    assert (said["name"], said["turn"], said["text"], said["cid"]) == ("Lars", 1, "Lovely.", "c1")
    assert named(of_kari)[-4:] == ["passed", "round_closed", "topic_closed", "sitting_closed"]
    assert lars.has_been_let_go
    assert kari.has_been_let_go


def test_early_words_are_refused_and_not_kept() -> None:
    """A program can wait for its turn."""
    desk = Desk()
    lars, kari = pair(desk)
    kari.asks(do="say", text="Me!", cid="c1")
    refused = kari.reads_frames()[0]
    lars.asks(do="say", text="Lovely.")

    assert refused == {
        "reply": "refused",
        "do": "say",
        "reason": "not_your_turn",
        "cid": "c1",
        "text": "Lars has the floor.",
    }
    assert named(kari.reads_frames()) == ["said", "floor_granted"]


def test_words_for_another_turn_are_over() -> None:
    """What was meant for turn 1 is not said in turn 2."""
    desk = Desk()
    lars, kari = pair(desk)
    lars.asks(do="say", text="Lovely.")
    kari.reads()
    kari.asks(do="say", text="Me too.", turn=1)
    kari.asks(do="pass", turn=1)
    kari.asks(do="say", text="Me too.", turn=2)

    assert named(kari.reads_frames())[:3] == ["refused turn_over", "refused turn_over", "said"]


def test_the_same_words_again_are_receipted_and_said_once() -> None:
    """In the same packet, in the next, and after somebody else has the floor; other words are refused."""
    desk = Desk()
    lars, kari = pair(desk)
    lars.sends(b'{"do":"say","text":"Lovely.","cid":"c1"}\n' * 2)
    lars.asks(do="say", text="Lovely.", cid="c1")
    lars.asks(do="say", text="Horrible.", cid="c1")
    desk.clock.advance(20)
    frames = lars.reads_frames()
    said = [frame for frame in frames if frame.get("event") == "said"]
    receipts = [frame for frame in frames if frame.get("reply") == "said"]
    refused = [frame for frame in frames if frame.get("reply") == "refused"]

    assert len(said) == 1
    assert receipts == [{"reply": "said", "cid": "c1", "seq": said[0]["seq"]}] * 2
    assert [(frame["reason"], frame["cid"]) for frame in refused] == [("cid_reused", "c1")]
    assert named(kari.reads_frames()) == ["said", "floor_granted"]


def test_a_receipt_is_given_only_for_what_is_stored() -> None:
    """Neither the words nor their repetition: both are refused, and can be sent again."""
    log = FailingLog()
    desk = Desk(log=log)
    lars, kari = pair(desk)
    with log.failing():
        lars.sends(b'{"do":"say","text":"Lovely.","cid":"c1"}\n' * 2)
    frames = lars.reads_frames()
    assert [(frame["reply"], frame["reason"], frame["cid"]) for frame in frames] == [("refused", "storage", "c1")] * 2
    assert kari.reads() == []
    desk.clock.advance(1_000)
    lars.asks(do="say", text="Lovely.", cid="c1")

    assert named(kari.reads_frames()) == ["reopened", "said", "floor_granted"]


def test_what_only_the_operator_may_ask_is_not_allowed() -> None:
    """With or without a room, and whatever else stands in the frame."""
    desk = Desk()
    kari = desk.connect()
    for do in OPERATORS:
        kari.asks(do=do, name="Lars")
    frames = kari.reads_frames()

    assert [(frame["reason"], frame["do"]) for frame in frames] == [("not_allowed", do) for do in OPERATORS]
    assert frames[0]["text"] == "Not allowed: only the operator may ask for skip."


def test_a_word_that_nobody_knows_is_malformed() -> None:
    """The reply says which it was, where the line said so."""
    kari = Desk().connect()
    kari.sends(b'{"do":"fly"}\n')
    kari.sends(b'{"do":\n')

    assert [(frame["reason"], frame.get("do")) for frame in kari.reads_frames()] == [
        ("malformed", "fly"),
        ("malformed", None),
    ]


def test_who_asks_who_is_here_is_told() -> None:
    """Seats, spectators, the topic and the holder."""
    desk = Desk()
    lars, kari = pair(desk)
    desk.bot("", watch=True)
    lars.hangs_up()
    kari.reads()
    kari.asks(do="who")

    assert kari.reads_frames() == [
        {
            "reply": "who",
            "room": "main",
            "phase": "talking",
            "seats": 2,
            "seated": [
                {"name": "Lars", "seat": 1, "kind": "bot", "away": True},
                {"name": "Kari", "seat": 2, "kind": "bot"},
            ],
            "watching": 1,
            "topic": "hug",
            "holder": "Lars",
        }
    ]


def test_a_spectator_reads_all_and_says_nothing() -> None:
    """It has no name, no seat and no key; it may leave, and come back to where it was."""
    desk = Desk()
    watcher = desk.bot("", watch=True)
    desk.bot("Lars")
    watcher.asks(do="say", text="Me!")
    for do in ("pass", "request", "withdraw", "return", "revoke", "next", "set"):
        watcher.asks(do=do)
    watcher.asks(do="grant", name="Lars")
    watcher.asks(do="topic", topic="play")
    joined, *rest = watcher.reads_frames()
    assert joined == {
        "reply": "joined",
        "room": "main",
        "epoch": desk.hall.epoch,
        "after": 0,
        "seq": 0,
        "version": 1,
    }
    assert named(rest)[-11:] == ["seated", *["refused no_seat"] * 10]
    last = seqs(rest)[-1]
    watcher.asks(do="leave")
    assert watcher.has_been_let_go
    desk.bot("Kari")
    again = desk.bot("", watch=True, epoch=desk.hall.epoch, after=last)
    frames = again.reads_frames()

    assert named(frames)[:2] == ["resumed", "seated"]
    assert (frames[0]["holder"], frames[0]["turn"], frames[0]["left_ms"]) == ("Lars", 1, 30_000)
    assert seqs(frames)[0] == last + 1


def test_who_leaves_reads_its_own_left_last() -> None:
    """In one's turn or not."""
    desk = Desk()
    lars, kari = pair(desk)
    lars.asks(do="leave")

    assert named(lars.reads_frames()) == ["left"]
    assert lars.has_been_let_go
    assert named(kari.reads_frames()) == ["left", "floor_granted"]


def test_a_spectator_that_leaves_has_read_all_that_was_said() -> None:
    """Though a server with more to do had put off writing it."""
    desk = Desk(seats=2)
    lars, _ = pair(desk)
    watcher = desk.bot("", watch=True)
    watcher.reads()
    # In the turn of the loop after the words are committed, before anybody but the next holder is written to.
    desk.clock.soon(lambda: desk.clock.soon(lambda: watcher.asks(do="leave")))
    lars.asks(do="say", text="Hugging seems great!")

    assert named(watcher.reads_frames()) == ["said", "floor_granted"]
    assert watcher.has_been_let_go


# Coming back.


def test_a_lost_connection_comes_back_to_its_seat_and_its_turn() -> None:
    """With the same deadline; not a line is lost, and none comes twice."""
    desk = Desk()
    lars, kari = desk.bot("Lars"), desk.bot("Kari")
    before = lars.reads_frames()
    granted = before[-1]
    assert granted["event"] == "floor_granted"
    lars.hangs_up()
    assert named(kari.reads_frames())[-1] == "went_away"
    desk.clock.advance(10_000)
    lars = desk.bot("Lars", key=before[0]["key"], epoch=before[0]["epoch"], after=granted["seq"])
    resumed, *after = lars.reads_frames()

    assert resumed == {
        "reply": "resumed",
        "room": "main",
        "name": "Lars",
        "seat": 1,
        "epoch": desk.hall.epoch,
        "after": granted["seq"],
        "seq": granted["seq"] + 2,
        "holder": "Lars",
        "turn": 1,
        "left_ms": 20_000,
    }
    assert named(after) == ["went_away", "came_back"]
    assert seqs(after) == [granted["seq"] + 1, granted["seq"] + 2]
    lars.asks(do="say", text="Where were we?", turn=1)
    assert named(kari.reads_frames()) == ["came_back", "said", "floor_granted"]


def test_a_seat_that_is_not_come_back_to_is_given_up() -> None:
    """After 30 s; the key then opens nothing."""
    desk = Desk(seats=3)
    lars, kari = desk.bot("Lars"), desk.bot("Kari")
    key = lars.reads_frames()[0]["key"]
    lars.hangs_up()
    desk.clock.advance(30_000)
    assert [name for name in named(kari.reads_frames()) if name != "ping"][-2:] == ["went_away", "left"]
    lars = desk.bot("Lars", key=key)
    lars.asks(do="join", name="Lars")

    assert named(lars.reads_frames())[:2] == ["refused key_unknown", "joined"]


def test_only_its_own_key_opens_a_seat() -> None:
    """Not another's, and not that of a seat in an earlier sitting."""
    desk = Desk(seats=1)
    key = desk.bot("Kari").reads_frames()[0]["key"]
    for wrong in ("", "k_wrong", "x" * 200):
        assert named(desk.bot("Kari", key=wrong).reads_frames()) == ["refused key_unknown"]
    desk.bot("Kari", key=key).asks(do="say", text="Lovely.")
    desk.bot("Kari")

    assert named(desk.bot("Kari", key=key).reads_frames()) == ["refused key_unknown"]


def test_a_key_used_on_a_seat_that_is_taken_takes_it_over() -> None:
    """The old connection is told why, and closed; the room hears nothing of it."""
    desk = Desk()
    old, kari = desk.bot("Lars"), desk.bot("Kari")
    joined, *events = old.reads_frames()
    kari.reads()
    new = desk.bot("lars", key=joined["key"], epoch=joined["epoch"], after=events[-1]["seq"])

    assert old.reads_frames() == [
        {
            "reply": "goodbye",
            "reason": "taken_over",
            "text": "Your seat was taken over by another connection with its key.",
        }
    ]
    assert old.has_been_let_go
    old.hangs_up()
    new.asks(do="say", text="Still me.")
    assert named(kari.reads_frames()) == ["said", "floor_granted"]


def test_the_welcome_is_read_before_the_answer_to_what_came_with_it() -> None:
    """A program waits for it first."""
    desk = Desk()
    old, _ = desk.bot("Lars"), desk.bot("Kari")
    joined, *events = old.reads_frames()
    frame = {"do": "join", "name": "Lars", "key": joined["key"], "epoch": joined["epoch"], "after": events[-1]["seq"]}
    new = desk.connect()
    new.sends(msgspec.json.encode(frame) + b'\n{"do":"ping"}\n{"do":"say","text":"Still me."}\n')
    desk.clock.advance(20)

    assert named(new.reads_frames()) == ["resumed", "pong", "said", "floor_granted"]


@pytest.mark.parametrize(
    "cursor", [{"epoch": "e_other", "after": 3}, {"after": 3}, {"epoch": None}, {"after": 2**63 - 1}]
)
def test_a_cursor_that_means_nothing_here_is_reset(cursor: dict[str, object]) -> None:
    """Another epoch, none, or an end that was never reached: the seat is kept, and reading starts anew."""
    desk = Desk()
    lars, _ = desk.bot("Lars"), desk.bot("Kari")
    joined = lars.reads_frames()[0]
    lars.hangs_up()
    if cursor == {"after": 2**63 - 1}:
        cursor = cursor | {"epoch": joined["epoch"]}
    again = desk.bot("Lars", key=joined["key"], **cursor)
    reset, *events = again.reads_frames()

    assert reset.items() >= {"reply": "reset", "name": "Lars", "seat": 1, "epoch": joined["epoch"], "after": 1}.items()
    assert seqs(events)[0] == 2
    assert named(events)[-1] == "came_back"


# Pings.


def test_who_says_nothing_for_30_s_is_pinged_and_for_90_s_is_gone() -> None:
    """One ping, and then the seat is held like that of any lost connection."""
    desk = Desk(seats=2)
    lars = desk.bot("Lars")
    lars.reads()
    desk.clock.advance(29_999)
    assert lars.reads() == []
    desk.clock.advance(1)
    assert lars.reads_frames() == [{"reply": "ping"}]
    desk.clock.advance(59_999)
    assert (lars.reads(), lars.transport.is_gone) == ([], False)
    desk.clock.advance(1)

    assert lars.transport.is_gone
    assert desk.house.room().here == 0


def test_any_line_answers_a_ping() -> None:
    """A pong, a frame, and even one that cannot be read."""
    desk = Desk(rules=Rules(seats=2, agenda=("hug",), away_seconds=0))
    lars = desk.bot("Lars")
    lars.reads()
    for line in (b'{"do":"pong"}\n', b'{"do":"who"}\n', b"nonsense\n", b"\n"):
        desk.clock.advance(89_000)
        assert {"reply": "ping"} in lars.reads_frames()
        lars.sends(line)

    assert not lars.transport.is_gone


# Slow readers.


def test_a_reader_that_stalls_holds_nobody_up_and_costs_little() -> None:
    """10 MB are said; one write is under way, and the rest stays where it is; in the end it has read every event."""
    desk = Desk(rules=Rules(seats=2, agenda=("hug",), policy=PolicyName.OPEN))
    lars, kari = pair(desk)
    kari.stalls()
    for _ in range(1_300):
        lars.asks(do="say", text="x" * 7_990)
    assert kari.transport.most_buffered <= 64 * 1024
    desk.clock.advance(20)
    of_lars = lars.reads()
    kari.reads_on()

    assert kari.reads() == of_lars
    assert len(of_lars) == 1_300


def test_answers_come_between_lines_and_not_within_them() -> None:
    """A slow reader is sent pieces that end anywhere; what it asks is answered at the end of a line."""
    desk = Desk(rules=Rules(seats=2, agenda=("hug",), policy=PolicyName.OPEN))
    lars, kari = pair(desk)
    kari.stalls()
    for _ in range(20):
        lars.asks(do="say", text="x" * 5_000)
    for _ in range(40):
        kari.takes(len(kari.transport.buffer) // 2 + 1)
        kari.asks(do="ping")
    kari.reads_on()
    frames = named(kari.reads_frames())

    assert (frames.count("said"), frames.count("pong")) == (20, 40)


def test_answers_that_nobody_reads_are_bounded() -> None:
    """A client that asks for ever and never reads is not listened to, and nothing that it asked is lost."""
    desk = Desk(seats=50)
    names = [f"Participant number {number}" for number in range(40)]
    for name in names:
        desk.bot(name, about="x" * 200)
    kari = desk.bot("Kari")
    kari.reads()
    kari.stalls()
    kari.sends(b'{"do":"who"}\n' * 1_000)
    assert kari.transport.is_reading_paused
    assert kari.transport.most_buffered <= 100 * 1024
    kari.reads_on()

    assert named(kari.reads_frames()) == ["who"] * 1_000
    assert not kari.transport.is_reading_paused


def test_who_takes_no_byte_for_30_s_is_told_and_closed() -> None:
    """The seat is held, as after any lost connection."""
    desk = Desk(rules=Rules(seats=2, agenda=("hug",), policy=PolicyName.OPEN))
    lars, kari = pair(desk)
    kari.stalls()
    lars.asks(do="say", text="Lovely.")
    desk.clock.advance(30_000)
    kari.reads_on()

    assert [frame for frame in kari.reads_frames() if frame.get("reply") != "ping"][-1] == {
        "reply": "goodbye",
        "reason": "slow",
        "text": "You read too slowly.",
    }
    assert kari.has_been_let_go


def test_who_stalls_in_the_middle_of_a_line_is_just_closed() -> None:
    """Nothing can be said there."""
    desk = Desk(rules=Rules(seats=2, agenda=("hug",), policy=PolicyName.OPEN))
    lars, kari = pair(desk)
    kari.stalls()
    for _ in range(9):
        lars.asks(do="say", text="x" * 7_000)
    kari.takes(len(kari.transport.buffer))
    desk.clock.advance(40_000)

    assert kari.transport.is_gone


# The end.


def test_the_end_of_input_is_a_lost_connection() -> None:
    """Whoever wants to give the seat up asks to leave."""
    desk = Desk()
    lars, kari = pair(desk)
    lars.ends_input()

    assert lars.transport.is_gone
    assert named(kari.reads_frames()) == ["went_away"]


def test_a_server_that_stops_says_goodbye() -> None:
    """Whether one has joined or not."""
    desk = Desk()
    kari, nobody = desk.bot("Kari"), desk.connect()
    nobody.asks(do="ping")
    desk.hall.stop(close_sittings=False)
    nobody.asks(do="join", name="Lars")
    desk.gate.say_goodbye(lambda: None)
    goodbye = {"reply": "goodbye", "reason": "closing", "text": "The server is stopping."}

    assert kari.reads_frames()[-1] == goodbye
    assert named(nobody.reads_frames()) == ["pong", "refused closing", "goodbye closing"]
    assert kari.has_been_let_go
    kari.asks(do="ping")
    assert kari.reads() == []


def test_a_sitting_that_is_over_leaves_everybody_where_the_room_stays() -> None:
    """And nobody where it does not; a closed room lets everybody go."""
    desk = Desk(rules=Rules(seats=1, agenda=("hug",), afterwards=Afterwards.STAY))
    kari = desk.bot("Kari")
    kari.asks(do="say", text="Lovely.")
    desk.clock.advance(20)
    assert (named(kari.reads_frames())[-1], kari.has_been_let_go) == ("topic_closed", False)
    desk.hall.command(RoomName("main"), CloseRoom())
    desk.clock.settle()

    assert named(kari.reads_frames())[-1] in ("room_closed", "sitting_closed")
    assert kari.has_been_let_go


def test_a_past_that_cannot_be_read_ends_the_connection_with_a_reason() -> None:
    """The disk gives nothing back; whoever joins anew starts where the room is."""
    log = FailingLog()
    desk = Desk(log=log)
    desk.guest("Lars")
    with log.unreadable():
        watcher = desk.bot("", watch=True, after=0)

    assert named(watcher.reads_frames()) == ["goodbye storage"]
    assert watcher.has_been_let_go


def test_a_join_without_a_room_leads_to_the_first_there_is() -> None:
    """As a name alone does in the text door: no client has to know what a server calls its room."""
    desk = Desk(rooms=("lab",), first_room="lab")

    assert desk.bot("Kari").reads_frames()[0]["room"] == "lab"
