"""What is said is kept until the room has it, and no longer."""

import pytest

from moothall.bots.outbox import Outbox
from moothall.engine.events import Event, Passed, Said
from moothall.engine.names import Name
from moothall.errors import Reason, Rejected
from moothall.wire.frames import Frame, PassFrame, SayFrame
from moothall.wire.replies import Refused

KARI = Name("Kari")
OLA = Name("Ola")
HELLO = SayFrame(text="Hello", turn=3, cid="c1")


class Sent(list[Frame]):
    """What was sent since it was last asked."""

    def news(self) -> list[Frame]:
        frames = list(self)
        self.clear()
        return frames


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def outbox(sent: Sent) -> Outbox:
    return Outbox(sent.append)


def refused(reason: Reason, do: str | None = "say", cid: str | None = None) -> Refused:
    return Refused(do=do, reason=reason, cid=cid, text="")


def test_words_are_sent_and_sent_again_until_they_are_acknowledged(outbox: Outbox, sent: Sent) -> None:
    """The same cid makes them the same words, however often they come."""
    assert outbox.say("Hello", 3) == "c1"
    outbox.send_all()
    assert sent.news() == [HELLO, HELLO]

    outbox.acknowledge("c1")
    outbox.send_all()

    assert sent.news() == []


@pytest.mark.parametrize(
    ("event", "are_kept"),
    [
        (Said(KARI, 3, "Hello", "c1"), False),
        (Said(OLA, 3, "Hello", "c1"), True),
        (Said(KARI, 3, "Hello"), True),
        (Passed(KARI, 3), True),
    ],
)
def test_only_the_own_event_with_the_cid_is_the_receipt(outbox: Outbox, event: Event, are_kept: bool) -> None:
    """A cid is unique per speaker, so another's says nothing of ours."""
    outbox.say("Hello", 3)

    outbox.take(event, KARI)

    assert len(outbox) == are_kept


def test_a_pass_is_kept_with_its_turn_and_sent_again(outbox: Outbox, sent: Sent) -> None:
    """Its number makes it harmless in any other turn; without one it would give the next turn up."""
    outbox.pass_turn(3)
    outbox.send_all()
    assert sent.news() == [PassFrame(turn=3), PassFrame(turn=3)]

    outbox.take(Passed(KARI, 3), KARI)
    outbox.pass_turn(None)
    outbox.send_all()

    assert sent.news() == [PassFrame()]


def test_what_is_refused_is_not_sent_again(outbox: Outbox) -> None:
    """It would be refused again."""
    outbox.say("Hello", 3)
    outbox.pass_turn(4)

    outbox.take_refusal(refused(Reason.TURN_OVER, cid="c1"))
    outbox.take_refusal(refused(Reason.TURN_OVER, do="pass"))

    assert len(outbox) == 0


def test_a_line_too_long_was_the_longest(outbox: Outbox, sent: Sent) -> None:
    """The server has thrown it away with its cid in it."""
    outbox.say("Hello", 3)
    outbox.say("Hello " * 100, 3)
    sent.clear()

    outbox.take_refusal(refused(Reason.TOO_LONG, do=None))
    outbox.take_refusal(refused(Reason.MALFORMED, do=None))
    outbox.send_all()

    assert sent == [HELLO]


def test_a_client_keeps_no_more_than_the_server_remembers(outbox: Outbox) -> None:
    """Beyond 64 the server could not tell a second sending from a first."""
    for _ in range(64):
        outbox.say("Hello", None)

    with pytest.raises(Rejected, match="too_fast"):
        outbox.say("Hello", None)


def test_only_what_belongs_to_the_open_turn_may_wait(outbox: Outbox) -> None:
    """A pause or a full disk passes; a turn that is over does not come back."""
    outbox.say("Hello", 3)
    say = refused(Reason.STORAGE, cid="c1")

    assert [outbox.may_wait(say, turn) for turn in (3, 4, None)] == [True, False, False]
    assert not outbox.may_wait(refused(Reason.STORAGE, do="pass"), 3)
    outbox.pass_turn(3)
    assert outbox.may_wait(refused(Reason.STORAGE, do="pass"), 3)


def test_a_lost_seat_has_nothing_left_to_say(outbox: Outbox) -> None:
    """Its words were said in a sitting that is gone."""
    outbox.say("Hello", 3)
    outbox.pass_turn(3)

    outbox.clear()

    assert len(outbox) == 0
