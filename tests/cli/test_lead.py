"""The verbs that lead a running server: what is sent, what is shown, and how it ends where nobody answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

import click
import pytest
from click.testing import CliRunner, Result

from moothall.cli import lead, main
from moothall.cli.errand import Errand, decode_errand, encode_reply
from moothall.cli.operator import WORDS, Verdict
from moothall.cli.side_door import OVER_TCP, SideDoor
from moothall.errors import BadFrame, BadSetting, Unreachable
from moothall.log.lock_file import LockFile

NOT_LED = {"rooms", "go", "help"}
"""`moothall rooms` reads the data, `--room` goes there, and the help is `--help`."""


@contextmanager
def answering(folder: Path, *answers: bytes) -> Iterator[list[Errand]]:
    """Give one answer after the other to those who call, each on a connection of its own; yield what they asked."""
    door, heard = SideDoor(folder), list[Errand]()

    def serve() -> None:
        for answer in answers:
            caller = door.socket.accept()[0]
            with caller, caller.makefile("rb") as lines:
                heard.append(decode_errand(lines.readline()))
                caller.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield heard
    finally:
        thread.join()
        door.close()


@contextmanager
def mute(folder: Path) -> Iterator[socket]:
    """Listen, and answer nobody."""
    door = SideDoor(folder)
    try:
        yield door.socket
    finally:
        door.close()


def hang_up(listening: socket) -> None:
    listening.accept()[0].close()


def run(*words: str, data: Path | str) -> Result:
    return CliRunner().invoke(main, [*words, "--data", str(data)], catch_exceptions=False)


def test_every_word_of_the_console_is_a_verb() -> None:
    """Whoever adds a word adds its sentence to the list of verbs."""
    context = click.Context(main)

    assert [word for word in WORDS if word not in NOT_LED and main.get_command(context, word) is None] == []


@pytest.mark.parametrize(
    ("words", "line", "room"),
    [
        (["topic", "play", "chess"], "topic play chess", ""),
        (["topic", "play  chess", "--room", "lab"], "topic play  chess", "lab"),
        (["--", "say", "--hello"], "say --hello", ""),
        (["next"], "next", ""),
        (["next", "lab"], "next lab", ""),
        (["revoke"], "revoke", ""),
        (["end"], "end", ""),
    ],
)
def test_what_is_typed_is_the_line_of_the_console(words: list[str], line: str, room: str, tmp_path: Path) -> None:
    """What is wrong with it the server says, in the words of its console."""
    before = ["--data", str(tmp_path)]
    typed = [words[1], *before, "--", words[2]] if words[0] == "--" else [words[0], *before, *words[1:]]
    with answering(tmp_path, encode_reply(Verdict.DONE, [])) as heard:
        ended = CliRunner().invoke(main, typed, catch_exceptions=False)

    assert (ended.exit_code, ended.output) == (0, "")
    assert [(errand.line, errand.room) for errand in heard] == [(line, room)]


@pytest.mark.parametrize(
    ("verdict", "code", "out", "error"),
    [
        (Verdict.DONE, 0, "One.\nTwo.\n", ""),
        (Verdict.REFUSED, 1, "", "One.\nTwo.\n"),
        (Verdict.WRONG, 2, "", "One.\nTwo.\n"),
    ],
)
def test_the_answer_is_shown_and_is_the_exit_code(
    verdict: Verdict, code: int, out: str, error: str, tmp_path: Path
) -> None:
    """What is no answer goes to standard error, as in every verb."""
    with answering(tmp_path, encode_reply(verdict, ["One.", "Two."])):
        ended = run("who", data=tmp_path)

    assert (ended.exit_code, ended.stdout, ended.stderr) == (code, out, error)


def test_a_server_is_found_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `serve` finds its folder; what is typed goes before it."""
    monkeypatch.setenv("MOOTHALL_DATA", str(tmp_path))
    with answering(tmp_path, encode_reply(Verdict.DONE, ["Here."])):
        found = CliRunner().invoke(main, ["who"])
    other = run("who", data=tmp_path / "other")

    assert found.stdout == "Here.\n"
    assert other.stderr.startswith(f"No server uses the data in {tmp_path / 'other'}.")


@pytest.mark.parametrize("word", [word for word in WORDS if word not in NOT_LED])
def test_without_a_server_that_is_said(word: str, tmp_path: Path) -> None:
    """One sentence and exit 1, whatever is asked; nothing is made."""
    ended = run(word, data=tmp_path / "data")

    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"No server uses the data in {tmp_path / 'data'}. If yours uses another folder, name it with --data.\n"
    )
    assert not (tmp_path / "data").exists()


def test_a_file_is_no_folder_of_a_server(tmp_path: Path) -> None:
    """Nor is anything in it."""
    (tmp_path / "file").touch()

    assert run("next", data=tmp_path / "file").exit_code == 1


def test_a_server_without_a_side_door_is_named(tmp_path: Path) -> None:
    """It uses the data, but can't be led from here: it may be an older one."""
    lock = LockFile(tmp_path)
    try:
        ended = run("next", data=tmp_path)
    finally:
        lock.close()

    assert ended.exit_code == 1
    assert ended.stderr.startswith("The server with process ")
    assert ended.stderr.endswith(f"which uses the data in {tmp_path}, cannot be led from here.\n")


def test_a_server_that_keeps_nothing_has_no_side_door() -> None:
    """There is no folder in which it could be."""
    ended = run("next", data=":memory:")

    assert (ended.exit_code, ended.stderr) == (
        2,
        "A server with --data :memory: is led from its own terminal alone: it has no folder.\n",
    )


def test_a_server_that_hangs_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """Somebody may have stopped its process."""
    with (
        mute(tmp_path),
        pytest.raises(Unreachable, match=r"does not answer\. It may still do it\.$"),
    ):
        lead.send(tmp_path, "who", seconds=0.05)


def test_a_server_that_goes_before_it_answers_is_said_to_be_gone(tmp_path: Path) -> None:
    """What was asked may have been done."""
    with answering(tmp_path, b""), pytest.raises(Unreachable, match=r"^The server was gone before it answered\.$"):
        lead.send(tmp_path, "who")


@pytest.mark.skipif(OVER_TCP, reason="Windows has no such sockets")
def test_a_server_of_somebody_else_cannot_be_led(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its socket says no."""

    def says_no(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(lead, "knock", says_no)
    with pytest.raises(Unreachable, match=r"is led by its owner alone\.$"):
        lead.send(tmp_path, "who")


def test_a_server_that_does_not_even_listen_is_said_to_be_gone(tmp_path: Path) -> None:
    """It ended between two lines, and what was sent to it was never read."""
    with mute(tmp_path) as listening:
        hangs_up = threading.Thread(target=hang_up, args=[listening])
        hangs_up.start()
        with pytest.raises(Unreachable, match=r"^The server was gone before it answered\.$"):
            lead.send(tmp_path, "say " + "x" * 60_000)
        hangs_up.join()


def test_another_version_is_told_so(tmp_path: Path) -> None:
    """The server was started before an upgrade."""
    reply = encode_reply(Verdict.DONE, []).replace(b'"version":1', b'"version":7')
    with answering(tmp_path, reply), pytest.raises(BadFrame, match="version 7"):
        lead.send(tmp_path, "who")


def test_what_is_far_too_long_is_not_sent(tmp_path: Path) -> None:
    """The rules say how long words may be; this is about a whole file on the command line."""
    with mute(tmp_path), pytest.raises(BadSetting, match=r"^That is too long: at most 65536 bytes\.$"):
        lead.send(tmp_path, "say " + "x" * 70_000)


def test_nothing_that_a_server_says_harms_a_terminal(tmp_path: Path) -> None:
    """Not in a refusal either."""
    with answering(tmp_path, encode_reply(Verdict.WRONG, ["\x1b[2J"])):
        assert run("who", data=tmp_path).stderr == "\\x1b[2J\n"
