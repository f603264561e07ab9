"""A hall led through a side door: what is answered, in what order things end, and what harms nobody."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from moothall.cli.errand import MAX_ERRAND_BYTES, Reply, decode_reply, encode_errand
from moothall.cli.operator import Verdict
from moothall.cli.side_door import SOCKET, TOKEN
from moothall.engine.events import HostSaid, TopicQueued
from moothall.engine.rules import Rules
from moothall.engine.words import PolicyName
from moothall.testing.log import FailingLog
from tests.cli.led_halls import a_led_hall
from tests.cli.test_side_door import BOTH_WAYS, has_unix_sockets

NET_SECONDS = 20


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def done(*lines: str) -> Reply:
    return Reply(verdict=Verdict.DONE, lines=list(lines))


@BOTH_WAYS
async def test_a_line_is_run_and_what_follows_is_told(over_tcp: bool, tmp_path: Path) -> None:
    """As the console shows it, so that nobody wonders whether it worked."""
    async with a_led_hall(tmp_path, "Lars", "Kari", over_tcp=over_tcp) as led:
        told = [await led.ask(line) for line in ("topic chess", "skip", "say Hi!", "pause", "pause", "who")]

        assert told == [
            done("* The next topic: chess."),
            done("* The operator took the floor from Lars.", "* Kari has the floor, 30 s."),
            done("Host: Hi!"),
            done("* The operator paused the conversation."),
            done("That is so already."),
            done("Here: Lars (seat 1), Kari (seat 2, has the floor)."),
        ]
        assert TopicQueued("chess") in led.events()


@pytest.mark.parametrize(
    ("line", "verdict", "words"),
    [
        ("next", Verdict.REFUSED, "Not now: The conversation starts at 2/2."),
        ("remove Ola", Verdict.REFUSED, "Ola has no seat in room main."),
        ("topic", Verdict.WRONG, "topic what? For example: topic play chess"),
        ("next lab", Verdict.WRONG, "Nothing follows next: type next."),
        ("end lab", Verdict.WRONG, "Nothing follows end: type end."),
        ("chair a:b", Verdict.WRONG, "A name is 1 to 32 letters"),
        ("set rounds many", Verdict.WRONG, "rounds is a whole number"),
        ("jump", Verdict.WRONG, "There is no 'jump' here."),
        ("", Verdict.WRONG, "There is no '' here."),
    ],
)
@has_unix_sockets
async def test_what_is_refused_or_wrong_is_told_as_such(
    line: str, verdict: Verdict, words: str, tmp_path: Path
) -> None:
    """A script goes by the verdict, a person by the sentence."""
    async with a_led_hall(tmp_path, "Lars") as led:
        told = await led.ask(line)

    assert (told.verdict, told.lines[0][: len(words)]) == (verdict, words)


@has_unix_sockets
async def test_a_topic_is_confirmed_where_the_room_shows_nothing(tmp_path: Path) -> None:
    """Before a sitting nobody is told of a topic but who gave it."""
    async with a_led_hall(tmp_path) as led:
        assert await led.ask("topic a\x1b[2J") == done("* The next topic: a\\x1b[2J.")


@has_unix_sockets
async def test_a_room_may_be_named(tmp_path: Path) -> None:
    """However its name is written; and one that isn't there is answered with those that are."""
    async with a_led_hall(tmp_path, rooms=("main", "lab")) as led:
        said = await led.ask("say Hi!", "LAB")
        unknown = [await led.ask("say Hi!", room) for room in ("lbb", "nowhere", "a:b", "\n")]

        assert said == done("Host: Hi!")
        assert HostSaid("Host", "Hi!") in led.hall.events("lab")
        assert [told.verdict for told in unknown] == [Verdict.WRONG] * 4
        assert unknown[0].lines == ["There is no room lbb. Did you mean lab?"]
        assert unknown[1].lines == ["There is no room nowhere. There are: main, lab."]
        assert led.events() == []


@has_unix_sockets
async def test_what_fills_a_screen_is_cut(tmp_path: Path) -> None:
    """All of it is in the log, and on the server's own console."""
    names = [f"Guest {number}" for number in range(1, 31)]
    rules = Rules(seats=30, policy=PolicyName.PARALLEL, agenda=("hug", "sing"))
    async with a_led_hall(tmp_path, *names, rules=rules) as led:
        told = await led.ask("next")

    assert len(told.lines) == 21
    assert told.lines[-1].startswith("* And ")


@has_unix_sockets
async def test_nothing_is_said_to_be_done_before_it_is_stored(tmp_path: Path) -> None:
    """Where it can't be, it is refused, and has never happened."""
    log = FailingLog()
    async with a_led_hall(tmp_path, "Lars", "Kari", log=log) as led:
        with log.failing():
            told = await led.ask("say Hi!")

        assert told == Reply(
            verdict=Verdict.REFUSED, lines=["Not now: The server cannot store anything now. Try again."]
        )
        assert HostSaid("Host", "Hi!") not in led.events()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\n", "nothing that moothall sends"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "nothing that moothall sends"),
        (b'{"version":2,"line":"end"}\n', "version 2"),
        (b"x" * (MAX_ERRAND_BYTES + 1), f"at most {MAX_ERRAND_BYTES} bytes"),
        (b'{"line":"who","token":"mine"}\n', "not the token"),
    ],
)
@BOTH_WAYS
async def test_whoever_sends_anything_else_harms_nobody(
    data: bytes, words: str, over_tcp: bool, tmp_path: Path
) -> None:
    """It is told so, and the next is answered."""
    async with a_led_hall(tmp_path, over_tcp=over_tcp) as led:
        told = decode_reply(await led.send(data))

        assert told.verdict is Verdict.WRONG
        assert words in told.lines[0]
        assert (await led.ask("who")).verdict is Verdict.DONE
        assert not led.is_ending.is_set()


async def test_without_the_token_nobody_leads(tmp_path: Path) -> None:
    """Any program of the machine can reach a port."""
    async with a_led_hall(tmp_path, over_tcp=True) as led:
        for token in ("", "é", (tmp_path / TOKEN).read_text().split()[1][:-1]):
            told = decode_reply(await led.send(encode_errand("end", token=token)))

            assert told.lines == ["This is not the token in the server's data folder."]
        assert not led.is_ending.is_set()


@has_unix_sockets
async def test_only_the_first_line_is_run(tmp_path: Path) -> None:
    """One connection is one line."""
    async with a_led_hall(tmp_path, "Lars", "Kari") as led:
        told = decode_reply(await led.send(encode_errand("say One.") + encode_errand("say Two.")))

        assert told == done("Host: One.")
        assert HostSaid("Host", "Two.") not in led.events()


@has_unix_sockets
async def test_a_line_may_come_in_pieces(tmp_path: Path) -> None:
    """It is run at its end."""
    async with a_led_hall(tmp_path, "Lars", "Kari") as led:
        call = await led.call()
        errand = encode_errand("who")
        for byte in errand[:-1]:
            call.writer.write(bytes([byte]))
            await call.writer.drain()

        assert decode_reply(await led.send(errand[-1:], call)).verdict is Verdict.DONE


@has_unix_sockets
async def test_a_caller_who_says_nothing_is_cut_off(tmp_path: Path) -> None:
    """And one who goes without having asked is forgotten."""
    async with a_led_hall(tmp_path, patience_seconds=0.05) as led:
        silent, gone = await led.call(), await led.call()
        gone.writer.write(b'{"line":"end"}')
        gone.writer.close()

        assert await led.heard(silent) == b""
        assert not led.is_ending.is_set()


@has_unix_sockets
async def test_too_many_callers_are_turned_away(tmp_path: Path) -> None:
    """They hold nobody up for longer than a few seconds, and no more of them than this are kept."""
    async with a_led_hall(tmp_path) as led:
        callers = [await led.call() for _ in range(64)]
        told = decode_reply(await led.send(b""))
        assert decode_reply(await led.send(encode_errand("say"), callers[0])).verdict is Verdict.WRONG

        assert told == Reply(verdict=Verdict.REFUSED, lines=["Not now: too many others are leading this server."])
        assert (await led.ask("who")).verdict is Verdict.DONE  # in the place of the one who is gone


@BOTH_WAYS
async def test_whoever_asks_for_the_end_is_told_when_it_is_there(over_tcp: bool, tmp_path: Path) -> None:
    """Not before; who has asked for nothing is told that it is too late, and the door is gone."""
    async with a_led_hall(tmp_path, over_tcp=over_tcp, patience_seconds=0.05) as led:
        first = await led.call()
        first_end = asyncio.create_task(led.send(encode_errand("end", token=first.token), first))
        second_end = asyncio.create_task(led.ask(" END "))
        async with asyncio.timeout(NET_SECONDS):
            await led.is_ending.wait()
            assert await led.heard(await led.call()) == b""  # who has asked for nothing is cut off meanwhile
            first.writer.write(encode_errand("say Too late!", token=first.token))
            assert (await led.ask("who")).verdict is Verdict.DONE  # others still lead, and that was not listened to
            is_told = first_end.done() or second_end.done()
            led.leading.close()
            await led.leading.finish("It is over.")
            last = [decode_reply(await first_end), await second_end]

        assert not is_told
        assert last == [done("It is over.")] * 2
        assert names_in(tmp_path) == []


@has_unix_sockets
async def test_whoever_is_idle_at_the_end_is_told(tmp_path: Path) -> None:
    """Closing again, and without anybody, changes nothing."""
    async with a_led_hall(tmp_path) as led:
        idle = await led.call()
        assert (await led.ask("who")).verdict is Verdict.DONE  # by now the idle one has come in
        led.leading.close()
        led.leading.close()

        assert decode_reply(await led.heard(idle)).lines == ["Not now: The server is stopping."]


@has_unix_sockets
async def test_a_hall_without_a_side_door_is_open_all_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said why, once."""
    (tmp_path / SOCKET).write_text("mine")
    with caplog.at_level(logging.WARNING):
        async with a_led_hall(tmp_path, "Lars"):
            pass

    assert caplog.messages[0].startswith("no other terminal can lead this server folder=")


@has_unix_sockets
async def test_what_is_led_is_noted_without_its_words(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Words of people are in no diagnostics."""
    with caplog.at_level(logging.INFO):
        async with a_led_hall(tmp_path) as led:
            await led.ask("say secret")
            await led.ask("secret")

    noted = [record.message for record in caplog.records if record.name == "moothall.cli.leading"]
    assert noted == ["led from another terminal word=say", "led from another terminal word=?"]
