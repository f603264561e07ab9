"""`moothall serve`: its settings, who may reach it, and how it starts and ends."""

from __future__ import annotations

import json
import signal
import sys
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from click.testing import CliRunner

from moothall.cli import main
from moothall.engine.words import PolicyName
from tests.e2e.processes import MOOTHALL, Program, a_guest, a_server, program

has_signals = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--seats", "0"], "--seats is a whole number from 1 to 200, not 0."),
        (["--rounds", "0"], "--rounds is a whole number from 1 to 1000000, not 0."),
        (["--port", "65536"], "--port is a whole number from 0 to 65535, not 65536."),
        (["--turn-seconds", "-1"], "--turn-seconds is a number of seconds from 0 (none) to 604800, not -1."),
        (["--turn-seconds", "nan"], "--turn-seconds is a number of seconds from 0 (none) to 604800, not nan."),
        (["--away-seconds", "inf"], "--away-seconds is a number of seconds from 0 (none) to 604800, not inf."),
        (["--topic", " "], "--topic is 1 to 200 characters."),
        (["--question", "Well?"], "--question holds {topic} where the topic goes."),
        (["--host", "a:b"], "--host has no name 'a:b': 1 to 32 letters, digits, -_.' and single spaces."),
        (["--rooms", "main,a:b"], "--rooms has no name 'a:b': 1 to 64 letters, digits, -_.' and single spaces."),
        (["--chair", "a:b"], "--chair has no name 'a:b': 1 to 32 letters, digits, -_.' and single spaces."),
        (["--policy", "x"], f"--policy is one of {', '.join(PolicyName)} (file.py:function), not 'x'."),
        (["--policy", "custom"], "--policy custom wants a function: write --policy file.py:function."),
        (["--policy", "mine.py"], "--policy mine.py: mine.py needs the name of a function: mine.py:alice, say."),
        (["--policy", "nowhere.py:f"], "--policy nowhere.py:f: There is no file nowhere.py."),
        (["--on-missed", "shout"], "--on-missed is one of bench, remove, none, not 'shout'."),
        (["--seat-seconds", "Kari"], "--seat-seconds is NAME=SECONDS, as in Kari=60, not 'Kari'."),
        (["--rounds", "3", "--until", "settled"], "--rounds cannot stand beside --until: write rounds=3 into --until."),
        (["--until", "rounds=3 or (settled"], "--until has a ( that is not closed."),
        (["--gather-seconds", "-1"], "--gather-seconds is a number of seconds from 0 (none) to 604800, not -1."),
        (["--when-short", "x"], "--when-short is one of wait, start, fill, close, not 'x'."),
        (["--reserve", "Kari,kari"], "--reserve holds a name twice."),
        (["--reserve", "Kari,a:b"], "--reserve has no name 'a:b': 1 to 32 letters, digits, -_.' and single spaces."),
        (["--topics", "nowhere.txt"], "--topics nowhere.txt cannot be read: No such file or directory."),
        (["--config", "nowhere.toml"], "--config nowhere.toml cannot be read: No such file or directory."),
        (["--rooms", "30x"], "--rooms takes ROOMSxSEATS, as in 30x4, from 1x1 to 10000x200, not '30x'."),
        (
            ["--rooms", "30x4", "--seats", "2"],
            "--seats cannot stand beside 30x4, which says how many seats there are.",
        ),
        (
            ["--allow-host", "moot.example.org:80"],
            "--allow-host is a host's name without a port, as in moot.example.org, not 'moot.example.org:80'.",
        ),
        (
            ["--operator-token-file", "no/where"],
            "--operator-token-file no/where cannot be used: No such file or directory.",
        ),
        (["--label", "arm"], "--label is KEY=VALUE, as in arm=rotate, not 'arm'."),
        (
            ["--bind", "0.0.0.0"],
            "--bind 0.0.0.0 would let other machines in, unprotected. Add --insecure to do so all the same.",
        ),
    ],
)
def test_a_setting_that_cannot_be_is_a_sentence_and_exit_2(options: list[str], told: str) -> None:
    """The sentence names the setting, and what it may be."""
    ended = CliRunner().invoke(main, ["serve", *options, "--data", ":memory:"])

    assert (ended.exit_code, ended.output) == (2, f"{told}\n")


NUMBERS = {
    "--port": "is a whole number from 0 to 65535, not {}.",
    "--seats": "is a whole number from 1 to 200, not {}.",
    "--rounds": "is a whole number from 1 to 1000000, not {}.",
    "--missed-turns": "is a whole number from 1 to 1000000, not {}.",
    "--turn-seconds": "is a number of seconds from 0 (none) to 604800, not {}.",
    "--away-seconds": "is a number of seconds from 0 (none) to 604800, not {}.",
    "--seat-seconds": "is a number of seconds from 0 (none) to 604800, not {}.",
}


@pytest.mark.parametrize("value", ["-1", "0", "99999999999", "1.5", "nan", "inf", "-inf", "x", "", "9" * 5_000, "٣x"])
@pytest.mark.parametrize("option", NUMBERS)
def test_a_number_that_cannot_be_is_one_line_whatever_it_is(option: str, value: str) -> None:
    """Negative, none, huge, no number at all: the same for every option. What can be is not tried here."""
    takes_none, is_seconds = option == "--port" or option.endswith("seconds"), option.endswith("seconds")
    if (value == "0" and takes_none) or (value == "1.5" and is_seconds):
        return
    typed = f"Kari={value}" if option == "--seat-seconds" else value
    ended = CliRunner().invoke(main, ["serve", option, typed, "--data", ":memory:"])

    try:
        number = float(value) if is_seconds else int(value)
        told = NUMBERS[option].format(f"{number:.15g}" if is_seconds else number)
    except ValueError:
        shown = value if len(value) <= 40 else f"{value[:40]}..."
        told = f"is a {'number of seconds' if is_seconds else 'whole number'}, not {shown!r}."
    assert (ended.exit_code, ended.output) == (2, f"{option} {told}\n")


@pytest.mark.parametrize(
    "text",
    [
        "rounds",
        "rounds=",
        "rounds=x",
        "rounds=-1",
        "rounds=0",
        "rounds=1.5",
        "seconds=nan",
        "seconds=inf",
        "turns=9999999999",
        "phrase=",
        "settled=1",
        "nothing",
        "rounds=3 or",
        "or rounds=3",
        "rounds=3 rounds=4",
        "(rounds=3",
        "rounds=3)",
        "()",
        " ",
        'phrase="we',
        "(" * 50 + "settled" + ")" * 50,
        "settled or " * 100 + "settled",
        "rounds=3\nor settled and",
        "\x1b[2J",
        "=",
        '"',
    ],
)
def test_an_ending_that_cannot_be_is_one_line(text: str) -> None:
    """It begins with the option, and ends as a sentence does; nothing in it harms a terminal."""
    ended = CliRunner().invoke(main, ["serve", "--until", text, "--data", ":memory:"])

    assert ended.exit_code == 2
    assert ended.output.startswith("--until ")
    assert ended.output.endswith(".\n")
    assert ended.output[:-1].isprintable()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--early", "x"], "Invalid value for '--early': 'x' is not one of 'keep', 'refuse'."),
        (["--rounds"], "Option '--rounds' requires an argument."),
        (["here"], "Got unexpected extra argument (here) See main serve --help."),
        (["--durability", "x"], "Invalid value for '--durability': 'x' is not one of 'power', 'crash', 'none'."),
    ],
)
def test_what_click_says_is_one_line_too(options: list[str], told: str) -> None:
    """And not the usage above it."""
    ended = CliRunner().invoke(main, ["serve", *options])

    assert (ended.exit_code, ended.output) == (2, f"{told}\n")


def test_a_policy_of_ones_own_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    """With the line in the file; and one that is async could never answer at once."""
    (tmp_path / "mine.py").write_text("async def slow(room): ...\nfail = 1\nfail.here\n")
    (tmp_path / "slow.py").write_text("async def slow(room): ...\n")
    ended = [
        CliRunner().invoke(main, ["serve", "--policy", f"{tmp_path / file}:slow", "--data", ":memory:"])
        for file in ("mine.py", "slow.py")
    ]

    assert [end.exit_code for end in ended] == [2, 2]
    assert ended[0].output == (
        f"--policy {tmp_path / 'mine.py'}:slow: mine.py, line 3: AttributeError: 'int' object has no attribute 'here'\n"
    )
    assert ended[1].output == f"--policy {tmp_path / 'slow.py'}:slow is async: a policy answers at once.\n"


async def test_whoever_leads_nobody_yet_is_told_how(tmp_path: Path) -> None:
    """Under the policy `chair` the room stands in until somebody is in it; where one is named nothing need be said."""
    async with a_server(tmp_path / "one", "--policy", "chair") as server:
        told = server.opening[1]
    async with a_server(tmp_path / "two", "--policy", "chair", "--chair", "Kari") as server:
        named = server.opening[1]

    assert told == "Nobody is in the chair: type chair NAME. Until then the fewest turns go first."
    assert named.startswith("Join it")


async def test_the_settings_of_the_floor_reach_the_room(tmp_path: Path) -> None:
    """The policy, the ending, the length of a seat's turn, and what missing costs: each is seen at work."""
    options = ["--seats", "2", "--topic", "hug", "--policy", "rotate", "--until", "phrase=agreed or turns=2"]
    options += ["--seat-seconds", "Lars=0.2", "--missed-turns", "1", "--on-missed", "remove"]
    async with (
        a_server(tmp_path, *options) as server,
        a_guest(server.port, "Lars") as lars,
        a_guest(server.port, "Kari") as kari,
    ):
        lines = await lars.until("* Your turn")
        await kari.until("* Your turn")
        kari.type("I am agreed.")
        shown = await server.until("* Goodbye.")

    assert lines[-1] == "* Your turn, 0.2 s."
    assert "* Time called on Lars." in shown
    assert any(line.startswith("* The host removed Lars") for line in shown), shown
    assert any(line == "Kari: I am agreed." for line in shown)


async def test_a_port_that_is_used_is_a_sentence_and_exit_2(tmp_path: Path) -> None:
    """It says which."""
    async with a_server(tmp_path / "one") as server, a_second(server.port, tmp_path / "two") as second:
        code, lines = await second.ends()

    assert (code, len(lines)) == (2, 1)
    assert lines[0].startswith(f"Port {server.port} on 127.0.0.1 cannot be used: ")


async def test_a_second_server_on_the_same_data_is_kept_out(tmp_path: Path) -> None:
    """Exit 3, and a sentence that says who has it."""
    async with a_server(tmp_path) as server, a_second(0, tmp_path) as second:
        ended = await second.ends()

    assert ended == (3, [f"Another server (process {server.pid}) already uses the data in {tmp_path}."])


def a_second(port: int, data: Path) -> AbstractAsyncContextManager[Program]:
    return program(*MOOTHALL, "serve", "--port", str(port), "--data", data)


async def test_whoever_opens_it_to_others_is_told_aloud(tmp_path: Path) -> None:
    """Nothing is encrypted, and anybody may come."""
    async with a_server(tmp_path, "--bind", "0.0.0.0", "--insecure") as server:
        opening = server.opening

    assert opening[1] == (
        f"! INSECURE: whoever reaches 0.0.0.0 port {server.port} can take part, and nothing is encrypted."
    )


async def test_a_data_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    """And no traceback."""
    (tmp_path / "file").touch()
    async with a_second(0, tmp_path / "file") as second:
        code, lines = await second.ends()

    assert (code, len(lines)) == (1, 1)


async def test_the_data_may_be_kept_in_memory() -> None:
    """Which is said, because it is gone with the server."""
    async with a_server(":memory:", "--seats", "2") as server:
        server.type("end")
        ended = await server.ends()

    assert server.opening == (
        f"Moothall is open on port {server.port}. Waiting for clients: 0/2 here.",
        "Nothing is kept: --data :memory:.",
        f"Join it: moothall join localhost {server.port}, or nc localhost {server.port}",
        f"Send a bot: moothall bot alice localhost {server.port}",
        f"In a browser: http://localhost:{server.port}/",
        "Type help for what you can do here, end to stop.",
    )
    assert ended == (0, ["The server has ended. Goodbye!"])


async def test_the_opening_fits_a_terminal(tmp_path: Path) -> None:
    """No line is broken at 80 characters, whatever the port."""
    async with a_server(tmp_path) as server:
        assert max(len(line.replace(str(server.port), "65535")) for line in server.opening) <= 80


async def test_every_setting_reaches_the_room(tmp_path: Path) -> None:
    """Among them the rooms' names, the host and the question, the rounds, and what becomes of early words."""
    options = ["--rooms", "lab,main", "--seats", "2", "--rounds", "2", "--host", "Batman", "--turn-seconds", "7.5"]
    options += ["--question", "Why {topic}?", "--topic", "sing", "--label", "arm = one", "--early", "refuse"]
    options += ["--policy", "round-robin", "--durability", "none", "--seed", "x", "--away-seconds", "1"]
    async with (
        a_server(tmp_path, *options) as server,
        a_guest(server.port, "Lars") as lars,
        a_guest(server.port, "Kari") as kari,
    ):
        lines = await lars.until("* Your turn")
        await kari.until("* Lars has")
        kari.type("Early.")
        refused = await kari.line()
        server.type("who", "rooms")
        shown = await server.until("  main: ")

    assert lines[-3:] == ["Batman: Why sing?", "* Round 1 of 2.", "* Your turn, 7.5 s."]
    assert refused == "! not_your_turn: Lars has the floor."
    assert shown[-3:] == [
        "Here: Lars (seat 1, has the floor), Kari (seat 2).",
        "> lab: 2/2 here, talking about sing",
        "  main: 0/2 here, gathering",
    ]


TEN_MISTAKES = """# a hall
seats = "x"
turn_second = 5
policy = rotate
port = 70000
topics = "nowhere.txt"
stay = "yes"
rounds = 0
[rooms.lab]
chair = "a:b"
bind = "::1"
[rooms.0x4]
"""


async def test_ten_mistakes_in_a_file_are_ten_sentences_and_nothing_is_started(tmp_path: Path) -> None:
    """Each with its line, as a real process says them; not even a folder for the data is made."""
    (tmp_path / "hall.toml").write_text(TEN_MISTAKES)
    async with program(*MOOTHALL, "serve", "--config", tmp_path / "hall.toml", "--data", tmp_path / "data") as server:
        code, lines = await server.ends()

    assert code == 2
    assert [line.removeprefix(f"{tmp_path}/") for line in lines] == [
        'hall.toml:2: seats is a whole number from 1 to 200, not "x".',
        "hall.toml:3: there is no setting turn_second; do you mean turn_seconds?",
        'hall.toml:4: this is no TOML: invalid value (column 10); text stands in quotes, as in "main".',
        "hall.toml:5: port is a whole number from 0 to 65535, not 70000.",
        f"hall.toml:6: topics {tmp_path}/nowhere.txt cannot be read: No such file or directory.",
        'hall.toml:7: stay is true or false, not "yes".',
        "hall.toml:8: rounds is a whole number from 1 to 1000000, not 0.",
        "hall.toml:10: chair has no name 'a:b': 1 to 32 letters, digits, -_.' and single spaces.",
        "hall.toml:11: bind is of the whole server, not of one room: write it above the tables.",
        "hall.toml:12: rooms takes ROOMSxSEATS, as in 30x4, from 1x1 to 10000x200, not '0x4'.",
    ]
    assert not (tmp_path / "data").exists()


async def test_what_a_file_says_of_a_room_holds_in_it(tmp_path: Path) -> None:
    """It stands in the room's first event; what is typed holds before the file, and other rooms are not there."""
    (tmp_path / "talk.txt").write_text("%label list=one\nhug, play\n")
    (tmp_path / "hall.toml").write_text(
        'data = "kept"\nseats = 3\nrounds = 2\n[rooms.main]\n[rooms.lab]\nseats = 1\ntopics = "talk.txt"\n'
        'turn-seconds = 9\nlabels = { arm = "a" }\n'
    )
    command = (*MOOTHALL, "serve", "--config", str(tmp_path / "hall.toml"))
    async with program(*command, "--port", "0", "--rounds", "4") as server:
        opening = await server.until("Type help")
        port = int(opening[0].split("port ")[1].split(".")[0])
        async with a_guest(port, "Kari@lab") as kari, a_guest(port, "Kari") as other, a_guest(port, "Ola@attic") as ola:
            lines = await kari.until("* Your turn")
            welcome, refused = await other.line(), await ola.line()
    log = CliRunner().invoke(main, ["log", "lab", "--format", "json", "--data", str(tmp_path / "kept")])
    first = json.loads(log.stdout.splitlines()[0])

    assert opening[0].endswith("0/3 here.")
    assert opening[1] == "There are 2 rooms: main, lab."
    assert lines[-3:] == ["Host: Do you want to hug or play?", "* Round 1 of 4.", "* Your turn, 9 s."]
    assert welcome == "* You are Kari, seat 1. 1/3 here. /help lists what you can type."
    assert refused.startswith("! no_such_room: ")
    assert (first["event"], first["rules"]["topics"], first["rules"]["seats"]) == ("room_opened", ["hug, play"], 1)
    assert (first["rules"]["turn_seconds"], first["rules"]["rounds"]) == (9, 4)
    assert first["rules"]["labels"] == {"list": "one", "arm": "a"}


async def test_many_rooms_are_opened_with_one_word(tmp_path: Path) -> None:
    """They are listed before anybody comes, seat as many as it says, and there are no others."""
    async with a_server(tmp_path, "--rooms", "30x2", "--topic", "hug") as server:
        server.type("rooms")
        listed = await server.until("  room30: ")
        async with a_guest(server.port, "Kari@room30") as kari, a_guest(server.port, "Ola@Room30") as ola:
            lines = await kari.until("* Your turn")
            await ola.until("* Kari has the floor")
        async with a_guest(server.port, "Kari@room31") as late:
            refused = await late.line()

    assert server.opening[0].endswith("Waiting for clients: 0/2 here.")
    assert server.opening[1] == "There are 30 rooms: room1, room2, ..., room30."
    assert [line[2:] for line in listed] == [f"room{number}: 0/2 here, gathering" for number in range(1, 31)]
    assert lines[-2:] == ["Host: Do you want to hug?", "* Your turn, 30 s."]
    assert refused.startswith("! no_such_room: ")


async def test_bare_lines_are_names_and_words(tmp_path: Path) -> None:
    """For clients that were written before there was a Moothall."""
    options = ("--seats", "1", "--topic", "hug", "--bare")
    async with a_server(tmp_path, *options) as server, a_guest(server.port, "Lars") as lars:
        lines = [await lars.line(), await lars.line()]

    assert lines == ["* You are Lars, seat 1. 1/1 here. /help lists what you can type.", "Host: Do you want to hug?"]


async def test_quiet_shows_nothing_and_verbose_says_what_the_server_does(tmp_path: Path) -> None:
    """The conversation is not shown; connections are."""
    async with a_server(tmp_path, "--seats", "1", "--quiet", "--verbose") as server:
        async with a_guest(server.port, "Lars") as lars:
            await lars.until("* Your turn")
        server.type("end")
        _, lines = await server.ends()

    assert not any("seat 1" in line for line in lines)
    assert any(line.startswith("INFO moothall.hall.hall: room loaded room=main") for line in lines)


async def test_the_data_may_be_named_by_the_environment(tmp_path: Path) -> None:
    """For those who start a server from a script of their own."""
    async with program(*MOOTHALL, "serve", "--port", "0", MOOTHALL_DATA=str(tmp_path)) as server:
        await server.until("Type help")
        server.type("end")
        code, _ = await server.ends()

    assert (code, (tmp_path / "moothall.db").is_file()) == (0, True)


@has_signals
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_who_asks_twice_does_not_wait_for_the_goodbyes(number: signal.Signals, tmp_path: Path) -> None:
    """Somebody stays connected after the goodbye; the second signal ends the process at once."""
    async with a_server(tmp_path) as server, a_guest(server.port, "Kari") as kari:
        await kari.until("* You are Kari")
        server.send_signal(number)
        await kari.until("* Goodbye")
        server.send_signal(number)

        code, _ = await server.ends()

    assert code == -number


@has_signals
@pytest.mark.parametrize(
    ("number", "last"),
    [
        (signal.SIGINT, "The server has ended. Goodbye!"),
        (signal.SIGTERM, "The server has stopped; its sittings go on at the next start."),
    ],
)
async def test_both_ways_to_stop_it_end_well(number: signal.Signals, last: str, tmp_path: Path) -> None:
    """And say what becomes of what was going on."""
    async with a_server(tmp_path) as server:
        server.send_signal(number)
        assert await server.ends() == (0, [last])
