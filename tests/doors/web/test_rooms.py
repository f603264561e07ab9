"""What anybody may ask about rooms, over TCP."""

from __future__ import annotations

from pathlib import Path

import pytest

from moothall.engine.names import RoomName
from tests.doors.guests import House, house
from tests.doors.web.callers import ask, lead, open_stream


async def talked(here: House) -> None:
    """Let Lars and Kari hold a conversation of one round."""
    lars, kari = await here.seated("Lars"), await here.seated("Kari")
    for one in (lars, kari):
        await one.until("* Your turn")
        one.type("Lovely.")
        await one.until("* Said.")
    await kari.rest()


async def test_a_room_is_listed_once_somebody_has_opened_it() -> None:
    """And can be asked for alone, whatever the case of its name."""
    async with house(seats=3) as here:
        nothing = (await ask(here, "GET", "/api/rooms")).object
        await here.seated("Lars@book club")
        listed = (await ask(here, "GET", "/api/rooms")).object["rooms"]
        alone = (await ask(here, "GET", "/api/rooms/Book%20Club")).object

    assert [(room["room"], room["seats"], room["seq"]) for room in nothing["rooms"]] == [("main", 3, 0)]
    assert [(room["room"], room["seats"], room["here"]) for room in listed] == [("book club", 3, 1), ("main", 3, 0)]
    assert alone.items() >= {"room": "book club", "phase": "gathering", "sitting": 1}.items()
    assert alone["seated"] == [{"name": "Lars", "seat": 1, "kind": "person"}]


async def test_a_room_that_may_be_opened_is_listed_before_it_is() -> None:
    """With the seats that it will have."""
    async with house(rooms=("main", "lab"), seats=3) as here:
        listed = (await ask(here, "GET", "/api/rooms")).object["rooms"]
        lab = (await ask(here, "GET", "/api/rooms/lab")).object

    assert [(room["room"], room["seats"], room["seq"]) for room in listed] == [("main", 3, 0), ("lab", 3, 0)]
    assert (lab["phase"], lab["seats"]) == ("gathering", 3)


@pytest.mark.parametrize("path", ["/api/rooms/lab", "/api/rooms/lab/topics"])
async def test_a_room_that_is_not_there_is_not_opened_by_asking(path: str) -> None:
    """Whoever joins it opens it."""
    async with house() as here:
        answer = await ask(here, "GET", path)

        assert here.server.hall.find(RoomName("lab")) is None
    assert answer.refusal == (404, "no_such_room", "There is no room lab.")


async def test_a_name_that_no_room_can_have_is_a_sentence() -> None:
    """The same as for joining it."""
    async with house() as here:
        answer = await ask(here, "GET", "/api/rooms/%2Dlab")

    assert answer.refusal[:2] == (422, "bad_name")


async def test_a_room_of_an_earlier_server_can_still_be_looked_at(tmp_path: Path) -> None:
    """Its log is there, though nobody has come to it since."""
    async with house(seats=2, data=tmp_path) as here:
        await talked(here)
    async with house(seats=4, data=tmp_path) as here:
        listed = (await ask(here, "GET", "/api/rooms")).object["rooms"]
        alone = (await ask(here, "GET", "/api/rooms/main")).object

    assert [(room["room"], room["seats"]) for room in listed] == [("main", 4)]
    assert (listed[0]["seq"], listed[0]["first_seq"]) == (alone["seq"], 1)
    assert (alone["sitting"], alone["has_sitting"], alone["seats"]) == (1, False, 4)


async def test_a_list_is_as_long_as_one_likes() -> None:
    """Those in which something goes on come first, so that what is left out is quiet."""
    async with house(rooms=("main", "lab", "attic")) as here:
        await here.seated("Lars@attic")
        two = (await ask(here, "GET", "/api/rooms?limit=2")).object
        all_three = (await ask(here, "GET", "/api/rooms?limit=3")).object
        none = await ask(here, "GET", "/api/rooms?limit=0")

    assert ([room["room"] for room in two["rooms"]], two["more"]) == (["attic", "main"], True)
    assert ([room["room"] for room in all_three["rooms"]], all_three["more"]) == (["attic", "main", "lab"], False)
    assert none.refusal == (400, "malformed", "limit is a whole number from 1 to 10000.")


async def test_what_is_talked_about_and_what_is_next() -> None:
    """The queue in its order."""
    async with house(seats=1, turn_seconds=0) as here:
        lars = await here.seated("Lars")
        await lars.until("* Your turn")
        await lead(here, "POST", "/api/rooms/main/topics", body={"topic": "play chess"})
        answer = await ask(here, "GET", "/api/rooms/main/topics")

    assert answer.object == {"topic": "hug", "queue": ["play chess"]}


async def test_a_spectator_reads_a_sitting_as_a_stream() -> None:
    """From its opening to its close, after which the stream ends; and it is counted while it reads."""
    async with house(seats=2) as here:
        lars = await here.seated("Lars")
        stream = await open_stream(here)
        first = await stream.message()
        watching = (await ask(here, "GET", "/api/rooms/main")).object["watching"]
        kari = await here.seated("Kari")
        for one in (lars, kari):
            await one.until("* Your turn")
            one.type("Lovely.")
        events = await stream.rest()

    assert "\r\ncontent-type: text/event-stream\r\n" in stream.head
    assert first.items() >= {"reply": "joined", "room": "main", "after": 1}.items()
    assert watching == 1
    assert [event["seq"] for event in events] == list(range(2, 2 + len(events)))
    assert (events[0]["event"], events[-1]["event"]) == ("sitting_opened", "sitting_closed")
    assert [event["text"] for event in events if event["event"] == "said"] == ["Lovely.", "Lovely."]
    assert stream.has_ended


async def test_a_stream_goes_on_where_it_was_lost() -> None:
    """By the id of the last event, as a browser sends it by itself."""
    async with house(seats=2) as here:
        lars = await here.seated("Lars")
        stream = await open_stream(here)
        read = await stream.until(event="seated")
        stream.guest.close()
        await here.seated("Kari")
        await lars.until("* Your turn")
        again = await open_stream(here, headers={"Last-Event-ID": stream.last_id})
        resumed = await again.until(event="floor_granted")

    assert resumed[0].items() >= {"reply": "resumed", "after": read[-1]["seq"]}.items()
    assert [event["seq"] for event in resumed[1:]] == list(range(read[-1]["seq"] + 1, resumed[-1]["seq"] + 1))


@pytest.mark.parametrize("last_id", ["e_other.2", "nonsense", "{epoch}.999999", "{epoch}.-1"])
async def test_an_id_that_means_nothing_here_begins_anew_and_says_so(last_id: str) -> None:
    """A hole is never silent."""
    async with house(seats=2) as here:
        await here.seated("Lars")
        stream = await open_stream(here, headers={"Last-Event-ID": last_id.format(epoch=here.server.hall.epoch)})
        first, second = await stream.message(), await stream.message()

    assert (first["reply"], second["event"]) == ("reset", "sitting_opened")


async def test_a_stream_may_begin_where_one_likes() -> None:
    """At the very first event, or in the middle."""
    async with house(seats=2) as here:
        await here.seated("Lars")
        whole = await open_stream(here, "/api/rooms/main/events?after=0")
        part = await open_stream(here, "/api/rooms/main/events?after=2")
        firsts = [(await stream.message(), await stream.message())[1] for stream in (whole, part)]

    assert [event["seq"] for event in firsts] == [1, 3]


@pytest.mark.parametrize("headers", [{}, {"Last-Event-ID": "e_1.4"}, {"Last-Event-ID": ""}])
async def test_where_no_number_is_no_stream_begins(headers: dict[str, str]) -> None:
    """Also where a browser says by itself where to go on: what is wrong is told."""
    async with house(seats=2) as here:
        wrong = await ask(here, "GET", "/api/rooms/main/events?after=x", headers=headers)

    assert wrong.refusal == (400, "malformed", f"after is a whole number from 0 to {2**63 - 1}.")


async def test_a_stream_of_a_room_that_may_not_be_is_refused() -> None:
    """Before it begins, as any other request."""
    async with house(rooms=("main",)) as here:
        answer = await ask(here, "GET", "/api/rooms/lab/events")

    assert answer.refusal == (404, "no_such_room", "There is no room lab.")
