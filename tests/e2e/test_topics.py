"""The next topic, at once: nothing and nobody is started again, and all of it is there to be read beside the server."""

from __future__ import annotations

import asyncio
import csv
import io
from pathlib import Path

from moothall.bots.house import HOUSE_BOTS
from moothall.bots.run import play
from tests.e2e.processes import CLIENT, MOOTHALL, a_server, program

COLUMNS = "room,sitting,labels,topic,round,turn,seq,asked_at,took_ms,name,kind,about,outcome,text"


async def output_of(verb: str, *options: str, data: Path) -> str:
    async with program(*MOOTHALL, verb, *options, "--data", data) as running:
        code, lines = await running.ends()
    assert code == 0
    return "".join(f"{line}\n" for line in lines)


async def test_three_topics_in_a_row_on_one_server(tmp_path: Path) -> None:
    """The first from the command line, the others from the operator; the same four bots talk about all of them."""
    async with a_server(tmp_path, "--topic", "hug", "--stay", "--label", "arm=one") as server:
        bots = [
            asyncio.create_task(play(HOUSE_BOTS[who], port=server.port, about=f"house bot {who}"))
            for who in ("alice", "bob", "chuck", "dora")
        ]
        seen = await server.until("Host: Thank you")
        server.type("topic play chess")
        seen += await server.until("Host: Thank you")
        server.type("topic eat")
        seen += await server.until("Host: Thank you")
        text = await output_of("log", data=tmp_path)
        table = await output_of("export", "--format", "csv", data=tmp_path)
        server.type("end")
        await asyncio.gather(*bots)
        code, said = await server.ends()

    asked = [line for line in seen if line.startswith("Host: Do you")]
    assert asked == [f"Host: Do you want to {topic}?" for topic in ("hug", "play chess", "eat")]
    assert [line for line in text.splitlines() if line.startswith("Host: Do you")] == asked
    rows = list(csv.DictReader(io.StringIO(table)))
    assert table.partition("\n")[0] == COLUMNS
    assert [row["topic"] for row in rows] == ["hug"] * 4 + ["play chess"] * 4 + ["eat"] * 4
    assert [row["turn"] for row in rows] == [str(turn) for turn in range(1, 13)]
    assert {(row["room"], row["sitting"], row["outcome"], row["kind"]) for row in rows} == {
        ("main", "1", "said", "bot")
    }
    assert all(f"{row['name']}: {row['text']}" in seen for row in rows)
    assert (code, said[-1]) == (0, "The server has ended. Goodbye!")


async def test_a_topic_may_be_two_actions(tmp_path: Path) -> None:
    """The host asks for a choice, and bots of every door answer to both; what is kept is what was typed."""
    async with a_server(tmp_path, "--topic", "hug, play", "--seats", "3") as server:
        where = ("localhost", str(server.port))
        by_json = asyncio.create_task(play(HOUSE_BOTS["bob"], "Jay", port=server.port))
        async with (
            program(*MOOTHALL, "bot", "bob", *where, "Tex", "--door", "text") as by_text,
            program(*CLIENT, *where, "bob") as plain,
        ):
            seen = await server.until("Host: Thank you")
            codes = [(await by_text.ends())[0], (await plain.ends())[0]]
        await by_json
        table = await output_of("export", "--format", "csv", data=tmp_path)

    said = "Sure, both hugging and playing are fine with me."
    assert "Host: Do you want to hug or play?" in seen
    assert sorted(line for line in seen if line.endswith(said)) == [f"{name}: {said}" for name in ("Jay", "Tex", "bob")]
    assert [row["topic"] for row in csv.DictReader(io.StringIO(table))] == ["hug, play"] * 3
    assert codes == [0, 0]
