"""A scripted participant reads as a client does, answers as it is told, and is as slow as a test wants it."""

from __future__ import annotations

import pytest

from moothall import Turn
from moothall.bots.house import alice
from moothall.engine.events import FloorGranted, Said, TopicOpened
from moothall.engine.names import Name
from moothall.engine.rules import Rules
from moothall.engine.words import PolicyName
from moothall.errors import Reason, Rejected
from moothall.testing import FailingLog, MemoryHall, Participant, memory_hall
from moothall.wire.text import TEXT

TWO = Rules(seats=2, topics=("hug",))


def said(hall: MemoryHall) -> list[str]:
    return [f"{event.name}: {event.text}" for event in hall.events() if isinstance(event, Said)]


def pair(rules: Rules = TWO) -> tuple[MemoryHall, Participant, Participant]:
    hall = memory_hall(rules)
    kari, ola = hall.enter("Kari"), hall.enter("Ola")
    hall.settle()
    return hall, kari, ola


def test_it_keeps_what_it_was_written_as_lines_and_as_events() -> None:
    """A test compares whichever is plainer."""
    _, kari, _ = pair()

    assert kari.received == b"".join(kari.writes)
    assert kari.lines[0].startswith('{"event":"sitting_opened"')
    assert isinstance(kari.events[-1], FloorGranted)
    assert not kari.is_finished


def test_it_reads_plain_lines_where_its_door_writes_them() -> None:
    """The dialect is the door's."""
    hall = memory_hall(TWO)
    kari = hall.enter("Kari", dialect=TEXT)
    assert kari.lines == []
    hall.settle()

    assert kari.lines == ["* You are Kari, seat 1. 1/2 here. /help lists what you can type."]


def test_what_is_turned_down_at_once_is_raised() -> None:
    """As a door learns it."""
    _, kari, ola = pair()

    with pytest.raises(Rejected):
        ola.say("Hello")
    with pytest.raises(Rejected):
        ola.pass_turn()
    with pytest.raises(Rejected):
        kari.say("Hello", turn=7)
    assert ola.refusals == []


def test_it_says_passes_and_leaves() -> None:
    """What a client can do."""
    hall, kari, ola = pair(Rules(seats=2, rounds=2))
    kari.say("Hello", cid="c1")
    hall.settle()
    ola.pass_turn()
    hall.settle()
    kari.leave()
    hall.settle()

    assert (said(hall), hall.room().tally.passed, list(hall.room().seats)) == (["Kari: Hello"], 1, ["Ola"])
    assert kari.is_finished


def test_it_asks_withdraws_and_comes_off_the_bench() -> None:
    """What one does under a policy where one asks."""
    hall, kari, ola = pair(Rules(seats=2, policy=PolicyName.REQUEST, missed_turns=1))
    kari.request_floor()
    ola.request_floor()
    ola.withdraw()
    hall.settle()
    hall.advance(30_000)
    assert (hall.room().requests, hall.room().seats[Name("Kari")].is_benched) == ((), True)
    kari.come_off_bench()
    hall.settle()

    assert not hall.room().seats[Name("Kari")].is_benched


def test_from_the_chair_it_grants_revokes_and_steers_the_topics() -> None:
    """What only the chair may do."""
    hall, kari, ola = pair(Rules(seats=2, policy=PolicyName.CHAIR, chair="Kari", until="chair"))
    kari.grant("Ola")
    hall.settle()
    assert hall.room().holder == "Ola"
    kari.revoke()
    kari.queue_topic("eat")
    kari.next_topic()
    hall.settle()

    assert (hall.room().holder, TopicOpened("eat", "Host", "Do you want to eat?", PolicyName.CHAIR)) == (
        None,
        hall.events()[-1],
    )
    with pytest.raises(Rejected, match="not_allowed"):
        ola.grant("Kari")


def test_a_spectator_just_goes() -> None:
    """It has no seat to give up."""
    hall, _, _ = pair()
    watcher = hall.enter("Per", watch=True)
    hall.settle()
    watcher.leave()

    assert watcher.is_finished
    with pytest.raises(Rejected):
        watcher.say("Hello")


def test_a_bot_answers_when_it_has_the_floor() -> None:
    """One answer a turn, and it sees what a bot sees."""
    asked: list[Turn] = []

    def bot(turn: Turn) -> str:
        asked.append(turn)
        return f"I think {turn.topic.gerund} sounds great!"

    hall = memory_hall(Rules(seats=2, rounds=2, topics=("hug",)))
    hall.enter("Kari", answers=["one", "two"])
    hall.enter("Ola", answers=bot)
    hall.settle()

    assert said(hall)[1] == "Ola: I think hugging sounds great!"
    first, second = asked
    assert (first.number, first.round, first.place, first.question) == (2, 1, 2, "Do you want to hug?")
    assert (first.name, first.room, first.host, first.seconds) == ("Ola", "main", "Host", 30)
    assert [(word.name, word.text) for word in first.heard] == [("Kari", "one")]
    assert [(word.name, word.text) for word in second.heard] == [("Kari", "two")]
    assert [word.text for word in second.transcript] == ["one", "I think hugging sounds great!", "two"]


def test_a_bot_of_another_form_is_called_with_what_it_takes() -> None:
    """A lambda says what."""
    hall = memory_hall(Rules(seats=1, topics=("hug",)))
    hall.enter("Alice", answers=lambda turn: alice(turn.topic))
    hall.settle()

    assert said(hall) == ["Alice: I think hugging sounds great!"]


def test_none_passes_and_who_has_no_answer_left_is_silent() -> None:
    """So its deadline comes."""
    hall = memory_hall(Rules(seats=1, turn_seconds=30, until="turns=3"))
    hall.enter("Kari", answers=["one", None])
    hall.settle()
    assert (said(hall), hall.room().tally.passed, hall.room().holder) == (["Kari: one"], 1, "Kari")
    hall.advance(30_000)

    assert hall.room().tally.missed == 1


def test_an_answer_that_is_turned_down_is_a_refusal() -> None:
    """A bot's bad answer does not raise in the middle of a hall."""
    hall = memory_hall(Rules(seats=1, max_text_chars=3))
    kari = hall.enter("Kari", answers=["too long"])
    hall.settle()

    assert kari.refusals == [Reason.TOO_LONG]


def test_a_bot_answers_when_it_has_read_that_it_has_the_floor() -> None:
    """Not before: a slow reader is a slow speaker."""
    hall = memory_hall(TWO)
    kari, _ = hall.enter("Kari", answers=["Hello"]), hall.enter("Ola")
    kari.stall()
    hall.settle()
    assert said(hall) == []
    kari.take(kari.unread - 1)
    hall.settle()
    assert said(hall) == []
    kari.take(1)
    hall.settle()

    assert said(hall) == ["Kari: Hello"]


def test_a_stalled_reader_holds_what_it_was_handed_and_no_more() -> None:
    """The next write comes when the last was taken."""
    hall, kari, ola = pair()
    ola.writes.clear()
    before = len(ola.received)
    ola.stall()
    kari.say("Hello")
    hall.settle()
    handed = len(ola.writes[0])
    assert (ola.unread, ola.most_unread, len(ola.received)) == (handed, handed, before)
    ola.take(10)
    assert (ola.unread, len(ola.received)) == (handed - 10, before + 10)
    ola.read_on()

    assert (ola.unread, ola.received[before:]) == (0, ola.writes[0])


def test_who_hangs_up_is_written_nothing() -> None:
    """And the room goes on without them."""
    hall, kari, ola = pair()
    kari.hang_up()
    writes = len(kari.writes)
    hall.settle()

    assert len(kari.writes) == writes
    assert hall.room().holder == "Ola"
    assert ola.events[-1] == FloorGranted(Name("Ola"), 2, hall.clock.now() + 30_000, 30)


def test_who_is_not_in_yet_has_no_visit() -> None:
    """The error says what is missing."""
    hall = memory_hall(TWO)
    kari = hall.enter("Kari")

    with pytest.raises(LookupError, match="settle"):
        kari.say("Hello")


def test_who_is_turned_away_knows_it() -> None:
    """The join could not be stored."""
    log = FailingLog(fails_at={1})
    hall = memory_hall(TWO, log=log)
    kari = hall.enter("Kari")
    hall.settle()

    assert kari.is_refused
    assert kari.key is None
