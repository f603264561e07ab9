"""What the server answers, as others read it: what is absent or as usual is left out."""

from __future__ import annotations

from moothall.engine.names import Name
from moothall.engine.words import Kind
from moothall.wire.json_lines import encode_line
from moothall.wire.replies import Reply, SeatShown, WhoReply
from tests.engine.past import KARI
from tests.wire.samples import MAIN, tags


def who(requests: list[Name], chair: str | None, *, benched: bool) -> bytes:
    """Return the answer about a room of one."""
    seat = SeatShown(name=KARI, seat=1, kind=Kind.BOT, benched=benched)
    return encode_line(
        WhoReply(room=MAIN, phase="talking", seats=1, seated=[seat], watching=0, requests=requests, chair=chair)
    )


def test_a_room_without_requests_a_chair_and_a_bench_says_nothing_of_them() -> None:
    """Most rooms; a client that knows none of the three reads what it always read."""
    assert who([], None, benched=False) == (
        b'{"reply":"who","room":"main","phase":"talking","seats":1,"seated":[{"name":"Kari","seat":1,"kind":"bot"}],'
        b'"watching":0}\n'
    )


def test_a_room_with_them_names_them() -> None:
    """In the order of the queue; the chair need not be seated."""
    assert who([KARI], "Ada", benched=True).endswith(
        b'"kind":"bot","benched":true}],"watching":0,"requests":["Kari"],"chair":"Ada"}\n'
    )


def test_every_reply_has_a_word_of_its_own() -> None:
    """Clients in other languages switch on it."""
    assert tags(Reply) == {
        "joined", "resumed", "gap", "reset", "waiting", "said", "refused", "who", "pong", "ping", "goodbye",
    }  # fmt: skip
