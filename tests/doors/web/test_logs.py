"""A room's log through the web door: the same bytes as from the command line, and whatever part of it one asks for."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import Message
from pathlib import Path
from urllib.parse import quote

import pytest

from moothall.doors.web.logs import attachment
from moothall.engine.names import RoomName
from tests.cli.folders import a_folder, run
from tests.doors.guests import House, house
from tests.doors.web.callers import ask
from tests.views.logs import SITTING, Step, bodies_of

SITTINGS = 12
LONG: tuple[Step, ...] = tuple((at + 10_000 * number, step) for number in range(SITTINGS) for at, step in SITTING)
BODIES = bodies_of(*LONG)
FORMS = ["json", "jsonl", "csv", "md", "html", "text"]


@asynccontextmanager
async def a_house(folder: Path) -> AsyncIterator[House]:
    """Run a server in whose room `main` a dozen sittings were held, and one in another."""
    a_folder(folder, main=BODIES, lab=bodies_of(*SITTING, name="lab"))
    async with house(data=folder) as running:
        yield running


# The log


async def test_a_program_gets_a_page_of_it(tmp_path: Path) -> None:
    """With what it needs to ask for the next."""
    async with a_house(tmp_path) as running:
        answer = await ask(running, "GET", "/api/rooms/main/log?limit=10")

        assert answer.status == 200
        assert answer.object == {
            "room": "main",
            "epoch": running.server.hall.epoch,
            "first_seq": 1,
            "seq": len(BODIES),
            "entries": [json.loads(body) for body in BODIES[:10]],
            "more": True,
        }
        assert "content-disposition" not in answer.headers


async def test_page_by_page_one_gets_all_of_it(tmp_path: Path) -> None:
    """Until there is no more."""
    async with a_house(tmp_path) as running:
        seqs: list[int] = []
        more = True
        while more:
            page = (await ask(running, "GET", f"/api/rooms/main/log?limit=70&after={len(seqs)}")).object
            seqs += [entry["seq"] for entry in page["entries"]]
            more = page["more"]

        assert seqs == list(range(1, len(BODIES) + 1))


async def test_without_a_limit_a_page_has_a_thousand(tmp_path: Path) -> None:
    """The other forms have all; ten thousand is the most that one may ask for."""
    steps = tuple((at + 10_000 * number, step) for number in range(90) for at, step in SITTING)
    bodies = bodies_of(*steps)
    async with house(data=a_folder(tmp_path, main=bodies)) as running:
        counts = [
            len((await ask(running, "GET", f"/api/rooms/main/log{query}")).object["entries"])
            for query in ("", "?limit=10000")
        ]
        lines = (await ask(running, "GET", "/api/rooms/main/log?format=jsonl")).body.splitlines()

    assert counts == [1_000, len(bodies)]
    assert lines == bodies


@pytest.mark.parametrize("form", ["csv", "md", "html", "text", "jsonl"])
async def test_it_is_what_the_command_line_writes(tmp_path: Path, form: str) -> None:
    """To the byte, whichever way one asks."""
    async with a_house(tmp_path) as running:
        answer = await ask(running, "GET", f"/api/rooms/main/log?format={form}")

        written = run("log", "main", "--format", {"jsonl": "json"}.get(form, form), data=tmp_path)
        assert answer.body == written.stdout_bytes
        if form == "csv":
            assert answer.body == run("export", "--room", "main", data=tmp_path).stdout_bytes


@pytest.mark.parametrize(
    ("form", "kind", "name"),
    [
        ("jsonl", "application/jsonl", "main.jsonl"),
        ("csv", "text/csv; charset=utf-8; header=present", "main.csv"),
        ("md", "text/markdown; charset=utf-8", "main.md"),
        ("html", "text/html; charset=utf-8", "main.html"),
        ("text", "text/plain; charset=utf-8", "main.txt"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_form_says_what_it_is_and_names_its_file(
    tmp_path: Path, form: str, kind: str, name: str, method: str
) -> None:
    """A browser saves it under that name, and shows nothing of it here."""
    async with a_house(tmp_path) as running:
        answer = await ask(running, method, f"/api/rooms/MAIN/log?format={form}")

        assert (answer.status, answer.headers["content-type"]) == (200, kind)
        assert answer.headers["content-disposition"] == f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert bool(answer.body) == (method == "GET")


@pytest.mark.parametrize("form", FORMS)
async def test_one_sitting_can_be_had_alone(tmp_path: Path, form: str) -> None:
    """Without what was before, between and after."""
    async with a_house(tmp_path) as running:
        answer = await ask(running, "GET", f"/api/rooms/main/log?format={form}&sitting=7")

        told = answer.body.decode()
        if form == "json":
            assert (answer.object["entries"][0]["sitting"], answer.object["entries"][-1]["event"]) == (
                7,
                "sitting_closed",
            )
        elif form == "csv":
            rows = list(csv.DictReader(io.StringIO(told, newline="")))
            assert [(row["sitting"], row["name"], row["took_ms"]) for row in rows] == [
                ("7", "Lars", "1000"),
                ("7", "Kari", "2000"),
            ]
        else:
            assert told.count("Why, no.") == 1
        if form != "json":
            assert 'filename="main-7.' in answer.headers["content-disposition"]


async def test_a_row_is_there_when_the_entry_that_ends_its_turn_is(tmp_path: Path) -> None:
    """Though all that came before is needed to make it."""
    async with a_house(tmp_path) as running:
        said = [seq for seq, body in enumerate(BODIES, 1) if b'"said"' in body]

        answer = await ask(running, "GET", f"/api/rooms/main/log?format=csv&after={said[3] - 1}&limit=1")

        assert [row["seq"] for row in csv.DictReader(io.StringIO(answer.body.decode(), newline=""))] == [str(said[3])]
        assert b",2000," in answer.body


@pytest.mark.parametrize("form", FORMS)
async def test_a_room_without_a_log_has_an_empty_one(form: str) -> None:
    """It is there: the server was started with it."""
    async with house(rooms=("main",)) as running:
        answer = await ask(running, "GET", f"/api/rooms/main/log?format={form}")

        assert answer.status == 200
        assert running.server.hall.count("main")[0] == 0
        if form == "json":
            assert (answer.object["entries"], answer.object["more"], answer.object["seq"]) == ([], False, 0)


async def test_of_a_room_whose_past_was_forgotten_one_gets_the_rest(tmp_path: Path) -> None:
    """It is told from where on; a document begins with the room's name all the same."""
    async with house(data=a_folder(tmp_path, main=BODIES), keep_entries=60) as running:
        clerk = running.server.hall.look(RoomName("main"))
        while clerk.first_seq == 1:
            running.server.hall.tidy(running.server.clock.now())
        page = (await ask(running, "GET", "/api/rooms/main/log")).object
        told = (await ask(running, "GET", "/api/rooms/main/log?format=md")).body.decode()
        rows = (await ask(running, "GET", "/api/rooms/main/log?format=csv")).body.decode()
        sittings = (await ask(running, "GET", "/api/rooms/main/sittings")).object["sittings"]

    first = clerk.first_seq
    assert (page["first_seq"], [entry["seq"] for entry in page["entries"]]) == (
        first,
        list(range(first, len(BODIES) + 1)),
    )
    assert told.startswith(f"# Room main\n\n## Sitting {sittings[-1]['sitting']}\n")
    assert len(list(csv.DictReader(io.StringIO(rows, newline="")))) == 2 * len(sittings)
    assert sittings[-1]["first_seq"] == first


async def test_a_conversation_goes_on_beside_a_log_that_is_read(tmp_path: Path) -> None:
    """Whatever is said meanwhile comes with the next reading."""
    async with house(data=a_folder(tmp_path, main=BODIES), seats=2) as running:
        lars, kari = await running.seated("Lars@lab"), await running.seated("Kari@lab")
        await lars.until("* Your turn")
        before = await ask(running, "GET", "/api/rooms/lab/log")
        lars.type("Sure!")
        await kari.until("Lars: ")
        after = await ask(running, "GET", f"/api/rooms/lab/log?after={before.object['seq']}")

    assert [entry["event"] for entry in after.object["entries"]] == ["said", "floor_granted"]


# What cannot be


@pytest.mark.parametrize("path", ["log", "log?format=csv", "sittings"])
async def test_a_room_that_there_is_not_is_not_opened_by_asking(tmp_path: Path, path: str) -> None:
    """One looks, and nothing comes to be."""
    async with a_house(tmp_path) as running:
        before = running.server.hall.known()

        assert (await ask(running, "GET", f"/api/rooms/nowhere/{path}")).refusal[:2] == (404, "no_such_room")
        assert (await ask(running, "GET", f"/api/rooms/%F0%9F%8E%89/{path}")).refusal[:2] == (422, "bad_name")
        assert running.server.hall.known() == before


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("format=xml", "format is one of json, jsonl, csv, md, html, text."),
        ("format=", "format is one of json, jsonl, csv, md, html, text."),
        ("after=-1", "after is a whole number from 0 to 9223372036854775807."),
        ("after=9223372036854775808", "after is a whole number from 0 to 9223372036854775807."),
        ("after=1.5", "after is a whole number from 0 to 9223372036854775807."),
        ("after=%D9%A1", "after is a whole number from 0 to 9223372036854775807."),
        ("limit=0", "limit is a whole number from 1 to 10000."),
        ("limit=10001", "limit is a whole number from 1 to 10000."),
        ("limit=", "limit is a whole number from 1 to 10000."),
        ("sitting=0", "sitting is a whole number from 1 to 9223372036854775807."),
        ("sitting=last", "sitting is a whole number from 1 to 9223372036854775807."),
    ],
)
async def test_a_bound_that_is_none_is_refused(tmp_path: Path, query: str, sentence: str) -> None:
    """With what it may be."""
    async with a_house(tmp_path) as running:
        assert (await ask(running, "GET", f"/api/rooms/main/log?{query}")).refusal == (400, "malformed", sentence)


@pytest.mark.parametrize("limit", ["0", "1001", "x"])
async def test_so_many_sittings_are_not_listed(tmp_path: Path, limit: str) -> None:
    """A thousand is the most."""
    async with a_house(tmp_path) as running:
        answer = await ask(running, "GET", f"/api/rooms/main/sittings?limit={limit}")

        assert answer.refusal == (400, "malformed", "limit is a whole number from 1 to 1000.")


# The sittings


async def test_the_sittings_are_listed_newest_first(tmp_path: Path) -> None:
    """With what one chooses by."""
    async with a_house(tmp_path) as running:
        found = (await ask(running, "GET", "/api/rooms/main/sittings")).object["sittings"]

        assert [sitting["sitting"] for sitting in found] == list(range(SITTINGS, 0, -1))
        assert found[0] | {"opened_at": 0, "closed_at": 0} == {
            "sitting": SITTINGS,
            "first_seq": found[1]["last_seq"] + 1,
            "last_seq": len(BODIES),
            "opened_at": 0,
            "closed_at": 0,
            "reason": "done",
            "topics": ["hug"],
            "names": ["Lars", "Kari"],
            "said": 2,
            "labels": {},
        }


async def test_fewer_sittings_are_the_newest(tmp_path: Path) -> None:
    """As many as fit on a page."""
    async with a_house(tmp_path) as running:
        found = (await ask(running, "GET", "/api/rooms/main/sittings?limit=2")).object["sittings"]

        assert [sitting["sitting"] for sitting in found] == [SITTINGS, SITTINGS - 1]


async def test_a_sitting_that_goes_on_is_among_them(tmp_path: Path) -> None:
    """It has no end yet."""
    async with a_house(tmp_path) as running:
        await running.seated("Kari@lab")

        found = (await ask(running, "GET", "/api/rooms/lab/sittings")).object["sittings"]

        assert [("closed_at" in sitting, "reason" in sitting) for sitting in found] == [(False, False), (True, True)]
        print(running.server.log.read(RoomName("lab"), after=12))
    newest = running.server.hall.look(RoomName("lab")).settled.seq
    assert found[0]["first_seq"] < found[0]["last_seq"] == newest


# The name of a file


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("main.csv", "main.csv"),
        ("book club.csv", "book_club.csv"),
        ("blåbær 🫐.csv", "bl_b_r_.csv"),
        ('a"; filename="x.exe', "a_filename_x.exe"),
        ("a\r\nSet-Cookie: x=1.csv", "a_Set-Cookie_x_1.csv"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("O'Hara.csv", "O_Hara.csv"),
        ("50%.csv", "50_.csv"),
    ],
)
def test_a_name_of_a_file_can_do_nothing_but_name_it(name: str, plain: str) -> None:
    """As it is for those who can read it, and in ASCII for the others; nothing leaves its quotes."""
    header = attachment(name)

    assert header == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    assert header.isascii()
    read = Message()
    read["Content-Disposition"] = header
    assert (read.get_content_disposition(), read.get_filename()) == ("attachment", plain)
