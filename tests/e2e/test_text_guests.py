"""People and first clients in the text door, over TCP: what docs/protocol/text.md promises them, as they see it."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import threading
from collections.abc import Callable

import pytest

from moothall.engine.words import PolicyName
from tests.doors.guests import Guest, House, house

HUG = "Do you want to hug?"
FOUR = ("Lars", "Kari", "Ola", "Nina")


async def answer_in_turn(guest: Guest, words: str) -> list[str]:
    """Say `words` as soon as one has the floor; return all that was read."""
    lines: list[str] = []
    while line := await guest.line():
        lines.append(line)
        if line.startswith("* Your turn"):
            guest.type(words)
    return lines


async def hold_a_sitting(here: House) -> None:
    """Hold one whole sitting of four."""
    guests = [await here.seated(name) for name in FOUR]
    await asyncio.gather(*(answer_in_turn(guest, "Lovely.") for guest in guests))


class Script:
    """A transcript that is played: what is typed is typed, what is to be read is read, line for line."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest

    async def reads(self, *lines: str) -> None:
        assert [await self._guest.line() for _ in lines] == list(lines)

    def types(self, line: str) -> None:
        self._guest.type(line)


async def test_kari_reads_the_transcript_of_the_protocol() -> None:
    """The whole sitting of docs/protocol/text.md, line for line, every kind of line once."""
    async with house() as here:
        for _ in range(6):
            await hold_a_sitting(here)
        lars = await here.seated("Lars")

        kari = await here.guest()
        script = Script(kari)
        await script.reads("* Moothall, room main, 1/4 here. Type your name.")
        script.types("lars")
        await script.reads("! name_taken: Lars is already here. Type another name.")
        script.types("Kari")
        await script.reads("* You are Kari, seat 2. 2/4 here. /help lists what you can type.")
        script.types("hello?")
        await script.reads("! not_talking: The conversation starts at 4/4.")
        await here.seated("Ola")
        await script.reads("* Ola took seat 3. 3/4 here.")
        nina = await here.seated("Nina")
        await script.reads(
            "* Nina took seat 4. 4/4 here.",
            "* Sitting 7 begins: Lars, Kari, Ola, Nina.",
            "Host: Do you want to hug?",
            "* Lars has the floor, 30 s.",
        )
        script.types("Oh yes")
        await script.reads("! not_your_turn: Lars has the floor. Your words wait; /drop forgets them.")
        script.types("/drop")
        await script.reads("* Dropped.")
        lars.type("I think hugging sounds great! Awesome!")
        await script.reads("Lars: I think hugging sounds great! Awesome!", "* Your turn, 30 s.")
        script.types("Hugging seems great!")
        await script.reads("* Said.", "* Ola has the floor, 30 s.")
        script.types("And another thing")
        await script.reads("! turn_over: You have had your turn in this round.")
        here.clock.skip(30_000)
        await script.reads("* Time called on Ola.", "* Nina has the floor, 30 s.")
        nina.close()
        await script.reads(
            "* Nina left.",
            "Host: Thank you, Lars, Kari and Ola.",
            "* Goodbye. 2 answers, 1 missed, 1 left.",
            "",
        )


async def test_four_sockets_that_never_send_a_newline_hold_a_sitting() -> None:
    """A first client sends `name.encode()`, and half a second later its words; silence ends each of them."""
    async with house() as here:
        guests = [await here.guest() for _ in FOUR]
        for guest, name in zip(guests, FOUR, strict=True):
            guest.send(name.encode())
        await asyncio.sleep(0.5)  # the pause between two packets is what this is about
        for guest, name in zip(guests, FOUR, strict=True):
            guest.send(f"I am {name} and I like it".encode())
        heard = [await guest.rest() for guest in guests]

    for name, lines in zip(FOUR, heard, strict=True):
        assert lines[-1] == "* Goodbye. 4 answers."
        assert "* Said." in lines
        others = [line for line in lines if line.startswith(FOUR)]
        assert sorted(others) == sorted(f"{other}: I am {other} and I like it" for other in FOUR if other != name)


async def test_netcat_reads_on_after_the_end_of_its_input(needs_tool: Callable[[str], str]) -> None:
    """`printf 'Kari\\nhello\\n' | nc -N` ends its own side at once, and gets the rest of the sitting."""
    netcat = needs_tool("nc")
    async with house() as here:
        script = f"printf 'Kari\\nhello\\n' | {netcat} -N 127.0.0.1 {here.port}"
        kari = await asyncio.create_subprocess_shell(script, stdout=subprocess.PIPE)
        assert kari.stdout is not None
        lines = [(await kari.stdout.readline()).decode()]
        lars = await here.seated("Lars")
        others = [lars, *[await here.seated(name) for name in ("Ola", "Nina")]]
        answers = [answer_in_turn(guest, "Lovely.") for guest in others]
        for seen in await asyncio.gather(*answers):
            assert seen[-1] == "* Goodbye. 3 answers, 1 passed."
        lines += (await kari.stdout.read()).decode().splitlines()
        assert await kari.wait() == 0

    assert lines[0] == "* You are Kari, seat 1. 1/4 here. /help lists what you can type.\n"
    assert lines[1] == "! not_talking: The conversation starts at 4/4."
    assert lines[2] == "* Your input has ended: you read on, and your turns are passed."
    assert [line for line in lines if line.startswith(FOUR)] == ["Lars: Lovely.", "Ola: Lovely.", "Nina: Lovely."]
    assert lines[-1] == "* Goodbye. 3 answers, 1 passed."


async def answer_the_question(guest: Guest, name: str) -> list[str]:
    """Answer the host's question the moment it is read, not in turn; return all that was read."""
    lines: list[str] = []
    while line := await guest.line():
        lines.append(line)
        if line == f"Host: {HUG}":
            guest.type(f"I am {name} and I like it")
    return lines


async def test_who_answers_at_once_is_heard_in_turn() -> None:
    """200 sittings of four that answer the question as soon as they read it: 800 answers, and no turn missed."""

    async def come_back_to(here: House, name: str) -> list[list[str]]:
        return [await answer_the_question(await here.guest(name), name) for _ in range(200)]

    async with house() as here:
        sittings = await asyncio.gather(*(come_back_to(here, name) for name in FOUR))

    told = [lines for of_one in sittings for lines in of_one]
    assert len(told) == 800
    assert {lines[-1] for lines in told} == {"* Goodbye. 4 answers."}
    assert sum(lines.count("* Said.") for lines in told) == 800


async def answer_everything(guest: Guest) -> list[str]:
    """Answer every line that is read, notices and refusals too."""
    lines: list[str] = []
    while line := await guest.line():
        lines.append(line)
        guest.type(f"You say {line}")
    return lines


async def test_who_answers_every_line_draws_few_refusals() -> None:
    """A refusal answered draws no refusal: at most 40 of them in a whole sitting of four."""
    async with house() as here:
        guests = [await here.guest(name) for name in FOUR]
        heard = await asyncio.gather(*(answer_everything(guest) for guest in guests))

    assert {lines[-1] for lines in heard} == {"* Goodbye. 4 answers."}
    assert 4 <= sum(line.startswith("! ") for lines in heard for line in lines) <= 40


class OldClient(threading.Thread):
    """A client of the first system: no framing, no newline, and no patience with what it doesn't know.

    It answers every message whose speaker it knows, by the action that the last message of the host ended with.
    """

    SPEAKERS = ("Host", *FOUR)
    ACTIONS = ("hug", "play", "eat", "shop", "yell", "steal", "fight")

    def __init__(self, port: int, name: str) -> None:
        super().__init__(daemon=True)
        self._port = port
        self._name = name
        self.heard: list[str] = []
        self.crash: Exception | None = None

    def run(self) -> None:
        try:
            self._talk()
        except Exception as error:
            self.crash = error

    def _talk(self) -> None:
        with socket.create_connection(("127.0.0.1", self._port), timeout=20) as line:
            line.send(self._name.encode())
            welcome = line.recv(500).decode()
            if not welcome.startswith(f"* You are {self._name}, ") or welcome.count("\n") != 1:
                raise ValueError(welcome)
            action = ""
            while message := line.recv(500).decode():
                self.heard.append(message)
                action = self._action_of(message, action)
                line.send(f"{action.capitalize()}ging seems great".encode())

    def _action_of(self, message: str, action: str) -> str:
        words = message.split()
        speaker = words[0]
        if message.count("\n") != 1 or not speaker.endswith(":") or speaker[:-1] not in self.SPEAKERS:
            raise ValueError(message)
        if speaker != "Host:":
            return action
        if not words[-1].endswith("?") or words[-1][:-1] not in self.ACTIONS:
            raise ValueError(message)
        return words[-1][:-1]


async def test_clients_of_the_first_system_hold_a_bare_sitting() -> None:
    """Four of them, unchanged: four answers, and none meets anything that it doesn't know."""
    async with house(bare=True) as here:
        clients = [OldClient(here.port, name) for name in FOUR]
        for client in clients:
            client.start()
        watcher = await here.guest("/watch")
        for client in clients:
            await asyncio.to_thread(client.join)
        log = here.server.log.read(here.server.hall.clerks["main"].name, after=0)
        watcher.close()

    assert [client.crash for client in clients] == [None] * 4
    assert sum(b'"event":"said"' in entry.body for entry in log) == 4
    assert b'"event":"sitting_closed"' in log[-1].body
    for client in clients:
        assert client.heard[0] == f"Host: {HUG}\n"
        assert len(client.heard) == 4


async def test_a_silent_one_does_not_stop_the_room() -> None:
    """Time is called on it, and the others finish; its words after that are too late."""
    async with house(topics=("hug",)) as here:
        guests = [await here.seated(name) for name in FOUR]
        late = guests[0]
        await late.until("* Your turn")
        others = [asyncio.create_task(answer_in_turn(guest, "Lovely.")) for guest in guests[1:3]]
        here.clock.skip(30_000)
        await late.until("* Time called on you.")
        await late.until("* Nina has the floor")
        late.type("Sorry, I was")
        assert await late.until("! ") == ["! turn_over: You have had your turn in this round."]
        others.append(asyncio.create_task(answer_in_turn(guests[3], "Lovely.")))
        heard = [await other for other in others]
        end = await late.rest()

    for lines in heard:
        assert "* Time called on Lars." in lines
        assert lines[-1] == "* Goodbye. 3 answers, 1 missed."
    assert end[-1] == "* Goodbye. 3 answers, 1 missed."


@pytest.mark.parametrize("how", ["closes", "is cut off"])
async def test_one_that_hangs_up_in_its_turn_does_not_stop_the_room(how: str) -> None:
    """It has left, and the next has the floor; nothing is said in its name, and it has not passed."""
    async with house() as here:
        guests = [await here.seated(name) for name in FOUR]
        await guests[0].until("* Your turn")
        if how == "closes":
            guests[0].close()
        else:
            guests[0].writer.transport.abort()
        heard = await asyncio.gather(*(answer_in_turn(guest, "Lovely.") for guest in guests[1:]))

    for lines in heard:
        assert "* Lars left." in lines
        assert lines[-1] == "* Goodbye. 3 answers, 1 left."


async def flood(guest: Guest) -> None:
    """Send, and never stop."""
    while True:
        guest.send(b"And another thing\n")
        await guest.writer.drain()
        await asyncio.sleep(0)  # let the server have its turn of the loop that it shares with us


async def test_the_goodbye_is_read_by_who_is_still_sending() -> None:
    """50 of 50, to the last byte, and then the end: never a reset that takes the goodbye with it."""

    async def talk_until_the_end(here: House, number: int) -> list[str]:
        guest = await here.guest(f"Kari@room{number}")
        sending = asyncio.create_task(flood(guest))
        try:
            return await guest.rest()
        finally:
            sending.cancel()
            guest.close()

    async with house(seats=1) as here:
        heard = await asyncio.gather(*(talk_until_the_end(here, number) for number in range(50)))

    assert [lines[-1] for lines in heard] == ["* Goodbye. 1 answer."] * 50


async def test_who_has_hung_up_may_come_again_under_the_same_name() -> None:
    """Ctrl-C and a rerun: whoever closes the connection for good frees the seat soon, and is not here twice."""
    async with house() as here:
        lars = await here.seated("Lars")
        kari = await here.guest("Kari")
        kari.close()
        assert await lars.until("* Kari left.") == ["* Kari took seat 2. 2/4 here.", "* Kari left. 1/4 here."]

        again = await here.seated("Kari")

        assert await lars.line() == "* Kari took seat 2. 2/4 here."
        again.end_input()
        assert await again.line() == "* Your input has ended: you read on, and your turns are passed."
        here.clock.skip(60_000)
        await here.seated("Ola")
        assert await again.line() == "* Ola took seat 3. 3/4 here."


async def test_a_reader_that_stalls_is_noticed_by_nobody_and_misses_nothing() -> None:
    """16 MB are said while it reads nothing, more than any buffer on the way holds; then it reads all of it."""
    words = "x" * 8_000

    async def talk(guest: Guest) -> None:
        guest.type(*[words] * 2_000)
        for _ in range(2_000):
            await guest.until("* Said.")

    async with house(seats=2, policy=PolicyName.OPEN) as here:
        lars = await here.seated("Lars")
        kari = await here.seated("Kari")
        kari.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await talk(lars)
        kari.writer.transport.resume_reading()  # type: ignore[attr-defined]
        await kari.until("* Anyone may")
        heard = [await kari.line() for _ in range(2_000)]

    assert heard == [f"Lars: {words}"] * 2_000


async def test_who_asks_for_ever_and_never_reads_is_not_listened_to() -> None:
    """It holds neither the server's memory nor the others; when it reads, no answer is missing."""
    async with house(seats=2) as here:
        kari = await here.seated("Kari")
        kari.writer.transport.pause_reading()  # type: ignore[attr-defined]
        kari.send(b"/help\n" * 100_000)
        lars = await here.seated("Lars")
        await lars.until("* Kari has the floor")
        kari.writer.transport.resume_reading()  # type: ignore[attr-defined]
        kari.type("Lovely.")
        lines = await kari.until("* Said.")

    assert sum(line.startswith("* Type words to say them") for line in lines) == 100_000
