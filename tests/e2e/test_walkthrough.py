"""The walk through `server.py` and `client.py`: every step of docs/origin.md, typed at terminals."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from tests.e2e.processes import CLIENT, SERVER, a_terminal, free_port, needs_terminals

pytestmark = needs_terminals


async def test_every_step_of_the_origin(tmp_path: Path) -> None:
    """One server and four clients, side by side; what crashed the first system is typed as well."""
    port = free_port()
    with ExitStack() as stack:
        early = stack.enter_context(a_terminal(*CLIENT))
        await early.reads("Port [4242]: ")
        early.type(str(port))
        await early.reads("Name: ")
        early.type("Lars")
        await early.reads(f"No server at localhost, port {port}, yet.")

        server = stack.enter_context(a_terminal(*SERVER, MOOTHALL_DATA=str(tmp_path), NO_COLOR="1"))
        await server.reads("Port number [4242]: ")
        server.type("abc")
        await server.reads("'abc' is no port: that is a whole number from 1 to 65535", "Port number [4242]: ")
        server.type(str(port))
        await server.reads(f"Moothall is open on port {port}. Waiting for clients: 0/4 here.")
        await server.reads("Lars took seat 1 from ", ":", ". 1/4 here.")
        await early.reads("* You are Lars, seat 1. 1/4 here.", "Connected. 1/4 are here; waiting for the rest.")

        clients = {"Lars": early}
        for number, name in enumerate(("Kari", "Ola", "Nina"), start=2):
            client = clients[name] = stack.enter_context(a_terminal(*CLIENT))
            await client.reads("Port [4242]: ")
            client.type(str(port))
            await client.reads("Name: ")
            if name == "Kari":
                client.type("")
                await client.reads("A name cannot be empty.", "Name: ")
            client.type(name)
            await client.reads(f"Connected. {number}/4 are here; waiting for the rest.")
            await server.reads(f"{name} took seat {number} from ", f". {number}/4 here.")

        await server.reads("Everybody is here: the", "conversation starts.", "Batman: Do you want to ", "?")
        answers = []
        for name in clients:
            await server.reads(f"{name}: ", "\r\n")
            answers.append(f"{name}: {server.shown.rpartition(f'{name}: ')[2].rstrip()}")
        for client in clients.values():
            await client.reads("Batman: Do you want to ", *answers)
            await client.reads("* Goodbye. 4 answers.")
            assert await client.ends() == 0
            # Whoever spoke gets the receipt, and shows the words by itself: they did not come back.
            assert [client.shown.count(text) for text in ("* Said.", *answers)] == [1] * 5

        await server.reads("* Goodbye. 4 answers.")
        server.type("stop it")
        await server.reads("There is no 'stop' here. Did you mean end")
        server.type("end")
        await server.reads("The server has ended. Goodbye!")
        assert await server.ends() == 0
