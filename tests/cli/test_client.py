"""`client.py`, as a process of its own, against a server that says what a script tells it to.

It runs isolated (`-I -S`), so that whatever it imports is in the standard library.
"""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CLIENT = Path(__file__).parents[2] / "client.py"
SECONDS = 20  # a net: a client that hangs fails its test instead of stopping the suite


class Server:
    """One end of one conversation, in the thread of the test."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(SECONDS)
        self.port = str(self._socket.getsockname()[1])

    def listen(self) -> None:
        self._socket.listen()

    def accept(self) -> None:
        self._peer, _ = self._socket.accept()
        self._peer.settimeout(SECONDS)
        self._lines = self._peer.makefile("rb")

    def hears(self) -> str:
        return self._lines.readline().decode()

    def says(self, *lines: str) -> None:
        self.sends("".join(f"{line}\n" for line in lines).encode())

    def sends(self, data: bytes) -> None:
        self._peer.sendall(data)

    def hangs_up(self) -> None:
        self._lines.close()
        self._peer.close()

    def close(self) -> None:
        self._socket.close()
        if hasattr(self, "_peer"):
            self.hangs_up()


@pytest.fixture
def server() -> Iterator[Server]:
    it = Server()
    yield it
    it.close()


@contextmanager
def client(*args: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-I", "-S", str(CLIENT), *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        bufsize=1,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def ends(process: subprocess.Popen[str], typed: str = "") -> tuple[int, str]:
    said, _ = process.communicate(typed, timeout=SECONDS)
    assert "Traceback" not in said
    return process.returncode, said


def answer_of(server: Server, *before: str) -> str:
    """Seat the client, say `before`, give it the floor, and return its answer, after which the sitting ends."""
    server.accept()
    server.hears()
    server.says("* You are x, seat 1. 1/4 here.", *before, "* Your turn, 30 s.")
    answer = server.hears()
    server.says("* Said.", "* Goodbye. 1 answer.")
    return answer.rstrip("\n")


def test_it_walks_from_the_name_to_the_goodbye(server: Server) -> None:
    """Connected, how many, the suggestion, everybody's answers, its own in its turn, goodbye."""
    server.listen()
    with client("localhost", server.port, "alice") as process:
        server.accept()
        assert server.hears() == "alice\n"
        server.says("* You are alice, seat 2. 2/4 here. /help lists what you can type.", "* Ola took seat 3. 3/4 here.")
        server.says("* Sitting 7 begins: Lars, alice, Ola, Nina.", "Host: Do you want to hug?")
        server.says("* Lars has the floor, 30 s.", "Lars: Hugging? To whom?", "* Your turn, 30 s.")
        assert server.hears() == "I think hugging sounds great!\n"
        server.says("* Said.", "Ola: Hugging again", "Host: Thank you.", "* Goodbye. 4 answers.")
        code, said = ends(process)

    assert code == 0
    order = ["Connected. 2/4 are here; waiting for the rest.", "Host: Do you want to hug?", "Lars: Hugging? To whom?"]
    order += ["alice: I think hugging sounds great!", "Ola: Hugging again", "* Goodbye. 4 answers."]
    assert [line for line in said.splitlines() if line in order] == order


def test_everything_is_asked_for_and_bad_input_is_asked_again(server: Server) -> None:
    """A port that is no number and an empty name ended the first system's client."""
    server.listen()
    with client() as process:
        assert process.stdin is not None
        process.stdin.write(f"abc\n{server.port}\n\n  \nKari\n")
        server.accept()
        assert server.hears() == "Kari\n"
        server.says("* Goodbye.")
        code, said = ends(process)

    assert code == 0
    assert said.startswith("Port [4242]: abc is not a port: a port is a number from 1 to 65535.\nPort [4242]: Name: ")
    assert said.count("A name cannot be empty.") == 2


def test_three_bad_ports_are_enough() -> None:
    """Then it ends, so that a script that types nonsense does not run forever."""
    with client() as process:
        code, said = ends(process, "abc\n0\n65536\n4242\n")

    assert code == 2
    assert said.count("is not a port") == 3


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "4242.0", "²", "9" * 5000])
def test_a_bad_port_on_the_command_line_ends_it_with_one_sentence(port: str) -> None:
    """There nobody is asked again."""
    with client("localhost", port, "alice") as process:
        code, said = ends(process)

    assert (code, said) == (2, f"{port} is not a port: a port is a number from 1 to 65535.\n")


def test_an_empty_name_on_the_command_line_is_asked_for(server: Server) -> None:
    """It must not be sent: the server could only refuse it."""
    server.listen()
    with client("localhost", server.port, " ") as process:
        assert process.stdin is not None
        process.stdin.write("Kari\n")
        server.accept()
        assert server.hears() == "Kari\n"


def test_a_client_started_before_the_server_waits_for_it(server: Server) -> None:
    """It says so, and comes in as soon as there is one. The port is bound from the start: nobody else can take it."""
    with client("127.0.0.1", server.port, "alice") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(f"No server at 127.0.0.1, port {server.port}, yet.")
        server.listen()
        server.accept()
        assert server.hears() == "alice\n"


def test_a_name_from_the_command_line_that_is_taken_gets_a_number(server: Server) -> None:
    """Four clients started by one script must all get in; the room that was named with it stays."""
    server.listen()
    with client("localhost", server.port, "bob@lab") as process:
        server.accept()
        heard = [server.hears()]
        for _ in range(2):
            server.says("! name_taken: It is already here. Type another name.")
            heard.append(server.hears())
        server.says("* You are bob-3, seat 3. 3/4 here.", "Host: Do you want to eat?", "* Your turn, 30 s.")
        answer = server.hears()
        server.says("* Goodbye.")
        code, said = ends(process)

    assert heard == ["bob@lab\n", "bob-2@lab\n", "bob-3@lab\n"]
    assert "Trying the name bob-2@lab." in said
    assert answer == "I'm not sure about eating. Don't I get a choice?\n"
    assert code == 0


@pytest.mark.parametrize("refusal", ["! name_taken: Lars is already here.", "! bad_name: A name holds no colon."])
def test_a_typed_name_that_is_refused_is_asked_again(server: Server, refusal: str) -> None:
    """A person knows better than a counter what to be called."""
    server.listen()
    with client("localhost", server.port) as process:
        assert process.stdin is not None
        process.stdin.write("Lars\nKari\n")
        server.accept()
        assert server.hears() == "Lars\n"
        server.says(refusal)
        assert server.hears() == "Kari\n"


def test_a_room_that_has_no_seat_left_ends_it(server: Server) -> None:
    """The server's sentence says why, and another name would not help."""
    server.listen()
    with client("localhost", server.port, "alice") as process:
        server.accept()
        server.says("! room_full: All seats are taken.")
        code, said = ends(process)

    assert (code, said) == (1, "! room_full: All seats are taken.\n")


@pytest.mark.parametrize("before", [[], ["* You are alice, seat 1. 1/4 here."]])
def test_a_server_that_goes_away_ends_it_with_one_sentence(server: Server, before: list[str]) -> None:
    """Before it has a seat and after."""
    server.listen()
    with client("localhost", server.port, "alice") as process:
        server.accept()
        server.hears()
        server.says(*before)
        server.hangs_up()
        code, said = ends(process)

    assert code == 1
    assert said.endswith("The connection to the server is gone.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to a whole console")
def test_ctrl_c_leaves_cleanly(server: Server) -> None:
    """Without a traceback; the closed connection tells the server."""
    server.listen()
    with client("localhost", server.port, "alice") as process:
        server.accept()
        server.hears()
        process.send_signal(signal.SIGINT)
        code, said = ends(process)

    assert (code, said) == (0, "\nYou left. Goodbye!\n")
    assert server.hears() == ""


def test_nobody_at_the_keyboard_ends_it() -> None:
    """End of file at a question is an answer too."""
    with client() as process:
        code, said = ends(process)

    assert (code, said) == (0, "Port [4242]: \nYou left. Goodbye!\n")


def test_lines_are_cut_at_newlines_whatever_the_packets_do(server: Server) -> None:
    """Half a line, half a letter and several lines at once, with the line ends of Windows."""
    script = "* You are Åse, seat 1. 1/1 here.\r\nHost: Do you want to sauté?\r\n* Your turn, 30 s.\r\n".encode()
    server.listen()
    with client("localhost", server.port, "Åse") as process:
        server.accept()
        assert server.hears() == "Åse\n"
        for at in range(len(script)):
            server.sends(script[at : at + 1])
        assert server.hears() == "I think sautéing sounds great! Awesome!\n"
        server.says("* Said.", "* Goodbye.")
        assert ends(process)[0] == 0


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ([], "I think hugging sounds great! Awesome!"),
        (["A: Yes"], "Hugging seems great!"),
        (
            ["A: Yes", "* Time called on B.", "C: Shall I listen to you?"],
            "Are you serious? Hugging is the last thing we need",
        ),
        (["A: Yes", "B: No", "C: Yes"], "Somebody suggested hugging? Sure, I'm up for anything!"),
        (["A: Yes", "Host: Do you want to go to war?"], "I think going to war sounds great! Awesome!"),
        (["A: Yes", "Host: Do you want to fight?"], "So fighting it is then. I don't mind!"),
        (["Host: Do you want to yell?", "A: Yes"], "Yelling seems horrible. And I wanted more choices!"),
        (["Host: Do you want to steal?", "A: Yes", "B: Yes"], "Again with the stealing!"),
        (["Host: Do you want to fight?", "A: Yes", "B: Yes", "C: No"], "Yess, Time to fight"),
    ],
)
def test_classic_answers_by_its_place_in_the_round(server: Server, before: list[str], expected: str) -> None:
    """Its place is how many answers it has seen in this topic; only the host, who asked first, opens a new one."""
    server.listen()
    with client("localhost", server.port, "Kari") as process:
        answer = answer_of(server, "Host: Do you want to hug?", *before)
        ends(process)

    assert answer == expected


@pytest.mark.parametrize(
    ("bot", "topic", "expected"),
    [
        ("alice", "steal", "I think stealing sounds great!"),
        ("Alice", "lie", "I think lying sounds great!"),
        ("bob", "shop", "I'm not sure about shopping. Don't I get a choice?"),
        ("bob", "hug or dance", "Sure, both hugging and dancing are fine with me."),
        ("bob", "hug, dance or eat", "Sure, both hugging and dancing are fine with me."),
        ("Kari", "hug or dance", "I think hugging sounds great! Awesome!"),
        ("chuck", "fight", "Yes! Time for some fighting!"),
        ("chuck", "play", "What? Playing is no fun. I'm not doing that."),
        ("chuck", "eat", "I don't care."),
    ],
)
def test_the_courses_bots_answer_for_themselves(server: Server, bot: str, topic: str, expected: str) -> None:
    """The third parameter names the bot."""
    server.listen()
    with client("localhost", server.port, bot) as process:
        answer = answer_of(server, f"Host: Do you want to {topic}?")
        ends(process)

    assert answer == expected


@pytest.mark.parametrize("topic", ["hug", "sing", "code", "sleep", "fight"])
def test_dora_suggests_something_else(server: Server, topic: str) -> None:
    """One of her four ideas, and not what was asked."""
    server.listen()
    with client("localhost", server.port, "dora") as process:
        option, _, idea = answer_of(server, f"Host: Do you want to {topic}?").partition(" Or we could do some ")
        ends(process)

    assert re.fullmatch(r"Yes, \w+ing is an option\.", option)
    assert idea in {"coding.", "singing.", "sleeping.", "fighting."}
    assert idea[:-1] not in option


def test_it_is_short_enough_to_be_read_at_once() -> None:
    """It is the students' example."""
    assert len(CLIENT.read_text(encoding="utf-8").splitlines()) < 120
