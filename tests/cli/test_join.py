"""A person takes a seat: asked for what is missing, told what happens, at a terminal and through a pipe."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.processes import MOOTHALL, a_guest, a_server, a_terminal, needs_terminals, program, without_escapes

TWO = ("--seats", "2", "--topic", "hug")


@needs_terminals
async def test_what_is_missing_is_asked_for_and_what_cannot_be_is_asked_again(tmp_path: Path) -> None:
    """A port that is none, a name that is none, and one that somebody else has."""
    async with a_server(tmp_path, *TWO) as server, a_guest(server.port, "Lars") as lars:
        await lars.until("* You are Lars")
        with a_terminal(*MOOTHALL, "join") as kari:
            await kari.reads("Host [localhost]: ")
            kari.type("")
            await kari.reads("Port [4242]: ")
            kari.type("abc")
            await kari.reads("'abc' is no port", "Port [4242]: ")
            kari.type(str(server.port))
            await kari.reads("Your name")
            kari.type("a:b")
            await kari.reads("A name is 1 to 32 letters", "Your name")
            kari.type("lars")
            await kari.reads("! name_taken: Lars is already here. Type another name.\x1b[0m\r\n", "Your name: ")
            kari.type("Kari")
            await kari.reads("* You are Kari, seat 2. 2/2 here.", "\x1b[36m\x1b[1mHost:\x1b[0m Do you want to hug?")
            await kari.reads("Lars has the floor, 2", " s>")
            lars.type("Yes.")
            await kari.reads("\x1b[32m\x1b[1mLars:\x1b[0m Yes.", "\x07\x1b[1m* Your turn, 30 s.")
            await kari.reads("\x1b[0;32;1mYour turn, 2", " s>")
            kari.type("/who")
            await kari.reads("* Here: Lars (seat 1), Kari (seat 2, you have the floor).")
            kari.type("/jump", "/help", "//who is it?")
            await kari.reads("! malformed: /jump is no command.", "/pass gives the turn up", "* Said.")
            await kari.reads("* Goodbye. 2 answers.")
            assert await kari.ends() == 0
        assert "Kari: /who is it?" in await lars.rest()
    shown = without_escapes(kari.shown)
    assert "> /who\r\n" in shown
    assert "\n> \r" not in shown  # no prompt is left behind


@needs_terminals
async def test_leaving_at_a_terminal(tmp_path: Path) -> None:
    """By its word, by Ctrl-D and by Ctrl-C: the seat is free at once, and nothing is complained about."""
    async with a_server(tmp_path, "--seats", "3") as server, a_guest(server.port, "Lars") as lars:
        for way in ("/leave", "d", "c"):
            with a_terminal(*MOOTHALL, "join", "localhost", str(server.port), "Kari") as kari:
                await kari.reads("You are Kari", ">")
                if way == "/leave":
                    kari.type(way)
                else:
                    kari.press(way)
                assert await kari.ends() == 0
            await lars.until("* Kari left. 1/3 here.")
            assert "Traceback" not in kari.shown


async def test_a_pipe_gets_plain_lines_and_its_end_passes_the_turns(tmp_path: Path) -> None:
    """The lines of a file are said in turn; who has no more to say reads on to the goodbye."""
    async with (
        a_server(tmp_path, *TWO, "--rounds", "3") as server,
        program(*MOOTHALL, "join", "localhost", str(server.port), "Kari") as kari,
        a_guest(server.port) as lars,
    ):
        lines = await kari.until("* You are Kari")
        lars.type("Lars")
        lines += await kari.until("* Your turn")
        kari.type("", "Blåbær.")
        lines += await kari.until("* Said.")
        kari.end_input()
        for _ in range(3):
            await lars.until("* Your turn")
            lars.type("Mm.")
        code, rest = await kari.ends()

    assert code == 0
    assert lines[-2:] == ["* Your turn, 30 s.", "* Said."]
    assert rest.count("* You passed.") == 2
    assert rest[-1] == "* Goodbye. 4 answers, 2 passed."
    assert not any("\x1b" in line for line in lines + rest)


async def test_in_a_pipe_nobody_is_asked_again(tmp_path: Path) -> None:
    """A name that is taken ends it, with the server's sentence."""
    async with a_server(tmp_path, *TWO) as server, a_guest(server.port, "Lars") as lars:
        await lars.until("* You are Lars")
        async with program(*MOOTHALL, "join", "localhost", str(server.port), "Lars") as second:
            code, lines = await second.ends()

    assert (code, lines) == (1, ["name_taken: Lars is already here. Type another name."])


async def test_a_person_asks_for_the_floor_and_another_gives_it_from_the_chair(tmp_path: Path) -> None:
    """The words after a slash are those of the text door."""
    rules = ("--policy", "chair", "--chair", "Kari", "--until", "chair")
    async with (
        a_server(tmp_path, *TWO, *rules) as server,
        program(*MOOTHALL, "join", "localhost", str(server.port), "Kari") as kari,
    ):
        await kari.until("* You are Kari")
        async with program(*MOOTHALL, "join", "localhost", str(server.port), "Ola") as ola:
            await ola.until("Host: ")
            ola.type("/ask")
            await kari.until("* Ola asks for the floor.")
            kari.type("/grant Ola")
            await ola.until("* Your turn")
            ola.type("Hello.")
            await kari.until("Ola: Hello.")
            kari.type("/next")
            (code, lines), _ = await ola.ends(), await kari.ends()

    assert (code, lines[-1]) == (0, "* Goodbye. 1 answer.")


@needs_terminals
async def test_the_bell_rings_once_when_one_s_turn_begins(tmp_path: Path) -> None:
    """And never for the turns of others."""
    async with a_server(tmp_path, *TWO, "--rounds", "2") as server, a_guest(server.port, "Lars") as lars:
        with a_terminal(*MOOTHALL, "join", "localhost", str(server.port), "Kari") as kari:
            for words in ("One.", "Two."):
                await lars.until("* Your turn")
                lars.type(words)
                await kari.reads(f"Lars:\x1b[0m {words}", "* Your turn")
                kari.type("/who", f"Mine is {words}")
                await kari.reads("* Said.")
            await kari.reads("* Goodbye.")
            assert await kari.ends() == 0

    assert kari.shown.count("\x07") == 2


async def test_who_counts_those_who_watch(tmp_path: Path) -> None:
    """They are in no log, so the server is asked."""
    async with (
        a_server(tmp_path, *TWO) as server,
        program(*MOOTHALL, "join", "localhost", str(server.port), "Kari") as kari,
        a_guest(server.port, "/watch") as ola,
    ):
        await kari.until("* You are Kari")
        await ola.until("* You watch")
        kari.type("/who")
        lines = await kari.until("* Here")

    assert lines[-1] == "* Here: Kari (seat 1, you). 1 watches."


async def test_words_out_of_one_s_turn_are_answered_with_who_has_the_floor(tmp_path: Path) -> None:
    """Before it and after it."""
    async with (
        a_server(tmp_path, *TWO) as server,
        program(*MOOTHALL, "join", "localhost", str(server.port), "Kari") as kari,
    ):
        await kari.until("* You are Kari")
        async with a_guest(server.port, "Lars"):
            await kari.until("* Your turn")
            kari.type("Mine.")
            await kari.until("* Lars has the floor")
            kari.type("And more.")
            after = await kari.until("! ")
    async with (
        a_server(tmp_path / "second", *TWO) as server,
        a_guest(server.port, "Lars") as lars,
    ):
        await lars.until("* You are Lars")
        async with program(*MOOTHALL, "join", "localhost", str(server.port), "Kari") as kari:
            await kari.until("* Lars has the floor")
            kari.type("Too early.")
            before = await kari.until("! ")

    assert after[-1] == "! turn_over: You have had your turn in this round. Lars has the floor."
    assert before[-1] == "! not_your_turn: Lars has the floor."


async def test_what_changes_nothing_is_answered(tmp_path: Path) -> None:
    """As in the text door; the server is silent then."""
    rules = ("--policy", "chair", "--chair", "Kari")
    async with (
        a_server(tmp_path, *TWO, *rules) as server,
        program(*MOOTHALL, "join", "localhost", str(server.port), "Kari") as kari,
    ):
        await kari.until("* You are Kari")
        async with a_guest(server.port, "Lars") as lars:
            await lars.until("* The chair gives the floor.")
            await kari.until("* The chair gives the floor.")
            kari.type("/withdraw", "/return", "/ask")
            lines = await kari.until("* You ask")
            kari.type("/ask", "/grant Lars")
            lines += await kari.until("* Lars has the floor")
            kari.type("/grant lars", "/grant Nina")
            lines += await kari.until("! ")

    so = "* That is so already."
    assert lines == [
        so,
        so,
        "* You ask for the floor.",
        so,
        "* Lars has the floor, 30 s.",
        so,
        "! no_seat: Nina has no seat here.",
    ]


async def test_who_is_in_the_chair_leads_from_here(tmp_path: Path) -> None:
    """Everything that the text door knows of the floor can be typed; what cannot be is answered in the same words."""
    async with (
        a_server(tmp_path, *TWO, "--policy", "chair", "--chair", "Kari") as server,
        program(*MOOTHALL, "join", "localhost", str(server.port), "Kari") as kari,
    ):
        await kari.until("* You are Kari")
        async with a_guest(server.port, "Lars") as lars:
            await kari.until("* Lars took seat 2")
            kari.type("/set rounds many", "/set rounds 3", "/topic dance", "/ask", "/withdraw", "/grant lars")
            led = await kari.until("* Lars has the floor")
            kari.type("/revoke", "/return", "/help", "/next")
            stopped = await kari.until("Host: Do you want to dance?")
            await lars.until("Host: Do you want to dance?")

    assert "! bad_value: rounds is a whole number, not 'many'." in led
    assert "* From the next topic on: rounds 3." in led
    assert "* The next topic: dance." in led
    assert any("ask for the floor" in line or "asks for the floor" in line for line in led)
    assert any("took the floor from Lars" in line for line in stopped)
    assert any("/withdraw no longer does" in line and "/grant NAME" in line for line in stopped)
