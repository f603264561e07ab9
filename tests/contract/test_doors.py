"""What every door keeps: one suite over text, JSON lines and WebSocket, over TCP, each in its own words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec
import pytest

from moothall.engine.commands import CloseSitting
from moothall.engine.names import RoomName
from tests.doors.guests import Guest, House, house
from tests.doors.web.callers import open_socket

LONG_LINE = 97_024


TOLD = {
    "floor_requested": "* {} asks for the floor",
    "floor_withdrawn": "* {} no longer asks for the floor.",
    "benched": "* {} is on the bench: ",
    "returned": "* {} is back from the bench.",
}
"""How the others read of an event through the text door."""


class Words(Protocol):
    """How one door says what all doors say."""

    broken: tuple[bytes, ...]

    def join(self, name: str, *, watch: bool = False) -> bytes: ...

    def say(self, words: str) -> bytes: ...

    def do(self, word: str) -> bytes: ...

    def tells(self, line: str, word: str, name: str) -> bool: ...

    def reason(self, line: str) -> str | None: ...

    def is_welcome(self, line: str) -> bool: ...

    def has_floor(self, line: str) -> bool: ...

    def is_receipt(self, line: str) -> bool: ...

    def said(self, line: str) -> tuple[str, str] | None: ...

    def is_gone(self, line: str) -> bool: ...


class TextWords:
    """Plain lines."""

    broken: tuple[bytes, ...] = (b"/fly\n", b"Bj\xf8rn\n", b"\xc3\x28\n")

    def join(self, name: str, *, watch: bool = False) -> bytes:
        return b"/watch\n" if watch else f"{name}\n".encode()

    def say(self, words: str) -> bytes:
        return f"{words}\n".encode()

    def do(self, word: str) -> bytes:
        return f"/{'ask' if word == 'request' else word}\n".encode()

    def tells(self, line: str, word: str, name: str) -> bool:
        return line.startswith(TOLD[word].format(name))

    def reason(self, line: str) -> str | None:
        return line[2:].partition(": ")[0] if line.startswith("! ") else None

    def is_welcome(self, line: str) -> bool:
        return line.startswith(("* You are ", "* You watch room "))

    def has_floor(self, line: str) -> bool:
        return line.startswith("* Your turn")

    def is_receipt(self, line: str) -> bool:
        return line == "* Said."

    def said(self, line: str) -> tuple[str, str] | None:
        name, colon, words = line.partition(": ")
        return (name, words) if colon and not line.startswith(("*", "!")) and name != "Host" else None

    def is_gone(self, line: str) -> bool:
        return line == "* Ola left."


class JsonWords:
    """JSON lines. It remembers its own name, which says who has the floor."""

    broken: tuple[bytes, ...] = (
        b'{"do":\n',
        b"{}\n",
        b"[]\n",
        b"nonsense\n",
        b'{"do":"fly"}\n',
        b'{"do":"say"}\n',
        b'{"do":"ping","x":"\xff"}\n',
        b'{"do":"say","text":"\\ud800"}\n',
        b'{"do":"ping","x":' + b"[" * 40_000 + b"\n",
    )

    def __init__(self) -> None:
        self.name = ""

    def join(self, name: str, *, watch: bool = False) -> bytes:
        self.name = name
        return msgspec.json.encode({"do": "join", "name": name, "watch": watch}) + b"\n"

    def say(self, words: str) -> bytes:
        return msgspec.json.encode({"do": "say", "text": words}) + b"\n"

    def do(self, word: str) -> bytes:
        return msgspec.json.encode({"do": word}) + b"\n"

    def tells(self, line: str, word: str, name: str) -> bool:
        return bool({"event": word, "name": name}.items() <= msgspec.json.decode(line).items())

    def reason(self, line: str) -> str | None:
        frame = msgspec.json.decode(line)
        return str(frame["reason"]) if frame.get("reply") == "refused" else None

    def is_welcome(self, line: str) -> bool:
        return line.startswith('{"reply":"joined"')

    def has_floor(self, line: str) -> bool:
        return line.startswith('{"event":"floor_granted"') and bool(msgspec.json.decode(line)["name"] == self.name)

    def is_receipt(self, line: str) -> bool:
        return line.startswith('{"event":"said"') and bool(msgspec.json.decode(line)["name"] == self.name)

    def said(self, line: str) -> tuple[str, str] | None:
        frame = msgspec.json.decode(line)
        return (frame["name"], frame["text"]) if frame.get("event") == "said" else None

    def is_gone(self, line: str) -> bool:
        return line.startswith('{"event":"went_away"')


class Talker:
    """One connection through one door."""

    def __init__(self, guest: Guest, words: Words) -> None:
        self.guest = guest
        self.words = words

    async def joins(self, name: str, *, watch: bool = False) -> None:
        """Ask to come in, and be let in."""
        self.guest.send(self.words.join(name, watch=watch))
        while not self.words.is_welcome(line := await self.line()):
            assert self.words.reason(line) is None, line

    async def is_refused(self, data: bytes) -> str:
        """Send something, and return why it is refused."""
        self.guest.send(data)
        while (reason := self.words.reason(await self.line())) is None:
            pass
        return reason

    async def gets_floor(self) -> None:
        while not self.words.has_floor(await self.line()):
            pass

    async def speaks(self, words: str) -> None:
        """Say something, and read the receipt."""
        self.guest.send(self.words.say(words))
        while not self.words.is_receipt(await self.line()):
            pass

    async def reads_of(self, word: str, name: str) -> None:
        """Wait until the event called `word` has happened to somebody else."""
        while not self.words.tells(await self.line(), word, name):
            pass

    async def hears(self) -> tuple[str, str]:
        """Wait until somebody has said something."""
        while (said := self.words.said(await self.line())) is None:
            pass
        return said

    async def line(self) -> str:
        line = await self.guest.line()
        assert line, "the end came"
        return line


DOORS: dict[str, Callable[[], Words]] = {"text": TextWords, "json": JsonWords, "websocket": JsonWords}


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


async def talker(here: House, door: str) -> Talker:
    """Connect to a door; JSON is chosen by its first byte, HTTP by a method, text by any other."""
    return Talker(await (open_socket(here) if door == "websocket" else here.guest()), DOORS[door]())


async def joined(here: House, door: str, name: str) -> Talker:
    one = await talker(here, door)
    await one.joins(name)
    return one


async def test_everyone_hears_the_same_in_the_same_order(door: str) -> None:
    """Whoever sits in another door; one's own words come back as a receipt."""
    async with house(rounds=2) as here:
        doors = {"Lars": "text", "Kari": "json", "Ola": "text", "Nina": door}
        four = [await joined(here, through, name) for name, through in doors.items()]
        onlooker = await talker(here, door)
        onlooker.guest.send(onlooker.words.join("", watch=True))
        for round_number in (1, 2):
            for one, name in zip(four, doors, strict=True):
                await one.gets_floor()
                await one.speaks(f"I am {name}, {round_number}")

        heard = [await onlooker.hears() for _ in range(8)]

    assert heard == [(name, f"I am {name}, {number}") for number in (1, 2) for name in doors]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Lars", "name_taken"),
        ("lars", "name_taken"),
        ("LARS", "name_taken"),
        ("Host", "name_taken"),
        ("hOST", "name_taken"),
        ("you", "name_taken"),
        ("Operator", "name_taken"),
        ("", "bad_name"),
        ("x" * 33, "bad_name"),
        ("-Kari", "bad_name"),
        ("Ka:ri", "bad_name"),
        ("Ka  ri", "bad_name"),
        ("Ka\x1b[2Jri", "bad_name"),
        ("Ka\x07ri", "bad_name"),
        ("Ka\x00ri", "bad_name"),
        ("Ka\x9bri", "bad_name"),
        ("Ka\u202eri", "bad_name"),
        ("Ka\u200bri", "bad_name"),
    ],
)
async def test_a_name_that_cannot_be_is_refused_and_another_is_taken(door: str, name: str, reason: str) -> None:
    """On the same connection: nobody must connect again to spell a name."""
    async with house() as here:
        await joined(here, "text", "Lars")
        kari = await talker(here, door)

        assert await kari.is_refused(kari.words.join(name)) == reason
        await kari.joins("Kari")


async def test_a_full_room_lets_nobody_sit_down_but_watch(door: str) -> None:
    """The room is full, and that is no reason to be sent away."""
    async with house(seats=1, turn_seconds=0) as here:
        lars = await joined(here, "json", "Lars")
        kari = await talker(here, door)

        assert await kari.is_refused(kari.words.join("Kari")) == "room_full"
        await kari.joins("", watch=True)
        assert await kari.is_refused(kari.words.say("Me!")) == "no_seat"
        await lars.speaks("Only me.")
        assert await kari.hears() == ("Lars", "Only me.")


async def test_words_at_the_wrong_time_are_refused_and_the_turn_still_comes(door: str) -> None:
    """Before the conversation, before one's turn and after it; each has a reason of its own."""
    async with house(seats=3) as here:
        lars = await joined(here, "json", "Lars")
        kari = await joined(here, door, "Kari")
        assert await kari.is_refused(kari.words.say("hello?")) == "not_talking"
        ola = await joined(here, "json", "Ola")
        await lars.gets_floor()
        assert await kari.is_refused(kari.words.say("Oh yes")) == "not_your_turn"
        if door == "text":
            kari.guest.type("/drop")
        await lars.speaks("Lovely.")
        await kari.gets_floor()
        await kari.speaks("Hugging seems great!")
        assert await kari.is_refused(kari.words.say("And another thing")) == "turn_over"

        await ola.gets_floor()
        await ola.speaks("The end.")
        assert await kari.hears() == ("Ola", "The end.")


async def test_words_that_are_too_long_are_refused_and_shorter_ones_said(door: str) -> None:
    """8,000 characters, of whatever size; a line of 97,024 bytes, and not read to its end before it is refused."""
    async with house(seats=1) as here:
        kari = await joined(here, door, "Kari")
        await kari.gets_floor()

        assert await kari.is_refused(kari.words.say("x" * 8_001)) == "too_long"
        assert await kari.is_refused(kari.words.say("x" * (LONG_LINE + 1))) == "too_long"
        await kari.speaks("😀" * 8_000)


async def test_a_first_line_that_is_too_long_is_refused_once_and_a_name_taken(door: str) -> None:
    """Who is in no room yet has 1,024 bytes."""
    async with house() as here:
        kari = await talker(here, door)

        assert await kari.is_refused(kari.words.join("x" * 1_025)) == "too_long"
        await kari.joins("Kari")


@pytest.mark.parametrize("is_joined", [False, True], ids=["before joining", "after joining"])
async def test_what_cannot_be_read_is_refused_and_the_connection_lives(door: str, is_joined: bool) -> None:
    """Broken UTF-8, broken frames, unknown commands: `malformed`, every time, and then words are said."""
    async with house(seats=1) as here:
        kari = await talker(here, door)
        if is_joined:
            await kari.joins("Kari")
        elif door == "json":
            kari.guest.ask(do="ping")  # the first byte chooses the door, so the broken ones come second
        for broken in kari.words.broken:
            if is_joined or len(broken) <= 1_024:
                assert await kari.is_refused(broken) == "malformed"
        if not is_joined:
            await kari.joins("Kari")

        await kari.speaks("Lovely.")


async def test_a_frame_100_000_deep_is_refused_and_the_connection_lives() -> None:
    """It is over the limit for lines; and where lines may be longer, over that for depth."""
    deep = b'{"do":"ping","x":' + b'{"x":' * 100_000 + b"1" + b"}" * 100_001 + b"\n"
    for max_text_chars, reason in ((8_000, "too_long"), (100_000, "malformed")):
        async with house(seats=1, max_text_chars=max_text_chars) as here:
            kari = await joined(here, "json", "Kari")

            assert await kari.is_refused(deep) == reason
            await kari.speaks("Lovely.")


async def test_an_unfinished_line_does_not_hold_anybody_up(door: str) -> None:
    """Half a line and then nothing: time is called, and the room goes on."""
    async with house(seats=2) as here:
        kari, lars = await joined(here, door, "Kari"), await joined(here, "text", "Lars")
        await kari.gets_floor()
        kari.guest.send(kari.words.say("I was about to")[:-2])
        await lars.guest.until("* Kari has the floor")
        here.clock.skip(30_000)

        await lars.guest.until("* Time called on Kari.", "* Your turn")
        await lars.speaks("Never mind.")


async def test_who_asks_for_the_floor_gets_it_in_the_order_of_asking(door: str) -> None:
    """Everybody reads the queue; who has withdrawn is passed over, and who has not asked is not asked."""
    async with house(seats=3, policy="request") as here:
        lars = await joined(here, "json", "Lars")
        kari, ola = await joined(here, door, "Kari"), await joined(here, door, "Ola")
        lars.guest.send(lars.words.do("request"))
        await lars.gets_floor()
        assert await ola.is_refused(ola.words.say("Me!")) == "not_your_turn"
        kari.guest.send(kari.words.do("request"))
        await ola.reads_of("floor_requested", "Kari")
        ola.guest.send(ola.words.do("request"))
        await kari.reads_of("floor_requested", "Ola")
        kari.guest.send(kari.words.do("withdraw"))
        await ola.reads_of("floor_withdrawn", "Kari")
        await lars.speaks("First.")

        await ola.gets_floor()
        await ola.speaks("Second.")
        assert [await kari.hears(), await kari.hears()] == [("Lars", "First."), ("Ola", "Second.")]


@pytest.mark.parametrize("word", ["request", "withdraw", "return"])
async def test_a_spectator_asks_for_nothing(door: str, word: str) -> None:
    """It has no seat to ask from, and nothing to come back to."""
    async with house(policy="request") as here:
        watcher = await talker(here, door)
        await watcher.joins("", watch=True)

        assert await watcher.is_refused(watcher.words.do(word)) == "no_seat"


async def test_nobody_asks_for_a_floor_that_goes_round(door: str) -> None:
    """It comes by itself; and before the conversation there is none to ask for."""
    async with house(seats=2) as here:
        kari = await joined(here, door, "Kari")
        assert await kari.is_refused(kari.words.do("request")) == "not_talking"
        lars = await joined(here, door, "Lars")
        await kari.gets_floor()

        assert await lars.is_refused(lars.words.do("request")) == "not_allowed"


async def test_from_the_bench_one_comes_back(door: str) -> None:
    """Turns that were missed cost turns, and nothing more: whoever asks back has them again from the next round on."""
    async with house(seats=2, rounds=3, missed_turns=1) as here:
        kari, lars = await joined(here, door, "Kari"), await joined(here, "json", "Lars")
        await kari.gets_floor()
        here.clock.skip(30_000)
        await lars.reads_of("benched", "Kari")
        assert await kari.is_refused(kari.words.say("Wait!")) == "not_your_turn"
        kari.guest.send(kari.words.do("return"))
        await lars.reads_of("returned", "Kari")
        lars.guest.send(lars.words.say("Welcome back."))

        await kari.gets_floor()
        await kari.speaks("Thank you.")
        assert await lars.hears() == ("Lars", "Welcome back.")
        assert await lars.hears() == ("Kari", "Thank you.")


async def test_a_lost_connection_in_its_turn_does_not_stop_the_room(door: str) -> None:
    """A text seat is given up, a keyed one held: and either way the others finish."""
    async with house(seats=2) as here:
        ola, lars = await joined(here, door, "Ola"), await joined(here, door, "Lars")
        await ola.gets_floor()
        ola.guest.writer.transport.abort()
        while not lars.words.is_gone(await lars.line()):
            pass
        here.clock.skip(30_000)
        await lars.gets_floor()
        await lars.speaks("Lovely.")

        log = here.server.log.read(RoomName("main"), after=0)

    events = [msgspec.json.decode(entry.body)["event"] for entry in log]
    missing = ["left"] if door == "text" else ["went_away", "time_called"]
    assert [event for event in events if event in ("left", "went_away", "time_called", "passed")][
        : len(missing)
    ] == missing
    assert "said" in events


async def test_a_server_that_stops_says_goodbye_and_goes_on_after_its_restart(door: str, tmp_path: Path) -> None:
    """The sitting is kept: after the restart it is at the same turn, and whoever has a key has the same seat."""
    async with house(seats=2, data=tmp_path) as here:
        lars = await here.guest()
        lars.ask(do="join", name="Lars")
        key = (await lars.frame())["key"]
        kari = await joined(here, door, "Kari")
        await lars.until_frame(event="floor_granted")
        async with here.stopping(close_sittings=False):
            last = (await kari.guest.rest())[-2:]
            goodbye = (await lars.rest())[-1]

    assert goodbye == '{"reply":"goodbye","reason":"closing","text":"The server is stopping.","retry_after":1}'
    assert last[-1] == ("* Goodbye." if door == "text" else goodbye)
    if door == "text":
        assert last[0] == "! closing: The server is stopping."

    async with house(seats=2, data=tmp_path) as here:
        lars = await here.guest()
        lars.ask(do="join", name="Lars", key=key, epoch=here.server.hall.epoch, after=1)
        assert (await lars.frame())["reply"] == "resumed"
        await lars.until_frame(event="left" if door == "text" else "went_away", name="Kari")
        reopened = await lars.until_frame(event="reopened", turn=1)
        assert reopened["deadline"] > reopened["at"]
        lars.ask(do="say", text="Where were we?", turn=1)
        await lars.until_frame(event="said", name="Lars", turn=1)


async def test_a_server_that_ends_closes_the_sitting_and_starts_afresh(door: str, tmp_path: Path) -> None:
    """`end` and Ctrl-C: everyone reads that the operator closed the sitting, and the next start gathers."""
    async with house(seats=2, data=tmp_path) as here:
        kari = await joined(here, door, "Kari")
        async with here.stopping(close_sittings=True):
            last = (await kari.guest.rest())[-1]

    if door == "text":
        assert last == "* Goodbye. The operator closed the sitting. 0 answers."
    else:
        assert msgspec.json.decode(last).items() >= {"event": "sitting_closed", "reason": "operator"}.items()
    async with house(seats=2, data=tmp_path) as here:
        again = await here.guest()
        assert await again.line() == "* Moothall, room main, 0/2 here. Type your name."


async def test_an_operator_may_close_a_sitting_at_any_time(door: str) -> None:
    """Everyone is told goodbye, the connections are closed, and the room gathers again."""
    async with house(seats=2) as here:
        kari = await joined(here, door, "Kari")
        here.server.hall.command(RoomName("main"), CloseSitting())
        async with asyncio.timeout(5):
            assert "operator" in (await kari.guest.rest())[-1]

        await joined(here, door, "Kari")
