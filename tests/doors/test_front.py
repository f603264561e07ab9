"""The front door: which door the first bytes choose, however they come, and that nothing of them reaches another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.doors.front import DoorKind, choose
from moothall.doors.gate import DoorLimits
from tests.doors.fakes import PAGE, Desk, Peer

FIRST_BYTES = {
    b"Kari\n": DoorKind.TEXT,
    b"kari": DoorKind.TEXT,
    b"\n": DoorKind.TEXT,
    b"\xff\xfd\x03Kari\r\n": DoorKind.TEXT,
    b"Nick\n": DoorKind.TEXT,
    b"Nick Cave\n": DoorKind.TEXT,
    b"NICK\n": DoorKind.TEXT,
    b"NICK\r\n": DoorKind.TEXT,
    b"NICK \n": DoorKind.TEXT,
    b"USER\n": DoorKind.TEXT,
    b"CAPTAIN\n": DoorKind.TEXT,
    b"Get Smart\n": DoorKind.TEXT,
    b"GET\n": DoorKind.TEXT,
    b"GET Smart\n": DoorKind.TEXT,
    b"GET Smart HTML/1\n": DoorKind.TEXT,
    b"GETTA / HTTP/1.1\r\n": DoorKind.TEXT,
    b"PATCH Adams MD\n": DoorKind.TEXT,
    b"/watch\n": DoorKind.TEXT,
    b' {"do":"ping"}\n': DoorKind.TEXT,
    b'{"do":"ping"}\n': DoorKind.JSON,
    b"{": DoorKind.JSON,
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n": DoorKind.HTTP,
    b"HEAD /rooms/main HTTP/1.0\r\n\r\n": DoorKind.HTTP,
    b"POST /api HTTP/1.1\r\nContent-Length: 5\r\n\r\nKari\n": DoorKind.HTTP,
    b"OPTIONS * HTTP/1.1\r\n\r\n": DoorKind.HTTP,
    b"GET http://localhost:4242/ HTTP/1.1\r\n\r\n": DoorKind.HTTP,
    b"CONNECT example.org:443 HTTP/1.1\r\n\r\n": DoorKind.HTTP,
    b"NICK kari\r\nUSER kari 0 * :Kari\r\n": DoorKind.IRC,
    b"USER kari 0 * :Kari\r\n": DoorKind.IRC,
    b"PASS secret\r\n": DoorKind.IRC,
    b"CAP LS 302\r\n": DoorKind.IRC,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03": DoorKind.TLS,
}


def chosen(*packets: bytes) -> DoorKind | None:
    """Return what the packets choose, one after the other; nobody is asked again once it is chosen."""
    first = b""
    for packet in packets:
        first += packet
        kind = choose(first)
        if kind is not None:
            return kind
    return None


@pytest.mark.parametrize(("first", "kind"), FIRST_BYTES.items())
def test_the_first_bytes_choose_the_door(first: bytes, kind: DoorKind) -> None:
    """A person whose name begins like a word of another protocol is a person."""
    assert choose(first) is kind


@pytest.mark.parametrize(("first", "kind"), FIRST_BYTES.items())
def test_packets_cut_anywhere_choose_the_same_door(first: bytes, kind: DoorKind) -> None:
    """In two at every place, and byte by byte."""
    for at in range(1, len(first)):
        assert chosen(first[:at], first[at:]) is kind
    assert chosen(*(bytes([byte]) for byte in first)) is kind


@given(st.binary(max_size=40).map(lambda tail: b"GET " + tail) | st.binary(max_size=40), st.integers(0, 44))
def test_any_bytes_cut_anywhere_choose_the_same_door(first: bytes, at: int) -> None:
    """Not only those that we have thought of."""
    assert chosen(first[:at], first[at:]) is choose(first)


def test_a_first_line_without_an_end_is_not_waited_for_for_ever() -> None:
    """What may still become HTTP after 1,024 bytes is no request of anybody's."""
    assert choose(b"GET " + b"x" * 1_019) is None
    assert choose(b"GET " + b"x" * 1_020) is DoorKind.TEXT
    assert choose(b"GET " + b"x" * 1_020 + b" HTTP/1.1\r\n") is DoorKind.TEXT


def test_silence_chooses_text_after_400_ms() -> None:
    """And no sooner: who speaks first is not greeted."""
    desk = Desk()
    kari = desk.connect()
    desk.clock.advance(399)
    assert kari.reads() == []
    desk.clock.advance(1)

    assert kari.reads() == ["* Moothall, room main, 0/2 here. Type your name."]


def test_silence_after_half_a_word_chooses_text_too() -> None:
    """`GE` may become `GET /`, but not for ever; what came is the beginning of a name."""
    desk = Desk()
    geir = desk.connect()
    geir.sends(b"GE")
    desk.clock.advance(400)
    geir.sends(b"IR\n")

    assert geir.reads() == ["* You are GEIR, seat 1. 1/2 here. /help lists what you can type."]


def test_the_end_of_input_chooses_text() -> None:
    """A name that might have become a request is a name."""
    desk = Desk()
    geir = desk.connect()
    geir.sends(b"GE")
    geir.ends_input()

    assert geir.reads()[0] == "* You are GE, seat 1. 1/2 here. /help lists what you can type."


def test_who_ends_its_input_without_a_word_is_let_go() -> None:
    """A port scan costs nothing."""
    desk = Desk()
    scan = desk.connect()
    scan.ends_input()

    assert (scan.reads(), scan.transport.is_gone, len(desk.gate)) == ([], True, 0)


HTTP_REQUESTS = {
    "a page": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "lines in a form": b"POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\nKari\nhello\n",
    "frames in a form": b'POST / HTTP/1.1\r\n\r\n{"do":"join","name":"Kari"}\n{"do":"say","text":"hi"}\n',
    "two requests": b"GET / HTTP/1.1\r\n\r\nGET /rooms HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("request_bytes", HTTP_REQUESTS.values(), ids=HTTP_REQUESTS)
@pytest.mark.parametrize("size", [1, 5, 1_000])
def test_nothing_of_an_http_request_becomes_an_event(request_bytes: bytes, size: int) -> None:
    """A web page could have a browser send chat lines to this machine: they get a page, and nobody hears them."""
    desk = Desk()
    browser = desk.connect()
    for at in range(0, len(request_bytes), size):
        browser.sends(request_bytes[at : at + size])
    browser.sends(b"Kari\nhello\n")

    assert browser.transport.received == PAGE
    assert browser.has_been_let_go
    assert desk.hall.clerks == {}


@pytest.mark.parametrize(
    ("first", "answer"), [(b"NICK kari\r\n", b"ERROR :later\r\n"), (b"\x16\x03\x01\x02\x00", b"later\n")]
)
def test_doors_that_come_later_say_so_and_close(first: bytes, answer: bytes) -> None:
    """One sentence, and nothing that follows is listened to."""
    desk = Desk()
    client = desk.connect()
    client.sends(first)
    client.sends(b"Kari\n")

    assert client.transport.received == answer
    assert client.has_been_let_go
    assert desk.hall.clerks == {}
    client.ends_input()
    assert client.transport.is_gone
    assert len(desk.gate) == 0


def test_a_door_once_chosen_is_never_changed() -> None:
    """A guest whose second line looks like a request, a frame or a hello is still a guest."""
    desk = Desk(seats=1)
    kari = desk.guest("Kari")
    kari.reads()
    kari.types("GET / HTTP/1.1")

    assert kari.reads() == ["* Said.", "Host: Thank you, Kari.", "* Goodbye. 1 answer."]


def connections(desk: Desk, count: int) -> list[Peer]:
    return [desk.connect() for _ in range(count)]


def test_the_oldest_of_512_that_have_not_joined_makes_room() -> None:
    """Whoever holds lines open without joining keeps nobody out."""
    desk = Desk()
    waiting = connections(desk, 512)
    assert not any(peer.transport.is_gone for peer in waiting)
    kari = desk.guest("Kari")

    assert [peer.transport.is_gone for peer in waiting] == [True] + [False] * 511
    assert kari.reads()[0].startswith("* You are Kari")


def test_who_has_joined_makes_room_for_nobody() -> None:
    """A seat is not lost to those who only knock."""
    desk = Desk(limits=DoorLimits(max_unjoined=1))
    kari = desk.guest("Kari")
    first, second = connections(desk, 2)

    assert [peer.transport.is_gone for peer in (kari, first, second)] == [False, True, False]


def test_a_full_server_lets_nobody_in() -> None:
    """And tells nothing: it has no room even to ask who that is."""
    desk = Desk(limits=DoorLimits(max_connections=2))
    kari, lars, ola = connections(desk, 3)

    assert [peer.transport.is_gone for peer in (kari, lars, ola)] == [False, False, True]
    kari.hangs_up()
    assert not desk.connect().transport.is_gone


def test_who_has_not_chosen_a_door_is_cut_off_when_the_server_stops() -> None:
    """There is no protocol yet in which to say goodbye."""
    desk = Desk()
    kari = desk.connect()
    done: list[bool] = []
    desk.gate.say_goodbye(lambda: done.append(True))
    desk.clock.settle()

    assert (kari.transport.is_gone, kari.reads(), done) == (True, [], [True])
