"""`python server.py`: it asks for its port, has Batman for a host, and ends at `end`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from moothall.cli.origin import origin
from tests.e2e.processes import SERVER, a_guest, free_port, program


def test_a_bad_port_on_the_command_line_ends_it() -> None:
    """There nobody is asked again."""
    ended = CliRunner().invoke(origin, ["abc"])

    assert ended.exit_code == 2
    assert ended.output == "'abc' is no port: that is a whole number from 1 to 65535, such as 4242.\n"


def test_three_bad_ports_are_enough() -> None:
    """A person gets three tries, and a script that types nonsense does not run forever."""
    ended = CliRunner().invoke(origin, input="abc\n0\n65536\n4242\n")

    assert ended.exit_code == 2
    assert ended.output.count("Port number [4242]: ") == 3


@pytest.mark.parametrize("typed", ["", "abc\n"])
def test_nobody_at_the_keyboard_ends_it(typed: str) -> None:
    """The end of the input is an answer too."""
    assert CliRunner().invoke(origin, input=typed).exit_code == 2


async def test_the_steps_of_the_server_in_a_pipe(tmp_path: Path) -> None:
    """The port is asked for until it is one; words that mean nothing are answered with help, and `end` ends it."""
    port = free_port()
    async with program(*SERVER, MOOTHALL_DATA=str(tmp_path)) as server:
        server.type("abc", str(port))
        opening = await server.until("Type help")
        async with a_guest(port, "Kari") as kari:
            seated = await server.until("* Kari took seat 1 from ")
            server.type("END?", " End ")
            goodbye = (await kari.rest())[-1]
        code, said = await server.ends()

    assert "Port number [4242]: 'abc' is no port: that is a whole number from 1 to 65535, such as 4242." in opening
    assert any(line.endswith(f"Moothall is open on port {port}. Waiting for clients: 0/4 here.") for line in opening)
    assert seated[-1].endswith(". 1/4 here.")
    assert "There is no 'END?' here. Did you mean end (close every sitting and stop the server)?" in said
    assert goodbye.startswith("* Goodbye")
    assert (code, said[-1]) == (0, "The server has ended. Goodbye!")
